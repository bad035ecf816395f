// SPDX-License-Identifier: Apache-2.0
// The cluster in memory: objects in key order, one growing resourceVersion, a bounded history a kind.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t sim_random(struct apisim *s)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return s->random;
}

struct sim_object *sim_object_new(const char *ns, const char *name)
{
    struct sim_object *o = xcalloc(1, sizeof *o);
    o->refs = 1;
    o->ns = xstrdup(str_or_empty(ns));
    o->name = xstrdup(name);
    o->key = o->ns[0] != '\0' ? xasprintf("%s/%s", o->ns, name) : xstrdup(name);
    return o;
}

struct sim_object *sim_object_ref(struct sim_object *o)
{
    if (o != NULL) {
        o->refs++;
    }
    return o;
}

void sim_object_unref(struct sim_object *o)
{
    if (o == NULL || --o->refs > 0) {
        return;
    }
    free(o->key);
    free(o->ns);
    free(o->name);
    free(o->meta);
    free(o->rest);
    free(o->raw);
    free(o);
}

size_t sim_index(const struct sim_resource *r, const char *key, bool *found)
{
    size_t low = 0, high = r->count;
    // Fixtures and generated objects often come in order: look at the end first.
    if (high > 0 && strcmp(r->objects[high - 1]->key, key) < 0) {
        low = high;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = strcmp(r->objects[mid]->key, key);
        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    *found = false;
    return low;
}

static void event_release(struct sim_event *e)
{
    sim_object_unref(e->obj);
    sim_object_unref(e->prev);
    free(e->raw);
}

static void forget(struct sim_resource *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        r->compacted = r->events[i].rv;
        event_release(&r->events[i]);
    }
    if (n > 0) {
        memmove(r->events, r->events + n, (r->nevents - n) * sizeof *r->events);
    }
    r->nevents -= n;
    r->first += n;
}

void sim_record(struct apisim *s, struct sim_resource *r, struct sim_event e)
{
    size_t max = s->o.history;
    if (r->nevents >= max + max / 4 + 1) {
        forget(r, r->nevents - max);
    }
    *ARRAY_PUSH(r->events, r->nevents, r->ecap) = e;
    if (e.type != EV_BOOKMARK) {
        free(r->raw_list);
        r->raw_list = NULL;
    }
    sim_wake(s);
}

void sim_put(struct apisim *s, struct sim_resource *r, struct sim_object *o, char *raw)
{
    bool found;
    size_t at = sim_index(r, o->key, &found);
    struct sim_event e = {.type = found ? EV_MODIFIED : EV_ADDED, .rv = o->rv, .raw = raw};
    e.obj = sim_object_ref(o);
    if (found) {
        e.prev = r->objects[at];
        r->objects[at] = o;
    } else {
        (void)ARRAY_PUSH(r->objects, r->count, r->cap);
        memmove(r->objects + at + 1, r->objects + at,
                (r->count - 1 - at) * sizeof(struct sim_object *));
        r->objects[at] = o;
    }
    sim_record(s, r, e);
}

// A copy of o whose metadata says rv: the last state, as a deletion shows it.
static struct sim_object *tombstone(const struct sim_object *o, uint64_t rv)
{
    struct sim_object *t = sim_object_new(o->ns, o->name);
    memcpy(t->uid, o->uid, sizeof t->uid);
    t->rv = rv;
    t->rest = xstrdup(o->rest);
    char was[64];
    snprintf(was, sizeof was, "\"resourceVersion\":\"%" PRIu64 "\"", o->rv);
    char *at = strstr(o->meta, was);
    t->meta = at == NULL ? xstrdup(o->meta)
                         : xasprintf("%.*s\"resourceVersion\":\"%" PRIu64 "\"%s",
                                     (int)(at - o->meta), o->meta, rv, at + strlen(was));
    return t;
}

void sim_drop(struct apisim *s, struct sim_resource *r, size_t at, uint64_t rv, char *raw)
{
    struct sim_object *o = r->objects[at];
    memmove(r->objects + at, r->objects + at + 1,
            (r->count - at - 1) * sizeof(struct sim_object *));
    r->count--;
    struct sim_event e = {
        .type = EV_DELETED, .rv = rv, .obj = tombstone(o, rv), .prev = o, .raw = raw};
    sim_record(s, r, e);
}

uint64_t sim_delete(struct apisim *s, struct sim_resource *r, const char *key)
{
    bool found;
    size_t at = sim_index(r, key, &found);
    if (!found) {
        return 0;
    }
    sim_drop(s, r, at, ++s->rv, NULL);
    return s->rv;
}

