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
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/api/stream_splitter.h"

#include "kube/object/decode.h"
#include "kube/object/object.h"

#include "kube/store/session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKEW_BELIEVED_S = 86400 };

static bool covers(void *self, const struct object *o)
{
    return session_watch_covers(self, o);
}

static void on_replace_begin(void *self, int id, const char *ns, bool show, bool force)
{
    struct session *s = self;
    struct watch *w = session_find_watch(s, id);
    if (w != NULL) {
        w->left_out_old = true;
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
        log_debug(LOG_AREA_STORE, "%s: list %d%s%s applied, %ld objects of the kind, %zu left out",
                  kinds[w->kind].resource, id, ns != NULL ? " of " : "", str_or_empty(ns),
                  store_state(s->store, w->kind)->objects, w->state.dropped);
        if (w->left_out_old) {
            w->left_out[0] = '\0';
        }
        s->secrets.check = true;
        s->secrets.again |= w->kind == KIND_SECRET && s->secrets.checked;
        s->dirty = true;
    }
}

// Which object is left out, and why: shown until there is a list without one.
static void name_left_out(struct session *s, struct watch *w, const char *ns, const char *name)
{
    if (w->left_out[0] != '\0' && !w->left_out_old) {
        return;
    }
    struct arena a;
    arena_init(&a);
    char limit[64];
    size_t max = s->o.client.object_max > 0 ? s->o.client.object_max : SPLITTER_OBJECT_MAX;
    snprintf(limit, sizeof limit, "more than %zu bytes", max);
    const char *id = name == NULL    ? "one whose name cannot be read"
                     : str_empty(ns) ? name
                                     : arena_concat(&a, ns, "/", name, NULL);
    snprintf(w->left_out, sizeof w->left_out, "%.120s (%.70s)", text_clean(&a, id, strlen(id), 120),
             s->decode_err.code != ERR_NONE ? s->decode_err.msg : limit);
    w->left_out_old = false;
    arena_release(&a);
}

static void on_left_out(void *self, int id, const char *ns, bool listed, const char *text, size_t n)
{
    struct session *s = self;
    struct watch *w = session_find_watch(s, id);
    if (w == NULL) {
        return;
    }
    struct json *j = text != NULL ? json_parse(text, n, NULL) : NULL;
    const struct json *meta = json_get(j, "metadata");
    const char *name = json_get_string(meta, "name"), *in = json_get_string(meta, "namespace"),
               *uid = json_get_string(meta, "uid");
    name_left_out(s, w, in != NULL ? in : ns, name);
    err_clear(&s->decode_err);
    if (!listed && name != NULL) {
        const struct object *there = store_get(s->store, w->kind, str_or_empty(in), name);
        if (there != NULL && (uid == NULL || str_eq(there->uid, uid))) {
            store_remove(s->store, w->kind, str_or_empty(in), name);
        }
    }
    json_free(j);
    session_update_kind_state(s, w->kind);
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
    err_clear(&s->decode_err);
    struct object *o =
        object_decode_text(w->kind, api_version, text, n, &s->decoding, &s->decode_err);
    if (o == NULL) {
        return false;
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

static void update_all_states(struct session *s)
{
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        session_update_kind_state(s, k);
    }
}

// The namespaces are known now: a kind that may not be listed in all of them is tried in each.
static void namespaces_known(struct session *s)
{
    if (!s->namespaces_known) {
        s->namespaces_known = true;
        update_all_states(s);
    }
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
    namespaces_known(s);
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
    bool none = state->phase == CLIENT_FORBIDDEN || state->phase == CLIENT_NOT_INSTALLED;
    if (id == KIND_NAMESPACE && none) {
        namespaces_known(s);
    } else if (id == KIND_NAMESPACE && !s->namespaces_known) { // others wait for it
        update_all_states(s);
    }
    if (state->phase == CLIENT_FORBIDDEN && !state->synced) {
        store_clear_kind(s->store, w->kind);
    }
}

// What a person should know of a connection that works.
static void describe_connection(struct session *s, struct cluster_info *c)
{
    struct arena a;
    arena_init(&a);
    const char *clock = "", *unsent = s->o.config->unsent, *http = "";
    if (c->skew != 0) {
        int64_t apart = c->skew > 0 ? c->skew : -c->skew;
        clock = arena_printf(&a, "the server's clock is %s %s%s", duration_short(&a, apart),
                             c->skew > 0 ? "ahead" : "behind",
                             c->skew_doubted ? " and not believed without --server-clock" : "");
    }
    if (!str_empty(unsent)) {
        http = arena_printf(&a, "plain http, not sent: %s", unsent);
    }
    snprintf(c->connection, sizeof c->connection, "%s%s%s", clock,
             clock[0] != '\0' && http[0] != '\0' ? "; " : "", http);
    arena_release(&a);
}

static void on_connection(void *self, enum client_connection connection, const struct err *reason)
{
    struct session *s = self;
    struct cluster_info *c = store_cluster(s->store);
    c->connected = connection == CLIENT_CONNECTED;
    c->problem = connection != CLIENT_CONNECTED && reason != NULL ? reason->code : ERR_NONE;
    if (c->connected) {
        describe_connection(s, c);
    } else {
        snprintf(c->connection, sizeof c->connection, "%.255s",
                 reason != NULL && reason->msg[0] != '\0' ? reason->msg : "connecting");
    }
    s->dirty = true;
}

static void on_skew(void *self, int64_t seconds)
{
    struct session *s = self;
    struct cluster_info *c = store_cluster(s->store);
    // A clock that is wrong by years would make expired certificates of good ones
    // (docs/rules/kubernetes-client.md#clock-skew).
    bool far = seconds > SKEW_BELIEVED_S || seconds < -SKEW_BELIEVED_S;
    c->skew = seconds;
    c->skew_doubted = far && !s->o.config->server_clock;
    clock_set_skew(c->skew_doubted ? 0 : seconds);
    if (c->connected) {
        describe_connection(s, c);
    }
    s->dirty = true;
}

struct client_sink session_sink(struct session *s)
{
    return (struct client_sink){
        .self = s,
        .replace_begin = on_replace_begin,
        .item = on_item,
        .left_out = on_left_out,
        .replace_end = on_replace_end,
        .state = on_state,
        .connection = on_connection,
        .skew = on_skew,
    };
}
