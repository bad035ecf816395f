// SPDX-License-Identifier: Apache-2.0
// The state of a reflector and what it can do, shared by its files only.
#ifndef GATETOP_API_REFLECTOR_INTERNAL_H
#define GATETOP_API_REFLECTOR_INTERNAL_H

#include "kube/base/buf.h"

#include "kube/api/backoff.h"
#include "kube/api/error_response.h"
#include "kube/api/reflector_types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REFLECTOR_SECOND = 1000,
    REFLECTOR_MINUTE = 60 * REFLECTOR_SECOND,
    PAGE_MIN = 25, // objects
    RV_MAX = 128,  // bytes of a resource version
};
#define NEVER INT64_MAX

enum reflector_op { OP_NONE, OP_LIST, OP_WATCH, OP_STREAM };

struct reflector {
    struct reflector_options options;
    struct reflector_ops ops;
    struct reflector_state state;
    struct splitter *splitter;

    enum reflector_op now_op;  // in flight
    enum reflector_op next_op; // to be started at next_at
    int64_t next_at;
    bool waiting; // for reflector_renewed, _start or _not_served

    // the request in flight
    int64_t started, last_byte, end_by;
    bool answered, reading; // response seen; its body goes to the splitter
    struct reflector_response response;
    char content_type[128];
    struct buf body; // of an answer that is not read as objects
    size_t events, bytes;
    bool event_failed;
    struct error_response event_error;
    size_t left_out;        // objects that were too large or could not be read, ever
    size_t left_out_before; // when the last complete list began

    // A list shows whether what could not be read was damaged on its way
    // (docs/rules/kubernetes-client.md#object-unreadable).
    uint64_t unread;      // sum of the hashes of the unreadable objects of this list; 0 if none
    uint64_t last_unread; // the same of the list before
    int64_t recheck_at;   // NEVER if there is no need

    // the state of the resource
    char rv[RV_MAX]; // of the last change applied, "" before the first list
    bool http1;
    bool stream_unsupported, stream_tried;
    int64_t lost_at;            // when the right to list was taken away; 0: it was not
    int64_t watch_denied_until; // 403 or 405 on the watch: poll until then
    int64_t forbidden_since;
    int refused;    // 401 in a row
    int expired;    // continue tokens that expired in a row
    bool paged;     // a list in one answer does not complete: use pages
    bool unreached; // the connection failed the last request: it waits for another one alone
    struct backoff backoff;
    int64_t failed_at;             // when it was used last
    int64_t relisted_at;           // when a 410 last led to a list
    struct backoff relist_backoff; // of those in a row
    int watch_errors;              // 5xx in a row at the start of a watch

    // the list in progress
    bool not_older;        // lists with resourceVersion=rv and NotOlderThan
    bool begun;            // replace_begin was called
    size_t left_out_begin; // when it began
    char *token;           // `continue`, NULL for the first page
    size_t empty_pages;    // in a row
    size_t list_bytes;     // of all pages before this one
    char list_rv[RV_MAX];
    size_t limit, seen;
    int64_t list_started;
};

// --- reflector_action.c: what a reflector does

// Brings the derived parts of the state up to date and reports it.
void reflector_notify(struct reflector *r);
// Enters a phase; `since` stays if it is in that phase already.
void reflector_enter(struct reflector *r, int64_t now, enum reflector_phase phase);
// The next pause after a failure; it is the first again after a long time without one.
int64_t reflector_backoff(struct reflector *r, int64_t now);
// Forgets the list in progress.
void reflector_drop_list(struct reflector *r);
// The answer to a list was cut: asks for less from now on. A list in one answer is followed by pages, a page
// by a smaller one.
void reflector_ask_for_less(struct reflector *r);
// How long a watch is to last.
int reflector_watch_seconds(const struct reflector *r);
// Sends a request now.
void reflector_send(struct reflector *r, int64_t now, enum reflector_op op);
// Sends it at this instant (NEVER: on an event).
void reflector_wait(struct reflector *r, int64_t at, enum reflector_op op);
// What a list begins with: a streaming list, one answer or a page (docs/rules/kubernetes-client.md#list-ladder).
enum reflector_op reflector_first_op(const struct reflector *r);
// A try failed; what is shown stays. The next one is `op` in delay ms.
void reflector_retry(struct reflector *r, int64_t now, int64_t delay, enum reflector_op op,
                     const struct err *reason);
// Lists again from the start, in delay ms; reason is shown where there is a delay. not_older: with the resource
// version of the last change as a lower bound.
void reflector_start_over(struct reflector *r, int64_t now, bool not_older, int64_t delay,
                          const struct err *reason);
// Removes all objects.
void reflector_clear(struct reflector *r);

// --- reflector_answer.c: what an error answer means

// Reacts to the answer to `op`: another try, another list, another kind of request.
void reflector_answer(struct reflector *r, int64_t now, enum reflector_op op,
                      const struct error_response *a);
// The same for an ERROR in a stream, r->event_error; what was read before it stays valid.
void reflector_event_error(struct reflector *r, int64_t now, enum reflector_op op);
// A 401: the first asks for another credential, the next waits.
void reflector_on_401(struct reflector *r, int64_t now, enum reflector_op op,
                      const struct err *reason);

#endif
