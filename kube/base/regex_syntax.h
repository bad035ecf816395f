// SPDX-License-Identifier: Apache-2.0
// The reader of RE2 syntax behind regex.c.
#ifndef GATETOP_BASE_REGEX_SYNTAX_H
#define GATETOP_BASE_REGEX_SYNTAX_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct regex_fault {
    size_t at;
    const char *why;
};

// Reads `re` as Go's regexp/syntax with Perl flags. Appends the same expression in PCRE2's spelling to
// `out`; *groups (may be NULL) is the number of capturing groups. False where Go refuses it.
bool regex_translate(const char *re, struct buf *out, int *groups, struct regex_fault *fault);
// Does PCRE2 know a Unicode script of this name? (in regex.c, the only file that sees PCRE2)
bool regex_script_known(const char *name, size_t n);

#endif
