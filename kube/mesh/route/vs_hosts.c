// SPDX-License-Identifier: Apache-2.0
// The hosts of a VirtualService, indexed.
#include "kube/mesh/route/vs_hosts.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_memo.h"

#include <string.h>

static const void *make_hosts(const struct mesh *m, const void *question)
{
    const struct virtualservice *vs = question;
    struct arena *a = m->arena;
    const char **list = arena_calloc(a, vs->hosts.n, sizeof *list);
    struct vs_hosts *v = arena_alloc(a, sizeof *v);
    *v = (struct vs_hosts){.vs = vs, .list = {list, vs->hosts.n}};
    v->written = arena_alloc(a, sizeof *v->written);
    v->lower = arena_alloc(a, sizeof *v->lower);
    host_index_init(v->written, a);
    host_index_init(v->lower, a);
    for (uint32_t i = 0; i < vs->hosts.n; i++) {
        list[i] = name_fqdn(a, vs->hosts.at[i], vs->o.ns);
        v->slashed = v->slashed || strchr(list[i], '/') != NULL;
        host_index_add(v->written, list[i], i);
        host_index_add(v->lower, str_lower(a, list[i]), i);
    }
    v->gateways = arena_alloc(a, sizeof *v->gateways);
    string_map_init(v->gateways, a);
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns, *gateway;
        if (name_resolve_gateway(a, vs->gateways.at[i], vs->o.ns, &ns, &gateway)) {
            (void)string_map_add(v->gateways, arena_concat(a, ns, "/", gateway, NULL));
        }
    }
    return v;
}

const struct vs_hosts *vs_hosts_find(const struct mesh *m, const struct virtualservice *vs)
{
    const char *name = mesh_answer_name(m->arena, "hosts", vs->o.ns, vs->o.name, NULL);
    return mesh_answer(m, name, make_hosts, vs);
}

struct server_list vs_hosts_servers(const struct vs_hosts *v, const struct gateway_hosts *h,
                                    struct arena *a, const char *domain)
{
    struct host_hits own = {0}, listed = {0}, found = {0};
    host_index_equal(v->lower, domain, a, &own);
    for (uint32_t i = 0; i < own.n; i++) {
        gateway_hosts_add_covering(h, a, v->vs->o.ns, v->list.at[own.at[i]], &found);
    }
    host_index_equal(h->lower, domain, a, &listed);
    for (uint32_t i = 0; i < listed.n; i++) {
        const char *host = gateway_hosts_for(h, listed.at[i], v->vs->o.ns);
        if (host != NULL && host_index_covers(v->written, host)) {
            *ARENA_PUSH(a, found.at, found.n, found.cap) = listed.at[i];
        }
    }
    return gateway_hosts_servers_of(h, &found);
}

// A host of the VirtualService and one of the Gateway that meet.
typedef void meeting_fn(void *self, const char *vs_host, const char *server_host, uint32_t number);

// Calls `met` for each pair that meets, from the side that has fewer.
static void each_meeting(const struct vs_hosts *v, const struct gateway_hosts *h,
                         struct arena *scratch, meeting_fn *met, void *self)
{
    const char *ns = v->vs->o.ns;
    bool from_vs = v->list.n <= h->n;
    for (uint32_t i = 0; from_vs && i < v->list.n; i++) {
        struct host_hits hits = {0};
        gateway_hosts_add_meeting(h, scratch, ns, v->list.at[i], &hits);
        for (uint32_t k = 0; k < hits.n; k++) {
            met(self, v->list.at[i], gateway_hosts_part(h, hits.at[k]), hits.at[k]);
        }
    }
    for (uint32_t i = 0; !from_vs && i < h->n; i++) {
        struct host_hits hits = {0};
        const char *host = gateway_hosts_for(h, i, ns);
        if (host != NULL) {
            host_index_meeting(v->written, host, scratch, &hits);
        }
        for (uint32_t k = 0; k < hits.n; k++) {
            met(self, v->list.at[hits.at[k]], host, i);
        }
    }
}

struct found_servers {
    struct arena *a;
    struct host_hits hits;
};

static void add_server(void *self, const char *vs_host, const char *server_host, uint32_t number)
{
    (void)vs_host, (void)server_host;
    struct found_servers *f = self;
    *ARENA_PUSH(f->a, f->hits.at, f->hits.n, f->hits.cap) = number;
}

struct server_list vs_hosts_all_servers(const struct vs_hosts *v, const struct gateway_hosts *h,
                                        struct arena *a)
{
    struct found_servers f = {.a = a};
    each_meeting(v, h, a, add_server, &f);
    return gateway_hosts_servers_of(h, &f.hits);
}

struct found_domains {
    struct arena *a;
    struct str_array domains;
};

static void add_domain(void *self, const char *vs_host, const char *server_host, uint32_t number)
{
    (void)number;
    struct found_domains *f = self;
    str_array_add(f->a, &f->domains, str_lower(f->a, host_narrower(vs_host, server_host)));
}

struct str_list vs_hosts_domains(const struct vs_hosts *v, const struct gateway_hosts *h,
                                 struct arena *a)
{
    struct found_domains f = {.a = a};
    each_meeting(v, h, a, add_domain, &f);
    return str_array_list(&f.domains);
}
