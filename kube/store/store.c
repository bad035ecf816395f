// SPDX-License-Identifier: Apache-2.0
// The writer's side of snapshots.
#include "kube/store/store.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/store/index.h"
#include "kube/store/probe_result.h"

#include <stdlib.h>
#include <string.h>

// A list that is being received.
struct store_replace {
    struct store_replace *next;
    enum kind kind;
    int id;
    char *ns; // NULL: all namespaces
    unsigned flags;
    struct pmap listed; // unused if `alone`
    // The kind had no objects when the list began, each is shown as it comes, and nothing else has changed the kind:
    // its objects are what was listed.
    bool alone;
};

// Results of probes older than a day are dropped; the sweep comes once in so many new results.
enum { PROBES_KEEP_S = 86400, PROBES_SWEEP = 4096 };

struct store {
    struct snapshot now; // the current contents; its refs are not used
    struct store_replace *replaces;
    struct arena scratch;
    void (*changed)(void *self, const struct object *before, const struct object *after);
    void *changed_self;
    uint32_t probes_put;
};

// --- the types of the maps

static void ref_object(const void *v)
{
    object_ref(v);
}

static void unref_object(const void *v)
{
    object_unref(v);
}

static void key_object(const void *v, const char **a, const char **b)
{
    const struct object *o = v;
    *a = o->ns;
    *b = o->name;
}

static const struct pmap_type objects_type = {ref_object, unref_object, key_object};

static void ref_posting(const void *v)
{
    struct posting *p = unconst(v);
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
}

static void unref_posting(const void *v)
{
    struct posting *p = unconst(v);
    if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1) {
        free(p);
    }
}

static void key_posting(const void *v, const char **a, const char **b)
{
    const struct posting *p = v;
    *a = p->a;
    *b = p->b;
}

static const struct pmap_type postings_type = {ref_posting, unref_posting, key_posting};

// --- postings

// An entry's key. Its texts are the object's own if `lasting`, else they lie in the scratch arena.
struct index_key {
    const char *a, *b;
    bool lasting;
};

static struct posting *new_posting(const struct index_key *key, uint32_t cap)
{
    const size_t la = strlen(key->a) + 1, lb = strlen(key->b) + 1;
    struct posting *p =
        xmalloc(sizeof *p + cap * sizeof p->at[0] + (key->lasting ? 0 : size_add(la, lb)));
    atomic_init(&p->refs, 1);
    p->n = 0;
    p->cap = cap;
    p->own = !key->lasting;
    p->a = key->a;
    p->b = key->b;
    if (p->own) {
        char *text = (char *)&p->at[cap];
        p->a = memcpy(text, key->a, la);
        p->b = memcpy(text + la, key->b, lb);
    }
    return p;
}

// A posting with these objects, and room for more, in place of the one that the map has.
static struct posting *replace_posting(struct pmap *m, const struct index_key *key, uint32_t cap,
                                       const struct object *const *at, uint32_t n)
{
    struct posting *p = new_posting(key, cap);
    if (n > 0) {
        memcpy(p->at, at, n * sizeof p->at[0]);
    }
    p->n = n;
    pmap_put(m, p); // takes its own reference
    unref_posting(p);
    return p;
}

// The object whose index entries are added or removed.
struct index_edit {
    struct store *store;
    const struct object *object;
};

static void index_add(void *self, enum index_kind i, const char *a, const char *b)
{
    const struct index_edit *edit = self;
    struct pmap *m = &edit->store->now.index[i];
    const struct posting *old = pmap_get_own(m, a, b);
    const uint32_t n = old != NULL ? old->n : 0;
    if (n > 0 && old->at[n - 1] == edit->object) {
        return; // an entry that repeats
    }
    struct posting *p;
    if (old == NULL) {
        const struct arena *scratch = &edit->store->scratch;
        const bool lasting = !arena_has(scratch, a) && !arena_has(scratch, b);
        p = replace_posting(m, &(struct index_key){a, b, lasting}, 1, NULL, 0);
    } else if (n < old->cap && atomic_load(&old->refs) == 1) {
        p = unconst(old); // nobody else sees it
    } else {
        // From now on it has its own copy of the texts: the object that has them may leave the entry.
        const struct index_key key = {.a = a, .b = b};
        p = replace_posting(m, &key, n < 2 ? 2 : n + n / 2 + 1, old->at, n);
    }
    p->at[p->n++] = edit->object;
}

