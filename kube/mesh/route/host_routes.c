// SPDX-License-Identifier: Apache-2.0
// The routes of one host on one Gateway, made from only the objects that can feed them.
//
// A virtual host named h gets routes in two ways: a VirtualService lists h itself, or a Gateway lists h itself
// and a VirtualService a wider host. Both ends are in indices, so nothing else is looked at (or touched). What such
// objects give the host is decided where whole tables are built, too (virtual_host_set.c).
#include "kube/mesh/route/host_routes.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/merged_gateways.h"
#include "kube/mesh/route/virtual_host_set.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 64 }; // VirtualServices of a Gateway that are looked at one by one

struct object_list {
    const struct object **at;
    uint32_t n, cap;
};

static void add(struct arena *a, struct object_list *list, const struct object *o)
{
    for (uint32_t i = 0; i < list->n && i < FEW; i++) {
        if (list->at[i] == o) {
            return;
        }
    }
    *ARENA_PUSH(a, list->at, list->n, list->cap) = o;
}

static void add_index(const struct mesh *m, struct object_list *list, enum index_kind i,
                      const char *a, const char *b)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, i, a, b, &n);
    for (uint32_t k = 0; k < n; k++) {
        add(m->arena, list, at[k]);
    }
}

// The question, and what all of its steps need.
struct host_query {
    const struct mesh *m;
    const struct workload *w;
    const char *domain; // lower case
    const struct service *const *services;
    uint32_t nservices;
};

// --- the place of a server among those of other Gateways

struct port_numbers { // grows in an arena
    uint32_t *at, n, cap;
};

static void add_number(struct arena *a, struct port_numbers *list, uint32_t port)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->at[i] == port) {
            return;
        }
    }
    *ARENA_PUSH(a, list->at, list->n, list->cap) = port;
}

// The port numbers that lead to the port that the server listens on, each once.
static struct port_numbers numbers_of(const struct host_query *q, const struct gateway_server *s)
{
    struct arena *a = q->m->arena;
    struct port_numbers out = {0};
    add_number(a, &out, s->port);
    if (workload_listen_port(q->services, q->nservices, s->listen) == s->listen) {
        add_number(a, &out, s->listen);
    }
    for (uint32_t i = 0; i < q->nservices; i++) {
        for (uint32_t j = 0; j < q->services[i]->nports; j++) {
            uint32_t p = q->services[i]->ports[j].port;
            if (workload_listen_port(q->services, q->nservices, p) == s->listen) {
                add_number(a, &out, p);
            }
        }
    }
    return out;
}

// The Gateways that could take the server's place: same port, or for TLS the same host.
static struct object_list rivals_of(const struct host_query *q, const struct gateway_server *s)
{
    struct arena *a = q->m->arena;
    struct port_numbers ports = numbers_of(q, s);
    bool http = s->family == FAMILY_HTTP;
    struct object_list rivals = {0};
    for (uint32_t i = 0; i < ports.n; i++) {
        const char *port = arena_printf(a, "%u", ports.at[i]);
        add_index(q->m, &rivals, INDEX_GATEWAY_BY_PORT, port, "tcp");
        add_index(q->m, &rivals, INDEX_GATEWAY_BY_PORT, port, http ? "tls" : "http");
    }
    // Those of the same kind matter only where the port has others: alone they share it.
    for (uint32_t i = 0; i < ports.n && rivals.n > 0; i++) {
        const char *port = arena_printf(a, "%u", ports.at[i]);
        add_index(q->m, &rivals, INDEX_GATEWAY_BY_PORT, port, http ? "http" : "tls");
    }
    for (uint32_t h = 0; s->server->tls != NULL && h < s->server->hosts.n; h++) {
        const char *host = name_without_ns(s->server->hosts.at[h]);
        add_index(q->m, &rivals, INDEX_GATEWAY_BY_HOST, str_lower(a, host), "");
    }
    add(a, &rivals, &s->gateway->o);
    return rivals;
}

// Finds out whether the server keeps its place: merges it with the Gateways that could take it.
static void settle(const struct host_query *q, struct gateway_server *s)
{
    struct object_list rivals = rivals_of(q, s);
    if (rivals.n == 1 && s->gateway->nservers == 1) {
        return;
    }
    const struct merged_gateways *g = merged_gateways_build_of(q->m, q->w, rivals.at, rivals.n);
    for (uint32_t i = 0; i < g->nservers; i++) {
        if (g->servers[i].server == s->server) {
            s->fate = g->servers[i].fate;
            s->rival = g->servers[i].rival;
        }
    }
}

// The server of the Gateway that the answer is about: one that is kept goes before one that lost, one that
// answers before one that only redirects to https. NULL where none serves the host.
static struct gateway_server *main_server(const struct host_query *q, const struct gateway *g)
{
    struct arena *a = q->m->arena;
    struct gateway_server *best = NULL;
    int best_rank = -1;
    for (uint32_t i = 0; i < g->nservers; i++) {
        struct gateway_server s = gateway_server_of(a, g, i, q->services, q->nservices);
        bool http = s.family == FAMILY_HTTP || s.family == FAMILY_HTTPS;
        if (!http || !gateway_server_covers(a, &s, q->domain)) {
            continue;
        }
        if (s.fate == SERVER_KEPT) {
            settle(q, &s);
        }
        int rank = (s.fate == SERVER_KEPT ? 2 : 0) + !server_redirects(s.server);
        if (rank > best_rank) {
            best = arena_alloc(a, sizeof *best);
            *best = s;
            best_rank = rank;
        }
    }
    return best;
}

