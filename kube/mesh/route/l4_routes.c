// SPDX-License-Identifier: Apache-2.0
// Makes and chooses the routes of connections.
#include "kube/mesh/route/l4_routes.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/vs_routes.h"

#include <inttypes.h>
#include <string.h>

enum l4_mode server_l4_mode(const struct server *s)
{
    switch (server_family_of(s)) {
    case FAMILY_HTTP:
    case FAMILY_HTTPS:
        return L4_NONE;
    case FAMILY_TCP:
        return L4_TCP;
    case FAMILY_TLS:
        break;
    }
    return s->tls->mode == TLS_AUTO_PASSTHROUGH ? L4_SERVICES
           : s->tls->mode == TLS_PASSTHROUGH    ? L4_PASSED
                                                : L4_ENDED;
}

struct l4_builder {
    const struct mesh *m;
    const struct gateway_server *s;
    const char *gateway_id;
    enum l4_mode mode;
    struct l4_route *at;
    uint32_t n, cap;
    struct string_map names; // TLS names -> 1 + index of the route that has it first
};

static bool applies(const struct l4_builder *b, const struct l4_match *x, const char *ns)
{
    return (x->port == 0 || x->port == b->s->port) &&
           (x->gateways.n == 0 || gateway_is_named(b->m, &x->gateways, ns, b->gateway_id));
}

static struct l4_route *add(struct l4_builder *b, const struct virtualservice *vs, uint32_t index,
                            int32_t match)
{
    bool tls = b->mode == L4_PASSED;
    const struct l4_rule *rule = tls ? &vs->tls[index] : &vs->tcp[index];
    struct l4_route *r = ARENA_PUSH(b->m->arena, b->at, b->n, b->cap);
    *r = (struct l4_route){.vs = vs,
                           .gateway = b->s->gateway,
                           .rule = rule,
                           .match = match >= 0 ? &rule->matches[match] : NULL,
                           .index = index,
                           .match_index = match,
                           .port = b->s->port,
                           .tls = tls};
    return r;
}

// One route for each TLS name.
static void add_tls_rule(struct l4_builder *b, const struct virtualservice *vs, uint32_t index)
{
    const struct l4_rule *rule = &vs->tls[index];
    for (uint32_t k = 0; k < rule->nmatches; k++) {
        const struct str_list *names = &rule->matches[k].sni_hosts;
        for (uint32_t i = 0; applies(b, &rule->matches[k], vs->o.ns) && i < names->n; i++) {
            add(b, vs, index, (int32_t)k)->sni = names->at[i];
        }
    }
}

// One route, of the first match that holds.
static void add_tcp_rule(struct l4_builder *b, const struct virtualservice *vs, uint32_t index)
{
    const struct l4_rule *rule = &vs->tcp[index];
    if (rule->nmatches == 0) {
        add(b, vs, index, -1);
        return;
    }
    for (uint32_t k = 0; k < rule->nmatches; k++) {
        if (applies(b, &rule->matches[k], vs->o.ns)) {
            add(b, vs, index, (int32_t)k);
            return;
        }
    }
}

static void add_vs(struct l4_builder *b, const struct virtualservice *vs)
{
    if (b->mode == L4_PASSED) {
        for (uint32_t i = 0; i < vs->ntls; i++) {
            add_tls_rule(b, vs, i);
        }
    } else {
        for (uint32_t i = 0; i < vs->ntcp; i++) {
            add_tcp_rule(b, vs, i);
        }
    }
}

// Of equal names, and of tcp rules, the first counts.
static void find_dead(struct l4_builder *b)
{
    struct string_map first;
    string_map_init(&first, b->m->arena);
    for (uint32_t i = 0; i < b->n; i++) {
        struct l4_route *r = &b->at[i];
        const char *key = r->sni != NULL ? str_lower(b->m->arena, r->sni) : "";
        r->taker = string_map_get(&first, key);
        if (r->taker == NULL) {
            string_map_put(&first, key, r);
        }
    }
}

static void add_indices(const struct mesh *m, struct l4_routes *r)
{
    string_map_init(&r->by_vs, m->arena);
    struct l4_group *group = NULL;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct l4_route *x = &r->at[i];
        if (group == NULL || x->vs != x[-1].vs) {
            group = arena_alloc(m->arena, sizeof *group);
            group->at = x;
            string_map_put(&r->by_vs, object_id(m->arena, &x->vs->o), group);
        }
        group->n++;
        group->alive += x->taker == NULL;
        group->dead = group->dead == NULL && x->taker != NULL ? x : group->dead;
        if (x->sni != NULL && r->names == NULL) {
            r->names = arena_alloc(m->arena, sizeof *r->names);
            host_index_init(r->names, m->arena);
        }
        if (x->sni != NULL && x->taker == NULL) {
            host_index_add(r->names, x->sni, i);
        }
    }
}

