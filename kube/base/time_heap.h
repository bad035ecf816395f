// SPDX-License-Identifier: Apache-2.0
// Instants of many, the earliest first (a heap).
#ifndef GATETOP_BASE_TIME_HEAP_H
#define GATETOP_BASE_TIME_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct time_heap_entry {
    int64_t at;
    uint32_t who;
};

// On the heap, zero at first.
struct time_heap {
    struct time_heap_entry *heap;
    size_t n, cap;
};

// Adds an instant. An older one of the same number stays: the caller that takes it out must recognise it as outdated.
void time_heap_add(struct time_heap *d, uint32_t who, int64_t at);
// The earliest, NULL if there is none. Valid until the next change.
const struct time_heap_entry *time_heap_first(const struct time_heap *d);
// Takes the earliest out; there must be one.
void time_heap_remove_first(struct time_heap *d);
// Frees the memory; there are none after it.
void time_heap_release(struct time_heap *d);

#endif
