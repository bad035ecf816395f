// SPDX-License-Identifier: Apache-2.0
// Compares the namespace of a Secret with those of the gateways that name it.
#include "kube/mesh/cert/secret_placement.h"

#include "kube/base/text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

static bool reads_secret(const struct server *s, const char *secret)
{
    return s->tls != NULL && (str_eq(s->tls->credential_name, secret) ||
                              str_list_has(&s->tls->credential_names, secret));
}

// Whether a server that reads the Certificate's Secret serves one of its names.
static bool serves_a_name(const struct mesh *m, const struct gateway *g,
                          const struct certificate *c)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        for (uint32_t h = 0; reads_secret(s, c->secret_name) && h < s->hosts.n; h++) {
            const char *host = s->hosts.at[h], *slash = strchr(host, '/');
            struct coverage cover;
            certificate_coverage_of_spec(m, c, slash != NULL ? slash + 1 : host, &cover);
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

// The namespace of a workload of the Gateway that has no such Secret, NULL where each has one.
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
