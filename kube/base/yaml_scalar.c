// SPDX-License-Identifier: Apache-2.0
// Resolution of unquoted YAML scalars.
#include "kube/base/yaml_scalar.h"

#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/number.h"
#include "kube/base/secret.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool among(const char *s, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcmp(s, *list) == 0) {
            return true;
        }
    }
    return false;
}

static bool named(const char *s, enum yaml_scalar_type *type)
{
    static const char *const null[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yes[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                      "True", "TRUE", "on",  "On",  "ON",  NULL};
    static const char *const no[] = {"n",     "N",     "no",  "No",  "NO",  "false",
                                     "False", "FALSE", "off", "Off", "OFF", NULL};
    static const char *const odd[] = {".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF", "+.inf",
                                      "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", NULL};
    static const char *const merge[] = {"<<", NULL};
    static const struct {
        const char *const *list;
        enum yaml_scalar_type type;
    } all[] = {{null, YAML_NULL},
               {yes, YAML_TRUE},
               {no, YAML_FALSE},
               {odd, YAML_NOT_FINITE},
               {merge, YAML_MERGE}};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        if (among(s, all[i].list)) {
            *type = all[i].type;
            return true;
        }
    }
    return false;
}

// Digits of one base up to the end of s; false if there are none or others.
static bool integer(const char *s, unsigned base, double *number)
{
    uint64_t v;
    if (!number_parse_base(s, strlen(s), base, UINT64_MAX, &v)) {
        return false;
    }
    *number = (double)v;
    return true;
}

// As Go's strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b, a leading 0 for octal.
static bool go_integer(const char *s, double *number)
{
    bool minus = *s == '-';
    s += *s == '-' || *s == '+';
    unsigned base = 10;
    if (s[0] == '0' && s[1] != '\0') {
        char c = ascii_lower(s[1]);
        base = c == 'x' ? 16 : (c == 'b' ? 2 : 8);
        s += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
    }
    if (!integer(s, base, number)) {
        return false;
    }
    *number = minus ? -*number : *number;
    return true;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
static bool decimal(const char *s, double *number)
{
    const char *p = s + (*s == '-' || *s == '+');
    if (*p == '.') {
        if (!ascii_digit(p[1])) {
            return false;
        }
    } else if (!ascii_digit(*p)) {
        return false;
    }
    while (ascii_digit(*p)) {
        p++;
    }
    if (*p == '.') {
        p++;
        while (ascii_digit(*p)) {
            p++;
        }
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        if (!ascii_digit(*p)) {
            return false;
        }
        while (ascii_digit(*p)) {
            p++;
        }
    }
    if (*p != '\0') {
        return false;
    }
    *number = number_decimal(s);
    return isfinite(*number); // what is too large is text, as in Go
}

static bool digits(const char **s, int least, int most)
{
    int n = 0;
    while (n < most && ascii_digit((*s)[n])) {
        n++;
    }
    *s += n;
    return n >= least;
}

// 2001-12-14, 2001-12-14T21:59:43.10-05:00, 2001-12-14 21:59:43.10: what yaml.v2 takes for a time.
static bool timestamp(const char *s)
{
    if (!digits(&s, 4, 4) || *s++ != '-' || !digits(&s, 1, 2) || *s++ != '-' || !digits(&s, 1, 2)) {
        return false;
    }
    if (*s == '\0') {
        return true;
    }
    if (*s != 'T' && *s != 't' && *s != ' ') {
        return false;
    }
    s++;
    if (!digits(&s, 1, 2) || *s++ != ':' || !digits(&s, 1, 2) || *s++ != ':' || !digits(&s, 1, 2)) {
        return false;
    }
    if (*s == '.') {
        s++;
        if (!digits(&s, 1, 9)) {
            return false;
        }
    }
    if (*s == 'Z' || *s == '\0') {
        return s[0] == '\0' || s[1] == '\0';
    }
    if (*s != '+' && *s != '-') {
        return false;
    }
    s++;
    return digits(&s, 1, 2) && *s++ == ':' && digits(&s, 2, 2) && *s == '\0';
}

enum { LONGEST_NUMBER = 400 }; // a float may have many digits; longer text is text

// Copies a number without the '_' that YAML 1.1 allows between digits. False for other text, and for one that is too
// long.
static bool strip(const char *s, bool point, char out[LONGEST_NUMBER])
{
    size_t n = 0;
    for (; *s != '\0'; s++) {
        if (*s == '_' && point && (n == 0 || !ascii_digit(out[n - 1]) || !ascii_digit(s[1]))) {
            return false; // after a leading point only between digits
        }
        if (*s == '_') {
            continue;
        }
        if (n + 1 == LONGEST_NUMBER) {
            return false;
        }
        out[n++] = *s;
    }
    out[n] = '\0';
    return true;
}

enum yaml_scalar_type yaml_scalar(const char *s, double *number)
{
    enum yaml_scalar_type type = YAML_TEXT;
    double scratch = 0;
    number = number != NULL ? number : &scratch;
    *number = 0;
    if (named(s, &type)) {
        return type;
    }
    bool point = *s == '.';
    if (!ascii_digit(*s) && *s != '-' && *s != '+' && !point) {
        return YAML_TEXT;
    }
    if (timestamp(s)) {
        return YAML_TIMESTAMP;
    }
    char plain[LONGEST_NUMBER];
    if (strip(s, point, plain)) {
        type = !point && go_integer(plain, number) ? YAML_INT
               : decimal(plain, number)            ? YAML_FLOAT
                                                   : YAML_TEXT;
    }
    secret_wipe(plain, sizeof plain); // a token may begin like a number
    return type;
}
