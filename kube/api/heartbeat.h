// SPDX-License-Identifier: Apache-2.0
// A small request now and then: whether a server that was lost is back, and whether its data went back in time.
//
// While no request is answered it sends one every few seconds: the kinds, with their back-offs, would notice up to a
// minute late (docs/rules/kubernetes-client.md#server-back). A resource version that is lower than the one before means
// that the data was restored from a backup (docs/rules/kubernetes-client.md#rv-rollback).
#ifndef GATETOP_API_HEARTBEAT_H
#define GATETOP_API_HEARTBEAT_H

#include "kube/api/jitter.h"
#include "kube/api/server_status.h"

#include <stdint.h>

struct heartbeat_options {
    struct http *http;
    struct credential *credential;
    struct server_status *status;
    struct jitter *jitter;
    int64_t interval_ms; // while all is well
    // Its Services are read if namespaces may not be listed; NULL or "" if none.
    const char *own_namespace;
    void *self;
    void (*went_back)(void *self); // the data is older than it was
};

struct heartbeat;
// Options are copied, what they point to is borrowed.
struct heartbeat *heartbeat_new(const struct heartbeat_options *o);
// Cancels what is in flight. NULL is fine.
void heartbeat_free(struct heartbeat *h);

// The server was lost, for this reason: sends requests, the first in a second or two, later ones up to eight seconds
// apart. Does nothing if trying again cannot help, as with a refused credential.
void heartbeat_lost(struct heartbeat *h, const struct err *reason);
// The connection is a new one: another server may answer now. Sends a request in delay_ms.
void heartbeat_reconnected(struct heartbeat *h, int64_t delay_ms);

// To be called at the deadline, or later.
void heartbeat_timer(struct heartbeat *h, int64_t now);
// Monotonic ms of the next timer; INT64_MAX: none.
int64_t heartbeat_deadline(const struct heartbeat *h);

#endif
