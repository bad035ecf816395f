// SPDX-License-Identifier: Apache-2.0
// One request with one answer over an http, its body collected; 401 is renewed and tried again once.
#ifndef GATETOP_API_SINGLE_REQUEST_H
#define GATETOP_API_SINGLE_REQUEST_H

#include "kube/api/http.h"

struct unary_answer {
    int status; // 0: none, err says why
    const char *content_type, *etag;
    const char *body; // NUL-terminated
    size_t n;
    int retry_after_s;
    int64_t date;
    const struct err *err;
};

struct unary;
typedef void unary_fn(void *self, const struct unary_answer *answer);
// max bounds the body, that of an error answer has 1 MiB at most; a longer one ends the request. r is copied. done is called once, then the unary is gone.
struct unary *unary_start(struct http *http, struct credential *credential,
                          const struct http_request *r, size_t max, unary_fn *done, void *self);
void unary_cancel(struct unary *u); // NULL is fine

#endif
