// SPDX-License-Identifier: Apache-2.0
// Reads decimal numbers: what strtol() does, without signs, blanks, locale and overflow.
#include "kube/base/number.h"

bool number_parse(const char *s, size_t n, int64_t max, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = s[i] - '0';
        if (digit < 0 || digit > 9 || digit > max || value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    if (n == 0) {
        return false;
    }
    *out = value;
    return true;
}
