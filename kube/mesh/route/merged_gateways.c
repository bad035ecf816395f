// SPDX-License-Identifier: Apache-2.0
// How the servers of all Gateways of one workload merge into listeners.
#include "kube/mesh/route/merged_gateways.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/core/object_order.h"

#include <stdlib.h>
#include <string.h>

struct bound_address { // of one port
    const char *bind;
    struct bound_address *next;
};

// What was put on one port so far.
struct port_state {
    const struct gateway_server *plain; // the first server of the port, if it is no TLS server
    const struct gateway_server *first;
    struct bound_address *addresses; // of the servers that followed a TLS server
};

struct gateway_merge {
    struct arena *a;
    struct string_map ports;     // "8080" -> struct port_state
    struct string_map tls_hosts; // "8443 host" -> the gateway_server that has it
    struct string_map tables;    // route table name -> gateway_server
    struct string_map listeners; // "8080 bind" -> struct listener
};

static bool lose(struct gateway_server *s, enum server_fate fate,
                 const struct gateway_server *rival)
{
    s->fate = fate;
    s->rival = rival;
    return false;
}

// No two TLS servers of one port and bind share a host.
static bool take_tls_hosts(struct gateway_merge *g, struct gateway_server *s)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        const char *key = arena_printf(g->a, "%u %s", s->listen, s->hosts.at[i]);
        const struct gateway_server *other = string_map_get(&g->tls_hosts, key);
        if (other != NULL && strcmp(other->bind, s->bind) == 0) {
            return lose(s, SERVER_HOST_TAKEN, other);
        }
    }
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        string_map_put(&g->tls_hosts, arena_printf(g->a, "%u %s", s->listen, s->hosts.at[i]), s);
    }
    return true;
}

// True if none of those that followed the port's TLS server bound this address.
static bool bind_address(struct gateway_merge *g, struct port_state *p, const char *bind)
{
    for (const struct bound_address *b = p->addresses; b != NULL; b = b->next) {
        if (strcmp(b->bind, bind) == 0) {
            return false;
        }
    }
    struct bound_address *b = arena_alloc(g->a, sizeof *b);
    *b = (struct bound_address){bind, p->addresses};
    p->addresses = b;
    return true;
}

// A server whose port already has one.
static bool share_port(struct gateway_merge *g, struct port_state *p, struct gateway_server *s)
{
    if (p->plain != NULL) {
        bool same_bind = strcmp(p->plain->bind, s->bind) == 0;
        bool fits = s->family == FAMILY_HTTP && p->plain->family == FAMILY_HTTP;
        return fits || !same_bind || lose(s, SERVER_PROTOCOL, p->plain);
    }
    const struct gateway_server *other =
        s->table != NULL ? string_map_get(&g->tables, s->table) : NULL;
    if (other != NULL) {
        return lose(s, SERVER_NAME_TAKEN, other);
    }
    bool new_address = bind_address(g, p, s->bind);
    return s->server->tls != NULL || new_address || lose(s, SERVER_PROTOCOL, p->first);
}

static bool take_port(struct gateway_merge *g, struct gateway_server *s)
{
    void **at = string_map_at(&g->ports, arena_printf(g->a, "%u", s->listen));
    if (*at != NULL) {
        return share_port(g, *at, s);
    }
    bool tls = s->server->tls != NULL && s->family != FAMILY_HTTP;
    struct port_state *p = arena_alloc(g->a, sizeof *p);
    *p = (struct port_state){.first = s, .plain = tls ? NULL : s};
    *at = p;
    return true;
}

static void listen_on(struct gateway_merge *g, struct gateway_server *s)
{
    void **at = string_map_at(&g->listeners, arena_printf(g->a, "%u %s", s->listen, s->bind));
    struct listener *l = *at;
    if (l == NULL) {
        l = arena_alloc(g->a, sizeof *l);
        *l = (struct listener){.port = s->listen, .bind = s->bind};
        *at = l;
    }
    *ARENA_PUSH(g->a, l->servers, l->n, l->cap) = s;
}

