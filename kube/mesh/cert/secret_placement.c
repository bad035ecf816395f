// SPDX-License-Identifier: Apache-2.0
// Whether the Secret of a Certificate is where the gateways look for it.
#include "kube/mesh/cert/secret_placement.h"

#include "kube/base/text.h"

#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

// Whether a server that reads this credential serves a name of the Certificate.
static bool serves_a_name(const struct mesh *m, const struct gateway *g,
                          const struct certificate *c)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *tls = g->servers[i].tls;
        bool reads = tls != NULL && str_eq(tls->credential_name, c->secret_name);
        for (uint32_t k = 0; tls != NULL && k < tls->credential_names.n; k++) {
            reads = reads || str_eq(tls->credential_names.at[k], c->secret_name);
        }
        for (uint32_t h = 0; reads && h < g->servers[i].hosts.n; h++) {
            const char *host = g->servers[i].hosts.at[h], *slash = strchr(host, '/');
            struct coverage cover;
            coverage_of_names(m->arena, &c->dns_names, slash != NULL ? slash + 1 : host, &cover);
            if (cover.result == COVERAGE_YES) {
                return true;
            }
        }
    }
    return false;
}

static bool secret_comes(const struct mesh *m, const char *ns, const char *name)
{
    uint32_t n;
    (void)mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, ns, name, &n);
    return n > 0 || mesh_get(m, KIND_SECRET, ns, name) != NULL;
}

void secret_placement_check(const struct mesh *m, struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    uint32_t n = 0;
    if (s->state != CERTIFICATE_READY || s->mode != FAILURE_NONE || str_empty(c->secret_name) ||
        !mesh_complete(m, KIND_SECRET)) {
        return;
    }
    const struct object *const *all =
        mesh_index(m, INDEX_GATEWAY_BY_CREDENTIAL, c->secret_name, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        if (!serves_a_name(m, g, c)) {
            continue;
        }
        uint32_t nworkloads;
        const struct workload *w = workloads_of_gateway(m, g, &nworkloads);
        for (uint32_t k = 0; k < nworkloads; k++) {
            if (w[k].name == NULL || secret_comes(m, w[k].ns, c->secret_name)) {
                continue;
            }
            s->mode = FAILURE_SECRET_NAMESPACE;
            s->reason = s->full = arena_printf(
                m->arena, "Gateway %s/%s needs Secret %s in %s; the Certificate writes it to %s",
                g->o.ns, g->o.name, c->secret_name, w[k].ns, c->o.ns);
            s->hint = arena_printf(m->arena,
                                   "create the Certificate in %s: the gateway's pods read Secrets "
                                   "of their own namespace only",
                                   w[k].ns);
            return;
        }
    }
}
