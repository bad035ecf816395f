// SPDX-License-Identifier: Apache-2.0
// What both probers are made of: a thread, the queue it works on, and a pipe that wakes it.
#ifndef GATETOP_PROBE_PROBE_WORKER_H
#define GATETOP_PROBE_PROBE_WORKER_H

#include "kube/base/attr.h"

#include "kube/store/probe_result.h"

#include "kube/probe/probe_queue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_worker {
    pthread_t thread;
    int wake[2];          // pipe: a byte wakes the thread; readable end first
    pthread_mutex_t lock; // guards queue and stop
    struct probe_queue *queue;
    bool stop;
    // Called in the worker's thread for each result; takes over the reference.
    void (*result)(void *self, const struct probe_result *r);
    void *self;
};

// Makes the queue (see probe_queue_new); there is no thread yet.
void probe_worker_init(struct probe_worker *w, size_t names, int64_t hidden_ms,
                       void (*result)(void *self, const struct probe_result *r), void *self);
// Frees what init and start made, after probe_worker_stop or without a start.
void probe_worker_release(struct probe_worker *w);
// Starts the thread, with all signals blocked: they belong to the UI thread. `what` names the prober in the error.
bool probe_worker_start(struct probe_worker *w, void *(*run)(void *), void *self, const char *what,
                        struct err *err) MUST_USE;
// Asks the thread to end, and waits for that. Only after probe_worker_start.
void probe_worker_stop(struct probe_worker *w);

// --- any thread

// Puts a name into the queue and wakes the thread. A name that is empty or too long is not queried. False if too many
// names wait.
bool probe_worker_request(struct probe_worker *w, enum probe_kind k, const char *name,
                          enum probe_priority priority);
// Names that wait or are in flight.
size_t probe_worker_pending(struct probe_worker *w);
// Names that wait.
size_t probe_worker_waiting(struct probe_worker *w);

// --- the worker's own thread

// Whether probe_worker_stop was called.
bool probe_worker_stopping(struct probe_worker *w);
// Empties the pipe.
void probe_worker_drain(const struct probe_worker *w);
// Whether a name waits and fewer than in_flight_max are in flight.
bool probe_worker_may_take(struct probe_worker *w, size_t in_flight_max);
// Takes the next such name. False if there is none, or the worker is to stop. The queue keeps the name until
// probe_worker_done.
bool probe_worker_take(struct probe_worker *w, size_t in_flight_max, struct probe_question *out);
// The end of a name in flight: it is not due again while the result is valid. Hands the result over, or drops it where
// the worker is to stop. Takes over the reference.
void probe_worker_done(struct probe_worker *w, const struct probe_result *r);

#endif
