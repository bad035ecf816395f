// SPDX-License-Identifier: Apache-2.0
// What the decoder found in the text of objects from files, as findings (GT0001 to GT0008):
// docs/rules/istio.md#unknown-fields, docs/rules/istio.md#list-given-as-mapping,
// docs/rules/istio.md#misindented-match, docs/rules/istio.md#unreadable-values,
// docs/rules/certificates.md#certificate-fields, docs/rules/certificates.md#webhook-certificate,
// docs/rules/certificates.md#webhook-issuer, docs/rules/certificates.md#webhook-request,
// docs/rules/certificates.md#api-groups.
#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

static const char *lint_code(enum lint_code code)
{
    switch (code) {
    case LINT_UNKNOWN_FIELD:
        return "GT0001";
    case LINT_WRONG_TYPE:
        return "GT0002";
    case LINT_EMPTY_MATCH:
        return "GT0003";
    case LINT_REFUSED:
        return "GT0006";
    case LINT_OLD_VERSION:
        return "GT0008";
    case LINT_UNFILLED:
        return "GT0007";
    case LINT_TWICE:
    case LINT_ALTERNATIVE:
        return "GT0005";
    default:
        return "GT0004";
    }
}

// What becomes of an object with a fatal defect.
static const char *refused_by(const struct object *o)
{
    bool istio =
        (KIND_BIT(o->kind) & (KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) |
                              KIND_BIT(KIND_DESTINATIONRULE) | KIND_BIT(KIND_SERVICEENTRY))) != 0;
    return istio ? ": the API server and Istio refuse the object"
                 : ": the API server or cert-manager's webhook refuses the object";
}

static void check_object(struct check *c, const struct object *o)
{
    for (uint32_t i = 0; o->source != NULL && i < o->source->nlints; i++) {
        const struct lint *l = &o->source->lints[i];
        struct finding *f = check_add(c, lint_code(l->code), o, l->path, "%s%s", l->message,
                                      l->fatal ? refused_by(o) : "");
        f->hint = l->hint;
        if (l->code == LINT_ALTERNATIVE) {
            f->severity = SEVERITY_INFO;
        }
        if (l->line > 0) {
            f->line = l->line;
            f->column = l->column;
        }
    }
}

void check_decoding(struct check *c)
{
    for (int k = 0; c->m->snap->cluster.from_files && k < KIND_COUNT; k++) {
        uint32_t n;
        const struct object *const *all = mesh_all(c->m, (enum kind)k, &n);
        for (uint32_t i = 0; i < n; i++) {
            check_object(c, all[i]);
        }
    }
}
