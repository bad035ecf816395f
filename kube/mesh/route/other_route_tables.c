// SPDX-License-Identifier: Apache-2.0
// Builds the other tables of a host.
#include "kube/mesh/route/other_route_tables.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/delegate.h"
#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/merged_server.h"

#include <inttypes.h>

static bool has_port(const struct http_rule *r)
{
    for (uint32_t i = 0; i < r->nmatches; i++) {
        if (r->matches[i].more != NULL && r->matches[i].more->port != 0) {
            return true;
        }
    }
    return false;
}

// Has the VirtualService, or what it delegates to, rules for single ports?
static bool names_ports(const struct mesh *m, const struct virtualservice *vs)
{
    bool delegates = false;
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *r = &vs->http[i];
        delegates = delegates || (r->more != NULL && r->more->delegate);
        if (has_port(r)) {
            return true;
        }
    }
    const struct vs_rules *rules = delegates ? delegate_expand(m, vs) : NULL;
    for (uint32_t i = 0; rules != NULL && i < rules->n; i++) {
        if (rules->at[i].delegate != NULL && has_port(rules->at[i].rule)) {
            return true;
        }
    }
    return false;
}

static bool some_name_ports(const struct mesh *m, const struct host_routes *h)
{
    for (uint32_t i = 0; i < h->vhost.n; i++) {
        if (names_ports(m, h->vhost.parts[i]->vs)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < h->nempty; i++) {
        if (names_ports(m, h->empty[i])) {
            return true;
        }
    }
    return false;
}

const char *other_route_tables_key(struct arena *a, const struct virtualservice *vs, uint32_t index,
                                   int32_t match, const struct virtualservice *delegate,
                                   uint32_t delegate_index)
{
    return arena_printf(a, "%s/%s %u %" PRId32 " %s/%s %u", vs->o.ns, vs->o.name, index, match,
                        delegate != NULL ? delegate->o.ns : "",
                        delegate != NULL ? delegate->o.name : "",
                        delegate != NULL ? delegate_index : 0);
}

static const char *key_of(struct arena *a, const struct route *r)
{
    return other_route_tables_key(a, r->vs, r->index, r->match_index, r->delegate,
                                  r->delegate_index);
}

struct tables_builder {
    const struct mesh *m;
    struct other_route_tables *t;
    struct string_map main; // keys of the main table
};

// Notes one route of another table.
static void add_route(struct tables_builder *b, const struct route *r, const struct route *by)
{
    struct other_route_tables *t = b->t;
    const char *key = key_of(b->m->arena, r);
    if (by == NULL && string_map_get(&t->alive, key) == NULL) {
        string_map_put(&t->alive, key, r);
    }
    if (string_map_get(&b->main, key) != NULL) {
        return;
    }
    struct other_route *o = string_map_get(&t->only, key);
    if (o == NULL) {
        o = arena_alloc(b->m->arena, sizeof *o);
        *o = (struct other_route){r, by};
        string_map_put(&t->only, key, o);
        *ARENA_PUSH(b->m->arena, t->at, t->nonly, t->cap) = o;
    } else if (by == NULL && o->by != NULL) {
        *o = (struct other_route){r, NULL};
    }
}

static void add_table(struct tables_builder *b, const struct host_routes *other)
{
    const struct route_facts *f = route_facts_find(b->m, other);
    b->t->n++;
    for (uint32_t i = 0; i < f->n; i++) {
        add_route(b, f->routes[i], f->by[i]);
    }
}

static void add_main(struct tables_builder *b, const struct host_routes *h)
{
    const struct route_facts *f = route_facts_find(b->m, h);
    for (uint32_t i = 0; i < f->n; i++) {
        (void)string_map_add(&b->main, key_of(b->m->arena, f->routes[i]));
    }
}

struct tables_question {
    const struct workload *w;
    const struct gateway *g;
    const struct host_routes *h;
};

static const void *make_tables(const struct mesh *m, const void *question)
{
    const struct tables_question *q = question;
    const struct host_routes *h = q->h;
    struct arena *a = m->arena;
    struct other_route_tables *t = arena_alloc(a, sizeof *t);
    string_map_init(&t->alive, a);
    string_map_init(&t->only, a);
    if (q->g->nservers < 2 || h->dropped || !some_name_ports(m, h)) {
        return t;
    }
    struct server_list all =
        gateway_hosts_covering(gateway_hosts_find(m, q->g), a, h->vhost.domain);
    struct string_map seen;
    string_map_init(&seen, a);
    (void)string_map_add(&seen, h->server->table);
    struct tables_builder b = {.m = m, .t = t};
    string_map_init(&b.main, a);
    add_main(&b, h);
    for (uint32_t i = 0; i < all.n; i++) {
        enum server_family family = server_family_of(&q->g->servers[all.at[i]]);
        if (family != FAMILY_HTTP && family != FAMILY_HTTPS) {
            continue;
        }
        const struct gateway_server *s = merged_server(m, q->w, q->g, all.at[i]);
        if (s->fate == SERVER_KEPT && string_map_add(&seen, s->table)) {
            add_table(&b, host_routes_on(m, q->w, s, h->vhost.domain));
        }
    }
    return t;
}

const struct other_route_tables *other_route_tables_find(const struct mesh *m,
                                                         const struct workload *w,
                                                         const struct gateway *g,
                                                         const struct host_routes *h)
{
    struct tables_question q = {w, g, h};
    if (h->name == NULL) {
        return make_tables(m, &q); // its routes do not outlive the question
    }
    const char *name = mesh_answer_name(m->arena, "port tables", h->name, g->o.ns, g->o.name, NULL);
    return mesh_answer(m, name, make_tables, &q);
}

const struct route *other_route_tables_alive(const struct other_route_tables *t,
                                             struct arena *scratch, const struct route *r)
{
    return t->n > 0 ? string_map_get(&t->alive, key_of(scratch, r)) : NULL;
}

const struct other_route *other_route_tables_entry(const struct other_route_tables *t,
                                                   const char *key)
{
    return t->n > 0 ? string_map_get(&t->only, key) : NULL;
}
