// SPDX-License-Identifier: Apache-2.0
// Makes the chains again that a change touches.
//
// The rows of one owner, a VirtualService or Gateway, are made as a whole (owner_rows.h). Meanwhile every key that is
// looked up is noted (mesh.h). A change of an object makes its keys dirty, and the rows of owners that noted one of
// them are made again.
#include "kube/mesh/chain/apps.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"
#include "kube/base/time_text.h"

#include "kube/store/index.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/owner_rows.h"

#include <stdlib.h>
#include <string.h>

// A VirtualService or Gateway that appeared, changed or went.
struct changed_owner {
    enum kind kind;
    char *ns, *name;
};

struct apps {
    const struct dns_settings *dns;
    struct pmap owners;   // owner_rows.h
    size_t rows;          // of all owners
    struct key_set dirty; // since the last update
    struct changed_owner *changed;
    size_t nchanged, cap_changed;
    int64_t next;
    long made;
    apps_evaluated_fn *evaluated; // NULL: not reported
    void *evaluated_self;
    struct arena arena, scratch; // for the rows that are being made; for the change or update
    struct key_set deps;         // of the rows that are being made
};

struct apps *apps_new(const struct dns_settings *dns)
{
    struct apps *a = xcalloc(1, sizeof *a);
    a->dns = dns;
    a->next = TIME_NONE;
    pmap_init(&a->owners, &owner_rows_map_type);
    arena_init(&a->arena);
    arena_init(&a->scratch);
    return a;
}

static void forget_changed(struct apps *a)
{
    for (size_t i = 0; i < a->nchanged; i++) {
        free(a->changed[i].ns);
        free(a->changed[i].name);
    }
    a->nchanged = 0;
}

void apps_free(struct apps *a)
{
    if (a == NULL) {
        return;
    }
    forget_changed(a);
    free(a->changed);
    key_set_release(&a->dirty);
    key_set_release(&a->deps);
    pmap_release(&a->owners);
    arena_release(&a->arena);
    arena_release(&a->scratch);
    free(a);
}

// --- changes

struct emitter {
    void (*emit)(void *self, uint64_t key);
    void *self;
};

static void emit_entry(void *self, enum index_kind i, const char *x, const char *y)
{
    const struct emitter *e = self;
    e->emit(e->self, mesh_key_index(i, x, y));
}

void apps_change_keys(const struct object *before, const struct object *after,
                      struct arena *scratch, void (*emit)(void *self, uint64_t key), void *self)
{
    const struct object *o = after != NULL ? after : before;
    enum kind k = (enum kind)o->kind;
    struct emitter e = {emit, self};
    emit(self, mesh_key_object(k, o->ns, o->name));
    emit(self, mesh_key_kind(k));
    for (int side = 0; side < 2; side++) {
        const struct object *x = side == 0 ? before : after;
        if (x != NULL) {
            arena_clear(scratch);
            index_entries(x, scratch, emit_entry, &e);
        }
    }
}

static void note_key(void *self, uint64_t key)
{
    key_set_add(self, key);
}

void apps_changed(void *self, const struct object *before, const struct object *after)
{
    struct apps *a = self;
    const struct object *o = after != NULL ? after : before;
    enum kind k = (enum kind)o->kind;
    apps_change_keys(before, after, &a->scratch, note_key, &a->dirty);
    if (k == KIND_VIRTUALSERVICE || k == KIND_GATEWAY) {
        *ARRAY_PUSH(a->changed, a->nchanged, a->cap_changed) =
            (struct changed_owner){k, xstrdup(o->ns), xstrdup(o->name)};
    }
}

void apps_kind_state_changed(struct apps *a, enum kind k)
{
    key_set_add(&a->dirty, mesh_key_kind_state(k));
}

void apps_key_changed(struct apps *a, uint64_t key)
{
    key_set_add(&a->dirty, key);
}

// --- the update

static struct owner_rows *make_rows(struct apps *a, const struct snapshot *view, int64_t now,
                                    const char *kind_ns, const struct object *owner)
{
    arena_clear(&a->arena);
    key_set_clear(&a->deps);
    struct mesh m = {
        .snap = view, .arena = &a->arena, .now = now, .touch = note_key, .touch_self = &a->deps};
    struct chain_list chains = {0};
    chain_list_of_object(&m, owner, a->dns, &chains);
    a->made += chains.n > 0 ? chains.n : 1;
    key_set_sort(&a->deps);
    return owner_rows_new(kind_ns, owner, &chains, &a->deps);
}

