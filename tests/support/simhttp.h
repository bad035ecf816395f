// SPDX-License-Identifier: Apache-2.0
// HTTP to a simulated server, and the state of that server, for tests of what sends requests by the clock.
#ifndef GATETOP_TESTS_SUPPORT_SIMHTTP_H
#define GATETOP_TESTS_SUPPORT_SIMHTTP_H

#include "kube/api/jitter.h"
#include "kube/api/server_status.h"

#include "tests/support/simclient.h"

struct simhttp {
    struct simclient server; // its client is never started
    struct http *http;
    struct server_status status;
    struct client_sink sink;
    struct jitter jitter;
    int recovered, lost; // how often the status said so
};

void simhttp_up(struct simhttp *s);
void simhttp_down(struct simhttp *s);
// The server is gone: connections are refused.
void simhttp_stop_server(struct simhttp *s);

// Asserts that a deadline lies `low` to `high` ms after the time between `from` and now.
void simhttp_assert_due(int64_t deadline, int64_t from, int64_t low, int64_t high);

#endif
