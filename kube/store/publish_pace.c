// SPDX-License-Identifier: Apache-2.0
// How often a session publishes.
#include "kube/store/publish_pace.h"

enum {
    PAUSE_MIN_MS = 15,
    LOADING_FACTOR = 6,
};

int64_t publish_pause_ms(int64_t cost_us, bool complete)
{
    int64_t pause = cost_us / 1000 * (complete ? 1 : LOADING_FACTOR);
    return pause > PAUSE_MIN_MS ? pause : PAUSE_MIN_MS;
}
