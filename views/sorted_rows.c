// SPDX-License-Identifier: Apache-2.0
// A hash set of the rows' addresses, and a merge.
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "views/sorted_rows_internal.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 64 }; // rows that are sorted as fast

struct row_set {
    const void **slot; // NULL: empty
    uint32_t mask;
};

static struct row_set set_of(const void *const *at, uint32_t n)
{
    struct row_set s = {.mask = 1};
    while (s.mask < n * 2) {
        s.mask = s.mask * 2 + 1;
    }
    s.slot = xcalloc((size_t)s.mask + 1, sizeof *s.slot);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t h = (uint32_t)hash_mix((uintptr_t)at[i], 0) & s.mask;
        while (s.slot[h] != NULL) {
            h = (h + 1) & s.mask;
        }
        s.slot[h] = at[i];
    }
    return s;
}

static bool set_has(const struct row_set *s, const void *row)
{
    uint32_t h = (uint32_t)hash_mix((uintptr_t)row, 0) & s->mask;
    while (s->slot[h] != NULL && s->slot[h] != row) {
        h = (h + 1) & s->mask;
    }
    return s->slot[h] != NULL;
}

// Puts those of `from` that the set has (or has not) into `to`; returns how many.
static uint32_t choose(const struct row_set *s, bool has, const void *const *from, uint32_t n,
                       const void **to)
{
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (set_has(s, from[i]) == has) {
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
    const struct row_set now = set_of(at, n), then = set_of(before->at, before->n);
    const void **kept = xcalloc((size_t)before->n + n, sizeof *kept), **added = kept + before->n;
    const uint32_t nkept = choose(&now, true, before->at, before->n, kept);
    const uint32_t nadded = choose(&then, false, at, n, added);
    qsort(added, nadded, sizeof *added, compare);
    merge(kept, nkept, added, nadded, at, compare);
    free(kept);
    free(now.slot);
    free(then.slot);
}
