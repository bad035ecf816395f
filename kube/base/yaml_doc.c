// SPDX-License-Identifier: Apache-2.0
// One YAML document: a tree, and a hash table from the addresses of its nodes to their places.
#include "kube/base/yaml_doc.h"

#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <stdlib.h>

struct place {
    const struct json *node; // NULL: the slot is free
    struct yaml_mark value, key;
};

struct yaml_marks {
    struct place *slots;
    size_t cap, used; // cap is a power of two, or 0
};

static struct place *slot_of(const struct yaml_marks *m, const struct json *node)
{
    ASSERT(m->used < m->cap); // else the search for an absent node never ends
    size_t i = (size_t)hash_mix((uint64_t)(uintptr_t)node, 0x9E3779B97F4A7C15u) & (m->cap - 1);
    while (m->slots[i].node != NULL && m->slots[i].node != node) {
        i = (i + 1) & (m->cap - 1);
    }
    return &m->slots[i];
}

static void grow(struct yaml_marks *m)
{
    struct yaml_marks bigger = {.cap = m->cap != 0 ? m->cap * 2 : 64, .used = m->used};
    bigger.slots = xcalloc(bigger.cap, sizeof *bigger.slots);
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].node != NULL) {
            *slot_of(&bigger, m->slots[i].node) = m->slots[i];
        }
    }
    free(m->slots);
    *m = bigger;
}

void yaml_doc_mark(struct yaml_doc *d, const struct json *node, struct yaml_mark value,
                   struct yaml_mark key)
{
    ASSERT(node != NULL);
    if (d->marks == NULL) {
        d->marks = xcalloc(1, sizeof *d->marks);
    }
    if (d->marks->used * 3 >= d->marks->cap * 2) {
        grow(d->marks);
    }
    struct place *p = slot_of(d->marks, node);
    d->marks->used += p->node == NULL;
    *p = (struct place){node, value, key};
}

static struct place place_of(const struct yaml_doc *d, const struct json *node)
{
    if (d->marks == NULL || node == NULL) {
        return (struct place){0};
    }
    return *slot_of(d->marks, node);
}

void yaml_doc_mark_copy(struct yaml_doc *d, const struct json *from, const struct json *copy)
{
    struct place p = place_of(d, from);
    yaml_doc_mark(d, copy, p.value, p.key);
    const struct json *a = json_first(from), *b = json_first(copy);
    for (; a != NULL && b != NULL; a = json_next(a), b = json_next(b)) {
        yaml_doc_mark_copy(d, a, b);
    }
}

struct yaml_mark yaml_value_mark(const struct yaml_doc *d, const struct json *node)
{
    return place_of(d, node).value;
}

struct yaml_mark yaml_key_mark(const struct yaml_doc *d, const struct json *node)
{
    return place_of(d, node).key;
}

void yaml_doc_clear(struct yaml_doc *d)
{
    json_free(d->root);
    if (d->marks != NULL) {
        free(d->marks->slots);
        free(d->marks);
    }
    *d = (struct yaml_doc){0};
}
