// SPDX-License-Identifier: Apache-2.0
// Sets of the rows' addresses, and a merge.
#include "kube/base/mem.h"
#include "kube/base/number_set.h"

#include "views/sorted_rows_internal.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 64 }; // rows that are sorted as fast

static struct number_set set_of(const void *const *at, uint32_t n)
{
    struct number_set s;
    number_set_init(&s, n);
    for (uint32_t i = 0; i < n; i++) {
        number_set_add(&s, (uintptr_t)at[i]);
    }
    return s;
}

// Puts those of `from` that the set has (or has not) into `to`; returns how many.
static uint32_t choose(const struct number_set *s, bool has, const void *const *from, uint32_t n,
                       const void **to)
{
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (number_set_has(s, (uintptr_t)from[i]) == has) {
            to[chosen++] = from[i];
        }
    }
    return chosen;
}

static void merge(const void *const *x, uint32_t nx, const void *const *y, uint32_t ny,
                  const void **to, int (*compare)(const void *, const void *))
{
    while (nx > 0 && ny > 0) {
        bool first = compare(x, y) <= 0;
        *to++ = first ? *x++ : *y++;
        nx -= first;
        ny -= !first;
    }
    memcpy(to, nx > 0 ? x : y, (nx > 0 ? nx : ny) * sizeof *to);
}

void sorted_rows(const void **at, uint32_t n, const struct view_rows *before,
                 int (*compare)(const void *x, const void *y))
{
    if (before->n < FEW || n < FEW) {
        qsort(at, n, sizeof *at, compare);
        return;
    }
    struct number_set now = set_of(at, n), then = set_of(before->at, before->n);
    const void **kept = xcalloc((size_t)before->n + n, sizeof *kept), **added = kept + before->n;
    const uint32_t nkept = choose(&now, true, before->at, before->n, kept);
    const uint32_t nadded = choose(&then, false, at, n, added);
    qsort(added, nadded, sizeof *added, compare);
    merge(kept, nkept, added, nadded, at, compare);
    free(kept);
    number_set_release(&now);
    number_set_release(&then);
}
