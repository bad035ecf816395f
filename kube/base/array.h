// SPDX-License-Identifier: Apache-2.0
// Growing arrays: three variables of the caller's (items, count, capacity), zero at first, and one macro.
//
//     struct rule *rules;         // or the three of them in a struct
//     uint32_t n, cap;            // both uint32_t or both size_t
//     *ARENA_PUSH(arena, rules, n, cap) = (struct rule){.order = 7};
//     struct rule *r = ARRAY_PUSH(rules, n, cap);     // on the heap: free(rules)
//
// The value is a pointer to the new element, which is zeroed; it is valid until the next push. A value that is assigned
// through it must not use the array itself: C does not define which of the two comes first. Setting count to a smaller
// number forgets elements and keeps the memory. In an arena, a capacity that is smaller than the count (an array made
// elsewhere, capacity 0) makes the push copy the array first; one of the heap stays on the heap.
//
// Capacity doubles. In an arena each growth leaves the old copy behind, so that a list costs up to twice its
// size; for a long list that is copied at its end anyway, take the heap. Lack of memory, and a count that its type
// cannot hold, end the program (fail.h).
#ifndef GATETOP_BASE_ARRAY_H
#define GATETOP_BASE_ARRAY_H

#include "kube/base/attr.h"
#include "kube/base/fail.h"

#include <stddef.h>
#include <stdint.h>

struct arena;

#define ARRAY_PUSH(items, count, capacity) ARRAY_PUSH_IN(NULL, items, count, capacity)
#define ARENA_PUSH(arena, items, count, capacity)                                                  \
    ARRAY_PUSH_IN(array_arena(arena), items, count, capacity)

#define ARRAY_PUSH_IN(arena_or_heap, items, count, capacity)                                       \
    ((items) = _Generic(&(count), size_t *                                                         \
                        : array_push_size, default                                                 \
                        : array_push_u32)((arena_or_heap), (items), sizeof *(items), &(count),     \
                                          &(capacity)),                                            \
     &(items)[(count)-1])

// How many elements an array that is declared here has.
#define ARRAY_COUNT(array) (sizeof(array) / sizeof *(array))

// What the macros call: the array with one zeroed element more, count and capacity brought up to date. On the heap
// where the arena is NULL.
void *array_push_size(struct arena *a, void *items, size_t size, size_t *count,
                      size_t *cap) MUST_USE;
// The same for counts of 32 bits.
void *array_push_u32(struct arena *a, void *items, size_t size, uint32_t *count,
                     uint32_t *cap) MUST_USE;
// The arena of a push. NULL is a bug: the array would be on the heap, and leak.
static inline struct arena *array_arena(struct arena *a)
{
    ASSERT(a != NULL);
    return a;
}

#endif
