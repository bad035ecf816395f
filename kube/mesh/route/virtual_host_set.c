// SPDX-License-Identifier: Apache-2.0
// The virtual hosts of one route table.
#include "kube/mesh/route/virtual_host_set.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 319 }; // wild_lengths' last bit

void virtual_host_set_init(struct virtual_host_set *set, const struct mesh *m,
                           const struct workload *w)
{
    *set = (struct virtual_host_set){.m = m, .w = w};
    string_map_init(&set->by_domain, m->arena);
}

static void note_length(struct virtual_host_set *set, const char *domain)
{
    size_t n = strlen(domain);
    n = n < LONGEST ? n : LONGEST;
    set->wild_lengths[n / 64] |= 1ULL << (n % 64);
}

// The virtual host of the domain, made where it is missing.
static struct virtual_host *host_at(struct virtual_host_set *set, const char *domain,
                                    const struct gateway_server *s)
{
    void **at = string_map_at(&set->by_domain, domain);
    if (*at == NULL) {
        struct virtual_host *v = arena_alloc(set->m->arena, sizeof *v);
        *v = (struct virtual_host){.domain = domain, .server = s};
        *at = v;
        if (host_wild(domain)) {
            note_length(set, domain);
        }
    }
    return *at;
}

// The routes of b's i-th VirtualService, made for this server where they are not yet. NULL where none holds here: the
// next server tries again, with its own port (docs/rules/istio.md#routes-made-once).
static const struct vs_routes *routes_of(struct virtual_host_set *set,
                                         struct bound_virtualservices *b, uint32_t i,
                                         const struct gateway_server *s)
{
    if (b->routes[i] == NULL) {
        const struct vs_routes *r = vs_routes_build(set->m, b->at[i], s, set->w);
        if (r->n == 0 && r->catch_all == NULL) {
            return NULL;
        }
        b->routes[i] = r;
        set->limited |= r->limited;
        set->no_action = set->no_action != NULL ? set->no_action : r->no_action;
    }
    return b->routes[i];
}

// The hosts of the VirtualServices that meet those of a server: by VirtualService, then in the order of the server's hosts.
struct meeting {
    uint32_t vs, server_host, vs_host;
};

static int by_order(const void *x, const void *y)
{
    const struct meeting *a = x, *b = y;
    if (a->vs != b->vs) {
        return a->vs < b->vs ? -1 : 1;
    }
    if (a->server_host != b->server_host) {
        return a->server_host < b->server_host ? -1 : 1;
    }
    return a->vs_host < b->vs_host ? -1 : a->vs_host > b->vs_host;
}

static struct meeting *find_meetings(struct arena *scratch, const struct bound_virtualservices *b,
                                     const struct gateway_server *s, uint32_t *n)
{
    struct meeting *out = NULL;
    uint32_t cap = 0;
    *n = 0;
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        struct host_hits hits = {0};
        bound_virtualservices_meeting(b, s->hosts.at[i], scratch, &hits);
        host_hits_sort(&hits);
        for (uint32_t k = 0; k < hits.n; k++) {
            const struct vs_host *at = &b->places[hits.at[k]];
            *ARRAY_PUSH(out, *n, cap) = (struct meeting){at->vs, i, at->host};
        }
    }
    if (*n > 1) {
        qsort(out, *n, sizeof *out, by_order);
    }
    return out;
}

static const char *domain_of(struct arena *a, const struct bound_virtualservices *b,
                             const struct gateway_server *s, const struct meeting *m)
{
    const char *vs_host = b->hosts[m->vs]->list.at[m->vs_host];
    const char *server_host = host_for_namespace(s->hosts.at[m->server_host], b->at[m->vs]->o.ns);
    ASSERT(server_host != NULL);
    return str_lower(a, host_narrower(vs_host, server_host));
}

// Gives the routes of one VirtualService to all domains that it has from the server: n meetings of the two.
static void feed_one(struct virtual_host_set *set, struct bound_virtualservices *b,
                     const struct gateway_server *s, const struct meeting *meetings, uint32_t n)
{
    const struct vs_routes *r = routes_of(set, b, meetings[0].vs, s);
    struct string_map seen;
    string_map_init(&seen, set->m->arena);
    for (uint32_t i = 0; r != NULL && i < n; i++) {
        const char *domain = domain_of(set->m->arena, b, s, &meetings[i]);
        if (n > 1 && !string_map_add(&seen, domain)) {
            continue;
        }
        struct virtual_host *v = host_at(set, domain, s);
        virtual_host_add(set->m->arena, v, r);
        if (server_redirects(s->server)) {
            virtual_host_redirect(v, s);
        }
    }
}

void virtual_host_set_feed(struct virtual_host_set *set, struct bound_virtualservices *b,
                           const struct gateway_server *s)
{
    struct arena *a = set->m->arena;
    ASSERT(s->fate == SERVER_KEPT); // a server that lost its port has no virtual hosts
    if (b->set != set) { // within one table the control plane makes a Gateway's routes once
        b->routes = arena_calloc(a, b->n, sizeof *b->routes);
        b->set = set;
    }
    uint32_t n;
    struct arena scratch;
    arena_init(&scratch);
    struct meeting *meetings = find_meetings(&scratch, b, s, &n);
    arena_release(&scratch);
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && meetings[to].vs == meetings[from].vs;) {
            to++;
        }
        feed_one(set, b, s, &meetings[from], to - from);
    }
    free(meetings);
    for (uint32_t h = 0; server_redirects(s->server) && h < s->hosts.n; h++) {
        // With "ns/" the redirect-only virtual host would be named so, and match no request.
        if (strchr(s->hosts.at[h], '/') == NULL) {
            virtual_host_redirect(host_at(set, str_lower(a, s->hosts.at[h]), s), s);
        }
    }
}

const struct virtual_host *virtual_host_set_find(const struct virtual_host_set *set,
                                                 const char *host)
{
    const struct virtual_host *v = string_map_get(&set->by_domain, host);
    if (v != NULL && !host_wild(host)) {
        return v;
    }
    size_t n = strlen(host);
    char *wild = xmalloc(n + 2);
    v = NULL;
    for (size_t at = 1; at < n && v == NULL; at++) {
        size_t len = n - at + 1;
        size_t bit = len < LONGEST ? len : LONGEST;
        if ((set->wild_lengths[bit / 64] >> (bit % 64) & 1) != 0) {
            wild[0] = '*';
            memcpy(wild + 1, host + at, len);
            v = string_map_get(&set->by_domain, wild);
        }
    }
    free(wild);
    return v != NULL ? v : string_map_get(&set->by_domain, "*");
}
