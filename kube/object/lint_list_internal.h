// SPDX-License-Identifier: Apache-2.0
// The defects of one object's text, as they are found.
#ifndef GATETOP_OBJECT_LINT_LIST_INTERNAL_H
#define GATETOP_OBJECT_LINT_LIST_INTERNAL_H

#include "kube/object/object.h"

#include <stdint.h>

struct arena;
struct json;
struct yaml_doc;

// All but `a` and `doc` is zero at first.
struct lint_list {
    struct arena *a;            // of the lints and their texts
    const struct yaml_doc *doc; // has the marks of nodes; NULL if there are none
    struct lint *at;            // in the order of the text, at most 1000
    uint32_t n, cap;
    struct lint dropped; // what is past that is written here
};

// Adds a defect of the field `path` at the mark of `node`, and returns it for its texts to be filled in: valid until
// the next one.
struct lint *lint_add(struct lint_list *l, enum lint_code code, const char *path,
                      const struct json *node);

#endif
