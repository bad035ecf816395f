// SPDX-License-Identifier: Apache-2.0
// Fields that Istio will stop reading (IST0002): docs/rules/istio.md#ist0002.
#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

static void check_delays(struct check *c, const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule_more *m = vs->http[i].more;
        if (m != NULL && m->fault != NULL && m->fault->delay_percent > 0) {
            struct finding *f = check_add(c, "IST0002", &vs->o,
                                          check_text(c, "spec.http[%u].fault.delay.percent", i),
                                          "fault.delay.percent is deprecated");
            check_hint(c, f, "write percentage: {value: %lld}", (long long)m->fault->delay_percent);
        }
    }
}

void check_deprecated(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_delays(c, OBJECT_AS(virtualservice, all[i]));
    }
}