void sim_clear(struct apisim *s)
{
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        struct sim_resource *r = &s->res[i];
        for (size_t j = 0; j < r->count; j++) {
            sim_object_unref(r->objects[j]);
        }
        for (size_t j = 0; j < r->nevents; j++) {
            event_release(&r->events[j]);
        }
        free(r->objects);
        free(r->events);
        free(r->raw_list);
        *r = (struct sim_resource){
            .kind = r->kind, .present = r->present, .epoch = r->epoch + 1, .watches = r->watches};
    }
}

struct sim_object **sim_snapshot(const struct sim_resource *r, uint64_t rv, size_t *count)
{
    if (rv < r->compacted) {
        return NULL;
    }
    // A scratch resource: today's objects, then the younger events undone, newest first.
    struct sim_resource c = {.kind = r->kind, .count = r->count};
    size_t undo = 0;
    for (size_t i = r->nevents; i > 0 && r->events[i - 1].rv > rv; i--) {
        undo++;
    }
    c.cap = r->count + undo + 1;
    c.objects = xcalloc(c.cap, sizeof(struct sim_object *));
    for (size_t i = 0; i < r->count; i++) {
        c.objects[i] = sim_object_ref(r->objects[i]);
    }
    for (size_t i = r->nevents; i > r->nevents - undo; i--) {
        const struct sim_event *e = &r->events[i - 1];
        if (e->type == EV_BOOKMARK) {
            continue;
        }
        bool found;
        size_t at = sim_index(&c, e->obj->key, &found);
        if (found) {
            sim_object_unref(c.objects[at]);
            c.objects[at] = sim_object_ref(e->prev);
        }
        if (found && e->prev == NULL) {
            memmove(c.objects + at, c.objects + at + 1, (c.count - at - 1) * sizeof(void *));
            c.count--;
        } else if (!found && e->prev != NULL) {
            memmove(c.objects + at + 1, c.objects + at, (c.count - at) * sizeof(void *));
            c.objects[at] = sim_object_ref(e->prev);
            c.count++;
        }
    }
    *count = c.count;
    return c.objects;
}

void sim_snapshot_free(struct sim_object **objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_object_unref(objects[i]);
    }
    free(objects);
}

bool sim_compact(struct apisim *s)
{
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        forget(&s->res[i], s->res[i].nevents);
        s->res[i].compacted = s->rv;
    }
    sim_wake(s);
    return true;
}

bool sim_rollback(struct apisim *s, uint64_t rv)
{
    if (rv > s->rv) {
        return false;
    }
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        if (rv < s->res[i].compacted) {
            return false;
        }
    }
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        struct sim_resource *r = &s->res[i];
        size_t n;
        struct sim_object **old = sim_snapshot(r, rv, &n);
        for (size_t j = 0; j < r->count; j++) {
            sim_object_unref(r->objects[j]);
        }
        free(r->objects);
        r->objects = old;
        r->count = n;
        r->cap = n; // sim_put grows it from here
        while (r->nevents > 0 && r->events[r->nevents - 1].rv > rv) {
            event_release(&r->events[--r->nevents]);
        }
        r->epoch++;
    }
    s->rv = rv;
    sim_wake(s);
    return true;
}

void sim_print(const struct sim_kind *k, const char *version, const struct sim_object *o,
               bool as_meta, bool typed, struct buf *out)
{
    if (o->raw != NULL && typed) {
        buf_adds(out, o->raw);
        return;
    }
    char api[96];
    if (as_meta) {
        buf_adds(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",");
    } else if (!typed && !k->custom) {
        buf_addc(out, '{');
    } else if (k->custom) {
        buf_addf(out, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",", sim_api_version(k, version, api),
                 k->kind);
    } else {
        buf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s\",", k->kind,
                 sim_api_version(k, version, api));
    }
    buf_adds(out, "\"metadata\":");
    buf_adds(out, o->meta);
    if (!as_meta && o->rest[0] != '\0') {
        buf_addc(out, ',');
        buf_adds(out, o->rest);
    }
    buf_addc(out, '}');
}

struct json *sim_tree(const struct sim_kind *k, const struct sim_object *o)
{
    struct buf b;
    buf_init(&b, 0);
    sim_print(k, k->versions[0], o, false, true, &b);
    struct json *j = json_parse(b.data, b.len, NULL);
    buf_release(&b);
    return j;
}

// ---- applying

