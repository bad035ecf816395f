// SPDX-License-Identifier: Apache-2.0
// Text from anywhere made safe and measured for a terminal.
#include "kube/base/text.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/utf8.h"

#include <string.h>
#include <wchar.h>

bool text_is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0xAD || cp == 0x61C ||
           (cp >= 0x180B && cp <= 0x180F) || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) ||
           (cp >= 0xD800 && cp <= 0xDFFF) || (cp >= 0xFDD0 && cp <= 0xFDEF) || cp == 0xFEFF ||
           (cp >= 0xFFF9 && cp <= 0xFFFB) || (cp & 0xFFFE) == 0xFFFE ||
           (cp >= 0xE0000 && cp <= 0xE0FFF) || cp > 0x10FFFF;
}

bool text_is_plain(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c >= 0x7F) {
            return false;
        }
    }
    return true;
}

bool text_is_clean(const char *s, size_t n)
{
    if (text_is_plain(s, n)) {
        return true;
    }
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        size_t len = utf8_next(s + i, n - i, &cp);
        if (text_is_control(cp) || (cp == 0xFFFD && len == 1)) {
            return false;
        }
        i += len;
    }
    return true;
}

static void clean_into(struct buf *b, const char *s, size_t n, bool lines)
{
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        size_t len = utf8_next(s + i, n - i, &cp);
        i += len;
        char out[4];
        if (cp == '\n' || cp == '\t' || cp == '\r') {
            if (lines && cp == '\r') {
                continue;
            }
            cp = lines ? cp : ' ';
            if (!lines && b->len > 0 && b->data[b->len - 1] == ' ') {
                continue; // a run of breaks and tabs is one space
            }
        } else if (text_is_control(cp)) {
            cp = 0xFFFD;
        }
        if (!buf_add(b, out, utf8_put(cp, out))) {
            return;
        }
    }
}

char *text_clean(struct arena *a, const char *s, size_t n, size_t max)
{
    if (s == NULL) {
        return NULL;
    }
    if ((max == 0 || n <= max) && text_is_clean(s, n)) {
        return arena_strndup(a, s, n);
    }
    static const char ellipsis[] = "\xE2\x80\xA6";
    struct buf b;
    ASSERT(max == 0 || max >= sizeof ellipsis);
    buf_init(&b, max > 0 ? max + 1 - sizeof ellipsis : 0);
    clean_into(&b, s, n, false);
    char *p = arena_printf(a, "%s%s", b.data, b.over ? ellipsis : ""); // what is clean has no NUL
    buf_release(&b);
    return p;
}

void text_clean_lines(struct buf *b, const char *s, size_t n)
{
    clean_into(b, s, n, true);
}

int text_cp_width(uint32_t cp)
{
    if (cp < 0x7F) {
        return cp >= 0x20 ? 1 : 0;
    }
    int w = wcwidth((wchar_t)cp);
    return w < 0 ? 1 : (w > 2 ? 2 : w);
}

int text_width(const char *s)
{
    int w = 0;
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        i += utf8_next(s + i, n - i, &cp);
        w += text_cp_width(cp);
    }
    return w;
}

size_t text_fit(const char *s, int columns)
{
    int w = 0;
    size_t n = strlen(s), i = 0;
    while (i < n) {
        uint32_t cp;
        size_t len = utf8_next(s + i, n - i, &cp);
        w += text_cp_width(cp);
        if (w > columns) {
            break;
        }
        i += len;
    }
    return i;
}
