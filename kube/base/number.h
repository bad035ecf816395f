// SPDX-License-Identifier: Apache-2.0
// Numbers in text: whole ones, read with a bound, and decimal ones.
#ifndef GATETOP_BASE_NUMBER_H
#define GATETOP_BASE_NUMBER_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The first n bytes of s as a number from 0 to max (not negative). False, with *out untouched, where n is 0, where
// one of them is not a digit (signs and blanks are not), and where the number is beyond max. Leading zeros are fine.
bool number_parse(const char *s, size_t n, int64_t max, int64_t *out) MUST_USE;
// The same with the digits of a base from 2 to 16, letters in either case.
bool number_parse_base(const char *s, size_t n, unsigned base, uint64_t max,
                       uint64_t *out) MUST_USE;
// The whole text with or without a sign, as Go's strconv.ParseInt in base 10 reads 64 bits. *out is untouched if false.
bool number_parse_signed(const char *s, int64_t *out) MUST_USE;
// A decimal number, which the caller knows to be one ("-1.5e3"), as the nearest double; beyond the largest: infinite.
double number_decimal(const char *s);
// Compares two uint32_t, for qsort() and bsearch().
int number_compare_u32(const void *x, const void *y);

#endif
