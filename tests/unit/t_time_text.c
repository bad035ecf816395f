// SPDX-License-Identifier: Apache-2.0
// Instants and durations as text: what is read, what is none, what is written.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/time_text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void instants_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t t;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T18:37:11Z", 1795459031},
        {"2026-11-23T18:37:11.999999999Z", 1795459031}, // cut, not rounded
        {"2026-11-23T19:37:11+01:00", 1795459031},
        {"2026-11-23T13:07:11-05:30", 1795459031},
        {"2026-11-23t18:37:11z", 1795459031},
        {"2026-11-23 18:37:11Z", 1795459031},
        {"2024-02-29T00:00:00Z", 1709164800},
        {"2000-02-29T00:00:00Z", 951782400},
        {"1969-12-31T23:59:59Z", -1},
        {"0001-01-01T00:00:00Z", -62135596800},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"2016-12-31T23:59:60Z", 1483228800}, // a leap second
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        if (time_parse(cases[i].text) != cases[i].t) {
            fail_msg("%s: %lld", cases[i].text, (long long)time_parse(cases[i].text));
        }
    }
    static const char *const none[] = {
        "",
        "2026-11-23",
        "2026-11-23T18:37Z",
        "2026-11-23T18:37:11",
        "2026-11-23T18:37:11X",
        "2026-11-23T18:37:11Z ",
        " 2026-11-23T18:37:11Z",
        "2026-11-23T18:37:11.Z",
        "2026-11-23T18:37:11+0100",
        "2026-11-23T18:37:11+01",
        "26-11-23T18:37:11Z",
        "2026-1-23T18:37:11Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "+026-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
        if (time_parse(none[i]) != TIME_NONE) {
            fail_msg("'%s' is taken", none[i]);
        }
    }
    assert_true(time_parse(NULL) == TIME_NONE);
}

static void instants_are_written(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static const char *const same[] = {"1970-01-01T00:00:00Z", "2026-11-23T18:37:11Z",
                                       "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};
    for (size_t i = 0; i < ARRAY_COUNT(same); i++) {
        assert_string_equal(time_format(&a, time_parse(same[i])), same[i]);
    }
    assert_string_equal(time_format(&a, TIME_NONE), "");
    assert_string_equal(time_utc(&a, TIME_NONE), "");
    assert_string_equal(time_format(&a, INT64_MAX), ""); // a year that no struct tm holds
    assert_string_equal(time_utc(&a, 1795459031), "2026-11-23 18:37:11 UTC");
    assert_string_equal(time_utc(&a, INT64_MAX), "");
    arena_release(&a);
}

static void durations_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"0", 0},
        {"+0", 0},
        {"-0", 0},
        {"0s", 0},
        {"5m", 300000},
        {"+5m", 300000},
        {"-5m", -300000},
        {"1h30m", 5400000},
        {"2160h0m0s", 7776000000},
        {"1.5s", 1500},
        {".5s", 500},
        {"1.s", 1000},
        {"100ms", 100},
        {"1m30.5s20ms", 90520},
        {"1500us", 2}, // rounded to a millisecond
        {"1500\xC2\xB5s", 2},
        {"1500\xCE\xBCs", 2},
        {"400us", 0},
        {"999999ns", 1},
        {"1ns", 0},
        {"2540400h", 9145440000000},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        if (duration_parse(cases[i].text) != cases[i].ms) {
            fail_msg("%s: %lld", cases[i].text, (long long)duration_parse(cases[i].text));
        }
    }
    static const char *const none[] = {
        "",    "-",   "+",  "5",    "5 m",  "5d",    "m",  "1m5", ".s",  "1.", "1..s",       "--5m",
        "1h ", " 1h", "1H", "1e3s", "0x1s", "1m-5s", "s5", "5mm", "1.5", "00", "9999999999h"};
    for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
        if (duration_parse(none[i]) != DURATION_NONE) {
            fail_msg("'%s' is taken", none[i]);
        }
    }
    assert_true(duration_parse(NULL) == DURATION_NONE);
}

// The steps of kubectl's AGE.
static void durations_are_written(void **state)
{
    (void)state;
    enum { M = 60, H = 3600, D = 86400, Y = 365 * D };
    static const struct {
        int64_t s;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {119, "119s"},
        {2 * M, "2m"},
        {2 * M + 1, "2m1s"},
        {9 * M + 59, "9m59s"},
        {10 * M + 1, "10m"},
        {179 * M, "179m"},
        {3 * H, "3h"},
        {3 * H + 20 * M, "3h20m"},
        {7 * H + 59 * M, "7h59m"},
        {8 * H + 59 * M, "8h"},
        {47 * H, "47h"},
        {2 * D, "2d"},
        {2 * D + 5 * H, "2d5h"},
        {8 * D + 5 * H, "8d"},
        {729 * D, "729d"},
        {2 * (int64_t)Y, "2y"},
        {3 * (int64_t)Y + 60 * D, "3y60d"},
        {9 * (int64_t)Y + 60 * D, "9y"},
        {-5, "-5s"},
        {-(2 * D + 5 * H), "-2d5h"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        assert_string_equal(duration_short(&a, cases[i].s), cases[i].text);
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read),
        cmocka_unit_test(instants_are_written),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(durations_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
