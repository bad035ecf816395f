// SPDX-License-Identifier: Apache-2.0
// Decimal numbers: digits and nothing else, up to a bound.
#include "kube/base/number.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void digits_up_to_the_bound(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t max, value; // -1: no number
    } cases[] = {
        {"0", 0, 0},
        {"7", 10, 7},
        {"10", 10, 10},
        {"11", 10, -1},
        {"1", 0, -1},
        {"9", 5, -1},
        {"007", 7, 7},
        {"429", 999, 429},
        {"", 10, -1},
        {"-1", 10, -1},
        {"+1", 10, -1},
        {" 1", 10, -1},
        {"1 ", 10, -1},
        {"1a", 100, -1},
        {"0x1", 100, -1},
        {"9223372036854775807", INT64_MAX, INT64_MAX},
        {"9223372036854775808", INT64_MAX, -1},
        {"99999999999999999999999999", INT64_MAX, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -1;
        bool ok = number_parse(cases[i].text, strlen(cases[i].text), cases[i].max, &value);
        if (value != cases[i].value || ok != (cases[i].value >= 0)) {
            print_error("'%s': got %lld\n", cases[i].text, (long long)value);
            fail();
        }
    }
}

static void only_the_first_bytes_are_read(void **state)
{
    (void)state;
    int64_t value;
    assert_true(number_parse("404 Not Found", 3, 999, &value));
    assert_int_equal(value, 404);
    assert_true(number_parse("12345", 2, 999, &value));
    assert_int_equal(value, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_up_to_the_bound),
        cmocka_unit_test(only_the_first_bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
