// SPDX-License-Identifier: Apache-2.0
// Istio's regular expressions over PCRE2; the only file that sees it.
#include "kube/base/regex.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/regex_syntax_internal.h"
#include "kube/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// Bounds. The DFA matcher compares each new state of a step with those before it, so its work is at most
// states * states / 2 for each byte: MAX_WORK bounds the product, a longer text gets fewer states.
#define MAX_WORK 1.0e9
enum { MAX_STATES = 2000, INTS_A_STATE = 6, SMALL_WORKSPACE = 600 };
enum { MATCH_LIMIT = 200000, DEPTH_LIMIT = 2000, HEAP_LIMIT_KIB = 4096, PARENS = 4096 };
enum { MAX_TEXT = 1 << 20, MAX_GROUPS = 10 };

struct regex {
    pcre2_code *whole;   // NULL if PCRE2 cannot hold it
    const char *head;    // text that every match begins with
    const char *pattern; // as PCRE2 spells it, for the rewriter, compiled when it is first needed
    int groups;
};

// The scripts that RE2 knows are those that PCRE2 knows.
static bool script_known(const char *name, size_t n)
{
    struct buf b;
    buf_init(&b, 128);
    buf_addf(&b, "\\p{sc:%.*s}", (int)n, name);
    int code;
    PCRE2_SIZE at;
    pcre2_code *re =
        b.over ? NULL : pcre2_compile((PCRE2_SPTR)b.data, b.len, PCRE2_UTF, &code, &at, NULL);
    buf_release(&b);
    pcre2_code_free(re);
    return re != NULL;
}

static size_t characters(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++) {
        n += ((unsigned char)*s & 0xC0U) != 0x80U;
        if (n > REGEX_MAX_CHARS) {
            break;
        }
    }
    return n;
}

static bool check(const char *re, struct buf *out, int *groups, struct regex_fault *fault)
{
    if (re == NULL || *re == '\0') {
        *fault = (struct regex_fault){0, "an empty expression"};
        return false;
    }
    if (characters(re) > REGEX_MAX_CHARS) {
        *fault = (struct regex_fault){0, "longer than the 1024 characters that Istio takes"};
        size_t n = 0;
        while (n < REGEX_MAX_CHARS || ((unsigned char)re[fault->at] & 0xC0U) == 0x80U) {
            n += ((unsigned char)re[fault->at++] & 0xC0U) != 0x80U;
        }
        return false;
    }
    return regex_translate(re, script_known, out, groups, fault);
}

bool regex_check(const char *re, size_t *at, const char **why)
{
    struct regex_fault fault = {0, NULL};
    struct buf out;
    buf_init(&out, 0);
    bool ok = check(re, &out, NULL, &fault);
    buf_release(&out);
    if (at != NULL) {
        *at = fault.at;
    }
    if (why != NULL) {
        *why = fault.why;
    }
    return ok;
}

// A flag, an alternative or a quoted part anywhere makes the head uncertain.
const char *regex_head(struct arena *a, const char *re, const char **rest)
{
    char *out = arena_alloc(a, strlen(re) + 1);
    size_t n = 0;
    const char *p = *re == '^' ? re + 1 : re;
    *rest = p;
    if (strchr(re, '|') != NULL || strstr(re, "(?") != NULL || strstr(re, "\\Q") != NULL) {
        return "";
    }
    while (*p != '\0') {
        size_t step = 1;
        char c = *p;
        if (c == '\\' && p[1] != '\0' && strchr(".-/_", p[1]) != NULL) {
            c = p[1];
            step = 2;
        } else if (strchr("\\.[](){}*+?^$", c) != NULL || (unsigned char)c >= 0x80) {
            break;
        }
        if (p[step] != '\0' && strchr("*+?{", p[step]) != NULL) {
            break; // the character itself is repeated
        }
        out[n++] = c;
        p += step;
    }
    out[n] = '\0';
    *rest = p;
    return out;
}

static void *arena_malloc(PCRE2_SIZE n, void *arena)
{
    return arena_alloc(arena, n);
}

static void arena_free(void *p, void *arena)
{
    (void)p;
    (void)arena;
}

static pcre2_code *compile(struct arena *a, const char *pattern, size_t n)
{
    pcre2_general_context *general =
        a != NULL ? pcre2_general_context_create(arena_malloc, arena_free, a) : NULL;
    pcre2_compile_context *ctx = pcre2_compile_context_create(general);
    if (ctx == NULL) {
        fail_memory();
    }
    pcre2_set_parens_nest_limit(ctx, PARENS);
    pcre2_set_newline(ctx, PCRE2_NEWLINE_LF);
    int code;
    PCRE2_SIZE at;
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, n, options, &code, &at, ctx);
    if (a == NULL) {
        pcre2_compile_context_free(ctx);
    }
    return re;
}

const struct regex *regex_compile(struct arena *a, const char *re)
{
    struct regex_fault fault;
    struct buf out;
    int groups = 0;
    buf_init(&out, 0);
    if (!check(re, &out, &groups, &fault)) {
        buf_release(&out);
        return NULL;
    }
    struct regex *r = arena_alloc(a, sizeof *r);
    const char *rest;
    r->groups = groups;
    r->head = regex_head(a, re, &rest);
    r->pattern = arena_strndup(a, out.data, out.len);
    buf_reset(&out);
    buf_addf(&out, "\\A(?:%s)\\z", r->pattern);
    r->whole = compile(a, out.data, out.len);
    buf_release(&out);
    return r;
}

// Text that is not UTF-8 matches nothing: RE2 reads characters.
static bool is_utf8(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        size_t k = utf8_next(s + i, n - i, &cp);
        if (cp == 0xFFFD && k == 1) {
            return false;
        }
        i += k;
    }
    return true;
}

