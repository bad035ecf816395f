// SPDX-License-Identifier: Apache-2.0
// Clocks: a fixed one stands still, the others run.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/time_text.h"

#include <stdlib.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void the_wall_clock_follows_the_server(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL), now = clock_now(), after = (int64_t)time(NULL);
    assert_true(before <= now && now <= after);
    clock_set_skew(-3600);
    before = (int64_t)time(NULL);
    now = clock_now();
    after = (int64_t)time(NULL);
    assert_true(before - 3600 <= now && now <= after - 3600);
    clock_set_skew(0);
}

static void a_fixed_clock_stays(void **state)
{
    (void)state;
    assert_false(clock_is_pinned());
    clock_pin(1764000000);
    assert_true(clock_is_pinned());
    clock_set_skew(5); // the server's clock does not matter then
    assert_int_equal(clock_now(), 1764000000);
    clock_set_skew(0);
    clock_pin(TIME_NONE);
    assert_false(clock_is_pinned());
    assert_true(clock_now() != 1764000000);
}

static void the_others_go_on(void **state)
{
    (void)state;
    clock_pin(0);
    int64_t mono = clock_mono_ms(), boot = clock_boot_ms(), core = clock_thread_us();
    while (clock_thread_us() - core < 2000) { // at work, so that it ends
    }
    assert_true(clock_mono_ms() > mono);
    assert_true(clock_boot_ms() > boot);
    assert_true(clock_boot_ms() >= clock_mono_ms() - 1); // it has the time asleep as well
    clock_pin(TIME_NONE);
}

static void instants_are_shown_in_the_time_zone(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    assert_string_equal(clock_local_text(&a, TIME_NONE), "");
    assert_string_equal(clock_local_text(&a, 1795459031), "2026-11-23 19:37:11 CET");
    assert_string_equal(clock_local_text(&a, 1783000000), "2026-07-02 15:46:40 CEST");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_clock_follows_the_server),
        cmocka_unit_test(a_fixed_clock_stays),
        cmocka_unit_test(the_others_go_on),
        cmocka_unit_test(instants_are_shown_in_the_time_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