static void index_remove(void *self, enum index_kind i, const char *a, const char *b)
{
    const struct index_edit *edit = self;
    struct pmap *m = &edit->store->now.index[i];
    const struct posting *old = pmap_get_own(m, a, b);
    uint32_t at = old != NULL ? old->n : 0; // from the end: what changed recently changes again
    while (at > 0 && old->at[at - 1] != edit->object) {
        at--;
    }
    if (at-- == 0) {
        return; // an entry that repeats
    }
    if (old->n == 1) {
        pmap_del(m, a, b);
        return;
    }
    struct posting *p = unconst(old);
    if (!old->own ||
        atomic_load(&old->refs) > 1) { // its texts may be those of the object that goes
        p = replace_posting(m, &(struct index_key){.a = a, .b = b}, old->n, old->at, old->n);
    }
    p->at[at] = p->at[--p->n];
}

static void index_object(struct store *s, const struct object *o, bool add)
{
    struct index_edit edit = {s, o};
    arena_clear(&s->scratch);
    index_entries(o, &s->scratch, add ? index_add : index_remove, &edit);
}

// --- the store

struct store *store_new(void)
{
    struct store *s = xcalloc(1, sizeof *s);
    arena_init(&s->scratch);
    for (int k = 0; k < KIND_COUNT; k++) {
        pmap_init(&s->now.objects[k], &objects_type);
        s->now.states[k].since = s->now.states[k].next_try = TIME_NONE;
        s->now.states[k].expected = -1;
    }
    for (int i = 0; i < INDEX_COUNT; i++) {
        pmap_init(&s->now.index[i], &postings_type);
    }
    return s;
}

static void end_replace(struct store *s, struct store_replace *r)
{
    struct store_replace **at = &s->replaces;
    while (*at != r) {
        at = &(*at)->next;
    }
    *at = r->next;
    pmap_release(&r->listed);
    free(r->ns);
    free(r);
}

static struct store_replace *find_replace(struct store *s, enum kind k, int id, const char *ns)
{
    struct store_replace *r = s->replaces;
    while (r != NULL && (r->kind != k || r->id != id || !str_eq(r->ns, ns))) {
        r = r->next;
    }
    return r;
}

void store_free(struct store *s)
{
    if (s == NULL) {
        return;
    }
    while (s->replaces != NULL) {
        end_replace(s, s->replaces);
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        pmap_release(&s->now.objects[k]);
    }
    for (int i = 0; i < INDEX_COUNT; i++) {
        pmap_release(&s->now.index[i]);
    }
    if (s->now.probes.type != NULL) {
        pmap_release(&s->now.probes);
    }
    arena_release(&s->scratch);
    free(s);
}

void store_on_change(struct store *s,
                     void (*changed)(void *self, const struct object *before,
                                     const struct object *after),
                     void *self)
{
    s->changed = changed;
    s->changed_self = self;
}

// Other lists of the kind than `own` are no longer alone: what they have listed so far becomes their `listed`.
static void end_alone(struct store *s, enum kind k, const struct store_replace *own)
{
    for (struct store_replace *r = s->replaces; r != NULL; r = r->next) {
        if (r->alone && r->kind == k && r != own) {
            r->alone = false;
            pmap_release(&r->listed);
            r->listed = pmap_copy(&s->now.objects[k]);
        }
    }
}

// Applies one change to the objects and indices, for a list or (NULL) on its own. `after` is borrowed. force: also
// where the resource versions are equal.
static bool apply(struct store *s, enum kind k, const char *ns, const char *name,
                  const struct object *after, bool force, const struct store_replace *list)
{
    struct pmap *m = &s->now.objects[k];
    const struct object *before = pmap_get(m, ns, name);
    if (before != NULL) {
        object_ref(before); // it is used after it has left the map
    }
    bool same = before == after ||
                (!force && before != NULL && after != NULL &&
                 !str_empty(before->resource_version) && str_eq(before->uid, after->uid) &&
                 str_eq(before->resource_version, after->resource_version));
    if (!same) {
        end_alone(s, k, list);
        if (before != NULL) {
            index_object(s, before, false);
        }
        if (after != NULL) {
            index_object(s, after, true);
            pmap_put(m, after);
        } else {
            pmap_del(m, ns, name);
        }
        s->now.total += (after != NULL) - (before != NULL);
        s->now.states[k].objects = (long)m->count;
        if (s->changed != NULL) {
            s->changed(s->changed_self, before, after);
        }
    }
    object_unref(before);
    return !same;
}

