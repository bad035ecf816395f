// SPDX-License-Identifier: Apache-2.0
// Instants and durations as text.
#include "kube/base/time_text.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/str.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

// Days since 1970-01-01 of a proleptic Gregorian date.
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static bool digits(const char **s, int n, int64_t *out)
{
    int64_t v = 0;
    for (int i = 0; i < n; i++) {
        if ((*s)[i] < '0' || (*s)[i] > '9') {
            return false;
        }
        v = v * 10 + ((*s)[i] - '0');
    }
    *s += n;
    *out = v;
    return true;
}

static bool literal(const char **s, char c)
{
    if (**s != c) {
        return false;
    }
    (*s)++;
    return true;
}

// "2026-11-23" as days since 1970.
static bool take_date(const char **s, int64_t *days)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;
    if (!digits(s, 4, &year) || !literal(s, '-') || !digits(s, 2, &month) || !literal(s, '-') ||
        !digits(s, 2, &day) || month < 1 || month > 12) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    *days = days_from_civil(year, month, day);
    return day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

// "18:37:11.123" as seconds; the fraction is cut.
static bool take_clock(const char **s, int64_t *seconds)
{
    int64_t hour, minute, second;
    if (!digits(s, 2, &hour) || !literal(s, ':') || !digits(s, 2, &minute) || !literal(s, ':') ||
        !digits(s, 2, &second) || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    if (!literal(s, '.')) {
        return true;
    }
    size_t n = strspn(*s, "0123456789");
    *s += n;
    return n > 0;
}

// "Z" or "+01:00" as seconds east of Greenwich.
static bool take_zone(const char **s, int64_t *east)
{
    int64_t hours, minutes, sign = **s == '-' ? -1 : 1;
    *east = 0;
    if (literal(s, 'Z') || literal(s, 'z')) {
        return true;
    }
    if ((!literal(s, '+') && !literal(s, '-')) || !digits(s, 2, &hours) || !literal(s, ':') ||
        !digits(s, 2, &minutes)) {
        return false;
    }
    *east = sign * (hours * 3600 + minutes * 60);
    return true;
}

int64_t time_parse(const char *s)
{
    int64_t days, seconds, east;
    if (s == NULL || !take_date(&s, &days) ||
        (!literal(&s, 'T') && !literal(&s, 't') && !literal(&s, ' ')) ||
        !take_clock(&s, &seconds) || !take_zone(&s, &east) || *s != '\0') {
        return TIME_NONE;
    }
    return days * 86400 + seconds - east;
}

static const char *utc(struct arena *a, int64_t t, const char *between, const char *zone)
{
    time_t tt = (time_t)t;
    struct tm tm;
    return t == TIME_NONE || gmtime_r(&tt, &tm) == NULL
               ? ""
               : arena_printf(a, "%04d-%02d-%02d%s%02d:%02d:%02d%s", tm.tm_year + 1900,
                              tm.tm_mon + 1, tm.tm_mday, between, tm.tm_hour, tm.tm_min, tm.tm_sec,
                              zone);
}

const char *time_format(struct arena *a, int64_t t)
{
    return utc(a, t, "T", "Z");
}

const char *time_utc(struct arena *a, int64_t t)
{
    return utc(a, t, " ", " UTC");
}

// Some 292 years: Go's durations are nanoseconds in an int64.
#define LONGEST_MS 9.2e12

// Digits with at most one point among them; false if there is no digit.
static bool take_number(const char **s, double *out)
{
    const char *p = *s;
    double value = 0, scale = 1;
    bool any = false;
    for (; ascii_digit(*p); p++, any = true) {
        value = value * 10 + (*p - '0');
    }
    if (*p == '.') {
        for (p++; ascii_digit(*p); p++, any = true) {
            scale /= 10;
            value += scale * (*p - '0');
        }
    }
    *s = p;
    *out = value;
    return any;
}

// A unit, up to the next digit or point; returns false if it is no unit.
static bool take_unit(const char **s, double *ms)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ns", 1e-6}, {"us", 1e-3}, {"\xC2\xB5s", 1e-3}, {"\xCE\xBCs", 1e-3},
                 {"ms", 1},    {"s", 1e3},   {"m", 6e4},          {"h", 3.6e6}};
    size_t n = strcspn(*s, "0123456789.");
    for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
        if (str_is(*s, n, units[i].name)) {
            *s += n;
            *ms = units[i].ms;
            return true;
        }
    }
    return false;
}

int64_t duration_parse(const char *s)
{
    if (s == NULL) {
        return DURATION_NONE;
    }
    int64_t sign = *s == '-' ? -1 : 1;
    s += *s == '-' || *s == '+';
    if (strcmp(s, "0") == 0) {
        return 0;
    }
    double total = 0, value, ms;
    do {
        if (!take_number(&s, &value) || !take_unit(&s, &ms)) {
            return DURATION_NONE;
        }
        total += value * ms;
    } while (*s != '\0' && total <= LONGEST_MS);
    return total <= LONGEST_MS ? sign * (int64_t)(total + 0.5) : DURATION_NONE;
}

const char *duration_short(struct arena *a, int64_t s)
{
    const char *sign = s < 0 ? "-" : "";
    s = s < 0 ? (s == INT64_MIN ? INT64_MAX : -s) : s;
    int64_t m = s / 60, h = s / 3600, d = s / 86400, y = d / 365;
    if (s < 120) {
        return arena_printf(a, "%s%" PRId64 "s", sign, s);
    }
    if (m < 10 && s % 60 != 0) {
        return arena_printf(a, "%s%" PRId64 "m%" PRId64 "s", sign, m, s % 60);
    }
    if (m < 180) {
        return arena_printf(a, "%s%" PRId64 "m", sign, m);
    }
    if (h < 8 && m % 60 != 0) {
        return arena_printf(a, "%s%" PRId64 "h%" PRId64 "m", sign, h, m % 60);
    }
    if (h < 48) {
        return arena_printf(a, "%s%" PRId64 "h", sign, h);
    }
    if (d < 8 && h % 24 != 0) {
        return arena_printf(a, "%s%" PRId64 "d%" PRId64 "h", sign, d, h % 24);
    }
    if (d < 730) {
        return arena_printf(a, "%s%" PRId64 "d", sign, d);
    }
    if (y < 8 && d % 365 != 0) {
        return arena_printf(a, "%s%" PRId64 "y%" PRId64 "d", sign, y, d % 365);
    }
    return arena_printf(a, "%s%" PRId64 "y", sign, y);
}
