// SPDX-License-Identifier: Apache-2.0
// A persistent hash map: a hash array mapped trie with reference-counted nodes.
#include "kube/base/pmap.h"

#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// Each level of branches takes 5 bits of the 64 of a hash, the last one the 4 that are left.
enum { BITS = 5, MAX_SHIFT = 60, LEVELS = MAX_SHIFT / BITS + 1 };

// A branch has a bitmap and one slot for each bit set; a slot holds a value where its bit of `leaf` is set, else a
// node. Below the last level there is one collision node (bitmap 0): a plain list of values of one hash.
struct pmap_node {
    _Atomic uint32_t refs;
    uint32_t bitmap, leaf;
    uint32_t count; // slots
    const void *slot[];
};
static_assert(LEVELS + 1 <= ARRAY_COUNT(((struct pmap_iter *)0)->node),
              "an iterator reaches the deepest node");

static uint64_t hash_of(const char *a, const char *b)
{
    return hash_mix(str_hash(a), str_hash(b) + 1);
}

static bool same(const char *x, const char *y)
{
    return strcmp(str_or_empty(x), str_or_empty(y)) == 0;
}

static bool has_key(const struct pmap_type *t, const void *v, const char *a, const char *b)
{
    const char *va = NULL, *vb = NULL;
    t->key(v, &va, &vb);
    return same(va, a) && same(vb, b);
}

static struct pmap_node *new_node(uint32_t bitmap, uint32_t leaf, uint32_t count)
{
    struct pmap_node *n = xmalloc(sizeof *n + count * sizeof n->slot[0]);
    atomic_init(&n->refs, 1);
    n->bitmap = bitmap;
    n->leaf = leaf;
    n->count = count;
    return n;
}

// The bit of the i-th slot of a branch.
static uint32_t bit_of(const struct pmap_node *n, uint32_t i)
{
    uint32_t map = n->bitmap;
    for (; i > 0; i--) {
        map &= map - 1;
    }
    return map & (~map + 1);
}

static bool slot_is_leaf(const struct pmap_node *n, uint32_t i)
{
    return n->bitmap == 0 || (n->leaf & bit_of(n, i)) != 0;
}

static struct pmap_node *as_node(const void *p)
{
    return unconst(p);
}

static void node_unref(const struct pmap_type *t, struct pmap_node *n)
{
    if (n == NULL) {
        return;
    }
    uint32_t refs = atomic_fetch_sub_explicit(&n->refs, 1, memory_order_acq_rel);
    ASSERT(refs > 0);
    if (refs > 1) {
        return;
    }
    for (uint32_t i = 0; i < n->count; i++) {
        if (slot_is_leaf(n, i)) {
            t->unref(n->slot[i]);
        } else {
            node_unref(t, as_node(n->slot[i]));
        }
    }
    free(n);
}

static void node_ref(struct pmap_node *n)
{
    atomic_fetch_add_explicit(&n->refs, 1, memory_order_relaxed);
}

// A node with room for `count` slots that only the caller holds; consumes the caller's reference on n.
// Slots are copied as they are; the caller then moves them.
static struct pmap_node *own(const struct pmap_type *t, struct pmap_node *n, uint32_t count)
{
    if (atomic_load_explicit(&n->refs, memory_order_acquire) == 1) {
        return count > n->count ? xrealloc(n, sizeof *n + count * sizeof n->slot[0]) : n;
    }
    struct pmap_node *m = new_node(n->bitmap, n->leaf, count > n->count ? count : n->count);
    m->count = n->count;
    memcpy(m->slot, n->slot, n->count * sizeof n->slot[0]);
    for (uint32_t i = 0; i < n->count; i++) {
        if (slot_is_leaf(n, i)) {
            t->ref(n->slot[i]);
        } else {
            node_ref(as_node(n->slot[i]));
        }
    }
    node_unref(t, n);
    return m;
}

// Where the slot of a bit is, or would be.
static uint32_t index_of(const struct pmap_node *n, uint32_t bit)
{
    uint32_t i = (uint32_t)__builtin_popcount(n->bitmap & (bit - 1));
    ASSERT(i <= n->count);
    return i;
}

