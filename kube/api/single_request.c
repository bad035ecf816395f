// SPDX-License-Identifier: Apache-2.0
// One request with one answer, its body collected.
#include "kube/api/single_request.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/api/error_response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CUT_MAX = 2 }; // times that a GET is sent again

struct single_request {
    struct http *http;
    struct credential *credential;
    struct http_call *call;
    char *path, *accept, *post, *etag;
    single_response_fn *done;
    void *self;
    struct buf body;
    bool retried;
    int cut; // times that its connection, or its stream, ended too early
    int status, retry_after_s;
    uint64_t version;
    int64_t date;
    char content_type[160], response_etag[160];
};

static void send_request(struct single_request *q);

static void on_response(void *self, const struct http_response *r)
{
    struct single_request *q = self;
    q->status = r->status;
    q->retry_after_s = r->retry_after_s;
    q->version = r->credential_version;
    q->date = r->date;
    snprintf(q->content_type, sizeof q->content_type, "%s", str_or_empty(r->content_type));
    if (r->etag != NULL &&
        strlen(r->etag) < sizeof q->response_etag) { // a cut etag would be a different one
        snprintf(q->response_etag, sizeof q->response_etag, "%s", r->etag);
    }
}

static void destroy(struct single_request *q)
{
    free(q->path);
    free(q->accept);
    free(q->post);
    free(q->etag);
    buf_release(&q->body);
    free(q);
}

// err NULL: the answer is whole.
static void finish(struct single_request *q, const struct err *err)
{
    struct single_response response = {
        .status = err != NULL ? 0 : q->status,
        .content_type = q->content_type,
        .etag = q->response_etag[0] != '\0' ? q->response_etag : NULL,
        .body = q->body.data,
        .n = q->body.len,
        .retry_after_s = q->retry_after_s,
        .date = q->date,
        .err = err,
    };
    q->done(q->self, &response);
    destroy(q);
}

static void on_bytes(void *self, const char *bytes, size_t n)
{
    struct single_request *q = self;
    size_t max = q->status >= 300 && q->body.max > ERROR_BODY_MAX ? ERROR_BODY_MAX : q->body.max;
    if (q->body.len + n > max) {
        struct err err;
        err_set(&err, ERR_LIMIT, "the server's answer has more than %zu bytes", max);
        http_cancel(q->call);
        finish(q, &err);
    } else {
        buf_add(&q->body, bytes, n);
    }
}

static void on_done(void *self, const struct err *err, bool lost)
{
    struct single_request *q = self;
    q->call = NULL;
    if (lost && !q->retried) {
        // Once more on the next connection: docs/rules/kubernetes-client.md#retry-lost-get.
        q->retried = true;
        send_request(q);
        return;
    }
    bool cut = err != NULL ? err->code == ERR_LOST : q->status == 0;
    if (cut && q->post == NULL && q->cut < CUT_MAX) {
        q->cut++;
        send_request(q);
        return;
    }
    if (q->status == 401 && !q->retried &&
        credential_unauthorized(q->credential, q->version, credential_clock())) {
        q->retried = true;
        send_request(q);
        return;
    }
    struct err none;
    if (err == NULL && q->status == 0) {
        err_set(&none, ERR_LOST, "the server closed the connection without an answer");
        err = &none;
    }
    finish(q, err);
}

static void send_request(struct single_request *q)
{
    static const struct http_events events = {on_response, on_bytes, on_done};
    struct http_request r = {
        .path = q->path, .accept = q->accept, .body = q->post, .etag = q->etag};
    q->status = q->retry_after_s = 0;
    q->date = TIME_NONE;
    q->content_type[0] = q->response_etag[0] = '\0';
    buf_reset(&q->body);
    q->call = http_start(q->http, &r, &events, q);
}

struct single_request *single_request_start(struct http *http, struct credential *credential,
                                            const struct http_request *r, size_t max,
                                            single_response_fn *done, void *self)
{
    struct single_request *q = xcalloc(1, sizeof *q);
    q->http = http;
    q->credential = credential;
    q->path = xstrdup(r->path);
    q->accept = r->accept != NULL ? xstrdup(r->accept) : NULL;
    q->post = r->body != NULL ? xstrdup(r->body) : NULL;
    q->etag = r->etag != NULL ? xstrdup(r->etag) : NULL;
    q->done = done;
    q->self = self;
    buf_init(&q->body, max);
    send_request(q);
    return q;
}

void single_request_cancel(struct single_request *q)
{
    if (q != NULL) {
        http_cancel(q->call);
        destroy(q);
    }
}
