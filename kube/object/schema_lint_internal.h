// SPDX-License-Identifier: Apache-2.0
// The defects of an object's text, found by the field tables of its kind.
#ifndef GATETOP_OBJECT_SCHEMA_LINT_INTERNAL_H
#define GATETOP_OBJECT_SCHEMA_LINT_INTERNAL_H

#include "kube/object/lint_list_internal.h"

// Adds the lints of an object, in the order of its text. None for a kind without a table (field_schema_internal.h).
void schema_lint(enum kind k, const struct json *root, struct lint_list *l);

#endif