static uint32_t bit_at(uint64_t hash, int shift)
{
    return 1U << ((hash >> shift) & 31);
}

static struct pmap_node *single(const void *value, uint64_t hash, int shift)
{
    uint32_t bit = shift > MAX_SHIFT ? 0 : bit_at(hash, shift);
    struct pmap_node *n = new_node(bit, bit, 1);
    n->slot[0] = value;
    return n;
}

// The index of a key in a collision node, its count where the key is not there.
static uint32_t find_in_list(const struct pmap_type *t, const struct pmap_node *n, const char *a,
                             const char *b)
{
    uint32_t i = 0;
    while (i < n->count && !has_key(t, n->slot[i], a, b)) {
        i++;
    }
    return i;
}

static void replace(const struct pmap_type *t, const void **slot, const void *value)
{
    t->unref(*slot);
    *slot = value;
}

static struct pmap_node *put_in_list(const struct pmap_type *t, struct pmap_node *n,
                                     const void *value, const char *a, const char *b, bool *added)
{
    uint32_t i = find_in_list(t, n, a, b);
    *added = i == n->count;
    n = own(t, n, n->count + *added);
    if (*added) {
        n->slot[n->count++] = value;
    } else {
        replace(t, &n->slot[i], value);
    }
    return n;
}

// Puts value (whose reference is consumed) below n; says whether the key is new.
static struct pmap_node *put(const struct pmap_type *t, struct pmap_node *n, const void *value,
                             const char *a, const char *b, uint64_t hash, int shift, bool *added)
{
    if (n == NULL) {
        *added = true;
        return single(value, hash, shift);
    }
    if (shift > MAX_SHIFT) {
        return put_in_list(t, n, value, a, b, added);
    }
    uint32_t bit = bit_at(hash, shift), i = index_of(n, bit);
    if ((n->bitmap & bit) == 0) {
        n = own(t, n, n->count + 1);
        memmove(&n->slot[i + 1], &n->slot[i], (n->count - i) * sizeof n->slot[0]);
        n->slot[i] = value;
        n->count++;
        n->bitmap |= bit;
        n->leaf |= bit;
        *added = true;
        return n;
    }
    n = own(t, n, n->count);
    if ((n->leaf & bit) == 0) {
        n->slot[i] = put(t, as_node(n->slot[i]), value, a, b, hash, shift + BITS, added);
        return n;
    }
    if (has_key(t, n->slot[i], a, b)) {
        replace(t, &n->slot[i], value);
        return n;
    }
    const char *oa = NULL, *ob = NULL; // two values where there was one: both go a level down
    t->key(n->slot[i], &oa, &ob);
    struct pmap_node *sub = single(n->slot[i], hash_of(oa, ob), shift + BITS);
    n->slot[i] = put(t, sub, value, a, b, hash, shift + BITS, added);
    n->leaf &= ~bit;
    return n;
}

// Takes a slot, whose reference is gone, out of a node of ours; NULL if it was the last one.
static struct pmap_node *drop_slot(const struct pmap_type *t, struct pmap_node *n, uint32_t i,
                                   uint32_t bit)
{
    n->count--;
    memmove(&n->slot[i], &n->slot[i + 1], (n->count - i) * sizeof n->slot[0]);
    n->bitmap &= ~bit;
    n->leaf &= ~bit;
    if (n->count > 0) {
        return n;
    }
    node_unref(t, n);
    return NULL;
}

