// SPDX-License-Identifier: Apache-2.0
// Builds one virtual host from only the objects that can feed it.
//
// A virtual host named h gets routes in two ways: a VirtualService lists h itself, or a Gateway lists h itself
// and a VirtualService a wider host. Both are found through indices, so nothing else is looked up (or touched).
#include "kube/mesh/route/virtual_host_build.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/bound_virtualservices.h"
#include "kube/mesh/route/merged_server.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 64 }; // VirtualServices of a Gateway that are looked at one by one

struct object_list {
    const struct object **at;
    uint32_t n, cap;
};

static void add(struct arena *a, struct object_list *list, const struct object *o)
{
    *ARENA_PUSH(a, list->at, list->n, list->cap) = o;
}

// --- what one VirtualService gives one Gateway

struct part_question {
    const struct workload *w;
    const struct virtualservice *vs;
    const struct gateway *gateway;
    const struct gateway_server *table; // a server of the table
    const char *name;
};

struct part {
    const struct vs_routes *routes; // NULL if none holds
    uint32_t from; // index of the server that they are made for: those before it get none
};

static bool in_table(const struct gateway_server *s, const struct gateway_server *table)
{
    return s->fate == SERVER_KEPT && gateway_server_same_table(s, table);
}

// The routes are made for the first server on which some hold, and used for all.
static const void *make_part(const struct mesh *m, const void *question)
{
    const struct part_question *q = question;
    struct part *part = arena_alloc(m->arena, sizeof *part);
    struct server_list servers =
        vs_hosts_all_servers(vs_hosts_find(m, q->vs), gateway_hosts_find(m, q->gateway), m->arena);
    for (uint32_t i = 0; i < servers.n && part->routes == NULL; i++) {
        const struct gateway_server *s = merged_server(m, q->w, q->gateway, servers.at[i]);
        if (!in_table(s, q->table)) {
            continue;
        }
        struct vs_routes *r = vs_routes_build(m, q->vs, s, q->w);
        if (vs_routes_hold(r)) {
            r->name = m->memo != NULL ? arena_strdup(m->arena, q->name) : NULL;
            *part = (struct part){r, servers.at[i]};
        }
    }
    return part;
}

static const struct part *find_part(const struct mesh *m, const struct workload *w,
                                    const struct virtualservice *vs, const struct gateway *g,
                                    const struct gateway_server *table)
{
    struct part_question q = {w, vs, g, table, NULL};
    if (vs->hosts.n < 2 && gateway_hosts_find(m, g)->n < 2) {
        return make_part(m, &q); // no other host needs it
    }
    q.name = mesh_answer_name(m->arena, "part", workload_key(m->arena, w), table->table, g->o.ns,
                              g->o.name, vs->o.ns, vs->o.name, NULL);
    return mesh_answer(m, q.name, make_part, &q);
}

// --- the virtual host

struct domain_builder {
    const struct mesh *m;
    const struct virtual_host_question *q;
    struct built_virtual_host *out;
    // "ns/name" of a Gateway -> struct object_list of the VirtualServices that list the domain.
    struct string_map exact;
    struct string_map wider; // the same of those that list a wild host that covers it
    bool wider_known;
    struct string_map empty; // "ns/name" of the VirtualServices in `empty_list`
    const struct virtualservice **empty_list;
    uint32_t empty_cap;
};

static void add_of_gateways(struct domain_builder *b, struct string_map *to, const char *host)
{
    uint32_t n;
    const struct object *const *at = mesh_index(b->m, INDEX_VS_BY_HOST, host, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct vs_hosts *v = vs_hosts_find(b->m, OBJECT_AS(virtualservice, at[i]));
        uint32_t next = 0;
        for (const struct string_map_slot *s; (s = string_map_next(v->gateways, &next)) != NULL;) {
            struct object_list **list = (struct object_list **)string_map_at(to, s->key);
            *list = *list != NULL ? *list : arena_alloc(b->m->arena, sizeof **list);
            add(b->m->arena, *list, at[i]);
        }
    }
}

