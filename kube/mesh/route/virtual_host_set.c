// SPDX-License-Identifier: Apache-2.0
// The virtual hosts of one route table.
#include "kube/mesh/route/virtual_host_set.h"

#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/virtual_host_build.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 319 }; // wild_lengths' last bit

void virtual_host_set_init(struct virtual_host_set *set, const struct mesh *m,
                           const struct workload *w)
{
    *set = (struct virtual_host_set){.m = m, .w = w};
    string_map_init(&set->by_domain, m->arena);
    string_map_init(&set->looked_at, m->arena);
}

static void note_length(struct virtual_host_set *set, const char *domain)
{
    size_t n = strlen(domain);
    n = n < LONGEST ? n : LONGEST;
    set->wild_lengths[n / 64] |= 1ULL << (n % 64);
}

// Builds the virtual host, unless it was looked at before. A domain that no VirtualService feeds is in no table.
static void look_at(struct virtual_host_set *set, const struct gateway_server *s,
                    const char *domain)
{
    if (!string_map_add(&set->looked_at, domain)) {
        return;
    }
    struct virtual_host_question q = {set->w, s, domain};
    const struct built_virtual_host *built = virtual_host_build(set->m, &q);
    if (built->found) {
        string_map_put(&set->by_domain, domain, &built->vhost);
        if (host_wild(domain)) {
            note_length(set, domain);
        }
    }
}

void virtual_host_set_feed(struct virtual_host_set *set, const struct bound_virtualservices *b,
                           const struct gateway_server *s)
{
    struct arena *a = set->m->arena;
    ASSERT(s->fate == SERVER_KEPT); // a server that lost its port has no virtual hosts
    struct arena scratch;
    arena_init(&scratch);
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        struct host_hits hits = {0};
        bound_virtualservices_meeting(b, s->hosts.at[i], &scratch, &hits);
        for (uint32_t k = 0; k < hits.n; k++) {
            const struct vs_host *at = &b->places[hits.at[k]];
            const char *server_host = host_for_namespace(s->hosts.at[i], b->at[at->vs]->o.ns);
            ASSERT(server_host != NULL);
            const char *vs_host = b->hosts[at->vs]->list.at[at->host];
            look_at(set, s, str_lower(a, host_narrower(vs_host, server_host)));
        }
        if (server_redirects(s->server)) {
            look_at(set, s, str_lower(a, s->hosts.at[i]));
        }
    }
    arena_release(&scratch);
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