// The order in which Go prints ObjectMeta.
static const char *const META_ORDER[] = {
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
};

static char *meta_text(const struct sim_kind *k, const struct json *meta)
{
    struct buf b;
    buf_init(&b, 0);
    if (k->custom) {
        sim_print_sorted(meta, &b);
        return buf_take(&b);
    }
    for (size_t i = 0; i < sizeof META_ORDER / sizeof *META_ORDER; i++) {
        const struct json *v = json_get(meta, META_ORDER[i]);
        if (v != NULL) {
            buf_addf(&b, "%c\"%s\":", b.len > 0 ? ',' : '{', META_ORDER[i]);
            json_print(v, false, &b);
        }
    }
    buf_addc(&b, '}');
    return buf_take(&b);
}

static char *rest_text(const struct sim_kind *k, struct json *object)
{
    json_remove(object, "metadata");
    json_remove(object, "kind");
    json_remove(object, "apiVersion");
    struct buf b;
    buf_init(&b, 0);
    if (json_count(object) == 0) {
        return buf_take(&b);
    }
    if (k->custom) {
        sim_print_sorted(object, &b);
    } else {
        json_print(object, false, &b);
    }
    char *text = buf_take(&b);
    size_t n = strlen(text);
    memmove(text, text + 1, n - 2);
    text[n - 2] = '\0';
    return text;
}

static void new_uid(struct apisim *s, char uid[37])
{
    uint64_t a = ++s->next_uid * 0x9E3779B97F4A7C15u ^ s->o.seed, b = a * 0xD1342543DE82EF95u + 1;
    a ^= a >> 29;
    b ^= b >> 31;
    snprintf(uid, 37, "%08x-%04x-4%03x-%04x-%04x%08x", (unsigned)(a >> 32),
             (unsigned)(a >> 16) & 0xFFFF, (unsigned)a & 0xFFF,
             (unsigned)(0x8000 | ((b >> 48) & 0x3FFF)), (unsigned)(b >> 32) & 0xFFFF, (unsigned)b);
}

static bool fill_owners(struct apisim *s, struct json *meta, const char *ns, struct err *err)
{
    for (const struct json *o = json_first(json_get(meta, "ownerReferences")); o != NULL;
         o = json_next(o)) {
        if (json_get(o, "uid") != NULL) {
            continue;
        }
        const char *kind = json_get_string(o, "kind"), *name = json_get_string(o, "name");
        const char *api = json_get_string(o, "apiVersion");
        struct sim_resource *r = sim_find_kind(s, api, kind);
        bool found = false;
        size_t at = 0;
        if (r != NULL && name != NULL) {
            char *key = r->kind->namespaced ? xasprintf("%s/%s", ns, name) : xstrdup(name);
            at = sim_index(r, key, &found);
            free(key);
        }
        if (!found) {
            return err_set(err, ERR_NOT_FOUND, "owner %s \"%s\" is not there: apply it first",
                           kind != NULL ? kind : "?", name != NULL ? name : "?");
        }
        // The tree is our own copy.
        json_put_string(unconst(o), "uid", r->objects[at]->uid);
    }
    return true;
}

// What the server's defaulting adds to a Namespace.
static void default_namespace(struct json *object, struct json *meta, const char *name)
{
    const struct json *given = json_get(meta, "labels");
    struct json *labels = given != NULL ? json_dup(given) : json_new_object();
    json_put_string(labels, "kubernetes.io/metadata.name", name);
    json_put(meta, "labels", labels);
    if (json_get(object, "spec") == NULL) {
        struct json *f = json_new_array();
        json_push(f, json_new_string("kubernetes"));
        json_put(json_put(object, "spec", json_new_object()), "finalizers", f);
    }
    if (json_get(object, "status") == NULL) {
        json_put_string(json_put(object, "status", json_new_object()), "phase", "Active");
    }
}

static bool same_text(const struct json *a, const struct json *b)
{
    struct buf x, y;
    buf_init(&x, 0);
    buf_init(&y, 0);
    sim_print_sorted(a, &x);
    sim_print_sorted(b, &y);
    bool same = strcmp(x.data, y.data) == 0;
    buf_release(&x);
    buf_release(&y);
    return same;
}

// True if nothing but the server's own fields would change.
static bool unchanged(const struct sim_object *was, const char *rest, const struct json *meta)
{
    if (strcmp(was->rest, rest) != 0) {
        return false;
    }
    struct json *old = json_parse(was->meta, strlen(was->meta), NULL), *new = json_dup(meta);
    static const char *const ours[] = {"resourceVersion", "managedFields"};
    for (size_t i = 0; i < 2; i++) {
        json_remove(old, ours[i]);
        json_remove(new, ours[i]);
    }
    bool same = same_text(old, new);
    json_free(old);
    json_free(new);
    return same;
}

