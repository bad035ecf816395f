// SPDX-License-Identifier: Apache-2.0
// The routes of one virtual host on one Gateway, made from only the objects that can feed it.
//
// A virtual host named h gets routes in two ways: a VirtualService lists h itself, or a Gateway lists h itself
// and a VirtualService a wider host. Both ends are in indices, so nothing else is looked at (or touched).
#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/route/route_table.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 64 }; // VirtualServices of a Gateway that are looked at one by one

struct objects {
    const struct object **at;
    uint32_t n, cap;
};

static void add(struct arena *a, struct objects *list, const struct object *o)
{
    for (uint32_t i = 0; i < list->n && i < FEW; i++) {
        if (list->at[i] == o) {
            return;
        }
    }
    if (list->n == list->cap) {
        list->cap = list->cap * 2 + 8;
        const struct object **grown = arena_alloc(a, list->cap * sizeof *grown);
        if (list->n > 0) {
            memcpy(grown, list->at, list->n * sizeof *grown);
        }
        list->at = grown;
    }
    list->at[list->n++] = o;
}

static void add_index(const struct mesh *m, struct objects *list, enum index_kind i, const char *a,
                      const char *b)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, i, a, b, &n);
    for (uint32_t k = 0; k < n; k++) {
        add(m->arena, list, at[k]);
    }
}

// --- the place of a server among those of other Gateways

// The port numbers that lead to one port listened on, each once.
static uint32_t numbers_of(const struct merged_server *s, const struct service *const *services,
                           uint32_t nservices, uint32_t out[16])
{
    uint32_t n = 0;
    out[n++] = s->port;
    if (s->listen != s->port && gateway_listen_port(services, nservices, s->listen) == s->listen) {
        out[n++] = s->listen;
    }
    for (uint32_t i = 0; i < nservices; i++) {
        for (uint32_t j = 0; j < services[i]->nports && n < 16; j++) {
            uint32_t p = services[i]->ports[j].port;
            bool known = gateway_listen_port(services, nservices, p) != s->listen;
            for (uint32_t k = 0; k < n && !known; k++) {
                known = out[k] == p;
            }
            if (!known) {
                out[n++] = p;
            }
        }
    }
    return n;
}

// Finds out whether the server keeps its place: merges it with the Gateways that could take it.
static void settle(const struct mesh *m, const struct workload *w, struct merged_server *s,
                   const struct service *const *services, uint32_t nservices)
{
    uint32_t numbers[16];
    uint32_t n = numbers_of(s, services, nservices, numbers);
    bool http = s->family == FAMILY_HTTP;
    struct objects rivals = {0};
    for (uint32_t i = 0; i < n; i++) {
        const char *port = arena_printf(m->arena, "%u", numbers[i]);
        add_index(m, &rivals, INDEX_GATEWAY_BY_PORT, port, "tcp");
        add_index(m, &rivals, INDEX_GATEWAY_BY_PORT, port, http ? "tls" : "http");
    }
    for (uint32_t i = 0; i < n && rivals.n > 0; i++) {
        const char *port = arena_printf(m->arena, "%u", numbers[i]);
        add_index(m, &rivals, INDEX_GATEWAY_BY_PORT, port, http ? "http" : "tls");
    }
    for (uint32_t h = 0; s->server->tls != NULL && h < s->server->hosts.n; h++) {
        const char *ns;
        const char *host = name_server_host(m->arena, s->server->hosts.at[h], &ns);
        add_index(m, &rivals, INDEX_GATEWAY_BY_HOST, str_lower(m->arena, host), "");
    }
    add(m->arena, &rivals, &s->gateway->o);
    if (rivals.n == 1 && s->gateway->nservers == 1) {
        return;
    }
    const struct merged_gateways *g = gateway_merge_of(m, w, rivals.at, rivals.n);
    for (uint32_t i = 0; i < g->nservers; i++) {
        if (g->servers[i].server == s->server) {
            s->fate = g->servers[i].fate;
            s->rival = g->servers[i].rival;
        }
    }
}

static struct merged_server server_of(const struct mesh *m, const struct gateway *g, uint32_t index,
                                      const struct service *const *services, uint32_t nservices)
{
    const struct server *server = &g->servers[index];
    bool in_range = server->port_present && server->port > 0 && server->port <= 65535;
    struct merged_server s = {.gateway = g, .server = server, .index = index};
    s.hosts = host_server_hosts(m->arena, &server->hosts, g->o.ns);
    s.port = in_range ? (uint32_t)server->port : 0;
    s.listen = gateway_listen_port(services, nservices, s.port);
    s.bind = server->bind != NULL ? server->bind : "";
    s.family = server_family(server);
    s.fate = in_range ? SERVER_KEPT : SERVER_NO_PORT;
    return s;
}

