// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/error_response.c: what an error answer says.
#include "kube/base/err.h"

#include "kube/api/error_response.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(error_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
