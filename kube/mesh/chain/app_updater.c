// SPDX-License-Identifier: Apache-2.0
// Makes the chains again that a change touches.
//
// The rows of one owner, a VirtualService or Gateway, are made as a whole (owner_rows.h). Meanwhile every key that is
// looked up is noted (mesh.h), and so is what the answers depend on that owners share (mesh_memo.h). A change of an
// object makes its keys dirty; an answer that depends on one of them makes its own key dirty; and the rows of owners
// that depend on any of these are made again (dependents.h).
#include "kube/mesh/chain/app_updater.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/pmap.h"
#include "kube/base/time_heap.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include "kube/store/index.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/dependents.h"
#include "kube/mesh/chain/owner_rows.h"
#include "kube/mesh/core/mesh_memo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// A VirtualService or Gateway that appeared, changed or went.
struct changed_owner {
    enum kind kind;
    char *ns, *name;
    long since; // the update that it waits for
};

struct key_list {
    uint32_t *at;
    size_t n, cap;
};

// An owner whose rows are to be made again in an update.
struct touched_owner {
    uint32_t who;
    enum app_cause cause;
    uint32_t key; // of APP_CAUSE_LOOKUP
    long since;   // the update that it waits for
};

struct touched_list {
    struct touched_owner *at;
    size_t n, cap;
};

enum { LARGE = 2000 }; // chains of an owner that is announced before it is evaluated

// What an update has done with the owner of a number.
enum { DONE_TOUCHED = 1, DONE_MADE = 2 };

struct app_updater {
    const struct dns_settings *dns;
    struct pmap owners;    // owner_rows.h
    size_t rows;           // of all owners
    struct key_list dirty; // since the last update
    struct changed_owner *changed;
    size_t nchanged, cap_changed;
    struct touched_list touched;   // left of the last update
    struct dependents *dependents; // owners, with their rows as they are now, and answers
    uint8_t *done;                 // in this update, by number: DONE_*
    uint32_t ndone, cap_done;
    struct key_list marked;     // numbers with such a mark
    struct time_heap deadlines; // of owners, by number
    struct mesh_memo *memo;     // of one update
    long made;
    long slice; // chains of an update, 0: no limit
    long until; // of `made`, in this update
    long updates;
    size_t nlarge;               // owners that wait in this update, each announced before its turn
    bool announced;              // one of them was, and has its turn in this update
    struct buf left;             // app_updater_left
    app_evaluated_fn *evaluated; // NULL: not reported
    void *evaluated_self;
    struct arena arena, scratch; // for the rows that are being made; for the change or update
    struct key_list looked_up;   // for what is being made
};

static void note_key(void *self, uint64_t key)
{
    struct key_list *l = self;
    *ARRAY_PUSH(l->at, l->n, l->cap) = dependents_key(key);
}

// An answer was made: a change of what it depends on makes its users dirty.
static void answer_made(void *self, uint64_t key, const uint64_t *looked_up, size_t n,
                        int64_t until)
{
    (void)until; // its users have the same instant
    struct app_updater *a = self;
    if (n == 0) {
        return; // nothing makes it dirty
    }
    struct key_list keys = {0};
    for (size_t i = 0; i < n; i++) {
        note_key(&keys, looked_up[i]);
    }
    dependents_set_answer(a->dependents, key, keys.at, keys.n);
    free(keys.at);
}

struct app_updater *app_updater_new(const struct dns_settings *dns)
{
    struct app_updater *a = xcalloc(1, sizeof *a);
    a->dns = dns;
    pmap_init(&a->owners, &owner_rows_map_type);
    a->dependents = dependents_new();
    a->memo = mesh_memo_new(answer_made, a);
    buf_init(&a->left, 0);
    arena_init(&a->arena);
    arena_init(&a->scratch);
    return a;
}

static void forget_one(const struct changed_owner *o)
{
    free(o->ns);
    free(o->name);
}

// The lists of a first sync are long and all later ones short, so their memory is freed.
static void forget_changed(struct app_updater *a)
{
    for (size_t i = 0; i < a->nchanged; i++) {
        forget_one(&a->changed[i]);
    }
    free(a->changed);
    a->changed = NULL;
    a->nchanged = a->cap_changed = 0;
}

static void forget_dirty(struct app_updater *a)
{
    free(a->dirty.at);
    a->dirty = (struct key_list){0};
}

