// SPDX-License-Identifier: Apache-2.0
// YAML (and JSON) text into JSON trees, each value with its place. The only file that sees libyaml is
// yaml.c. YAML 1.1 as Go's sigs.k8s.io/yaml resolves it: unquoted y/n/yes/no/on/off are booleans, merge
// keys and aliases are followed; of equal keys the last wins (docs/rules/kubernetes-client.md#yaml-values).
#ifndef GATETOP_BASE_YAML_H
#define GATETOP_BASE_YAML_H

#include "kube/base/json.h"

// 1-based; line 0 means unknown. Columns count characters.
struct yaml_mark {
    int line, column;
};

// One document: its tree, and the place of each value and key in it.
struct yaml_doc {
    struct json *root; // NULL for an empty document
    struct yaml_marks *marks;
    int first_line, last_line; // of the text of the document, 1-based, inclusive
};

struct yaml_limits {
    size_t bytes; // of the whole text
    int depth;
    long nodes; // after alias expansion
};
extern const struct yaml_limits YAML_CONFIG_LIMITS;   // 1 MiB, 64, 10,000
extern const struct yaml_limits YAML_MANIFEST_LIMITS; // 64 MiB, 128, 4,000,000

// Calls doc() for each document of the text, in order; doc owns what it is given (yaml_doc_clear) and
// returns false to stop. A syntax error calls bad() with its place and message, and parsing goes on at
// the next line that starts with "---". Returns false where any document was bad.
struct yaml_handler {
    bool (*doc)(void *self, struct yaml_doc *doc);
    void (*bad)(void *self, struct yaml_mark at, const char *message);
    void *self;
};
bool yaml_each(const char *text, size_t n, const struct yaml_limits *limits,
               const struct yaml_handler *h);
void yaml_doc_clear(struct yaml_doc *d);

// The place of a value (of its key: yaml_key_mark), line 0 where the node is not of this document.
struct yaml_mark yaml_value_mark(const struct yaml_doc *d, const struct json *node);
struct yaml_mark yaml_key_mark(const struct yaml_doc *d, const struct json *node);

// A JSON tree as YAML text (for the YAML pane and --print-role): two spaces, keys in their order,
// strings quoted where YAML would read them as something else, multi-line strings as block scalars.
// Text is cleaned for the terminal.
void yaml_print(const struct json *j, struct buf *out);

#endif
