// SPDX-License-Identifier: Apache-2.0
// What a prober hands over, gathered for a test: one list for the program.
#include "tests/support/probe_results.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { RESULTS_MAX = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static const struct probe_result *results[RESULTS_MAX];
static size_t count;

void probe_results_take(void *self, const struct probe_result *r)
{
    (void)self;
    pthread_mutex_lock(&lock);
    if (count < RESULTS_MAX) {
        results[count++] = r;
    } else {
        probe_result_unref(r);
    }
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&lock);
}

void probe_results_wait(size_t n)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&lock);
    while (count < n && pthread_cond_timedwait(&arrived, &lock, &until) == 0) {
    }
    size_t have = count;
    pthread_mutex_unlock(&lock);
    if (have < n) {
        fail_msg("%zu results of %zu", have, n);
    }
}

size_t probe_results_count(void)
{
    pthread_mutex_lock(&lock);
    size_t n = count;
    pthread_mutex_unlock(&lock);
    return n;
}

size_t probe_results_named(const char *name)
{
    size_t n = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++) {
        n += strcmp(results[i]->name, name) == 0;
    }
    pthread_mutex_unlock(&lock);
    return n;
}

const struct probe_result *probe_results_at(size_t i)
{
    pthread_mutex_lock(&lock);
    const struct probe_result *r = i < count ? results[i] : NULL;
    pthread_mutex_unlock(&lock);
    assert_non_null(r);
    return r;
}

const struct probe_result *probe_results_of(enum probe_kind k, const char *name)
{
    const struct probe_result *found = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count && found == NULL; i++) {
        bool same = results[i]->kind == k && strcmp(results[i]->name, name) == 0;
        found = same ? results[i] : NULL;
    }
    pthread_mutex_unlock(&lock);
    if (found == NULL) {
        fail_msg("no result for %s", name);
    }
    return found;
}

int probe_results_release(void **state)
{
    (void)state;
    for (size_t i = 0; i < count; i++) {
        probe_result_unref(results[i]);
    }
    count = 0;
    return 0;
}
