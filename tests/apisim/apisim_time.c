// SPDX-License-Identifier: Apache-2.0
// Instants as fixtures write them: "@now", "@-40d".
#include "kube/base/ascii.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "tests/apisim/apisim_internal.h"

#include <stdlib.h>

int64_t sim_time_of(const char *s, int64_t now)
{
    if (s == NULL || s[0] != '@') {
        return TIME_NONE;
    }
    if (str_eq(s, "@now")) {
        return now;
    }
    if ((s[1] != '+' && s[1] != '-') || !ascii_digit(s[2])) {
        return TIME_NONE;
    }
    int64_t sum = 0;
    for (const char *p = s + 2; *p != '\0';) {
        char *end;
        long long n = strtoll(p, &end, 10);
        if (end == p) {
            return TIME_NONE;
        }
        switch (*end) {
        case 'd':
            sum += n * 86400;
            break;
        case 'h':
            sum += n * 3600;
            break;
        case 'm':
            sum += n * 60;
            break;
        case 's':
            sum += n;
            break;
        default:
            return TIME_NONE;
        }
        p = end + 1;
    }
    return s[1] == '-' ? now - sum : now + sum;
}
