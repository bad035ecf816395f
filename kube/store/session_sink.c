// SPDX-License-Identifier: Apache-2.0
// Puts what the client reports into the store.
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "kube/object/decode.h"
#include "kube/object/object.h"

#include "kube/store/session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool covers(void *self, const struct object *o)
{
    return session_watch_covers(self, o);
}

static void on_replace_begin(void *self, int id, const char *ns, bool show, bool force)
{
    struct session *s = self;
    struct watch *w = session_find_watch(s, id);
    if (w != NULL) {
        w->undecoded = 0;
        store_replace_begin(s->store, w->kind, id, ns,
                            (show ? REPLACE_SHOW : 0u) | (force ? REPLACE_FORCE : 0u));
    }
}

static void on_replace_end(void *self, int id, const char *ns)
{
    struct session *s = self;
    struct watch *w = session_find_watch(s, id);
    if (w != NULL) {
        bool part = w->field_selector != NULL || w->label_selector != NULL;
        store_replace_end(s->store, w->kind, id, ns, part ? covers : NULL, w);
        log_debug(LOG_AREA_STORE, "%s: list %d%s%s applied, %ld objects of the kind, %ld undecoded",
                  kinds[w->kind].resource, id, ns != NULL ? " of " : "", str_or_empty(ns),
                  store_state(s->store, w->kind)->objects, w->undecoded);
        s->secrets.check = true;
        s->secrets.again |= w->kind == KIND_SECRET && s->secrets.checked;
        s->dirty = true;
    }
}

static bool on_item(void *self, int id, const char *ns, enum client_change change,
                    const char *group, const char *version, const char *text, size_t n)
{
    struct session *s = self;
    struct watch *w = session_find_watch(s, id);
    if (w == NULL) {
        return true;
    }
    version = str_or_empty(version);
    const char *api_version =
        str_empty(group) ? version : arena_concat(&s->decoding, group, "/", version, NULL);
    struct err err;
    struct object *o = object_decode_text(w->kind, api_version, text, n, &s->decoding, &err);
    if (o == NULL) {
        // What is not JSON was damaged on its way: the client lists the kind again. JSON that makes no sense would come
        // again as it is: it is counted and left out.
        struct json *j = json_parse(text, n, &err);
        if (j == NULL) {
            return false;
        }
        w->undecoded++;
        json_free(j);
        session_update_kind_state(s, w->kind);
        return true;
    }
    if (change == CLIENT_LISTED) {
        store_replace_put(s->store, w->kind, id, ns, o);
    } else if (change == CLIENT_DELETED) {
        const struct object *there = store_get(s->store, w->kind, o->ns, o->name);
        if (there != NULL && str_eq(there->uid, o->uid)) {
            store_remove(s->store, w->kind, o->ns, o->name);
        }
        store_replace_remove(s->store, w->kind, id, ns, o); // a streaming list reports changes, too
        object_unref(o);
    } else {
        store_put(s->store, o);
    }
    s->dirty = true;
    return true;
}

void session_report_namespaces(struct session *s)
{
    const struct pmap *m = &store_view(s->store)->objects[KIND_NAMESPACE];
    const char **names = xcalloc(m->count, sizeof *names);
    size_t n = 0;
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, m); (v = pmap_next(&it)) != NULL;) {
        names[n++] = ((const struct object *)v)->name;
    }
    client_set_namespaces(s->client, names, n);
    free(names);
    s->namespaces_changed = false;
}

// Events of cert-manager are selected by the served version of its groups, which the state says
// (docs/rules/kubernetes-client.md#events-read).
static void watch_certmanager_events(struct session *s, enum kind k,
                                     const struct client_state *state)
{
    static const enum kind group_of[] = {KIND_CERTIFICATE, KIND_ORDER};
    if (state->version == NULL || state->phase == CLIENT_FORBIDDEN ||
        (s->o.kinds & KIND_BIT(KIND_EVENT)) == 0) {
        return;
    }
    for (size_t i = 0; i < ARRAY_COUNT(group_of); i++) {
        if (k == group_of[i] && !s->events_watched[i]) {
            s->events_watched[i] = true;
            char field[256];
            snprintf(field, sizeof field, "involvedObject.apiVersion=%s/%s", state->group,
                     state->version);
            session_add_watch(s, KIND_EVENT, field, NULL);
        }
    }
}

static void on_state(void *self, int id, const struct client_state *state)
{
    struct session *s = self;
    struct watch *w = session_find_watch(s, id);
    if (w == NULL) {
        return;
    }
    w->state = *state;
    w->has_state = true;
    session_update_kind_state(s, w->kind);
    if (w->kind == KIND_CERTIFICATE || w->kind == KIND_ORDER) {
        session_update_kind_state(s, KIND_EVENT);
    } else if (w->kind == KIND_GATEWAY) {
        session_update_kind_state(s, KIND_POD);
        session_update_kind_state(s, KIND_SECRET);
    }
    watch_certmanager_events(s, w->kind, state);
    if (state->phase == CLIENT_FORBIDDEN && !state->synced) {
        store_clear_kind(s->store, w->kind);
    }
}

static void on_connection(void *self, enum client_connection link, const struct err *reason)
{
    struct session *s = self;
    struct cluster_info *c = store_cluster(s->store);
    c->connected = link == CLIENT_CONNECTED;
    snprintf(c->connection, sizeof c->connection, "%.255s",
             link == CLIENT_CONNECTED
                 ? ""
                 : (reason != NULL && reason->msg[0] != '\0' ? reason->msg : "connecting"));
    s->dirty = true;
}

static void on_skew(void *self, int64_t seconds)
{
    struct session *s = self;
    store_cluster(s->store)->skew = seconds;
    clock_set_skew(seconds);
    s->dirty = true;
}

struct client_sink session_sink(struct session *s)
{
    return (struct client_sink){
        .self = s,
        .replace_begin = on_replace_begin,
        .item = on_item,
        .replace_end = on_replace_end,
        .state = on_state,
        .connection = on_connection,
        .skew = on_skew,
    };
}
