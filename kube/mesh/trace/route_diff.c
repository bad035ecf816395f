// SPDX-License-Identifier: Apache-2.0
// What another set of objects would change, as requests.
#include "kube/mesh/trace/route_diff.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/rule_action.h"
#include "kube/mesh/route/shadowed_route.h"
#include "kube/mesh/route/workload_set.h"
#include "kube/mesh/trace/sample_request.h"
#include "kube/mesh/trace/trace.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHANGES = 10000, MAX_LOOKED = 1000 };

// --- effects

// Everything about a route's action that a service or client would notice.
static const char *whole_effect(struct arena *a, const struct trace_result *r)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b, "%s|%s|%s|%s", trace_effect(a, r), str_or_empty(r->rewritten_path),
             str_or_empty(r->rewritten_authority), str_or_empty(r->body));
    trace_add_destinations(&b, r->mirrors, r->nmirrors);
    const struct http_rule_more *x = r->route != NULL ? r->route->rule->more : NULL;
    if (x != NULL) {
        struct str_list d = rule_details(a, r->route->rule);
        for (uint32_t i = 0; i < d.n; i++) {
            buf_addf(&b, "|%s", d.at[i]);
        }
    }
    return buf_take_arena(&b, a);
}

// --- fingerprints: virtual hosts that say the same need no requests

static uint64_t mix_text(uint64_t h, const char *s)
{
    return hash_mix(h, str_hash(s));
}

// A route's conditions and what it does, as a number.
static uint64_t route_hash(const struct mesh *m, const struct workload *w, const struct route *r)
{
    uint64_t h = 1;
    struct str_list c = match_conditions(m->arena, r->match);
    enum route_action action;
    for (uint32_t i = 0; i < c.n; i++) {
        h = mix_text(h, c.at[i]);
    }
    h = mix_text(h, rule_action_text(m->arena, r->rule, &action));
    struct str_list d = rule_details(m->arena, r->rule);
    for (uint32_t i = 0; i < d.n; i++) {
        h = mix_text(h, d.at[i]);
    }
    const struct http_direct_response *direct =
        r->rule->more != NULL ? r->rule->more->direct_response : NULL;
    h = mix_text(h, direct != NULL ? direct->body : NULL);
    for (uint32_t i = 0; i < r->rule->nroutes; i++) {
        const struct route_destination *x = &r->rule->routes[i];
        struct resolved_destination t = destination_resolve(m, w, &x->destination, r->ns, r->port);
        h = hash_mix(mix_text(mix_text(h, t.host), t.subset), t.port * 16ULL + (unsigned)t.fault);
        h = hash_mix(h, (uint64_t)x->weight);
    }
    return h;
}

static uint64_t fingerprint(const struct mesh *m, const struct workload *w,
                            const struct virtual_host *v)
{
    uint64_t h = v->https_redirect;
    struct virtual_host_iter it;
    virtual_host_begin(&it, v);
    for (const struct route *r; (r = virtual_host_next(&it)) != NULL;) {
        h = hash_mix(h, route_hash(m, w, r));
    }
    return h;
}

static bool stands_in(const struct mesh *m, const struct workload *w, const struct virtual_host *v,
                      uint64_t hash)
{
    struct virtual_host_iter it;
    if (v == NULL) {
        return false;
    }
    virtual_host_begin(&it, v);
    for (const struct route *r; (r = virtual_host_next(&it)) != NULL;) {
        if (route_hash(m, w, r) == hash) {
            return true;
        }
    }
    return false;
}

// --- comparing

struct diff_side {
    const struct mesh *m;
    struct route_table *t;
};

struct comparison {
    struct arena *a;
    struct arena scratch; // of one request
    struct diff_side before, after;
    const char *gateway;
    struct string_map reported; // "host table rule rule effect effect": each difference once
    uint32_t looked;            // rules without an example that were looked for on the other side
    struct route_changes *out;
};

static const char *sample_host(struct arena *a, const char *domain)
{
    if (!host_wild(domain)) {
        return domain;
    }
    return domain[1] == '\0' ? "any.example" : arena_printf(a, "any%s", domain + 1);
}

// The port a client connects to for a server that listens there.
static uint32_t client_port(const struct merged_gateways *g, const struct gateway_server *s)
{
    if (workload_client_port(g->services, s->port) == s->listen) {
        return s->port;
    }
    uint32_t port = workload_first_client_port(g->services, s->listen);
    return port != 0 ? port : s->port;
}

