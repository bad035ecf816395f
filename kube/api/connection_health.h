// SPDX-License-Identifier: Apache-2.0
// Which connections are silent, when to probe them, and which watches are given up. Pure: time is an argument.
//
// A connection on which no byte has come for idle_ms is silent; a probe is sent. The probe takes the connection that
// new requests take: if it fails, that connection is dead, and all requests fail. If it is answered on another
// connection, new requests avoid this one (after a GOAWAY): its watches end when it has been silent for probe_ms more,
// and continue where the probe was answered (docs/rules/kubernetes-client.md#connection-probe,
// docs/rules/kubernetes-client.md#connection-older).
#ifndef GATETOP_API_CONNECTION_HEALTH_H
#define GATETOP_API_CONNECTION_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One connection, known by its local port. Instants are monotonic milliseconds.
struct connection {
    long port;
    int64_t last_byte; // when one came
    bool probed;       // a probe was sent since
    bool answered;     // it has carried an answer
};

// Zero at first.
struct connection_health {
    struct connection *items;
    size_t count, cap;
};

// Frees the list.
void connection_health_release(struct connection_health *h);
// All connections are gone.
void connection_health_clear(struct connection_health *h);

// The connection of that port, NULL if it is not known. Valid until the next add or check.
struct connection *connection_health_find(const struct connection_health *h, long port);
// The same; one that is not known is added, as if its last byte came at `since`.
struct connection *connection_health_add(struct connection_health *h, long port, int64_t since);
// A byte came on it.
void connection_health_byte(struct connection_health *h, long port, int64_t now);
// Counts each as heard now: the probe could not be sent, so silence proves nothing.
void connection_health_excuse(struct connection_health *h, int64_t now);

struct connection_checks {
    int64_t idle_ms, probe_ms;
    bool probing; // a probe is in flight
    void *self;
    // Whether a watch runs on it; other requests have time-outs.
    bool (*is_watched)(void *self, long port);
    void (*end_watches)(void *self, long port); // with an error
};
// Looks at each connection; one that is silent and not watched is forgotten. True: a probe is to be sent.
bool connection_health_check(struct connection_health *h, const struct connection_checks *c,
                             int64_t now) __attribute__((warn_unused_result));
// Monotonic ms: when to check again, INT64_MAX: no connection. Not while a probe is in flight.
int64_t connection_health_deadline(const struct connection_health *h, int64_t idle_ms,
                                   int64_t probe_ms);

#endif
