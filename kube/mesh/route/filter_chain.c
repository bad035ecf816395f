// SPDX-License-Identifier: Apache-2.0
// Which server of a listener takes a TLS connection.
#include "kube/mesh/route/filter_chain.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/l4_routes.h"

#include <string.h>

// --- connections that are passed on (docs/rules/istio.md#passthrough-names)

void filter_chain_names(const struct mesh *m, const struct bound_virtualservices *bound,
                        struct gateway_server *s)
{
    enum l4_mode mode = server_l4_mode(s->server);
    if (mode == L4_SERVICES) {
        return; // its names are those of the mesh's own services
    }
    s->l4 = l4_routes_build(m, bound, s);
    struct str_array names = {0};
    for (uint32_t i = 0; i < s->l4->n; i++) {
        const struct l4_route *r = &s->l4->at[i];
        if (r->taker == NULL && r->sni != NULL) {
            str_array_add(m->arena, &names, r->sni);
        } else if (r->taker == NULL) {
            str_array_add_list(m->arena, &names, &s->hosts);
        }
    }
    s->sni = str_array_list(&names);
    s->sni_known = true;
}

// --- the choice by name

static bool takes_tls(const struct gateway_server *s)
{
    return s->family == FAMILY_HTTPS || s->family == FAMILY_TLS;
}

static const struct str_list *names_of(const struct gateway_server *s)
{
    return s->sni_known ? &s->sni : &s->hosts;
}

// Envoy has no exact chain where one of the names is "*".
static bool takes_any_name(const struct str_list *names)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (strcmp(name_without_ns(names->at[i]), "*") == 0) {
            return true;
        }
    }
    return false;
}

static void index_listener(struct filter_chains *f, struct arena *a, const struct listener *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        struct gateway_server *s = l->servers[i];
        const struct str_list *names = names_of(s);
        bool exact = takes_tls(s) && !takes_any_name(names);
        for (uint32_t k = 0; exact && k < names->n; k++) {
            void **at = string_map_at(&f->exact, arena_printf(a, "%u %s %s", l->port, l->bind,
                                                              name_without_ns(names->at[k])));
            *at = *at != NULL ? *at : s;
        }
    }
}

void filter_chains_build(struct filter_chains *f, struct arena *a, const struct merged_gateways *g)
{
    string_map_init(&f->exact, a);
    for (uint32_t i = 0; i < g->nlisteners; i++) {
        index_listener(f, a, &g->listeners[i]);
    }
}

// How well the server's filter chains fit the name: 0 not at all, a wildcard's length, SIZE_MAX exactly. One "*"
// among the names makes it take every name, but only as the last resort.
static size_t rank(const struct gateway_server *s, const char *sni)
{
    const struct str_list *names = names_of(s);
    size_t best = 0;
    for (uint32_t i = 0; i < names->n; i++) {
        const char *domain = name_without_ns(names->at[i]);
        if (strcmp(domain, "*") == 0) {
            return 1;
        }
        size_t fit = !host_matches(domain, sni) ? 0 : host_wild(domain) ? strlen(domain) : SIZE_MAX;
        best = fit > best ? fit : best;
    }
    return best;
}

const struct gateway_server *filter_chains_find(const struct filter_chains *f,
                                                const struct listener *l, const char *sni)
{
    struct buf key;
    buf_init(&key, 0);
    buf_addf(&key, "%u %s %s", l->port, l->bind, sni);
    const struct gateway_server *best = string_map_get(&f->exact, key.data);
    buf_release(&key);
    if (best != NULL) {
        return best;
    }
    size_t best_rank = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        size_t r = takes_tls(l->servers[i]) ? rank(l->servers[i], sni) : 0;
        if (r > best_rank) {
            best = l->servers[i];
            best_rank = r;
        }
    }
    return best;
}
