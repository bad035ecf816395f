// SPDX-License-Identifier: Apache-2.0
// From the pieces of a YAML document to its tree: keys, anchors, aliases, merge keys, bounds.
//
// Duplicate keys stay in the tree until its end, because an anchor may be in the one that loses.
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/yaml_builder_internal.h"
#include "kube/base/yaml_problem_internal.h"
#include "kube/base/yaml_scalar.h"
#include "kube/base/yaml_scalar_json_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ANCHORS = 1000,
    MAX_COPIES = 400000,      // of a document, as go.yaml.in/yaml allows it
    MAX_ALL_COPIES = 2000000, // of all documents of a text
};

// A mapping or list that is being read.
struct frame {
    struct json *node;
    char *key; // of the entry to come, in a mapping
    bool have_key, merge;
    struct yaml_mark key_mark;
    int anchor;  // index, or -1
    int deepest; // levels below this node
};

struct anchor {
    char *name;
    const struct json *node; // NULL while it is being read
    long nodes;              // while it is being read: those before it
    int deepest;
};

struct yaml_builder {
    struct yaml_problem *problem;
    int max_depth;
    long max_nodes;
    struct yaml_doc doc;
    struct frame *stack; // room for max_depth
    int depth;
    struct anchor *anchors; // room for MAX_ANCHORS
    int anchor_count;
    struct json *kept; // values of "<<" and anchored keys, until the document ends
    long nodes;
    long copies,
        all_copies; // of these: by aliases and merge keys, of the document and of all so far
};

struct yaml_builder *yaml_builder_new(int depth, long nodes, struct yaml_problem *problem)
{
    struct yaml_builder *b = xcalloc(1, sizeof *b);
    *b = (struct yaml_builder){.problem = problem, .max_depth = depth, .max_nodes = nodes};
    b->stack = xcalloc((size_t)depth, sizeof *b->stack);
    b->anchors = xcalloc(MAX_ANCHORS, sizeof *b->anchors);
    return b;
}

void yaml_builder_reset(struct yaml_builder *b)
{
    for (int i = 0; i < b->depth; i++) {
        free(b->stack[i].key);
    }
    for (int i = 0; i < b->anchor_count; i++) {
        free(b->anchors[i].name);
    }
    b->depth = b->anchor_count = 0;
    b->nodes = b->copies = 0;
    json_free(b->kept);
    b->kept = NULL;
    yaml_doc_clear(&b->doc);
}

void yaml_builder_free(struct yaml_builder *b)
{
    yaml_builder_reset(b);
    free(b->stack);
    free(b->anchors);
    free(b);
}

static struct frame *top(struct yaml_builder *b)
{
    return b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
}

// --- bounds

static bool count_nodes(struct yaml_builder *b, long more, struct yaml_mark at)
{
    if (more > b->max_nodes - b->nodes) {
        return yaml_bad(b->problem, at, "more than %ld values after expanding aliases",
                        b->max_nodes);
    }
    b->nodes += more;
    return true;
}

// Values that stand in the text once, and again by an alias or a merge key
// (docs/rules/kubernetes-client.md#yaml-bounds).
static bool count_copies(struct yaml_builder *b, long more, struct yaml_mark at)
{
    b->copies += more;
    b->all_copies += more;
    if (b->copies > MAX_COPIES || b->all_copies > MAX_ALL_COPIES) {
        return yaml_bad(b->problem, at, "aliases stand for more than %d values",
                        b->copies > MAX_COPIES ? MAX_COPIES : MAX_ALL_COPIES);
    }
    return count_nodes(b, more, at);
}

static bool too_deep(struct yaml_builder *b, struct yaml_mark at)
{
    return yaml_bad(b->problem, at, "nested deeper than %d levels", b->max_depth);
}

static long size_of(const struct json *j)
{
    long n = 1;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        n += size_of(c);
    }
    return n;
}

static int depth_of(const struct json *j)
{
    int deepest = 0;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        int d = depth_of(c) + 1;
        deepest = d > deepest ? d : deepest;
    }
    return deepest;
}

// --- merge keys

// "<<": the entries of the mapping, or of each mapping of the list (of these the first wins), are put
// where the merge key is: entries after it override them, entries before it do not (yaml.v2).
static bool merge_mapping(struct yaml_builder *b, struct json *into, const struct json *from,
                          struct yaml_mark at)
{
    if (json_type(from) != JSON_OBJECT) {
        return yaml_bad(b->problem, at, "'<<' needs a mapping or a list of mappings");
    }
    for (const struct json *c = json_first(from); c != NULL; c = json_next(c)) {
        if (!count_copies(b, size_of(c), at)) {
            return false;
        }
        struct json *copy = json_add(into, json_key(c), json_dup(c));
        yaml_doc_mark_copy(&b->doc, c, copy);
    }
    return true;
}

