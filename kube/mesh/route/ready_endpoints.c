// SPDX-License-Identifier: Apache-2.0
// Counts the ready endpoints in the EndpointSlices of a Service.
#include "kube/mesh/route/ready_endpoints.h"

#include "kube/base/str.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/mesh_objects.h"

bool service_without_endpoints(const struct mesh *m, const struct object *o)
{
    if (o == NULL || o->kind != KIND_SERVICE) {
        return false;
    }
    const struct service *s = OBJECT_AS(service, o);
    if (str_eq(s->type, "ExternalName")) {
        return false;
    }
    uint32_t n;
    const struct object *const *at =
        mesh_index(m, INDEX_ENDPOINTSLICE_BY_SERVICE, o->ns, o->name, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (OBJECT_AS(endpointslice, at[i])->ready > 0) {
            return false;
        }
    }
    if (n > 0) {
        return true;
    }
    // Without a selector something else makes them; files seldom have any.
    bool files = m->snap->cluster.from_files && m->snap->objects[KIND_ENDPOINTSLICE].count == 0;
    return s->selector.n != 0 && !files && mesh_complete(m, KIND_ENDPOINTSLICE);
}
