// SPDX-License-Identifier: Apache-2.0
// All chains of a cluster, kept up to date.
//
// The rows of one VirtualService (or of a Gateway's unused hosts) are a group, made as a whole. While it is
// made, every key that was looked up is noted (mesh.h); a change of an object dirties its keys, and the
// groups that noted one of them are made again. Keys are kept in 32 bits: a false hit only costs work.
#include "kube/mesh/chain/apps.h"

#include "kube/base/text.h"

#include "kube/store/index.h"

#include <stdlib.h>
#include <string.h>

struct group {
    _Atomic uint32_t refs;
    uint32_t nrows, ndeps;
    const char *kind_ns, *name; // the key: a letter for the kind and the namespace; the name
    const uint32_t *deps;       // sorted
    int64_t valid_until;
    struct app_row rows[];
};

struct rows { // what a snapshot carries
    _Atomic uint32_t refs;
    struct pmap groups;
    size_t count;
};

struct dirty { // a set of 32-bit keys, sorted before it is looked at
    uint32_t *at;
    size_t n, cap;
};

struct owner { // a VirtualService or Gateway that appeared or changed
    enum kind kind;
    char *ns, *name;
};

struct apps {
    const struct dns_settings *dns;
    struct pmap groups;
    size_t rows;
    struct dirty dirty;
    struct owner *owners;
    size_t nowners, cap_owners;
    int64_t next;
    long made;
    struct arena arena, scratch;
    struct dirty deps; // of the group that is being made
};

// --- the map of groups

static struct group *mutable_group(const void *v)
{
    union {
        const void *c;
        struct group *m;
    } u = {.c = v};
    return u.m;
}

static void group_ref(const void *v)
{
    atomic_fetch_add_explicit(&mutable_group(v)->refs, 1, memory_order_relaxed);
}

static void group_unref(const void *v)
{
    if (atomic_fetch_sub_explicit(&mutable_group(v)->refs, 1, memory_order_acq_rel) == 1) {
        free(mutable_group(v));
    }
}

static void group_key(const void *v, const char **a, const char **b)
{
    const struct group *g = v;
    *a = g->kind_ns;
    *b = g->name;
}

static const struct pmap_type groups_type = {group_ref, group_unref, group_key};

// --- dirty keys

static void dirty_add(struct dirty *d, uint64_t key)
{
    if (d->n == d->cap) {
        d->cap = d->cap == 0 ? 64 : d->cap * 2;
        d->at = xrealloc(d->at, d->cap * sizeof *d->at);
    }
    d->at[d->n++] = (uint32_t)(key ^ (key >> 32));
}

