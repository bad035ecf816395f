// SPDX-License-Identifier: Apache-2.0
// JSON values over cJSON.
#include "kube/base/json.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/secret.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// struct json is never defined: a pointer to it is a pointer to a cJSON item. Const is taken off for cJSON; what is const to
// a caller is not changed.
static cJSON *item(const struct json *j)
{
    return unconst(j);
}

static struct json *wrap(const cJSON *c)
{
    return unconst(c);
}

static cJSON *need(cJSON *c)
{
    if (c == NULL) {
        fail_memory(); // there is no other reason
    }
    return c;
}

// Kubeconfigs and the answers of credential plugins are trees as well: what any tree frees is wiped. It is set
// before main because cJSON reads it in every thread.
__attribute__((constructor)) static void set_heap(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){malloc, secret_heap_free});
}

enum { MAX_DEPTH = 512 };

static bool too_deep(const char *text, size_t n)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > MAX_DEPTH) {
                return true;
            }
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct json *json_parse(const char *text, size_t n, struct err *err)
{
    const char *end = NULL;
    if (too_deep(text, n)) {
        err_set(err, ERR_PARSE, "JSON nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    cJSON *c = cJSON_ParseWithLengthOpts(text, n, &end, false);
    if (c == NULL) {
        size_t at = end != NULL && end >= text ? (size_t)(end - text) : 0;
        err_set(err, ERR_PARSE, "not JSON at byte %zu", at);
        return NULL;
    }
    for (; end < text + n; end++) {
        if (!is_blank(*end)) {
            err_set(err, ERR_PARSE, "not JSON at byte %zu: text after the value",
                    (size_t)(end - text));
            cJSON_Delete(c);
            return NULL;
        }
    }
    return wrap(c);
}

// cJSON gives each child a `prev`, the first one too.
static bool is_root(const struct json *j)
{
    return item(j)->prev == NULL;
}

void json_free(struct json *j)
{
    ASSERT(j == NULL || is_root(j));
    cJSON_Delete(item(j));
}

enum json_type json_type(const struct json *j)
{
    if (j == NULL) {
        return JSON_NONE;
    }
    switch (item(j)->type & 0xFF) {
    case cJSON_True:
    case cJSON_False:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    case cJSON_NULL:
        return JSON_NULL;
    default:
        BUG("cJSON's type %d", item(j)->type);
    }
}

const char *json_type_name(enum json_type t)
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
    const cJSON *found = NULL;
    if (json_type(object) == JSON_OBJECT) {
        for (const cJSON *c = item(object)->child; c != NULL; c = c->next) {
            if (c->string != NULL && strcmp(c->string, key) == 0) {
                found = c;
            }
        }
    }
    return wrap(found);
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
    enum json_type t = json_type(j);
    size_t n = 0;
    if (t == JSON_ARRAY || t == JSON_OBJECT) {
        for (const cJSON *c = item(j)->child; c != NULL; c = c->next) {
            n++;
        }
    }
    return n;
}

const struct json *json_first(const struct json *j)
{
    enum json_type t = json_type(j);
    return t == JSON_ARRAY || t == JSON_OBJECT ? wrap(item(j)->child) : NULL;
}

const struct json *json_next(const struct json *child)
{
    return child != NULL ? wrap(item(child)->next) : NULL;
}

const char *json_key(const struct json *child)
{
    return child != NULL ? item(child)->string : NULL;
}

const char *json_string(const struct json *j)
{
    return json_type(j) == JSON_STRING ? item(j)->valuestring : NULL;
}

double json_number(const struct json *j, double absent)
{
    return json_type(j) == JSON_NUMBER ? item(j)->valuedouble : absent;
}

int64_t json_int(const struct json *j, int64_t absent)
{
    if (json_type(j) != JSON_NUMBER) {
        return absent;
    }
    double d = item(j)->valuedouble;
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
    return json_type(j) == JSON_BOOL ? cJSON_IsTrue(item(j)) != 0 : absent;
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

struct json *json_new_object(void)
{
    return wrap(need(cJSON_CreateObject()));
}

struct json *json_new_array(void)
{
    return wrap(need(cJSON_CreateArray()));
}

struct json *json_new_string(const char *s)
{
    return wrap(need(s != NULL ? cJSON_CreateString(s) : cJSON_CreateNull()));
}

struct json *json_new_number(double n)
{
    return wrap(need(cJSON_CreateNumber(n)));
}

struct json *json_new_int(int64_t n)
{
    return wrap(need(cJSON_CreateNumber((double)n)));
}

struct json *json_new_bool(bool b)
{
    return wrap(need(cJSON_CreateBool(b)));
}

struct json *json_new_null(void)
{
    return wrap(need(cJSON_CreateNull()));
}

// cJSON drops what it is asked to put nowhere.
static cJSON *object_of(struct json *j, const char *key)
{
    ASSERT(json_type(j) == JSON_OBJECT && key != NULL);
    return item(j);
}

struct json *json_put(struct json *object, const char *key, struct json *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object_of(object, key), key);
    return json_add(object, key, value);
}

struct json *json_add(struct json *object, const char *key, struct json *value)
{
    ASSERT(value != NULL && is_root(value));
    if (cJSON_AddItemToObject(object_of(object, key), key, item(value)) == 0) {
        fail_memory(); // for the key
    }
    return value;
}

struct json *json_push(struct json *array, struct json *value)
{
    ASSERT(json_type(array) == JSON_ARRAY && value != NULL && is_root(value));
    cJSON_AddItemToArray(item(array), item(value));
    return value;
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
    if (json_type(object) == JSON_OBJECT) {
        cJSON_DeleteItemFromObjectCaseSensitive(item(object), key);
    }
}

struct json *json_dup(const struct json *j)
{
    return wrap(need(cJSON_Duplicate(item(j), true)));
}

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