// --- what feeds the virtual host

struct gathering {
    const struct mesh *m;
    const struct workload *w;
    const char *domain;
    struct virtual_host *out;
    struct objects empty; // VirtualServices that give no route
};

static bool bound_to(struct arena *a, const struct virtualservice *vs, const struct gateway *g)
{
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns;
        const char *name;
        if (name_gateway(a, vs->gateways.at[i], vs->o.ns, &ns, &name) && strcmp(ns, g->o.ns) == 0 &&
            strcmp(name, g->o.name) == 0) {
            return true;
        }
    }
    return false;
}

static bool lists(const struct str_list *hosts, const char *domain)
{
    for (uint32_t i = 0; i < hosts->n; i++) {
        const char *slash = strchr(hosts->at[i], '/');
        if (str_casecmp(slash != NULL ? slash + 1 : hosts->at[i], domain) == 0) {
            return true;
        }
    }
    return false;
}

// VirtualServices that can feed the domain through some server of this Gateway.
static void candidates(const struct gathering *g, const struct gateway *gw,
                       const struct merged_server *servers, uint32_t nservers, struct objects *list)
{
    struct arena *a = g->m->arena;
    bool listed = false;
    add_index(g->m, list, INDEX_VS_BY_HOST, g->domain, "");
    for (uint32_t i = 0; i < nservers && !listed; i++) {
        listed = lists(&servers[i].hosts, g->domain);
    }
    if (!listed) {
        return; // only VirtualServices that list the domain itself
    }
    uint32_t n;
    const struct object *const *at =
        mesh_index(g->m, INDEX_VS_BY_GATEWAY, gw->o.ns, gw->o.name, &n);
    if (n <= FEW) {
        for (uint32_t i = 0; i < n; i++) {
            add(a, list, at[i]);
        }
        return;
    }
    for (const char *tail = g->domain + 1; *g->domain != '\0'; tail++) {
        add_index(g->m, list, INDEX_VS_BY_HOST, arena_printf(a, "*%s", tail), "");
        if (*tail == '\0') {
            break;
        }
    }
}

static void append(struct gathering *g, const struct vs_routes *r)
{
    struct virtual_host *v = g->out;
    if (v->n == v->cap) {
        v->cap = v->cap * 2 + 4;
        const struct vs_routes **grown = arena_alloc(g->m->arena, v->cap * sizeof *grown);
        if (v->n > 0) {
            memcpy(grown, v->parts, v->n * sizeof *grown);
        }
        v->parts = grown;
    }
    v->parts[v->n++] = r;
}

static bool redirects(const struct merged_server *s)
{
    return s->server->tls != NULL && s->server->tls->https_redirect;
}

static void set_redirect(struct gathering *g, const struct merged_server *s)
{
    if (redirects(s) && !g->out->https_redirect) {
        g->out->https_redirect = true;
        g->out->redirect_server = s;
    }
}

// What one Gateway's servers of the table give the domain; `servers` live in the arena. As in the whole table, a
// VirtualService's routes are made for the first server that any of its hosts meets, and used for all.
static void feed(struct gathering *g, const struct gateway *gw, const struct merged_server *servers,
                 uint32_t nservers)
{
    struct arena *a = g->m->arena;
    struct objects list = {0};
    candidates(g, gw, servers, nservers, &list);
    struct bound *bound = arena_alloc(a, (list.n + 1) * sizeof *bound);
    uint32_t n = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, list.at[i]);
        enum export_class class = host_export(&vs->export_to, vs->o.ns, g->w->ns);
        if (vs->hosts.n > 0 && class != EXPORT_HIDDEN && bound_to(a, vs, gw)) {
            bound[n++] = (struct bound){vs, class};
        }
    }
    qsort(bound, n, sizeof *bound, bound_order);
    const struct vs_routes **made = arena_alloc(a, (n + 1) * sizeof *made);
    for (uint32_t k = 0; k < nservers; k++) {
        const struct merged_server *s = &servers[k];
        for (uint32_t i = 0; i < n; i++) {
            if (i > 0 && bound[i].vs == bound[i - 1].vs) {
                continue;
            }
            struct str_list hosts = vs_hosts(a, bound[i].vs);
            struct str_list domains = host_intersection(a, &s->hosts, bound[i].vs->o.ns, &hosts);
            if (domains.n > 0 && made[i] == NULL) {
                const struct vs_routes *r = vs_routes_build(g->m, bound[i].vs, s, g->w);
                made[i] = r->n > 0 || r->catch_all != NULL ? r : NULL;
            }
            if (!str_list_has(&domains, g->domain)) {
                continue;
            }
            if (made[i] == NULL) {
                add(a, &g->empty, &bound[i].vs->o);
                continue;
            }
            append(g, made[i]);
            set_redirect(g, s);
        }
        for (uint32_t h = 0; h < s->hosts.n; h++) {
            // With "ns/" the redirect-only virtual host would be named so and match no request.
            if (strchr(s->hosts.at[h], '/') == NULL &&
                str_casecmp(s->hosts.at[h], g->domain) == 0) {
                set_redirect(g, s);
            }
        }
    }
}

