// SPDX-License-Identifier: Apache-2.0
// What is the same for the rows of every view: their key and namespace.
#include "views/view.h"

#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"

struct mesh view_mesh(const struct view_args *a)
{
    return (struct mesh){.snap = a->snap, .arena = a->arena, .now = a->now};
}

const char *view_row_key(const struct view *v, const struct view_args *a, const void *row)
{
    if (v->key != NULL) {
        return v->key(a, row);
    }
    const struct object *o = v->object(a, row);
    ASSERT(o != NULL); // a view without keys has an object in each row
    return !str_empty(o->uid)
               ? o->uid
               : arena_printf(a->arena, "%s/%s/%s", kinds[o->kind].kind, o->ns, o->name);
}

const char *view_row_ns(const struct view *v, const struct view_args *a, const void *row)
{
    if (v->ns != NULL) {
        return v->ns(a, row);
    }
    const struct object *o = v->object != NULL ? v->object(a, row) : NULL;
    return o != NULL ? o->ns : "";
}
