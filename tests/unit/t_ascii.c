// SPDX-License-Identifier: Apache-2.0
// The classes of all bytes: those of ASCII, as C's own locale has them.
#include "kube/base/ascii.h"

#include <ctype.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void every_byte(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) { // no setlocale(): the locale is "C"
        char c = (char)i;
        assert_int_equal(ascii_digit(c), isdigit(i) != 0);
        assert_int_equal(ascii_upper(c), isupper(i) != 0);
        assert_int_equal(ascii_alnum(c), isalnum(i) != 0);
        assert_int_equal(ascii_lower(c), (char)tolower(i));
        assert_int_equal(ascii_hex(c) >= 0, isxdigit(i) != 0);
        assert_int_equal(ascii_space(c), isspace(i) != 0 && c != '\v' && c != '\f');
    }
}

static void hexadecimal_digits_have_values(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++) {
        assert_int_equal(ascii_hex("0123456789abcdef"[i]), i);
        assert_int_equal(ascii_hex("0123456789ABCDEF"[i]), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte),
        cmocka_unit_test(hexadecimal_digits_have_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