// From the last to the first, so that the first is the last to be put.
static bool merge_list(struct yaml_builder *b, struct json *into, const struct json *list,
                       struct yaml_mark at)
{
    size_t n = json_count(list), i = n;
    const struct json **items = xcalloc(n, sizeof *items);
    for (const struct json *c = json_first(list); c != NULL; c = json_next(c)) {
        items[--i] = c;
    }
    bool ok = true;
    for (; ok && i < n; i++) {
        ok = merge_mapping(b, into, items[i], at);
    }
    free(items);
    return ok;
}

static bool merge(struct yaml_builder *b, struct json *into, const struct json *value,
                  struct yaml_mark at)
{
    return json_type(value) == JSON_ARRAY ? merge_list(b, into, value, at)
                                          : merge_mapping(b, into, value, at);
}

// --- putting values where they belong

// The next scalar or alias of a mapping is a key.
static bool wants_key(struct yaml_builder *b)
{
    const struct frame *f = top(b);
    return f != NULL && json_type(f->node) == JSON_OBJECT && !f->have_key;
}

static bool take_key(struct yaml_builder *b, char *key, bool is_merge, struct yaml_mark at)
{
    struct frame *f = top(b);
    ASSERT(f != NULL && !f->have_key);
    free(f->key);
    f->key = key;
    f->have_key = true;
    f->merge = is_merge;
    f->key_mark = at;
    return true;
}

static void keep(struct yaml_builder *b, struct json *node)
{
    b->kept = b->kept != NULL ? b->kept : json_new_array();
    json_push(b->kept, node);
}

// The node is owned from here on. The value of "<<" is no entry, but lives as long as the document, because anchors
// may be in it.
static void place(struct yaml_builder *b, struct json *node, struct yaml_mark at)
{
    struct frame *f = top(b);
    struct yaml_mark key = {0, 0};
    if (f == NULL) {
        ASSERT(b->doc.root == NULL);
        b->doc.root = node;
    } else if (json_type(f->node) == JSON_ARRAY) {
        json_push(f->node, node);
    } else {
        ASSERT(f->have_key);
        f->have_key = false;
        if (f->merge) {
            keep(b, node);
        } else {
            json_add(f->node, f->key, node);
            key = f->key_mark;
        }
    }
    yaml_doc_mark(&b->doc, node, at, key);
}

// After a value of the top frame is complete.
static bool completed(struct yaml_builder *b, const struct json *node, int deepest,
                      struct yaml_mark at)
{
    struct frame *f = top(b);
    if (f == NULL) {
        return true;
    }
    f->deepest = deepest + 1 > f->deepest ? deepest + 1 : f->deepest;
    if (f->merge) {
        f->merge = false;
        return merge(b, f->node, node, at);
    }
    return true;
}

static bool new_anchor(struct yaml_builder *b, const char *name, struct yaml_mark at, int *index)
{
    *index = -1;
    if (name == NULL) {
        return true;
    }
    if (b->anchor_count == MAX_ANCHORS) {
        return yaml_bad(b->problem, at, "more than %d anchors", MAX_ANCHORS);
    }
    *index = b->anchor_count++;
    b->anchors[*index] = (struct anchor){.name = xstrdup(name)};
    return true;
}

// --- scalars

static bool take_scalar_key(struct yaml_builder *b, const struct yaml_scalar_text *s,
                            const struct yaml_resolved *r, struct yaml_mark at)
{
    char *key = yaml_scalar_key(s, r);
    return key != NULL ? take_key(b, key, r->type == YAML_MERGE, at)
                       : yaml_bad(b->problem, at, "a key is empty");
}

bool yaml_builder_scalar(struct yaml_builder *b, const struct yaml_scalar_text *s,
                         struct yaml_mark at)
{
    struct yaml_resolved r;
    if (!yaml_scalar_resolve(s, &r)) {
        return yaml_bad(b->problem, at, "not a value of type '%s'", r.tag);
    }
    bool key = wants_key(b);
    if (r.type == YAML_NOT_FINITE && !key) {
        return yaml_bad(b->problem, at,
                        "infinity and not-a-number have no JSON form; quote the value");
    }
    int anchor;
    if (!count_nodes(b, key ? 0 : 1, at) || !new_anchor(b, s->anchor, at, &anchor)) {
        return false;
    }
    if (key && anchor < 0) {
        return take_scalar_key(b, s, &r, at);
    }
    if (top(b) == NULL && r.type == YAML_NULL && s->n == 0) {
        return true; // an empty document
    }
    struct json *node = yaml_scalar_json(s, &r);
    if (node == NULL) {
        return yaml_bad(b->problem, at, "'!!binary' without base64");
    }
    if (anchor >= 0) {
        b->anchors[anchor].node = node;
        b->anchors[anchor].nodes = 1;
    }
    if (key) {
        keep(b, node);
        return take_scalar_key(b, s, &r, at);
    }
    place(b, node, at);
    return completed(b, node, 0, at);
}

