// SPDX-License-Identifier: Apache-2.0
// Pauses that grow with each failure in a row (docs/rules/kubernetes-client.md#backoff). Pure.
#ifndef GATETOP_API_BACKOFF_H
#define GATETOP_API_BACKOFF_H

#include <stdint.h>

// Bounds of the pause that a server asks for (docs/rules/kubernetes-client.md#retry-after).
enum {
    RETRY_AFTER_MAX_S = 3600,    // longer ones are cut to this
    RETRY_AFTER_WAIT_MAX_S = 60, // the longest wait of a list or watch, before jitter
};

struct backoff {
    int64_t first_ms, max_ms; // before the random factor
    int step;                 // how often it was doubled
};

// The next pause: the first, then each twice as long up to the longest, times 1 + random. random is in [0,1).
int64_t backoff_next(struct backoff *b, double random);
// After a success.
void backoff_reset(struct backoff *b);

#endif
