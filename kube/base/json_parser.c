// SPDX-License-Identifier: Apache-2.0
// JSON text to a tree: a strict reader of RFC 8259.
//
// On the heap each value and text is an allocation of its own, which json_free wipes. In an arena the text is copied once, and
// strings lie in that copy: what was escaped is put right in place, and the quote at the end becomes the NUL.
#include "kube/base/json.h"
#include "kube/base/json_bytes.h"
#include "kube/base/utf8.h"

#include <stdlib.h>

enum {
    MAX_DEPTH = 512,
    MORE_VALUES = 32, // that are taken from an arena at once
};

struct json_parser {
    const char *text, *p, *end;
    struct arena *arena; // NULL: the heap
    char *copy;          // the text in the arena
    struct json *spare;  // zeroed, in the arena
    int spares;
    const char *problem; // NULL: none; else what is wrong at p
    int depth;
};

static bool fail(struct json_parser *s, const char *at, const char *problem)
{
    s->p = at;
    s->problem = problem;
    return false;
}

static const char NOT_JSON[] = "";
static const char TEXT_AFTER[] = ": text after the value";
static const char TOO_DEEP[] = "too deep";

static void skip_space(struct json_parser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t')) {
        s->p++;
    }
}

// The next byte that is no white space, taken where it is this one.
static inline bool take(struct json_parser *s, char c)
{
    skip_space(s);
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static struct json *new_value(struct json_parser *s)
{
    if (s->arena == NULL) {
        return xcalloc(1, sizeof(struct json));
    }
    if (s->spares == 0) {
        s->spare = arena_calloc(s->arena, MORE_VALUES, sizeof *s->spare);
        s->spares = MORE_VALUES;
    }
    s->spares--;
    return s->spare++;
}

// --- strings

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// The four digits of \uXXXX, -1 where they are none.
static int32_t hex4(const char *p, const char *end)
{
    int32_t n = 0;
    for (int i = 0; i < 4; i++) {
        int digit = end - p > i ? hex_digit(p[i]) : -1;
        if (digit < 0) {
            return -1;
        }
        n = n << 4 | digit;
    }
    return n;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

// What stands behind \u, which is four digits; *p moves behind it, or behind both halves of a pair.
static uint32_t code_point(const char **p, const char *end)
{
    int32_t unit = hex4(*p, end);
    *p += 4;
    if (is_high(unit) && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u' &&
        is_low(hex4(*p + 2, end))) {
        int32_t low = hex4(*p + 2, end);
        *p += 6;
        return 0x10000 + (((uint32_t)unit & 0x3FF) << 10) + ((uint32_t)low & 0x3FF);
    }
    return unit == 0 || is_high(unit) || is_low(unit) ? 0xFFFD : (uint32_t)unit;
}

// The n bytes between two quotes without their escapes, which are known to be right. `out` has room for n bytes, and
// may be p itself: nothing becomes longer. Returns the length.
static size_t unescape(const char *p, size_t n, char *out)
{
    static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
    const char *end = p + n;
    char *o = out;
    while (p < end) {
        if (*p != '\\') {
            *o++ = *p++;
            continue;
        }
        char c = p[1];
        p += 2;
        if (c == 'u') {
            char bytes[4];
            size_t length = utf8_put(code_point(&p, end), bytes);
            memcpy(o, bytes, length);
            o += length;
        } else {
            const char *letter = strchr(letters, c);
            *o++ =
                letter != NULL ? values[letter - letters] : c; // else a quote, slash or backslash
        }
    }
    return (size_t)(o - out);
}

// The byte of a string that is not plain and does not end it: s->p moves behind it.
static bool skip_special(struct json_parser *s)
{
    unsigned char c = (unsigned char)*s->p;
    if (c != '\\') {
        s->p++;
        return c >= 0x7F || fail(s, s->p - 1, NOT_JSON);
    }
    char escaped = s->end - s->p > 1 ? s->p[1] : '\0';
    if (escaped == 'u' && hex4(s->p + 2, s->end) >= 0) {
        s->p += 6;
        return true;
    }
    if (escaped != '\0' && strchr("\"\\/bfnrt", escaped) != NULL) {
        s->p += 2;
        return true;
    }
    return fail(s, s->p, NOT_JSON);
}

// A string whose quote is the next byte.
static bool parse_string(struct json_parser *s, char **text, uint32_t *length, bool *is_plain)
{
    const char *from = ++s->p;
    bool plain = true, escapes = false;
    for (;;) {
        s->p = json_bytes_plain(s->p, s->end);
        if (s->p == s->end) {
            return fail(s, s->p, NOT_JSON);
        }
        if (*s->p == '"') {
            break;
        }
        plain = false;
        escapes = escapes || *s->p == '\\';
        if (!skip_special(s)) {
            return false;
        }
    }
    size_t n = (size_t)(s->p - from);
    s->p++;
    char *out = s->arena != NULL ? s->copy + (from - s->text) : xmalloc(n + 1);
    if (escapes) {
        n = unescape(from, n, out);
    } else if (s->arena == NULL) {
        memcpy(out, from, n);
    }
    out[n] = '\0';
    *text = out;
    *length = (uint32_t)n;
    *is_plain = plain;
    return true;
}

// --- numbers

static bool is_digit(const struct json_parser *s, const char *p)
{
    return p < s->end && *p >= '0' && *p <= '9';
}

static const char *skip_digits(const struct json_parser *s, const char *p)
{
    while (is_digit(s, p)) {
        p++;
    }
    return p;
}

// The end of the number that starts at p, NULL where it is none. *whole: it has neither fraction nor exponent.
static const char *number_end(const struct json_parser *s, const char *p, bool *whole)
{
    *whole = true;
    p += *p == '-' ? 1 : 0;
    if (!is_digit(s, p)) {
        return NULL;
    }
    p = *p == '0' ? p + 1 : skip_digits(s, p);
    if (p < s->end && *p == '.') {
        *whole = false;
        if (!is_digit(s, ++p)) {
            return NULL;
        }
        p = skip_digits(s, p);
    }
    if (p < s->end && (*p == 'e' || *p == 'E')) {
        *whole = false;
        p++;
        p += p < s->end && (*p == '+' || *p == '-') ? 1 : 0;
        if (!is_digit(s, p)) {
            return NULL;
        }
        p = skip_digits(s, p);
    }
    return p;
}

static bool parse_number(struct json_parser *s, double *number)
{
    enum { SHORT = 18 }; // digits that an int64_t holds
    bool whole;
    const char *from = s->p, *end = number_end(s, from, &whole);
    if (end == NULL) {
        return fail(s, from, NOT_JSON);
    }
    s->p = end;
    if (whole && end - from <= SHORT) {
        int64_t n = 0;
        for (const char *p = *from == '-' ? from + 1 : from; p < end; p++) {
            n = n * 10 + (*p - '0');
        }
        *number = (double)(*from == '-' ? -n : n);
        return true;
    }
    char *text = xstrndup(from, (size_t)(end - from));
    *number = strtod(text, NULL); // the program's numbers are of the locale C (utf8_locale.c)
    free(text);
    return true;
}

// --- values

static bool parse_value(struct json_parser *s, struct json *j);

// A child behind the others of j, which is filled before it is known to be right: json_free finds all.
static struct json *add_child(struct json_parser *s, struct json *j)
{
    struct json *child = new_value(s);
    child->type = JSON_NULL;
    if (j->children.last == NULL) {
        j->children.first = child;
    } else {
        j->children.last->next = child;
    }
    j->children.last = child;
    return child;
}

static bool parse_array(struct json_parser *s, struct json *j)
{
    s->p++;
    j->type = JSON_ARRAY;
    if (take(s, ']')) {
        return true;
    }
    do {
        skip_space(s);
        if (!parse_value(s, add_child(s, j))) {
            return false;
        }
    } while (take(s, ','));
    return take(s, ']') || fail(s, s->p, NOT_JSON);
}

static bool parse_object(struct json_parser *s, struct json *j)
{
    s->p++;
    j->type = JSON_OBJECT;
    if (take(s, '}')) {
        return true;
    }
    do {
        skip_space(s);
        if (s->p == s->end || *s->p != '"') {
            return fail(s, s->p, NOT_JSON);
        }
        struct json *child = add_child(s, j);
        if (!parse_string(s, &child->key, &child->key_n, &child->key_plain)) {
            return false;
        }
        if (!take(s, ':')) {
            return fail(s, s->p, NOT_JSON);
        }
        skip_space(s);
        if (!parse_value(s, child)) {
            return false;
        }
    } while (take(s, ','));
    return take(s, '}') || fail(s, s->p, NOT_JSON);
}

static bool parse_word(struct json_parser *s, const char *word, struct json *j, enum json_type type)
{
    size_t n = strlen(word);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0) {
        return fail(s, s->p, NOT_JSON);
    }
    s->p += n;
    j->type = (uint8_t)type;
    return true;
}

static bool parse_nested(struct json_parser *s, struct json *j)
{
    if (++s->depth > MAX_DEPTH) {
        return fail(s, s->p, TOO_DEEP);
    }
    bool ok = *s->p == '{' ? parse_object(s, j) : parse_array(s, j);
    s->depth--;
    return ok;
}

static bool parse_value(struct json_parser *s, struct json *j)
{
    switch (s->p < s->end ? *s->p : '\0') {
    case '"': {
        char *text;
        if (!parse_string(s, &text, &j->text.n, &j->text.plain)) {
            return false;
        }
        j->text.at = text;
        j->type = JSON_STRING;
        return true;
    }
    case '{':
    case '[':
        return parse_nested(s, j);
    case 't':
        j->truth = true;
        return parse_word(s, "true", j, JSON_BOOL);
    case 'f':
        return parse_word(s, "false", j, JSON_BOOL);
    case 'n':
        return parse_word(s, "null", j, JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        j->type = JSON_NUMBER;
        return parse_number(s, &j->number);
    default:
        return fail(s, s->p, NOT_JSON);
    }
}

static bool parse_document(struct json_parser *s, struct json *root)
{
    skip_space(s);
    if (!parse_value(s, root)) {
        return false;
    }
    skip_space(s);
    return s->p == s->end || fail(s, s->p, TEXT_AFTER);
}

static void report(const struct json_parser *s, struct err *err)
{
    if (s->problem == TOO_DEEP) {
        err_set(err, ERR_PARSE, "JSON nested deeper than %d levels", MAX_DEPTH);
    } else {
        err_set(err, ERR_PARSE, "not JSON at byte %zu%s", (size_t)(s->p - s->text), s->problem);
    }
}

static bool fits(size_t n, struct err *err)
{
    return n <= UINT32_MAX || err_set(err, ERR_PARSE, "JSON of more than 4 GiB");
}

struct json *json_parse(const char *text, size_t n, struct err *err)
{
    if (!fits(n, err)) {
        return NULL;
    }
    struct json_parser s = {.text = text, .p = text, .end = text + n};
    struct json *root = new_value(&s);
    root->type = JSON_NULL;
    if (!parse_document(&s, root)) {
        report(&s, err);
        json_free(root);
        return NULL;
    }
    return root;
}

const struct json *json_parse_in(struct arena *a, const char *text, size_t n, struct err *err)
{
    if (!fits(n, err)) {
        return NULL;
    }
    char *copy = arena_strndup(a, text, n);
    struct json_parser s = {.text = copy, .p = copy, .end = copy + n, .arena = a, .copy = copy};
    struct json *root = new_value(&s);
    if (!parse_document(&s, root)) {
        report(&s, err);
        return NULL;
    }
    return root;
}
