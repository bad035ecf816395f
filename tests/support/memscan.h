// SPDX-License-Identifier: Apache-2.0
// Looks for a text in all of this process's writable memory: heap, freed memory, stacks, data.
#ifndef GATETOP_TESTS_MEMSCAN_H
#define GATETOP_TESTS_MEMSCAN_H

#include <stddef.h>

// A text that is in memory only where memscan_text writes it: it is stored with every bit inverted.
struct memscan {
    unsigned char turned[64];
    size_t n;
};
// A text of n (16 to 64) characters that no other call gives.
void memscan_init(struct memscan *s, size_t n);
// These n bytes (16 to 64).
void memscan_of(struct memscan *s, const char *text, size_t n);
void memscan_text(const struct memscan *s, char *out); // n bytes, no NUL
// In how many places it is. Linux (/proc/self/maps).
size_t memscan_count(const struct memscan *s);

#endif
