// SPDX-License-Identifier: Apache-2.0
// The merged virtual hosts of all gateways, and hosts that several VirtualServices share (GT0109):
// docs/rules/istio.md#virtual-host-merge.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/virtual_host_checks_internal.h"
#include "kube/mesh/route/workload_set.h"

enum {
    MAX_LOOP_CHECKS = 2000,     // redirects that are followed
    MAX_PREFIX_STEPS = 5000000, // heads of paths that are looked up
};

static void shared_host(struct virtual_host_checks *h, const struct virtual_host *v,
                        const struct route *const *routes, uint32_t n)
{
    const struct route *first = n > 0 ? routes[0] : NULL;
    if (v->n < 2) {
        return; // all routes are of one VirtualService
    }
    for (uint32_t i = 1; i < n; i++) {
        if (routes[i]->catch_all) { // those are moved to the end, so their order means nothing
            break;
        }
        if (routes[i]->vs != first->vs && routes[i]->vs != routes[i - 1]->vs) {
            struct finding *f = check_add(
                h->c, "GT0109", &routes[i]->vs->o, "spec.hosts",
                "VirtualService %s/%s has the host %s on Gateway %s/%s too, and its rules "
                "come first",
                first->vs->o.ns, first->vs->o.name, v->domain, first->gateway->o.ns,
                first->gateway->o.name);
            check_hint(h->c, f,
                       "the older one wins (by name where both are of one second); one "
                       "VirtualService with "
                       "delegates keeps the order in one place");
        }
    }
}

// The routes of all virtual hosts that have the same parts.
struct common_routes {
    const struct route *const *at;
    uint32_t n;
};

// Many hosts of few VirtualServices have the same routes: which of them are reached is looked at for one host.
static const struct common_routes *routes_of(struct virtual_host_checks *h,
                                             struct string_map *known, const struct virtual_host *v)
{
    struct buf key;
    buf_init(&key, 0);
    for (uint32_t i = 0; i < v->n; i++) {
        buf_addf(&key, "%p ", (const void *)v->parts[i]);
    }
    struct common_routes *r = string_map_get(known, key.data);
    if (r == NULL) {
        r = arena_alloc(h->c->a, sizeof *r);
        r->at = virtual_host_routes(h->c->a, v, &r->n);
        *string_map_at(known, arena_strdup(h->c->a, key.data)) = r;
        dead_rules_note(h, v, r->at, r->n);
    }
    buf_release(&key);
    return r;
}

static void each_virtual_host(struct virtual_host_checks *h, const struct http_table *table)
{
    struct string_map known; // parts -> struct common_routes
    string_map_init(&known, h->c->a);
    uint32_t at = 0;
    for (const struct string_map_slot *s;
         (s = string_map_next(&table->hosts.by_domain, &at)) != NULL;) {
        const struct virtual_host *v = s->value;
        const struct common_routes *r = routes_of(h, &known, v);
        check_prefix_neighbours(h, v, r->at, r->n);
        shared_host(h, v, r->at, r->n);
        check_redirect_loops(h, v, r->at, r->n);
        check_hidden_hosts(h, table, v, r->at, r->n);
    }
}

static void each_table(struct virtual_host_checks *h)
{
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&h->table->tables, &at)) != NULL;) {
        each_virtual_host(h, s->value);
    }
}

void check_virtual_hosts(struct check *c)
{
    struct virtual_host_checks h = {.c = c, .loops = MAX_LOOP_CHECKS, .steps = MAX_PREFIX_STEPS};
    string_map_init(&h.rules, c->a);
    struct workload_set set;
    workload_set_init(&set, c->m);
    workload_set_add_all(&set);
    for (uint32_t i = 0; i < set.n; i++) {
        h.table = route_table_build(c->m, set.at[i]);
        each_table(&h);
    }
    dead_rules_report(&h);
}
