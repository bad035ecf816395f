// SPDX-License-Identifier: Apache-2.0
// Adds defects with the line and column of their node.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/yaml_doc.h"

#include "kube/object/lint_list_internal.h"

#define LINTS_MAX 1000

struct lint *lint_add(struct lint_list *l, enum lint_code code, const char *path,
                      const struct json *node)
{
    struct lint *x = l->n < LINTS_MAX ? ARENA_PUSH(l->a, l->at, l->n, l->cap) : &l->dropped;
    x->code = code;
    x->path = path;
    if (l->doc != NULL && node != NULL) {
        struct yaml_mark mark = yaml_key_mark(l->doc, node);
        if (mark.line == 0) {
            mark = yaml_value_mark(l->doc, node);
        }
        x->line = mark.line;
        x->column = mark.column;
    }
    return x;
}
