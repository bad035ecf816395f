// SPDX-License-Identifier: Apache-2.0
// RE2 syntax as Go's regexp/syntax reads it, written again in PCRE2's spelling.
//
// Differences that matter and are spelled out here: `^` and `$` without (?m) are the ends of the text, \s has
// no vertical tab, classes are ASCII, `{` that opens no repeat is itself, \Q..\E, (?U), octal escapes.
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/regex_syntax_internal.h"
#include "kube/base/str.h"
#include "kube/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { FLAG_FOLD = 1, FLAG_MULTI = 2, FLAG_DOT_NL = 4, FLAG_UNGREEDY = 8 };
enum { MAX_REPEAT = 1000, MAX_DEPTH = 1000, MAX_RUNE = 0x10FFFF, MAX_NAMES = 512 };

struct regex_reader {
    const char *re, *at, *end;
    regex_script_fn *script_known;
    struct buf *out;
    struct regex_fault *fault;
    unsigned flags;
    int depth, groups;
    struct {
        const char *s;
        size_t n;
    } names[MAX_NAMES];
    int nnames;
};

static bool refuse(struct regex_reader *r, const char *at, const char *why)
{
    r->fault->at = (size_t)(at - r->re);
    r->fault->why = why;
    return false;
}

static bool more(const struct regex_reader *r)
{
    return r->at < r->end;
}

static bool starts(const struct regex_reader *r, const char *s)
{
    size_t n = strlen(s);
    return (size_t)(r->end - r->at) >= n && memcmp(r->at, s, n) == 0;
}

static bool octal(char c)
{
    return c >= '0' && c <= '7';
}

static bool take_rune(struct regex_reader *r, uint32_t *cp)
{
    size_t n = utf8_next(r->at, (size_t)(r->end - r->at), cp);
    if (*cp == 0xFFFD && n == 1) {
        return refuse(r, r->at, "invalid UTF-8");
    }
    r->at += n;
    return true;
}

// An escaped single character; r->at is after the backslash, which is at `slash`.
static bool take_escape(struct regex_reader *r, const char *slash, uint32_t *cp)
{
    if (!more(r)) {
        return refuse(r, slash, "a backslash at the end");
    }
    char c = *r->at++;
    if (octal(c)) {
        if (c != '0' && (!more(r) || !octal(*r->at))) {
            return refuse(r, slash, "RE2 has no backreferences");
        }
        *cp = (uint32_t)(c - '0');
        for (int i = 0; i < 2 && more(r) && octal(*r->at); i++) {
            *cp = *cp * 8 + (uint32_t)(*r->at++ - '0');
        }
        return true;
    }
    if (c == 'x') {
        *cp = 0;
        if (more(r) && *r->at == '{') {
            int n = 0;
            for (r->at++; more(r) && ascii_hex(*r->at) >= 0 && *cp <= MAX_RUNE; n++) {
                *cp = *cp * 16 + (uint32_t)ascii_hex(*r->at++);
            }
            if (n == 0 || *cp > MAX_RUNE || !more(r) || *r->at != '}') {
                return refuse(r, slash, "not a character code: write \\xFF or \\x{10FFFF}");
            }
            r->at++;
            return true;
        }
        for (int i = 0; i < 2; i++) {
            if (!more(r) || ascii_hex(*r->at) < 0) {
                return refuse(r, slash, "not a character code: write \\xFF or \\x{10FFFF}");
            }
            *cp = *cp * 16 + (uint32_t)ascii_hex(*r->at++);
        }
        return true;
    }
    static const char letters[] = "afnrtv";
    static const char codes[] = "\a\f\n\r\t\v";
    const char *l = c != '\0' ? strchr(letters, c) : NULL;
    if (l != NULL) {
        *cp = (uint32_t)codes[l - letters];
        return true;
    }
    if (ascii_digit(c)) {
        return refuse(r, slash, "RE2 has no backreferences");
    }
    if (ascii_alnum(c) || (unsigned char)c >= 0x80) {
        return refuse(r, slash, "RE2 does not know this escape");
    }
    *cp = (uint32_t)c;
    return true;
}

