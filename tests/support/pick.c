// SPDX-License-Identifier: Apache-2.0
// Knuth's linear congruential generator (MMIX); its low bits repeat too soon to be used.
#include "tests/support/pick.h"

static uint64_t state = 4711;

void pick_from(uint64_t seed)
{
    state = seed;
}

uint32_t pick(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(state >> 33) % n;
}
