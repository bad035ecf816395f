// SPDX-License-Identifier: Apache-2.0
// The lenient walk over mappings and lists.
#include "kube/base/ascii.h"

#include "kube/object/json_fields_internal.h"

bool field_is_null(const struct json *j)
{
    enum json_type t = json_type(j);
    return t == JSON_NONE || t == JSON_NULL;
}

const struct json *field_first(const struct json *j)
{
    return json_type(j) == JSON_OBJECT ? json_first(j) : NULL;
}

const struct json *item_first(const struct json *j)
{
    switch (json_type(j)) {
    case JSON_NONE:
    case JSON_NULL:
        return NULL;
    case JSON_ARRAY:
        return json_first(j);
    default:
        return j;
    }
}

const struct json *item_next(const struct json *list, const struct json *item)
{
    return json_type(list) == JSON_ARRAY ? json_next(item) : NULL;
}

size_t item_count(const struct json *j)
{
    switch (json_type(j)) {
    case JSON_NONE:
    case JSON_NULL:
        return 0;
    case JSON_ARRAY:
        return json_count(j);
    default:
        return 1;
    }
}

bool field_name_is_proto(const char *key, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*key == *name) {
            key++;
        } else if (*key == '_' && ascii_upper(*name) && key[1] == ascii_lower(*name)) {
            key += 2;
        } else {
            return false;
        }
    }
    return *key == '\0';
}
