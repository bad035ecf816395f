// SPDX-License-Identifier: Apache-2.0
// The HTTP route tables of one gateway workload.
#include "kube/mesh/route/route_table.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/rejected_route_table.h"

struct table_builder {
    struct route_table *t;
    struct string_map bound; // "ns/name" of a Gateway -> struct bound_virtualservices
};

static struct bound_virtualservices *bound_to(struct table_builder *b, const struct gateway *g)
{
    const struct mesh *m = b->t->mesh;
    void **at = string_map_at(&b->bound, object_id(m->arena, &g->o));
    if (*at == NULL) {
        *at = bound_virtualservices_find(m, b->t->workload, g);
    }
    return *at;
}

static void add_server(struct route_table *t, struct gateway_server *s)
{
    struct arena *a = t->mesh->arena;
    void **at = string_map_at(&t->tables, s->table);
    struct http_table *table = *at;
    if (table == NULL) {
        table = arena_alloc(a, sizeof *table);
        *table = (struct http_table){.name = s->table};
        virtual_host_set_init(&table->hosts, t->mesh, t->workload);
        *at = table;
    }
    *ARENA_PUSH(a, table->servers, table->nservers, table->cap) = s;
}

struct route_table *route_table_build(const struct mesh *m, const struct workload *w)
{
    struct mesh *own = arena_alloc(m->arena, sizeof *own); // lives as long as the table
    *own = mesh_with_memo(m);
    struct route_table *t = arena_alloc(own->arena, sizeof *t);
    *t =
        (struct route_table){.mesh = own, .workload = w, .gateways = merged_gateways_build(own, w)};
    struct table_builder b = {.t = t};
    string_map_init(&t->tables, own->arena);
    string_map_init(&b.bound, own->arena);
    for (uint32_t i = 0; i < t->gateways->nservers; i++) {
        struct gateway_server *s = &t->gateways->servers[i];
        if (s->fate == SERVER_KEPT && (s->family == FAMILY_TLS || s->family == FAMILY_TCP)) {
            filter_chain_names(own, bound_to(&b, s->gateway), s);
        } else if (s->fate == SERVER_KEPT && s->table != NULL) {
            add_server(t, s);
        }
    }
    filter_chains_build(&t->chains, own->arena, t->gateways);
    uint32_t at = 0;
    for (const struct string_map_slot *slot; (slot = string_map_next(&t->tables, &at)) != NULL;) {
        struct http_table *table = slot->value;
        table->refused = rejected_route_table_find(own, w, table->servers[0]);
        for (uint32_t i = 0; i < table->nservers; i++) {
            struct gateway_server *s = table->servers[i];
            virtual_host_set_feed(&table->hosts, bound_to(&b, s->gateway), s);
        }
    }
    return t;
}

const struct http_table *route_table_of(const struct route_table *t, const struct gateway_server *s)
{
    return s->table != NULL ? string_map_get(&t->tables, s->table) : NULL;
}
