// SPDX-License-Identifier: Apache-2.0
// Threads, their signals and deadlines; pipes that wake them.
#include "kube/base/clock.h"
#include "kube/base/pipe.h"
#include "kube/base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void *mask_of_thread(void *mask)
{
    pthread_sigmask(SIG_BLOCK, NULL, mask);
    return mask;
}

static void threads_leave_signals_to_the_main_thread(void **state)
{
    (void)state;
    pthread_t thread;
    sigset_t before, after, there;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    assert_int_equal(thread_start(&thread, mask_of_thread, &there), 0);
    void *result;
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &there);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    static const int blocked[] = {SIGINT, SIGTERM, SIGWINCH, SIGPIPE, SIGALRM};
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sigismember(&there, blocked[i]), 1);
        assert_int_equal(sigismember(&there, faults[i]), 0);
        assert_int_equal(sigismember(&after, blocked[i]), sigismember(&before, blocked[i]));
    }
}

static void a_condition_is_waited_for_up_to_the_deadline(void **state)
{
    (void)state;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed;
    thread_cond_init(&changed);
    const int64_t begin = clock_mono_ms();
    const struct timespec until = thread_deadline(30), far = thread_deadline(2999);
    assert_true(far.tv_nsec >= 0 && far.tv_nsec < 1000000000L);
    pthread_mutex_lock(&lock);
    int rc = 0;
    while (rc == 0) {
        rc = pthread_cond_timedwait(&changed, &lock, &until);
    }
    pthread_mutex_unlock(&lock);
    assert_int_equal(rc, ETIMEDOUT);
    assert_true(clock_mono_ms() - begin >= 29);
    pthread_cond_destroy(&changed);
}

static int readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0);
}

static void a_byte_wakes_and_a_full_pipe_does_not_block(void **state)
{
    (void)state;
    int ends[2];
    assert_true(pipe_open(ends));
    assert_int_equal(fcntl(ends[0], F_GETFD) & fcntl(ends[1], F_GETFD), FD_CLOEXEC);
    assert_int_equal(readable(ends[0]), 0);
    pipe_drain(ends[0]);
    for (int i = 0; i < 100000; i++) { // more than a pipe holds
        pipe_wake(ends[1]);
    }
    assert_int_equal(readable(ends[0]), 1);
    pipe_drain(ends[0]);
    assert_int_equal(readable(ends[0]), 0);
    pipe_close(ends);
    assert_int_equal(ends[0], -1);
    pipe_close(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_leave_signals_to_the_main_thread),
        cmocka_unit_test(a_condition_is_waited_for_up_to_the_deadline),
        cmocka_unit_test(a_byte_wakes_and_a_full_pipe_does_not_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
