// SPDX-License-Identifier: Apache-2.0
// Letters, digits and white space of ASCII, whatever the locale is. Pure.
#ifndef GATETOP_BASE_ASCII_H
#define GATETOP_BASE_ASCII_H

#include <stdbool.h>

// 0 to 9.
static inline bool ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

// A to Z.
static inline bool ascii_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

// A letter or a digit.
static inline bool ascii_alnum(char c)
{
    return ascii_digit(c) || ascii_upper(c) || (c >= 'a' && c <= 'z');
}

// What JSON allows between its tokens: blank, tab and line ends.
static inline bool ascii_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// The letter in lower case; every other byte as it is.
static inline char ascii_lower(char c)
{
    return ascii_upper(c) ? (char)(c - 'A' + 'a') : c;
}

// The value of a hexadecimal digit in either case, -1 for every other byte.
static inline int ascii_hex(char c)
{
    char low = ascii_lower(c);
    return ascii_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

#endif
