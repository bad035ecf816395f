// SPDX-License-Identifier: Apache-2.0
// Istio's regular expressions: checked as RE2 syntax, matched over the whole text in bounded time.
//
// The checker reads Go's regexp/syntax (what Istio's validation runs) and writes the same expression in
// PCRE2's spelling, every flag and class spelled out, so that both mean the same. Matching is
// pcre2_dfa_match, which never backtracks; rewriting needs groups and uses pcre2_match with limits. Past a
// limit the answer is "unknown", never a wrong one and never a hang.
#ifndef GATETOP_BASE_REGEX_H
#define GATETOP_BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

#define REGEX_MAX_CHARS 1024 // Istio's validation, in characters

// True if Istio takes the expression; else *at is the byte where it goes wrong and *why a sentence
// without a full stop (static text). Either may be NULL. See docs/rules/istio.md#validate-regex.
bool regex_check(const char *re, size_t *at, const char **why);

// The literal text that every match of an expression begins with, "" if none is certain; *rest is what
// follows it. In the arena.
const char *regex_head(struct arena *a, const char *re, const char **rest);

struct regex; // compiled; lives in the arena it was made in, nothing to free

enum regex_answer { REGEX_NO, REGEX_YES, REGEX_UNKNOWN };

// NULL if regex_check refuses it. One that PCRE2 cannot hold compiles, and answers "unknown".
const struct regex *regex_compile(struct arena *a, const char *re);
// Does the whole text match? Envoy anchors at both ends (docs/rules/istio.md#regex-whole-value).
enum regex_answer regex_match(const struct regex *r, const char *text, size_t n);
// Replaces every match in the text as RE2::GlobalReplace does (uriRegexRewrite): "\0" to "\9" in `rewrite`
// are groups, "\\" is a backslash. The result is appended to out. REGEX_NO: nothing matched (out is the
// text); REGEX_UNKNOWN: a limit was exceeded or `rewrite` names a group that is not there (out unchanged).
enum regex_answer regex_replace(const struct regex *r, const char *text, size_t n,
                                const char *rewrite, struct buf *out);

#endif