void app_updater_free(struct app_updater *a)
{
    if (a == NULL) {
        return;
    }
    forget_changed(a);
    forget_dirty(a);
    free(a->touched.at);
    buf_release(&a->left);
    free(a->looked_up.at);
    free(a->done);
    free(a->marked.at);
    dependents_free(a->dependents);
    mesh_memo_free(a->memo);
    time_heap_release(&a->deadlines);
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

void app_updater_change_keys(const struct object *before, const struct object *after,
                             struct arena *scratch, void (*emit)(void *self, uint64_t key),
                             void *self)
{
    const struct object *o = after != NULL ? after : before;
    ASSERT(o != NULL);
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

void app_updater_changed(void *self, const struct object *before, const struct object *after)
{
    struct app_updater *a = self;
    const struct object *o = after != NULL ? after : before;
    enum kind k = (enum kind)o->kind;
    app_updater_change_keys(before, after, &a->scratch, note_key, &a->dirty);
    if (k == KIND_VIRTUALSERVICE || k == KIND_GATEWAY) {
        *ARRAY_PUSH(a->changed, a->nchanged, a->cap_changed) =
            (struct changed_owner){k, xstrdup(o->ns), xstrdup(o->name), a->updates};
    }
}

static_assert((int)KIND_COUNT <= (int)DEPENDENTS_COMMON, "the states of kinds are common keys");

void app_updater_kind_state_changed(struct app_updater *a, enum kind k)
{
    note_key(&a->dirty, mesh_key_kind_state(k));
}

void app_updater_key_changed(struct app_updater *a, uint64_t key)
{
    note_key(&a->dirty, key);
}

// --- the update

static struct owner_rows *make_rows(struct app_updater *a, const struct snapshot *view, int64_t now,
                                    const char *kind_ns, const struct object *o,
                                    const struct owner_rows *old)
{
    arena_clear(&a->arena);
    mesh_memo_trim(a->memo);
    a->looked_up.n = 0;
    struct mesh m = {.snap = view,
                     .arena = &a->arena,
                     .now = now,
                     .touch = note_key,
                     .touch_self = &a->looked_up,
                     .memo = a->memo};
    struct chain_list chains = {0};
    chain_list_of_object(&m, o, a->dns, &chains);
    a->made += chains.n > 0 ? chains.n : 1;
    const uint32_t who = dependents_set(a->dependents, old != NULL ? old->who : DEPENDENT_NONE,
                                        a->looked_up.at, a->looked_up.n);
    return owner_rows_new(kind_ns, o, &chains, who, old, now);
}

// The rows that are there now of an owner's number; NULL for any other number.
static const struct owner_rows *rows_of(const struct app_updater *a, uint32_t who)
{
    return dependents_owner(a->dependents, who);
}

static void forget_owner(struct app_updater *a, const struct owner_rows *old)
{
    ASSERT(rows_of(a, old->who) == old); // a number leads back to its owner
    dependents_remove(a->dependents, old->who);
    pmap_del(&a->owners, old->kind_ns, old->owner->name);
}

static void report(const struct app_updater *a, struct app_evaluation e,
                   const struct owner_rows *old, const struct owner_rows *made)
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

// Marks the owner of a number for this update; false if it has the mark.
static bool mark(struct app_updater *a, uint32_t who, uint8_t done)
{
    while (a->ndone <= who) {
        *ARRAY_PUSH(a->done, a->ndone, a->cap_done) = 0;
    }
    if ((a->done[who] & done) != 0) {
        return false;
    }
    if (a->done[who] == 0) {
        *ARRAY_PUSH(a->marked.at, a->marked.n, a->marked.cap) = who;
    }
    a->done[who] |= done;
    return true;
}

static void clear_marks(struct app_updater *a)
{
    for (size_t i = 0; i < a->marked.n; i++) {
        a->done[a->marked.at[i]] = 0;
    }
    free(a->marked.at); // many after a first list, few after a change
    a->marked = (struct key_list){0};
}

// Keeps the rows that were made instead of the old ones, NULL for the first.
static void keep(struct app_updater *a, const struct owner_rows *old, struct owner_rows *made)
{
    const bool known =
        old != NULL && old->who == made->who && old->valid_until == made->valid_until;
    if (made->valid_until != TIME_NONE && !known) {
        time_heap_add(&a->deadlines, made->who, made->valid_until);
    }
    dependents_set_owner(a->dependents, made->who, made);
    (void)mark(a, made->who, DONE_MADE);
    a->rows += made->nrows;
    pmap_put(&a->owners, made);
    owner_rows_unref(made);
}

// Makes the rows of an owner again, or drops them with the owner. e: which owner, and why.
static void refresh(struct app_updater *a, const struct snapshot *view, int64_t now,
                    const struct app_evaluation *e)
{
    const struct object *o = snapshot_get(view, e->kind, e->ns, e->name);
    const char *key = owner_rows_key(&a->scratch, e->kind, e->ns);
    const struct owner_rows *old = pmap_get(&a->owners, key, e->name);
    struct owner_rows *made = NULL;
    if (o != NULL) {
        made = make_rows(a, view, now, key, o, old);
    }
    report(a, *e, old, made);
    a->rows -= old != NULL ? old->nrows : 0;
    if (made != NULL) {
        keep(a, old, made);
    } else if (old != NULL) {
        forget_owner(a, old);
    }
}

void app_updater_on_evaluated(struct app_updater *a, app_evaluated_fn *fn, void *self)
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

// --- slices

// How many chains an owner has at most.
static uint64_t size_of(const struct object *o)
{
    if (o->kind == KIND_VIRTUALSERVICE) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, o);
        return (uint64_t)vs->hosts.n * (vs->gateways.n > 0 ? vs->gateways.n : 1);
    }
    const struct gateway *gw = OBJECT_AS(gateway, o);
    uint64_t n = 0;
    for (uint32_t i = 0; i < gw->nservers; i++) {
        n += gw->servers[i].hosts.n;
    }
    return n;
}