bool store_put(struct store *s, const struct object *o)
{
    bool changed = apply(s, (enum kind)o->kind, o->ns, o->name, o, false, NULL);
    object_unref(o);
    return changed;
}

bool store_remove(struct store *s, enum kind k, const char *ns, const char *name)
{
    return apply(s, k, ns, name, NULL, false, NULL);
}

const struct object *store_get(const struct store *s, enum kind k, const char *ns, const char *name)
{
    return pmap_get(&s->now.objects[k], ns, name);
}

void store_replace_begin(struct store *s, enum kind k, int id, const char *ns, unsigned flags)
{
    struct store_replace *r = find_replace(s, k, id, ns);
    if (r != NULL) {
        end_replace(s, r);
    }
    r = xcalloc(1, sizeof *r);
    r->kind = k;
    r->id = id;
    r->ns = ns != NULL ? xstrdup(ns) : NULL;
    r->flags = flags;
    r->alone = (flags & REPLACE_SHOW) != 0 && s->now.objects[k].count == 0;
    pmap_init(&r->listed, &objects_type);
    r->next = s->replaces;
    s->replaces = r;
}

void store_replace_put(struct store *s, enum kind k, int id, const char *ns, const struct object *o)
{
    struct store_replace *r = find_replace(s, k, id, ns);
    if (r != NULL) {
        if (!r->alone) {
            pmap_put(&r->listed, o);
        }
        if ((r->flags & REPLACE_SHOW) != 0) {
            apply(s, k, o->ns, o->name, o, (r->flags & REPLACE_FORCE) != 0, r);
        }
    }
    object_unref(o);
}

void store_replace_remove(struct store *s, enum kind k, int id, const char *ns,
                          const struct object *o)
{
    struct store_replace *r = find_replace(s, k, id, ns);
    const struct object *listed = r != NULL ? pmap_get(&r->listed, o->ns, o->name) : NULL;
    if (listed != NULL && str_eq(listed->uid, o->uid)) {
        pmap_del(&r->listed, o->ns, o->name);
    }
}

void store_replace_end(struct store *s, enum kind k, int id, const char *ns,
                       bool (*covers)(void *self, const struct object *o), void *self)
{
    struct store_replace *r = find_replace(s, k, id, ns);
    if (r == NULL) {
        return;
    }
    if (r->alone) {
        end_replace(s, r);
        return;
    }
    struct pmap old = pmap_copy(&s->now.objects[k]);
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &old); (v = pmap_next(&it)) != NULL;) {
        const struct object *o = v;
        bool covered =
            (ns == NULL || strcmp(o->ns, ns) == 0) && (covers == NULL || covers(self, o));
        if (covered && pmap_get(&r->listed, o->ns, o->name) == NULL) {
            apply(s, k, o->ns, o->name, NULL, false, r);
        }
    }
    pmap_release(&old);
    for (pmap_begin(&it, &r->listed); (v = pmap_next(&it)) != NULL;) {
        const struct object *o = v;
        apply(s, k, o->ns, o->name, o, (r->flags & REPLACE_FORCE) != 0, r);
    }
    end_replace(s, r);
}

void store_clear_kind(struct store *s, enum kind k)
{
    store_replace_begin(s, k, 0, NULL, 0);
    store_replace_end(s, k, 0, NULL, NULL, NULL);
}

void store_copy(struct store *s, const struct snapshot *from)
{
    struct pmap_iter it;
    const void *v;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        for (pmap_begin(&it, &from->objects[k]); (v = pmap_next(&it)) != NULL;) {
            store_put(s, object_ref(v));
        }
        long objects = s->now.states[k].objects;
        s->now.states[k] = from->states[k];
        s->now.states[k].objects = objects;
    }
    s->now.cluster = from->cluster;
    for (pmap_begin(&it, &from->probes); (v = pmap_next(&it)) != NULL;) {
        store_put_probe(s, probe_result_ref(v));
    }
}

struct kind_state *store_state(struct store *s, enum kind k)
{
    return &s->now.states[k];
}

static void set_all_live(struct store *s)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        s->now.states[k].state = SYNC_LIVE;
        s->now.states[k].synced = true;
    }
}

// Has every object the API server's marks, and are there Namespaces? Nobody writes that by hand.
static bool is_dump(const struct snapshot *s)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        struct pmap_iter it;
        const struct object *o;
        for (pmap_begin(&it, &s->objects[k]); (o = pmap_next(&it)) != NULL;) {
            if (o->created == TIME_NONE) {
                return false;
            }
        }
    }
    return s->objects[KIND_NAMESPACE].count > 0;
}

