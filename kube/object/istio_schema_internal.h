// SPDX-License-Identifier: Apache-2.0
// The fields of Istio's four kinds as tables (docs/rules/istio.md#virtualservice-fields).
#ifndef GATETOP_OBJECT_ISTIO_SCHEMA_INTERNAL_H
#define GATETOP_OBJECT_ISTIO_SCHEMA_INTERNAL_H

#include "kube/object/kind.h"

#include <stdbool.h>

enum field_type {
    FIELD_STRING,
    FIELD_INT,
    FIELD_NUMBER,
    FIELD_BOOL,
    FIELD_DURATION,
    FIELD_ENUM,   // of `words`
    FIELD_OBJECT, // of `of`
    FIELD_OPAQUE, // anything
};

enum field_shape { SHAPE_ONE, SHAPE_LIST, SHAPE_MAP };

struct schema;
struct schema_field {
    const char *name;
    enum field_type type;
    enum field_shape shape;
    const struct schema *of;
    const char *const *words;
};
struct schema {
    const struct schema_field *fields; // ends with name NULL
    bool string_match;                 // a StringMatch: at most one key
};

// The whole object of a kind; NULL if gatetop has no table for it.
const struct schema *schema_of(enum kind k);

#endif
