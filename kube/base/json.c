// SPDX-License-Identifier: Apache-2.0
// JSON values: what is read of a tree, how one is built and printed. How text becomes one: json_parser.c.
#include "kube/base/json.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/secret.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- memory

static struct json *new_value(enum json_value_type type)
{
    struct json *j = xcalloc(1, sizeof *j);
    j->type = (uint8_t)type;
    return j;
}

// Frees one value with its texts, not what is below it.
static void free_value(struct json *j)
{
    secret_heap_free(j->key);
    if (j->type == JSON_STRING) {
        secret_heap_free(j->text.at);
    }
    secret_heap_free(j);
}

void json_free(struct json *j)
{
    ASSERT(j == NULL || !j->in_tree);
    while (j != NULL) { // what is below a value moves in front of what follows it: no recursion
        struct json *next = j->next;
        if ((j->type == JSON_ARRAY || j->type == JSON_OBJECT) && j->children.first != NULL) {
            j->children.last->next = next;
            next = j->children.first;
        }
        free_value(j);
        j = next;
    }
}

// --- reading

const char *json_type_name(enum json_value_type t)
{
    static const char *const names[] = {
        [JSON_NONE] = "nothing",    [JSON_NULL] = "null",   [JSON_BOOL] = "true or false",
        [JSON_NUMBER] = "a number", [JSON_STRING] = "text", [JSON_ARRAY] = "a list",
        [JSON_OBJECT] = "a mapping"};
    ASSERT((size_t)t < ARRAY_COUNT(names));
    return names[t];
}

const struct json *json_get(const struct json *object, const char *key)
{
    const struct json *found = NULL;
    if (json_type(object) == JSON_OBJECT) {
        for (const struct json *c = object->children.first; c != NULL; c = c->next) {
            found = json_key_is(c, key) ? c : found;
        }
    }
    return found;
}

const struct json *json_at(const struct json *object, ...)
{
    va_list ap;
    va_start(ap, object);
    for (const char *key; object != NULL && (key = va_arg(ap, const char *)) != NULL;) {
        object = json_get(object, key);
    }
    va_end(ap);
    return object;
}

size_t json_count(const struct json *j)
{
    size_t n = 0;
    for (const struct json *c = json_first(j); c != NULL; c = c->next) {
        n++;
    }
    return n;
}

static bool same_value(const struct json *a, const struct json *b)
{
    switch (json_type(a)) {
    case JSON_STRING:
        return a->text.n == b->text.n && memcmp(a->text.at, b->text.at, a->text.n) == 0;
    case JSON_NUMBER:
        return a->number <= b->number && a->number >= b->number;
    case JSON_BOOL:
        return a->truth == b->truth;
    default:
        return true;
    }
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (json_type(a) != json_type(b) || (a != NULL && !same_value(a, b))) {
        return false;
    }
    const struct json *x = json_first(a), *y = json_first(b);
    while (x != NULL && y != NULL && x->key_n == y->key_n &&
           (x->key == NULL || memcmp(x->key, y->key, x->key_n) == 0) && json_equal(x, y)) {
        x = x->next;
        y = y->next;
    }
    return x == NULL && y == NULL;
}

double json_number(const struct json *j, double absent)
{
    return json_type(j) == JSON_NUMBER ? j->number : absent;
}

int64_t json_int(const struct json *j, int64_t absent)
{
    if (json_type(j) != JSON_NUMBER) {
        return absent;
    }
    double d = j->number;
    if (isnan(d) || d != floor(d)) {
        return absent;
    }
    if (d >= 9.2e18) {
        return INT64_MAX;
    }
    return d <= -9.2e18 ? INT64_MIN : (int64_t)d;
}

bool json_bool(const struct json *j, bool absent)
{
    return json_type(j) == JSON_BOOL ? j->truth : absent;
}

bool json_lenient_int(const struct json *j, int64_t *out)
{
    const char *s = json_string(j);
    if (s != NULL) {
        bool minus = *s == '-';
        int64_t n;
        if (!number_parse(s + minus, strlen(s + minus), INT64_MAX, &n)) {
            return false;
        }
        *out = minus ? -n : n;
        return true;
    }
    double d = json_number(j, NAN);
    if (d != floor(d) || fabs(d) >= 0x1p63) {
        return false;
    }
    *out = (int64_t)d;
    return true;
}

const char *json_get_string(const struct json *o, const char *key)
{
    return json_string(json_get(o, key));
}

int64_t json_get_int(const struct json *o, const char *key, int64_t absent)
{
    return json_int(json_get(o, key), absent);
}

bool json_get_bool(const struct json *o, const char *key, bool absent)
{
    return json_bool(json_get(o, key), absent);
}

// --- building

struct json *json_new_object(void)
{
    return new_value(JSON_OBJECT);
}

struct json *json_new_array(void)
{
    return new_value(JSON_ARRAY);
}

static uint32_t text_length(const char *s)
{
    size_t n = strlen(s);
    ASSERT(n <= UINT32_MAX);
    return (uint32_t)n;
}

struct json *json_new_string(const char *s)
{
    if (s == NULL) {
        return json_new_null();
    }
    struct json *j = new_value(JSON_STRING);
    j->text.n = text_length(s);
    j->text.at = xstrndup(s, j->text.n);
    return j;
}

struct json *json_new_number(double n)
{
    struct json *j = new_value(JSON_NUMBER);
    j->number = n;
    return j;
}

