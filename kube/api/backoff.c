// SPDX-License-Identifier: Apache-2.0
// Pauses that grow with each failure in a row.
#include "kube/api/backoff.h"

int64_t backoff_next(struct backoff *b, double random)
{
    int64_t pause = b->first_ms << b->step;
    if (pause >= b->max_ms) {
        pause = b->max_ms;
    } else {
        b->step++;
    }
    return pause + (int64_t)((double)pause * random);
}

void backoff_reset(struct backoff *b)
{
    b->step = 0;
}
