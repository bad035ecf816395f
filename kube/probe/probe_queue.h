// SPDX-License-Identifier: Apache-2.0
// The names that a prober has still to query: bounded, each once, those on screen first, none before its time.
//
// Instants are monotonic milliseconds. Not locked: its owner is.
#ifndef GATETOP_PROBE_PROBE_QUEUE_H
#define GATETOP_PROBE_PROBE_QUEUE_H

#include "kube/store/probe_result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_queue;

// At most `cap` names are remembered; the table grows with them. A name that was answered is not queried again before
// its due time, which for names off screen is at least hidden_ms (not negative) after the answer.
struct probe_queue *probe_queue_new(size_t cap, int64_t hidden_ms);
// NULL is fine.
void probe_queue_free(struct probe_queue *q);

enum probe_priority {
    PROBE_PRIORITY_HIDDEN,  // off screen
    PROBE_PRIORITY_VISIBLE, // on screen: before what is not
    PROBE_PRIORITY_NOW,     // the same, also where it is not due: the user requested it
};
// Requests a name, which is copied. One that waits already keeps its place, unless it comes on screen. False if the
// queue is full of names that still wait or that may not be queried again yet.
bool probe_queue_add(struct probe_queue *q, enum probe_kind k, const char *name,
                     enum probe_priority priority, int64_t now_ms);
// Another screen is shown: what waits as visible goes after whatever is added as visible from now on.
void probe_queue_hide_all(struct probe_queue *q);

struct probe_question {
    enum probe_kind kind;
    const char *name; // borrowed until probe_queue_done of the same
    bool visible;     // it waited among those on screen
};
// Takes the next name; false if none waits. It is in flight until probe_queue_done.
bool probe_queue_take(struct probe_queue *q, struct probe_question *out);
// The name, which is in flight, was answered; it is not due again before due_ms.
void probe_queue_done(struct probe_queue *q, enum probe_kind k, const char *name, int64_t now_ms,
                      int64_t due_ms);
// How many names wait to be taken.
size_t probe_queue_waiting(const struct probe_queue *q);
// How many were taken and are not done.
size_t probe_queue_in_flight(const struct probe_queue *q);

#endif
