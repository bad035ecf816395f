// SPDX-License-Identifier: Apache-2.0
// Sets of numbers such as hashes and addresses. 0 is never in one.
#ifndef GATETOP_BASE_NUMBER_SET_H
#define GATETOP_BASE_NUMBER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// On the heap. One of zeroes is empty and has no room.
struct number_set {
    uint64_t *slot; // open addressing, 0 free
    size_t mask;    // slots less one; their number is a power of two
};

// An empty set with room for n numbers. number_set_release frees it.
void number_set_init(struct number_set *s, size_t n);
// Frees the numbers; the set is empty after it.
void number_set_release(struct number_set *s);
// Adds one of at most n numbers.
void number_set_add(struct number_set *s, uint64_t number);
// Whether the set has the number.
bool number_set_has(const struct number_set *s, uint64_t number);

#endif
