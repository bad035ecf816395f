// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986, section 2.1): "%2F" for a byte that may not be written as it is.
#ifndef GATETOP_BASE_PERCENT_H
#define GATETOP_BASE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

// Letters, digits and "-._~": the bytes that need no encoding anywhere in a URL (section 2.3).
bool percent_unreserved(unsigned char c);
// Appends one byte as '%' and two digits in upper case.
void percent_add(struct buf *out, unsigned char c);
// Appends s with all bytes encoded except the unreserved ones: a value of a query, a segment of a path.
void percent_encode(struct buf *out, const char *s);

// The byte that "%XX" stands for at the start of the n bytes at s, -1 if they do not begin with one.
int percent_byte(const char *s, size_t n);

#endif