static void report(const struct apps *a, struct apps_evaluation e, const struct owner_rows *old,
                   const struct owner_rows *made)
{
    if (a->evaluated == NULL) {
        return;
    }
    if (old != NULL) {
        e.before = old->rows;
        e.nbefore = old->nrows;
    }
    if (made != NULL) {
        e.after = made->rows;
        e.nafter = made->nrows;
    }
    a->evaluated(a->evaluated_self, &e);
}

// Makes the rows of an owner again, or drops them with the owner. e: which owner, and why.
static void refresh(struct apps *a, const struct snapshot *view, int64_t now,
                    const struct apps_evaluation *e)
{
    const struct object *o = snapshot_get(view, e->kind, e->ns, e->name);
    const char *key = owner_rows_key(&a->scratch, e->kind, e->ns);
    const struct owner_rows *old = pmap_get(&a->owners, key, e->name);
    struct owner_rows *made = o != NULL ? make_rows(a, view, now, key, o) : NULL;
    report(a, *e, old, made);
    a->rows -= old != NULL ? old->nrows : 0;
    if (made == NULL) {
        pmap_del(&a->owners, key, e->name);
        return;
    }
    a->rows += made->nrows;
    pmap_put(&a->owners, made);
    owner_rows_unref(made);
}

void apps_on_evaluated(struct apps *a, apps_evaluated_fn *fn, void *self)
{
    a->evaluated = fn;
    a->evaluated_self = self;
}

static int by_owner(const void *x, const void *y)
{
    const struct changed_owner *a = x, *b = y;
    int c = (a->kind > b->kind) - (a->kind < b->kind);
    c = c != 0 ? c : strcmp(a->ns, b->ns);
    return c != 0 ? c : strcmp(a->name, b->name);
}

// Makes the rows of owners that appeared, changed or went.
static void refresh_changed(struct apps *a, const struct snapshot *view, int64_t now)
{
    if (a->nchanged > 1) {
        qsort(a->changed, a->nchanged, sizeof *a->changed, by_owner);
    }
    for (size_t i = 0; i < a->nchanged; i++) {
        const struct changed_owner *o = &a->changed[i];
        if (i == 0 || by_owner(o - 1, o) != 0) { // many changes of one object are one
            const struct apps_evaluation e = {
                .kind = o->kind, .ns = o->ns, .name = o->name, .cause = APPS_OWNER};
            refresh(a, view, now, &e);
        }
    }
    forget_changed(a);
}

// Makes the rows of `before` that noted a dirty key or are due, but those that were made a moment ago.
static void refresh_touched(struct apps *a, const struct snapshot *view, int64_t now,
                            const struct pmap *before)
{
    struct pmap_iter it;
    const struct owner_rows *g;
    for (pmap_begin(&it, before); (g = pmap_next(&it)) != NULL;) {
        bool due = g->valid_until != TIME_NONE && g->valid_until <= now;
        const uint32_t *key = keys_common(g->deps, g->ndeps, a->dirty.at, a->dirty.n);
        if ((due || key != NULL) && pmap_get(&a->owners, g->kind_ns, g->name) == g) {
            const struct apps_evaluation e = {.kind = owner_rows_kind(g),
                                              .ns = g->kind_ns + 1,
                                              .name = g->name,
                                              .cause = key != NULL ? APPS_LOOKUP : APPS_TIME,
                                              .key = key != NULL ? *key : 0};
            refresh(a, view, now, &e);
        }
    }
}

static int64_t earliest_end(const struct pmap *owners)
{
    int64_t next = TIME_NONE;
    struct pmap_iter it;
    const struct owner_rows *g;
    for (pmap_begin(&it, owners); (g = pmap_next(&it)) != NULL;) {
        if (g->valid_until != TIME_NONE && (next == TIME_NONE || g->valid_until < next)) {
            next = g->valid_until;
        }
    }
    return next;
}

const void *apps_update(struct apps *a, const struct snapshot *view, int64_t now)
{
    key_set_sort(&a->dirty);
    arena_clear(&a->scratch);
    struct pmap before = pmap_copy(&a->owners);
    refresh_changed(a, view, now);
    bool due = a->next != TIME_NONE && a->next <= now;
    if (a->dirty.n != 0 || due) {
        refresh_touched(a, view, now, &before);
    }
    pmap_release(&before);
    key_set_clear(&a->dirty);
    a->next = earliest_end(&a->owners);
    return app_rows_new(&a->owners, a->rows);
}

int64_t apps_next(const struct apps *a)
{
    return a->next;
}

long apps_made(const struct apps *a)
{
    return a->made;
}