// Every Gateway that can feed the domain on the shared table of a plain port.
static void neighbours(const struct gathering *g, struct objects *list)
{
    const struct mesh *m = g->m;
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_HOST, g->domain, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, at[i]);
        for (uint32_t k = 0; k < vs->gateways.n; k++) {
            const char *ns;
            const char *name;
            if (name_gateway(m->arena, vs->gateways.at[k], vs->o.ns, &ns, &name)) {
                const struct object *o = mesh_get(m, KIND_GATEWAY, ns, name);
                if (o != NULL) {
                    add(m->arena, list, o);
                }
            }
        }
    }
    add_index(m, list, INDEX_GATEWAY_BY_HOST, g->domain, "");
}

static bool serves(struct arena *a, const struct merged_server *s, const char *domain)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        const char *slash = strchr(s->hosts.at[i], '/');
        if (host_within(domain, str_lower(a, slash != NULL ? slash + 1 : s->hosts.at[i]))) {
            return true;
        }
    }
    return false;
}

// The server of the Gateway that the answer is about: one that is kept goes before one that lost, one that
// answers before one that only redirects to https.
static const struct merged_server *main_server(const struct gathering *g, const struct gateway *gw,
                                               const struct service *const *services,
                                               uint32_t nservices)
{
    const struct merged_server *best = NULL;
    int best_rank = -1;
    for (uint32_t i = 0; i < gw->nservers; i++) {
        struct merged_server s = server_of(g->m, gw, i, services, nservices);
        bool http = s.family == FAMILY_HTTP || s.family == FAMILY_HTTPS;
        if (!http || !serves(g->m->arena, &s, g->domain)) {
            continue;
        }
        if (s.fate == SERVER_KEPT) {
            settle(g->m, g->w, &s, services, nservices);
        }
        int rank = (s.fate == SERVER_KEPT ? 2 : 0) + !redirects(&s);
        if (rank > best_rank) {
            struct merged_server *copy = arena_alloc(g->m->arena, sizeof *copy);
            *copy = s;
            best = copy;
            best_rank = rank;
        }
    }
    return best;
}

static void set_empty(const struct gathering *g, struct vhost_answer *out)
{
    const struct virtualservice **at = arena_alloc(g->m->arena, (g->empty.n + 1) * sizeof *at);
    for (uint32_t i = 0; i < g->empty.n; i++) {
        at[i] = OBJECT_AS(virtualservice, g->empty.at[i]);
    }
    out->empty = at;
    out->nempty = g->empty.n;
}

const struct vhost_answer *vhost_routes(const struct mesh *m, const struct workload *w,
                                        const struct gateway *gw, const char *host)
{
    struct vhost_answer *out = arena_alloc(m->arena, sizeof *out);
    struct gathering g = {.m = m, .w = w, .domain = str_lower(m->arena, host), .out = &out->vhost};
    uint32_t nservices;
    const struct service *const *services = workload_services(m, w, &nservices);
    out->vhost.domain = g.domain;
    out->server = main_server(&g, gw, services, nservices);
    if (out->server == NULL) {
        return NULL;
    }
    out->vhost.server = out->server;
    if (out->server->fate != SERVER_KEPT) {
        out->dropped = true;
        return out;
    }
    if (out->server->family == FAMILY_HTTPS) {
        feed(&g, gw, out->server, 1);
        set_empty(&g, out);
        return out;
    }
    struct objects list = {0};
    add(m->arena, &list, &gw->o);
    neighbours(&g, &list);
    qsort(list.at, list.n, sizeof *list.at, object_age_order);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct gateway *x = OBJECT_AS(gateway, list.at[i]);
        if (!gateway_selects(x, w) || (i > 0 && list.at[i] == list.at[i - 1])) {
            continue;
        }
        struct merged_server *servers = arena_alloc(m->arena, (x->nservers + 1) * sizeof *servers);
        uint32_t n = 0;
        for (uint32_t j = 0; j < x->nservers; j++) {
            struct merged_server s = server_of(m, x, j, services, nservices);
            if (s.family == FAMILY_HTTP && s.fate == SERVER_KEPT &&
                s.listen == out->server->listen && strcmp(s.bind, out->server->bind) == 0) {
                settle(m, w, &s, services, nservices);
                servers[n] = s;
                n += s.fate == SERVER_KEPT;
            }
        }
        feed(&g, x, servers, n);
    }
    set_empty(&g, out);
    return out;
}
