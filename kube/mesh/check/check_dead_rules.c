// SPDX-License-Identifier: Apache-2.0
// Rules that no request reaches, by what Envoy does with the merged host (GT0101): docs/rules/istio.md#dead-rules.
//
// What istioctl reports of one VirtualService alone is in check_unreachable.c.
#include "kube/base/arena.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/rule_names_internal.h"
#include "kube/mesh/check/virtual_host_checks_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/shadowed_route.h"
#include "kube/mesh/route/vs_routes.h"

struct rule_life {
    const struct route *route;
    const struct route *by; // that takes its requests, on `host`
    const char *host;
    bool alive;
    struct rule_life *next;
};

static struct rule_life *life_of(struct virtual_host_checks *h, const struct route *r)
{
    const struct virtualservice *d = r->delegate;
    const char *key = check_text(h->c, "%s/%s %u %d %s/%s %u %d", r->vs->o.ns, r->vs->o.name,
                                 r->index, r->match_index, d != NULL ? d->o.ns : "",
                                 d != NULL ? d->o.name : "", r->delegate_index, r->delegate_match);
    void **place = string_map_at(&h->rules, key);
    if (*place == NULL) {
        struct rule_life *l = arena_alloc(h->c->a, sizeof *l);
        *l = (struct rule_life){.route = r, .next = h->lives};
        h->lives = l;
        *place = l;
    }
    return *place;
}

void dead_rules_note(struct virtual_host_checks *h, const struct virtual_host *v,
                     const struct route *const *routes, uint32_t n)
{
    const struct route **by = arena_calloc(h->c->a, n, sizeof *by);
    shadowed_routes_find(h->c->a, routes, n, by);
    for (uint32_t i = 0; i < n; i++) {
        struct rule_life *l = life_of(h, routes[i]);
        l->alive = l->alive || by[i] == NULL;
        if (by[i] != NULL && l->by == NULL) {
            l->by = by[i];
            l->host = v->domain;
        }
    }
}

// Sidecars do not merge VirtualServices, and use other entries than a gateway: the rule may be used there.
static bool mesh_may_use(const struct rule_life *l)
{
    const struct virtualservice *vs = l->route->vs;
    return str_list_has(&vs->gateways, "mesh") &&
           (l->by->vs != vs || match_by_gateway(l->by->match));
}

// The entry of a delegate, as one for all roots.
static const char *delegate_entry(struct check *c, const struct route *r)
{
    return check_text(c, "%s/%s %u %d", r->delegate->o.ns, r->delegate->o.name, r->delegate_index,
                      r->delegate_match);
}

// The entries of delegates that some root has use for.
static void find_used(struct virtual_host_checks *h, struct string_map *used)
{
    string_map_init(used, h->c->a);
    for (const struct rule_life *l = h->lives; l != NULL; l = l->next) {
        if (l->alive && l->route->delegate != NULL) {
            (void)string_map_add(used, delegate_entry(h->c, l->route));
        }
    }
}

static void report_shadowed(struct virtual_host_checks *h)
{
    struct string_map used;
    find_used(h, &used);
    for (const struct rule_life *l = h->lives; l != NULL; l = l->next) {
        if (l->by == NULL || (l->route->delegate != NULL &&
                              string_map_get(&used, delegate_entry(h->c, l->route)) != NULL)) {
            continue;
        }
        bool mesh = mesh_may_use(l);
        const char *where = l->alive ? check_text(h->c, " on host %s", l->host)
                            : mesh   ? " behind a Gateway"
                                     : "";
        struct finding *f =
            check_add(h->c, "GT0101", &rule_owner(l->route)->o, rule_path(h->c, l->route),
                      "%s is never reached%s: %s takes all its requests", rule_name(h->c, l->route),
                      where, other_rule_name(h->c, l->by, l->route));
        f->hint = l->by->vs != l->route->vs
                      ? "the older VirtualService comes first: write both rules into one, in order"
                  : l->alive ? "move it before that rule; it is used on other hosts"
                  : mesh     ? "move it before that rule; the mesh may use it where it is"
                             : "move it before that rule, or remove it";
    }
}

// Rules after the first entry of their VirtualService that takes everything are in no table at all.
static void dropped_rules(struct check *c, const struct virtualservice *vs)
{
    if (vs->gateways.n == 0 || vs->hosts.n == 0) {
        return;
    }
    int64_t catcher = -1;
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *r = &vs->http[i];
        if (r->null_entry || (catcher < 0 && r->more != NULL && r->more->delegate)) {
            continue; // a delegate decides for itself what it takes
        }
        for (uint32_t k = 0; k < r->nmatches || (k == 0 && r->nmatches == 0); k++) {
            const struct http_match *m = r->nmatches > 0 ? &r->matches[k] : NULL;
            if (catcher >= 0 && !match_by_gateway(m)) {
                const char *path = m != NULL ? check_text(c, "spec.http[%u].match[%u]", i, k)
                                             : check_text(c, "spec.http[%u]", i);
                const char *match = r->nmatches > 1 ? check_text(c, " match %u", k) : "";
                struct finding *f =
                    check_add(c, "GT0101", &vs->o, path,
                              "rule #%u%s is never used: rule #%lld before it takes every request",
                              i, match, (long long)catcher);
                check_hint(c, f, "move it before that rule, or remove it");
            } else if (catcher < 0 && match_catch_all(m) && !match_by_gateway(m)) {
                catcher = i;
            }
        }
    }
}

void dead_rules_report(struct virtual_host_checks *h)
{
    report_shadowed(h);
    uint32_t n;
    const struct object *const *all = mesh_all(h->c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        dropped_rules(h->c, OBJECT_AS(virtualservice, all[i]));
    }
}
