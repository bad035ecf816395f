// SPDX-License-Identifier: Apache-2.0
// C strings compared, changed and hashed. Letters are those of ASCII, whatever the locale is. Pure.
#ifndef GATETOP_BASE_STR_H
#define GATETOP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

bool str_eq(const char *a, const char *b); // NULL equals only NULL
bool str_empty(const char *s);             // NULL or ""
// The text itself, "" for NULL.
static inline const char *str_or_empty(const char *s)
{
    return s != NULL ? s : "";
}
bool str_starts(const char *s, const char *head); // false for a NULL s
bool str_ends(const char *s, const char *tail);   // the same
// Whether the n bytes at s are the word, which is usually a literal.
static inline bool str_is(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(s, word, n) == 0;
}
int str_casecmp(const char *a, const char *b); // as strcasecmp()
// Whether the first n bytes are the same, ignoring case. It reads no further than the first that differs.
bool str_same_case(const char *a, const char *b, size_t n);
// Whether s contains `part`, ignoring case. NULL contains "" only.
bool str_contains_case(const char *s, const char *part);
// For qsort() over an array of texts: by strcmp().
int str_order(const void *a, const void *b);

// In lower case, in the arena; NULL gives NULL.
char *str_lower(struct arena *a, const char *s);
// "1 certificate", "2 certificates", in the arena.
const char *str_plural(struct arena *a, long n, const char *one, const char *many);

// A hash of the text, for tables; the same in every run. NULL hashes like "".
uint64_t str_hash(const char *s);
// The same of n bytes; NULL is fine where there are none.
uint64_t hash_bytes(const void *bytes, size_t n);
// One hash of two, in this order.
uint64_t hash_mix(uint64_t a, uint64_t b);

#endif