const struct l4_routes *l4_routes_build(const struct mesh *m,
                                        const struct bound_virtualservices *bound,
                                        const struct gateway_server *s)
{
    struct l4_builder b = {.m = m,
                           .s = s,
                           .gateway_id = object_id(m->arena, &s->gateway->o),
                           .mode = server_l4_mode(s->server)};
    struct host_hits hits = {0}; // hosts of VirtualServices: those of one stand together
    if (b.mode != L4_NONE && b.mode != L4_SERVICES) {
        for (uint32_t i = 0; i < s->hosts.n; i++) {
            bound_virtualservices_meeting(bound, s->hosts.at[i], m->arena, &hits);
        }
    }
    host_hits_sort(&hits);
    for (uint32_t i = 0; i < hits.n; i++) {
        uint32_t vs = bound->places[hits.at[i]].vs;
        if (i == 0 || bound->places[hits.at[i - 1]].vs != vs) {
            add_vs(&b, bound->at[vs]);
        }
    }
    find_dead(&b);
    struct l4_routes *out = arena_alloc(m->arena, sizeof *out);
    *out = (struct l4_routes){.at = b.at, .n = b.n};
    add_indices(m, out);
    return out;
}

const struct l4_group *l4_routes_of(const struct l4_routes *r, struct arena *scratch,
                                    const struct virtualservice *vs)
{
    static const struct l4_group none;
    const struct l4_group *own = string_map_get(&r->by_vs, object_id(scratch, &vs->o));
    return own != NULL ? own : &none;
}

bool l4_routes_take(const struct l4_routes *r, const char *host)
{
    return r->names != NULL ? host_index_meets(r->names, host) : r->n > 0;
}

struct l4_question {
    const struct workload *w;
    const struct gateway *gateway;
    uint32_t server;
};

static const void *make_routes(const struct mesh *m, const void *question)
{
    const struct l4_question *q = question;
    const struct gateway_server s = gateway_server_of(gateway_hosts_find(m, q->gateway), q->server,
                                                      workload_services_find(m, q->w));
    return l4_routes_build(m, bound_virtualservices_find(m, q->w, q->gateway), &s);
}

const struct l4_routes *l4_routes_find(const struct mesh *m, const struct workload *w,
                                       const struct gateway *g, uint32_t server)
{
    struct l4_question q = {w, g, server};
    const char *name = mesh_answer_name(m->arena, "l4 routes", workload_key(m->arena, w), g->o.ns,
                                        g->o.name, arena_printf(m->arena, "%u", server), NULL);
    return mesh_answer(m, name, make_routes, &q);
}

const struct l4_route *l4_routes_choose(const struct l4_routes *r, const char *sni)
{
    const struct l4_route *best = NULL;
    size_t best_fit = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct l4_route *x = &r->at[i];
        if (x->taker != NULL) {
            continue;
        }
        if (x->sni == NULL) {
            return x;
        }
        size_t fit = strcmp(x->sni, "*") == 0     ? 1
                     : !host_matches(x->sni, sni) ? 0
                     : host_wild(x->sni)          ? strlen(x->sni)
                                                  : SIZE_MAX;
        if (fit > best_fit) {
            best = x;
            best_fit = fit;
        }
    }
    return best;
}

const char *l4_route_label(struct arena *a, const struct l4_route *r)
{
    const char *match =
        r->match_index >= 0 ? arena_printf(a, " match %" PRId32, r->match_index) : "";
    return arena_printf(a, "VirtualService %s/%s %s rule %u%s", r->vs->o.ns, r->vs->o.name,
                        r->tls ? "tls" : "tcp", r->index, match);
}

const char *l4_route_conditions(struct arena *a, const struct l4_route *r)
{
    const char *port =
        r->match != NULL && r->match->port != 0 ? arena_printf(a, "port %u", r->match->port) : "";
    if (r->sni == NULL) {
        return *port != '\0' ? port : "every connection";
    }
    return arena_concat(a, "SNI ", r->sni, *port != '\0' ? ", " : "", port, NULL);
}

bool l4_service_name(struct arena *a, const char *sni, uint32_t *port, const char **subset,
                     const char **host)
{
    static const char head[] = "outbound_.";
    if (!str_starts(sni, head)) {
        return false;
    }
    const char *number = sni + strlen(head);
    const char *rest = strstr(number, "_.");
    const char *end = rest != NULL ? strstr(rest + 2, "_.") : NULL;
    int64_t n;
    if (end == NULL || !number_parse(number, (size_t)(rest - number), UINT16_MAX, &n)) {
        return false;
    }
    *port = (uint32_t)n;
    *subset = end > rest + 2 ? arena_strndup(a, rest + 2, (size_t)(end - rest - 2)) : NULL;
    *host = arena_strdup(a, end + 2);
    return **host != '\0';
}