static void emit_rune(struct regex_reader *r, uint32_t cp)
{
    if (cp < 0x80 && ascii_alnum((char)cp)) {
        buf_addc(r->out, (char)cp);
    } else {
        buf_addf(r->out, "\\x{%x}", (unsigned)cp);
    }
}

// --- classes

struct rune_range {
    uint32_t lo, hi;
};

struct named_class {
    const char *name;
    struct rune_range at[6];
    int n;
};

// clang-format off
static const struct named_class perl_classes[] = {
    {"d", {{'0', '9'}}, 1},
    {"s", {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}}, 3},
    {"w", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
};
static const struct named_class posix_classes[] = {
    {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}, 3},
    {"alpha", {{'A', 'Z'}, {'a', 'z'}}, 2},
    {"ascii", {{0, 0x7F}}, 1},
    {"blank", {{'\t', '\t'}, {' ', ' '}}, 2},
    {"cntrl", {{0, 0x1F}, {0x7F, 0x7F}}, 2},
    {"digit", {{'0', '9'}}, 1},
    {"graph", {{'!', '~'}}, 1},
    {"lower", {{'a', 'z'}}, 1},
    {"print", {{' ', '~'}}, 1},
    {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}, 4},
    {"space", {{'\t', '\r'}, {' ', ' '}}, 2},
    {"upper", {{'A', 'Z'}}, 1},
    {"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
    {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}, 3},
};
// clang-format on

static void emit_span(struct regex_reader *r, uint32_t lo, uint32_t hi)
{
    buf_addf(r->out, "\\x{%x}", (unsigned)lo);
    if (hi > lo) {
        buf_addf(r->out, "-\\x{%x}", (unsigned)hi);
    }
}

// PCRE2 takes no surrogates as characters; nothing that is valid text holds one.
static void emit_range(struct regex_reader *r, uint32_t lo, uint32_t hi)
{
    if (lo < 0xD800 && hi > 0xDFFF) {
        emit_span(r, lo, 0xD7FF);
        emit_span(r, 0xE000, hi);
        return;
    }
    lo = lo >= 0xD800 && lo <= 0xDFFF ? 0xE000 : lo;
    hi = hi >= 0xD800 && hi <= 0xDFFF ? 0xD7FF : hi;
    if (lo <= hi) {
        emit_span(r, lo, hi);
    }
}

static void emit_class(struct regex_reader *r, const struct named_class *c, bool negated)
{
    uint32_t next = 0;
    for (int i = 0; i < c->n; i++) {
        if (!negated) {
            emit_range(r, c->at[i].lo, c->at[i].hi);
        } else if (c->at[i].lo > next) {
            emit_range(r, next, c->at[i].lo - 1);
        }
        next = c->at[i].hi + 1;
    }
    if (negated) {
        emit_range(r, next, MAX_RUNE);
    }
}

// \d \D \s \S \w \W at r->at: emits the members and moves on.
static bool try_perl_class(struct regex_reader *r)
{
    if (r->end - r->at < 2 || r->at[0] != '\\') {
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(perl_classes); i++) {
        char c = perl_classes[i].name[0];
        bool negated = r->at[1] == c - 'a' + 'A';
        if (r->at[1] == c || negated) {
            emit_class(r, &perl_classes[i], negated);
            r->at += 2;
            return true;
        }
    }
    return false;
}

// Is it a general category of Unicode, "L" or "Lu"?
static bool category_known(const char *name, size_t n)
{
    static const struct {
        char major;
        const char *minor; // its second letters
    } categories[] = {{'C', "cfos"},    {'L', "lmotu"}, {'M', "cen"}, {'N', "dlo"},
                      {'P', "cdefios"}, {'S', "ckmo"},  {'Z', "lps"}};
    for (size_t i = 0; i < ARRAY_COUNT(categories); i++) {
        if (n > 0 && categories[i].major == name[0]) {
            return n == 1 || (n == 2 && memchr(categories[i].minor, name[1],
                                               strlen(categories[i].minor)) != NULL);
        }
    }
    return false;
}

