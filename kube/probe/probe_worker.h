// SPDX-License-Identifier: Apache-2.0
// What both probers are made of: a thread, the queue it works on, and a pipe that wakes it.
#ifndef GATETOP_PROBE_PROBE_WORKER_H
#define GATETOP_PROBE_PROBE_WORKER_H

#include "kube/base/err.h"

#include "kube/probe/probe_queue.h"

#include <pthread.h>

struct worker {
    pthread_t thread;
    int wake[2];          // readable end first
    pthread_mutex_t lock; // guards queue, stop, and what its owner says; a leaf
    struct probe_queue *queue;
    bool stop;
};

// A queue as probe_queue_new makes it, no thread yet. worker_release frees what init and start made.
void worker_init(struct worker *w, size_t names, int64_t hidden_ms);
void worker_release(struct worker *w);
// Starts the thread, without signals: they belong to the UI thread. `what`: whose it is, for the error.
bool worker_start(struct worker *w, void *(*run)(void *), void *self, const char *what,
                  struct err *err) MUST_USE;
// Asks the thread to end, and waits for that. Only after worker_start.
void worker_stop(struct worker *w);

// Any thread. Puts a name into the queue and wakes the thread. A name that is empty or too long is not asked.
// False where too many wait.
bool worker_want(struct worker *w, int kind, const char *name, enum probe_want want);
size_t worker_open(struct worker *w); // names that wait or are being asked

// The worker's own thread.
bool worker_stopping(struct worker *w);
void worker_drain(const struct worker *w); // empties the pipe

#endif