static void describe_left(struct app_updater *a, const struct object *o)
{
    int n =
        (int)(o->kind == KIND_VIRTUALSERVICE ? OBJECT_AS(virtualservice, o)->hosts.n : size_of(o));
    buf_reset(&a->left);
    buf_addf(&a->left, "%s %s/%s, ", kinds[o->kind].kind, o->ns, o->name);
    if (n < 1000) {
        buf_addf(&a->left, "%d", n);
    } else {
        buf_addf(&a->left, "%d,%03d", n / 1000, n % 1000); // an object has less than a million
    }
    buf_adds(&a->left, n == 1 ? " host" : " hosts");
}

// Whether the owner is evaluated now. Large ones wait until all others had their turn: nobody's change waits for
// theirs.
static bool has_its_turn(struct app_updater *a, const struct snapshot *view, enum kind k,
                         const char *ns, const char *name)
{
    const struct object *o = snapshot_get(view, k, ns, name);
    if (a->slice == 0 || o == NULL) {
        return true; // what has gone goes at once
    }
    if (size_of(o) >= LARGE) {
        a->nlarge++;
        return false;
    }
    if (a->made < a->until) {
        return true;
    }
    if (a->left.len == 0) {
        describe_left(a, o);
    }
    return false;
}

void app_updater_slice(struct app_updater *a, long chains)
{
    a->slice = chains;
}

const char *app_updater_left(const struct app_updater *a)
{
    return a->left.data;
}

// --- all that is dirty

// Makes the rows of owners that appeared, changed or went.
static void refresh_changed(struct app_updater *a, const struct snapshot *view, int64_t now)
{
    if (a->nchanged > 1) {
        qsort(a->changed, a->nchanged, sizeof *a->changed, by_owner);
    }
    size_t left = 0;
    for (size_t i = 0, next; i < a->nchanged; i = next) {
        const struct changed_owner o = a->changed[i];
        long since = o.since;
        for (next = i + 1; next < a->nchanged && by_owner(&o, &a->changed[next]) == 0; next++) {
            since = a->changed[next].since < since ? a->changed[next].since : since;
            forget_one(&a->changed[next]); // many changes of one object are one
        }
        if (has_its_turn(a, view, o.kind, o.ns, o.name)) {
            const struct app_evaluation e = {
                .kind = o.kind, .ns = o.ns, .name = o.name, .cause = APP_CAUSE_OWNER};
            refresh(a, view, now, &e);
            forget_one(&o);
        } else {
            a->changed[left] = o;
            a->changed[left++].since = since;
        }
    }
    a->nchanged = left;
    if (left == 0) {
        forget_changed(a);
    }
}