static int by_value(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static void dirty_sort(struct dirty *d)
{
    if (d->n == 0) {
        return;
    }
    qsort(d->at, d->n, sizeof *d->at, by_value);
    size_t n = 1;
    for (size_t i = 1; i < d->n; i++) {
        if (d->at[i] != d->at[n - 1]) {
            d->at[n++] = d->at[i];
        }
    }
    d->n = n;
}

static bool sorted_has(const uint32_t *at, size_t n, uint32_t key)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (at[mid] < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < n && at[low] == key;
}

// Whether two sorted sets meet; walks the smaller one.
static bool sorted_meet(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
    if (na > nb) {
        return sorted_meet(b, nb, a, na);
    }
    for (size_t i = 0; i < na; i++) {
        if (sorted_has(b, nb, a[i])) {
            return true;
        }
    }
    return false;
}

static void note(void *self, uint64_t key)
{
    dirty_add(&((struct apps *)self)->deps, key);
}

// --- changes

struct apps *apps_new(const struct dns_settings *dns)
{
    struct apps *a = xcalloc(1, sizeof *a);
    a->dns = dns;
    a->next = TIME_NONE;
    pmap_init(&a->groups, &groups_type);
    arena_init(&a->arena);
    arena_init(&a->scratch);
    return a;
}

void apps_free(struct apps *a)
{
    if (a == NULL) {
        return;
    }
    for (size_t i = 0; i < a->nowners; i++) {
        free(a->owners[i].ns);
        free(a->owners[i].name);
    }
    free(a->owners);
    free(a->dirty.at);
    free(a->deps.at);
    pmap_release(&a->groups);
    arena_release(&a->arena);
    arena_release(&a->scratch);
    free(a);
}

static void add_owner(struct apps *a, enum kind k, const char *ns, const char *name)
{
    if (a->nowners == a->cap_owners) {
        a->cap_owners = a->cap_owners == 0 ? 64 : a->cap_owners * 2;
        a->owners = xrealloc(a->owners, a->cap_owners * sizeof *a->owners);
    }
    a->owners[a->nowners++] = (struct owner){k, xstrdup(ns), xstrdup(name)};
}

static void dirty_entry(void *self, enum index_kind i, const char *x, const char *y)
{
    dirty_add(self, mesh_key_index(i, x, y));
}

void apps_changed(void *self, const struct object *before, const struct object *after)
{
    struct apps *a = self;
    const struct object *o = after != NULL ? after : before;
    enum kind k = (enum kind)o->kind;
    dirty_add(&a->dirty, mesh_key_object(k, o->ns, o->name));
    dirty_add(&a->dirty, mesh_key_kind(k));
    for (int side = 0; side < 2; side++) {
        const struct object *x = side == 0 ? before : after;
        if (x != NULL) {
            arena_clear(&a->scratch);
            index_entries(x, &a->scratch, dirty_entry, &a->dirty);
        }
    }
    if (k == KIND_VIRTUALSERVICE || k == KIND_GATEWAY) {
        add_owner(a, k, o->ns, o->name);
    }
}

void apps_kind_state_changed(struct apps *a, enum kind k)
{
    dirty_add(&a->dirty, mesh_key_kind_state(k));
}

void apps_key_changed(struct apps *a, uint64_t key)
{
    dirty_add(&a->dirty, key);
}

// --- making groups

static const char *owner_key(struct arena *a, enum kind k, const char *ns)
{
    return arena_printf(a, "%c%s", k == KIND_GATEWAY ? 'g' : 'v', ns);
}

// Strings are put behind the rows, in the block of the group.
struct packer {
    char *at; // NULL: only counting
    size_t bytes;
};

static const char *pack(struct packer *p, const char *s)
{
    if (s == NULL) {
        return NULL;
    }
    size_t n = strlen(s) + 1;
    const char *place = p->at != NULL ? memcpy(p->at + p->bytes, s, n) : s;
    p->bytes += n;
    return place;
}

static void pack_group(struct group *g, struct packer *p, const struct object *owner,
                       const char *kind_ns, const struct chains *c)
{
    g->kind_ns = pack(p, kind_ns);
    g->name = pack(p, owner->name);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct chain *x = &c->at[i];
        struct app_row r = {
            .ns = strcmp(x->ns, g->kind_ns + 1) == 0 ? g->kind_ns + 1 : pack(p, x->ns),
            .host = pack(p, x->host),
            .gateway = pack(p, x->gateway_id),
            .virtualservice = pack(p, x->vs_id),
            .reason = "",
            .state = (uint8_t)x->state,
            .worst = (uint8_t)x->worst,
            .owner = owner->kind,
            .owner_ns = g->kind_ns + 1,
            .owner_name = g->name,
        };
        if (x->state != VERDICT_OK) {
            r.reason = pack(p, x->link[x->worst].reason != NULL ? x->link[x->worst].reason : "");
        }
        for (int l = 0; l < LINK_COUNT; l++) {
            r.link[l] = (uint8_t)x->link[l].state;
        }
        if (p->at != NULL) {
            g->rows[i] = r;
        }
    }
}

static struct group *make_group(struct apps *a, const struct snapshot *view, int64_t now,
                                const struct object *owner)
{
    arena_clear(&a->arena);
    a->deps.n = 0;
    struct mesh m = {.snap = view, .arena = &a->arena, .now = now, .touch = note, .touch_self = a};
    struct chains c = {0};
    chains_of(&m, owner, a->dns, &c);
    a->made += c.n > 0 ? c.n : 1;
    dirty_sort(&a->deps);

    const char *kind_ns = owner_key(&a->arena, (enum kind)owner->kind, owner->ns);
    struct group dummy = {0};
    struct packer p = {0};
    pack_group(&dummy, &p, owner, kind_ns, &c);
    size_t head = sizeof(struct group) + c.n * sizeof(struct app_row);
    size_t deps = a->deps.n * sizeof(uint32_t);
    struct group *g = xmalloc(head + deps + p.bytes);
    memset(g, 0, sizeof *g);
    atomic_init(&g->refs, 1);
    g->nrows = c.n;
    g->ndeps = (uint32_t)a->deps.n;
    g->valid_until = TIME_NONE;
    for (uint32_t i = 0; i < c.n; i++) {
        int64_t t = c.at[i].valid_until;
        if (t != TIME_NONE && (g->valid_until == TIME_NONE || t < g->valid_until)) {
            g->valid_until = t;
        }
    }
    char *base = (char *)g;
    if (deps != 0) {
        memcpy(base + head, a->deps.at, deps);
    }
    g->deps = (const uint32_t *)(const void *)(base + head);
    p = (struct packer){.at = base + head + deps};
    pack_group(g, &p, owner, kind_ns, &c);
    return g;
}

