// SPDX-License-Identifier: Apache-2.0
// The tools that decoders are made of: they read values of JSON into memory of the object.
//
// An object is decoded twice by the same code: the first pass measures (lists go to an arena of their own, strings
// are only counted), the second fills one block of exactly that size: structs and lists first, strings
// behind them. A decoder must therefore base its decisions on the JSON, which is the same in both passes, never on the
// strings it made: while measuring they are the JSON's own.
#ifndef GATETOP_OBJECT_DECODER_INTERNAL_H
#define GATETOP_OBJECT_DECODER_INTERNAL_H

#include "kube/object/json_fields_internal.h"
#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct decoded_word {
    const void *kept; // NULL if the object has a copy
    uint32_t inside;  // of an array: the words in it
};

struct object_decoder {
    // Structs and lists; while measuring also text that has to be cleaned to know its length.
    struct arena *lists;
    struct arena *strings;           // NULL while measuring
    size_t list_bytes, string_bytes; // of both, measuring only
    // What shared_text gave for each word and array while measuring, in the order of the text.
    struct decoded_word *words;
    uint32_t nwords, word_cap;
    uint32_t word; // filling: the next one
};

// Zeroed memory of the object for n values of `size` bytes; NULL for none.
void *decode_alloc(struct object_decoder *d, size_t n, size_t size);

// An array that may be equal in many objects. If nothing in it is the object's own it is kept once (shared_text.h).
// The padding of its values must be zero: assign their fields one by one.
struct decoded_array {
    void *at;
    size_t bytes, list_bytes, string_bytes;
    uint32_t word;
    bool open; // it may still turn out to be a kept one
};
// Zeroed memory for n values of `size` bytes; NULL if there is nothing to decode: the array is kept already, or n is 0.
void *decode_array_begin(struct object_decoder *d, struct decoded_array *a, size_t n, size_t size);
// The array, once its values have been decoded.
const void *decode_array_end(struct object_decoder *d, const struct decoded_array *a);

// A string of the object, cleaned and of at most 64 KiB; NULL unless j is a string.
const char *decode_string(struct object_decoder *d, const struct json *j);
// The same of a text; NULL gives NULL.
const char *decode_copy(struct object_decoder *d, const char *s);
// The same for what many objects have, which is kept once (shared_text.h).
const char *decode_word(struct object_decoder *d, const struct json *j);
// The same of a text; NULL gives NULL.
const char *decode_word_copy(struct object_decoder *d, const char *s);
// The same of the key of a field.
const char *decode_word_key(struct object_decoder *d, const struct json *field);

// A string of any length as it is where it is printable ASCII (base64); else as decode_string.
const char *decode_ascii(struct object_decoder *d, const struct json *j);
// n bytes of several lines (PEM) as they are where they are printable ASCII with line breaks and tabs, else NULL.
const char *decode_lines(struct object_decoder *d, const char *s, size_t n);
// A list of strings; one string alone is a list of one, what is no string is "".
struct str_list decode_strings(struct object_decoder *d, const struct json *j);
// The same string of each item of a list ("" if it has none): decode_member_strings(d, listeners, "hostname").
struct str_list decode_member_strings(struct object_decoder *d, const struct json *list,
                                      const char *key);
// A mapping to strings, in the order written; what is no string is "".
struct str_map decode_map(struct object_decoder *d, const struct json *j);
// status.conditions of any kind.
struct conditions decode_conditions(struct object_decoder *d, const struct json *j);

int64_t decode_time(const struct json *j); // RFC 3339 to seconds, TIME_NONE if it is no time
int64_t
decode_duration(const struct json *j); // Go's spelling to ms, DURATION_NONE if it is no duration
// No number of an object is larger, so that a sum of millions of them does not overflow.
#define DECODE_INT_MAX INT64_C(1000000000000)
// A number, or one in quotes (docs/rules/istio.md#lenient-decoding), within DECODE_INT_MAX; 0 if it is no number.
int64_t decode_int(const struct json *j);
bool decode_bool(const struct json *j); // false if it is no boolean

#endif
