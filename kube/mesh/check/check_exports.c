// SPDX-License-Identifier: Apache-2.0
// VirtualServices that are not exported to the Gateway that they name (GT0113):
// docs/rules/istio.md#virtualservice-export.
#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/workload.h"

static void check_export(struct check *c, const struct virtualservice *vs)
{
    if (vs->export_to.n == 0 || vs->hosts.n == 0) {
        return;
    }
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns, *name;
        if (!name_resolve_gateway(c->a, vs->gateways.at[i], vs->o.ns, &ns, &name)) {
            continue;
        }
        const struct object *o = mesh_get(c->m, KIND_GATEWAY, ns, name);
        uint32_t n = 0;
        const struct workload *w =
            o != NULL ? workloads_of_gateway(c->m, OBJECT_AS(gateway, o), &n) : NULL;
        bool seen = n == 0;
        for (uint32_t k = 0; k < n && !seen; k++) {
            seen = export_to_class(&vs->export_to, vs->o.ns, w[k].ns) != EXPORT_HIDDEN;
        }
        if (!seen) {
            bool assumed = w[0].name == NULL;
            struct finding *f =
                check_add(c, "GT0113", &vs->o, "spec.exportTo",
                          "exportTo %s hides it from the pods of Gateway %s/%s, which %s in %s",
                          check_list(c, &vs->export_to), ns, name,
                          assumed ? "are assumed to run" : "run", w[0].ns);
            check_hint(c, f, "add \"%s\" to exportTo", w[0].ns);
            f->severity = assumed ? SEVERITY_INFO : f->severity;
        }
    }
}

void check_exports(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_export(c, OBJECT_AS(virtualservice, all[i]));
    }
}
