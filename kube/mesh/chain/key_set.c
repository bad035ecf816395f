// SPDX-License-Identifier: Apache-2.0
// Sets of 32-bit keys as sorted arrays.
#include "kube/mesh/chain/key_set.h"

#include "kube/base/array.h"

#include <stdbool.h>
#include <stdlib.h>

void key_set_add(struct key_set *s, uint64_t key)
{
    *ARRAY_PUSH(s->at, s->n, s->cap) = key_fold(key);
}

static int by_value(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

void key_set_sort(struct key_set *s)
{
    if (s->n == 0) {
        return;
    }
    qsort(s->at, s->n, sizeof *s->at, by_value);
    size_t n = 1;
    for (size_t i = 1; i < s->n; i++) {
        if (s->at[i] != s->at[n - 1]) {
            s->at[n++] = s->at[i];
        }
    }
    s->n = n;
}

void key_set_clear(struct key_set *s)
{
    s->n = 0;
}

void key_set_release(struct key_set *s)
{
    free(s->at);
    *s = (struct key_set){0};
}

static bool sorted_has(const uint32_t *at, size_t n, uint32_t key)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (at[mid] < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < n && at[low] == key;
}

const uint32_t *keys_common(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
    if (na > nb) {
        return keys_common(b, nb, a, na);
    }
    for (size_t i = 0; i < na; i++) {
        if (sorted_has(b, nb, a[i])) {
            return &a[i];
        }
    }
    return NULL;
}
