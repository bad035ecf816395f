// SPDX-License-Identifier: Apache-2.0
// The objects of one kind as rows.
#include "kube/base/arena.h"
#include "kube/base/pmap.h"

#include "kube/mesh/core/object_order.h"

#include "views/view_objects_internal.h"

#include <stdlib.h>
#include <string.h>

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
