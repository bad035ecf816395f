// SPDX-License-Identifier: Apache-2.0
// The routes of one host on one Gateway.
#include "kube/mesh/route/host_routes.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/merged_server.h"
#include "kube/mesh/route/rejected_route_table.h"
#include "kube/mesh/route/virtual_host_build.h"

// The server of the Gateway that the answer is about: one that is kept goes before one that lost, one that
// answers before one that only redirects to https. NULL if none serves the host.
static const struct gateway_server *main_server(const struct mesh *m, const struct workload *w,
                                                const struct gateway *g, const char *domain)
{
    const struct gateway_server *best = NULL;
    int best_rank = -1;
    struct server_list all = gateway_hosts_covering(gateway_hosts_find(m, g), m->arena, domain);
    for (uint32_t i = 0; i < all.n; i++) {
        const struct server *server = &g->servers[all.at[i]];
        enum server_family family = server_family_of(server);
        if (family != FAMILY_HTTP && family != FAMILY_HTTPS) {
            continue;
        }
        const struct gateway_server *s = merged_server(m, w, g, all.at[i]);
        int rank = (s->fate == SERVER_KEPT ? 2 : 0) + !server_redirects(server);
        if (rank > best_rank) {
            best = s;
            best_rank = rank;
        }
    }
    return best;
}

// Sets what Envoy refuses of the tables that have the domain on this Gateway.
static void set_refused(const struct mesh *m, const struct workload *w, const struct gateway *g,
                        struct host_routes *out)
{
    out->refused = rejected_route_table_find(m, w, out->server);
    // Touched by rejected_route_table_find.
    bool none = mesh_index_count(m, INDEX_VS_BY_BAD_REDIRECT, "", "") == 0;
    if (none || out->refused != NULL || g->nservers < 2) {
        return;
    }
    struct server_list all =
        gateway_hosts_covering(gateway_hosts_find(m, g), m->arena, out->vhost.domain);
    for (uint32_t i = 0; i < all.n && out->also_refused == NULL; i++) {
        enum server_family family = server_family_of(&g->servers[all.at[i]]);
        if (family != FAMILY_HTTP && family != FAMILY_HTTPS) {
            continue;
        }
        const struct gateway_server *s = merged_server(m, w, g, all.at[i]);
        if (s->fate == SERVER_KEPT) {
            out->also_refused = rejected_route_table_find(m, w, s);
            out->also = s;
        }
    }
}

// Whether other VirtualServices or Gateways have the virtual host, too.
static bool is_shared(const struct mesh *m, const char *domain)
{
    return mesh_index_count(m, INDEX_VS_BY_HOST, domain, "") > 1 ||
           mesh_index_count(m, INDEX_GATEWAY_BY_HOST, domain, "") > 1;
}

static void build(const struct mesh *m, const struct workload *w, struct host_routes *out)
{
    const struct gateway_server *server = out->server;
    const char *domain = out->vhost.domain;
    struct virtual_host_question q = {w, server, domain};
    const struct built_virtual_host *built;
    if (m->memo != NULL && is_shared(m, domain)) {
        out->name = mesh_answer_name(m->arena, "virtual host", workload_key(m->arena, w),
                                     server->table, domain, NULL);
        built = mesh_answer(m, out->name, virtual_host_build, &q);
    } else {
        built = virtual_host_build(m, &q);
    }
    if (built->found) {
        out->vhost = built->vhost;
    }
    out->empty = built->empty;
    out->nempty = built->nempty;
}

const struct host_routes *host_routes_on(const struct mesh *m, const struct workload *w,
                                         const struct gateway_server *server, const char *domain)
{
    struct host_routes *out = arena_alloc(m->arena, sizeof *out);
    *out = (struct host_routes){.server = server};
    out->vhost = (struct virtual_host){.domain = domain, .server = server};
    out->refused = rejected_route_table_find(m, w, server);
    build(m, w, out);
    return out;
}

const struct host_routes *host_routes_find(const struct mesh *m, const struct workload *w,
                                           const struct gateway *g, const char *host)
{
    struct arena *a = m->arena;
    const char *domain = str_lower(a, host);
    const struct gateway_server *server = main_server(m, w, g, domain);
    if (server == NULL) {
        return NULL;
    }
    struct host_routes *out = arena_alloc(a, sizeof *out);
    *out = (struct host_routes){.server = server, .dropped = server->fate != SERVER_KEPT};
    out->vhost = (struct virtual_host){.domain = domain, .server = server};
    if (out->dropped) {
        return out;
    }
    set_refused(m, w, g, out);
    build(m, w, out);
    return out;
}
