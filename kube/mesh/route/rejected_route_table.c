// SPDX-License-Identifier: Apache-2.0
// Finds the first route for which Envoy refuses a table.
//
// Rules with such a redirect are in an index, which is nearly always empty. If it is not, all tables of the workload
// are examined at once: each of those VirtualServices with the servers that it meets.
#include "kube/mesh/route/rejected_route_table.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/merged_server.h"
#include "kube/mesh/route/rule_action.h"
#include "kube/mesh/route/vs_hosts.h"
#include "kube/mesh/route/vs_routes.h"

#include <stdlib.h>

struct cause_list { // VirtualServices
    const struct object **at;
    uint32_t n, cap;
};

struct cause_gateway {
    const struct object *o; // the Gateway
    struct cause_list bound;
};

struct search {
    const struct mesh *m;
    const struct workload *w;
    struct string_map causes;     // "ns/name" of the VirtualServices in question
    struct string_map by_gateway; // "ns/name" -> struct cause_gateway, NULL: there is none
    struct cause_gateway **gateways;
    uint32_t ngateways, cap;
    struct string_map *tables; // name -> struct rejected_route_table
};

static void add_cause(struct search *s, const struct object *vs)
{
    struct arena *a = s->m->arena;
    if (!string_map_add(&s->causes, object_id(a, vs))) {
        return; // a root of many delegates
    }
    const struct vs_hosts *hosts = vs_hosts_find(s->m, OBJECT_AS(virtualservice, vs));
    uint32_t next = 0;
    for (const struct string_map_slot *at;
         (at = string_map_next(hosts->gateways, &next)) != NULL;) {
        struct cause_gateway *g = string_map_get(&s->by_gateway, at->key);
        if (g == NULL) {
            const char *ns;
            const char *name = name_split(a, at->key, "", &ns);
            g = arena_alloc(a, sizeof *g);
            *g = (struct cause_gateway){.o = mesh_get(s->m, KIND_GATEWAY, ns, name)};
            *string_map_at(&s->by_gateway, at->key) = g;
            if (g->o != NULL && gateway_selects(OBJECT_AS(gateway, g->o), s->w)) {
                *ARENA_PUSH(a, s->gateways, s->ngateways, s->cap) = g;
            }
        }
        *ARENA_PUSH(a, g->bound.at, g->bound.n, g->bound.cap) = vs;
    }
}

// VirtualServices with such a rule, and those that delegate to one.
static void find_causes(struct search *s)
{
    uint32_t n;
    const struct object *const *at = mesh_index(s->m, INDEX_VS_BY_BAD_REDIRECT, "", "", &n);
    for (uint32_t i = 0; i < n; i++) {
        if (OBJECT_AS(virtualservice, at[i])->hosts.n > 0) {
            add_cause(s, at[i]);
            continue;
        }
        uint32_t nroots;
        const struct object *const *roots =
            mesh_index(s->m, INDEX_VS_BY_DELEGATE, at[i]->ns, at[i]->name, &nroots);
        for (uint32_t k = 0; k < nroots; k++) {
            add_cause(s, roots[k]);
        }
    }
}

static int by_age(const void *x, const void *y)
{
    const struct cause_gateway *const *a = x;
    const struct cause_gateway *const *b = y;
    return object_age_order(&(*a)->o, &(*b)->o);
}

static void note(struct search *s, const struct gateway_server *server, const struct route *r)
{
    void **at = string_map_at(s->tables, server->table);
    struct rejected_route_table *known = *at;
    // Older Gateways come first; of one Gateway its first server, and of that the first VirtualService.
    if (known != NULL && (known->route->gateway != r->gateway || known->server <= server->index)) {
        return;
    }
    struct arena *a = s->m->arena;
    struct rejected_route_table *t = arena_alloc(a, sizeof *t);
    *t = (struct rejected_route_table){
        r, server->index, arena_printf(a, "%s %s", route_label(a, r), rule_unusable(r->rule))};
    *at = t;
}

// One VirtualService on one Gateway: in each table its routes are made for the first server on which they hold.
static void look_at(struct search *s, const struct virtualservice *vs, const struct gateway *g)
{
    struct arena *a = s->m->arena;
    struct string_map made; // tables
    string_map_init(&made, a);
    struct server_list servers =
        vs_hosts_all_servers(vs_hosts_find(s->m, vs), gateway_hosts_find(s->m, g), a);
    for (uint32_t i = 0; i < servers.n; i++) {
        const struct gateway_server *server = merged_server(s->m, s->w, g, servers.at[i]);
        if (server->fate != SERVER_KEPT || server->table == NULL ||
            string_map_get(&made, server->table) != NULL) {
            continue;
        }
        const struct vs_routes *r = vs_routes_build(s->m, vs, server, s->w);
        if (vs_routes_hold(r)) {
            (void)string_map_add(&made, server->table);
        }
        if (r->no_action != NULL) {
            note(s, server, r->no_action);
        }
    }
}

static const void *make_tables(const struct mesh *m, const void *question)
{
    struct string_map *tables = arena_alloc(m->arena, sizeof *tables);
    struct search s = {.m = m, .w = question, .tables = tables};
    string_map_init(tables, m->arena);
    string_map_init(&s.causes, m->arena);
    string_map_init(&s.by_gateway, m->arena);
    find_causes(&s);
    if (s.ngateways > 1) {
        qsort(s.gateways, s.ngateways, sizeof(struct cause_gateway *), by_age);
    }
    for (uint32_t i = 0; i < s.ngateways; i++) {
        const struct cause_gateway *g = s.gateways[i];
        const struct bound_virtualservices *b =
            bound_virtualservices_of(m, s.w, g->bound.at, g->bound.n);
        for (uint32_t k = 0; k < b->n; k++) {
            look_at(&s, b->at[k], OBJECT_AS(gateway, g->o));
        }
    }
    return tables;
}

const struct rejected_route_table *rejected_route_table_find(const struct mesh *m,
                                                             const struct workload *w,
                                                             const struct gateway_server *s)
{
    uint32_t n;
    (void)mesh_index(m, INDEX_VS_BY_BAD_REDIRECT, "", "", &n);
    if (n == 0) {
        return NULL;
    }
    const char *name =
        mesh_answer_name(m->arena, "refused tables", workload_key(m->arena, w), NULL);
    const struct string_map *tables = mesh_answer(m, name, make_tables, w);
    return string_map_get(tables, s->table);
}
