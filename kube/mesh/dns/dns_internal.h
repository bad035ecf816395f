// SPDX-License-Identifier: Apache-2.0
// What the files behind dns_record.h share among themselves.
#ifndef GATETOP_MESH_DNS_DNS_INTERNAL_H
#define GATETOP_MESH_DNS_DNS_INTERNAL_H

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/dns/dns_record.h"

struct texts { // grows in the arena
    const char **at;
    uint32_t n, cap;
};
void texts_add(struct arena *a, struct texts *t, const char *s);
bool texts_has(const struct texts *t, const char *s);
void texts_sort(struct texts *t); // and each but once
struct str_list texts_list(const struct texts *t);
// A comma-separated annotation, blanks removed; entries may be empty.
struct texts texts_split(struct arena *a, const char *value);

struct endpoint { // a record that one object wants
    const char *host, *type;
    struct texts targets, sources;
    int64_t ttl;
    const char *set_identifier;
    uint32_t seq; // order of making: the first of equals is the owner
    bool gone;
};

struct gather {
    const struct mesh *m;
    const struct dns_settings *s;
    struct endpoint *at;
    uint32_t n, cap;
    const char *stopped, *stopped_hint;
    struct texts left_out;
};

// --- dns_endpoint.c

const char *dns_without_dot(struct arena *a, const char *s); // one final dot
// No label is longer than DNS allows; external-dns drops a record with one that is.
bool dns_labels_fit(const char *host);
// "gateway/ns/name"
const char *dns_resource(const struct gather *g, const char *kind, const struct object *o);
// The annotation `key` under the prefix that is read; NULL where absent.
const char *dns_annotation(const struct gather *g, const struct object *o, const char *key);
// A namespace other than the one that external-dns is confined to.
bool dns_out_of_sight(const struct gather *g, const char *ns);
// Neither another namespace, nor another controller, nor left out by a filter of objects.
bool dns_is_ours(const struct gather *g, const struct object *o);
struct texts dns_annotated_targets(const struct gather *g, const struct object *o);
struct texts dns_annotated_hosts(const struct gather *g, const struct object *o, const char *key);
struct endpoint *dns_new_endpoint(struct gather *g);
// One endpoint for each type among the targets.
void dns_want(struct gather *g, const struct object *o, const char *resource, const char *host,
              const struct texts *targets);
// One of this type; NULL where the host cannot be a name.
struct endpoint *dns_want_typed(struct gather *g, const struct object *o, const char *resource,
                                const char *host, const char *type);

// --- dns_merge.c

int dns_compare_text(const char *a, const char *b); // as strcmp, NULL is ""
// Joins what the objects of one source want, the endpoints from `from` on.
void dns_merge_source(struct gather *g, uint32_t from, enum dns_source source);
// After all sources: the records that are left, by host, type, set identifier and targets. In the arena.
struct endpoint **dns_merge_all(struct gather *g, uint32_t *n);

// --- dns_filter.c

// A name as names are compared: A-labels in lower case without a final dot; text that is no name keeps its
// letters.
const char *dns_plain_name(struct arena *a, const char *name);

bool dns_type_managed(const struct dns_settings *s, const char *type);
// --target-net-filter and --exclude-target-net: with a filter only addresses in it pass.
bool dns_target_passes(const struct dns_settings *s, const char *target);
// The IPv4 address that an IPv6 address of a NAT64 network stands for; NULL where it is in none.
const char *dns_nat64_address(struct arena *a, const struct dns_settings *s, const char *target);

// --- fqdn_template.c

// Whether --fqdn-template has one of the forms that are worked out.
bool dns_template_known(const char *text);
// The names that the templates give an object, sorted, each but once.
struct texts dns_template_hosts(const struct gather *g, const struct object *o);

// --- dns_source.c: what an object of a source wants; `host` NULL: for all its hosts, else for that one alone

void dns_of_gateway(struct gather *g, const struct gateway *gw, const char *host);
void dns_of_virtualservice(struct gather *g, const struct virtualservice *v, const char *host);
void dns_of_service(struct gather *g, const struct service *s);
void dns_of_ingress(struct gather *g, const struct ingress *i);

#endif
