// SPDX-License-Identifier: Apache-2.0
// Reads and matches label selectors.
#include "kube/mesh/core/label_selector.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/fail.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

struct selector_reader {
    struct arena *arena;
    const char *at;
    const char *why;
};

static bool refuse(struct selector_reader *r, const char *why)
{
    r->why = why;
    return false;
}

static void skip_blanks(struct selector_reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool take(struct selector_reader *r, const char *token)
{
    skip_blanks(r);
    if (!str_starts(r->at, token)) {
        return false;
    }
    r->at += strlen(token);
    return true;
}

// A key, a value or a word such as "in"; "" if another sign or the end follows.
static const char *word(struct selector_reader *r)
{
    skip_blanks(r);
    size_t n = strcspn(r->at, " \t\r\n=!<>(),");
    const char *out = arena_strndup(r->arena, r->at, n);
    r->at += n;
    return out;
}

static bool plain(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool inner = i > 0 && i + 1 < n && strchr("-_.", s[i]) != NULL;
        if (!ascii_alnum(s[i]) && !inner) {
            return false;
        }
    }
    return n <= 63;
}

static bool good_key(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash != NULL ? slash + 1 : key;
    size_t prefix = slash != NULL ? (size_t)(slash - key) : 1;
    return name[0] != '\0' && plain(name, strlen(name)) && prefix > 0 && prefix <= 253;
}

static bool add_value(struct selector_reader *r, struct str_array *l, const char *value)
{
    if (!plain(value, strlen(value))) {
        return refuse(r, "a value is no label value");
    }
    str_array_add(r->arena, l, value);
    return true;
}

static bool read_set(struct selector_reader *r, struct str_array *l)
{
    if (!take(r, "(")) {
        return refuse(r, "\"in\" and \"notin\" need values in round brackets");
    }
    do {
        if (!add_value(r, l, word(r))) {
            return false;
        }
    } while (take(r, ","));
    return take(r, ")") || refuse(r, "a bracket is not closed");
}

// What follows the key: an operator and its values.
static bool read_operator(struct selector_reader *r, struct label_requirement *x,
                          struct str_array *values)
{
    bool greater = take(r, ">");
    if (greater || take(r, "<")) {
        x->op = greater ? LABEL_GREATER : LABEL_LESS;
        const char *value = word(r);
        int64_t n;
        return (number_parse_signed(value, &n) && add_value(r, values, value)) ||
               refuse(r, "'>' and '<' need a whole number");
    }
    if (take(r, "!=")) {
        x->op = LABEL_NOT_IN;
        return add_value(r, values, word(r));
    }
    if (take(r, "==") || take(r, "=")) {
        x->op = LABEL_IN;
        return add_value(r, values, word(r));
    }
    const char *op = word(r);
    if (strcmp(op, "in") != 0 && strcmp(op, "notin") != 0) {
        return refuse(r, "an operator is none of = == != in notin > <");
    }
    x->op = op[0] == 'i' ? LABEL_IN : LABEL_NOT_IN;
    return read_set(r, values);
}

static bool read_requirement(struct selector_reader *r, struct label_requirement *x)
{
    memset(x, 0, sizeof *x);
    bool absent = take(r, "!");
    x->key = word(r);
    if (!good_key(x->key)) {
        return refuse(r, "a key is missing or is no label name");
    }
    skip_blanks(r);
    if (absent || *r->at == ',' || *r->at == '\0') {
        x->op = absent ? LABEL_ABSENT : LABEL_PRESENT;
        return true;
    }
    struct str_array values = {0};
    bool ok = read_operator(r, x, &values);
    x->values = str_array_list(&values);
    return ok;
}

bool label_selector_parse(struct arena *a, const char *text, struct label_selector *out,
                          const char **why)
{
    struct selector_reader r = {.arena = a, .at = text};
    struct label_requirement *at = arena_calloc(a, strlen(text) / 2 + 1, sizeof *at);
    *out = (struct label_selector){at, 0};
    skip_blanks(&r);
    bool ok = true;
    if (*r.at != '\0') {
        do {
            ok = read_requirement(&r, &at[out->n++]);
        } while (ok && take(&r, ","));
        skip_blanks(&r);
        if (ok && *r.at != '\0') {
            ok = refuse(&r, "a comma is missing");
        }
    }
    if (why != NULL) {
        *why = r.why;
    }
    return ok;
}

// Is the label a whole number beyond the requirement's?
static bool compares(const struct label_requirement *x, const char *value)
{
    int64_t v;
    int64_t bound;
    ASSERT(x->values.n == 1); // '>' and '<' are read with a number after them
    return number_parse_signed(value, &v) && number_parse_signed(x->values.at[0], &bound) &&
           (x->op == LABEL_GREATER ? v > bound : v < bound);
}

static bool holds(const struct label_requirement *x, const char *value)
{
    switch (x->op) {
    case LABEL_IN:
        return value != NULL && str_list_has(&x->values, value);
    case LABEL_NOT_IN:
        return value == NULL || !str_list_has(&x->values, value);
    case LABEL_PRESENT:
        return value != NULL;
    case LABEL_ABSENT:
        return value == NULL;
    default:
        return value != NULL && compares(x, value);
    }
}

bool label_selector_matches(const struct label_selector *s, const struct str_map *labels)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (!holds(&s->at[i], str_map_get(labels, s->at[i].key))) {
            return false;
        }
    }
    return true;
}
