// SPDX-License-Identifier: Apache-2.0
// Text from anywhere made safe and measured for a terminal.
#ifndef GATETOP_BASE_TEXT_H
#define GATETOP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;
struct buf;

// True if the code point may never reach a cell: C0, DEL, C1, bidi controls and isolates, line and paragraph
// separators, zero-width and other format controls, surrogates, noncharacters.
bool text_is_control(uint32_t cp);

// Clean text: valid UTF-8, no control. Line breaks and tabs become one space, other controls U+FFFD, the whole at
// most `max` bytes (4 or more; cut at a character, with an ellipsis; 0: no bound). n bytes of s; NULL gives NULL. In
// the arena. Every string that comes from the cluster or a file passes here once, when it is decoded
// (docs/rules/kubernetes-client.md#server-text).
char *text_clean(struct arena *a, const char *s, size_t n, size_t max);
// The same, keeping '\n' and '\t' (for the YAML pane); appended to b.
void text_clean_lines(struct buf *b, const char *s, size_t n);
bool text_is_clean(const char *s, size_t n); // true if text_clean would change nothing
bool text_is_plain(const char *s, size_t n); // true for printable ASCII, which is clean

// Terminal columns of clean text, by the locale's table (wcwidth).
int text_width(const char *s);
int text_cp_width(uint32_t cp); // of one code point: 0, 1 or 2
// Bytes of the longest head of s that fits into `columns`.
size_t text_fit(const char *s, int columns);

#endif
