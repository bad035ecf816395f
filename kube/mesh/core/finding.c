// SPDX-License-Identifier: Apache-2.0
// Lists of findings.
#include "kube/mesh/core/finding.h"

#include "kube/base/array.h"

#include <assert.h>

struct finding *findings_add(struct findings *f, struct arena *a, const char *code,
                             enum severity severity, const struct object *object, const char *path)
{
    struct finding *x = ARENA_PUSH(a, f->at, f->n, f->cap);
    x->code = code;
    x->severity = severity;
    x->kind = KIND_COUNT;
    x->object = object;
    x->path = path;
    if (object != NULL) {
        x->kind = (enum kind)object->kind;
        x->ns = object->ns;
        x->name = object->name;
        if (object->source != NULL) {
            x->file = object->source->file;
            x->line = object->source->line;
        }
    }
    return x;
}

const char *severity_name(enum severity s)
{
    static const char *const names[] = {
        [SEVERITY_INFO] = "info", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};
    static_assert(ARRAY_COUNT(names) == SEVERITY_ERROR + 1, "every severity has a name");
    return names[s];
}
