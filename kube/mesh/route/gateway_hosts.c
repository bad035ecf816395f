// SPDX-License-Identifier: Apache-2.0
// The hosts of all servers of one Gateway, indexed.
#include "kube/mesh/route/gateway_hosts.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/core/mesh_memo.h"

#include <string.h>

static struct host_index *new_index(struct arena *a)
{
    struct host_index *x = arena_alloc(a, sizeof *x);
    host_index_init(x, a);
    return x;
}

static struct host_index *index_of_namespace(struct gateway_hosts *h, struct arena *a,
                                             const char *ns)
{
    struct host_index **at = (struct host_index **)string_map_at(h->by_namespace, ns);
    if (*at == NULL) {
        *at = new_index(a);
    }
    return *at;
}

static void add_host(struct gateway_hosts *h, struct arena *a, const char *host, uint32_t number)
{
    const char *slash = strchr(host, '/');
    if (slash == NULL) {
        host_index_add(h->open, host, number);
    } else {
        const char *ns = arena_strndup(a, host, (size_t)(slash - host));
        host_index_add(index_of_namespace(h, a, ns), slash + 1, number);
    }
    host_index_add(h->lower, str_lower(a, slash != NULL ? slash + 1 : host), number);
}

// "a/*" and "b/*" of one server are one where namespaces do not matter.
static struct host_index *each_once(const struct gateway_hosts *h, struct arena *a)
{
    struct host_index *x = new_index(a);
    struct string_map seen;
    string_map_init(&seen, a);
    for (uint32_t i = 0; i < h->n; i++) {
        const char *part = str_lower(a, gateway_hosts_part(h, i));
        if (string_map_add(&seen, arena_printf(a, "%u %s", h->places[i].server, part))) {
            host_index_add(x, part, i);
        }
    }
    return x;
}

static const void *make_hosts(const struct mesh *m, const void *question)
{
    const struct gateway *g = question;
    struct arena *a = m->arena;
    struct str_list *rewritten = arena_calloc(a, g->nservers, sizeof *rewritten);
    size_t n = 0;
    bool shortened = false;
    for (uint32_t i = 0; i < g->nservers; i++) {
        rewritten[i] = host_server_hosts(a, &g->servers[i].hosts, g->o.ns);
        n += rewritten[i].n;
        shortened = shortened || rewritten[i].n != g->servers[i].hosts.n;
    }
    struct server_host *places = arena_calloc(a, n, sizeof *places);
    struct gateway_hosts *h = arena_alloc(a, sizeof *h);
    *h = (struct gateway_hosts){
        .gateway = g, .rewritten = rewritten, .places = places, .shortened = shortened};
    h->open = new_index(a);
    h->lower = new_index(a);
    h->by_namespace = arena_alloc(a, sizeof *h->by_namespace);
    string_map_init(h->by_namespace, a);
    uint32_t number = 0;
    for (uint32_t i = 0; i < g->nservers; i++) {
        for (uint32_t k = 0; k < rewritten[i].n; k++) {
            places[number] = (struct server_host){i, k};
            add_host(h, a, rewritten[i].at[k], number++);
        }
    }
    h->n = number;
    h->parts = h->by_namespace->n > 1 ? each_once(h, a) : h->lower;
    return h;
}

const struct gateway_hosts *gateway_hosts_find(const struct mesh *m, const struct gateway *g)
{
    const char *name = mesh_answer_name(m->arena, "gateway hosts", g->o.ns, g->o.name, NULL);
    return mesh_answer(m, name, make_hosts, g);
}

// --- by host

typedef void find_fn(struct host_index *x, const char *host, struct arena *a,
                     struct host_hits *out);

static void add(const struct gateway_hosts *h, find_fn *find, struct arena *a, const char *vs_ns,
                const char *host, struct host_hits *out)
{
    struct host_index *own = string_map_get(h->by_namespace, vs_ns);
    find(h->open, host, a, out);
    if (own != NULL) {
        find(own, host, a, out);
    }
}

void gateway_hosts_add_meeting(const struct gateway_hosts *h, struct arena *a, const char *vs_ns,
                               const char *host, struct host_hits *out)
{
    add(h, host_index_covering, a, vs_ns, host, out);
    add(h, host_index_within, a, vs_ns, host, out);
}

void gateway_hosts_add_covering(const struct gateway_hosts *h, struct arena *a, const char *vs_ns,
                                const char *host, struct host_hits *out)
{
    add(h, host_index_covering, a, vs_ns, host, out);
}

bool gateway_hosts_take(const struct gateway_hosts *h, const char *vs_ns, const char *host)
{
    struct host_index *own = string_map_get(h->by_namespace, vs_ns);
    return host_index_meets(h->open, host) || (own != NULL && host_index_meets(own, host));
}

struct server_list gateway_hosts_servers_of(const struct gateway_hosts *h, struct host_hits *hits)
{
    host_hits_sort(hits); // numbers are in the order of servers: those of one server are neighbours
    uint32_t n = 0;
    for (uint32_t i = 0; i < hits->n; i++) {
        uint32_t server = h->places[hits->at[i]].server;
        if (n == 0 || hits->at[n - 1] != server) {
            hits->at[n++] = server;
        }
    }
    return (struct server_list){hits->at, n};
}

struct server_list gateway_hosts_covering(const struct gateway_hosts *h, struct arena *a,
                                          const char *domain)
{
    struct host_hits hits = {0};
    host_index_covering(h->parts, domain, a, &hits);
    return gateway_hosts_servers_of(h, &hits);
}

static const char *rewritten(const struct gateway_hosts *h, uint32_t number)
{
    return h->rewritten[h->places[number].server].at[h->places[number].host];
}

const char *gateway_hosts_part(const struct gateway_hosts *h, uint32_t number)
{
    const char *host = rewritten(h, number), *slash = strchr(host, '/');
    return slash != NULL ? slash + 1 : host;
}

const char *gateway_hosts_namespace(const struct gateway_hosts *h, struct arena *a, uint32_t number)
{
    const char *host = rewritten(h, number), *slash = strchr(host, '/');
    return slash != NULL ? arena_strndup(a, host, (size_t)(slash - host)) : NULL;
}

const char *gateway_hosts_for(const struct gateway_hosts *h, uint32_t number, const char *vs_ns)
{
    return host_for_namespace(rewritten(h, number), vs_ns);
}

struct server_list gateway_hosts_listing(const struct gateway_hosts *h, struct arena *a,
                                         const char *domain, bool for_all)
{
    struct host_hits hits = {0};
    host_index_equal(h->lower, domain, a, &hits);
    uint32_t n = 0;
    for (uint32_t i = 0; i < hits.n; i++) {
        if (!for_all || strchr(rewritten(h, hits.at[i]), '/') == NULL) {
            hits.at[n++] = hits.at[i];
        }
    }
    hits.n = n;
    return gateway_hosts_servers_of(h, &hits);
}

struct server_list gateway_hosts_writing(const struct gateway_hosts *h, struct arena *a,
                                         const char *host)
{
    struct host_hits hits = {0};
    host_index_equal(h->lower, str_lower(a, host), a, &hits);
    uint32_t n = 0;
    for (uint32_t i = 0; i < hits.n; i++) {
        if (strcmp(gateway_hosts_part(h, hits.at[i]), host) == 0) {
            hits.at[n++] = hits.at[i];
        }
    }
    hits.n = n;
    return gateway_hosts_servers_of(h, &hits);
}

bool server_list_has(const struct server_list *l, uint32_t server)
{
    uint32_t low = 0, high = l->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (l->at[mid] < server) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < l->n && l->at[low] == server;
}
