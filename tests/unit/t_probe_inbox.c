// SPDX-License-Identifier: Apache-2.0
// Tests of kube/store/probe_inbox.c: what is kept, what is dropped, who is woken.
#include "kube/store/probe_inbox.h"

#include <pthread.h>
#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void count(void *self)
{
    ++*(int *)self;
}

static void drop(const struct probe_result **at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        probe_result_unref(at[i]);
    }
    free(at);
}

// Closed: everything is dropped. (The sanitizer reports leaks.)
static void test_open_and_closed(void **state)
{
    (void)state;
    struct probe_inbox *in = probe_inbox_new();
    int woken = 0;
    size_t n;
    probe_inbox_put(in, probe_result_new(PROBE_HOST, "before.d.io"));
    assert_null(probe_inbox_take(in, &n));
    assert_int_equal(n, 0);
    probe_inbox_open(in, count, &woken);
    probe_inbox_put(in, probe_result_new(PROBE_HOST, "a.d.io"));
    probe_inbox_put(in, probe_result_new(PROBE_TXT, "b.d.io"));
    assert_int_equal(woken, 2);
    const struct probe_result **at = probe_inbox_take(in, &n);
    assert_int_equal(n, 2);
    assert_string_equal(at[0]->name, "a.d.io");
    assert_string_equal(at[1]->name, "b.d.io");
    drop(at, n);
    assert_null(probe_inbox_take(in, &n));
    probe_inbox_put(in, probe_result_new(PROBE_HOST, "left.d.io"));
    probe_inbox_close(in);
    assert_null(probe_inbox_take(in, &n));
    probe_inbox_put(in, probe_result_new(PROBE_HOST, "late.d.io"));
    assert_int_equal(woken, 3);
    assert_null(probe_inbox_take(in, &n));
    probe_inbox_free(in);
}

enum { PUTS = 2000 };

static void *put_many(void *in)
{
    for (int i = 0; i < PUTS; i++) {
        probe_inbox_put(in, probe_result_new(PROBE_HOST, "x.d.io"));
    }
    return NULL;
}

// Two probers and a session at once: nothing is lost, nothing comes twice.
static void test_threads(void **state)
{
    (void)state;
    struct probe_inbox *in = probe_inbox_new();
    int woken = 0;
    probe_inbox_open(in, count, &woken);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, in), 0);
    }
    size_t taken = 0;
    while (taken < 2 * PUTS) {
        size_t n;
        const struct probe_result **at = probe_inbox_take(in, &n);
        taken += n;
        drop(at, n);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    size_t n;
    assert_null(probe_inbox_take(in, &n));
    assert_int_equal(taken, 2 * PUTS);
    probe_inbox_close(in);
    assert_int_equal(woken, 2 * PUTS);
    probe_inbox_free(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_and_closed),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
