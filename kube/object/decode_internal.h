// SPDX-License-Identifier: Apache-2.0
// Inside kube/object: the tools every decoder is made of.
//
// An object is decoded twice by the same code: the first pass measures (lists go to a scratch arena, strings
// are only counted), the second fills one block of exactly that size: structs and lists first, strings
// behind them. A decoder must therefore take its decisions from the JSON, which is the same in both passes,
// never from the strings it made.
#ifndef GATETOP_OBJECT_DECODE_INTERNAL_H
#define GATETOP_OBJECT_DECODE_INTERNAL_H

#include "kube/base/json.h"
#include "kube/base/yaml_doc.h"

#include "kube/object/object.h"

#include <string.h>

#define DECODE_STRING_MAX ((size_t)64 << 10) // longer text is cut (text_clean)

struct decoder {
    struct arena *lists;   // structs and lists
    struct arena *strings; // NULL while measuring
    struct arena *scratch; // measuring only: text that has to be cleaned to know its length
    size_t string_bytes;   // measuring only
};

// The parts of an object's JSON, each NULL where absent or null.
struct parts {
    const struct json *root, *metadata, *spec, *status;
};

// Zeroed memory of the object for n values of `size` bytes; NULL for none.
void *dec_alloc(struct decoder *d, size_t n, size_t size);
// A string of the object, cleaned; NULL unless j is a string (s is not NULL).
const char *dec_text(struct decoder *d, const struct json *j);
const char *dec_string(struct decoder *d, const char *s);
// The same without cleaning or a cap where it is plain printable ASCII (base64).
const char *dec_raw(struct decoder *d, const struct json *j);
// Text of several lines (PEM): kept as it is where it is printable ASCII with line breaks, else NULL.
const char *dec_lines(struct decoder *d, const char *s, size_t n);
// A list of strings; one string alone is a list of one, a null entry is "".
struct str_list dec_texts(struct decoder *d, const struct json *j);
// A mapping to strings, in the order written; of equal keys the last value.
struct str_map dec_map(struct decoder *d, const struct json *j);
// "status.conditions"
struct conditions dec_conditions(struct decoder *d, const struct json *j);

int64_t dec_time(const struct json *j);     // TIME_NONE where it is none
int64_t dec_duration(const struct json *j); // DURATION_NONE where it is none
// A number, or one in quotes (docs/rules/istio.md#lenient-decoding); 0 where it is none.
int64_t dec_int(const struct json *j);
bool dec_flag(const struct json *j); // false where it is none
bool dec_null(const struct json *j); // absent or null

// The first field of a mapping, NULL for anything else; go on with json_next.
const struct json *dec_fields(const struct json *j);
#define EACH_FIELD(c, j) for (const struct json *c = dec_fields(j); c != NULL; c = json_next(c))
// The items of a list; a mapping or scalar in the place of a list is its only item
// (docs/rules/istio.md#list-given-as-mapping).
const struct json *dec_items(const struct json *j);
const struct json *dec_items_next(const struct json *list, const struct json *item);
size_t dec_items_count(const struct json *j);
#define EACH_ITEM(c, j)                                                                            \
    for (const struct json *c = dec_items(j); c != NULL; c = dec_items_next(j, c))

// Field names: exactly, or also in the snake_case that istiod's decoder takes ("uri_regex_rewrite").
// Asked for every field of every object: the first letter, which both spellings share, nearly always decides.
bool dec_name_is_proto(const char *key, const char *name);
static inline bool dec_is(const struct json *field, const char *name)
{
    const char *key = json_key(field);
    return key != NULL && key[0] == name[0] && strcmp(key, name) == 0;
}
static inline bool dec_is_proto(const struct json *field, const char *name)
{
    const char *key = json_key(field);
    return key != NULL && key[0] == name[0] && dec_name_is_proto(key, name);
}

// One reader for each kind; `o` is the zeroed struct of that kind with its metadata filled in.
void decode_namespace(struct decoder *d, const struct parts *p, struct object *o);
void decode_service(struct decoder *d, const struct parts *p, struct object *o);
void decode_ingress(struct decoder *d, const struct parts *p, struct object *o);
void decode_secret(struct decoder *d, const struct parts *p, struct object *o);
void decode_pod(struct decoder *d, const struct parts *p, struct object *o);
void decode_endpointslice(struct decoder *d, const struct parts *p, struct object *o);
void decode_deployment(struct decoder *d, const struct parts *p, struct object *o);
void decode_event(struct decoder *d, const struct parts *p, struct object *o);
void decode_canary(struct decoder *d, const struct parts *p, struct object *o);
void decode_k8s_gateway(struct decoder *d, const struct parts *p, struct object *o);

void decode_virtualservice(struct decoder *d, const struct parts *p, struct object *o);
void decode_gateway(struct decoder *d, const struct parts *p, struct object *o);
void decode_destinationrule(struct decoder *d, const struct parts *p, struct object *o);
void decode_serviceentry(struct decoder *d, const struct parts *p, struct object *o);
void decode_requestauthentication(struct decoder *d, const struct parts *p, struct object *o);

void decode_certificate(struct decoder *d, const struct parts *p, struct object *o);
void decode_certificaterequest(struct decoder *d, const struct parts *p, struct object *o);
void decode_order(struct decoder *d, const struct parts *p, struct object *o);
void decode_challenge(struct decoder *d, const struct parts *p, struct object *o);
void decode_issuer(struct decoder *d, const struct parts *p, struct object *o);

// Where an object of a file stands. The marks may be NULL.
struct decode_source {
    const char *file;
    const char *default_ns; // for namespaced objects without a namespace
    const struct yaml_doc *doc;
    int line, last_line;
};

// object_decode with its place in a file; the result is not yet shared.
struct object *object_decode_from(enum kind k, const char *api_version, const struct json *j,
                                  bool lint, const struct decode_source *source,
                                  struct err *err) MUST_USE;

// schema.c: the defects of an object's text by the field tables of schema_fields.c, in the arena.
struct lint *schema_lint(enum kind k, const struct json *root, const struct yaml_doc *doc,
                         struct arena *a, uint32_t *n);

#endif
