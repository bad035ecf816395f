// SPDX-License-Identifier: Apache-2.0
// Destinations without a ready endpoint (GT0108): docs/rules/istio.md#missing-destination.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

// Is it known that the Service has no endpoint that takes requests?
static bool no_endpoints(struct check *c, const struct service *s)
{
    if (!mesh_complete(c->m, KIND_ENDPOINTSLICE) || s->selector.n == 0 ||
        str_eq(s->type, "ExternalName") ||
        (c->m->snap->cluster.from_files && c->m->snap->objects[KIND_ENDPOINTSLICE].count == 0)) {
        return false;
    }
    uint32_t n, ready = 0;
    const struct object *const *at =
        mesh_index(c->m, INDEX_ENDPOINTSLICE_BY_SERVICE, s->o.ns, s->o.name, &n);
    for (uint32_t i = 0; i < n; i++) {
        ready += OBJECT_AS(endpointslice, at[i])->ready;
    }
    return ready == 0;
}

static void check_endpoints_of(struct check *c, const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nroutes; k++) {
            const struct destination *d = &vs->http[i].routes[k].destination;
            const char *name, *ns;
            if (d->host == NULL ||
                !name_split_service(c->a, name_fqdn(c->a, d->host, vs->o.ns), &name, &ns)) {
                continue;
            }
            const struct object *o = mesh_get(c->m, KIND_SERVICE, ns, name);
            if (o != NULL && no_endpoints(c, OBJECT_AS(service, o))) {
                struct finding *f =
                    check_add(c, "GT0108", &vs->o,
                              check_text(c, "spec.http[%u].route[%u].destination.host", i, k),
                              "Service %s/%s has no ready endpoint: such requests are answered 503",
                              ns, name);
                check_hint(c, f,
                           "compare its selector with the labels of its pods, and look whether "
                           "they are ready");
            }
        }
    }
}

void check_endpoints(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_endpoints_of(c, OBJECT_AS(virtualservice, all[i]));
    }
}
