// SPDX-License-Identifier: Apache-2.0
// Percent-encoding: what is encoded, and what is no encoding.
#include "kube/base/buf.h"
#include "kube/base/percent.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void all_but_the_unreserved_is_encoded(void **state)
{
    (void)state;
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct buf b;
    buf_init(&b, 0);
    percent_encode(&b, unreserved);
    assert_string_equal(b.data, unreserved);
    for (int c = 1; c < 256; c++) {
        char text[2] = {(char)c, '\0'};
        buf_reset(&b);
        percent_encode(&b, text);
        bool plain = strchr(unreserved, c) != NULL;
        assert_int_equal(b.len, plain ? 1 : 3);
        assert_int_equal(percent_byte(b.data, b.len), plain ? -1 : c);
    }
    buf_reset(&b);
    percent_encode(&b, "a=b,c in (d)/\xC3\xA4%2F");
    assert_string_equal(b.data, "a%3Db%2Cc%20in%20%28d%29%2F%C3%A4%252F");
    buf_release(&b);
}

static void bytes_are_read(void **state)
{
    (void)state;
    assert_int_equal(percent_byte("%2F", 3), '/');
    assert_int_equal(percent_byte("%2fx", 4), '/');
    assert_int_equal(percent_byte("%00", 3), 0);
    assert_int_equal(percent_byte("%fF", 3), 255);
    static const char *const none[] = {"", "%", "%2", "%2G", "%G2", "% 2", "%+2", "2F%", "x%2F"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(percent_byte(none[i], strlen(none[i])), -1);
    }
    assert_int_equal(percent_byte("%2F", 2), -1); // the second digit is not ours
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_but_the_unreserved_is_encoded),
        cmocka_unit_test(bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
