// SPDX-License-Identifier: Apache-2.0
// Instants, durations and how people read them.
#ifndef GATETOP_BASE_CLOCK_H
#define GATETOP_BASE_CLOCK_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

// An absent instant (a null or missing time in an object). Instants are seconds since 1970 in UTC and may
// be negative or far away: 1970 and 9999 are both legal.
#define TIME_NONE INT64_MIN
#define DURATION_NONE INT64_MIN

// The wall clock in seconds. clock_pin fixes it for the whole program (--as-of, GATETOP_NOW); set before
// threads start. clock_skew adds the difference to the API server's clock (any thread).
int64_t clock_now(void);
void clock_pin(int64_t when);
bool clock_is_pinned(void);
void clock_set_skew(int64_t seconds);
int64_t clock_mono_ms(void);   // monotonic, for deadlines; never pinned
int64_t clock_boot_ms(void);   // monotonic including suspend
int64_t clock_thread_us(void); // time on a core of the calling thread, in microseconds

// RFC 3339 ("2026-11-23T18:37:11Z", fractions cut, offsets applied). TIME_NONE where s is NULL or not one.
int64_t time_parse(const char *s);
// RFC 3339 in UTC, seconds; "" for TIME_NONE.
const char *time_format(struct arena *a, int64_t t);
// Local time with its zone, for the screen: "2026-11-23 19:37:11 CET".
const char *time_local(struct arena *a, int64_t t);

// Go's time.ParseDuration ("1h30m", "2160h0m0s", "1.5s", "-5m") in milliseconds, DURATION_NONE where it
// is not one (a number without a unit is not; "0" is).
int64_t duration_parse(const char *s);
// As kubectl's AGE: "5s", "12m", "3h20m", "2d5h", "40d", "3y60d". Negative: "-5s".
const char *duration_short(struct arena *a, int64_t seconds);

#endif