// Kinds that a dump has together: to judge routes takes all of them.
static bool is_routing(int k)
{
    return k == KIND_GATEWAY || k == KIND_VIRTUALSERVICE || k == KIND_DESTINATIONRULE ||
           k == KIND_SERVICEENTRY;
}

// Do the files say which pods there are? A Pod that tests a Helm release says nothing about others.
static bool holds_pods(const struct snapshot *s, bool declared_complete)
{
    static const enum kind templates[] = {KIND_DEPLOYMENT, KIND_STATEFULSET, KIND_DAEMONSET};
    struct pmap_iter it;
    const struct object *o;
    for (pmap_begin(&it, &s->objects[KIND_POD]); (o = pmap_next(&it)) != NULL;) {
        if (object_annotation(o, "helm.sh/hook") == NULL) {
            return true;
        }
    }
    bool any = false;
    for (size_t i = 0; i < ARRAY_COUNT(templates); i++) {
        any = any || s->objects[templates[i]].count > 0;
    }
    return declared_complete && any;
}

void store_files_read(struct store *s, bool declared_complete)
{
    const struct snapshot *now = &s->now;
    bool dump = is_dump(now);
    bool routing = false;
    for (int k = 0; k < KIND_COUNT; k++) {
        routing = routing || (is_routing(k) && now->objects[k].count > 0);
    }
    set_all_live(s);
    s->now.cluster.from_files = true;
    for (int k = 0; k < KIND_COUNT; k++) {
        bool held = k == KIND_POD ? holds_pods(now, declared_complete) : now->objects[k].count > 0;
        bool whole = dump && (held || (routing && is_routing(k)));
        // Objects that controllers make are in no manifest.
        bool made = k == KIND_POD || k == KIND_ENDPOINTSLICE;
        s->now.states[k].excerpt = declared_complete ? made && !held : !whole;
    }
}

struct cluster_info *store_cluster(struct store *s)
{
    return &s->now.cluster;
}

const struct snapshot *store_view(struct store *s)
{
    return &s->now;
}

const struct snapshot *store_publish(struct store *s, const void *derived,
                                     void (*derived_unref)(const void *))
{
    s->now.generation++;
    struct snapshot *p = xmalloc(sizeof *p);
    memcpy(p, &s->now, sizeof *p);
    atomic_init(&p->refs, 1);
    for (int k = 0; k < KIND_COUNT; k++) {
        p->objects[k] = pmap_copy(&s->now.objects[k]);
    }
    for (int i = 0; i < INDEX_COUNT; i++) {
        p->index[i] = pmap_copy(&s->now.index[i]);
    }
    if (s->now.probes.type != NULL) {
        p->probes = pmap_copy(&s->now.probes);
    }
    p->derived = derived;
    p->derived_unref = derived_unref;
    return p;
}

// Results in use are queried again long before; those of hosts and addresses that are gone must not pile up.
static void forget_probes(struct store *s, int64_t before)
{
    const struct probe_result **old = xcalloc(s->now.probes.count, sizeof *old);
    size_t n = 0;
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &s->now.probes); (v = pmap_next(&it)) != NULL;) {
        const struct probe_result *r = v;
        if (r->queried_at < before) {
            old[n++] = probe_result_ref(r);
        }
    }
    for (size_t i = 0; i < n; i++) {
        pmap_del(&s->now.probes, probe_kind_name(old[i]->kind), old[i]->name);
        probe_result_unref(old[i]);
    }
    free(old);
}

bool store_put_probe(struct store *s, const struct probe_result *r)
{
    if (s->now.probes.type == NULL) {
        pmap_init(&s->now.probes, &probe_map_type);
    }
    const struct probe_result *before = pmap_get(&s->now.probes, probe_kind_name(r->kind), r->name);
    const struct probe_result *now =
        r->kind == PROBE_TLS ? probe_result_ref(r) : probe_result_pack(r, before);
    bool news = before == NULL || !probe_result_same(before, now);
    pmap_put(&s->now.probes, now);
    probe_result_unref(now);
    if (++s->probes_put % PROBES_SWEEP == 0) {
        forget_probes(s, r->queried_at - PROBES_KEEP_S);
    }
    probe_result_unref(r);
    return news;
}
