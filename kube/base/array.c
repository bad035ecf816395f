// SPDX-License-Identifier: Apache-2.0
// Growing arrays.
#include "kube/base/array.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"

#include <string.h>

enum { FIRST = 4 };

static void *grow(struct arena *a, void *items, size_t size, size_t count, size_t cap)
{
    if (a == NULL) {
        return xreallocarray(items, cap, size);
    }
    void *more = arena_calloc(a, cap, size);
    if (count > 0) {
        memcpy(more, items, count * size);
    }
    return more;
}

void *array_push_size(struct arena *a, void *items, size_t size, size_t *count, size_t *cap)
{
    size_t n = *count;
    if (n >= *cap) {
        if (n > SIZE_MAX / 2) {
            fail_memory();
        }
        *cap = n < FIRST ? FIRST : n * 2;
        items = grow(a, items, size, n, *cap);
    }
    memset((char *)items + n * size, 0, size);
    *count = n + 1;
    return items;
}

void *array_push_u32(struct arena *a, void *items, size_t size, uint32_t *count, uint32_t *cap)
{
    size_t n = *count, wide = *cap;
    items = array_push_size(a, items, size, &n, &wide);
    if (n > UINT32_MAX) {
        fail_memory();
    }
    *count = (uint32_t)n;
    *cap = wide < UINT32_MAX ? (uint32_t)wide : UINT32_MAX;
    return items;
}
