// SPDX-License-Identifier: Apache-2.0
// One YAML document that was read: its tree, and the place of each value and key in the text.
#ifndef GATETOP_BASE_YAML_DOC_H
#define GATETOP_BASE_YAML_DOC_H

struct json;

// 1-based; line 0 means unknown. Columns count characters.
struct yaml_mark {
    int line, column;
};

struct yaml_doc {
    struct json *root; // NULL for an empty document
    struct yaml_marks *marks;
    int first_line, last_line; // of the text of the document, 1-based, inclusive
};

// Frees what the document holds and leaves it empty; d itself is the caller's.
void yaml_doc_clear(struct yaml_doc *d);

// The place of a value of the document's tree, line 0 if the node is not of it, or NULL.
struct yaml_mark yaml_value_mark(const struct yaml_doc *d, const struct json *node);
// The place of its key; line 0 also for what has no key.
struct yaml_mark yaml_key_mark(const struct yaml_doc *d, const struct json *node);

// For readers of YAML: the places of a node, of its value and of its key (line 0 for one without a key).
void yaml_doc_mark(struct yaml_doc *d, const struct json *node, struct yaml_mark value,
                   struct yaml_mark key);
// Gives a copy of a tree the places of the tree itself.
void yaml_doc_mark_copy(struct yaml_doc *d, const struct json *from, const struct json *copy);

#endif
