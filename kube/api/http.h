// SPDX-License-Identifier: Apache-2.0
// HTTP to one API server: calls, the credential they are sent with, and generations of connections.
//
// All requests share one connection over HTTP/2 (docs/rules/kubernetes-client.md#one-connection). A "generation" is
// that connection and what libcurl keeps with it. When the connection goes silent (no byte for idle_ms, then no answer
// to a probe on it for probe_ms), when the machine was asleep or the certificates changed, the generation is dropped
// with all its requests and a new one begins: libcurl offers no other way to remove a dead connection from its pool
// (docs/rules/kubernetes-client.md#connection-generation). There may be a second connection (after a GOAWAY, or for
// more than 100 streams): docs/rules/kubernetes-client.md#connection-older.
//
// All calls except http_wakeup and http_stop belong to one thread. Events come only from within http_step and may
// start and cancel calls. Credentials are taken care of here: a call waits while a plugin runs.
#ifndef GATETOP_API_HTTP_H
#define GATETOP_API_HTTP_H

#include "kube/base/attr.h"

#include "kube/api/config.h"
#include "kube/api/credential.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

// Zero is the default of every field; all in ms.
struct http_limits {
    int64_t connect_ms; // 30 s
    int64_t answer_ms;  // 75 s: a whole answer that is no watch
    int64_t silent_ms;  // 30 s: such an answer without a byte
    int64_t idle_ms;    // 30 s: then the connection is probed
    int64_t probe_ms;   // 15 s
    int64_t renew_ms;   // 24 h: a generation's life
};

struct http_request {
    const char *path;   // begins with '/', with query; the server's prefix is put before it
    const char *accept; // value of the header
    const char *body;   // NULL: GET; else POST of this JSON (self-subject reviews)
    const char *etag;   // If-None-Match, NULL
    bool is_watch;      // endless: no time-out, no compression
    bool is_stream;     // a watch whose gzip members are inflated here
};

// Strings are borrowed for the call.
struct http_response {
    int status;
    const char *content_type, *etag, *location, *warning; // NULL if none; not cleaned
    int retry_after_s;           // 0: none (HTTP dates are ignored, as client-go does)
    int64_t date;                // of the server, TIME_NONE
    bool http1;                  // not HTTP/2
    uint64_t credential_version; // for credential_unauthorized
};

struct http_events {
    // The header of the answer. NULL if it is of no interest; the same holds for bytes.
    void (*response)(void *self, const struct http_response *r);
    void (*bytes)(void *self, const char *bytes, size_t n);
    // The last event. err NULL: the end of the body was seen (which proves little: judge the content). lost: the whole
    // generation ended; err is then NULL if that was planned.
    void (*done)(void *self, const struct err *err, bool lost);
};

struct http;
struct http_call;

// The limits that http_new works with: the default in the place of each that is not positive. NULL: all defaults.
// For tests of the defaults.
struct http_limits http_limits_complete(const struct http_limits *given);

// Once in main before threads: libcurl's global state, SIGPIPE ignored. False if libcurl cannot do what is needed.
bool http_global_init(struct err *err) MUST_USE;

// config and credential are borrowed and must live longer. restarted (may be NULL) is called at the start of a new
// generation, after the done events of the old one's calls; err NULL: planned.
struct http *http_new(const struct api_config *config, struct credential *credential,
                      const struct http_limits *limits,
                      void (*restarted)(void *self, const struct err *err), void *self,
                      struct err *err) MUST_USE;
// Ends everything without events and without waiting for the network, in under 100 ms
// (docs/rules/kubernetes-client.md#quick-exit). NULL is fine.
void http_free(struct http *h);

// Queues a request, which is copied; it is sent by the next step. The handle is valid until its last event.
struct http_call *http_start(struct http *h, const struct http_request *r,
                             const struct http_events *events, void *self);
// No event follows; the handle is gone. NULL is fine.
void http_cancel(struct http_call *call);

// One round: sends what is queued, waits up to timeout_ms for something to happen, handles it.
void http_step(struct http *h, int64_t timeout_ms);
// Ends a wait. Any thread; no lock is taken.
void http_wakeup(struct http *h);
// Ends a step that runs: what still comes of answers is dropped, without events. Any thread; only http_free may follow.
void http_stop(struct http *h);
// Begins a new generation with the next step, for this reason; NULL: planned.
void http_restart(struct http *h, const struct err *err);

#endif
