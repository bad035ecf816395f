// SPDX-License-Identifier: Apache-2.0
// YAML (and JSON) text into JSON trees, each value with its place. YAML 1.1 as Go's sigs.k8s.io/yaml resolves it:
// unquoted y/n/yes/no/on/off are booleans, merge keys and aliases are followed; of equal keys the last wins
// (docs/rules/kubernetes-client.md#yaml-values). The only file that sees libyaml is yaml.c.
#ifndef GATETOP_BASE_YAML_H
#define GATETOP_BASE_YAML_H

#include "kube/base/yaml_doc.h"

#include <stdbool.h>
#include <stddef.h>

// Bounds of a text (docs/rules/kubernetes-client.md#yaml-bounds).
struct yaml_limits {
    size_t bytes; // of the whole text
    int depth;    // of mappings and lists
    long nodes;   // of a document, after alias expansion
};
extern const struct yaml_limits YAML_CONFIG_LIMITS;   // 1 MiB, 64, 10,000
extern const struct yaml_limits YAML_MANIFEST_LIMITS; // 64 MiB, 128, 4,000,000

// What is called for each document of a text, in its order: doc owns what it is given (yaml_doc_clear) and returns
// false to stop. A document that cannot be read is a call of bad (may be NULL) with its place and a clean message;
// reading continues at the next line that starts with "---".
struct yaml_handler {
    bool (*doc)(void *self, struct yaml_doc *doc);
    void (*bad)(void *self, struct yaml_mark at, const char *message);
    void *self;
};
// Reads n bytes of text. False if a document was bad, or the text is larger than its limit.
bool yaml_each(const char *text, size_t n, const struct yaml_limits *limits,
               const struct yaml_handler *h);

#endif
