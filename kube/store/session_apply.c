// SPDX-License-Identifier: Apache-2.0
// What the client says, into the store.
#include "kube/base/text.h"

#include "kube/object/decode.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/store/session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool session_covers(const struct watch *w, const struct object *o)
{
    if (w->kind == KIND_EVENT && w->field_selector != NULL) {
        const struct event *e = OBJECT_AS(event, o);
        const char *value = strchr(w->field_selector, '=');
        if (value == NULL) {
            return true;
        }
        return str_starts(w->field_selector, "involvedObject.uid")
                   ? str_eq(e->about_uid, value + 1)
                   : str_eq(e->about_api_version, value + 1);
    }
    if (w->kind == KIND_SECRET) {
        return pmap_get(&w->session->asked, o->ns, o->name) == NULL;
    }
    if (w->label_selector == NULL) {
        return true;
    }
    // "k=v,k=v" against the labels of the object
    struct arena a;
    arena_init(&a);
    bool all = true;
    char *copy = arena_strdup(&a, w->label_selector), *save = NULL;
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

static bool covers(void *self, const struct object *o)
{
    return session_covers(self, o);
}

static void on_replace_begin(void *self, int id, const char *ns, bool show, bool anew)
{
    struct session *l = self;
    struct watch *w = session_watch_of(l, id);
    if (w != NULL) {
        w->undecodable = 0;
        store_replace_begin(l->store, w->kind, id, ns, show);
        if (anew) {
            store_replace_anew(l->store, w->kind, id, ns);
        }
    }
}

static void on_replace_end(void *self, int id, const char *ns)
{
    struct session *l = self;
    struct watch *w = session_watch_of(l, id);
    if (w != NULL) {
        bool part = w->field_selector != NULL || w->label_selector != NULL;
        store_replace_end(l->store, w->kind, id, ns, part ? covers : NULL, w);
        l->look_at_secrets = true;
        l->secrets_again |= w->kind == KIND_SECRET && l->secrets_looked;
        l->dirty = true;
    }
}

static bool on_item(void *self, int id, const char *ns, enum client_change change,
                    const char *group, const char *version, const char *text, size_t n)
{
    struct session *l = self;
    struct watch *w = session_watch_of(l, id);
    if (w == NULL) {
        return true;
    }
    char api_version[160];
    snprintf(api_version, sizeof api_version, "%s%s%s", group != NULL ? group : "",
             !str_empty(group) ? "/" : "", version != NULL ? version : "");
    struct err err;
    struct object *o = object_decode_text(w->kind, api_version, text, n, &err);
    if (o == NULL) {
        // Text that is no JSON was damaged on its way: the kind is listed again. JSON that makes no sense
        // would come again as it is: it is counted and left out.
        struct json *j = json_parse(text, n, &err);
        if (j == NULL) {
            return false;
        }
        w->undecodable++;
        json_free(j);
        session_sum_up(l, w->kind);
        return true;
    }
    if (change == CLIENT_LISTED) {
        store_replace_put(l->store, w->kind, id, ns, o);
    } else if (change == CLIENT_DELETED) {
        const struct object *there = store_get(l->store, w->kind, o->ns, o->name);
        if (there != NULL && str_eq(there->uid, o->uid)) {
            store_remove(l->store, w->kind, o->ns, o->name);
        }
        object_unref(o);
    } else {
        store_put(l->store, o);
    }
    l->dirty = true;
    return true;
}

void session_tell_namespaces(struct session *l)
{
    const struct pmap *m = &store_view(l->store)->objects[KIND_NAMESPACE];
    const char **names = xmalloc((m->count + 1) * sizeof *names);
    size_t n = 0;
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;) {
        names[n++] = ((const struct object *)v)->name;
    }
    client_set_namespaces(l->client, names, n);
    free(names);
    l->namespaces_changed = false;
}

static void on_state(void *self, int id, const struct client_state *state)
{
    struct session *l = self;
    struct watch *w = session_watch_of(l, id);
    if (w == NULL) {
        return;
    }
    w->state = *state;
    w->have_state = true;
    session_sum_up(l, w->kind);
    if (w->kind == KIND_CERTIFICATE || w->kind == KIND_ORDER) {
        session_sum_up(l, KIND_EVENT);
    } else if (w->kind == KIND_GATEWAY) {
        session_sum_up(l, KIND_POD);
        session_sum_up(l, KIND_SECRET);
    }
    // Events of cert-manager are selected by the served version of its groups, which is known now
    // (docs/rules/kubernetes-client.md#events-read).
    int which = w->kind == KIND_CERTIFICATE ? 0 : (w->kind == KIND_ORDER ? 1 : -1);
    if (which >= 0 && !l->events_added[which] && state->version != NULL &&
        state->phase != CLIENT_FORBIDDEN && (l->o.kinds & KIND_BIT(KIND_EVENT)) != 0) {
        l->events_added[which] = true;
        char field[256];
        snprintf(field, sizeof field, "involvedObject.apiVersion=%s/%s", state->group,
                 state->version);
        session_add_watch(l, KIND_EVENT, field, NULL);
    }
    if (state->phase == CLIENT_FORBIDDEN && !state->synced) {
        store_clear_kind(l->store, w->kind);
    }
}

static void on_connection(void *self, enum client_link link, const struct err *reason)
{
    struct session *l = self;
    struct cluster_info *c = store_cluster(l->store);
    c->connected = link == CLIENT_CONNECTED;
    snprintf(c->connection, sizeof c->connection, "%.255s",
             link == CLIENT_CONNECTED
                 ? ""
                 : (reason != NULL && reason->msg[0] != '\0' ? reason->msg : "connecting"));
    l->dirty = true;
}

static void on_skew(void *self, int64_t seconds)
{
    struct session *l = self;
    store_cluster(l->store)->skew = seconds;
    clock_set_skew(seconds);
    l->dirty = true;
}

static void on_warning(void *self, const char *text)
{
    (void)self;
    (void)text; // the client has logged it
}

struct client_sink session_sink(struct session *l)
{
    return (struct client_sink){l,        on_replace_begin, on_item, on_replace_end,
                                on_state, on_connection,    on_skew, on_warning};
}
