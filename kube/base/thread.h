// SPDX-License-Identifier: Apache-2.0
// Threads that leave signals to the main thread, waiting for a condition up to a deadline, and threads that nobody
// waits for any more.
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

// A thread that computes is not waited for: whoever wants its end leaves it behind, with all that it uses, after a
// while. While there is one, the program ends with _exit(), and what threads may use is not freed before. Any thread.
void thread_left_behind(void);
// It has ended after all. Any thread.
void thread_caught_up(void);
// Whether there is one. Any thread.
bool thread_any_left_behind(void);

#endif
