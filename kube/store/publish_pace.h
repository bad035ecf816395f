// SPDX-License-Identifier: Apache-2.0
// How often a session publishes. Pure.
#ifndef GATETOP_STORE_PUBLISH_PACE_H
#define GATETOP_STORE_PUBLISH_PACE_H

#include <stdbool.h>
#include <stdint.h>

// How long the next publication waits after one that cost so many microseconds of the thread's time: ms, at least 15.
// While lists arrive, six times the cost, so that most of the thread's time is left for them. Once everything has
// arrived (complete), as long as it cost: the cost is then that of the changes, and a longer pause would only collect
// more of them.
int64_t publish_pause_ms(int64_t cost_us, bool complete);

#endif
