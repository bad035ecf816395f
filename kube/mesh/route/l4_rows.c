// SPDX-License-Identifier: Apache-2.0
// The rows of one server that passes bytes on.
#include "kube/mesh/route/l4_rows.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/vs_hosts.h"

struct l4_rows {
    const struct mesh *m, *work;
    const struct workload *w;
    const struct gateway *gateway;
    const char *gateway_id;
    const struct str_list *hosts; // of the server, rewritten
    enum l4_mode mode;
    struct route_rows *out;
};

static const char *action_text(enum l4_mode mode)
{
    return mode == L4_TCP ? "TCP" : mode == L4_ENDED ? "TLS ends, bytes" : "TLS passed on";
}

static void add_row(struct l4_rows *b, const struct l4_route *r, uint32_t order, const char *host)
{
    struct arena *a = b->m->arena;
    const char **port = arena_alloc(a, sizeof *port);
    struct route_row *row = route_row_new(b->out);
    row->host = str_lower(a, host);
    row->gateway = b->gateway_id;
    row->vs = r->vs;
    row->list = r->tls ? "tls" : "tcp";
    row->order = (int32_t)order;
    row->index = r->index;
    row->match_index = r->match_index;
    if (r->match != NULL && r->match->port != 0) {
        *port = arena_printf(a, "port %u", r->match->port);
        row->conditions = (struct str_list){port, 1};
    }
    row->action = ACTION_ROUTE;
    row->action_text = action_text(b->mode);
    if (r->taker != NULL) {
        row->shadowed_vs = r->taker->vs;
        row->shadowed_rule = r->taker->index;
        row->shadowed_match = r->taker->match_index;
    }
    route_row_set_targets(b->m, b->w, row, r->rule->routes, r->rule->nroutes, r->vs->o.ns, r->port);
    route_row_judge(b->m, b->w, row, r->rule->nroutes == 0 ? "has no route" : NULL);
}

// A tcp rule is for all hosts that VirtualService and server share.
static void add_tcp_rows(struct l4_rows *b, const struct l4_route *r, uint32_t order)
{
    const struct vs_hosts *v = vs_hosts_find(b->work, r->vs);
    struct string_map seen;
    string_map_init(&seen, b->work->arena);
    for (uint32_t i = 0; i < b->hosts->n; i++) {
        const char *own = host_for_namespace(b->hosts->at[i], r->vs->o.ns);
        for (uint32_t k = 0; own != NULL && k < v->list.n; k++) {
            const char *host = host_narrower(v->list.at[k], own);
            if (host != NULL && string_map_add(&seen, host)) {
                add_row(b, r, order, host);
            }
        }
    }
}

void l4_rows_make(const struct mesh *m, const struct mesh *work, const struct workload *w,
                  const struct gateway *g, uint32_t server, const struct virtualservice *only,
                  struct route_rows *out)
{
    const struct l4_routes *routes = l4_routes_find(work, w, g, server);
    struct l4_rows b = {.m = m,
                        .work = work,
                        .w = w,
                        .gateway = g,
                        .gateway_id = object_id(m->arena, &g->o),
                        .hosts = &gateway_hosts_find(work, g)->rewritten[server],
                        .mode = server_l4_mode(&g->servers[server]),
                        .out = out};
    for (uint32_t i = 0; i < routes->n; i++) {
        const struct l4_route *r = &routes->at[i];
        bool wanted = only == NULL || r->vs == only || (r->taker != NULL && r->taker->vs == only);
        if (wanted && r->sni != NULL) {
            add_row(&b, r, r->taker != NULL ? 1 : 0, r->sni);
        } else if (wanted) {
            add_tcp_rows(&b, r, i);
        }
    }
}