enum regex_answer regex_match(const struct regex *r, const char *text, size_t n)
{
    if (r == NULL || r->whole == NULL || n > MAX_TEXT) {
        return REGEX_UNKNOWN;
    }
    size_t head = strlen(r->head);
    if (n < head || memcmp(text, r->head, head) != 0 || !is_utf8(text, n)) {
        return REGEX_NO;
    }
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *ctx = pcre2_match_context_create(NULL);
    if (data == NULL || ctx == NULL) {
        fail_memory();
    }
    pcre2_set_match_limit(ctx, MATCH_LIMIT);
    pcre2_set_depth_limit(ctx, DEPTH_LIMIT);
    pcre2_set_heap_limit(ctx, HEAP_LIMIT_KIB);
    int small[SMALL_WORKSPACE];
    int rc =
        pcre2_dfa_match(r->whole, (PCRE2_SPTR)text, n, 0, PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST,
                        data, ctx, small, SMALL_WORKSPACE);
    double states = sqrt(2.0 * MAX_WORK / (double)(n + 1));
    size_t ints = INTS_A_STATE * (states > MAX_STATES ? MAX_STATES : (size_t)states) + 32;
    if (rc == PCRE2_ERROR_DFA_WSSIZE && ints > SMALL_WORKSPACE) {
        int *large = xcalloc(ints, sizeof *large);
        rc = pcre2_dfa_match(r->whole, (PCRE2_SPTR)text, n, 0,
                             PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST, data, ctx, large, ints);
        free(large);
    }
    pcre2_match_context_free(ctx);
    pcre2_match_data_free(data);
    return rc >= 0 ? REGEX_YES : rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_UNKNOWN;
}

// `rewrite` with its groups put in. False if it names a group that is not there.
static bool substitute(const char *rewrite, const char *text, const PCRE2_SIZE *ov, int groups,
                       struct buf *out)
{
    for (const char *p = rewrite; *p != '\0'; p++) {
        if (*p != '\\') {
            buf_addc(out, *p);
            continue;
        }
        p++;
        if (*p == '\\') {
            buf_addc(out, '\\');
        } else if (ascii_digit(*p) && *p - '0' <= groups) {
            int g = *p - '0';
            if (ov[2 * g] != PCRE2_UNSET) {
                buf_add(out, text + ov[2 * g], ov[2 * g + 1] - ov[2 * g]);
            }
        } else {
            return false;
        }
    }
    return true;
}

static size_t character_at(const char *text, size_t at, size_t n)
{
    uint32_t cp;
    return at < n ? utf8_next(text + at, n - at, &cp) : 0;
}

// All matches from the left. RE2::GlobalReplace: an empty match right after a match is passed over.
static enum regex_answer replace_all(const pcre2_code *re, const struct regex *r, const char *text,
                                     size_t n, const char *rewrite, struct buf *out)
{
    pcre2_match_data *data = pcre2_match_data_create(MAX_GROUPS, NULL);
    pcre2_match_context *ctx = pcre2_match_context_create(NULL);
    enum regex_answer answer = REGEX_UNKNOWN;
    size_t at = 0;
    size_t last = SIZE_MAX; // end of the match before
    bool found = false;
    if (data == NULL || ctx == NULL) {
        fail_memory();
    }
    pcre2_set_match_limit(ctx, MATCH_LIMIT);
    pcre2_set_depth_limit(ctx, DEPTH_LIMIT);
    pcre2_set_heap_limit(ctx, HEAP_LIMIT_KIB);
    const PCRE2_SIZE *ov = pcre2_get_ovector_pointer(data);
    while (at <= n) {
        for (uint32_t i = 0; i < 2 * pcre2_get_ovector_count(data); i++) {
            pcre2_get_ovector_pointer(data)[i] = PCRE2_UNSET;
        }
        int rc = pcre2_match(re, (PCRE2_SPTR)text, n, at, PCRE2_NO_UTF_CHECK, data, ctx);
        if (rc == PCRE2_ERROR_NOMATCH) {
            break;
        }
        if (rc < 0) {
            goto done;
        }
        buf_add(out, text + at, ov[0] - at);
        bool again = ov[0] == last && ov[1] == ov[0];
        if (!again) {
            found = true;
            if (!substitute(rewrite, text, ov, r->groups, out)) {
                goto done;
            }
        }
        at = ov[1];
        last = ov[1];
        if (ov[1] == ov[0]) {
            size_t step = character_at(text, at, n);
            if (step == 0) {
                break;
            }
            buf_add(out, text + at, step); // RE2 too moves one character on
            at += step;
        }
    }
    if (at < n) {
        buf_add(out, text + at, n - at);
    }
    answer = found ? REGEX_YES : REGEX_NO;
done:
    pcre2_match_data_free(data);
    pcre2_match_context_free(ctx);
    return answer;
}

enum regex_answer regex_replace(const struct regex *r, const char *text, size_t n,
                                const char *rewrite, struct buf *out)
{
    if (r == NULL || n > MAX_TEXT) {
        return REGEX_UNKNOWN;
    }
    if (!is_utf8(text, n)) {
        buf_add(out, text, n);
        return REGEX_NO;
    }
    pcre2_code *re = compile(NULL, r->pattern, strlen(r->pattern));
    if (re == NULL) {
        return REGEX_UNKNOWN;
    }
    struct buf result;
    buf_init(&result, MAX_TEXT);
    enum regex_answer answer = replace_all(re, r, text, n, rewrite, &result);
    if (result.over) {
        answer = REGEX_UNKNOWN;
    }
    if (answer != REGEX_UNKNOWN) {
        buf_add(out, result.data, result.len);
    }
    buf_release(&result);
    pcre2_code_free(re);
    return answer;
}