struct json *json_new_int(int64_t n)
{
    return json_new_number((double)n);
}

struct json *json_new_bool(bool b)
{
    struct json *j = new_value(JSON_BOOL);
    j->truth = b;
    return j;
}

struct json *json_new_null(void)
{
    return new_value(JSON_NULL);
}

static struct json *append(struct json *parent, struct json *child)
{
    if (parent->children.last == NULL) {
        parent->children.first = child;
    } else {
        parent->children.last->next = child;
    }
    parent->children.last = child;
    child->in_tree = true;
    return child;
}

struct json *json_put(struct json *object, const char *key, struct json *value)
{
    json_remove(object, key);
    return json_add(object, key, value);
}

struct json *json_add(struct json *object, const char *key, struct json *value)
{
    ASSERT(json_type(object) == JSON_OBJECT && key != NULL && value != NULL && !value->in_tree);
    value->key_n = text_length(key);
    value->key = xstrndup(key, value->key_n);
    return append(object, value);
}

struct json *json_push(struct json *array, struct json *value)
{
    ASSERT(json_type(array) == JSON_ARRAY && value != NULL && !value->in_tree);
    return append(array, value);
}

void json_put_string(struct json *object, const char *key, const char *s)
{
    json_put(object, key, json_new_string(s));
}

void json_put_int(struct json *object, const char *key, int64_t n)
{
    json_put(object, key, json_new_int(n));
}

void json_put_bool(struct json *object, const char *key, bool b)
{
    json_put(object, key, json_new_bool(b));
}

void json_remove(struct json *object, const char *key)
{
    if (json_type(object) != JSON_OBJECT) {
        return;
    }
    struct json *before = NULL, *j = object->children.first;
    while (j != NULL && !json_key_is(j, key)) {
        before = j;
        j = j->next;
    }
    if (j == NULL) {
        return;
    }
    *(before != NULL ? &before->next : &object->children.first) = j->next;
    if (object->children.last == j) {
        object->children.last = before;
    }
    j->next = NULL;
    j->in_tree = false;
    json_free(j);
}

struct json *json_dup(const struct json *j)
{
    switch (json_type(j)) {
    case JSON_STRING:
        return json_new_string(j->text.at);
    case JSON_ARRAY:
    case JSON_OBJECT: {
        struct json *copy = new_value(json_type(j));
        for (const struct json *c = j->children.first; c != NULL; c = c->next) {
            struct json *child = json_dup(c);
            if (c->key != NULL) {
                json_add(copy, c->key, child);
            } else {
                json_push(copy, child);
            }
        }
        return copy;
    }
    case JSON_NUMBER:
        return json_new_number(j->number);
    case JSON_BOOL:
        return json_new_bool(j->truth);
    default:
        return json_new_null();
    }
}

// --- printing

void json_quote(struct buf *out, const char *s, size_t n)
{
    buf_addc(out, '"');
    size_t from = 0; // of what is copied as it is
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            continue;
        }
        buf_add(out, s + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\') {
            buf_addc(out, '\\');
            buf_addc(out, (char)c);
        } else if (c == '\n') {
            buf_adds(out, "\\n");
        } else if (c == '\t') {
            buf_adds(out, "\\t");
        } else if (c == '\r') {
            buf_adds(out, "\\r");
        } else {
            buf_addf(out, "\\u%04x", c);
        }
    }
    buf_add(out, s + from, n - from);
    buf_addc(out, '"');
}

static void newline(struct buf *b, bool pretty, int depth)
{
    if (pretty) {
        buf_addc(b, '\n');
        for (int i = 0; i < depth * 4; i++) {
            buf_addc(b, ' ');
        }
    }
}

static void print_number(double d, struct buf *b)
{
    if (d == floor(d) && fabs(d) < 9e15) {
        buf_addf(b, "%" PRId64, (int64_t)d);
    } else if (isfinite(d)) {
        buf_addf(b, "%.17g", d);
    } else {
        buf_adds(b, "null");
    }
}

static void print(const struct json *j, bool pretty, int depth, struct buf *b);

static void print_children(const struct json *j, bool pretty, int depth, struct buf *b)
{
    bool object = json_type(j) == JSON_OBJECT;
    buf_addc(b, object ? '{' : '[');
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        newline(b, pretty, depth + 1);
        if (object) {
            json_quote(b, json_key(c), strlen(json_key(c)));
            buf_adds(b, pretty ? ": " : ":");
        }
        print(c, pretty, depth + 1, b);
        if (json_next(c) != NULL) {
            buf_addc(b, ',');
        }
    }
    if (json_first(j) != NULL) {
        newline(b, pretty, depth);
    }
    buf_addc(b, object ? '}' : ']');
}

static void print(const struct json *j, bool pretty, int depth, struct buf *b)
{
    switch (json_type(j)) {
    case JSON_NONE:
    case JSON_NULL:
        buf_adds(b, "null");
        return;
    case JSON_BOOL:
        buf_adds(b, json_bool(j, false) ? "true" : "false");
        return;
    case JSON_NUMBER:
        print_number(json_number(j, 0), b);
        return;
    case JSON_STRING:
        json_quote(b, json_string(j), strlen(json_string(j)));
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        print_children(j, pretty, depth, b);
        return;
    }
    BUG("type %d", (int)json_type(j));
}

void json_print(const struct json *j, bool pretty, struct buf *out)
{
    print(j, pretty, 0, out);
}
