// SPDX-License-Identifier: Apache-2.0
// The text of an API object to a tree in an arena: a strict reader of RFC 8259 for lists of many thousands.
//
// The text is copied once, and strings lie in that copy: what was escaped is put right in place, and the quote at the
// end becomes the NUL. Small documents, which live on the heap, are read by cJSON (json_document.c).
#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/json_bytes.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_DEPTH = 512,
    MORE_VALUES = 32, // that are taken from an arena at once
};

struct json_parser {
    const char *text, *end;
    struct arena *arena;
    char *copy;         // the text in the arena
    struct json *spare; // zeroed, in the arena
    int spares;
    int depth;
    const char *at, *problem; // what is wrong, and where
};

static const char NOT_JSON[] = "";
static const char TEXT_AFTER[] = ": text after the value";

// Each parse function takes the place where it begins and returns the place where it ends, NULL if something is wrong.
static const char *fail(struct json_parser *s, const char *at, const char *problem)
{
    s->at = at;
    s->problem = problem;
    return NULL;
}

static inline const char *skip_space(const struct json_parser *s, const char *p)
{
    while (p < s->end && ascii_space(*p)) {
        p++;
    }
    return p;
}

static inline bool is_at(const struct json_parser *s, const char *p, char c)
{
    return p < s->end && *p == c;
}

static struct json *new_value(struct json_parser *s)
{
    if (s->spares == 0) {
        s->spare = arena_calloc(s->arena, MORE_VALUES, sizeof *s->spare);
        s->spares = MORE_VALUES;
    }
    s->spares--;
    return s->spare++;
}

// --- strings

// The character of the \uXXXX at *p, which is known to be right; *p moves past it, or past both halves of a pair.
static uint32_t code_point(const char **p, const char *end)
{
    int32_t unit = json_escape_unit(*p, end);
    *p += JSON_ESCAPE_BYTES;
    int32_t low = json_high_surrogate(unit) ? json_escape_unit(*p, end) : -1;
    if (json_low_surrogate(low)) {
        *p += JSON_ESCAPE_BYTES;
        return 0x10000 + (((uint32_t)unit & 0x3FF) << 10) + ((uint32_t)low & 0x3FF);
    }
    return json_escape_unpaired(unit) ? 0xFFFD : (uint32_t)unit;
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
        if (p[1] == 'u') {
            char bytes[4];
            size_t length = utf8_put(code_point(&p, end), bytes);
            memcpy(o, bytes, length);
            o += length;
        } else {
            const char *letter = strchr(letters, p[1]);
            *o++ = letter != NULL ? values[letter - letters] : p[1]; // a quote, slash or backslash
            p += 2;
        }
    }
    return (size_t)(o - out);
}

// The byte of a string that is not plain and does not end it.
static const char *skip_special(struct json_parser *s, const char *p)
{
    if (*p != '\\') {
        return (unsigned char)*p >= 0x7F ? p + 1 : fail(s, p, NOT_JSON);
    }
    if (json_escape_unit(p, s->end) >= 0) {
        return p + JSON_ESCAPE_BYTES;
    }
    char escaped = s->end - p > 1 ? p[1] : '\0';
    bool known = escaped != '\0' && strchr("\"\\/bfnrt", escaped) != NULL;
    return known ? p + 2 : fail(s, p, NOT_JSON);
}

// What a string has that is not plain.
struct string_form {
    bool plain, escapes;
};

// The quote that ends the string whose first byte is at p.
static const char *string_end(struct json_parser *s, const char *p, struct string_form *form)
{
    *form = (struct string_form){.plain = true};
    for (;;) {
        p = json_bytes_plain(p, s->end);
        if (p == s->end) {
            return fail(s, p, NOT_JSON);
        }
        if (*p == '"') {
            return p;
        }
        form->plain = false;
        form->escapes = form->escapes || *p == '\\';
        p = skip_special(s, p);
        if (p == NULL) {
            return NULL;
        }
    }
}

// A string whose quote is at p.
static const char *parse_string(struct json_parser *s, const char *p, char **text, uint32_t *length,
                                bool *plain)
{
    struct string_form form;
    const char *from = p + 1, *end = string_end(s, from, &form);
    if (end == NULL) {
        return NULL;
    }
    size_t n = (size_t)(end - from);
    char *out = s->copy + (from - s->text);
    if (form.escapes) {
        n = unescape(from, n, out);
    }
    out[n] = '\0';
    *text = out;
    *length = (uint32_t)n;
    *plain = form.plain;
    return end + 1;
}

// --- numbers

static bool is_digit(const struct json_parser *s, const char *p)
{
    return p < s->end && ascii_digit(*p);
}

static const char *skip_digits(const struct json_parser *s, const char *p)
{
    while (is_digit(s, p)) {
        p++;
    }
    return p;
}

// The end of the number that starts at p, NULL if it is not one. *whole: it has neither fraction nor exponent.
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

static const char *parse_number(struct json_parser *s, const char *from, struct json *j)
{
    enum { SHORT = 18 }; // digits that an int64_t holds
    bool whole;
    const char *end = number_end(s, from, &whole);
    if (end == NULL) {
        return fail(s, from, NOT_JSON);
    }
    j->type = JSON_NUMBER;
    if (whole && end - from <= SHORT) {
        int64_t n = 0;
        for (const char *p = *from == '-' ? from + 1 : from; p < end; p++) {
            n = n * 10 + (*p - '0');
        }
        j->number = (double)(*from == '-' ? -n : n);
        return end;
    }
    char *text = xstrndup(from, (size_t)(end - from));
    j->number = number_decimal(text);
    free(text);
    return end;
}

