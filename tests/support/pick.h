// SPDX-License-Identifier: Apache-2.0
// Numbers that look random and are the same in every run, for tests that make up their worlds. One thread.
#ifndef GATETOP_TESTS_SUPPORT_PICK_H
#define GATETOP_TESTS_SUPPORT_PICK_H

#include <stdint.h>

// Begins anew from this seed; without it a program begins from one of its own.
void pick_from(uint64_t seed);
// Begins from GATETOP_SEED or, without it, from the clock. Prints the seed, and returns it.
uint64_t pick_from_environment(void);
// A number below n, which is at least 1.
uint32_t pick(uint32_t n);
// One element of an array.
#define PICK(list) (list)[pick((uint32_t)(sizeof(list) / sizeof *(list)))]

#endif
