// SPDX-License-Identifier: Apache-2.0
// Builds the tree of one YAML document from its scalars, mappings, lists and aliases, as they come.
//
// Calls that may fail give false and set the problem that yaml_builder_new was given; the document is then to be
// dropped by yaml_builder_reset.
#ifndef GATETOP_BASE_YAML_BUILDER_INTERNAL_H
#define GATETOP_BASE_YAML_BUILDER_INTERNAL_H

#include "kube/base/attr.h"
#include "kube/base/yaml_doc.h"

#include <stdbool.h>

struct json;
struct yaml_problem;
struct yaml_scalar_text;

struct yaml_builder;
// depth and nodes bound each document; problem is borrowed.
struct yaml_builder *yaml_builder_new(int depth, long nodes, struct yaml_problem *problem);
// With the document under way. Not NULL.
void yaml_builder_free(struct yaml_builder *b);

// The next scalar of the text: a value, or a key where a mapping waits for one. `at` is where it begins.
bool yaml_builder_scalar(struct yaml_builder *b, const struct yaml_scalar_text *s,
                         struct yaml_mark at) MUST_USE;
// A mapping (or a list) begins. anchor is its name, NULL for none.
bool yaml_builder_begin(struct yaml_builder *b, bool mapping, const char *anchor,
                        struct yaml_mark at) MUST_USE;
bool yaml_builder_end(struct yaml_builder *b) MUST_USE; // of the last mapping or list begun
// The alias *name: a copy of the value with that anchor, or a key where a mapping waits for one. A copy counts towards
// the bounds as if it were written out.
bool yaml_builder_alias(struct yaml_builder *b, const char *name, struct yaml_mark at) MUST_USE;

// Takes a tree that was read as JSON for the document. False, and the tree is the caller's, where it is beyond the
// bounds.
bool yaml_builder_json(struct yaml_builder *b, struct json *root, struct yaml_mark at) MUST_USE;

// Gives the document that is complete (its lines are 0) to the caller, and is ready for the next one. Of equal keys
// the last one stays.
struct yaml_doc yaml_builder_take(struct yaml_builder *b);
// Forgets what there is of a document.
void yaml_builder_reset(struct yaml_builder *b);

#endif
