// SPDX-License-Identifier: Apache-2.0
// RE2 syntax, translated into PCRE2's spelling.
#ifndef GATETOP_BASE_REGEX_SYNTAX_INTERNAL_H
#define GATETOP_BASE_REGEX_SYNTAX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

// Why an expression is refused.
struct regex_fault {
    size_t at;       // byte of the expression
    const char *why; // a clause without a full stop; static text
};

// Does the matcher know a Unicode script of this name (n bytes, not terminated)?
typedef bool regex_script_fn(const char *name, size_t n);

// Reads `re` as Go's regexp/syntax does with Perl flags (docs/rules/istio.md#validate-regex) and appends the same
// expression in PCRE2's spelling to `out`. *groups (may be NULL) is the number of capturing groups. False if
// Go refuses the expression: *fault says why, and what was appended is of no use.
bool regex_translate(const char *re, regex_script_fn *script_known, struct buf *out, int *groups,
                     struct regex_fault *fault);

#endif
