// SPDX-License-Identifier: Apache-2.0
// Lists of rows of the route table.
#include "kube/mesh/route/route_list.h"

#include "kube/base/arena.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/l4_rows.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

// Each pair of host and Gateway once.
struct host_pairs {
    const struct mesh *m;
    struct string_map seen; // "host ns/name"
    struct route_rows grown;
    struct arena of_vs, of_host; // forgotten after each VirtualService and each virtual host
    struct mesh_memo *memo;
    const struct virtualservice
        *only; // rows of connections of others are not wanted; NULL: all are
};

static void pairs_init(struct host_pairs *p, const struct mesh *m)
{
    *p = (struct host_pairs){.m = m};
    string_map_init(&p->seen, m->arena);
    arena_init(&p->of_vs);
    arena_init(&p->of_host);
    // With a memo, a caller that notes keys would not get all.
    p->memo = m->touch == NULL ? mesh_memo_new(NULL, NULL) : NULL;
}

// The servers of the Gateway that pass bytes on, each once.
static void add_l4(struct host_pairs *p, const struct mesh *work, const struct mesh *kept,
                   const struct vs_hosts *hosts, const struct gateway *g, const struct workload *w)
{
    if (w == NULL || hosts->vs->ntls + hosts->vs->ntcp == 0) {
        return;
    }
    struct server_list servers =
        vs_hosts_all_servers(hosts, gateway_hosts_find(work, g), work->arena);
    for (uint32_t i = 0; i < servers.n; i++) {
        enum l4_mode mode = server_l4_mode(&g->servers[servers.at[i]]);
        const char *key =
            arena_printf(work->arena, "server %u %s/%s", servers.at[i], g->o.ns, g->o.name);
        if (mode == L4_NONE || mode == L4_SERVICES || string_map_get(&p->seen, key) != NULL) {
            continue;
        }
        (void)string_map_add(&p->seen, arena_strdup(p->m->arena, key));
        arena_clear(&p->of_host);
        struct mesh inner = *work;
        inner.arena = &p->of_host;
        l4_rows_make(kept, &inner, w, g, servers.at[i], p->only, &p->grown);
    }
}

static void add_gateway(struct host_pairs *p, const struct mesh *work, const struct vs_hosts *hosts,
                        const struct gateway *g)
{
    uint32_t n;
    const struct workload *w = workloads_of_gateway(work, g, &n);
    struct mesh inner = *work;
    inner.arena = &p->of_host;
    struct mesh kept = *p->m;
    kept.memo = p->memo;
    struct str_list domains = {0};
    if (n > 0) {
        domains = vs_hosts_domains(hosts, gateway_hosts_find(work, g), work->arena);
    }
    for (uint32_t d = 0; d < domains.n; d++) {
        const char *key = arena_printf(work->arena, "%s %s/%s", domains.at[d], g->o.ns, g->o.name);
        if (string_map_get(&p->seen, key) == NULL) {
            (void)string_map_add(&p->seen, arena_strdup(p->m->arena, key));
            arena_clear(&p->of_host);
            route_rows_make(&kept, &inner, &w[0], g, domains.at[d], &p->grown);
        }
    }
    add_l4(p, work, &kept, hosts, g, n > 0 ? &w[0] : NULL);
}

static void add_vs(struct host_pairs *p, const struct virtualservice *vs)
{
    struct mesh work = *p->m;
    work.arena = &p->of_vs;
    work.memo = p->memo;
    arena_clear(&p->of_vs);
    mesh_memo_trim(p->memo);
    const struct vs_hosts *hosts = vs_hosts_find(&work, vs);
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns;
        const char *name;
        if (name_resolve_gateway(work.arena, vs->gateways.at[i], vs->o.ns, &ns, &name)) {
            const struct object *o = mesh_get(&work, KIND_GATEWAY, ns, name);
            if (o != NULL) {
                add_gateway(p, &work, hosts, OBJECT_AS(gateway, o));
            }
        }
    }
}

static int by_place(const void *x, const void *y)
{
    const struct route_row *a = x;
    const struct route_row *b = y;
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->gateway, b->gateway);
    if (c != 0) {
        return c;
    }
    if ((a->list != NULL) != (b->list != NULL)) {
        return a->list != NULL ? 1 : -1;
    }
    if ((a->order < 0) != (b->order < 0)) {
        return a->order < 0 ? 1 : -1;
    }
    if (a->order >= 0 && a->order != b->order) {
        return a->order < b->order ? -1 : a->order > b->order;
    }
    c = strcmp(a->vs->o.ns, b->vs->o.ns);
    c = c != 0 ? c : strcmp(a->vs->o.name, b->vs->o.name);
    if (c == 0) {
        c = a->index != b->index               ? (a->index < b->index ? -1 : 1)
            : a->match_index != b->match_index ? (a->match_index < b->match_index ? -1 : 1)
            : a->delegate_index != b->delegate_index
                ? (a->delegate_index < b->delegate_index ? -1 : 1)
                : 0;
    }
    return c;
}

// The rows in their order, copied into the arena once their number is known.
static void pairs_end(struct host_pairs *p, struct route_rows *out)
{
    arena_release(&p->of_vs);
    arena_release(&p->of_host);
    mesh_memo_free(p->memo);
    out->n = out->cap = p->grown.n;
    out->at = arena_calloc(p->m->arena, out->n, sizeof *out->at);
    if (out->n > 0) {
        qsort(p->grown.at, out->n, sizeof *out->at, by_place);
        memcpy(out->at, p->grown.at, out->n * sizeof *out->at);
    }
    free(p->grown.at);
}

void route_rows_of_vs(const struct mesh *m, const struct virtualservice *vs, struct route_rows *out)
{
    struct host_pairs p;
    pairs_init(&p, m);
    p.only = vs;
    add_vs(&p, vs);
    pairs_end(&p, out);
}

void route_rows_all(const struct mesh *m, struct route_rows *out)
{
    struct host_pairs p;
    pairs_init(&p, m);
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        add_vs(&p, OBJECT_AS(virtualservice, all[i]));
    }
    pairs_end(&p, out);
}