// The rule that a trace found, "" if there is none.
static const char *rule_label(struct arena *a, const struct trace_result *r)
{
    return r->route != NULL ? route_label(a, r->route)
           : r->l4 != NULL  ? l4_route_label(a, r->l4)
                            : "";
}

static void compare_request(struct comparison *c, const char *domain, const char *table,
                            struct trace_request *q, const char *conditions)
{
    q->routes_only = true;
    struct mesh before = *c->before.m;
    struct mesh after = *c->after.m;
    before.arena = after.arena = &c->scratch;
    arena_clear(&c->scratch);
    struct trace_result x = trace_run(c->before.t, &before, q);
    struct trace_result y = trace_run(c->after.t, &after, q);
    if (strcmp(whole_effect(&c->scratch, &x), whole_effect(&c->scratch, &y)) == 0 ||
        c->out->n >= MAX_CHANGES) {
        return;
    }
    x = trace_run(c->before.t, c->before.m, q);
    y = trace_run(c->after.t, c->after.m, q);
    const char *from = trace_effect(c->a, &x);
    const char *to = trace_effect(c->a, &y);
    const char *old = rule_label(c->a, &x), *new = rule_label(c->a, &y);
    const char *key = arena_printf(c->a, "%s %s %s %s %s %s", domain, table, old, new,
                                   *old != '\0' ? "" : from, *new != '\0' ? "" : to);
    if (!string_map_add(&c->reported, key)) {
        return;
    }
    *ARENA_PUSH(c->a, c->out->at, c->out->n, c->out->cap) =
        (struct route_change){.gateway = c->gateway,
                              .host = domain,
                              .table = table,
                              .conditions = *conditions != '\0' ? conditions : "every request",
                              .request = *q,
                              .before = x,
                              .after = y,
                              .before_text = from,
                              .after_text = to};
}

// Requests for each rule of one side's virtual host; `there` is the other side's, or NULL.
static void compare_routes(struct comparison *c, const struct virtual_host *v,
                           const struct virtual_host *there, const struct http_table *table,
                           const struct diff_side *side)
{
    uint32_t n;
    const struct route *const *routes = virtual_host_routes(c->a, v, &n);
    const struct route **by = arena_calloc(c->a, n, sizeof *by);
    const struct gateway_server *s = table->servers[0];
    shadowed_routes_find(c->a, routes, n, by);
    for (uint32_t i = 0; i < n && c->out->n < MAX_CHANGES; i++) {
        bool any = by[i] != NULL;
        for (int variant = 0; variant < 2 && by[i] == NULL; variant++) {
            struct trace_request q = {.scheme = s->family == FAMILY_HTTPS ? "https" : "http",
                                      .host = sample_host(c->a, v->domain),
                                      .port = client_port(side->t->gateways, s)};
            if (sample_request(c->a, routes[i]->match, variant, &q)) {
                any = true;
                compare_request(c, v->domain, table->name, &q,
                                match_conditions_text(c->a, routes[i]->match));
            }
        }
        if (!any) {
            const struct diff_side *other = side == &c->after ? &c->before : &c->after;
            uint64_t hash = route_hash(side->m, side->t->workload, routes[i]);
            bool same =
                c->looked++ < MAX_LOOKED && stands_in(other->m, other->t->workload, there, hash);
            c->out->unsampled += !same;
        }
    }
    if (n == 0 && v->https_redirect) {
        struct trace_request q = {.method = "GET",
                                  .scheme = "http",
                                  .host = sample_host(c->a, v->domain),
                                  .path = "/",
                                  .port = client_port(side->t->gateways, s)};
        compare_request(c, v->domain, table->name, &q, "");
    }
}

static void add_keys(const char **out, uint32_t *n, const struct string_map *map)
{
    uint32_t at = 0;
    for (const struct string_map_slot *s; map != NULL && (s = string_map_next(map, &at)) != NULL;) {
        out[(*n)++] = s->key;
    }
}

// The keys of two maps (NULL: none), sorted, each once.
static const char **keys_of(struct arena *a, const struct string_map *x, const struct string_map *y,
                            uint32_t *n)
{
    size_t most = size_add(x != NULL ? x->n : 0, y != NULL ? y->n : 0);
    const char **out = arena_calloc(a, most, sizeof *out);
    uint32_t all = 0;
    add_keys(out, &all, x);
    add_keys(out, &all, y);
    qsort(out, all, sizeof *out, str_order);
    *n = 0;
    for (uint32_t i = 0; i < all; i++) {
        if (*n == 0 || strcmp(out[*n - 1], out[i]) != 0) {
            out[(*n)++] = out[i];
        }
    }
    return out;
}

