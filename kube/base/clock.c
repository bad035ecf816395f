// SPDX-License-Identifier: Apache-2.0
// What time it is.
#include "kube/base/clock.h"

#include "kube/base/arena.h"
#include "kube/base/time_text.h"

#include <stdatomic.h>
#include <time.h>

static int64_t pinned = TIME_NONE;
static _Atomic int64_t skew;

int64_t clock_now(void)
{
    if (pinned != TIME_NONE) {
        return pinned;
    }
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec + atomic_load_explicit(&skew, memory_order_relaxed);
}

void clock_pin(int64_t when)
{
    pinned = when;
}

bool clock_is_pinned(void)
{
    return pinned != TIME_NONE;
}

void clock_set_skew(int64_t seconds)
{
    atomic_store_explicit(&skew, seconds, memory_order_relaxed);
}

const char *clock_local_text(struct arena *a, int64_t t)
{
    time_t tt = (time_t)t;
    struct tm tm;
    char text[64];
    if (t == TIME_NONE || localtime_r(&tt, &tm) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &tm) == 0) {
        return "";
    }
    return arena_strdup(a, text);
}

static int64_t read_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
#ifdef CLOCK_BOOTTIME
    return read_ms(CLOCK_BOOTTIME);
#else
    return read_ms(CLOCK_MONOTONIC);
#endif
}

int64_t clock_thread_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
