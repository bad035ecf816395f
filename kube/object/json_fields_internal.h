// SPDX-License-Identifier: Apache-2.0
// How decoders and schemas walk JSON: as leniently as istiod's own decoder does.
#ifndef GATETOP_OBJECT_JSON_FIELDS_INTERNAL_H
#define GATETOP_OBJECT_JSON_FIELDS_INTERNAL_H

#include "kube/base/json.h"

#include <stdbool.h>
#include <stddef.h>

// Absent or null.
static inline bool field_is_null(const struct json *j)
{
    enum json_value_type t = json_type(j);
    return t == JSON_NONE || t == JSON_NULL;
}

// Runs over the fields of a mapping; none of anything else.
// NOLINTNEXTLINE(bugprone-macro-parentheses): c is a name that it declares
#define EACH_FIELD(c, j) for (const struct json *c = field_first(j); c != NULL; c = json_next(c))
// The first field of a mapping, NULL if there is none; json_next gives the others.
static inline const struct json *field_first(const struct json *j)
{
    return json_type(j) == JSON_OBJECT ? json_first(j) : NULL;
}

// Runs over the items of a list; none of what is absent or null. A mapping or scalar in the place of a list is its only
// item (docs/rules/istio.md#list-given-as-mapping).
// NOLINTNEXTLINE(bugprone-macro-parentheses): c is a name that it declares
#define EACH_ITEM(c, j) for (const struct json *c = item_first(j); c != NULL; c = item_next(j, c))
// The first item, NULL if there is none.
static inline const struct json *item_first(const struct json *j)
{
    return field_is_null(j) ? NULL : (json_type(j) == JSON_ARRAY ? json_first(j) : j);
}
// The item after this one of the same list; NULL after the last.
static inline const struct json *item_next(const struct json *list, const struct json *item)
{
    return json_type(list) == JSON_ARRAY ? json_next(item) : NULL;
}
// How many items there are.
size_t item_count(const struct json *j);

// Whether a key is a protobuf field name: itself in camelCase, or the same in snake_case ("uri_regex_rewrite").
bool field_name_is_proto(const char *key, const char *name);

// Whether a field has this name.
static inline bool field_is(const struct json *field, const char *name)
{
    return json_key_is(field, name);
}
// Whether it has this name in either spelling that istiod's decoder takes. Called for every field of every object: the
// first letter, which both spellings share, nearly always decides.
static inline bool field_is_proto(const struct json *field, const char *name)
{
    const char *key = json_key(field);
    return key != NULL && key[0] == name[0] && field_name_is_proto(key, name);
}

#endif
