// SPDX-License-Identifier: Apache-2.0
// Requests on connections: the only file that sees libcurl.
//
// A pool is a set of connections to one server (a multi handle), which all its transfers share over HTTP/2. Events come
// only from within transfer_pool_perform and transfer_pool_finish. All of it belongs to one thread.
#ifndef GATETOP_API_HTTP_TRANSFER_H
#define GATETOP_API_HTTP_TRANSFER_H

#include "kube/base/attr.h"

#include "kube/api/config.h"
#include "kube/api/credential.h"
#include "kube/api/http_address.h"
#include "kube/api/http_error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

// Once in main before threads: libcurl's global state, SIGPIPE ignored. False if libcurl cannot do what is needed.
bool transfer_global_init(struct err *err) MUST_USE;

// The header of an answer. Strings are borrowed for the call, as the server sent them: not cleaned, NULL if none.
struct http_head {
    int status;
    const char *content_type, *etag, *location, *warning;
    int retry_after_s; // at most an hour; 0 if there is none, also for a date (client-go ignores those)
    int64_t date;      // seconds, TIME_NONE
    bool gzip;         // the body's Content-Encoding
    bool http1;        // not HTTP/2
};

struct transfer_events {
    void *self;
    void (*activity)(void *self); // a byte came
    void (*head)(void *self, const struct http_head *head);
    // False: this answer is of no use, the transfer ends.
    bool (*body)(void *self, const char *bytes, size_t n);
    // The last event. failure NULL: libcurl saw the end of the body (which proves little: judge the content).
    void (*done)(void *self, const struct http_failure *failure);
};

struct transfer_request {
    const char *path;   // begins with '/', with query; the server's prefix is put before it
    const char *accept; // value of the header
    // The JSON of a POST, NULL for a GET (docs/rules/kubernetes-client.md#only-reads).
    const char *body;
    const char *etag;            // If-None-Match, NULL
    const char *accept_encoding; // NULL: none; the body is then passed on as it is
    bool inflate;                // libcurl asks for gzip, and inflates the body
    int64_t connect_ms;
    int64_t total_ms;  // 0: none
    int64_t silent_ms; // the longest time without a byte, 0: none
};

struct transfer_pool;
struct transfer;
// All is borrowed and must live longer than the pool.
struct transfer_pool *transfer_pool_new(const struct api_config *config,
                                        const struct http_address *at,
                                        const struct credential *credential);
// Closes the connections. After all its transfers.
void transfer_pool_free(struct transfer_pool *p);

// Starts a transfer with the credential as it is now; the request is copied. NULL if libcurl does not take all of
// it: nothing is then sent.
struct transfer *transfer_start(struct transfer_pool *p, const struct transfer_request *r,
                                const struct transfer_events *events, struct err *err);
// Ends it without further events; not from within one. NULL is fine.
void transfer_free(struct transfer *t);

// The local port of its connection, 0: not known yet.
long transfer_port(const struct transfer *t);
// Whether its request was put on a connection.
bool transfer_has_connection(const struct transfer *t);

enum { TRANSFER_FDS_MAX = 3 };
// Waits for the network, or for one of the n fds (at most TRANSFER_FDS_MAX), for at most timeout_ms. Their revents are
// set.
void transfer_pool_wait(struct transfer_pool *p, struct pollfd *fds, size_t n, int64_t timeout_ms);
// Reads and writes what is ready, and calls the events except `done`.
void transfer_pool_perform(struct transfer_pool *p);
// Calls `done` of each transfer that has ended; `done` may free it.
void transfer_pool_finish(struct transfer_pool *p);

#endif
