// SPDX-License-Identifier: Apache-2.0
// The lenient walk over mappings and lists.
#include "kube/base/ascii.h"

#include "kube/object/json_fields_internal.h"

size_t item_count(const struct json *j)
{
    return field_is_null(j) ? 0 : (json_type(j) == JSON_ARRAY ? json_count(j) : 1);
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
