// SPDX-License-Identifier: Apache-2.0
// Compares the answers for hosts without an expected record with the addresses of their Gateways.
#include "kube/mesh/dns/unmanaged_record.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/dns/dns_source_istio.h"

#include <string.h>

// The targets of a type.
static struct str_list targets_of_type(struct arena *a, const struct str_list *all,
                                       const char *type)
{
    struct str_array out = {0};
    for (uint32_t i = 0; i < all->n; i++) {
        if (strcmp(dns_target_type(all->at[i]), type) == 0) {
            str_array_add(a, &out, all->at[i]);
        }
    }
    return str_array_list(&out);
}

void unmanaged_record_judge(const struct mesh *m, const struct dns_settings *s, const char *host,
                            const struct gateway *gateway, struct dns_record *out)
{
    struct str_list all = dns_gateway_targets(m, s, gateway, NULL);
    const struct probe_result *answer = mesh_probe(m, PROBE_HOST, host);
    bool none =
        answer != NULL && (answer->answer == ANSWER_NXDOMAIN || answer->answer == ANSWER_NODATA);
    *out = (struct dns_record){.host = host, .type = "A", .state = DNS_UNKNOWN, .reason = ""};
    if (answer == NULL || (all.n == 0 && !none)) {
        return;
    }
    bool judged = false;
    for (size_t t = 0; t < DNS_TARGET_TYPES; t++) {
        struct dns_record r = {
            .host = host, .type = dns_target_types[t], .state = DNS_UNKNOWN, .reason = ""};
        r.targets = targets_of_type(m->arena, &all, dns_target_types[t]);
        if (r.targets.n == 0 && !(none && t == 0)) {
            continue;
        }
        struct dns_evidence e = {.host = answer, .created = TIME_NONE};
        for (uint32_t i = 0; i < r.targets.n && e.targets == NULL; i++) {
            e.targets = strcmp(dns_target_types[t], "CNAME") == 0
                            ? mesh_probe(m, PROBE_HOST, r.targets.at[i])
                            : NULL;
        }
        dns_judge(m, s, &r, &e);
        // One family of addresses that leads there is enough.
        if (!judged || r.state == DNS_OK) {
            *out = r;
        }
        judged = true;
    }
}

// Whether a record leads to the gateways of a VirtualService: it is wanted by it or by a Gateway of its.
static bool leads_to(struct arena *a, const struct dns_record *r, const struct virtualservice *v)
{
    for (uint32_t i = 0; i < v->gateways.n; i++) {
        const char *ns, *name;
        if (name_resolve_gateway(a, v->gateways.at[i], v->o.ns, &ns, &name) &&
            str_eq(r->source, arena_printf(a, "gateway/%s/%s", ns, name))) {
            return true;
        }
    }
    return str_eq(r->source, arena_printf(a, "virtualservice/%s/%s", v->o.ns, v->o.name));
}

// Whether a record of the host is among them, or of a wildcard above it that leads to its gateways
// (docs/rules/dns.md#record-of-another).
static bool answered(struct arena *a, const struct string_map *records,
                     const struct virtualservice *v, const char *host)
{
    if (records == NULL) {
        return false;
    }
    const char *low = str_lower(a, host);
    const struct dns_record *found = string_map_get(records, low);
    if (found != NULL) {
        return true;
    }
    for (const char *dot = strchr(low, '.'); found == NULL && dot != NULL;
         dot = strchr(dot + 1, '.')) {
        found = string_map_get(records, arena_printf(a, "*%s", dot));
    }
    return found != NULL && leads_to(a, found, v);
}

// The names among the addresses of a Gateway: a load balancer's.
static void query_balancers(const struct mesh *m, const struct dns_settings *s,
                            const struct gateway *gateway, dns_query_fn *query, void *self)
{
    struct str_list targets = dns_gateway_targets(m, s, gateway, NULL);
    for (uint32_t i = 0; i < targets.n; i++) {
        if (strcmp(dns_target_type(targets.at[i]), "CNAME") == 0) {
            query(self, PROBE_HOST, targets.at[i]);
        }
    }
}

void unmanaged_record_queries(const struct mesh *m, const struct dns_settings *s,
                              const struct virtualservice *v, const struct string_map *records,
                              dns_query_fn *query, void *self)
{
    struct str_array hosts = {0};
    for (uint32_t i = 0; i < v->hosts.n; i++) {
        const char *host = v->hosts.at[i];
        if (strchr(host, '.') != NULL && !name_in_cluster(host) && !name_is_ip(host) &&
            !answered(m->arena, records, v, host)) {
            str_array_add(m->arena, &hosts, host);
        }
    }
    bool served = false;
    for (uint32_t i = 0; hosts.n != 0 && i < v->gateways.n; i++) {
        const char *ns, *name;
        const struct object *o =
            name_resolve_gateway(m->arena, v->gateways.at[i], v->o.ns, &ns, &name)
                ? mesh_get(m, KIND_GATEWAY, ns, name)
                : NULL;
        if (o != NULL) {
            query_balancers(m, s, OBJECT_AS(gateway, o), query, self);
            served = true;
        }
    }
    for (uint32_t i = 0; served && i < hosts.n; i++) {
        query(self, PROBE_HOST, hosts.at[i]);
    }
}