static void set_server_fields(struct apisim *s, struct sim_object *o, const struct sim_kind *k,
                              const struct sim_object *was, const struct json *object,
                              struct json *meta)
{
    struct arena a;
    arena_init(&a);
    struct json *old = was != NULL ? sim_tree(k, was) : NULL;
    if (was != NULL) {
        memcpy(o->uid, was->uid, sizeof o->uid);
    } else {
        const char *given = json_get_string(meta, "uid");
        if (given != NULL && strlen(given) < sizeof o->uid) {
            memcpy(o->uid, given, strlen(given) + 1);
        } else {
            new_uid(s, o->uid);
        }
    }
    json_put_string(meta, "uid", o->uid);
    const char *created = json_string(json_at(old, "metadata", "creationTimestamp", NULL));
    if (created == NULL) {
        created = json_get_string(meta, "creationTimestamp");
    }
    json_put_string(meta, "creationTimestamp",
                    arena_strdup(&a, created != NULL ? created : time_format(&a, clock_now())));
    bool counted = k->custom || str_eq(k->kind, "Deployment") || str_eq(k->kind, "Ingress");
    if (counted) {
        int64_t g = json_int(json_at(old, "metadata", "generation", NULL),
                             json_get_int(meta, "generation", 1));
        if (old != NULL && !same_text(json_get(old, "spec"), json_get(object, "spec"))) {
            g++;
        }
        json_put_int(meta, "generation", g);
    } else {
        json_remove(meta, "generation");
    }
    if (!str_eq(k->kind, "Pod") && json_get(meta, "managedFields") == NULL) {
        // What is older than the simulator was last written when it was made.
        const int64_t made = time_parse(json_get_string(meta, "creationTimestamp"));
        json_put(meta, "managedFields",
                 sim_managed_fields(k, object, old == NULL ? made : clock_now()));
    }
    json_free(old);
    arena_release(&a);
}

uint64_t sim_apply(struct apisim *s, const struct json *given, struct err *err)
{
    const char *api = json_get_string(given, "apiVersion"), *kind = json_get_string(given, "kind");
    const char *name = json_string(json_at(given, "metadata", "name", NULL));
    struct sim_resource *r = sim_find_kind(s, api, kind);
    if (r == NULL || str_empty(name)) {
        err_set(err, ERR_PARSE, "%s \"%s\": %s", kind != NULL ? kind : "object", str_or_empty(name),
                r == NULL ? "no such kind here" : "no metadata.name");
        return 0;
    }
    if (!r->present) {
        err_set(err, ERR_NOT_FOUND, "%s: not installed", r->kind->plural);
        return 0;
    }
    struct json *object = json_dup(given);
    sim_resolve_times(object, clock_now());
    struct json *meta = json_dup(json_get(object, "metadata"));
    const char *ns = json_get_string(meta, "namespace");
    struct sim_object *o = sim_object_new(!r->kind->namespaced ? ""
                                          : ns != NULL         ? ns
                                                               : "default",
                                          name);
    if (r->kind->namespaced) {
        json_put_string(meta, "namespace", o->ns);
    } else {
        json_remove(meta, "namespace");
    }
    if (!fill_owners(s, meta, o->ns, err)) {
        json_free(object);
        json_free(meta);
        sim_object_unref(o);
        return 0;
    }
    if (str_eq(r->kind->kind, "Namespace")) {
        default_namespace(object, meta, name);
    }
    bool found;
    size_t at = sim_index(r, o->key, &found);
    const struct sim_object *was = found ? r->objects[at] : NULL;
    json_put(object, "metadata", json_dup(meta)); // managedFields are made from it
    set_server_fields(s, o, r->kind, was, object, meta);
    o->rest = rest_text(r->kind, object);
    uint64_t rv;
    if (was != NULL && unchanged(was, o->rest, meta)) {
        rv = was->rv;
        sim_object_unref(o);
    } else {
        rv = o->rv = ++s->rv;
        char text[24];
        snprintf(text, sizeof text, "%" PRIu64, rv);
        json_put_string(meta, "resourceVersion", text);
        o->meta = meta_text(r->kind, meta);
        sim_put(s, r, o, NULL);
    }
    json_free(object);
    json_free(meta);
    return rv;
}
