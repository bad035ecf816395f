// SPDX-License-Identifier: Apache-2.0
// Code points in UTF-8, whatever the locale is.
#ifndef GATETOP_BASE_UTF8_H
#define GATETOP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

// The code point at the start of the n bytes at s (n > 0). Returns the bytes it took, 1 to 4; what is no UTF-8 (cut,
// overlong, a surrogate, beyond U+10FFFF) gives U+FFFD and 1 byte.
size_t utf8_next(const char *s, size_t n, uint32_t *cp);
// Writes a code point (at most U+10FFFF) and returns its bytes, 1 to 4.
size_t utf8_put(uint32_t cp, char out[4]);
// The bytes of the n at s without a character that is cut at their end.
size_t utf8_whole(const char *s, size_t n);

#endif
