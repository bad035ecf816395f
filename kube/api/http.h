// SPDX-License-Identifier: Apache-2.0
// HTTP to one API server: the only file that sees curl.
//
// One multi handle is one "generation" of connections. All requests share its connection over HTTP/2
// (docs/rules/kubernetes-client.md#one-connection). When it goes silent (no byte for idle_ms,
// then no answer to a probe on it for probe_ms), when the machine was asleep or the certificates changed, it
// is dropped with all its requests and a new one begins: there is no other way to get rid of a dead
// connection in curl's pool (docs/rules/kubernetes-client.md#connection-generation).
// There may be a second connection (after a GOAWAY, or for more than 100 streams). The probe takes the one that
// new requests take. If that answers, the silent watches of the other one end with an error after probe_ms more
// (docs/rules/kubernetes-client.md#connection-older).
//
// All calls but http_wakeup belong to one thread. Events come only from within http_step and may start and
// cancel calls. Credentials are taken care of here: a call waits while a plugin runs.
#ifndef GATETOP_API_HTTP_H
#define GATETOP_API_HTTP_H

#include "kube/base/mem.h"

#include "kube/api/config.h"
#include "kube/api/credential.h"

#include <poll.h>
#include <stdint.h>

// Zero is the default of every field; all in ms.
struct http_limits {
    int64_t connect_ms; // 30 s
    int64_t unary_ms;   // 75 s: a whole answer that is no watch
    int64_t silent_ms;  // 30 s: a unary answer without a byte
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
    const char *content_type, *etag, *location, *warning; // NULL where none; not cleaned
    int retry_after_s;           // 0: none (HTTP dates are ignored, as client-go does)
    int64_t date;                // of the server, TIME_NONE
    bool http1;                  // not HTTP/2
    uint64_t credential_version; // for credential_unauthorized
};

struct http_events {
    void (*response)(void *self, const struct http_response *r);
    void (*bytes)(void *self, const char *bytes, size_t n);
    // The last event. err NULL: curl saw the end of the body (which proves little: judge the content).
    // lost: the whole generation ended; err is then NULL where that was planned.
    void (*done)(void *self, const struct err *err, bool lost);
};

struct http;
struct http_call;
// config and credential are borrowed and must live longer. restarted (may be NULL) is called at the start of
// a new generation, after the done events of the old one's calls; err NULL: planned.
struct http *http_new(const struct api_config *config, struct credential *credential,
                      const struct http_limits *limits,
                      void (*restarted)(void *self, const struct err *err), void *self,
                      struct err *err) MUST_USE;
// Ends everything without events and without waiting for the network (under 100 ms).
void http_free(struct http *h);

struct http_call *http_start(struct http *h, const struct http_request *r,
                             const struct http_events *events, void *self);
void http_cancel(struct http_call *call); // no event follows; the pointer is gone

// One round: sends what is queued, waits up to timeout_ms for something to happen, handles it.
void http_step(struct http *h, int64_t timeout_ms);
void http_wakeup(struct http *h);                         // any thread: ends a wait
void http_restart(struct http *h, const struct err *err); // a new generation; NULL: planned
size_t http_calls(const struct http *h);
struct http_limits http_limits_of(const struct http *h); // in force: none is zero
unsigned http_generation(const struct http *h);          // counts from 1

// Once in main before threads: curl's global state, SIGPIPE ignored. False where libcurl cannot do what is
// needed.
bool http_global_init(struct err *err) MUST_USE;

#endif
