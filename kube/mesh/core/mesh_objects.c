// SPDX-License-Identifier: Apache-2.0
// Objects in their order.
#include "kube/mesh/core/mesh_objects.h"

#include "kube/base/arena.h"
#include "kube/base/pmap.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/object_order.h"

#include <stdlib.h>

enum { FEW = 8 }; // objects that are compared each time

struct index_question {
    enum index_kind i;
    const char *a, *b;
};

static const void *find_first(const struct mesh *m, const void *question)
{
    const struct index_question *q = question;
    uint32_t n;
    const struct object *const *at = mesh_index(m, q->i, q->a, q->b, &n);
    const struct object *first = n > 0 ? at[0] : NULL;
    for (uint32_t k = 1; k < n; k++) {
        first = object_id_order(&at[k], &first) < 0 ? at[k] : first;
    }
    return first;
}

const struct object *mesh_index_first(const struct mesh *m, enum index_kind i, const char *a,
                                      const char *b)
{
    struct index_question q = {i, a, b};
    if (mesh_index_count(m, i, a, b) <= FEW) {
        return find_first(m, &q);
    }
    const char *name =
        mesh_answer_name(m->arena, "first", arena_printf(m->arena, "%d", (int)i), a, b, NULL);
    return mesh_answer(m, name, find_first, &q);
}

struct all_objects {
    const struct object **at;
    uint32_t n;
};

static const void *sort_all(const struct mesh *m, const void *question)
{
    const enum kind *k = question;
    const struct pmap *map = mesh_kind(m, *k);
    struct all_objects *all = arena_alloc(m->arena, sizeof *all);
    all->at = arena_calloc(m->arena, map->count, sizeof(struct object *));
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, map); (v = pmap_next(&it)) != NULL;) {
        all->at[all->n++] = v;
    }
    qsort(all->at, all->n, sizeof(struct object *), object_id_order);
    return all;
}

const struct object *const *mesh_all(const struct mesh *m, enum kind k, uint32_t *n)
{
    const char *name = mesh_answer_name(m->arena, "all", kinds[k].resource, kinds[k].kind,
                                        kinds[k].groups[0].group, NULL);
    const struct all_objects *all = mesh_answer(m, name, sort_all, &k);
    *n = all->n;
    return all->at;
}
