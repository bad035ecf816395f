// SPDX-License-Identifier: Apache-2.0
// Numbers: digits and nothing else, up to a bound; bases, signs, decimals.
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

static void bases(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned base;
        uint64_t max, value;
        bool ok;
    } cases[] = {
        {"ff", 16, 255, 255, true},
        {"FF", 16, 255, 255, true},
        {"100", 16, 255, 0, false},
        {"g", 16, 255, 0, false},
        {"0x1", 16, 255, 0, false},
        {"17", 8, 15, 15, true},
        {"18", 8, 15, 0, false},
        {"101", 2, 7, 5, true},
        {"2", 2, 7, 0, false},
        {"", 2, 7, 0, false},
        {"ffffffffffffffff", 16, UINT64_MAX, UINT64_MAX, true},
        {"10000000000000000", 16, UINT64_MAX, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t value = 0;
        bool ok = number_parse_base(cases[i].text, strlen(cases[i].text), cases[i].base,
                                    cases[i].max, &value);
        if (ok != cases[i].ok || value != cases[i].value) {
            fail_msg("'%s' in base %u: %d", cases[i].text, cases[i].base, ok);
        }
    }
}

static void signs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
        bool ok;
    } cases[] = {
        {"0", 0, true},
        {"-0", 0, true},
        {"+7", 7, true},
        {"-7", -7, true},
        {"--7", 0, false},
        {" 7", 0, false},
        {"7 ", 0, false},
        {"-", 0, false},
        {"", 0, false},
        {"9223372036854775807", INT64_MAX, true},
        {"9223372036854775808", 0, false},
        {"-9223372036854775808", INT64_MIN, true},
        {"-9223372036854775809", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 0;
        bool ok = number_parse_signed(cases[i].text, &value);
        if (ok != cases[i].ok || value != cases[i].value) {
            fail_msg("'%s': %d", cases[i].text, ok);
        }
    }
}

static void decimals(void **state)
{
    (void)state;
    assert_true(number_decimal("-1.5e3") == -1500.0);
    assert_true(number_decimal("0.1") == 0.1);
    assert_true(number_decimal("1e999") > 1e308);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_up_to_the_bound),
        cmocka_unit_test(only_the_first_bytes_are_read),
        cmocka_unit_test(bases),
        cmocka_unit_test(signs),
        cmocka_unit_test(decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
