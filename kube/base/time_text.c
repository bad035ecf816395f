// SPDX-License-Identifier: Apache-2.0
// Instants and durations as text.
#include "kube/base/time_text.h"

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

int64_t time_parse(const char *s)
{
    int64_t y, mo, d, h, mi, se, oh = 0, om = 0;
    if (s == NULL || !digits(&s, 4, &y) || !literal(&s, '-') || !digits(&s, 2, &mo) ||
        !literal(&s, '-') || !digits(&s, 2, &d)) {
        return TIME_NONE;
    }
    if (*s != 'T' && *s != 't' && *s != ' ') {
        return TIME_NONE;
    }
    s++;
    if (!digits(&s, 2, &h) || !literal(&s, ':') || !digits(&s, 2, &mi) || !literal(&s, ':') ||
        !digits(&s, 2, &se)) {
        return TIME_NONE;
    }
    static const int month[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (mo < 1 || mo > 12 || d < 1 || d > month[mo - 1] + (mo == 2 && leap) || h > 23 || mi > 59 ||
        se > 60) {
        return TIME_NONE;
    }
    if (*s == '.') {
        s++;
        if (*s < '0' || *s > '9') {
            return TIME_NONE;
        }
        while (*s >= '0' && *s <= '9') {
            s++;
        }
    }
    int64_t sign = 0;
    if (*s == '+' || *s == '-') {
        sign = *s++ == '+' ? 1 : -1;
        if (!digits(&s, 2, &oh) || !literal(&s, ':') || !digits(&s, 2, &om)) {
            return TIME_NONE;
        }
    } else if (*s == 'Z' || *s == 'z') {
        s++;
    } else {
        return TIME_NONE;
    }
    if (*s != '\0') {
        return TIME_NONE;
    }
    return days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + se -
           sign * (oh * 3600 + om * 60);
}

const char *time_format(struct arena *a, int64_t t)
{
    if (t == TIME_NONE) {
        return "";
    }
    time_t tt = (time_t)t;
    struct tm tm;
    if (gmtime_r(&tt, &tm) == NULL) {
        return "";
    }
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *time_local(struct arena *a, int64_t t)
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

int64_t duration_parse(const char *s)
{
    if (s == NULL) {
        return DURATION_NONE;
    }
    int64_t sign = 1;
    if (*s == '-' || *s == '+') {
        sign = *s++ == '-' ? -1 : 1;
    }
    if (strcmp(s, "0") == 0) {
        return 0;
    }
    if (*s == '\0') {
        return DURATION_NONE;
    }
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ns", 1e-6}, {"us", 1e-3}, {"\xC2\xB5s", 1e-3}, {"\xCE\xBCs", 1e-3},
                 {"ms", 1},    {"s", 1e3},   {"m", 6e4},          {"h", 3.6e6}};
    double total = 0;
    while (*s != '\0') {
        double v = 0, scale = 1;
        bool any = false;
        for (; *s >= '0' && *s <= '9'; s++, any = true) {
            v = v * 10 + (*s - '0');
        }
        if (*s == '.') {
            s++;
            for (; *s >= '0' && *s <= '9'; s++, any = true) {
                scale /= 10;
                v += scale * (*s - '0');
            }
        }
        if (!any) {
            return DURATION_NONE;
        }
        size_t best = 0;
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            size_t n = strlen(units[i].unit);
            bool ends = s[n < strlen(s) ? n : strlen(s)] == '\0' || (s[n] >= '0' && s[n] <= '9') ||
                        s[n] == '.';
            if (strncmp(s, units[i].unit, n) == 0 && ends) {
                total += v * units[i].ms;
                best = n;
                break;
            }
        }
        if (best == 0 || total > 9.2e12) {
            return DURATION_NONE;
        }
        s += best;
    }
    return sign * (int64_t)(total + 0.5);
}

const char *duration_short(struct arena *a, int64_t s)
{
    const char *sign = s < 0 ? "-" : "";
    s = s < 0 ? -s : s;
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
