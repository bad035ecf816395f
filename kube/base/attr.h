// SPDX-License-Identifier: Apache-2.0
// Attributes of declarations: what the compiler is to check.
#ifndef GATETOP_BASE_ATTR_H
#define GATETOP_BASE_ATTR_H

// The result says whether it worked: a caller that drops it gets a warning.
#define MUST_USE __attribute__((warn_unused_result))
// The result belongs to the caller, who releases it with the function f. gcc warns if another function gets it or it is
// dropped; clang warns only of the latter.
#if defined __GNUC__ && __GNUC__ >= 11 && !defined __clang__
#define FREED_BY(f) __attribute__((__malloc__(f, 1), warn_unused_result))
#else
#define FREED_BY(f) MUST_USE
#endif
// Parameter f is a printf format, a the first of its arguments (0: a va_list).
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#endif