// --- mappings, lists and aliases

bool yaml_builder_begin(struct yaml_builder *b, bool mapping, const char *anchor,
                        struct yaml_mark at)
{
    if (wants_key(b)) {
        return yaml_bad(b->problem, at, "a key that is a %s", mapping ? "mapping" : "list");
    }
    if (b->depth == b->max_depth) {
        return too_deep(b, at);
    }
    struct frame f = {.anchor = -1};
    if (!count_nodes(b, 1, at) || !new_anchor(b, anchor, at, &f.anchor)) {
        return false;
    }
    f.node = mapping ? json_new_object() : json_new_array();
    if (f.anchor >= 0) {
        b->anchors[f.anchor].nodes = b->nodes - 1;
    }
    place(b, f.node, at);
    b->stack[b->depth++] = f;
    return true;
}

bool yaml_builder_end(struct yaml_builder *b)
{
    ASSERT(b->depth > 0);
    struct frame f = b->stack[--b->depth];
    free(f.key);
    if (f.anchor >= 0) {
        struct anchor *a = &b->anchors[f.anchor];
        a->node = f.node;
        a->nodes = b->nodes - a->nodes;
        a->deepest = f.deepest;
    }
    return completed(b, f.node, f.deepest, yaml_value_mark(&b->doc, f.node));
}

bool yaml_builder_alias(struct yaml_builder *b, const char *name, struct yaml_mark at)
{
    const struct anchor *a = NULL;
    for (int i = b->anchor_count; i-- > 0 && a == NULL;) {
        a = strcmp(b->anchors[i].name, name) == 0 ? &b->anchors[i] : NULL;
    }
    if (a == NULL) {
        return yaml_bad(b->problem, at, "unknown anchor '%s'", name);
    }
    if (a->node == NULL) {
        return yaml_bad(b->problem, at, "anchor '%s' contains itself", name);
    }
    if (wants_key(b)) {
        const char *s = json_string(a->node);
        return s != NULL ? take_key(b, xstrdup(s), false, at)
                         : yaml_bad(b->problem, at, "a key that is %s",
                                    json_type_name(json_type(a->node)));
    }
    if (b->depth + a->deepest > b->max_depth) {
        return too_deep(b, at);
    }
    if (!count_copies(b, a->nodes, at)) {
        return false;
    }
    struct json *node = json_dup(a->node);
    yaml_doc_mark_copy(&b->doc, a->node, node);
    place(b, node, at);
    return completed(b, node, a->deepest, at);
}

bool yaml_builder_json(struct yaml_builder *b, struct json *root, struct yaml_mark at)
{
    if (size_of(root) > b->max_nodes || depth_of(root) > b->max_depth) {
        return false;
    }
    yaml_builder_reset(b);
    place(b, root, at);
    return true;
}

// --- the end of a document

struct mapping_keys { // of one mapping
    const char **at;
    size_t n, cap;
};

// Of equal keys the last one stays.
static void drop_duplicates(struct json *j, struct mapping_keys *keys)
{
    keys->n = 0;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        if (json_key(c) != NULL) {
            *ARRAY_PUSH(keys->at, keys->n, keys->cap) = json_key(c);
        }
    }
    if (keys->n > 1) {
        qsort(keys->at, keys->n, sizeof *keys->at, str_order);
    }
    for (size_t i = 0, next; i < keys->n; i = next) {
        for (next = i + 1; next < keys->n && strcmp(keys->at[i], keys->at[next]) == 0;) {
            next++;
        }
        if (next - i > 1) {
            char *key = xstrdup(keys->at[i]); // which goes with its node
            for (size_t drop = next - i - 1; drop > 0; drop--) {
                json_remove(j, key); // the first of them
            }
            free(key);
        }
    }
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        drop_duplicates(unconst(c), keys);
    }
}

struct yaml_doc yaml_builder_take(struct yaml_builder *b)
{
    ASSERT(b->depth == 0);
    struct mapping_keys keys = {0};
    drop_duplicates(b->doc.root, &keys);
    free(keys.at);
    struct yaml_doc doc = b->doc;
    b->doc = (struct yaml_doc){0};
    yaml_builder_reset(b);
    return doc;
}
