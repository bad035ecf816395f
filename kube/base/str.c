// SPDX-License-Identifier: Apache-2.0
// C strings compared, changed and hashed.
#include "kube/base/str.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"

#include <string.h>

bool str_eq(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
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

char *str_lower(struct arena *a, const char *s)
{
    char *p = arena_strdup(a, s);
    for (char *q = p; q != NULL && *q != '\0'; q++) {
        *q = ascii_lower(*q);
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
        int x = (unsigned char)ascii_lower(*a), y = (unsigned char)ascii_lower(*b);
        if (x != y || x == 0) {
            return x - y;
        }
    }
}

bool str_same_case(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ascii_lower(a[i]) != ascii_lower(b[i])) {
            return false;
        }
    }
    return true;
}

bool str_contains_case(const char *s, const char *part)
{
    const size_t n = strlen(part);
    if (n == 0) {
        return true;
    }
    const char first = ascii_lower(part[0]);
    for (; s != NULL && *s != '\0'; s++) {
        if (ascii_lower(*s) == first && str_same_case(s, part, n)) {
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

// Four or eight bytes as a number, whatever the machine's byte order is.
static uint64_t load32(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap32(x);
#endif
    return x;
}

static uint64_t load64(const unsigned char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

// One to eight bytes as a number; none is 0.
static uint64_t load_rest(const unsigned char *p, size_t n)
{
    if (n >= 4) {
        return load32(p) | load32(p + n - 4) << 32; // some bytes are in both
    }
    return n > 0 ? p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16 : 0;
}

uint64_t hash_bytes(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t h = n;
    for (; n > 8; n -= 8, p += 8) {
        h = (h ^ load64(p)) * 0x9FB21C651E98DF25U;
        h ^= h >> 32;
    }
    return hash_mix(h, load_rest(p, n));
}

uint64_t str_hash(const char *s)
{
    return hash_bytes(s, s != NULL ? strlen(s) : 0);
}

const char *str_plural(struct arena *a, long n, const char *one, const char *many)
{
    return arena_printf(a, "%ld %s", n, n == 1 ? one : many);
}
