// SPDX-License-Identifier: Apache-2.0
// Open addressing with at least every second slot free.
#include "kube/base/number_set.h"

#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <stdlib.h>

void number_set_init(struct number_set *s, size_t n)
{
    s->mask = 1;
    while (s->mask < n * 2) {
        s->mask = s->mask * 2 + 1;
    }
    s->slot = xcalloc(s->mask + 1, sizeof *s->slot);
}

void number_set_release(struct number_set *s)
{
    free(s->slot);
    *s = (struct number_set){NULL, 0};
}

// The slot of a number, or the free one where it belongs.
static uint64_t *slot_of(const struct number_set *s, uint64_t number)
{
    size_t i = hash_mix(number, 0) & s->mask;
    while (s->slot[i] != 0 && s->slot[i] != number) {
        i = (i + 1) & s->mask;
    }
    return &s->slot[i];
}

void number_set_add(struct number_set *s, uint64_t number)
{
    ASSERT(s->slot != NULL); // number_set_init made room
    *slot_of(s, number) = number;
}

bool number_set_has(const struct number_set *s, uint64_t number)
{
    return s->slot != NULL && *slot_of(s, number) != 0;
}