// \pN \p{Name} \p{^Name} \PN at r->at, inside or outside a class.
static bool take_property(struct regex_reader *r)
{
    const char *from = r->at;
    bool negated = from[1] == 'P';
    r->at += 2;
    if (!more(r)) {
        return refuse(r, from, "\\p needs a Unicode class");
    }
    const char *name = r->at;
    size_t n = 0;
    if (*name == '{') {
        const char *close = memchr(name, '}', (size_t)(r->end - name));
        if (close == NULL) {
            return refuse(r, from, "\\p{ is not closed");
        }
        name++;
        n = (size_t)(close - name);
        r->at = close + 1;
    } else {
        uint32_t cp;
        if (!take_rune(r, &cp)) {
            return false;
        }
        n = (size_t)(r->at - name);
    }
    if (n > 0 && *name == '^') {
        negated = !negated;
        name++;
        n--;
    }
    if (str_is(name, n, "Any")) {
        buf_addf(r->out, "\\%c{Any}", negated ? 'P' : 'p');
        return true;
    }
    if (category_known(name, n)) {
        bool letter_case = n == 2 && name[0] == 'L' && strchr("lut", name[1]) != NULL;
        if (letter_case && (r->flags & FLAG_FOLD) != 0) {
            buf_addf(r->out, "\\%c{L&}", negated ? 'P' : 'p');
        } else {
            buf_addf(r->out, "\\%c{%.*s}", negated ? 'P' : 'p', (int)n, name);
        }
        return true;
    }
    if (n < 3 || n > 40 || name[0] == 'X' || !r->script_known(name, n)) {
        return refuse(r, from, "RE2 does not know this Unicode class");
    }
    buf_addf(r->out, "\\%c{sc:%.*s}", negated ? 'P' : 'p', (int)n, name);
    return true;
}

static bool at_property(const struct regex_reader *r)
{
    return starts(r, "\\p") || starts(r, "\\P");
}

static bool take_class_rune(struct regex_reader *r, const char *open, uint32_t *cp)
{
    if (!more(r)) {
        return refuse(r, open, "'[' is not closed");
    }
    if (*r->at == '\\') {
        const char *slash = r->at++;
        return take_escape(r, slash, cp);
    }
    return take_rune(r, cp);
}

// [:alpha:] and [:^alpha:] at r->at. Returns false if it is no class; sets *bad if it looks like an unknown one.
static bool try_posix_class(struct regex_reader *r, bool *bad)
{
    *bad = false;
    if (!starts(r, "[:")) {
        return false;
    }
    const char *close = NULL;
    for (const char *p = r->at + 2; p + 1 < r->end && close == NULL; p++) {
        close = p[0] == ':' && p[1] == ']' ? p : NULL;
    }
    if (close == NULL) {
        return false;
    }
    const char *name = r->at + 2;
    bool negated = *name == '^';
    name += negated;
    size_t n = close > name ? (size_t)(close - name) : 0;
    for (size_t i = 0; i < ARRAY_COUNT(posix_classes); i++) {
        if (str_is(name, n, posix_classes[i].name)) {
            emit_class(r, &posix_classes[i], negated);
            r->at = close + 2;
            return true;
        }
    }
    *bad = true;
    return false;
}

static bool take_class(struct regex_reader *r)
{
    const char *open = r->at++;
    buf_adds(r->out, "[");
    if (more(r) && *r->at == '^') {
        buf_adds(r->out, "^");
        r->at++;
    }
    size_t before = r->out->len;
    for (bool first = true; first || (more(r) && *r->at != ']'); first = false) {
        bool bad;
        if (!more(r)) {
            return refuse(r, open, "'[' is not closed");
        }
        if (try_posix_class(r, &bad)) {
            continue;
        }
        if (bad) {
            return refuse(r, r->at, "RE2 does not know this class");
        }
        if (at_property(r)) {
            if (!take_property(r)) {
                return false;
            }
            continue;
        }
        if (try_perl_class(r)) {
            continue;
        }
        const char *from = r->at;
        uint32_t lo;
        if (!take_class_rune(r, open, &lo)) {
            return false;
        }
        uint32_t hi = lo;
        if (r->end - r->at >= 2 && r->at[0] == '-' && r->at[1] != ']') {
            r->at++;
            if (!take_class_rune(r, open, &hi)) {
                return false;
            }
            if (hi < lo) {
                return refuse(r, from, "a range whose end comes before its start");
            }
        }
        emit_range(r, lo, hi);
    }
    if (!more(r)) {
        return refuse(r, open, "'[' is not closed");
    }
    r->at++;
    if (r->out->len == before) {
        buf_adds(
            r->out,
            "\\x{fdd0}"); // only surrogates were listed: nothing matches, but PCRE2 needs a member
    }
    buf_adds(r->out, "]");
    return true;
}

