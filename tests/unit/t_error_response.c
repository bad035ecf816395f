// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/error_response.c: what an error answer says.
#include "kube/base/err.h"

#include "kube/api/error_response.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void error_answers(void **state)
{
    (void)state;
    struct error_response a;
    struct err err;
    const char *s = "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"no "
                    "\\u001b[31mway\\n\",\"reason\":\"Forbidden\",\"details\":"
                    "{\"name\":\"x\",\"retryAfterSeconds\":5},\"code\":200}";
    error_response_read(&a, 500, "application/json", 0, s, strlen(s));
    assert_int_equal(a.code, 403); // reason beats code
    assert_true(a.named && a.is_status);
    assert_int_equal(a.retry_after_s, 5);
    assert_null(strchr(a.message, 27));
    error_response_to_err(&a, "gateways", &err);
    assert_int_equal(err.code, ERR_FORBIDDEN);
    error_response_read(&a, 404, "text/plain; charset=utf-8", 0, "404 page not found\n", 19);
    assert_string_equal(a.message, "404 page not found");
    assert_false(a.named);
    error_response_read(&a, 502, "text/html", 9, "<html>", 6);
    assert_string_equal(a.message, "the server is not available");
    assert_int_equal(a.retry_after_s, 9);
    error_response_read(&a, 410, "application/json", 0, "{", 1);
    assert_int_equal(a.code, 410);
}

// The reason beats the code, which beats HTTP's; and a body is a Status only where its type and its kind say so.
static void the_most_exact_word_counts(void **state)
{
    (void)state;
    static const struct {
        int http;
        const char *type, *body;
        int code;
        bool is_status;
    } t[] = {
        {500, "application/json", "{\"kind\":\"Status\",\"code\":410}", 410, true},
        {500, "application/json", "{\"kind\":\"Status\",\"code\":7}", 500, true},
        {500, "application/json;as=x", "{\"kind\":\"Status\",\"code\":410}", 410, true},
        {500, "application/json", "{\"kind\":\"Status\",\"reason\":\"New\",\"code\":422}", 422,
         true},
        {500, "application/json", "{\"kind\":\"Node\",\"code\":410,\"reason\":\"Expired\"}", 500,
         false},
        {500, "text/plain", "{\"kind\":\"Status\",\"code\":410}", 500, false},
        {500, "text/html", "{\"kind\":\"Status\",\"code\":410}", 500, false},
        {500, NULL, "{\"kind\":\"Status\",\"code\":410}", 500, false},
        {200, "application/json", "{\"kind\":\"Status\",\"reason\":\"Expired\",\"code\":200}", 410,
         true},
        {200, "application/json", "{\"kind\":\"Status\",\"reason\":\"Gone\"}", 410, true},
        {200, "application/json", "{\"kind\":\"Status\",\"reason\":\"Unauthorized\"}", 401, true},
        {200, "application/json", "{\"kind\":\"Status\",\"reason\":\"NotFound\"}", 404, true},
        {200, "application/json", "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\"}", 429,
         true},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct error_response a;
        error_response_read(&a, t[i].http, t[i].type, 0, t[i].body, strlen(t[i].body));
        if (a.code != t[i].code || a.is_status != t[i].is_status) {
            fail_msg("%s: %d", t[i].body, a.code);
        }
    }
    struct error_response a;
    static const char causes[] =
        "{\"kind\":\"Status\",\"message\":\"a\\nb\",\"reason\":\"Timeout\",\"code\":504,"
        "\"details\":{\"retryAfterSeconds\":5,\"causes\":[{\"reason\":\"X\"},"
        "{\"reason\":\"ResourceVersionTooLarge\"}]}}";
    error_response_read(&a, 504, "application/json", 9, causes, sizeof causes - 1);
    assert_true(a.too_large);
    assert_int_equal(a.retry_after_s, 9); // the header's
    assert_string_equal(a.message, "a b");
    error_response_read(&a, 504, "application/json", 0, "{\"kind\":\"Status\"}", 17);
    assert_false(a.too_large);
}

// Each reason of a Status has its code, and each code its words and its error
// (docs/rules/kubernetes-client.md#answer-status).
static void reasons_and_codes(void **state)
{
    (void)state;
    static const struct {
        const char *reason;
        int code;
        const char *words;
        enum err_code error;
    } t[] = {
        {"BadRequest", 400, "does not understand the request", ERR_PARSE},
        {"Unauthorized", 401, "unauthorized", ERR_AUTH},
        {"Forbidden", 403, "forbidden", ERR_FORBIDDEN},
        {"NotFound", 404, "not found", ERR_NOT_FOUND},
        {"MethodNotAllowed", 405, "does not allow this", ERR_NOT_FOUND},
        {"NotAcceptable", 406, "unexpected answer", ERR_PARSE},
        {"AlreadyExists", 409, "unexpected answer", ERR_CONFLICT},
        {"Conflict", 409, "unexpected answer", ERR_CONFLICT},
        {"Expired", 410, "too old", ERR_GONE},
        {"Gone", 410, "too old", ERR_GONE},
        {"Invalid", 422, "unexpected answer", ERR_PARSE},
        {"TooManyRequests", 429, "slow down", ERR_UNAVAILABLE},
        {"InternalError", 500, "internal error", ERR_UNAVAILABLE},
        {NULL, 502, "not available", ERR_UNAVAILABLE},
        {"ServiceUnavailable", 503, "not available", ERR_UNAVAILABLE},
        {"Timeout", 504, "took too long", ERR_TIMEOUT},
        {"ServerTimeout", 504, "took too long", ERR_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct error_response a;
        struct err err = {0};
        char body[200];
        if (t[i].reason != NULL && t[i].code != 400) {
            int n =
                snprintf(body, sizeof body, "{\"kind\":\"Status\",\"reason\":\"%s\"}", t[i].reason);
            error_response_read(&a, 299, "application/json", 0, body, (size_t)n);
            assert_int_equal(a.code, t[i].code);
        }
        error_response_read(&a, t[i].code, NULL, 0, "", 0);
        error_response_to_err(&a, "x", &err);
        if (strstr(a.message, t[i].words) == NULL || err.code != t[i].error ||
            err.http != t[i].code) {
            fail_msg("%d: %s, error %d", t[i].code, a.message, err.code);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_answers),
        cmocka_unit_test(the_most_exact_word_counts),
        cmocka_unit_test(reasons_and_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
