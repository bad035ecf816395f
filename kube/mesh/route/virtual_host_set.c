// SPDX-License-Identifier: Apache-2.0
// The virtual hosts of one route table.
#include "kube/mesh/route/virtual_host_set.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 319 }; // wild_lengths' last bit

void virtual_host_set_init(struct virtual_host_set *set, const struct mesh *m,
                           const struct workload *w, const char *only)
{
    *set = (struct virtual_host_set){.m = m, .w = w, .only = only};
    string_map_init(&set->by_domain, m->arena);
}

static void note_length(struct virtual_host_set *set, const char *domain)
{
    size_t n = strlen(domain);
    n = n < LONGEST ? n : LONGEST;
    set->wild_lengths[n / 64] |= 1ULL << (n % 64);
}

// The virtual host of the domain, made where it is missing; NULL where the set is not about it.
static struct virtual_host *host_at(struct virtual_host_set *set, const char *domain,
                                    const struct gateway_server *s)
{
    if (set->only != NULL && strcmp(set->only, domain) != 0) {
        return NULL;
    }
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

static void redirect(struct virtual_host *v, const struct gateway_server *s)
{
    if (!v->https_redirect) {
        v->https_redirect = true;
        v->redirect_server = s;
    }
}

static void note_empty(struct virtual_host_set *set, const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < set->nempty; i++) {
        if (set->empty[i] == vs) {
            return;
        }
    }
    *ARENA_PUSH(set->m->arena, set->empty, set->nempty, set->empty_cap) = vs;
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

void virtual_host_set_feed(struct virtual_host_set *set, struct bound_virtualservices *b,
                           const struct gateway_server *s)
{
    struct arena *a = set->m->arena;
    if (b->set != set) { // within one table the control plane makes a Gateway's routes once
        b->routes = arena_calloc(a, b->n, sizeof *b->routes);
        b->set = set;
    }
    bool redirects = server_redirects(s->server);
    for (uint32_t i = 0; i < b->n; i++) {
        struct str_list domains = host_intersection(a, &s->hosts, b->at[i]->o.ns, &b->hosts[i]);
        const struct vs_routes *r = domains.n > 0 ? routes_of(set, b, i, s) : NULL;
        if (r == NULL && set->only != NULL && str_list_has(&domains, set->only)) {
            note_empty(set, b->at[i]);
        }
        for (uint32_t d = 0; r != NULL && d < domains.n; d++) {
            struct virtual_host *v = host_at(set, domains.at[d], s);
            if (v != NULL) {
                *ARENA_PUSH(a, v->parts, v->n, v->cap) = r;
            }
            if (v != NULL && redirects) {
                redirect(v, s);
            }
        }
    }
    for (uint32_t h = 0; redirects && h < s->hosts.n; h++) {
        // With "ns/" the redirect-only virtual host would be named so, and match no request.
        struct virtual_host *v = strchr(s->hosts.at[h], '/') == NULL
                                     ? host_at(set, str_lower(a, s->hosts.at[h]), s)
                                     : NULL;
        if (v != NULL) {
            redirect(v, s);
        }
    }
}

const struct virtual_host *virtual_host_set_get(const struct virtual_host_set *set,
                                                const char *domain)
{
    return string_map_get(&set->by_domain, domain);
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
