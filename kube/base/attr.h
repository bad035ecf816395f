// SPDX-License-Identifier: Apache-2.0
// Attributes of declarations: what the compiler is to check.
#ifndef GATETOP_BASE_ATTR_H
#define GATETOP_BASE_ATTR_H

// The result says whether it worked: a caller that drops it gets a warning.
#define MUST_USE __attribute__((warn_unused_result))
// Parameter f is a printf format, a the first of its arguments (0: a va_list).
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#endif
