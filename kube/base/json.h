// SPDX-License-Identifier: Apache-2.0
// JSON values: trees that are parsed, read, built and printed.
//
// Keys are compared case-sensitively; of duplicate keys the last wins, as in Go. Every getter takes a NULL
// node and gives the "absent" answer, so that paths can be followed without a check at each step.
// A tree belongs to whoever parsed or built it (json_free), or to an arena; what getters return is borrowed from it.
#ifndef GATETOP_BASE_JSON_H
#define GATETOP_BASE_JSON_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;
struct buf;
struct err;

enum json_value_type {
    JSON_NONE,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

// A value of a tree. Its members belong to json.c, json_parser.c and the functions of this header: every field of
// every object passes through these on its way to the decoders, so they are inline.
struct json {
    struct json *next; // the next in the same array or object
    union {
        struct {
            struct json *first, *last;
        } children;
        struct {
            char *at; // ends with NUL
            uint32_t n;
            bool plain; // known to have nothing but printable ASCII
        } text;
        double number;
        bool truth;
    };
    char *key; // of an object's child, ends with NUL; NULL else
    uint32_t key_n;
    bool key_plain;
    uint8_t type; // enum json_value_type
    bool in_tree; // it is in an array or an object
};

// The tree below a root of the heap; what it frees is wiped, because kubeconfigs and the answers of credential plugins
// are trees as well. NULL is fine, a value that is part of a tree is a bug.
void json_free(struct json *j);

// A small document: one value with nothing but white space before and after it, read by cJSON, on the heap (json_free).
// Arrays and objects stand at most 512 deep. Half of a surrogate pair becomes U+FFFD, as in Go, and so does the NUL,
// which C strings cannot hold (docs/rules/kubernetes-client.md#json-null-character). Bytes that are no UTF-8 stay.
// NULL with ERR_PARSE for any other text; the message names the byte.
struct json *json_parse(const char *text, size_t n, struct err *err) FREED_BY(json_free);
// The text of an API object (RFC 8259, strictly) to a tree in an arena, from where nothing is freed or wiped: for text
// without secrets that is read once. The tree must not be changed.
const struct json *json_parse_in(struct arena *a, const char *text, size_t n,
                                 struct err *err) MUST_USE;

// JSON_NONE for NULL.
static inline enum json_value_type json_type(const struct json *j)
{
    return j != NULL ? (enum json_value_type)j->type : JSON_NONE;
}
// For messages: "nothing", "null", "true or false", "a number", "text", "a list", "a mapping".
const char *json_type_name(enum json_value_type t);

// --- reading

// The value under a key of an object; NULL if it is absent, and of other types.
const struct json *json_get(const struct json *object, const char *key);
// json_at(j, "metadata", "name", NULL): the end of a path of keys.
const struct json *json_at(const struct json *object, ...) __attribute__((sentinel));
// How many children an array or object has; 0 for other types. It walks over them.
size_t json_count(const struct json *j);
// The first of them, in the order of the text; NULL if there is none, and for other types.
static inline const struct json *json_first(const struct json *j)
{
    bool parent = j != NULL && (j->type == JSON_ARRAY || j->type == JSON_OBJECT);
    return parent ? j->children.first : NULL;
}
// The child after this one; NULL after the last.
static inline const struct json *json_next(const struct json *child)
{
    return child != NULL ? child->next : NULL;
}
// The key of an object's child; NULL for a child of an array.
static inline const char *json_key(const struct json *child)
{
    return child != NULL ? child->key : NULL;
}
// Whether the key of an object's child is this one.
static inline bool json_key_is(const struct json *child, const char *key)
{
    size_t n = strlen(key); // nearly always of a literal
    return child->key != NULL && child->key_n == n && memcmp(child->key, key, n) == 0;
}

// NULL unless it is a string.
static inline const char *json_string(const struct json *j)
{
    return json_type(j) == JSON_STRING ? j->text.at : NULL;
}
// Whether both are the same text, with the keys in the same order.
bool json_equal(const struct json *a, const struct json *b);
// The number, or `absent`. Numeric strings are not numbers here (see json_lenient_int).
double json_number(const struct json *j, double absent);
// The number where it is a whole one, at the ends of int64_t where it is beyond; else `absent`.
int64_t json_int(const struct json *j, int64_t absent);
bool json_bool(const struct json *j, bool absent); // true or false, else `absent`
// As istiod's decoder (docs/rules/istio.md#lenient-decoding): an integer, or its decimal spelling in a string, without
// blanks and '+'. False if it is neither, or beyond an int64_t.
bool json_lenient_int(const struct json *j, int64_t *out) MUST_USE;

// json_string(json_get(o, key)): NULL unless the value under the key is a string.
const char *json_get_string(const struct json *o, const char *key);
// json_int(json_get(o, key), absent).
int64_t json_get_int(const struct json *o, const char *key, int64_t absent);
// json_bool(json_get(o, key), absent).
bool json_get_bool(const struct json *o, const char *key, bool absent);

// --- building
//
// A new value belongs to the caller until it is put into an array or object. Texts are copied.

// {}
struct json *json_new_object(void) FREED_BY(json_free);
// []
struct json *json_new_array(void) FREED_BY(json_free);
struct json *json_new_string(const char *s) FREED_BY(json_free); // NULL gives null
// A number. Infinity and not-a-number have no JSON form: they are printed as null.
struct json *json_new_number(double n) FREED_BY(json_free);
struct json *json_new_int(int64_t n) FREED_BY(json_free); // exact up to 2^53
// true or false
struct json *json_new_bool(bool b) FREED_BY(json_free);
// null
struct json *json_new_null(void) FREED_BY(json_free);
// A copy of the whole tree.
struct json *json_dup(const struct json *j) FREED_BY(json_free);

// These take the value and return it, borrowed from its tree. One that is part of a tree already is a bug.
//
// Puts a value under a key of an object, in place of what is there: O(keys).
struct json *json_put(struct json *object, const char *key, struct json *value);
// Appends it without looking for an older one of that key: O(1), for readers of long mappings.
struct json *json_add(struct json *object, const char *key, struct json *value);
// Appends a value to an array.
struct json *json_push(struct json *array, struct json *value);
// json_put of json_new_string.
void json_put_string(struct json *object, const char *key, const char *s); // NULL gives null
// json_put of json_new_int.
void json_put_int(struct json *object, const char *key, int64_t n);
// json_put of json_new_bool.
void json_put_bool(struct json *object, const char *key, bool b);
// Removes and frees the first child with that key. Does nothing if there is none, and for other types.
void json_remove(struct json *object, const char *key);

// --- printing

// Appends the text: on one line, or indented by four spaces as kubectl prints it.
void json_print(const struct json *j, bool pretty, struct buf *out);
// Appends n bytes of s as a quoted JSON string.
void json_quote(struct buf *out, const char *s, size_t n);

#endif
