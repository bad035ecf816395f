// SPDX-License-Identifier: Apache-2.0
// Decimal numbers in text, read with a bound.
#ifndef GATETOP_BASE_NUMBER_H
#define GATETOP_BASE_NUMBER_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The first n bytes of s as a number from 0 to max (not negative). False, with *out untouched, where n is 0, where
// one of them is not a digit (signs and blanks are not), and where the number is beyond max. Leading zeros are fine.
bool number_parse(const char *s, size_t n, int64_t max, int64_t *out) MUST_USE;

#endif
