// SPDX-License-Identifier: Apache-2.0
// What is the same for the rows of every view: key, namespace, the rows of a kind.
#include "views/view.h"

#include "kube/base/text.h"

#include "kube/mesh/core/object_order.h"

#include "views/view_internal.h"

#include <stdlib.h>
#include <string.h>

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

struct view_rows view_objects(const struct view_args *a, enum kind k)
{
    const struct pmap *m = &a->snap->objects[k];
    const void **at = arena_calloc(a->arena, m->count, sizeof *at);
    struct view_rows rows = {at, 0};
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;) {
        const struct object *o = v;
        if (a->ns == NULL || !kinds[k].namespaced || strcmp(o->ns, a->ns) == 0) {
            at[rows.n++] = o;
        }
    }
    qsort(at, rows.n, sizeof *at, object_id_order);
    return rows;
}
