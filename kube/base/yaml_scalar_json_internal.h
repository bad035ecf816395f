// SPDX-License-Identifier: Apache-2.0
// A scalar with its style and tag, as a JSON value or as the key of one.
#ifndef GATETOP_BASE_YAML_SCALAR_JSON_INTERNAL_H
#define GATETOP_BASE_YAML_SCALAR_JSON_INTERNAL_H

#include "kube/base/attr.h"
#include "kube/base/yaml_scalar.h"

#include <stdbool.h>
#include <stddef.h>

struct json;

// A scalar as the text has it.
struct yaml_scalar_text {
    const char *text; // n bytes and a NUL; NULs may be among them
    size_t n;
    bool quoted;        // or a block: text, unless a tag says otherwise
    const char *tag;    // NULL for none
    const char *anchor; // NULL for none
};

// What it means.
struct yaml_resolved {
    enum yaml_scalar_type type;
    double number; // of YAML_INT and YAML_FLOAT
    // "int" of "tag:yaml.org,2002:int", "str" of "!", a foreign tag as it is, "" for none.
    const char *tag;
};

// False if the tag does not fit; the tag is set all the same.
bool yaml_scalar_resolve(const struct yaml_scalar_text *s, struct yaml_resolved *out) MUST_USE;
// As a value; NULL for a "!!binary" that is no base64. NULs become U+FFFD, because C strings end at them.
struct json *yaml_scalar_json(const struct yaml_scalar_text *s, const struct yaml_resolved *r);
// As the text of a key, on the heap; NULL for a null.
char *yaml_scalar_key(const struct yaml_scalar_text *s, const struct yaml_resolved *r);

#endif
