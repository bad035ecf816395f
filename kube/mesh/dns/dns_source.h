// SPDX-License-Identifier: Apache-2.0
// What all sources of external-dns share: the run that they add to, and how they read an object.
#ifndef GATETOP_MESH_DNS_DNS_SOURCE_H
#define GATETOP_MESH_DNS_DNS_SOURCE_H

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/dns/dns_settings.h"
#include "kube/mesh/dns/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

// One run of external-dns over the objects of a snapshot: what its sources have made so far. Lists and texts lie in the
// arena of the mesh. All except `m` and `settings` is zero at first.
struct dns_run {
    const struct mesh *m;
    const struct dns_settings *settings;
    struct endpoint_list endpoints;
    const char *stopped,
        *stopped_hint;       // the first error that ends a run, and what to do about it; NULL: none
    struct str_set left_out; // endpoints that gatetop does not work out, as sentences
};

// Notes an error of a source, which ends the whole run (docs/rules/dns.md#source-error-stops). The first one counts.
void dns_run_stop(struct dns_run *run, const char *why, const char *hint);
// Notes that external-dns makes endpoints of the object `label` that gatetop does not: "LABEL WHAT", each sentence
// once.
void dns_run_leave_out(struct dns_run *run, const char *label, const char *what);

// Whether external-dns is restricted to another namespace.
bool dns_source_out_of_sight(const struct dns_run *run, const char *ns);
// Whether the sources read an object: its namespace is in sight, no other controller claims it, and the filters of
// objects let it through (docs/rules/dns.md#object-filters).
bool dns_source_reads(const struct dns_run *run, const struct object *o);
// Why the sources do not read an object, naming the argument: "Gateway in/gw is not read: --namespace=a". NULL if
// they do.
const char *dns_source_why_unread(const struct dns_run *run, const struct object *o);
// The annotation `key` under the current prefix, NULL if absent (docs/rules/dns.md#annotation-keys).
const char *dns_source_annotation(const struct dns_run *run, const struct object *o,
                                  const char *key);
// The Ingress that a Gateway's annotation names, NULL if none does (docs/rules/dns.md#annotation-ingress-key).
const char *dns_source_ingress_name(const struct dns_run *run, const struct object *o);
// The targets of the target annotation, without final dots; empty if there is none.
struct str_array dns_source_targets(const struct dns_run *run, const struct object *o);
// Adds the hosts of the annotation `key` ("hostname") to a list, unless --ignore-hostname-annotation is given.
void dns_source_add_hosts(const struct dns_run *run, const struct object *o, const char *key,
                          struct str_array *hosts);
// The hosts that --fqdn-template gives an object: empty without templates, and where `any` (the object's other hosts
// made an endpoint) without --combine-fqdn-annotation.
struct str_list dns_source_template_hosts(const struct dns_run *run, const struct object *o,
                                          bool any);
// Adds the addresses of load balancers: the address of each entry, and its name where it has no address or with `both`.
void dns_source_add_addresses(struct arena *a, struct str_array *targets,
                              const struct load_balancer_ingress *lb, uint32_t n, bool both);
// A name without its final dot. In the arena, or `name` itself.
const char *dns_source_without_dot(struct arena *a, const char *name);
// The resource label of an object: "gateway/ns/name" (docs/rules/dns.md#resource-label). In the arena.
const char *dns_source_label(const struct dns_run *run, const char *kind, const struct object *o);

// Adds an endpoint without targets for the object `label`, with the TTL and set identifier of its annotations. NULL
// if the host has a label that is too long (docs/rules/dns.md#name-limits). Valid until the next endpoint is added.
struct endpoint *dns_source_add_endpoint(struct dns_run *run, const struct object *o,
                                         const char *label, const char *host, const char *type);
// Adds an endpoint for each type among the targets.
void dns_source_add_endpoints(struct dns_run *run, const struct object *o, const char *label,
                              const char *host, const struct str_array *targets);

#endif
