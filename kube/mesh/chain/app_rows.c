// SPDX-License-Identifier: Apache-2.0
// What a snapshot carries of the applications: a map of the rows of each owner.
#include "kube/mesh/chain/app_rows.h"

#include "kube/base/mem.h"

#include "kube/mesh/chain/owner_rows.h"

#include <stdatomic.h>
#include <stdlib.h>

struct published_rows {
    _Atomic uint32_t refs;
    struct pmap owners; // owner_rows.h
    size_t count;
};

const void *app_rows_new(const struct pmap *owners, size_t count)
{
    struct published_rows *r = xmalloc(sizeof *r);
    atomic_init(&r->refs, 1);
    r->owners = pmap_copy(owners);
    r->count = count;
    return r;
}

void app_rows_unref(const void *rows)
{
    struct published_rows *r = unconst(rows);
    if (r != NULL && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1) {
        pmap_release(&r->owners);
        free(r);
    }
}

void app_rows_begin(struct app_rows_iter *it, const struct snapshot *s)
{
    static const struct pmap none;
    const struct published_rows *r = s->derived;
    pmap_begin(&it->owners, r != NULL ? &r->owners : &none);
    it->owner = NULL;
    it->at = 0;
}

const struct app_row *app_rows_next(struct app_rows_iter *it)
{
    for (;;) {
        const struct owner_rows *g = it->owner;
        if (g != NULL && it->at < g->nrows) {
            return &g->rows[it->at++];
        }
        it->owner = pmap_next(&it->owners);
        it->at = 0;
        if (it->owner == NULL) {
            return NULL;
        }
    }
}

size_t app_rows_count(const struct snapshot *s)
{
    return s->derived != NULL ? ((const struct published_rows *)s->derived)->count : 0;
}
