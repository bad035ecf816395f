// SPDX-License-Identifier: Apache-2.0
// Errors as values.
#include "kube/base/err.h"

#include "kube/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *errno_text(int sys, char text[ERRNO_TEXT_SIZE])
{
    if (strerror_r(sys, text, ERRNO_TEXT_SIZE) != 0) {
        snprintf(text, ERRNO_TEXT_SIZE, "error %d", sys);
    }
    return text;
}

// Text that filled its memory may have been cut in the middle of a character.
static void end_at_character(char *text, size_t size)
{
    size_t n = strlen(text);
    if (n + 1 == size) {
        text[utf8_whole(text, n)] = '\0';
    }
}

// A precision ("%.40s") may have cut a character as well: what is left of it goes.
static void drop_torn(char *text)
{
    size_t n = strlen(text), to = 0;
    for (size_t at = 0; at < n;) {
        uint32_t cp;
        size_t took = utf8_next(text + at, n - at, &cp);
        bool torn = took == 1 && (unsigned char)text[at] >= 0x80;
        if (!torn) {
            memmove(text + to, text + at, took);
            to += took;
        }
        at += took;
    }
    text[to] = '\0';
}

PRINTF_LIKE(4, 0)
static void fill(struct err *e, enum err_code code, int sys, const char *fmt, va_list ap)
{
    if (e == NULL) {
        return;
    }
    e->code = code;
    e->sys = sys;
    e->http = 0;
    int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    if (n >= 0 && sys != 0 && (size_t)n < sizeof e->msg) {
        char text[ERRNO_TEXT_SIZE];
        snprintf(e->msg + n, sizeof e->msg - (size_t)n, ": %s", errno_text(sys, text));
    }
    end_at_character(e->msg, sizeof e->msg);
    drop_torn(e->msg);
}

bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fill(e, code, 0, fmt, ap);
    va_end(ap);
    return false;
}

bool err_sys(struct err *e, enum err_code code, const char *fmt, ...)
{
    int sys = errno;
    va_list ap;
    va_start(ap, fmt);
    fill(e, code, sys, fmt, ap);
    va_end(ap);
    return false;
}

void err_prefix(struct err *e, const char *fmt, ...)
{
    if (e == NULL) {
        return;
    }
    char head[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(head, sizeof head, fmt, ap);
    va_end(ap);
    end_at_character(head, sizeof head);
    char whole[sizeof head + sizeof e->msg + 2];
    snprintf(whole, sizeof whole, "%s: %s", head, e->msg);
    snprintf(e->msg, sizeof e->msg, "%.*s", (int)sizeof e->msg - 1, whole);
    end_at_character(e->msg, sizeof e->msg);
}

void err_clear(struct err *e)
{
    if (e != NULL) {
        memset(e, 0, sizeof *e);
    }
}
