// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/backoff.c.
#include "kube/api/backoff.h"

#include <stddef.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
// clang-format on

static void pauses_double_up_to_the_longest(void **state)
{
    (void)state;
    struct backoff b = {800, 30000, 0};
    static const int64_t expected[] = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(backoff_next(&b, 0), expected[i]);
    }
    for (int i = 0; i < 1000; i++) { // however often
        assert_int_equal(backoff_next(&b, 0), 30000);
    }
    backoff_reset(&b);
    assert_int_equal(backoff_next(&b, 0.5), 1200);
    assert_int_equal(backoff_next(&b, 0.25), 2000);
}

static void a_longest_pause_below_the_first(void **state)
{
    (void)state;
    struct backoff b = {800, 100, 0};
    assert_int_equal(backoff_next(&b, 0), 100);
    assert_int_equal(backoff_next(&b, 0), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_double_up_to_the_longest),
        cmocka_unit_test(a_longest_pause_below_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
