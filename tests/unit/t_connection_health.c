// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/connection_health.c, with time as an argument.
#include "kube/api/connection_health.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { IDLE = 100, PROBE = 50 };

struct world {
    struct connection_health health;
    struct connection_checks checks;
    long watched; // the port with a watch, -1: all
    long ended;   // the last port whose watches were ended
    int ends;
};

static bool is_watched(void *self, long port)
{
    const struct world *w = self;
    return w->watched == -1 || w->watched == port;
}

static void end_watches(void *self, long port)
{
    struct world *w = self;
    w->ended = port;
    w->ends++;
}

static void world_init(struct world *w)
{
    *w = (struct world){.watched = -1};
    w->checks = (struct connection_checks){.idle_ms = IDLE,
                                           .probe_ms = PROBE,
                                           .self = w,
                                           .is_watched = is_watched,
                                           .end_watches = end_watches};
}

static bool check(struct world *w, int64_t now)
{
    return connection_health_check(&w->health, &w->checks, now);
}

static void silence_is_probed_once(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    assert_int_equal(connection_health_deadline(&w.health, IDLE, PROBE), INT64_MAX);
    connection_health_byte(&w.health, 1, 1000);
    assert_int_equal(connection_health_deadline(&w.health, IDLE, PROBE), 1100);
    assert_false(check(&w, 1099));
    assert_true(check(&w, 1100));
    w.checks.probing = true;
    assert_false(check(&w, 1120));
    assert_int_equal(connection_health_deadline(&w.health, IDLE, PROBE), 1150);
    w.checks.probing = false;
    connection_health_byte(&w.health, 1, 1130); // the probe was answered on it
    assert_false(check(&w, 1229));
    assert_true(check(&w, 1230));
    assert_int_equal(w.ends, 0);
    connection_health_release(&w.health);
}

// The probe was answered on another connection: this one is given up when it has been silent for long enough.
static void one_that_is_avoided_ends(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    connection_health_byte(&w.health, 1, 1000);
    connection_health_byte(&w.health, 2, 1000);
    assert_true(check(&w, 1100));
    connection_health_byte(&w.health, 2, 1110);
    assert_false(check(&w, 1149));
    assert_int_equal(w.ends, 0);
    w.checks.probing = true; // while a probe is out nothing is given up
    assert_false(check(&w, 1150));
    assert_int_equal(w.ends, 0);
    w.checks.probing = false;
    assert_false(check(&w, 1151));
    assert_int_equal(w.ends, 1);
    assert_int_equal(w.ended, 1);
    assert_null(connection_health_find(&w.health, 1));
    assert_non_null(connection_health_find(&w.health, 2));
    connection_health_release(&w.health);
}

static void one_without_a_watch_is_forgotten(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.watched = 2;
    for (long port = 1; port <= 5; port++) {
        connection_health_add(&w.health, port, 1000)->answered = port == 2;
    }
    assert_true(check(&w, 1100));
    assert_int_equal(w.health.count, 1);
    assert_true(connection_health_find(&w.health, 2)->answered);
    assert_int_equal(w.ends, 0);
    connection_health_clear(&w.health);
    assert_null(connection_health_find(&w.health, 2));
    connection_health_release(&w.health);
}

// Without a credential no probe can be sent: the span begins again.
static void a_probe_that_was_not_sent_proves_nothing(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    connection_health_byte(&w.health, 1, 1000);
    assert_true(check(&w, 1100));
    connection_health_excuse(&w.health, 1160);
    assert_false(check(&w, 1259));
    assert_true(check(&w, 1260));
    assert_int_equal(w.ends, 0);
    connection_health_release(&w.health);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_probed_once),
        cmocka_unit_test(one_that_is_avoided_ends),
        cmocka_unit_test(one_without_a_watch_is_forgotten),
        cmocka_unit_test(a_probe_that_was_not_sent_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
