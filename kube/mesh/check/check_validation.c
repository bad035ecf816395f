// SPDX-License-Identifier: Apache-2.0
// Istio's validation of all objects of the four kinds (IST0106, IST0133).
#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/validation_internal.h"
#include "kube/mesh/core/mesh_objects.h"

void check_validation(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        validate_virtualservice(c, OBJECT_AS(virtualservice, all[i]));
    }
    all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        validate_gateway(c, OBJECT_AS(gateway, all[i]));
    }
    all = mesh_all(c->m, KIND_DESTINATIONRULE, &n);
    for (uint32_t i = 0; i < n; i++) {
        validate_destinationrule(c, OBJECT_AS(destinationrule, all[i]));
    }
    all = mesh_all(c->m, KIND_SERVICEENTRY, &n);
    for (uint32_t i = 0; i < n; i++) {
        validate_serviceentry(c, OBJECT_AS(serviceentry, all[i]));
    }
}
