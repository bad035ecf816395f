// SPDX-License-Identifier: Apache-2.0
// Text from anywhere made safe and measured for a terminal.
#include "kube/base/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

size_t utf8_next(const char *s, size_t n, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)s;
    *cp = 0xFFFD;
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    size_t len = 0;
    uint32_t c = 0, min = 0;
    if ((u[0] & 0xE0) == 0xC0) {
        len = 2, c = u[0] & 0x1FU, min = 0x80;
    } else if ((u[0] & 0xF0) == 0xE0) {
        len = 3, c = u[0] & 0x0FU, min = 0x800;
    } else if ((u[0] & 0xF8) == 0xF0) {
        len = 4, c = u[0] & 0x07U, min = 0x10000;
    } else {
        return 1;
    }
    if (len > n) {
        return 1;
    }
    for (size_t i = 1; i < len; i++) {
        if ((u[i] & 0xC0) != 0x80) {
            return 1;
        }
        c = (c << 6) | (u[i] & 0x3FU);
    }
    if (c < min || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 1;
    }
    *cp = c;
    return len;
}

size_t utf8_put(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | (cp >> 6));
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | (cp >> 12));
        out[1] = (char)(0x80 | ((cp >> 6) & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (cp >> 18));
    out[1] = (char)(0x80 | ((cp >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((cp >> 6) & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

bool text_is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0xAD || cp == 0x61C ||
           (cp >= 0x180B && cp <= 0x180F) || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) ||
           (cp >= 0xD800 && cp <= 0xDFFF) || (cp >= 0xFDD0 && cp <= 0xFDEF) || cp == 0xFEFF ||
           (cp >= 0xFFF9 && cp <= 0xFFFB) || (cp & 0xFFFE) == 0xFFFE ||
           (cp >= 0xE0000 && cp <= 0xE0FFF) || cp > 0x10FFFF;
}

static bool ascii_clean(const char *s, size_t n)
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
    if (ascii_clean(s, n)) {
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
    struct buf b;
    buf_init(&b, max > 3 ? max - 3 : 0);
    clean_into(&b, s, n, false);
    if (b.over) {
        b.max = 0;
        b.over = false;
        buf_adds(&b, "\xE2\x80\xA6");
    }
    char *p = arena_strndup(a, b.data, b.len);
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

bool str_eq(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool text_is(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

bool str_empty(const char *s)
{
    return s == NULL || s[0] == '\0';
}

bool str_starts(const char *s, const char *head)
{
    return s != NULL && strncmp(s, head, strlen(head)) == 0;
}

bool str_ends(const char *s, const char *tail)
{
    if (s == NULL) {
        return false;
    }
    size_t n = strlen(s), t = strlen(tail);
    return t <= n && memcmp(s + n - t, tail, t) == 0;
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

char *str_lower(struct arena *a, const char *s)
{
    char *p = arena_strdup(a, s);
    for (char *q = p; q != NULL && *q != '\0'; q++) {
        *q = (char)lower((unsigned char)*q);
    }
    return p;
}

int str_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int str_casecmp(const char *a, const char *b)
{
    for (;; a++, b++) {
        int x = lower((unsigned char)*a), y = lower((unsigned char)*b);
        if (x != y || x == 0) {
            return x - y;
        }
    }
}

bool str_contains_case(const char *s, const char *part)
{
    if (part[0] == '\0') {
        return true;
    }
    for (; s != NULL && *s != '\0'; s++) {
        size_t i = 0;
        while (part[i] != '\0' && lower((unsigned char)s[i]) == lower((unsigned char)part[i])) {
            i++;
        }
        if (part[i] == '\0') {
            return true;
        }
    }
    return false;
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t h = a ^ (b + 0x9E3779B97F4A7C15U + (a << 6) + (a >> 2));
    h ^= h >> 33;
    h *= 0xFF51AFD7ED558CCDU;
    h ^= h >> 33;
    h *= 0xC4CEB9FE1A85EC53U;
    return h ^ (h >> 33);
}

uint64_t str_hash(const char *s)
{
    uint64_t h = 0xCBF29CE484222325U;
    for (; s != NULL && *s != '\0'; s++) {
        h = (h ^ (unsigned char)*s) * 0x100000001B3U;
    }
    return hash_mix(h, 0);
}

const char *str_plural(struct arena *a, long n, const char *one, const char *many)
{
    return arena_printf(a, "%ld %s", n, n == 1 ? one : many);
}
