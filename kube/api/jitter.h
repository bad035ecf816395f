// SPDX-License-Identifier: Apache-2.0
// Randomness for pauses, so that clients and kinds do not all try at the same moment. Not for secrets.
#ifndef GATETOP_API_JITTER_H
#define GATETOP_API_JITTER_H

#include <stdint.h>

struct jitter {
    uint64_t seed; // not 0
};

// The next fraction, in [0,1).
double jitter_fraction(struct jitter *j);
// A part of ms, in [0,ms).
int64_t jitter_of(struct jitter *j, int64_t ms);

#endif
