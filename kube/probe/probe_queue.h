// SPDX-License-Identifier: Apache-2.0
// What a probe has still to ask: bounded, each name once, what is on screen first, nothing before its time.
// Not locked; its owner is.
#ifndef GATETOP_PROBE_PROBE_QUEUE_H
#define GATETOP_PROBE_PROBE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_queue;

// At most `cap` names are remembered; the table grows with them. What is answered is not asked again before
// its due time, which for names off screen is at least hidden_ms (not negative) after the answer.
struct probe_queue *probe_queue_new(size_t cap, int64_t hidden_ms);
void probe_queue_free(struct probe_queue *q);

enum probe_priority {
    PROBE_PRIORITY_HIDDEN,  // off screen
    PROBE_PRIORITY_VISIBLE, // on screen: before what is not
    PROBE_PRIORITY_NOW,     // the same even where it is not due: the user asked for it
};
// Wants (kind, name) asked. False where the queue is full of names that still wait or that may not be asked
// again yet.
bool probe_queue_add(struct probe_queue *q, int kind, const char *name,
                     enum probe_priority priority, int64_t now_ms);
// What waits as visible is no longer: it goes behind whatever is put as visible from now on.
void probe_queue_hide_all(struct probe_queue *q);

struct probe_question {
    int kind;
    const char *name; // borrowed until probe_queue_done of the same
};
// The next to ask; false where nothing waits. It counts as being asked until it is done.
bool probe_queue_take(struct probe_queue *q, struct probe_question *out);
// It was answered; it is not due again before due_ms.
void probe_queue_done(struct probe_queue *q, int kind, const char *name, int64_t now_ms,
                      int64_t due_ms);
size_t probe_queue_waiting(const struct probe_queue *q);
size_t probe_queue_in_flight(const struct probe_queue *q);

#endif
