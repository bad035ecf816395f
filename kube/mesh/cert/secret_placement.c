// SPDX-License-Identifier: Apache-2.0
// Compares the namespace of a Secret with those of the gateways that name it.
#include "kube/mesh/cert/secret_placement.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

struct reading_servers {
    const struct server **at;
    uint32_t n, cap;
};

static void add_reading(struct arena *a, struct string_map *map, const char *secret,
                        const struct server *s)
{
    struct reading_servers **at = (struct reading_servers **)string_map_at(map, secret);
    *at = *at != NULL ? *at : arena_alloc(a, sizeof **at);
    *ARENA_PUSH(a, (*at)->at, (*at)->n, (*at)->cap) = s;
}

// The servers of a Gateway by the Secrets that they read.
static const void *find_reading(const struct mesh *m, const void *question)
{
    const struct gateway *g = question;
    struct string_map *map = arena_alloc(m->arena, sizeof *map);
    string_map_init(map, m->arena);
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *tls = g->servers[i].tls;
        if (tls != NULL && tls->credential_name != NULL) {
            add_reading(m->arena, map, name_of_credential(tls->credential_name), &g->servers[i]);
        }
        for (uint32_t k = 0; tls != NULL && k < tls->more->credential_names.n; k++) {
            add_reading(m->arena, map, name_of_credential(tls->more->credential_names.at[k]),
                        &g->servers[i]);
        }
    }
    return map;
}

// Whether a server that reads the Certificate's Secret serves one of its names.
static bool serves_a_name(const struct mesh *m, const struct gateway *g,
                          const struct certificate *c)
{
    const char *name = mesh_answer_name(m->arena, "reading", g->o.ns, g->o.name, NULL);
    const struct reading_servers *reading =
        string_map_get(mesh_answer(m, name, find_reading, g), c->secret_name);
    for (uint32_t i = 0; reading != NULL && i < reading->n; i++) {
        const struct server *s = reading->at[i];
        for (uint32_t h = 0; h < s->hosts.n; h++) {
            struct coverage cover;
            certificate_coverage_of_spec(m, c, name_without_ns(s->hosts.at[h]), &cover);
            if (cover.result == COVERAGE_YES) {
                return true;
            }
        }
    }
    return false;
}

// Whether the Secret exists, or a Certificate will write it.
static bool secret_comes(const struct mesh *m, const char *ns, const char *name)
{
    uint32_t n;
    (void)mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, ns, name, &n);
    return n > 0 || mesh_get(m, KIND_SECRET, ns, name) != NULL;
}

// The namespace of a workload of the Gateway that has no such Secret, NULL if each has one.
static const char *namespace_without(const struct mesh *m, const struct gateway *g,
                                     const char *secret)
{
    uint32_t n;
    const struct workload *w = workloads_of_gateway(m, g, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (w[i].name != NULL && !secret_comes(m, w[i].ns, secret)) {
            return w[i].ns;
        }
    }
    return NULL;
}

void secret_placement_check(const struct mesh *m, struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    if (s->state != CERTIFICATE_READY || s->mode != FAILURE_NONE || str_empty(c->secret_name) ||
        !mesh_complete(m, KIND_SECRET)) {
        return;
    }
    uint32_t n;
    const struct object *const *all =
        mesh_index(m, INDEX_GATEWAY_BY_CREDENTIAL, c->secret_name, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        const char *ns = serves_a_name(m, g, c) ? namespace_without(m, g, c->secret_name) : NULL;
        if (ns != NULL) {
            s->mode = FAILURE_SECRET_NAMESPACE;
            s->reason = s->full = arena_printf(
                m->arena, "Gateway %s/%s needs Secret %s in %s; the Certificate writes it to %s",
                g->o.ns, g->o.name, c->secret_name, ns, c->o.ns);
            s->hint = arena_printf(m->arena,
                                   "create the Certificate in %s: the gateway's pods read Secrets "
                                   "of their own namespace only",
                                   ns);
            return;
        }
    }
}
