// SPDX-License-Identifier: Apache-2.0
// Annotations of Istio that it does not know, or does not read there (IST0107, IST0108):
// docs/rules/istio.md#ist0107.
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

#include <string.h>

enum where { ON_NAMESPACE = 1, ON_SERVICE = 2, ON_OTHER = 4 };

static const struct {
    const char *name;
    unsigned where;
} annotation_table[] = {
    {"networking.istio.io/exportTo", ON_SERVICE},
    {"networking.istio.io/traffic-distribution", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"networking.istio.io/service-type", ON_OTHER},
    {"networking.istio.io/address-type", ON_OTHER},
    {"networking.istio.io/internalTrafficPolicy", ON_SERVICE},
    {"ambient.istio.io/redirection", ON_OTHER},
    {"ambient.istio.io/bypass-inbound-capture", ON_OTHER},
    {"ambient.istio.io/waypoint-inbound-binding", ON_OTHER},
    {"ambient.istio.io/dns-capture", ON_OTHER},
    {"galley.istio.io/analyze-suppress", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"inject.istio.io/templates", ON_OTHER},
    {"install.operator.istio.io/chart-owner", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"install.operator.istio.io/owner-generation", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"install.operator.istio.io/version", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"internal.istio.io/parents", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"istio.io/autoRegistrationGroup", ON_OTHER},
    {"istio.io/workloadController", ON_OTHER},
    {"istio.io/dry-run", ON_OTHER},
    {"istio.io/rev", ON_OTHER},
    {"istio.io/connectedAt", ON_OTHER},
    {"istio.io/disconnectedAt", ON_OTHER},
    {"gateway.istio.io/controller-version", ON_SERVICE | ON_OTHER},
    {"gateway.istio.io/tls-terminate-mode", ON_OTHER},
    {"prometheus.istio.io/merge-metrics", ON_OTHER},
    {"proxy.istio.io/config", ON_OTHER},
    {"proxy.istio.io/overrides", ON_OTHER},
    {"security.istio.io/tlsMode", ON_OTHER},
    {"topology.istio.io/controlPlaneClusters", ON_NAMESPACE},
    {"traffic.istio.io/nodeSelector", ON_SERVICE},
};

static void check_annotations_of(struct check *c, const struct object *o, unsigned where)
{
    for (uint32_t i = 0; i < o->annotations.n; i++) {
        const char *key = o->annotations.at[i].key;
        const char *domain = strstr(key, "istio.io/");
        if (domain == NULL || (domain != key && domain[-1] != '.')) {
            continue;
        }
        bool known =
            str_starts(key, "sidecar.istio.io/") || str_starts(key, "traffic.sidecar.istio.io/") ||
            str_starts(key, "status.sidecar.istio.io/") ||
            str_starts(key, "readiness.status.sidecar") || str_starts(key, "internal.istio.io/");
        unsigned allowed = known ? ON_OTHER : 0;
        for (size_t k = 0; k < ARRAY_COUNT(annotation_table); k++) {
            if (str_eq(annotation_table[k].name, key)) {
                known = true;
                allowed = annotation_table[k].where;
            }
        }
        const char *path = check_text(c, "metadata.annotations[\"%s\"]", key);
        if (!known) {
            struct finding *f =
                check_add(c, "IST0108", o, path, "Istio knows no annotation %s", key);
            check_hint(c, f, "compare its spelling with Istio's reference of annotations");
        } else if ((allowed & where) == 0 && !str_starts(key, "internal.istio.io/")) {
            struct finding *f =
                check_add(c, "IST0107", o, path, "the annotation %s does nothing on a %s", key,
                          kinds[o->kind].kind);
            check_hint(c, f, "put it where Istio reads it%s",
                       (allowed & ON_OTHER) != 0 ? ", for example on the pod template" : "");
        }
    }
}

void check_annotations(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_NAMESPACE, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!check_system_namespace(all[i]->name)) {
            check_annotations_of(c, all[i], ON_NAMESPACE);
        }
    }
    all = mesh_all(c->m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!check_system_namespace(all[i]->ns)) {
            check_annotations_of(c, all[i], ON_SERVICE);
        }
    }
}
