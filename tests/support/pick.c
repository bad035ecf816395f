// SPDX-License-Identifier: Apache-2.0
// Knuth's linear congruential generator (MMIX); its low bits repeat too soon to be used.
#include "tests/support/pick.h"

#include "kube/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 4711;

void pick_from(uint64_t seed)
{
    state = seed;
}

uint64_t pick_from_environment(void)
{
    const char *text = getenv("GATETOP_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)clock_now();
    printf("# GATETOP_SEED=%" PRIu64 "\n", seed);
    pick_from(seed);
    return seed;
}

uint32_t pick(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(state >> 33) % n;
}
