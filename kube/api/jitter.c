// SPDX-License-Identifier: Apache-2.0
// Randomness for pauses, so that clients and kinds do not all try at the same moment.
#include "kube/api/jitter.h"

#include "kube/base/str.h"

double jitter_fraction(struct jitter *j)
{
    j->seed = hash_mix(j->seed, 0x9e3779b97f4a7c15u);
    return (double)(j->seed >> 11) / 9007199254740992.0; // 53 bits
}

int64_t jitter_of(struct jitter *j, int64_t ms)
{
    return (int64_t)((double)ms * jitter_fraction(j));
}