// --- values

static const char *parse_value(struct json_parser *s, const char *p, struct json *j);

// A child after the others of j.
static inline struct json *add_child(struct json_parser *s, struct json *j)
{
    struct json *child = new_value(s);
    child->type = JSON_NULL;
    child->in_tree = true;
    if (j->children.last == NULL) {
        j->children.first = child;
    } else {
        j->children.last->next = child;
    }
    j->children.last = child;
    return child;
}

static const char *parse_item(struct json_parser *s, const char *p, struct json *j)
{
    return parse_value(s, p, add_child(s, j));
}

static const char *parse_member(struct json_parser *s, const char *p, struct json *j)
{
    if (!is_at(s, p, '"')) {
        return fail(s, p, NOT_JSON);
    }
    struct json *child = add_child(s, j);
    p = parse_string(s, p, &child->key, &child->key_n, &child->key_plain);
    if (p == NULL) {
        return NULL;
    }
    p = skip_space(s, p);
    return is_at(s, p, ':') ? parse_value(s, skip_space(s, p + 1), child) : fail(s, p, NOT_JSON);
}

// Returns the end of the array or object whose bracket is at p, which nobody looks into. Only its strings are checked,
// and that as many brackets close as open.
static const char *skip_nested(struct json_parser *s, const char *p)
{
    size_t open = 0;
    do {
        struct string_form form;
        char c = *p++;
        if (c == '"') {
            p = string_end(s, p, &form);
            if (p == NULL) {
                return NULL;
            }
            p++;
        }
        open += c == '{' || c == '[' ? 1 : 0;
        open -= c == '}' || c == ']' ? 1 : 0;
    } while (open > 0 && p < s->end);
    return open == 0 ? p : fail(s, p, NOT_JSON);
}

// An array or object whose bracket is at p. Below MAX_DEPTH levels it is null: nothing that is read lies there.
static const char *parse_nested(struct json_parser *s, const char *p, struct json *j)
{
    bool object = *p == '{';
    char close = object ? '}' : ']';
    if (s->depth == MAX_DEPTH) {
        j->type = JSON_NULL;
        return skip_nested(s, p);
    }
    s->depth++;
    j->type = object ? JSON_OBJECT : JSON_ARRAY;
    p = skip_space(s, p + 1);
    bool empty = is_at(s, p, close);
    for (bool more = !empty; more;) {
        p = object ? parse_member(s, p, j) : parse_item(s, p, j);
        if (p == NULL) {
            return NULL;
        }
        p = skip_space(s, p);
        more = is_at(s, p, ',');
        p = more ? skip_space(s, p + 1) : p;
    }
    s->depth--;
    return is_at(s, p, close) ? p + 1 : fail(s, p, NOT_JSON);
}

static const char *parse_word(struct json_parser *s, const char *p, const char *word,
                              struct json *j, enum json_value_type type)
{
    size_t n = strlen(word);
    if ((size_t)(s->end - p) < n || memcmp(p, word, n) != 0) {
        return fail(s, p, NOT_JSON);
    }
    j->type = (uint8_t)type;
    return p + n;
}

static const char *parse_text(struct json_parser *s, const char *p, struct json *j)
{
    char *text;
    p = parse_string(s, p, &text, &j->text.n, &j->text.plain);
    if (p != NULL) {
        j->text.at = text;
        j->type = JSON_STRING;
    }
    return p;
}

static const char *parse_value(struct json_parser *s, const char *p, struct json *j)
{
    switch (p < s->end ? *p : '\0') {
    case '"':
        return parse_text(s, p, j);
    case '{':
    case '[':
        return parse_nested(s, p, j);
    case 't':
        j->truth = true;
        return parse_word(s, p, "true", j, JSON_BOOL);
    case 'f':
        return parse_word(s, p, "false", j, JSON_BOOL);
    case 'n':
        return parse_word(s, p, "null", j, JSON_NULL);
    default: // or the end of the text
        return p < s->end ? parse_number(s, p, j) : fail(s, p, NOT_JSON);
    }
}

static bool parse_document(struct json_parser *s, struct json *root)
{
    const char *p = parse_value(s, skip_space(s, s->text), root);
    if (p != NULL) {
        p = skip_space(s, p);
        return p == s->end || fail(s, p, TEXT_AFTER) != NULL;
    }
    return false;
}

static bool fits(size_t n, struct err *err)
{
    return n <= UINT32_MAX || err_set(err, ERR_PARSE, "JSON of more than 4 GiB");
}

const struct json *json_parse_in(struct arena *a, const char *text, size_t n, struct err *err)
{
    if (!fits(n, err)) {
        return NULL;
    }
    char *copy = arena_strndup(a, text, n);
    struct json_parser s = {.text = copy, .end = copy + n, .arena = a, .copy = copy};
    struct json *root = new_value(&s);
    if (!parse_document(&s, root)) {
        err_set(err, ERR_PARSE, "not JSON at byte %zu%s", (size_t)(s.at - s.text), s.problem);
        return NULL;
    }
    return root;
}
