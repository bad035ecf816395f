// SPDX-License-Identifier: Apache-2.0
// For the readers of YAML: where the places of a document come from, and how a problem is said.
#ifndef GATETOP_BASE_YAML_DOC_INTERNAL_H
#define GATETOP_BASE_YAML_DOC_INTERNAL_H

#include "kube/base/yaml_doc.h"

// Sets the places of a node: of its value and of its key, line 0 for one without a key.
void yaml_doc_mark(struct yaml_doc *d, const struct json *node, struct yaml_mark value,
                   struct yaml_mark key);
// Gives a copy of a tree the places of the tree itself.
void yaml_doc_mark_copy(struct yaml_doc *d, const struct json *from, const struct json *copy);

// Why a document is bad, and where.
struct yaml_problem {
    struct yaml_mark at;
    char text[256]; // clean
};
// Sets the problem and returns false.
bool yaml_bad(struct yaml_problem *p, struct yaml_mark at, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
