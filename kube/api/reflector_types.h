// SPDX-License-Identifier: Apache-2.0
// What a reflector is started with, what it is given, and what it reports.
#ifndef GATETOP_API_REFLECTOR_TYPES_H
#define GATETOP_API_REFLECTOR_TYPES_H

#include "kube/base/err.h"

#include "kube/api/stream_splitter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reflector_phase {
    REFLECTOR_SYNCING,       // no complete list yet; reason says why a try failed
    REFLECTOR_LIVE,          // what is shown is what is there
    REFLECTOR_STALE,         // was live until `since`
    REFLECTOR_FORBIDDEN,     // or not listable; reason has the server's words
    REFLECTOR_NOT_INSTALLED, // its API is not served
};

struct reflector_state {
    enum reflector_phase phase;
    bool synced;    // one complete list was taken since the start
    bool polled;    // listed every poll_ms because watching is not allowed
    size_t objects; // received in the current or last list; no count of what is there after changes
    size_t expected; // objects plus what the server says remains; 0: not known
    // Ms: of the present phase; of STALE, when it was last known to be current; INT64_MAX: not begun.
    int64_t since;
    int64_t next_try; // ms: when the next request starts; INT64_MAX: on an event
    size_t dropped;   // objects left out: those of the last list, and one more for each event since
    struct err reason;
};

struct reflector_request {
    const char *path;   // with query
    const char *accept; // the Accept header's value
    bool is_watch;      // an endless answer: no time-out, no compression
    bool is_stream;     // a streaming list (is_watch too): its gzip members are inflated one by one
};

struct reflector_ops {
    void *self;
    // Starts the only request. May not call back before it returns; nor may cancel.
    void (*request)(void *self, const struct reflector_request *request);
    // Ends the request; no input of it may follow.
    void (*cancel)(void *self);
    // 401: renew the credential, then call reflector_renewed.
    void (*unauthorized)(void *self);
    // 404 of the collection: look again at discovery, then call reflector_start or reflector_not_served.
    void (*not_found)(void *self);
    // A list begins. show: objects may be shown as they arrive, else only at replace_end. force: the server may have
    // gone back in time, so that an equal resource version proves nothing. A second begin without an end drops what
    // came since the first.
    void (*replace_begin)(void *self, bool show, bool force);
    // ITEM, ADDED, MODIFIED or DELETED. False if it cannot be read; left_out follows.
    bool (*item)(void *self, enum splitter_type type, const char *text, size_t n);
    // An object of the list that has begun (listed), or one that has changed, is too large or cannot be read: what is
    // known of it is missing or out of date. text has only metadata.name, .namespace and .uid; it is NULL if they could
    // not be read either. The same object may come again with the list that shows whether it was damaged on the way.
    void (*left_out)(void *self, bool listed, const char *text, size_t n);
    // Everything that was not in this list is gone.
    void (*replace_end)(void *self);
    // reflector_state has changed.
    void (*changed)(void *self);
    double (*random)(void *self); // [0,1)
};

struct reflector_options {
    const char *path;      // of the collection, without a query
    const char *selectors; // "" or "&fieldSelector=…&labelSelector=…", percent-encoded
    bool metadata_only;    // PartialObjectMetadata
    bool no_watch;         // list once (and at reflector_relist)
    bool poll;             // list every poll_ms in place of watching
    bool
        stream_first; // begin with a streaming list, where the server has them, instead of a whole one
    bool clear_at_once; // forget the objects at the first 403, not at the second
    size_t object_max;  // 0: SPLITTER_OBJECT_MAX
    int64_t poll_ms;    // where watching is not allowed; 0: 60 s
    // Back-off: the first and the longest wait (jitter at most doubles them). It starts over after four times the
    // longest wait without a failure. 0: client-go's 0.8 s and 30 s.
    int64_t backoff_first_ms, backoff_max_ms;
    int64_t refused_ms; // between tries after 401 and 403; 0: 30 s, 10 min where nothing is shown
};

struct reflector_response {
    int status;
    const char *content_type; // NULL if none
    int retry_after_s;        // 0: none
    const char *location;     // of a 3xx, NULL
    bool http1;               // watches then end sooner (docs/rules/kubernetes-client.md#http1)
};

#endif