// --- atoms and repeats

static bool take_alternatives(struct regex_reader *r, long *weight);

static bool name_ok(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!ascii_alnum(s[i]) && s[i] != '_') {
            return false;
        }
    }
    return n > 0;
}

static bool close_group(struct regex_reader *r, const char *open, unsigned flags, long *weight)
{
    if (++r->depth > MAX_DEPTH) {
        return refuse(r, open, "nested too deeply");
    }
    if (!take_alternatives(r, weight)) {
        return false;
    }
    if (!more(r)) {
        return refuse(r, open, "'(' is not closed");
    }
    r->at++;
    r->depth--;
    r->flags = flags;
    buf_adds(r->out, ")");
    return true;
}

static bool take_named_group(struct regex_reader *r, const char *open, long *weight)
{
    const char *name = strchr(open, '<') + 1;
    const char *close = memchr(name, '>', (size_t)(r->end - name));
    if (close == NULL || !name_ok(name, (size_t)(close - name))) {
        return refuse(r, open, "not a group name: letters, digits and '_' between < and >");
    }
    size_t n = (size_t)(close - name);
    for (int i = 0; i < r->nnames; i++) {
        if (r->names[i].n == n && memcmp(r->names[i].s, name, n) == 0) {
            return refuse(r, name, "this group name stands here twice");
        }
    }
    if (r->nnames < MAX_NAMES) {
        r->names[r->nnames].s = name;
        r->names[r->nnames++].n = n;
    }
    r->at = close + 1;
    r->groups++;
    buf_adds(r->out, "("); // a number is enough for \1
    return close_group(r, open, r->flags, weight);
}

// "(?flags)" or "(?flags:". Sets *group where a group was opened and read.
static bool take_flags(struct regex_reader *r, const char *open, long *weight, bool *group)
{
    unsigned outer = r->flags;
    unsigned flags = r->flags;
    bool minus = false;
    bool any = false;
    for (; more(r); r->at++) {
        char c = *r->at;
        unsigned bit = c == 'i'   ? FLAG_FOLD
                       : c == 'm' ? FLAG_MULTI
                       : c == 's' ? FLAG_DOT_NL
                       : c == 'U' ? FLAG_UNGREEDY
                                  : 0;
        if (bit != 0) {
            flags = minus ? flags & ~bit : flags | bit;
            any = true;
        } else if (c == '-' && !minus) {
            minus = true;
            any = false;
        } else if ((c == ':' || c == ')') && (!minus || any)) {
            r->at++;
            r->flags = flags;
            *group = c == ':';
            if (c == ')') {
                return true;
            }
            buf_adds(r->out, "(?:");
            return close_group(r, open, outer, weight);
        } else {
            break;
        }
    }
    if (!more(r)) {
        return refuse(r, open, "'(' is not closed");
    }
    if (strchr("=!<", *r->at) != NULL) {
        return refuse(r, open, "RE2 has no lookahead and no lookbehind");
    }
    if (*r->at == '>') {
        return refuse(r, open, "RE2 has no atomic groups");
    }
    return refuse(r, open, "RE2 does not know this kind of group");
}

// A group. *atom is false for a bare flag change, which is nothing to repeat.
static bool take_group(struct regex_reader *r, long *weight, bool *atom)
{
    const char *open = r->at;
    unsigned flags = r->flags;
    *atom = true;
    if (!starts(r, "(?")) {
        r->at++;
        r->groups++;
        buf_adds(r->out, "(");
        return close_group(r, open, flags, weight);
    }
    if (starts(r, "(?P<")) {
        return take_named_group(r, open, weight);
    }
    if (starts(r, "(?<") && !starts(r, "(?<=") && !starts(r, "(?<!")) {
        return take_named_group(r, open, weight);
    }
    r->at += 2;
    return take_flags(r, open, weight, atom);
}

