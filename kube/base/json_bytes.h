// SPDX-License-Identifier: Apache-2.0
// The bytes of JSON text: runs over several at a time, escapes. Pure.
#ifndef GATETOP_BASE_JSON_BYTES_H
#define GATETOP_BASE_JSON_BYTES_H

#include "kube/base/ascii.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// --- strings, eight bytes at a time

#define JSON_BYTES_EACH(b) (UINT64_C(0x0101010101010101) * (b))

// Of eight bytes: the high bit of each that is 0. A byte after one that is may be marked wrongly.
static inline uint64_t json_bytes_zero(uint64_t bytes)
{
    return (bytes - JSON_BYTES_EACH(0x01)) & ~bytes & JSON_BYTES_EACH(0x80);
}

// The high bit of the first byte that is not plain, and perhaps of others after it; 0: all are. One less than a space
// and one more than '~' have the high bit, like all bytes outside of ASCII.
static inline uint64_t json_bytes_special(uint64_t bytes)
{
    return json_bytes_zero(bytes ^ JSON_BYTES_EACH('"')) |
           json_bytes_zero(bytes ^ JSON_BYTES_EACH('\\')) |
           (((bytes - JSON_BYTES_EACH(0x20)) | (bytes + JSON_BYTES_EACH(0x01)) | bytes) &
            JSON_BYTES_EACH(0x80));
}

// Whether a byte of a string stands for itself: printable ASCII, except the quote and the backslash.
static inline bool json_byte_is_plain(char c)
{
    unsigned char b = (unsigned char)c;
    return b >= 0x20 && b < 0x7F && b != '"' && b != '\\';
}

// Where plain bytes end, at most at end.
static inline const char *json_bytes_plain(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t bytes;
        memcpy(&bytes, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bytes = __builtin_bswap64(bytes);
#endif
        uint64_t special = json_bytes_special(bytes);
        if (special != 0) {
            return p + __builtin_ctzll(special) / 8;
        }
    }
    while (p < end && json_byte_is_plain(*p)) {
        p++;
    }
    return p;
}

// --- escapes

enum { JSON_ESCAPE_BYTES = 6 }; // of \uXXXX

// The number of the \uXXXX at p, -1 if there is none.
static inline int32_t json_escape_unit(const char *p, const char *end)
{
    if (end - p < JSON_ESCAPE_BYTES || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }
    int32_t unit = 0;
    for (int i = 2; i < JSON_ESCAPE_BYTES; i++) {
        int digit = ascii_hex(p[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

// Whether the number is the first half of a pair.
static inline bool json_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

// Whether it is the second half.
static inline bool json_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

// Whether, alone, it is no character of a C string: half of a pair, or the NUL.
static inline bool json_escape_unpaired(int32_t unit)
{
    return unit == 0 || json_high_surrogate(unit) || json_low_surrogate(unit);
}

// --- brackets and quotes, 64 bytes at a time: bit i of a mask is that of byte i

enum { JSON_BLOCK = 64 };

// The bytes of a block that are c.
static inline uint64_t json_block_equal(const char *block, char c)
{
    uint64_t mask = 0;
#ifdef __SSE2__
    for (int i = 0; i < JSON_BLOCK / 16; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
        int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
        mask |= (uint64_t)(unsigned)equal << (16 * i);
    }
#else
    for (int i = 0; i < JSON_BLOCK; i++) {
        mask |= (uint64_t)(block[i] == c) << i;
    }
#endif
    return mask;
}

// The bytes from each quote to the one before the next: those of strings, with the quotes that begin them.
static inline uint64_t json_block_strings(uint64_t quotes)
{
    for (int shift = 1; shift < JSON_BLOCK; shift *= 2) {
        quotes ^= quotes << shift;
    }
    return quotes;
}

#endif
