// SPDX-License-Identifier: Apache-2.0
// How often a session publishes: what waits, and that many changes do not slow each other down.
#include "kube/store/publish_pace.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void a_publication_waits_as_long_as_the_last_one_cost(void **state)
{
    (void)state;
    static const struct {
        int64_t cost_us, loading_ms, complete_ms;
    } cases[] = {{0, 15, 15},     {2000, 15, 15},   {3000, 18, 15},     {15000, 90, 15},
                 {16000, 96, 16}, {40000, 240, 40}, {354000, 2124, 354}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(publish_pause_ms(cases[i].cost_us, false), cases[i].loading_ms);
        assert_int_equal(publish_pause_ms(cases[i].cost_us, true), cases[i].complete_ms);
    }
}

// Changes that come at a steady pace, each of which costs so much: how long it is from one publication to the next when
// that has become steady.
static int64_t steady_period_ms(int64_t changes_a_second, int64_t cost_us)
{
    int64_t period = 0, last = -1;
    for (int i = 0; i < 1000 && period != last; i++) {
        last = period;
        int64_t cost = changes_a_second * period / 1000 * cost_us;
        period = cost / 1000 + publish_pause_ms(cost, true);
    }
    return period;
}

// A change is on the screen within 50 ms; the rest of them is for drawing.
static void a_thousand_changes_a_second_keep_the_pace(void **state)
{
    (void)state;
    assert_int_equal(steady_period_ms(1, 135), 15);
    assert_true(steady_period_ms(100, 135) <= 16);
    assert_true(steady_period_ms(1000, 135) <= 18);
    assert_true(steady_period_ms(5000, 60) <= 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publication_waits_as_long_as_the_last_one_cost),
        cmocka_unit_test(a_thousand_changes_a_second_keep_the_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
