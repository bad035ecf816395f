// SPDX-License-Identifier: Apache-2.0
// Errors as values: what a message says, and that it is cut and not lost.
#include "kube/base/err.h"
#include "kube/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void a_message_has_its_code(void **state)
{
    (void)state;
    struct err e;
    memset(&e, 0xEE, sizeof e);
    assert_false(err_set(&e, ERR_LIMIT, "'%s' has %d lines", "x", 3));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_int_equal(e.sys, 0);
    assert_int_equal(e.http, 0);
    assert_string_equal(e.msg, "'x' has 3 lines");
    errno = ENOENT;
    assert_false(err_sys(&e, ERR_CONFIG, "cannot read '%s'", "y"));
    assert_int_equal(e.code, ERR_CONFIG);
    assert_int_equal(e.sys, ENOENT);
    assert_string_equal(e.msg, "cannot read 'y': No such file or directory");
    err_prefix(&e, "file %d", 2);
    assert_string_equal(e.msg, "file 2: cannot read 'y': No such file or directory");
    err_clear(&e);
    assert_int_equal(e.code, ERR_NONE);
    assert_string_equal(e.msg, "");
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_false(err_set(NULL, ERR_NET, "x"));
    assert_false(err_sys(NULL, ERR_NET, "x"));
    err_prefix(NULL, "x");
    err_clear(NULL);
}

static void long_messages_are_cut(void **state)
{
    (void)state;
    struct err e;
    char text[sizeof e.msg + 100];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    err_set(&e, ERR_PARSE, "%s", text);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
    errno = ENOENT;
    err_sys(&e, ERR_PARSE, "%.*s", (int)sizeof e.msg - 5, text);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
    assert_string_equal(e.msg + sizeof e.msg - 5, ": No");
    err_prefix(&e, "%s", text);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
}

// Of a character that does not fit nothing is left: half of one is no clean text.
static void no_character_is_cut(void **state)
{
    (void)state;
    struct err by_precision;
    err_set(&by_precision, ERR_CONFIG, "no role is called '%.3s'", "a\xc3\xa4\xc3\xa4");
    assert_string_equal(by_precision.msg, "no role is called 'a\xc3\xa4'");
    err_set(&by_precision, ERR_CONFIG, "no role is called '%.2s'", "a\xc3\xa4\xc3\xa4");
    assert_string_equal(by_precision.msg, "no role is called 'a'");
    struct err e;
    char text[sizeof e.msg + 4] = "";
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "\xE2\x80\xA6", 4);
    }
    for (int first = 0; first < 3; first++) {
        size_t fits = (sizeof e.msg - 1 - (size_t)first) / 3 * 3;
        err_set(&e, ERR_PARSE, "%.*s%s", first, "xx", text);
        assert_int_equal(strlen(e.msg), (size_t)first + fits);
        assert_memory_equal(e.msg + first, text, fits);
        err_prefix(&e, "%s", text);
        assert_true(text_is_clean(e.msg, strlen(e.msg)));
        assert_in_range(strlen(e.msg), sizeof e.msg - 3, sizeof e.msg - 1);
    }
}

static void every_errno_has_a_text(void **state)
{
    (void)state;
    char text[ERRNO_TEXT_SIZE], other[ERRNO_TEXT_SIZE];
    assert_string_equal(errno_text(EACCES, text), "Permission denied");
    assert_ptr_equal(errno_text(ENOENT, other), other);
    assert_string_equal(text, "Permission denied"); // each has its own
    assert_non_null(strstr(errno_text(123456, text), "123456"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_has_its_code), cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(long_messages_are_cut),  cmocka_unit_test(no_character_is_cut),
        cmocka_unit_test(every_errno_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
