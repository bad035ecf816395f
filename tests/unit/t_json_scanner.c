// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/json_scanner.c: ends of strings and values wherever the text is cut.
#include "kube/api/json_scanner.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// The string's contents, and where it ends within what follows.
static void strings_end_at_their_quote(void **state)
{
    (void)state;
    static const struct {
        const char *text; // after the first quote
        int end;          // of the closing quote, -1: none
    } cases[] = {
        {"abc\",", 3}, {"\"", 0},       {"a\\\"b\"", 4}, {"\\\\\"x\"", 2},  {"\\\\\\\"\"", 4},
        {"abc", -1},   {"abc\\\"", -1}, {"{[\":", 2},    {"\\\"\\\"\"", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        int n = (int)strlen(text);
        for (int cut = 0; cut <= n; cut++) { // in two pieces
            struct json_scanner s;
            json_scanner_reset(&s, false);
            json_scanner_begin_string(&s);
            const char *q = json_scanner_end_string(&s, text, text + cut);
            if (q == NULL) {
                assert_true(s.in_string);
                q = json_scanner_end_string(&s, text + cut, text + n);
            }
            assert_int_equal(q != NULL ? q - text : -1, cases[i].end);
            assert_int_equal(s.in_string, q == NULL);
        }
    }
}

static void a_line_ends_a_string_only_by_mistake(void **state)
{
    (void)state;
    struct json_scanner s;
    static const char text[] = "abc\ndef\"";
    json_scanner_reset(&s, true);
    json_scanner_begin_string(&s);
    assert_null(json_scanner_end_string(&s, text, text + sizeof text - 1));
    assert_true(s.broken);
    json_scanner_reset(&s, false);
    json_scanner_begin_string(&s);
    assert_ptr_equal(json_scanner_end_string(&s, text, text + sizeof text - 1), text + 7);
    json_scanner_reset(&s, true); // the quote comes first
    json_scanner_begin_string(&s);
    static const char next[] = "a\"\n";
    assert_non_null(json_scanner_end_string(&s, next, next + sizeof next - 1));
    assert_false(s.broken);
}

// Skips a value whose first bracket is at depth 1; where it stopped, -1: not at its end.
static long end_of_value(const char *text, size_t cut, const char **error)
{
    struct json_scanner s;
    bool done = false;
    size_t n = strlen(text);
    json_scanner_reset(&s, false);
    const char *p = json_scanner_skip(&s, 1, text, text + cut, &done, error);
    if (!done && *error == NULL) {
        assert_ptr_equal(p, text + cut);
        p = json_scanner_skip(&s, 1, p, text + n, &done, error);
    }
    return done ? p - text : -1;
}

static void values_end_at_their_bracket(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int end;
        const char *error;
    } cases[] = {
        {"{},", 2, NULL},
        {"[1,{\"a\":[\"]\",\"}\\\"\"]}],", 21, NULL},
        {"{\"a\":1", -1, NULL},
        {"[}", -1, "brackets do not match"},
        {"{\"a\":[1}", -1, "brackets do not match"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
            const char *error;
            assert_int_equal(end_of_value(cases[i].text, cut, &error), cases[i].end);
            if (cases[i].error == NULL) {
                assert_null(error);
            } else {
                assert_string_equal(error, cases[i].error);
            }
        }
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct json_scanner s;
    json_scanner_reset(&s, false);
    assert_false(json_scanner_close(&s, '}'));
    for (int i = 1; i < JSON_SCANNER_KNOWN + 1000; i++) {
        assert_true(json_scanner_open(&s, i % 3 == 0 ? '[' : '{'));
    }
    for (int i = JSON_SCANNER_KNOWN + 999; i > 0; i--) {
        char close = i % 3 == 0 ? ']' : '}';
        assert_true(json_scanner_close(&s, i < JSON_SCANNER_KNOWN ? close : ']'));
    }
    assert_int_equal(s.depth, 0);
    s.depth = JSON_SCANNER_DEPTH_MAX - 1;
    assert_false(json_scanner_open(&s, '['));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_end_at_their_quote),
        cmocka_unit_test(a_line_ends_a_string_only_by_mistake),
        cmocka_unit_test(values_end_at_their_bracket),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
