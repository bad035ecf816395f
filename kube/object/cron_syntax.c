// SPDX-License-Identifier: Apache-2.0
// Reads schedules as github.com/robfig/cron v3 does.
#include "kube/base/array.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/cron_syntax_internal.h"
#include "kube/object/str_list.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cron_field {
    int least, most;
    const char *names; // of three letters each, the first for `least`; NULL: none
};
static const struct cron_field fields[] = {
    {0, 59, NULL},
    {0, 23, NULL},
    {1, 31, NULL},
    {1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
    {0, 6, "SUNMONTUEWEDTHUFRISAT"},
};

// A number or name of the field, -1 if it is neither.
static int value_of(const struct cron_field *f, const char *s, size_t n)
{
    int64_t number;
    if (number_parse(s, n, f->most, &number)) {
        return number >= f->least ? (int)number : -1;
    }
    for (size_t i = 0; n == 3 && f->names != NULL && f->names[i] != '\0'; i += 3) {
        if (str_same_case(f->names + i, s, 3)) {
            return f->least + (int)(i / 3);
        }
    }
    return -1;
}

// "*", "?", "5", "1-5", each with a step behind a slash.
static bool valid_range(const struct cron_field *f, const char *s, size_t n)
{
    const char *slash = memchr(s, '/', n);
    if (slash != NULL) {
        int64_t step;
        if (!number_parse(slash + 1, n - (size_t)(slash + 1 - s), 1000, &step) || step == 0) {
            return false;
        }
        n = (size_t)(slash - s);
    }
    if (n == 1 && (s[0] == '*' || s[0] == '?')) {
        return true;
    }
    const char *dash = memchr(s, '-', n);
    if (dash == NULL) {
        return value_of(f, s, n) >= 0;
    }
    int from = value_of(f, s, (size_t)(dash - s));
    int to = value_of(f, dash + 1, n - (size_t)(dash + 1 - s));
    return from >= 0 && to >= from;
}

static bool valid_field(const struct cron_field *f, const char *s, size_t n)
{
    while (n > 0) {
        const char *comma = memchr(s, ',', n);
        size_t part = comma != NULL ? (size_t)(comma - s) : n;
        if (!valid_range(f, s, part)) {
            return false;
        }
        if (comma == NULL) {
            return true;
        }
        s += part + 1;
        n -= part + 1;
    }
    return false;
}

static bool valid_word(const char *text)
{
    static const char *const words[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                        "@daily",  "@midnight", "@hourly"};
    static const char every[] = "@every ";
    return str_list_has(&(struct str_list){words, ARRAY_COUNT(words)}, text) ||
           (str_starts(text, every) && duration_parse(text + sizeof every - 1) != DURATION_NONE);
}

bool cron_is_valid(const char *text)
{
    size_t n = 0;
    if (text[0] == '@') {
        return valid_word(text);
    }
    for (text += strspn(text, " \t"); *text != '\0'; text += strspn(text, " \t")) {
        size_t len = strcspn(text, " \t");
        if (n == ARRAY_COUNT(fields) || !valid_field(&fields[n++], text, len)) {
            return false;
        }
        text += len;
    }
    return n == ARRAY_COUNT(fields);
}

bool time_zone_is_known(const char *name)
{
    static const char *const single[] = {
        "CET",       "CST6CDT",   "Cuba",      "EET",     "EST",     "EST5EDT", "Egypt",
        "Eire",      "GB",        "GB-Eire",   "GMT",     "GMT+0",   "GMT-0",   "GMT0",
        "Greenwich", "HST",       "Hongkong",  "Iceland", "Iran",    "Israel",  "Jamaica",
        "Japan",     "Kwajalein", "Libya",     "Local",   "MET",     "MST",     "MST7MDT",
        "NZ",        "NZ-CHAT",   "Navajo",    "PRC",     "PST8PDT", "Poland",  "Portugal",
        "ROC",       "ROK",       "Singapore", "Turkey",  "UCT",     "UTC",     "Universal",
        "W-SU",      "WET",       "Zulu",      ""};
    return str_list_has(&(struct str_list){single, ARRAY_COUNT(single)}, name) ||
           (strchr(name, '/') != NULL && strchr(name, ' ') == NULL);
}
