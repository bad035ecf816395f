// SPDX-License-Identifier: Apache-2.0
// A binary heap of instants.
#include "kube/base/time_heap.h"

#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"

#include <stdlib.h>

static void swap(struct time_heap *d, size_t i, size_t k)
{
    struct time_heap_entry x = d->heap[i];
    d->heap[i] = d->heap[k];
    d->heap[k] = x;
}

void time_heap_add(struct time_heap *d, uint32_t who, int64_t at)
{
    *ARRAY_PUSH(d->heap, d->n, d->cap) = (struct time_heap_entry){at, who};
    for (size_t i = d->n - 1; i > 0 && d->heap[i].at < d->heap[(i - 1) / 2].at; i = (i - 1) / 2) {
        swap(d, i, (i - 1) / 2);
    }
}

const struct time_heap_entry *time_heap_first(const struct time_heap *d)
{
    return d->n > 0 ? &d->heap[0] : NULL;
}

void time_heap_remove_first(struct time_heap *d)
{
    ASSERT(d->n > 0);
    d->heap[0] = d->heap[--d->n];
    for (size_t i = 0, least = 0;; i = least) {
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < d->n; child++) {
            least = d->heap[child].at < d->heap[least].at ? child : least;
        }
        if (least == i) {
            return;
        }
        swap(d, i, least);
    }
}

void time_heap_release(struct time_heap *d)
{
    free(d->heap);
    *d = (struct time_heap){0};
}
