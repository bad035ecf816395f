// SPDX-License-Identifier: Apache-2.0
// Threads, deadlines, and how many threads are left behind.
#include "kube/base/thread.h"

#include "kube/base/array.h"

#include <signal.h>
#include <stdatomic.h>

static atomic_int left_behind;

int thread_start(pthread_t *thread, void *(*run)(void *self), void *self)
{
    static const int faults[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    sigset_t all, before; // the thread inherits the mask
    sigfillset(&all);
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        sigdelset(&all, faults[i]);
    }
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

void thread_cond_init(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
}

struct timespec thread_deadline(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

void thread_left_behind(void)
{
    atomic_fetch_add(&left_behind, 1);
}

void thread_caught_up(void)
{
    atomic_fetch_sub(&left_behind, 1);
}

bool thread_any_left_behind(void)
{
    return atomic_load(&left_behind) > 0;
}