// Many changes have many keys in common.
static void sort_dirty(struct app_updater *a)
{
    struct key_list *d = &a->dirty;
    if (d->n > 1) {
        qsort(d->at, d->n, sizeof *d->at, number_compare_u32);
    }
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (n == 0 || d->at[i] != d->at[n - 1]) {
            d->at[n++] = d->at[i];
        }
    }
    d->n = n;
}

static void add_touched(struct app_updater *a, struct touched_list *touched, uint32_t who,
                        enum app_cause cause, uint32_t key)
{
    if (rows_of(a, who) != NULL && mark(a, who, DONE_TOUCHED)) {
        *ARRAY_PUSH(touched->at, touched->n, touched->cap) =
            (struct touched_owner){who, cause, key, a->updates};
    }
}

// Finds all that depends on a dirty key: owners are added to the list; answers are forgotten, and their keys become
// dirty too.
static void find_touched(struct app_updater *a, struct touched_list *touched)
{
    struct dependent_list found = {0};
    sort_dirty(a);
    struct key_list causes = {0}; // for each dirty key, which of those that changed made it so
    for (size_t i = 0; i < a->dirty.n; i++) {
        *ARRAY_PUSH(causes.at, causes.n, causes.cap) = a->dirty.at[i];
    }
    for (size_t i = 0; i < a->dirty.n; i++) {
        found.n = 0;
        dependents_find(a->dependents, a->dirty.at[i], &found);
        for (size_t k = 0; k < found.n; k++) {
            uint64_t key;
            if (dependents_is_answer(a->dependents, found.at[k], &key)) {
                note_key(&a->dirty, key);
                const uint32_t cause = causes.at[i];
                *ARRAY_PUSH(causes.at, causes.n, causes.cap) = cause;
                dependents_remove(a->dependents, found.at[k]);
            } else {
                add_touched(a, touched, found.at[k], APP_CAUSE_LOOKUP, causes.at[i]);
            }
        }
    }
    free(causes.at);
    free(found.at);
}

// Owners whose rows are due are added to the list.
static void find_due(struct app_updater *a, int64_t now, struct touched_list *due)
{
    for (const struct time_heap_entry *d;
         (d = time_heap_first(&a->deadlines)) != NULL && d->at <= now;) {
        uint32_t who = d->who;
        time_heap_remove_first(&a->deadlines);
        const struct owner_rows *rows = rows_of(a, who);
        if (rows != NULL && rows->valid_until <= now) {
            add_touched(a, due, who, APP_CAUSE_TIME, 0);
        }
    }
}

static void refresh_one_touched(struct app_updater *a, const struct snapshot *view, int64_t now,
                                const struct touched_owner *t, const struct object *o)
{
    const struct app_evaluation e = {
        .kind = (enum kind)o->kind, .ns = o->ns, .name = o->name, .cause = t->cause, .key = t->key};
    refresh(a, view, now, &e);
}

static bool still_touched(const struct app_updater *a, const struct touched_owner *t)
{
    return rows_of(a, t->who) != NULL && (a->done[t->who] & DONE_MADE) == 0;
}

static void refresh_touched(struct app_updater *a, const struct snapshot *view, int64_t now)
{
    size_t left = 0;
    for (size_t i = 0; i < a->touched.n; i++) {
        const struct touched_owner t = a->touched.at[i];
        if (!still_touched(a, &t)) {
            continue;
        }
        // The rows may be its last holders.
        const struct object *o = object_ref(rows_of(a, t.who)->owner);
        if (has_its_turn(a, view, (enum kind)o->kind, o->ns, o->name)) {
            refresh_one_touched(a, view, now, &t, o);
        } else {
            a->touched.at[left++] = t;
        }
        object_unref(o);
    }
    a->touched.n = left;
    if (left == 0) {
        free(a->touched.at); // many after a first list, few after a change
        a->touched = (struct touched_list){0};
    }
}

// A large owner that waits: at `at` of those that changed, or of those that are touched.
struct large_owner {
    const struct object *o; // NULL: none
    bool changed;
    size_t at;
    long since;
};

static void older(struct large_owner *oldest, const struct object *o, bool changed, size_t at,
                  long since)
{
    if (o != NULL && size_of(o) >= LARGE && (oldest->o == NULL || since < oldest->since)) {
        *oldest = (struct large_owner){o, changed, at, since};
    }
}

