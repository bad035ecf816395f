// SPDX-License-Identifier: Apache-2.0
// Findings and the growing list of them.
#include "kube/mesh/core/finding.h"

#include <string.h>

struct finding *findings_add(struct findings *f, struct arena *a, const char *code,
                             enum severity severity, const struct object *object, const char *path)
{
    if (f->n == f->cap) {
        uint32_t cap = f->cap == 0 ? 16 : f->cap * 2;
        struct finding *more = arena_alloc(a, cap * sizeof *more);
        if (f->n != 0) {
            memcpy(more, f->at, f->n * sizeof *more);
        }
        f->at = more;
        f->cap = cap;
    }
    struct finding *x = &f->at[f->n++];
    memset(x, 0, sizeof *x);
    x->code = code;
    x->severity = severity;
    x->kind = KIND_COUNT;
    x->object = object;
    x->path = path;
    if (object != NULL) {
        x->kind = (enum kind)object->kind;
        x->ns = object->ns;
        x->name = object->name;
        x->file = object->file;
        x->line = object->line;
    }
    return x;
}

const char *severity_name(enum severity s)
{
    static const char *const names[] = {"info", "warning", "error"};
    return names[s];
}
