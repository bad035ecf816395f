// SPDX-License-Identifier: Apache-2.0
// The defects of an object's text, found by the field tables of its kind.
#ifndef GATETOP_OBJECT_SCHEMA_LINT_INTERNAL_H
#define GATETOP_OBJECT_SCHEMA_LINT_INTERNAL_H

#include "kube/object/object.h"

#include <stdint.h>

struct arena;
struct json;
struct yaml_doc;

// At most 1000 lints of an object, in the order of its text; *n of them, in the arena. doc: NULL, or where its marks
// come from. None for a kind without a table (istio_schema_internal.h).
struct lint *schema_lint(enum kind k, const struct json *root, const struct yaml_doc *doc,
                         struct arena *a, uint32_t *n);

#endif
