// SPDX-License-Identifier: Apache-2.0
// Destinations without a ready endpoint (GT0108): docs/rules/istio.md#ready-endpoints.
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/ready_endpoints.h"

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
            if (service_without_endpoints(c->m, o)) {
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
