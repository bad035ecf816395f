// SPDX-License-Identifier: Apache-2.0
// Tests of kube/probe/probe_queue.c: order, due times, bounds.
#include "kube/probe/probe_queue.h"

#include <stdio.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void test_order_and_due_times(void **state)
{
    (void)state;
    struct probe_queue *q = probe_queue_new(3, 600000);
    struct probe_question x;
    assert_false(probe_queue_take(q, &x));
    assert_true(probe_queue_add(q, PROBE_HOST, "hidden", PROBE_PRIORITY_HIDDEN, 0));
    assert_true(probe_queue_add(q, PROBE_HOST, "shown", PROBE_PRIORITY_VISIBLE, 0));
    assert_true(probe_queue_add(q, PROBE_HOST, "other", PROBE_PRIORITY_HIDDEN, 0));
    assert_true(
        probe_queue_add(q, PROBE_HOST, "other", PROBE_PRIORITY_VISIBLE, 0)); // comes on screen
    assert_false(probe_queue_add(q, PROBE_HOST, "one too many", PROBE_PRIORITY_VISIBLE, 0));
    assert_int_equal(probe_queue_waiting(q), 3);
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, "shown");
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, "other");
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, "hidden");
    assert_int_equal(probe_queue_in_flight(q), 3);
    assert_true(
        probe_queue_add(q, PROBE_HOST, "shown", PROBE_PRIORITY_VISIBLE, 0)); // under way: not twice
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_done(q, PROBE_HOST, "shown", 1000, 61000);
    probe_queue_done(q, PROBE_HOST, "hidden", 2000, 62000);
    probe_queue_add(q, PROBE_HOST, "shown", PROBE_PRIORITY_VISIBLE, 60999);
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_add(q, PROBE_HOST, "shown", PROBE_PRIORITY_HIDDEN,
                    61000); // off screen: ten minutes
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_add(q, PROBE_HOST, "shown", PROBE_PRIORITY_VISIBLE, 61000);
    assert_int_equal(probe_queue_waiting(q), 1);
    // "hidden" rests and may not be asked again before ten minutes are over: it is not forgotten for another.
    assert_false(probe_queue_add(q, PROBE_HOST, "new", PROBE_PRIORITY_VISIBLE, 601999));
    assert_true(probe_queue_add(q, PROBE_HOST, "new", PROBE_PRIORITY_VISIBLE, 602000));
    assert_int_equal(probe_queue_waiting(q), 2);
    probe_queue_free(q);
}

static void take_expecting(struct probe_queue *q, const char *name)
{
    struct probe_question x;
    assert_true(probe_queue_take(q, &x));
    assert_string_equal(x.name, name);
}

// Another screen: what was on the previous one comes after it, and before what was never on screen.
static void test_screen_changes(void **state)
{
    (void)state;
    struct probe_queue *q = probe_queue_new(100, 600000);
    probe_queue_hide_all(q); // nothing waits: nothing happens
    probe_queue_add(q, PROBE_HOST, "never", PROBE_PRIORITY_HIDDEN, 0);
    probe_queue_add(q, PROBE_HOST, "first", PROBE_PRIORITY_VISIBLE, 0);
    probe_queue_add(q, PROBE_HOST, "second", PROBE_PRIORITY_VISIBLE, 0);
    probe_queue_add(q, PROBE_HOST, "stays", PROBE_PRIORITY_VISIBLE, 0);
    probe_queue_hide_all(q);
    probe_queue_add(q, PROBE_HOST, "stays", PROBE_PRIORITY_VISIBLE, 0);
    probe_queue_add(q, PROBE_HOST, "now", PROBE_PRIORITY_VISIBLE, 0);
    probe_queue_add(q, PROBE_HOST, "late", PROBE_PRIORITY_HIDDEN, 0);
    assert_int_equal(probe_queue_waiting(q), 6);
    take_expecting(q, "stays");
    take_expecting(q, "now");
    take_expecting(q, "first");
    probe_queue_add(q, PROBE_HOST, "late", PROBE_PRIORITY_VISIBLE, 0);
    probe_queue_hide_all(q);
    take_expecting(q, "late");
    take_expecting(q, "second");
    take_expecting(q, "never");
    assert_int_equal(probe_queue_waiting(q), 0);
    probe_queue_free(q);
}

static enum probe_kind kind_of(int i)
{
    return i % 2 == 0 ? PROBE_HOST : PROBE_TXT;
}

// Many names: each once, in order, however often the table grows; all are found again.
static void test_grows(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct probe_queue *q = probe_queue_new(N, 600000);
    char name[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++) {
            snprintf(name, sizeof name, "n%d", i);
            assert_true(probe_queue_add(q, kind_of(i), name, PROBE_PRIORITY_HIDDEN, 0));
        }
    }
    assert_false(probe_queue_add(q, PROBE_HOST, "one too many", PROBE_PRIORITY_HIDDEN, 0));
    assert_int_equal(probe_queue_waiting(q), N);
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "n%d", i);
        take_expecting(q, name);
        probe_queue_done(q, kind_of(i), name, i, i);
    }
    // Room is made by the oldest answer.
    assert_true(probe_queue_add(q, PROBE_HOST, "new", PROBE_PRIORITY_VISIBLE, 600000));
    assert_false(probe_queue_add(q, PROBE_HOST, "newer", PROBE_PRIORITY_VISIBLE, 600000));
    assert_true(probe_queue_add(q, PROBE_HOST, "newer", PROBE_PRIORITY_VISIBLE, 600001));
    probe_queue_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_due_times),
        cmocka_unit_test(test_screen_changes),
        cmocka_unit_test(test_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
