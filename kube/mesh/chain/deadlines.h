// SPDX-License-Identifier: Apache-2.0
// Instants of many, the earliest first (a heap).
#ifndef GATETOP_MESH_CHAIN_DEADLINES_H
#define GATETOP_MESH_CHAIN_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deadline {
    int64_t at;
    uint32_t who;
};

// On the heap, zero at first.
struct deadlines {
    struct deadline *heap;
    size_t n, cap;
};

// Adds an instant. An older one of the same number stays: the caller that takes it out must recognise it as outdated.
void deadlines_add(struct deadlines *d, uint32_t who, int64_t at);
// The earliest, NULL if there is none. Valid until the next change.
const struct deadline *deadlines_first(const struct deadlines *d);
// Takes the earliest out; there must be one.
void deadlines_remove_first(struct deadlines *d);
// Frees the memory; there are none after it.
void deadlines_release(struct deadlines *d);

#endif
