// SPDX-License-Identifier: Apache-2.0
// A store as the dashboard's after the first lists: every kind but EndpointSlices, which it does not list, is live and
// known as a whole.
#ifndef GATETOP_TESTS_SUPPORT_LIVE_STORE_H
#define GATETOP_TESTS_SUPPORT_LIVE_STORE_H

#include "kube/store/store.h"

static inline void live_store(struct store *s)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        struct kind_state *state = store_state(s, (enum kind)k);
        if (k != KIND_ENDPOINTSLICE) {
            state->state = SYNC_LIVE;
            state->synced = true;
        }
    }
}

#endif
