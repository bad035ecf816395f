// SPDX-License-Identifier: Apache-2.0
// What the client lists and watches: a watch for each whole kind, and some for parts of a kind.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/store/session_internal.h"

#include <stdlib.h>
#include <string.h>

// Watches of the events of single objects: as many as the dashboard's history can go back to.
enum { SINGLES_MAX = 32 };

struct watch *session_find_watch(struct session *s, int id)
{
    return id >= 0 && id < WATCHES_MAX ? s->watches[id] : NULL;
}

static size_t set_sources(struct session *s, enum kind k)
{
    size_t n = 0;
    for (; kinds[k].groups[n].group != NULL; n++) {
        ASSERT(n < ARRAY_COUNT(s->sources[k]));
        s->sources[k][n] = (struct informer_source){kinds[k].groups[n].group, kinds[k].resource,
                                                    kinds[k].groups[n].versions};
    }
    return n;
}

struct informer_spec session_informer_spec(struct session *s, int id, const struct watch *w)
{
    enum kind k = w->kind;
    return (struct informer_spec){
        .id = id,
        .sources = s->sources[k],
        .source_count = set_sources(s, k),
        .namespaced = kinds[k].namespaced,
        .metadata_only = kinds[k].reading == READ_METADATA || k == KIND_POD,
        .no_watch = !s->o.watch || k == KIND_DEPLOYMENT, // its arguments: read once
        .clear_at_once = k == KIND_SECRET,
        .field_selector = w->field_selector,
        .label_selector = w->label_selector,
        .priority = (s->o.first & KIND_BIT(k)) != 0 ? 0 : 1,
    };
}

struct watch *session_new_watch(struct session *s, int id, enum kind k, const char *field,
                                const char *label)
{
    ASSERT(id >= 0 && id < WATCHES_MAX && s->watches[id] == NULL);
    struct watch *w = xcalloc(1, sizeof *w);
    w->session = s;
    w->kind = k;
    w->field_selector = field != NULL ? xstrdup(field) : NULL;
    w->label_selector = label != NULL ? xstrdup(label) : NULL;
    w->requested = ++s->watch_requests;
    s->watches[id] = w;
    s->watch_count = id >= s->watch_count ? id + 1 : s->watch_count;
    return w;
}

void session_free_watch(struct watch *w)
{
    if (w != NULL) {
        free(w->field_selector);
        free(w->label_selector);
        free(w);
    }
}

// --- which objects belong to a watch

static bool event_matches(const char *field_selector, const struct event *e)
{
    const char *value = strchr(field_selector, '=');
    if (value == NULL) {
        return true;
    }
    return str_starts(field_selector, "involvedObject.uid")
               ? str_eq(e->about_uid, value + 1)
               : str_eq(e->about_api_version, value + 1);
}

// "k=v,k=v" against the labels of the object.
static bool selector_matches(const char *selector, const struct object *o)
{
    struct arena a;
    arena_init(&a);
    bool all = true;
    char *copy = arena_strdup(&a, selector), *save = NULL;
    for (char *pair = strtok_r(copy, ",", &save); pair != NULL && all;
         pair = strtok_r(NULL, ",", &save)) {
        char *eq = strchr(pair, '=');
        if (eq != NULL) {
            *eq = '\0';
            all = str_eq(object_label(o, pair), eq + 1);
        }
    }
    arena_release(&a);
    return all;
}

bool session_watch_covers(const struct watch *w, const struct object *o)
{
    if (w->kind == KIND_EVENT && w->field_selector != NULL) {
        return event_matches(w->field_selector, OBJECT_AS(event, o));
    }
    if (w->kind == KIND_SECRET) { // what was read by name is not in the list
        return pmap_get(&w->session->secrets.requested, o->ns, o->name) == NULL;
    }
    return w->label_selector == NULL || selector_matches(w->label_selector, o);
}

// --- adding one while the client runs

// Events of one object, which a person looks at.
static bool is_single(enum kind k, const char *field)
{
    return k == KIND_EVENT && field != NULL && str_starts(field, "involvedObject.uid=");
}

static bool no_other_covers(void *self, const struct object *o)
{
    const struct watch *w = self;
    bool only = session_watch_covers(w, o);
    for (int i = 0; i < w->session->watch_count && only; i++) {
        const struct watch *other = w->session->watches[i];
        only = other == NULL || other == w || other->kind != w->kind ||
               !session_watch_covers(other, o);
    }
    return only;
}

static void end_watch(struct session *s, int id)
{
    struct watch *w = s->watches[id];
    client_remove_informer(s->client, id);
    store_replace_begin(s->store, w->kind, id, NULL, 0);
    store_replace_end(s->store, w->kind, id, NULL, no_other_covers, w);
    s->watches[id] = NULL;
    session_free_watch(w);
}

// Ends the oldest watch of a single object's events where there are enough; its id, -1 if there is room.
static int end_oldest_single(struct session *s)
{
    int n = 0, oldest = -1;
    for (int i = 0; i < s->watch_count; i++) {
        const struct watch *w = s->watches[i];
        if (w != NULL && is_single(w->kind, w->field_selector)) {
            n++;
            oldest = oldest < 0 || w->requested < s->watches[oldest]->requested ? i : oldest;
        }
    }
    if (n < SINGLES_MAX) {
        return -1;
    }
    end_watch(s, oldest);
    return oldest;
}

void session_add_watch(struct session *s, enum kind k, const char *field, const char *label)
{
    for (int i = 0; i < s->watch_count; i++) {
        struct watch *w = s->watches[i];
        if (w != NULL && w->kind == k && str_eq(w->field_selector, field) &&
            str_eq(w->label_selector, label)) {
            w->requested = ++s->watch_requests;
            return;
        }
    }
    int id = is_single(k, field) ? end_oldest_single(s) : -1;
    if (id < 0) {
        id = s->watch_count < WATCHES_EXTRA ? WATCHES_EXTRA : s->watch_count;
    }
    if (id >= WATCHES_MAX) {
        return; // too many selectors: their pods are not watched one by one
    }
    const struct informer_spec spec =
        session_informer_spec(s, id, session_new_watch(s, id, k, field, label));
    client_add_informer(s->client, &spec);
    session_update_kind_state(s, k); // the kind is being read from now on
}