static void emit_literal(struct regex_reader *r, uint32_t cp)
{
    if (cp >= 0xD800 && cp <= 0xDFFF) {
        buf_adds(r->out, "(?!)"); // no valid text holds a surrogate
        return;
    }
    bool fold = (r->flags & FLAG_FOLD) != 0;
    buf_adds(r->out, fold ? "(?i:" : "");
    emit_rune(r, cp);
    buf_adds(r->out, fold ? ")" : "");
}

static bool take_backslash(struct regex_reader *r)
{
    const char *from = r->at;
    bool fold = (r->flags & FLAG_FOLD) != 0;
    char c = r->end - from >= 2 ? from[1] : '\0';
    if (c == 'A' || c == 'z' || c == 'b' || c == 'B') {
        buf_addf(r->out, "(?:\\%c)", c);
        r->at += 2;
        return true;
    }
    if (c == 'C') {
        return refuse(r, from, "\\C (one byte) is not supported");
    }
    if (at_property(r)) {
        buf_adds(r->out, fold ? "(?i:" : "(?:");
        bool ok = take_property(r);
        buf_adds(r->out, ")");
        return ok;
    }
    if (strchr("dDsSwW", c) != NULL && c != '\0') {
        buf_adds(r->out, "[");
        (void)try_perl_class(r);
        buf_adds(r->out, "]");
        return true;
    }
    uint32_t cp;
    r->at++;
    if (!take_escape(r, from, &cp)) {
        return false;
    }
    emit_literal(r, cp);
    return true;
}

// One atom at r->at. *atom is false if it is nothing to repeat; *weight is the product of the counted
// repeats inside.
static bool take_atom(struct regex_reader *r, long *weight, bool *atom)
{
    *weight = 1;
    *atom = true;
    switch (*r->at) {
    case '(':
        return take_group(r, weight, atom);
    case '[': {
        bool fold = (r->flags & FLAG_FOLD) != 0;
        buf_adds(r->out, fold ? "(?i:" : "");
        bool ok = take_class(r);
        buf_adds(r->out, fold ? ")" : "");
        return ok;
    }
    case '.':
        buf_adds(r->out, (r->flags & FLAG_DOT_NL) != 0 ? "(?s:.)" : "[^\\n]");
        r->at++;
        return true;
    case '^':
        buf_adds(r->out, (r->flags & FLAG_MULTI) != 0 ? "(?:(?<=\\n)|\\A)" : "(?:\\A)");
        r->at++;
        return true;
    case '$':
        buf_adds(r->out, (r->flags & FLAG_MULTI) != 0 ? "(?=\\n|\\z)" : "(?:\\z)");
        r->at++;
        return true;
    case '\\':
        return take_backslash(r);
    case '*':
    case '+':
    case '?':
        return refuse(r, r->at, "nothing to repeat");
    default: {
        uint32_t cp;
        if (!take_rune(r, &cp)) {
            return false;
        }
        emit_literal(r, cp);
        return true;
    }
    }
}

static bool take_int(const char **p, const char *end, int *n)
{
    const char *q = *p;
    long v = 0;
    while (q < end && ascii_digit(*q)) {
        v = v > 100000 ? v : v * 10 + (*q - '0');
        q++;
    }
    if (q == *p || (q - *p > 1 && **p == '0')) {
        return false;
    }
    *n = (int)v;
    *p = q;
    return true;
}

// "{n}" "{n,}" "{n,m}" at r->at; anything else that starts with '{' is itself. max -1: no end.
static bool counted(const struct regex_reader *r, const char **end, int *min, int *max)
{
    const char *p = r->at + 1;
    if (*r->at != '{' || !take_int(&p, r->end, min)) {
        return false;
    }
    *max = *min;
    if (p < r->end && *p == ',') {
        p++;
        if (p < r->end && *p == '}') {
            *max = -1;
        } else if (!take_int(&p, r->end, max)) {
            return false;
        }
    }
    if (p >= r->end || *p != '}') {
        return false;
    }
    *end = p + 1;
    return true;
}

static bool at_repeat(const struct regex_reader *r)
{
    const char *end;
    int min;
    int max;
    return more(r) && (strchr("*+?", *r->at) != NULL || counted(r, &end, &min, &max));
}