static void add_list(struct domain_builder *b, struct object_list *out,
                     const struct string_map *from, const char *gateway_id)
{
    const struct object_list *list = string_map_get(from, gateway_id);
    for (uint32_t i = 0; list != NULL && i < list->n; i++) {
        add(b->m->arena, out, list->at[i]);
    }
}

// VirtualServices of the Gateway that list a wider host, as far as they may feed the domain.
static void add_wider(struct domain_builder *b, struct object_list *out, const struct gateway *g,
                      const char *gateway_id)
{
    uint32_t n;
    const struct object *const *bound =
        mesh_index(b->m, INDEX_VS_BY_GATEWAY, g->o.ns, g->o.name, &n);
    for (uint32_t i = 0; n <= FEW && i < n; i++) {
        add(b->m->arena, out, bound[i]);
    }
    for (const char *tail = b->q->domain; n > FEW && !b->wider_known && *tail != '\0'; tail++) {
        add_of_gateways(b, &b->wider, arena_printf(b->m->arena, "*%s", tail + 1));
    }
    if (n > FEW) {
        b->wider_known = true;
        add_list(b, out, &b->wider, gateway_id);
    }
}

// VirtualServices of the Gateway that can feed the domain through some of these servers of it, in the order of merging.
static struct bound_virtualservices *candidates(struct domain_builder *b, const struct gateway *g,
                                                const struct gateway_server *const *servers,
                                                uint32_t n)
{
    const char *id = object_id(b->m->arena, &g->o);
    struct object_list list = {0};
    add_list(b, &list, &b->exact, id);
    struct server_list listing =
        gateway_hosts_listing(gateway_hosts_find(b->m, g), b->m->arena, b->q->domain, false);
    bool listed = false; // else only VirtualServices that list the domain itself
    for (uint32_t i = 0; i < n && !listed; i++) {
        listed = server_list_has(&listing, servers[i]->index);
    }
    if (listed) {
        add_wider(b, &list, g, id);
    }
    return bound_virtualservices_of(b->m, b->q->w, list.at, list.n);
}

// Every Gateway that can feed the domain on the shared table of a plain port, in the order of merging; one that lists
// neither the domain nor has a VirtualService that does gives nothing.
static struct object_list neighbours(struct domain_builder *b)
{
    const struct mesh *m = b->m;
    struct object_list list = {0};
    uint32_t n, next = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&b->exact, &next)) != NULL;) {
        const char *slash = strchr(s->key, '/');
        ASSERT(slash != NULL); // "ns/name"
        const char *ns = arena_strndup(m->arena, s->key, (size_t)(slash - s->key));
        const struct object *o = mesh_get(m, KIND_GATEWAY, ns, slash + 1);
        if (o != NULL) {
            add(m->arena, &list, o);
        }
    }
    const struct object *const *at = mesh_index(m, INDEX_GATEWAY_BY_HOST, b->q->domain, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        add(m->arena, &list, at[i]);
    }
    if (list.n > 1) {
        qsort(list.at, list.n, sizeof *list.at, object_age_order);
    }
    return list;
}

static struct virtual_host *vhost_of(struct domain_builder *b, const struct gateway_server *s)
{
    if (!b->out->found) {
        b->out->found = true;
        b->out->vhost.server = s;
    }
    return &b->out->vhost;
}

// Adds what a VirtualService gives through one server.
static void feed_one(struct domain_builder *b, const struct virtualservice *vs,
                     const struct gateway_server *s)
{
    struct arena *a = b->m->arena;
    const struct part *part = find_part(b->m, b->q->w, vs, s->gateway, b->q->server);
    if (part->routes == NULL || s->index < part->from) {
        if (string_map_add(&b->empty, object_id(a, &vs->o))) {
            *ARENA_PUSH(a, b->empty_list, b->out->nempty, b->empty_cap) = vs;
        }
        return;
    }
    virtual_host_add(a, vhost_of(b, s), part->routes);
    if (server_redirects(s->server)) {
        virtual_host_redirect(&b->out->vhost, s);
    }
}

