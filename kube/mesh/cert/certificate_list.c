// SPDX-License-Identifier: Apache-2.0
// Lists Certificates.
#include "kube/mesh/cert/certificate_list.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/cert/secret_placement.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

void certificate_list_fill(const struct mesh *m, struct certificate_list *out)
{
    static const enum kind needed[] = {
        KIND_CERTIFICATE, KIND_CERTIFICATEREQUEST, KIND_ORDER, KIND_CHALLENGE,
        KIND_ISSUER,      KIND_CLUSTERISSUER,
    };
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_CERTIFICATE, &n);
    struct certificate_status *list = arena_calloc(m->arena, n, sizeof *list);
    for (uint32_t i = 0; i < n; i++) {
        certificate_status_fill(m, OBJECT_AS(certificate, all[i]), &list[i]);
        secret_placement_check(m, &list[i]);
    }
    *out = (struct certificate_list){.at = list, .n = n, .complete = true};
    for (size_t i = 0; i < ARRAY_COUNT(needed); i++) {
        out->complete = mesh_complete(m, needed[i]) && out->complete;
    }
}

struct str_list certificate_namespace_hosts(const struct mesh *m, const char *ns)
{
    struct str_array out = {0};
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *v = OBJECT_AS(virtualservice, all[i]);
        for (uint32_t k = 0; strcmp(v->o.ns, ns) == 0 && k < v->hosts.n; k++) {
            str_array_add(m->arena, &out, v->hosts.at[k]);
        }
    }
    all = mesh_all(m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        for (uint32_t s = 0; strcmp(g->o.ns, ns) == 0 && s < g->nservers; s++) {
            for (uint32_t k = 0; k < g->servers[s].hosts.n; k++) {
                str_array_add(m->arena, &out, name_without_ns(g->servers[s].hosts.at[k]));
            }
        }
    }
    return str_array_list(&out);
}

bool certificate_concerns(const struct mesh *m, const struct certificate *c, const char *ns,
                          const struct str_list *hosts)
{
    if (strcmp(c->o.ns, ns) == 0) {
        return true;
    }
    enum names_from from;
    struct str_list names = certificate_names(m, c, &from);
    for (uint32_t i = 0; i < hosts->n; i++) {
        for (uint32_t k = 0; k < names.n; k++) {
            if (coverage_name_matches(names.at[k], hosts->at[i])) {
                return true;
            }
        }
    }
    return false;
}
