// SPDX-License-Identifier: Apache-2.0
// Inside kube/mesh: what the parts of `check` share.
#ifndef GATETOP_MESH_CHECK_CHECK_INTERNAL_H
#define GATETOP_MESH_CHECK_CHECK_INTERNAL_H

#include "kube/base/string_map.h"

#include "kube/mesh/check/check.h"

struct check {
    const struct mesh *m;
    struct arena *a;
    struct findings *out;
    const struct check_options *opt;
    struct string_map seen;     // findings that stand already
    struct string_map registry; // host_registry.c
    const char **wild_hosts;    // keys of the registry whose host is wild
    uint32_t nwild_hosts, wild_cap;
    struct finding dropped; // what a suppressed finding is written to
};

// A finding with its message; where it is suppressed or stands already one that goes nowhere. `path` may be
// NULL. Never NULL: the caller may set a hint.
struct finding *check_add(struct check *c, const char *code, const struct object *o,
                          const char *path, const char *fmt, ...) PRINTF_LIKE(5, 6);
void check_hint(struct check *c, struct finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4);
const char *check_text(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3); // in the arena
// "[a b]", as Go prints a list.
const char *check_list(struct check *c, const struct str_list *l);

// --- host_registry.c: hosts that exist, by scope (docs/rules/istio.md#analyze-registry)
struct registry_ports {
    const uint32_t *at;
    uint32_t n;
};
void check_registry_build(struct check *c);
// NULL where no Service or ServiceEntry of that name is visible.
const struct registry_ports *check_registry_find(struct check *c, const char *ns,
                                                 const struct str_list *export_to,
                                                 const char *host);

// --- the parts, each over all objects of its kinds
void check_lints(struct check *c);               // check_decoding.c
void check_virtualservice_refs(struct check *c); // check_references.c
void check_destinationrules(struct check *c);    // check_references.c
void check_gateways(struct check *c);            // check_gateways.c
void check_rules(struct check *c);               // check_unreachable.c: rules that cannot win
void check_mesh_hosts(struct check *c);          // check_mesh_hosts.c
void check_core(struct check *c);    // check_services.c: Namespace, Service, ServiceEntry
void check_schema(struct check *c);  // check_validation.c: IST0106, IST0133
void check_front(struct check *c);   // check_names.c: gatetop's own
void check_hosts(struct check *c);   // check_virtual_hosts.c: of the merged virtual hosts
void check_servers(struct check *c); // check_servers.c: of servers, certificates, endpoints

// IST0171: the conditions of a Service or ServiceEntry.
void check_conditions(struct check *c, const struct object *o, const struct conditions *conditions);

#endif