// A server through which a VirtualService has the domain, and the place of that in the order of merging.
struct feeding {
    uint32_t server, vs;
};

static int by_order(const void *x, const void *y)
{
    const struct feeding *a = x, *b = y;
    if (a->server != b->server) {
        return a->server < b->server ? -1 : 1;
    }
    return a->vs < b->vs ? -1 : a->vs > b->vs;
}

static struct feeding *find_feedings(struct domain_builder *b, const struct gateway_hosts *hosts,
                                     const struct bound_virtualservices *bound, uint32_t *n)
{
    struct arena *a = b->m->arena;
    struct feeding *out = NULL;
    uint32_t cap = 0;
    *n = 0;
    for (uint32_t i = 0; i < bound->n; i++) {
        const struct vs_hosts *v = vs_hosts_find(b->m, bound->at[i]);
        struct server_list through = vs_hosts_servers(v, hosts, a, b->q->domain);
        for (uint32_t k = 0; k < through.n; k++) {
            *ARENA_PUSH(a, out, *n, cap) = (struct feeding){through.at[k], i};
        }
    }
    if (*n > 1) {
        qsort(out, *n, sizeof *out, by_order);
    }
    return out;
}

// Adds what the Gateway's servers of the table give the domain.
static void feed(struct domain_builder *b, const struct gateway *g)
{
    struct arena *a = b->m->arena;
    const struct gateway_hosts *hosts = gateway_hosts_find(b->m, g);
    struct server_list all = gateway_hosts_covering(hosts, a, b->q->domain);
    const struct gateway_server **servers = arena_calloc(a, all.n, sizeof *servers);
    uint32_t n = 0;
    for (uint32_t i = 0; i < all.n; i++) {
        if (server_family_of(&g->servers[all.at[i]]) == b->q->server->family) {
            servers[n] = merged_server(b->m, b->q->w, g, all.at[i]);
            n += in_table(servers[n], b->q->server);
        }
    }
    // With "ns/" the redirect-only virtual host would be named so, and match no request.
    struct server_list listing = gateway_hosts_listing(hosts, a, b->q->domain, true);
    uint32_t nfeedings, f = 0;
    const struct bound_virtualservices *bound = candidates(b, g, servers, n);
    const struct feeding *feedings = find_feedings(b, hosts, bound, &nfeedings);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway_server *s = servers[i];
        while (f < nfeedings && feedings[f].server < s->index) {
            f++; // a server of another table
        }
        for (; f < nfeedings && feedings[f].server == s->index; f++) {
            feed_one(b, bound->at[feedings[f].vs], s);
        }
        if (server_redirects(s->server) && server_list_has(&listing, s->index)) {
            virtual_host_redirect(vhost_of(b, s), s);
        }
    }
}

const void *virtual_host_build(const struct mesh *m, const void *question)
{
    const struct virtual_host_question *q = question;
    struct built_virtual_host *out = arena_alloc(m->arena, sizeof *out);
    out->vhost.domain = arena_strdup(m->arena, q->domain);
    struct domain_builder b = {.m = m, .q = q, .out = out};
    string_map_init(&b.exact, m->arena);
    string_map_init(&b.wider, m->arena);
    string_map_init(&b.empty, m->arena);
    add_of_gateways(&b, &b.exact, q->domain);
    const struct object *own[] = {
        &q->server->gateway->o}; // a table of HTTPS is one Gateway's alone
    struct object_list gateways = {own, 1, 1};
    if (q->server->family == FAMILY_HTTP) {
        gateways = neighbours(&b);
    }
    for (uint32_t i = 0; i < gateways.n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, gateways.at[i]);
        if (gateway_selects(g, q->w) && (i == 0 || gateways.at[i] != gateways.at[i - 1])) {
            feed(&b, g);
        }
    }
    out->empty = b.empty_list;
    return out;
}
