// SPDX-License-Identifier: Apache-2.0
// What an error answer of an API server says: Status documents, plain text, HTML of a proxy.
#include "kube/api/error_response.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/api/backoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *reason;
    int code;
} REASONS[] = {
    {"Unauthorized", 401},
    {"Forbidden", 403},
    {"NotFound", 404},
    {"MethodNotAllowed", 405},
    {"NotAcceptable", 406},
    {"AlreadyExists", 409},
    {"Conflict", 409},
    {"Expired", 410},
    {"Gone", 410},
    {"Invalid", 422},
    {"TooManyRequests", 429},
    {"InternalError", 500},
    {"ServiceUnavailable", 503},
    {"Timeout", 504},
    {"ServerTimeout", 504},
};

static const char *words(int code)
{
    switch (code) {
    case 400:
        return "the server does not understand the request";
    case 401:
        return "unauthorized";
    case 403:
        return "forbidden";
    case 404:
        return "not found";
    case 405:
        return "the server does not allow this";
    case 410:
        return "the resource version is too old";
    case 429:
        return "the server asks to slow down";
    case 500:
        return "internal error of the server";
    case 502:
    case 503:
        return "the server is not available";
    case 504:
        return "the server took too long";
    default:
        return "unexpected answer";
    }
}

static void clean_into(char *out, size_t size, const char *s, size_t n)
{
    struct arena a;
    arena_init(&a);
    if (n > 4 * size) {
        n = 4 * size;
    }
    while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r' || s[n - 1] == ' ')) {
        n--;
    }
    snprintf(out, size, "%s", text_clean(&a, s, n, size - 1));
    arena_release(&a);
}

static void read_status(struct error_response *a, const struct json *doc)
{
    const char *reason = json_get_string(doc, "reason"), *message = json_get_string(doc, "message");
    const struct json *details = json_get(doc, "details");
    a->is_status = true;
    a->success = str_eq(json_get_string(doc, "status"), "Success");
    int64_t code = json_get_int(doc, "code", 0);
    if (code >= 100 && code <= 999) {
        a->code = (int)code;
    }
    if (reason != NULL) {
        clean_into(a->reason, sizeof a->reason, reason, strlen(reason));
        for (size_t i = 0; i < ARRAY_COUNT(REASONS); i++) {
            if (str_eq(a->reason, REASONS[i].reason)) {
                a->code = REASONS[i].code;
            }
        }
    }
    if (message != NULL) {
        clean_into(a->message, sizeof a->message, message, strlen(message));
    }
    a->http = a->code;
    a->named = !str_empty(json_get_string(details, "name"));
    int64_t wait = json_get_int(details, "retryAfterSeconds", 0);
    if (a->retry_after_s == 0 && wait > 0) {
        a->retry_after_s = wait > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)wait;
    }
    for (const struct json *c = json_first(json_get(details, "causes")); c != NULL;
         c = json_next(c)) {
        a->too_large |= str_eq(json_get_string(c, "reason"), "ResourceVersionTooLarge");
    }
}

void error_response_read(struct error_response *a, int http, const char *content_type,
                         int retry_after_s, const char *body, size_t n)
{
    *a = (struct error_response){
        .code = http, .http = http, .retry_after_s = retry_after_s > 0 ? retry_after_s : 0};
    if (content_type != NULL && str_starts(content_type, "application/json")) {
        struct json *doc = json_parse(body, n, NULL);
        if (str_eq(json_get_string(doc, "kind"), "Status")) {
            read_status(a, doc);
        }
        json_free(doc);
    } else if (content_type != NULL && str_starts(content_type, "text/plain") && n > 0) {
        clean_into(a->message, sizeof a->message, body, n);
    }
    if (a->message[0] == '\0') {
        snprintf(a->message, sizeof a->message, "%s", words(a->code));
    }
}

void error_response_to_err(const struct error_response *a, const char *subject, struct err *err)
{
    enum err_code code = ERR_UNAVAILABLE;
    switch (a->code) {
    case 401:
        code = ERR_AUTH;
        break;
    case 403:
        code = ERR_FORBIDDEN;
        break;
    case 404:
    case 405:
        code = ERR_NOT_FOUND;
        break;
    case 409:
        code = ERR_CONFLICT;
        break;
    case 410:
        code = ERR_GONE;
        break;
    case 504:
        code = ERR_TIMEOUT;
        break;
    default:
        code = a->code == 429 || a->code >= 500 ? ERR_UNAVAILABLE : ERR_PARSE;
        break;
    }
    char number[24] = "";
    if (a->http > 0) {
        snprintf(number, sizeof number, " (HTTP %d)", a->http);
    }
    err_set(err, a->nonsense ? ERR_PARSE : code, "%s%s%s%s", subject,
            str_empty(subject) ? "" : ": ", a->message, number);
    if (err != NULL) {
        err->http = a->http;
    }
}
