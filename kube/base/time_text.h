// SPDX-License-Identifier: Apache-2.0
// Instants and durations as text: RFC 3339, Go's durations, kubectl's ages. No clock is read here, and no time
// zone (clock.h does).
#ifndef GATETOP_BASE_TIME_TEXT_H
#define GATETOP_BASE_TIME_TEXT_H

#include <stdint.h>

struct arena;

// An absent instant (a null or missing time in an object). Instants are seconds since 1970 in UTC and may
// be negative or far away: 1970 and 9999 are both legal.
#define TIME_NONE INT64_MIN
#define DURATION_NONE INT64_MIN

// RFC 3339 ("2026-11-23T18:37:11Z", fractions cut, offsets applied). TIME_NONE if s is NULL or not one.
int64_t time_parse(const char *s);
// RFC 3339 in UTC, seconds; "" for TIME_NONE.
const char *time_format(struct arena *a, int64_t t);
// For people: "2026-11-23 18:37:11 UTC"; "" for TIME_NONE. clock_local_text has the user's time zone.
const char *time_utc(struct arena *a, int64_t t);

// Go's time.ParseDuration ("1h30m", "2160h0m0s", "1.5s", "-5m") in milliseconds, DURATION_NONE if it
// is not one (a number without a unit is not; "0" is).
int64_t duration_parse(const char *s);
// As kubectl's AGE: "5s", "12m", "3h20m", "2d5h", "40d", "3y60d". Negative: "-5s".
const char *duration_short(struct arena *a, int64_t seconds);

#endif