static void compare_tables(struct comparison *c, const struct http_table *x,
                           const struct http_table *y)
{
    uint32_t n;
    const char **domains = keys_of(c->a, x != NULL ? &x->hosts.by_domain : NULL,
                                   y != NULL ? &y->hosts.by_domain : NULL, &n);
    bool refused = (x != NULL && x->refused != NULL) != (y != NULL && y->refused != NULL);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtual_host *v =
            x != NULL ? string_map_get(&x->hosts.by_domain, domains[i]) : NULL;
        const struct virtual_host *w =
            y != NULL ? string_map_get(&y->hosts.by_domain, domains[i]) : NULL;
        if (!refused && v != NULL && w != NULL &&
            fingerprint(c->before.m, c->before.t->workload, v) ==
                fingerprint(c->after.m, c->after.t->workload, w)) {
            continue;
        }
        if (w != NULL) {
            compare_routes(c, w, v, y, &c->after);
        }
        if (v != NULL) {
            compare_routes(c, v, w, x, &c->before);
        }
    }
}

// Connections for each route of one side's server that passes bytes on.
static void compare_connections(struct comparison *c, const struct gateway_server *s,
                                const struct diff_side *side)
{
    bool tls = s->family == FAMILY_TLS;
    const char *table = arena_printf(c->a, "%s.%u", tls ? "tls" : "tcp", s->listen);
    for (uint32_t i = 0; i < s->l4->n && c->out->n < MAX_CHANGES; i++) {
        const struct l4_route *r = &s->l4->at[i];
        if (r->taker != NULL) {
            continue;
        }
        const char *host = r->sni != NULL   ? r->sni
                           : s->hosts.n > 0 ? name_without_ns(s->hosts.at[0])
                                            : "*";
        struct trace_request q = {.method = "GET",
                                  .scheme = tls ? "https" : "http",
                                  .host = sample_host(c->a, str_lower(c->a, host)),
                                  .path = "/",
                                  .port = client_port(side->t->gateways, s)};
        compare_request(c, host, table, &q, l4_route_conditions(c->a, r));
    }
}

static void compare_l4(struct comparison *c, const struct diff_side *side)
{
    const struct merged_gateways *g = side->t->gateways;
    for (uint32_t i = 0; i < g->nservers; i++) {
        if (g->servers[i].fate == SERVER_KEPT && g->servers[i].l4 != NULL) {
            compare_connections(c, &g->servers[i], side);
        }
    }
}

static void compare_workload(struct comparison *c, const struct workload *x,
                             const struct workload *y)
{
    c->before.t = route_table_build(c->before.m, x);
    c->after.t = route_table_build(c->after.m, y);
    uint32_t n;
    const char **tables = keys_of(c->a, &c->before.t->tables, &c->after.t->tables, &n);
    for (uint32_t i = 0; i < n; i++) {
        compare_tables(c, string_map_get(&c->before.t->tables, tables[i]),
                       string_map_get(&c->after.t->tables, tables[i]));
    }
    compare_l4(c, &c->after);
    compare_l4(c, &c->before);
}

// The workloads of every Gateway of a snapshot, by workload_key.
static void collect_workloads(const struct mesh *m, struct string_map *out)
{
    struct workload_set set;
    workload_set_init(&set, m);
    workload_set_add_all(&set);
    for (uint32_t i = 0; i < set.n; i++) {
        string_map_put(out, workload_key(m->arena, set.at[i]), set.at[i]);
    }
}

void route_diff(const struct mesh *before, const struct mesh *after, struct route_changes *out)
{
    struct comparison c = {
        .a = after->arena, .before = {.m = before}, .after = {.m = after}, .out = out};
    struct string_map x;
    struct string_map y;
    arena_init(&c.scratch);
    string_map_init(&x, after->arena);
    string_map_init(&y, after->arena);
    collect_workloads(before, &x);
    collect_workloads(after, &y);
    uint32_t n;
    const char **keys = keys_of(c.a, &x, &y, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct workload *p = string_map_get(&x, keys[i]);
        const struct workload *q = string_map_get(&y, keys[i]);
        p = p != NULL ? p : q;
        q = q != NULL ? q : p;
        ASSERT(q != NULL); // a key is in one map at least
        c.gateway = q->name != NULL ? arena_printf(c.a, "%s/%s", q->ns, q->name) : q->ns;
        string_map_init(&c.reported, c.a);
        compare_workload(&c, p, q);
    }
    arena_release(&c.scratch);
    out->more = out->n >= MAX_CHANGES;
}
