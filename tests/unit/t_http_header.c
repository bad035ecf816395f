// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP answer: what is kept of it, and its bounds.
#include "kube/api/http_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static enum http_head_state line(struct http_head *h, const char *text)
{
    return http_head_line(h, text, strlen(text));
}

// Each in memory of its own size, so that a sanitizer sees a read past its end.
static void lines(struct http_head *h, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        size_t n = strlen(*texts);
        char *own = malloc(n);
        assert_non_null(own);
        memcpy(own, *texts, n);
        assert_int_equal(http_head_line(h, own, n), HTTP_HEAD_MORE);
        free(own);
    }
}

static void what_matters_is_kept(void **state)
{
    (void)state;
    static const char *const texts[] = {"HTTP/2 429 \r\n",
                                        "Content-Type:application/json\r\n",
                                        "ETAG: \t\"abc\" \r\n",
                                        "location: https://other.test/\n",
                                        "Warning: 299 - \"old\"\r\n",
                                        "Retry-After: 7\r\n",
                                        "Date: Mon, 23 Nov 2026 18:00:00 GMT\r\n",
                                        "content-encoding: gzip\r\n",
                                        "content-typed: no\r\n",
                                        "no colon",
                                        ":",
                                        "x",
                                        NULL};
    struct http_head h = {0};
    lines(&h, texts);
    assert_int_equal(line(&h, "\r\n"), HTTP_HEAD_END);
    assert_int_equal(h.status, 429);
    assert_string_equal(h.content_type, "application/json");
    assert_string_equal(h.etag, "\"abc\"");
    assert_string_equal(h.location, "https://other.test/");
    assert_string_equal(h.warning, "299 - \"old\"");
    assert_int_equal(h.retry_after_s, 7);
    assert_string_equal(h.date, "Mon, 23 Nov 2026 18:00:00 GMT");
    assert_true(h.gzip);
    assert_int_equal(line(&h, "\n"), HTTP_HEAD_END);
}

// After a 1xx comes the head that counts.
static void a_second_head_forgets_the_first(void **state)
{
    (void)state;
    static const char *const texts[] = {"HTTP/1.1 103 Early Hints\r\n", "etag: 1\r\n",
                                        "retry-after: 3\r\n", "content-encoding: gzip\r\n", NULL};
    struct http_head h = {0};
    lines(&h, texts);
    size_t bytes = h.bytes;
    assert_int_equal(line(&h, "HTTP/1.1 200 OK\r\n"), HTTP_HEAD_MORE);
    assert_int_equal(h.status, 200);
    assert_string_equal(h.etag, "");
    assert_int_equal(h.retry_after_s, 0);
    assert_false(h.gzip);
    assert_int_equal(h.bytes, bytes + 17);
}

static void odd_values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int seconds;
    } waits[] = {{"retry-after: Mon, 23 Nov 2026 18:00:00 GMT\r\n", 0},
                 {"retry-after: -5\r\n", 0},
                 {"retry-after: 99999999999999999999\r\n", 3600},
                 {"retry-after:\r\n", 0}};
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct http_head h = {0};
        line(&h, waits[i].text);
        assert_int_equal(h.retry_after_s, waits[i].seconds);
    }
    static const char *const statuses[] = {"HTTP/1.1\r\n", "HTTP/1.1 \r\n", "HTTP/ x\r\n", NULL};
    struct http_head h = {0};
    lines(&h, statuses);
    assert_int_equal(h.status, 0);
    line(&h, "content-encoding: br\r\n");
    assert_false(h.gzip);
    // Long ones are cut; half an etag is another etag.
    char text[1000];
    memset(text, 'y', sizeof text);
    memcpy(text, "location: ", 10);
    assert_int_equal(http_head_line(&h, text, sizeof text), HTTP_HEAD_MORE);
    assert_int_equal(strlen(h.location), sizeof h.location - 1);
    memcpy(text, "etag: yyyy", 10);
    assert_int_equal(http_head_line(&h, text, sizeof text), HTTP_HEAD_MORE);
    assert_string_equal(h.etag, "");
}

static void the_bound_is_of_all_lines(void **state)
{
    (void)state;
    struct http_head h = {0};
    char text[1024];
    memset(text, 'y', sizeof text);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(http_head_line(&h, text, sizeof text), HTTP_HEAD_MORE);
    }
    assert_int_equal(line(&h, "\n"), HTTP_HEAD_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matters_is_kept),
        cmocka_unit_test(a_second_head_forgets_the_first),
        cmocka_unit_test(odd_values),
        cmocka_unit_test(the_bound_is_of_all_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
