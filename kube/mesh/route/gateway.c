// SPDX-License-Identifier: Apache-2.0
// How the servers of all Gateways of one workload merge into listeners.
#include "kube/mesh/route/gateway.h"

#include "kube/base/string_map.h"
#include "kube/base/text.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/object_order.h"

#include <stdlib.h>
#include <string.h>

bool protocol_is_http(const char *protocol)
{
    static const char *const http[] = {"HTTP", "HTTP2", "GRPC", "GRPC-Web", "HTTP_PROXY"};
    for (size_t i = 0; protocol != NULL && i < sizeof http / sizeof *http; i++) {
        if (str_casecmp(protocol, http[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool passthrough(const struct server *s)
{
    return s->tls != NULL &&
           (s->tls->mode == TLS_PASSTHROUGH || s->tls->mode == TLS_AUTO_PASSTHROUGH);
}

enum server_family server_family(const struct server *s)
{
    if (protocol_is_http(s->protocol)) {
        return FAMILY_HTTP;
    }
    if (s->tls == NULL) {
        return FAMILY_TCP;
    }
    bool https = s->protocol != NULL && str_casecmp(s->protocol, "HTTPS") == 0;
    return https && !passthrough(s) ? FAMILY_HTTPS : FAMILY_TLS;
}

// What was put on one port so far.
struct port_state {
    const struct merged_server *plain; // the first server of the port, where it is no TLS server
    const struct merged_server *first;
    struct bind_seen {
        const char *bind;
        struct bind_seen *next;
    } * binds; // of the servers that followed a TLS server
};

struct merge {
    const struct mesh *m;
    struct merged_gateways *out;
    struct string_map ports;     // "8080" -> struct port_state
    struct string_map tls_hosts; // "8443 host" -> merged_server that has it
    struct string_map tables;    // route table name -> merged_server
    struct string_map listeners; // "8080 bind" -> index + 1
};

static const char *table_name(const struct merge *g, const struct merged_server *s)
{
    struct arena *a = g->m->arena;
    const char *dot = *s->bind != '\0' ? "." : "";
    if (s->family == FAMILY_HTTP) {
        return arena_printf(a, "http.%u%s%s", s->listen, dot, s->bind);
    }
    if (s->family == FAMILY_HTTPS) {
        return arena_printf(a, "https.%u.%s.%s.%s%s%s", s->port,
                            s->server->port_name != NULL ? s->server->port_name : "",
                            s->gateway->o.name, s->gateway->o.ns, dot, s->bind);
    }
    return NULL;
}

static bool take_tls_hosts(struct merge *g, struct merged_server *s)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        const char *key = arena_printf(g->m->arena, "%u %s", s->listen, s->hosts.at[i]);
        const struct merged_server *other = string_map_get(&g->tls_hosts, key);
        if (other != NULL && strcmp(other->bind, s->bind) == 0) {
            s->fate = SERVER_HOST_TAKEN;
            s->rival = other;
            return false;
        }
    }
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        *string_map_at(&g->tls_hosts,
                       arena_printf(g->m->arena, "%u %s", s->listen, s->hosts.at[i])) = s;
    }
    return true;
}

static bool lose(struct merged_server *s, enum server_fate fate, const struct merged_server *rival)
{
    s->fate = fate;
    s->rival = rival;
    return false;
}

// A server whose port already has one.
static bool share_port(struct merge *g, struct port_state *p, struct merged_server *s)
{
    bool http = s->family == FAMILY_HTTP;
    if (p->plain != NULL) {
        bool same_bind = strcmp(p->plain->bind, s->bind) == 0;
        bool fits = http && p->plain->family == FAMILY_HTTP;
        return fits || !same_bind ? true : lose(s, SERVER_PROTOCOL, p->plain);
    }
    if (s->family == FAMILY_HTTPS || http) {
        const struct merged_server *other = string_map_get(&g->tables, s->table);
        if (other != NULL) {
            return lose(s, SERVER_NAME_TAKEN, other);
        }
    }
    bool new_bind = true;
    for (const struct bind_seen *b = p->binds; b != NULL; b = b->next) {
        new_bind = new_bind && strcmp(b->bind, s->bind) != 0;
    }
    if (new_bind) {
        struct bind_seen *b = arena_alloc(g->m->arena, sizeof *b);
        *b = (struct bind_seen){s->bind, p->binds};
        p->binds = b;
    }
    return s->server->tls != NULL || new_bind ? true : lose(s, SERVER_PROTOCOL, p->first);
}

static void listen_on(struct merge *g, struct merged_server *s)
{
    struct merged_gateways *out = g->out;
    const char *key = arena_printf(g->m->arena, "%u %s", s->listen, s->bind);
    void **at = string_map_at(&g->listeners, key);
    struct listener *l = *at;
    if (l == NULL) {
        l = arena_alloc(g->m->arena, sizeof *l);
        *l = (struct listener){.port = s->listen, .bind = s->bind};
        *at = l;
        out->nlisteners++;
    }
    if (l->n == l->cap) {
        l->cap = l->cap * 2 + 4;
        struct merged_server **grown = arena_alloc(g->m->arena, l->cap * sizeof *grown);
        if (l->n > 0) {
            memcpy(grown, l->servers, l->n * sizeof *grown);
        }
        l->servers = grown;
    }
    l->servers[l->n++] = s;
}

static void place(struct merge *g, struct merged_server *s)
{
    if (!s->server->port_present || s->port == 0) {
        s->fate = SERVER_NO_PORT;
        return;
    }
    s->table = table_name(g, s);
    if (s->server->tls != NULL && !take_tls_hosts(g, s)) {
        return;
    }
    void **at = string_map_at(&g->ports, arena_printf(g->m->arena, "%u", s->listen));
    struct port_state *p = *at;
    if (p == NULL) {
        p = arena_alloc(g->m->arena, sizeof *p);
        *p = (struct port_state){.first = s};
        bool tls_server = s->server->tls != NULL && s->family != FAMILY_HTTP;
        p->plain = tls_server ? NULL : s;
        *at = p;
    } else if (!share_port(g, p, s)) {
        return;
    }
    if (s->table != NULL && string_map_get(&g->tables, s->table) == NULL) {
        *string_map_at(&g->tables, s->table) = s;
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

const struct merged_gateways *gateway_merge_of(const struct mesh *m, const struct workload *w,
                                               const struct object *const *gateways, uint32_t n)
{
    struct merged_gateways *out = arena_alloc(m->arena, sizeof *out);
    struct merge g = {.m = m, .out = out};
    string_map_init(&g.ports, m->arena);
    string_map_init(&g.tls_hosts, m->arena);
    string_map_init(&g.tables, m->arena);
    string_map_init(&g.listeners, m->arena);
    out->workload = w;
    out->services = workload_services(m, w, &out->nservices);
    const struct object **chosen = arena_alloc(m->arena, (n + 1) * sizeof *chosen);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (gateway_selects(OBJECT_AS(gateway, gateways[i]), w)) {
            chosen[k++] = gateways[i];
        }
    }
    qsort(chosen, k, sizeof *chosen, object_age_order);
    uint32_t different = 0;
    for (uint32_t i = 0; i < k; i++) {
        if (different == 0 || chosen[i] != chosen[different - 1]) {
            chosen[different++] = chosen[i];
            out->nservers += OBJECT_AS(gateway, chosen[i])->nservers;
        }
    }
    k = different;
    out->servers = arena_alloc(m->arena, (out->nservers + 1) * sizeof *out->servers);
    struct merged_server *s = out->servers;
    for (uint32_t i = 0; i < k; i++) {
        const struct gateway *gw = OBJECT_AS(gateway, chosen[i]);
        for (uint32_t j = 0; j < gw->nservers; j++, s++) {
            const struct server *server = &gw->servers[j];
            bool in_range = server->port > 0 && server->port <= 65535;
            *s = (struct merged_server){.gateway = gw, .server = server, .index = j};
            s->hosts = host_server_hosts(m->arena, &server->hosts, gw->o.ns);
            s->port = in_range ? (uint32_t)server->port : 0;
            s->listen = gateway_listen_port(out->services, out->nservices, s->port);
            s->bind = server->bind != NULL ? server->bind : "";
            s->family = server_family(server);
            place(&g, s);
        }
    }
    out->listeners = arena_alloc(m->arena, (out->nlisteners + 1) * sizeof *out->listeners);
    uint32_t nl = 0;
    for (uint32_t i = 0; i < g.listeners.cap; i++) {
        if (g.listeners.slots[i].key != NULL) {
            out->listeners[nl++] = *(const struct listener *)g.listeners.slots[i].value;
        }
    }
    qsort(out->listeners, nl, sizeof *out->listeners, by_port);
    return out;
}

// How well the server's filter chains fit the name: 0 not at all, a wildcard's length, SIZE_MAX exactly. One "*"
// among the names of a chain and it takes every name, but only as the last resort.
static size_t sni_rank(const struct merged_server *s, const char *sni)
{
    const struct str_list *names = s->sni_known ? &s->sni : &s->hosts;
    size_t best = 0;
    for (uint32_t i = 0; i < names->n; i++) {
        const char *slash = strchr(names->at[i], '/');
        const char *host = slash != NULL ? slash + 1 : names->at[i];
        if (strcmp(host, "*") == 0) {
            return 1;
        }
        size_t rank = !host_matches(host, sni) ? 0 : host_wild(host) ? strlen(host) : SIZE_MAX;
        best = rank > best ? rank : best;
    }
    return best;
}

const struct merged_server *listener_by_sni(const struct listener *l, const char *sni)
{
    const struct merged_server *best = NULL;
    size_t best_rank = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct merged_server *s = l->servers[i];
        bool tls = s->family == FAMILY_HTTPS || s->family == FAMILY_TLS;
        size_t rank = tls ? sni_rank(s, sni) : 0;
        if (rank > best_rank) {
            best = s;
            best_rank = rank;
        }
    }
    return best;
}

const struct merged_gateways *gateway_merge(const struct mesh *m, const struct workload *w)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_GATEWAY, &n);
    return gateway_merge_of(m, w, all, n);
}
