// SPDX-License-Identifier: Apache-2.0
// Conditions in the status of Services and ServiceEntries that say that something failed (IST0171):
// docs/rules/istio.md#ist0171.
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

// Of the one type that Istio reports on these kinds.
static void check_waypoint(struct check *c, const struct object *o,
                           const struct conditions *conditions)
{
    const struct condition *x = condition_find(conditions, "istio.io/WaypointBound");
    if (x != NULL && x->status == CONDITION_FALSE) {
        struct finding *f = check_add(c, "IST0171", o, "status.conditions", "%s is False: %s: %s",
                                      x->type, x->reason != NULL ? x->reason : "no reason",
                                      x->message != NULL ? x->message : "no message");
        check_hint(c, f, "look at the waypoint that label istio.io/use-waypoint names");
    }
}

void check_conditions(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!check_system_namespace(all[i]->ns)) {
            check_waypoint(c, all[i], &OBJECT_AS(service, all[i])->conditions);
        }
    }
    all = mesh_all(c->m, KIND_SERVICEENTRY, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_waypoint(c, all[i], &OBJECT_AS(serviceentry, all[i])->conditions);
    }
}