static void add_server(struct gateway_merge *g, struct gateway_server *s)
{
    if (s->fate != SERVER_KEPT) {
        return;
    }
    s->table = gateway_server_table(g->a, s);
    if ((s->server->tls != NULL && !take_tls_hosts(g, s)) || !take_port(g, s)) {
        return;
    }
    if (s->table != NULL && string_map_get(&g->tables, s->table) == NULL) {
        string_map_put(&g->tables, s->table, s);
    }
    listen_on(g, s);
}

static int by_port(const void *x, const void *y)
{
    const struct listener *a = x;
    const struct listener *b = y;
    if (a->port != b->port) {
        return a->port < b->port ? -1 : 1;
    }
    return strcmp(a->bind, b->bind);
}

// Those of the Gateways that select the workload, oldest first, each once.
static const struct object *const *choose_gateways(struct arena *a, const struct workload *w,
                                                   const struct object *const *gateways, uint32_t n,
                                                   uint32_t *count)
{
    const struct object **chosen = arena_calloc(a, n, sizeof *chosen);
    uint32_t selecting = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (gateway_selects(OBJECT_AS(gateway, gateways[i]), w)) {
            chosen[selecting++] = gateways[i];
        }
    }
    qsort(chosen, selecting, sizeof *chosen, object_age_order);
    *count = 0;
    for (uint32_t i = 0; i < selecting; i++) {
        if (*count == 0 || chosen[i] != chosen[*count - 1]) {
            chosen[(*count)++] = chosen[i];
        }
    }
    return chosen;
}

static void set_listeners(struct gateway_merge *g, struct merged_gateways *out)
{
    out->listeners = arena_calloc(g->a, g->listeners.n, sizeof *out->listeners);
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&g->listeners, &at)) != NULL;) {
        out->listeners[out->nlisteners++] = *(const struct listener *)s->value;
    }
    qsort(out->listeners, out->nlisteners, sizeof *out->listeners, by_port);
}

const struct merged_gateways *merged_gateways_build_of(const struct mesh *m,
                                                       const struct workload *w,
                                                       const struct object *const *gateways,
                                                       uint32_t n)
{
    struct arena *a = m->arena;
    struct gateway_merge g = {.a = a};
    string_map_init(&g.ports, a);
    string_map_init(&g.tls_hosts, a);
    string_map_init(&g.tables, a);
    string_map_init(&g.listeners, a);
    struct merged_gateways *out = arena_alloc(a, sizeof *out);
    out->services = workload_services_find(m, w);
    string_map_init(&out->by_gateway, a);
    uint32_t count;
    const struct object *const *chosen = choose_gateways(a, w, gateways, n, &count);
    size_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        most += OBJECT_AS(gateway, chosen[i])->nservers;
    }
    out->servers = arena_calloc(a, most, sizeof *out->servers);
    for (uint32_t i = 0; i < count; i++) {
        const struct gateway *gw = OBJECT_AS(gateway, chosen[i]);
        const struct gateway_hosts *hosts = gateway_hosts_find(m, gw);
        string_map_put(&out->by_gateway, object_id(a, &gw->o), &out->servers[out->nservers]);
        for (uint32_t j = 0; j < gw->nservers; j++) {
            struct gateway_server *s = &out->servers[out->nservers++];
            *s = gateway_server_of(hosts, j, out->services);
            add_server(&g, s);
        }
    }
    set_listeners(&g, out);
    return out;
}

const struct merged_gateways *merged_gateways_build(const struct mesh *m, const struct workload *w)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_GATEWAY, &n);
    return merged_gateways_build_of(m, w, all, n);
}

const struct gateway_server *merged_gateways_server(const struct merged_gateways *merged,
                                                    struct arena *scratch, const struct gateway *g,
                                                    uint32_t index)
{
    ASSERT(index < g->nservers);
    const struct gateway_server *first =
        string_map_get(&merged->by_gateway, object_id(scratch, &g->o));
    return first != NULL ? &first[index] : NULL;
}