static void refresh(struct apps *a, const struct snapshot *view, int64_t now, enum kind k,
                    const char *ns, const char *name)
{
    const struct object *o = snapshot_get(view, k, ns, name);
    const char *key = owner_key(&a->scratch, k, ns);
    const struct group *old = pmap_get(&a->groups, key, name);
    a->rows -= old != NULL ? old->nrows : 0;
    if (o == NULL) {
        pmap_del(&a->groups, key, name);
        return;
    }
    struct group *g = make_group(a, view, now, o);
    a->rows += g->nrows;
    pmap_put(&a->groups, g);
    group_unref(g);
}

static int by_owner(const void *x, const void *y)
{
    const struct owner *a = x, *b = y;
    int c = (a->kind > b->kind) - (a->kind < b->kind);
    c = c != 0 ? c : strcmp(a->ns, b->ns);
    return c != 0 ? c : strcmp(a->name, b->name);
}

const void *apps_update(struct apps *a, const struct snapshot *view, int64_t now)
{
    dirty_sort(&a->dirty);
    arena_clear(&a->scratch);
    // Objects that came, changed or went are made by name; others by what they looked at.
    struct pmap before = pmap_copy(&a->groups);
    if (a->nowners > 1) {
        qsort(a->owners, a->nowners, sizeof *a->owners, by_owner);
    }
    for (size_t i = 0; i < a->nowners; i++) {
        const struct owner *o = &a->owners[i];
        if (i == 0 || by_owner(o - 1, o) != 0) { // many changes of one object are one
            refresh(a, view, now, o->kind, o->ns, o->name);
        }
    }
    for (size_t i = 0; i < a->nowners; i++) {
        free(a->owners[i].ns);
        free(a->owners[i].name);
    }
    a->nowners = 0;
    bool due = a->next != TIME_NONE && a->next <= now;
    if (a->dirty.n != 0 || due) {
        struct pmap_iter it;
        const void *v;
        for (pmap_begin(&it, &before); (v = pmap_next(&it)) != NULL;) {
            const struct group *g = v;
            bool stale = g->valid_until != TIME_NONE && g->valid_until <= now;
            if ((stale || sorted_meet(g->deps, g->ndeps, a->dirty.at, a->dirty.n)) &&
                pmap_get(&a->groups, g->kind_ns, g->name) == g) { // not made a moment ago
                refresh(a, view, now, g->kind_ns[0] == 'g' ? KIND_GATEWAY : KIND_VIRTUALSERVICE,
                        g->kind_ns + 1, g->name);
            }
        }
    }
    pmap_release(&before);
    a->dirty.n = 0;
    a->next = TIME_NONE;
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &a->groups); (v = pmap_next(&it)) != NULL;) {
        const struct group *g = v;
        if (g->valid_until != TIME_NONE && (a->next == TIME_NONE || g->valid_until < a->next)) {
            a->next = g->valid_until;
        }
    }
    struct rows *r = xmalloc(sizeof *r);
    atomic_init(&r->refs, 1);
    r->groups = pmap_copy(&a->groups);
    r->count = a->rows;
    return r;
}

void apps_rows_unref(const void *rows)
{
    union {
        const void *c;
        struct rows *m;
    } u = {.c = rows};
    if (rows != NULL && atomic_fetch_sub_explicit(&u.m->refs, 1, memory_order_acq_rel) == 1) {
        pmap_release(&u.m->groups);
        free(u.m);
    }
}

int64_t apps_next(const struct apps *a)
{
    return a->next;
}

long apps_made(const struct apps *a)
{
    return a->made;
}

// --- reading

void apps_begin(struct app_iter *it, const struct snapshot *s)
{
    static const struct pmap none;
    const struct rows *r = s->derived;
    pmap_begin(&it->groups, r != NULL ? &r->groups : &none);
    it->group = NULL;
    it->at = 0;
}

const struct app_row *apps_next_row(struct app_iter *it)
{
    for (;;) {
        const struct group *g = it->group;
        if (g != NULL && it->at < g->nrows) {
            return &g->rows[it->at++];
        }
        it->group = pmap_next(&it->groups);
        it->at = 0;
        if (it->group == NULL) {
            return NULL;
        }
    }
}

size_t apps_count(const struct snapshot *s)
{
    return s->derived != NULL ? ((const struct rows *)s->derived)->count : 0;
}

const struct chain *app_chain(const struct mesh *m, const struct app_row *row,
                              const struct dns_settings *dns)
{
    const struct object *owner = mesh_get(m, (enum kind)row->owner, row->owner_ns, row->owner_name);
    if (owner == NULL) {
        return NULL;
    }
    struct chains c = {0};
    chains_of(m, owner, dns, &c);
    for (uint32_t i = 0; i < c.n; i++) {
        if (str_eq(c.at[i].host, row->host) && str_eq(c.at[i].gateway_id, row->gateway)) {
            return &c.at[i];
        }
    }
    return NULL;
}
