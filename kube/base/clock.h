// SPDX-License-Identifier: Apache-2.0
// What time it is: the wall clock, which can be fixed, clocks that only move forward, and the time zone.
#ifndef GATETOP_BASE_CLOCK_H
#define GATETOP_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

// The wall clock: seconds since 1970 in UTC, by the API server's clock (clock_set_skew). Any thread.
int64_t clock_now(void);
// Fixes the wall clock for the whole program (--as-of, GATETOP_NOW); TIME_NONE lets it run. Before threads start.
void clock_pin(int64_t when);
// Whether it is fixed: then nothing becomes due by waiting. Any thread, after clock_pin.
bool clock_is_pinned(void);
// An instant for people in the time zone of the process: "2026-11-23 19:37:11 CET"; "" for TIME_NONE. Any thread.
const char *clock_local_text(struct arena *a, int64_t t);
// How many seconds the API server's clock is ahead of ours. Any thread.
void clock_set_skew(int64_t seconds);

// Clocks without an epoch that are never pinned, for deadlines and measurements. Any thread.
int64_t clock_mono_ms(void);   // milliseconds, without the time that the machine was asleep
int64_t clock_boot_ms(void);   // milliseconds, with it
int64_t clock_thread_us(void); // microseconds that the calling thread had a core

#endif