// --- what feeds the virtual host

static bool names_gateway(struct arena *a, const struct virtualservice *vs, const struct gateway *g)
{
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns;
        const char *name;
        if (name_resolve_gateway(a, vs->gateways.at[i], vs->o.ns, &ns, &name) &&
            strcmp(ns, g->o.ns) == 0 && strcmp(name, g->o.name) == 0) {
            return true;
        }
    }
    return false;
}

// VirtualServices of the Gateway that can feed the domain through some of these servers of it.
static struct bound_virtualservices *candidates(const struct host_query *q, const struct gateway *g,
                                                const struct gateway_server *servers, uint32_t n)
{
    struct arena *a = q->m->arena;
    struct object_list list = {0};
    add_index(q->m, &list, INDEX_VS_BY_HOST, q->domain, "");
    bool listed = false; // else only VirtualServices that list the domain itself
    for (uint32_t i = 0; i < n && !listed; i++) {
        listed = gateway_server_lists(&servers[i], q->domain);
    }
    if (listed) {
        uint32_t nbound;
        const struct object *const *bound =
            mesh_index(q->m, INDEX_VS_BY_GATEWAY, g->o.ns, g->o.name, &nbound);
        for (uint32_t i = 0; nbound <= FEW && i < nbound; i++) {
            add(a, &list, bound[i]);
        }
        for (const char *tail = q->domain; nbound > FEW && *tail != '\0'; tail++) {
            add_index(q->m, &list, INDEX_VS_BY_HOST, arena_printf(a, "*%s", tail + 1), "");
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        if (names_gateway(a, OBJECT_AS(virtualservice, list.at[i]), g)) {
            list.at[kept++] = list.at[i];
        }
    }
    return bound_virtualservices_of(q->m, q->w, list.at, kept);
}

// Every Gateway that can feed the domain on the shared table of a plain port.
static void add_neighbours(const struct host_query *q, struct object_list *list)
{
    const struct mesh *m = q->m;
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_HOST, q->domain, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, at[i]);
        for (uint32_t k = 0; k < vs->gateways.n; k++) {
            const char *ns;
            const char *name;
            if (name_resolve_gateway(m->arena, vs->gateways.at[k], vs->o.ns, &ns, &name)) {
                const struct object *o = mesh_get(m, KIND_GATEWAY, ns, name);
                if (o != NULL) {
                    add(m->arena, list, o);
                }
            }
        }
    }
    add_index(m, list, INDEX_GATEWAY_BY_HOST, q->domain, "");
}

// What the Gateway's servers of the chosen server's table give the domain.
static void feed(const struct host_query *q, struct virtual_host_set *set, const struct gateway *g,
                 const struct gateway_server *chosen)
{
    struct arena *a = q->m->arena;
    struct gateway_server *servers = arena_calloc(a, g->nservers, sizeof *servers);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nservers; i++) {
        if (&g->servers[i] == chosen->server) {
            servers[n++] = *chosen;
            continue;
        }
        if (server_family(&g->servers[i]) != chosen->family) {
            continue;
        }
        struct gateway_server s = gateway_server_of(a, g, i, q->services, q->nservices);
        if (s.fate == SERVER_KEPT && gateway_server_same_table(&s, chosen)) {
            settle(q, &s);
            servers[n] = s;
            n += s.fate == SERVER_KEPT;
        }
    }
    struct bound_virtualservices *bound = candidates(q, g, servers, n);
    for (uint32_t i = 0; i < n; i++) {
        virtual_host_set_feed(set, bound, &servers[i]);
    }
}

const struct host_routes *host_routes_find(const struct mesh *m, const struct workload *w,
                                           const struct gateway *g, const char *host)
{
    struct host_query q = {.m = m, .w = w, .domain = str_lower(m->arena, host)};
    q.services = workload_services(m, w, &q.nservices);
    struct host_routes *out = arena_alloc(m->arena, sizeof *out);
    *out = (struct host_routes){.server = main_server(&q, g)};
    out->vhost = (struct virtual_host){.domain = q.domain, .server = out->server};
    if (out->server == NULL) {
        return NULL;
    }
    if (out->server->fate != SERVER_KEPT) {
        out->dropped = true;
        return out;
    }
    struct object_list gateways = {0};
    add(m->arena, &gateways, &g->o);
    if (out->server->family == FAMILY_HTTP) { // a table of HTTPS is one Gateway's alone
        add_neighbours(&q, &gateways);
        qsort(gateways.at, gateways.n, sizeof *gateways.at, object_age_order);
    }
    struct virtual_host_set set;
    virtual_host_set_init(&set, m, w, q.domain);
    for (uint32_t i = 0; i < gateways.n; i++) {
        const struct gateway *x = OBJECT_AS(gateway, gateways.at[i]);
        if (gateway_selects(x, w) && (i == 0 || gateways.at[i] != gateways.at[i - 1])) {
            feed(&q, &set, x, out->server);
        }
    }
    const struct virtual_host *v = virtual_host_set_get(&set, q.domain);
    if (v != NULL) {
        out->vhost = *v;
    }
    out->empty = set.empty;
    out->nempty = set.nempty;
    return out;
}
