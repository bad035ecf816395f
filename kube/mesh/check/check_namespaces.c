// SPDX-License-Identifier: Apache-2.0
// Labels of Namespaces for injection: none, or several (IST0102, IST0123): docs/rules/istio.md#ist0102.
#include "kube/base/str.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

static void check_injection(struct check *c, const struct object *o)
{
    const char *injection = object_label(o, "istio-injection");
    const char *rev = object_label(o, "istio.io/rev");
    const char *mode = object_label(o, "istio.io/dataplane-mode");
    bool count_others = injection == NULL || str_eq(injection, "enabled");
    int labels = (injection != NULL ? 1 : 0) + (count_others && rev != NULL ? 1 : 0) +
                 (count_others && mode != NULL ? 1 : 0);
    if (labels > 1) {
        struct finding *f = check_add(
            c, "IST0123", o, "metadata.labels", "has several injection labels:%s%s%s%s%s%s",
            injection != NULL ? " istio-injection=" : "", str_or_empty(injection),
            rev != NULL ? " istio.io/rev=" : "", str_or_empty(rev),
            mode != NULL ? " istio.io/dataplane-mode=" : "", str_or_empty(mode));
        check_hint(c, f, "keep one of them: Istio looks at only one");
    }
    if (!str_eq(o->name, "istio-system") && mode == NULL && str_empty(injection) && rev == NULL) {
        struct finding *f = check_add(c, "IST0102", o, "metadata.labels",
                                      "the namespace is not enabled for Istio injection");
        check_hint(c, f,
                   "label it istio-injection=enabled, or =disabled to say that it needs none");
    }
}

void check_namespaces(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_NAMESPACE, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!check_system_namespace(all[i]->name)) {
            check_injection(c, all[i]);
        }
    }
}
