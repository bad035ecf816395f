// SPDX-License-Identifier: Apache-2.0
// Strings and whole numbers, put one after the other.
#include "kube/base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(const char *fmt)
{
    for (const char *p = strchr(fmt, '%'); p != NULL; p = strchr(p + 2, '%')) {
        if (p[1] == '\0' || strchr("sudc%", p[1]) == NULL) {
            return false;
        }
    }
    return true;
}

struct writer {
    char *to;
    size_t size, n; // n: bytes of the whole text, whether they fit or not
};

static void put(struct writer *w, const char *text, size_t n)
{
    if (w->n < w->size) {
        size_t room = w->size - w->n;
        memcpy(w->to + w->n, text, n < room ? n : room);
    }
    w->n += n;
}

static void put_number(struct writer *w, unsigned n, bool negative)
{
    char digits[12], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    if (negative) {
        *--at = '-';
    }
    put(w, at, (size_t)(digits + sizeof digits - at));
}

// Takes the argument of a conversion.
static void convert(struct writer *w, char conversion, va_list *ap)
{
    if (conversion == 's') {
        const char *s = va_arg(*ap, const char *);
        s = s != NULL ? s : "(null)"; // as the C library has it
        put(w, s, strlen(s));
    } else if (conversion == 'u') {
        put_number(w, va_arg(*ap, unsigned), false);
    } else if (conversion == 'd') {
        int n = va_arg(*ap, int);
        put_number(w, n < 0 ? 0U - (unsigned)n : (unsigned)n, n < 0);
    } else if (conversion == 'c') {
        char c = (char)va_arg(*ap, int);
        put(w, &c, 1);
    } else {
        put(w, "%", 1);
    }
}

int format_text(char *to, size_t size, const char *fmt, va_list ap)
{
    if (!is_plain(fmt)) {
        return vsnprintf(to, size, fmt, ap);
    }
    struct writer w = {to, size, 0};
    va_list args; // an array on some machines, whose address an argument cannot give
    va_copy(args, ap);
    for (const char *p = fmt; *p != '\0';) {
        size_t plain = strcspn(p, "%");
        put(&w, p, plain);
        p += plain;
        if (*p == '%') {
            convert(&w, p[1], &args);
            p += 2;
        }
    }
    va_end(args);
    if (size > 0) {
        to[w.n < size ? w.n : size - 1] = '\0';
    }
    return w.n <= INT_MAX ? (int)w.n : -1;
}
