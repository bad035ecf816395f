// SPDX-License-Identifier: Apache-2.0
// One request with one answer, its body collected. A 401 is answered by renewing the credential and trying again once.
#ifndef GATETOP_API_SINGLE_REQUEST_H
#define GATETOP_API_SINGLE_REQUEST_H

#include "kube/api/http.h"

#include <stddef.h>
#include <stdint.h>

struct err;

// Borrowed for the call.
struct single_response {
    int status;                      // 0: none, err says why
    const char *content_type, *etag; // content_type "", etag NULL if there is none
    const char *body;                // NUL-terminated, not cleaned
    size_t n;
    int retry_after_s;     // 0: none
    int64_t date;          // of the server, TIME_NONE
    const struct err *err; // NULL if the answer is whole
};

struct single_request;
typedef void single_response_fn(void *self, const struct single_response *response);
// Starts a request, which is copied. max bounds the body, that of an error answer has ERROR_BODY_MAX at most; a longer
// one ends the request. done is called once, from within http_step; the handle is gone then.
struct single_request *single_request_start(struct http *http, struct credential *credential,
                                            const struct http_request *r, size_t max,
                                            single_response_fn *done, void *self);
// done is not called. NULL is fine.
void single_request_cancel(struct single_request *q);

#endif
