// SPDX-License-Identifier: Apache-2.0
// One request with one answer over an http, its body collected; 401 is renewed and tried again once.
#include "kube/api/single_request.h"

#include "kube/base/time_text.h"

#include "kube/api/error_response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unary {
    struct http *http;
    struct credential *credential;
    struct http_call *call;
    char *path, *accept, *post, *etag;
    unary_fn *done;
    void *self;
    struct buf body;
    bool retried;
    int status, retry_after_s;
    uint64_t version;
    int64_t date;
    char content_type[160], response_etag[160];
};

static void send(struct unary *u);

static void on_response(void *self, const struct http_response *r)
{
    struct unary *u = self;
    u->status = r->status;
    u->retry_after_s = r->retry_after_s;
    u->version = r->credential_version;
    u->date = r->date;
    snprintf(u->content_type, sizeof u->content_type, "%s",
             r->content_type != NULL ? r->content_type : "");
    snprintf(u->response_etag, sizeof u->response_etag, "%s", r->etag != NULL ? r->etag : "");
}

static void destroy(struct unary *u)
{
    free(u->path);
    free(u->accept);
    free(u->post);
    free(u->etag);
    buf_release(&u->body);
    free(u);
}

// err NULL: the answer is whole.
static void finish(struct unary *u, const struct err *err)
{
    struct unary_answer a = {
        .status = err != NULL ? 0 : u->status,
        .content_type = u->content_type,
        .etag = u->response_etag[0] != '\0' ? u->response_etag : NULL,
        .body = u->body.data != NULL ? u->body.data : "",
        .n = u->body.len,
        .retry_after_s = u->retry_after_s,
        .date = u->date,
        .err = err,
    };
    u->done(u->self, &a);
    destroy(u);
}

static void on_bytes(void *self, const char *bytes, size_t n)
{
    struct unary *u = self;
    size_t max = u->status >= 300 && u->body.max > ERROR_BODY_MAX ? ERROR_BODY_MAX : u->body.max;
    if (u->body.len + n > max) {
        struct err err;
        err_set(&err, ERR_LIMIT, "the server's answer has more than %zu bytes", max);
        http_cancel(u->call);
        finish(u, &err);
    } else {
        buf_add(&u->body, bytes, n);
    }
}

static void on_done(void *self, const struct err *err, bool lost)
{
    struct unary *u = self;
    u->call = NULL;
    if (lost && !u->retried) { // the connection was given up: once more on the next one
        u->retried = true;
        send(u);
        return;
    }
    if (u->status == 401 && !u->retried &&
        credential_unauthorized(u->credential, u->version, credential_clock())) {
        u->retried = true;
        send(u);
        return;
    }
    struct err none;
    if (err == NULL && u->status == 0) {
        err_set(&none, ERR_NET, "the server closed the connection without an answer");
        err = &none;
    }
    finish(u, err);
}

static void send(struct unary *u)
{
    static const struct http_events events = {on_response, on_bytes, on_done};
    struct http_request r = {
        .path = u->path, .accept = u->accept, .body = u->post, .etag = u->etag};
    u->status = u->retry_after_s = 0;
    u->date = TIME_NONE;
    u->content_type[0] = u->response_etag[0] = '\0';
    buf_reset(&u->body);
    u->call = http_start(u->http, &r, &events, u);
}

struct unary *unary_start(struct http *http, struct credential *credential,
                          const struct http_request *r, size_t max, unary_fn *done, void *self)
{
    struct unary *u = xcalloc(1, sizeof *u);
    u->http = http;
    u->credential = credential;
    u->path = xstrdup(r->path);
    u->accept = r->accept != NULL ? xstrdup(r->accept) : NULL;
    u->post = r->body != NULL ? xstrdup(r->body) : NULL;
    u->etag = r->etag != NULL ? xstrdup(r->etag) : NULL;
    u->done = done;
    u->self = self;
    buf_init(&u->body, max);
    send(u);
    return u;
}

void unary_cancel(struct unary *u)
{
    if (u != NULL) {
        http_cancel(u->call);
        destroy(u);
    }
}
