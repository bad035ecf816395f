// SPDX-License-Identifier: Apache-2.0
// Where probers put their results until a session takes them.
//
// The inbox outlives sessions and probers, so that neither has to know whether the other is there. Any thread.
#ifndef GATETOP_STORE_PROBE_INBOX_H
#define GATETOP_STORE_PROBE_INBOX_H

#include "kube/store/probe_result.h"

#include <stddef.h>

struct probe_inbox;
// An inbox that is closed: what is put into it is dropped before probe_inbox_open.
struct probe_inbox *probe_inbox_new(void);
// After all who put into it have ended. NULL is fine.
void probe_inbox_free(struct probe_inbox *in);

// Puts a result in (takes over the reference) and wakes the session that has the inbox open; drops the result where
// none has. Fits the `result` of a prober's options: `inbox` is a struct probe_inbox.
void probe_inbox_put(void *inbox, const struct probe_result *r);

// Results are kept from now on. wake is called for each, with the inbox locked: it may only wake.
void probe_inbox_open(struct probe_inbox *in, void (*wake)(void *self), void *self);
// Drops what is there and what comes. wake is not called after it returns.
void probe_inbox_close(struct probe_inbox *in);
// Takes all results: an array on the heap with a reference each, NULL if there are none.
const struct probe_result **probe_inbox_take(struct probe_inbox *in, size_t *n);

#endif