// Of all that wait, the one that has waited longest: one that changes all the time does not hold up the others.
static struct large_owner oldest_large(const struct app_updater *a, const struct snapshot *view)
{
    struct large_owner oldest = {0};
    for (size_t i = 0; i < a->nchanged; i++) {
        const struct changed_owner *c = &a->changed[i];
        older(&oldest, snapshot_get(view, c->kind, c->ns, c->name), true, i, c->since);
    }
    for (size_t i = 0; i < a->touched.n; i++) {
        const struct touched_owner *t = &a->touched.at[i];
        const struct object *o = rows_of(a, t->who)->owner;
        older(&oldest, snapshot_get(view, (enum kind)o->kind, o->ns, o->name), false, i, t->since);
    }
    return oldest;
}

static void refresh_large(struct app_updater *a, const struct snapshot *view, int64_t now,
                          const struct large_owner *w)
{
    if (w->changed) {
        struct changed_owner c = a->changed[w->at];
        a->changed[w->at] = a->changed[--a->nchanged];
        const struct app_evaluation e = {
            .kind = c.kind, .ns = c.ns, .name = c.name, .cause = APP_CAUSE_OWNER};
        refresh(a, view, now, &e);
        forget_one(&c);
    } else {
        const struct touched_owner t = a->touched.at[w->at];
        a->touched.at[w->at] = a->touched.at[--a->touched.n];
        const struct object *o = object_ref(rows_of(a, t.who)->owner);
        refresh_one_touched(a, view, now, &t, o);
        object_unref(o);
    }
}

// What has changed is mostly touched as well, and was made with its change.
static void drop_made(struct app_updater *a)
{
    size_t left = 0;
    for (size_t i = 0; i < a->touched.n; i++) {
        if (still_touched(a, &a->touched.at[i])) {
            a->touched.at[left++] = a->touched.at[i];
        }
    }
    a->touched.n = left;
}

// One large owner in an update, after it was announced.
static void refresh_one_large(struct app_updater *a, const struct snapshot *view, int64_t now)
{
    struct large_owner w = {0};
    if (a->nlarge > 0) {
        w = oldest_large(a, view);
    }
    if (w.o != NULL && a->announced) {
        refresh_large(a, view, now, &w);
        drop_made(a);
        w = oldest_large(a, view);
    }
    a->announced = w.o != NULL;
    if (w.o != NULL) {
        describe_left(a, w.o);
    }
}

// An update begins, with what the last one has left.
static void begin_slice(struct app_updater *a)
{
    a->updates++;
    a->nlarge = 0;
    buf_reset(&a->left);
    a->until = a->made + a->slice;
    for (size_t i = 0; i < a->touched.n; i++) {
        (void)mark(a, a->touched.at[i].who, DONE_TOUCHED);
    }
}

static void sum_up_deadlines(struct app_updater *a)
{
    a->deadlines.n = 0;
    struct pmap_iter it;
    pmap_begin(&it, &a->owners);
    for (const struct owner_rows *rows; (rows = pmap_next(&it)) != NULL;) {
        if (rows->valid_until != TIME_NONE) {
            time_heap_add(&a->deadlines, rows->who, rows->valid_until);
        }
    }
}

// Takes out what means nothing any more, so that the first is the next.
static void skip_deadlines(struct app_updater *a)
{
    if (a->deadlines.n > 2 * a->owners.count + 64) {
        sum_up_deadlines(a);
    }
    for (const struct time_heap_entry *d; (d = time_heap_first(&a->deadlines)) != NULL;) {
        const struct owner_rows *rows = rows_of(a, d->who);
        if (rows != NULL && rows->valid_until == d->at) {
            return;
        }
        time_heap_remove_first(&a->deadlines);
    }
}

const void *app_updater_run(struct app_updater *a, const struct snapshot *view, int64_t now)
{
    arena_clear(&a->scratch);
    mesh_memo_clear(a->memo);
    begin_slice(a);
    find_touched(a, &a->touched);
    find_due(a, now, &a->touched);
    refresh_changed(a, view, now);
    refresh_touched(a, view, now);
    refresh_one_large(a, view, now);
    clear_marks(a);
    forget_dirty(a);
    mesh_memo_clear(a->memo);
    skip_deadlines(a);
    return app_rows_new(&a->owners, a->rows);
}

int64_t app_updater_next(const struct app_updater *a)
{
    const struct time_heap_entry *d = time_heap_first(&a->deadlines);
    return d != NULL ? d->at : TIME_NONE;
}

long app_updater_made(const struct app_updater *a)
{
    return a->made;
}
