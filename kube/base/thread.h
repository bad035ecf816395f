// SPDX-License-Identifier: Apache-2.0
// Threads that leave signals to the main thread, waits with a deadline, and threads that are left behind.
#ifndef GATETOP_BASE_THREAD_H
#define GATETOP_BASE_THREAD_H

#include "kube/base/attr.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

// As pthread_create(), returns 0 or an errno. In the new thread all signals are blocked except those of faults:
// blocked, these would kill the program without its handler, and the terminal would not be restored.
int thread_start(pthread_t *thread, void *(*run)(void *self), void *self) MUST_USE;

// A condition for pthread_cond_timedwait() with thread_deadline(): setting the wall clock does not move its deadline.
void thread_cond_init(pthread_cond_t *c);
// The instant `ms` milliseconds from now.
struct timespec thread_deadline(int ms);

// A thread that computes is not waited for without end: after a while its owner leaves it behind, with all that it
// uses. As long as one runs, what threads may use is not freed, and the program ends with _exit(). Any thread.
void thread_left_behind(void);
// A thread that was left behind has ended. Any thread.
void thread_caught_up(void);
// Whether a thread that was left behind still runs. Any thread.
bool thread_any_left_behind(void);

#endif
