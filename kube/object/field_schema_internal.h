// SPDX-License-Identifier: Apache-2.0
// The fields of Istio's four kinds (docs/rules/istio.md#virtualservice-fields) and of cert-manager's
// (docs/rules/certificates.md#certificate-fields) as tables.
#ifndef GATETOP_OBJECT_FIELD_SCHEMA_INTERNAL_H
#define GATETOP_OBJECT_FIELD_SCHEMA_INTERNAL_H

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
    bool required; // with a text that is not empty, where it is text
};
struct schema {
    const struct schema_field *fields; // ends with name NULL
    bool string_match;                 // a StringMatch: at most one key
};

// The tables' words.
// clang-format off
#define STRING(n)         {.name = (n), .type = FIELD_STRING}
#define INT(n)            {.name = (n), .type = FIELD_INT}
#define NUMBER(n)         {.name = (n), .type = FIELD_NUMBER}
#define BOOL(n)           {.name = (n), .type = FIELD_BOOL}
#define DURATION(n)       {.name = (n), .type = FIELD_DURATION}
#define ENUM(n, w)        {.name = (n), .type = FIELD_ENUM, .words = (w)}
#define OBJECT(n, s)      {.name = (n), .type = FIELD_OBJECT, .of = &(s)}
#define ANYTHING(n)       {.name = (n), .type = FIELD_OPAQUE}
#define STRINGS(n)        {.name = (n), .type = FIELD_STRING, .shape = SHAPE_LIST}
#define ENUMS(n, w)       {.name = (n), .type = FIELD_ENUM, .shape = SHAPE_LIST, .words = (w)}
#define OBJECTS(n, s)     {.name = (n), .type = FIELD_OBJECT, .shape = SHAPE_LIST, .of = &(s)}
#define STRING_MAP(n)     {.name = (n), .type = FIELD_STRING, .shape = SHAPE_MAP}
#define INT_MAP(n)        {.name = (n), .type = FIELD_INT, .shape = SHAPE_MAP}
#define OBJECT_MAP(n, s)  {.name = (n), .type = FIELD_OBJECT, .shape = SHAPE_MAP, .of = &(s)}
#define NEEDED_STRING(n)    {.name = (n), .type = FIELD_STRING, .required = true}
#define NEEDED_BOOL(n)      {.name = (n), .type = FIELD_BOOL, .required = true}
#define NEEDED_ENUM(n, w)   {.name = (n), .type = FIELD_ENUM, .words = (w), .required = true}
#define NEEDED_OBJECT(n, s) {.name = (n), .type = FIELD_OBJECT, .of = &(s), .required = true}
#define END               {.name = NULL}
#define SCHEMA(name, ...) \
    static const struct schema_field name##_fields[] = {__VA_ARGS__, END}; \
    static const struct schema name = {.fields = name##_fields}
// clang-format on

// The fields of metadata.
extern const struct schema metadata_schema;

// The whole object of one of Istio's kinds, NULL for any other kind.
const struct schema *istio_schema(enum kind k);
// The same for cert-manager's kinds, in the version that clusters have served since 1.6; NULL if `api_version` (which
// may be NULL) is another.
const struct schema *certmanager_schema(enum kind k, const char *api_version);

#endif
