// SPDX-License-Identifier: Apache-2.0
// JSON values. The only file that sees cJSON is json.c; everyone else uses these.
//
// Keys are compared case-sensitively; of duplicate keys the last wins, as in Go. Every getter takes a NULL
// node and gives the "absent" answer, so that paths can be followed without a check at each step.
// A tree belongs to whoever parsed or built it (json_free); what getters return is borrowed from it.
#ifndef GATETOP_BASE_JSON_H
#define GATETOP_BASE_JSON_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

enum json_type {
    JSON_NONE,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

// One value with nothing but white space after it. Depth is bounded (512). ERR_PARSE names the byte.
struct json *json_parse(const char *text, size_t n, struct err *err) MUST_USE;
void json_free(struct json *j);

enum json_type json_type(const struct json *j); // JSON_NONE for NULL
const char *json_type_name(enum json_type t);   // "a list", "text", "a number", ...

const struct json *json_get(const struct json *object, const char *key);
// json_at(j, "metadata", "name", NULL): the end of a path of keys.
const struct json *json_at(const struct json *object, ...) __attribute__((sentinel));
size_t json_count(const struct json *j); // children of an array or object
const struct json *json_first(const struct json *j);
const struct json *json_next(const struct json *child);
const char *json_key(const struct json *child); // NULL for a list item

const char *json_string(const struct json *j); // NULL unless a string
// The number, or `absent`. Numeric strings are not numbers here (see json_lenient_int).
double json_number(const struct json *j, double absent);
int64_t json_int(const struct json *j, int64_t absent); // saturates; a fraction gives `absent`
bool json_bool(const struct json *j, bool absent);
// As istiod's decoder: an integer or its decimal spelling in a string. False where it is neither.
bool json_lenient_int(const struct json *j, int64_t *out);
// Shorthands for json_x(json_get(o, key)).
const char *json_get_string(const struct json *o, const char *key);
int64_t json_get_int(const struct json *o, const char *key, int64_t absent);
bool json_get_bool(const struct json *o, const char *key, bool absent);

// Building. json_put takes the value and returns it; replacing an existing key.
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *s); // NULL gives null
struct json *json_new_number(double n);
struct json *json_new_int(int64_t n);
struct json *json_new_bool(bool b);
struct json *json_new_null(void);
struct json *json_put(struct json *object, const char *key, struct json *value);
// Appends without a look for an older one of that key: O(1), for readers of long mappings.
struct json *json_add(struct json *object, const char *key, struct json *value);
struct json *json_push(struct json *array, struct json *value);
void json_put_string(struct json *object, const char *key, const char *s); // NULL gives null
void json_put_int(struct json *object, const char *key, int64_t n);
void json_put_bool(struct json *object, const char *key, bool b);
void json_remove(struct json *object, const char *key);
struct json *json_dup(const struct json *j);

// Appends the text: on one line, or indented by four spaces as kubectl prints it.
void json_print(const struct json *j, bool pretty, struct buf *out);
// Appends s as a quoted JSON string.
void json_quote(struct buf *out, const char *s, size_t n);

#endif