// Removes a key that is there.
static struct pmap_node *del(const struct pmap_type *t, struct pmap_node *n, const char *a,
                             const char *b, uint64_t hash, int shift)
{
    ASSERT(n != NULL);
    bool list = shift > MAX_SHIFT;
    uint32_t bit = list ? 0 : bit_at(hash, shift);
    uint32_t i = list ? find_in_list(t, n, a, b) : index_of(n, bit);
    ASSERT(i < n->count && (n->bitmap & bit) == bit);
    n = own(t, n, n->count);
    if (list || (n->leaf & bit) != 0) {
        t->unref(n->slot[i]);
        return drop_slot(t, n, i, bit);
    }
    struct pmap_node *sub = del(t, as_node(n->slot[i]), a, b, hash, shift + BITS);
    if (sub == NULL) {
        return drop_slot(t, n, i, bit);
    }
    n->slot[i] = sub;
    if (sub->count == 1 && slot_is_leaf(sub, 0)) { // a lone value is pulled up
        n->slot[i] = sub->slot[0];
        n->leaf |= bit;
        t->ref(n->slot[i]);
        node_unref(t, sub);
    }
    return n;
}

void pmap_init(struct pmap *m, const struct pmap_type *type)
{
    m->type = type;
    m->root = NULL;
    m->count = 0;
}

void pmap_release(struct pmap *m)
{
    node_unref(m->type, m->root);
    m->root = NULL;
    m->count = 0;
}

struct pmap pmap_copy(const struct pmap *m)
{
    if (m->root != NULL) {
        node_ref(m->root);
    }
    return *m;
}

static const void *find(const struct pmap *m, const char *a, const char *b, uint64_t hash)
{
    const struct pmap_node *n = m->root;
    for (int shift = 0; n != NULL; shift += BITS) {
        if (shift > MAX_SHIFT) {
            for (uint32_t i = 0; i < n->count; i++) {
                if (has_key(m->type, n->slot[i], a, b)) {
                    return n->slot[i];
                }
            }
            return NULL;
        }
        uint32_t bit = bit_at(hash, shift);
        if ((n->bitmap & bit) == 0) {
            return NULL;
        }
        const void *p = n->slot[index_of(n, bit)];
        if ((n->leaf & bit) != 0) {
            return has_key(m->type, p, a, b) ? p : NULL;
        }
        n = p;
    }
    return NULL;
}

const void *pmap_get(const struct pmap *m, const char *a, const char *b)
{
    return find(m, a, b, hash_of(a, b));
}

void pmap_put(struct pmap *m, const void *value)
{
    const char *a = NULL, *b = NULL;
    m->type->key(value, &a, &b);
    m->type->ref(value);
    bool added = false;
    m->root = put(m->type, m->root, value, a, b, hash_of(a, b), 0, &added);
    m->count += added;
}

bool pmap_del(struct pmap *m, const char *a, const char *b)
{
    uint64_t hash = hash_of(a, b);
    if (find(m, a, b, hash) == NULL) {
        return false;
    }
    m->root = del(m->type, m->root, a, b, hash, 0);
    m->count--;
    return true;
}

const void *pmap_get_own(struct pmap *m, const char *a, const char *b)
{
    uint64_t hash = hash_of(a, b);
    const void *found = find(m, a, b, hash);
    const void **link = NULL;
    struct pmap_node *n = m->root;
    for (int shift = 0; found != NULL; shift += BITS) {
        n = own(m->type, n, n->count);
        if (link == NULL) {
            m->root = n;
        } else {
            *link = n;
        }
        if (shift > MAX_SHIFT) {
            return found;
        }
        uint32_t bit = bit_at(hash, shift);
        if ((n->leaf & bit) != 0) {
            return found;
        }
        link = &n->slot[index_of(n, bit)];
        n = as_node(*link);
    }
    return NULL;
}

void pmap_begin(struct pmap_iter *it, const struct pmap *m)
{
    it->depth = m->root != NULL ? 0 : -1;
    it->node[0] = m->root;
    it->at[0] = 0;
}

const void *pmap_next(struct pmap_iter *it)
{
    while (it->depth >= 0) {
        const struct pmap_node *n = it->node[it->depth];
        uint32_t i = it->at[it->depth]++;
        if (i >= n->count) {
            it->depth--;
        } else if (slot_is_leaf(n, i)) {
            return n->slot[i];
        } else {
            it->depth++;
            ASSERT(it->depth <= LEVELS);
            it->node[it->depth] = n->slot[i];
            it->at[it->depth] = 0;
        }
    }
    return NULL;
}
