// SPDX-License-Identifier: Apache-2.0
// Text from anywhere made safe and measured for a terminal.
#ifndef GATETOP_BASE_TEXT_H
#define GATETOP_BASE_TEXT_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One code point from s (n bytes, n > 0). Returns the bytes it took (1 to 4); an invalid or overlong
// sequence gives U+FFFD and 1 byte.
size_t utf8_next(const char *s, size_t n, uint32_t *cp);
size_t utf8_put(uint32_t cp, char out[4]);

// True where the code point may never reach a cell: C0, DEL, C1, bidi controls and isolates, line and
// paragraph separators, zero-width and other format controls, surrogates, noncharacters.
bool text_is_control(uint32_t cp);

// Clean text: valid UTF-8, no control. Line breaks and tabs become one space, other controls U+FFFD,
// the whole at most `max` bytes (cut at a character, with an ellipsis; 0: no bound).
// Every string that comes from the cluster or a file passes here once, when it is decoded.
char *text_clean(struct arena *a, const char *s, size_t n, size_t max);
// The same, keeping '\n' and '\t' (for the YAML pane); appended to b.
void text_clean_lines(struct buf *b, const char *s, size_t n);
bool text_is_clean(const char *s, size_t n); // true where text_clean would change nothing

// Terminal columns of clean text / of one code point (0, 1 or 2; never negative).
int text_width(const char *s);
int text_cp_width(uint32_t cp);
// Bytes of the longest head of s that fits into `columns`.
size_t text_fit(const char *s, int columns);

bool str_eq(const char *a, const char *b);               // NULL equals only NULL
bool str_empty(const char *s);                           // NULL or ""
bool text_is(const char *s, size_t n, const char *word); // these n bytes are the word
bool str_starts(const char *s, const char *head);
bool str_ends(const char *s, const char *tail);
char *str_lower(struct arena *a, const char *s);         // ASCII only
int str_casecmp(const char *a, const char *b);           // ASCII only, any locale
bool str_contains_case(const char *s, const char *part); // ASCII case-insensitive
int str_order(const void *a, const void *b);             // for qsort over texts, by strcmp
uint64_t str_hash(const char *s);                        // NULL hashes like ""
uint64_t hash_mix(uint64_t a, uint64_t b);

// "1 certificate", "2 certificates"
const char *str_plural(struct arena *a, long n, const char *one, const char *many);

#endif