// A repeat after an atom that was written from `start` of out on.
static bool take_repeat(struct regex_reader *r, size_t start, long *weight)
{
    if (!at_repeat(r)) {
        return true;
    }
    const char *from = r->at;
    const char *end = r->at + 1;
    int min = 0;
    int max = -1;
    char spelled[40];
    if (counted(r, &end, &min, &max)) {
        if (min > MAX_REPEAT || max > MAX_REPEAT) {
            return refuse(r, from, "repeats are at most 1000");
        }
        if (max >= 0 && min > max) {
            return refuse(r, from, "a repeat whose end comes before its start");
        }
        long m = max < 0 ? min : max;
        if (m > 0) {
            *weight *= m;
        }
        if (*weight > MAX_REPEAT && (min >= 2 || max >= 2)) {
            return refuse(r, from, "nested repeats are together at most 1000");
        }
        if (max < 0) {
            (void)snprintf(spelled, sizeof spelled, "{%d,}", min);
        } else {
            (void)snprintf(spelled, sizeof spelled, "{%d,%d}", min, max);
        }
    } else {
        (void)snprintf(spelled, sizeof spelled, "%c", *from);
    }
    r->at = end;
    bool lazy = (r->flags & FLAG_UNGREEDY) != 0;
    if (more(r) && *r->at == '?') {
        lazy = !lazy;
        r->at++;
    }
    if (at_repeat(r)) {
        return refuse(r, r->at,
                      *r->at == '+' ? "RE2 has no possessive repeats" : "a repeat of a repeat");
    }
    // The atom is wrapped, so that what is repeated is the same to both.
    struct buf atom;
    buf_init(&atom, 0);
    buf_add(&atom, r->out->data + start, r->out->len - start);
    buf_truncate(r->out, start);
    buf_addf(r->out, "(?:%s)%s%s", atom.data, spelled, lazy ? "?" : "");
    buf_release(&atom);
    return true;
}

// \Q...\E (or the end): literal text, of which a repeat takes the last character.
static bool take_quoted(struct regex_reader *r, long *weight)
{
    r->at += 2;
    while (more(r) && !starts(r, "\\E")) {
        uint32_t cp;
        size_t start = r->out->len;
        if (!take_rune(r, &cp)) {
            return false;
        }
        emit_literal(r, cp);
        if (starts(r, "\\E")) {
            r->at += 2;
            *weight = 1;
            return take_repeat(r, start, weight);
        }
    }
    if (starts(r, "\\E")) {
        r->at += 2; // "\Q\E" is nothing
    }
    return true;
}

static bool take_sequence(struct regex_reader *r, long *most)
{
    while (more(r) && *r->at != '|' && *r->at != ')') {
        long weight = 1;
        size_t start = r->out->len;
        if (starts(r, "\\Q")) {
            if (!take_quoted(r, &weight)) {
                return false;
            }
        } else if (at_repeat(r)) {
            return refuse(r, r->at, "nothing to repeat");
        } else {
            bool atom;
            if (!take_atom(r, &weight, &atom)) {
                return false;
            }
            if (atom && !take_repeat(r, start, &weight)) {
                return false;
            }
        }
        *most = weight > *most ? weight : *most;
    }
    return true;
}

static bool take_alternatives(struct regex_reader *r, long *weight)
{
    *weight = 1;
    for (;;) {
        if (!take_sequence(r, weight)) {
            return false;
        }
        if (!more(r) || *r->at != '|') {
            return true;
        }
        buf_adds(r->out, "|");
        r->at++;
    }
}

bool regex_translate(const char *re, regex_script_fn *script_known, struct buf *out, int *groups,
                     struct regex_fault *fault)
{
    struct regex_reader r = {.re = re,
                             .at = re,
                             .end = re + strlen(re),
                             .script_known = script_known,
                             .out = out,
                             .fault = fault};
    long weight;
    if (!take_alternatives(&r, &weight)) {
        return false;
    }
    if (more(&r)) {
        return refuse(&r, r.at, "')' without '('");
    }
    if (groups != NULL) {
        *groups = r.groups;
    }
    return true;
}
