// SPDX-License-Identifier: Apache-2.0
// A store as after the first lists: every kind is live and known as a whole.
#ifndef GATETOP_TESTS_SUPPORT_LIVE_STORE_H
#define GATETOP_TESTS_SUPPORT_LIVE_STORE_H

#include "kube/store/store.h"

static inline void live_store(struct store *s)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        struct kind_state *state = store_state(s, (enum kind)k);
        state->state = SYNC_LIVE;
        state->synced = true;
    }
}

#endif
