// SPDX-License-Identifier: Apache-2.0
// Reads numbers: what strtol() does, without blanks, prefixes, locale and overflow.
#include "kube/base/number.h"

#include "kube/base/ascii.h"

#include <stdlib.h>
#include <string.h>

bool number_parse_base(const char *s, size_t n, unsigned base, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        int hex = ascii_hex(s[i]);
        uint64_t digit = hex >= 0 ? (uint64_t)hex : base;
        if (digit >= base || digit > max || value > (max - digit) / base) {
            return false;
        }
        value = value * base + digit;
    }
    if (n == 0) {
        return false;
    }
    *out = value;
    return true;
}

bool number_parse(const char *s, size_t n, int64_t max, int64_t *out)
{
    uint64_t value;
    if (!number_parse_base(s, n, 10, (uint64_t)max, &value)) {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

bool number_parse_signed(const char *s, int64_t *out)
{
    bool minus = *s == '-';
    s += *s == '-' || *s == '+';
    uint64_t value;
    if (!number_parse_base(s, strlen(s), 10, (uint64_t)INT64_MAX + minus, &value)) {
        return false;
    }
    *out = minus && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

double number_decimal(const char *s)
{
    return strtod(s, NULL); // LC_NUMERIC is always C (utf8_locale.c)
}

int number_compare_u32(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}
