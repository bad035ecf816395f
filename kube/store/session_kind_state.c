// SPDX-License-Identifier: Apache-2.0
// How far each kind is: one state made of those of its watches.
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/time_text.h"

#include "kube/store/session_internal.h"

#include <stdio.h>

bool session_kind_known(const struct session *s, enum kind k)
{
    const struct watch *w = s->watches[k];
    return w == NULL || (w->has_state && (w->state.synced || w->state.phase == CLIENT_FORBIDDEN ||
                                          w->state.phase == CLIENT_NOT_INSTALLED));
}

// The kind whose list decides what else is read of `k`, or whether it may be read at all; KIND_COUNT: all of it was
// asked for. A user who may not list all of a kind may read some namespaces, whose names come first. Events and Pods
// are read as other kinds name them, Secrets by name as well.
static enum kind awaited_by(const struct session *s, enum kind k)
{
    const struct watch *w = s->watches[k];
    if (w != NULL && !s->namespaces_known && k != KIND_NAMESPACE &&
        (w->state.phase == CLIENT_FORBIDDEN || w->state.tried > 0)) {
        return KIND_NAMESPACE;
    }
    switch (k) {
    case KIND_EVENT:
        if (!s->events_watched[0] && !session_kind_known(s, KIND_CERTIFICATE)) {
            return KIND_CERTIFICATE;
        }
        return !s->events_watched[1] && !session_kind_known(s, KIND_ORDER) ? KIND_ORDER
                                                                           : KIND_COUNT;
    case KIND_POD:
        return !session_kind_known(s, KIND_GATEWAY) ? KIND_GATEWAY : KIND_COUNT;
    case KIND_SECRET:
        return !session_kind_known(s, KIND_GATEWAY) || !s->secrets.checked ? KIND_GATEWAY
                                                                           : KIND_COUNT;
    default:
        return KIND_COUNT;
    }
}

static enum sync_state sync_state_of(const struct watch *w)
{
    static const enum sync_state states[] = {
        [CLIENT_SYNCING] = SYNC_SYNCING,
        [CLIENT_LIVE] = SYNC_LIVE,
        [CLIENT_STALE] = SYNC_STALE,
        [CLIENT_FORBIDDEN] = SYNC_FORBIDDEN,
        [CLIENT_NOT_INSTALLED] = SYNC_NOT_INSTALLED,
    };
    return w->has_state ? states[w->state.phase] : SYNC_SYNCING;
}

static bool is_worse(enum sync_state a, enum sync_state b)
{
    static const int badness[] = {
        [SYNC_OFF] = 0,     [SYNC_LIVE] = 1,  [SYNC_NOT_INSTALLED] = 2,
        [SYNC_SYNCING] = 3, [SYNC_STALE] = 4, [SYNC_FORBIDDEN] = 5,
    };
    return badness[a] > badness[b];
}

static void set_reason(struct kind_state *out, const struct client_state *c, enum kind k)
{
    snprintf(out->reason, sizeof out->reason, "%.255s", c->reason.msg);
    out->problem = c->reason.code;
    if (c->readable > 0) {
        out->problem = out->problem == ERR_FORBIDDEN ? ERR_NONE : out->problem;
        snprintf(out->reason, sizeof out->reason, "partial: %zu of %zu namespaces", c->readable,
                 c->tried);
    } else if (c->phase == CLIENT_LIVE && c->polled) {
        out->problem = ERR_FORBIDDEN;
        snprintf(out->reason, sizeof out->reason, "listed once a minute: the user may not watch %s",
                 kinds[k].resource);
    }
}

// Adds a watch to the state of its kind; `first`: there is nothing in it yet.
static void merge_watch(struct kind_state *out, const struct watch *w, bool first)
{
    const struct client_state *c = &w->state; // zero where there is none
    enum sync_state state = sync_state_of(w);
    out->synced = out->synced && c->synced;
    out->partial = out->partial || c->readable > 0;
    out->own_readable = out->own_readable || c->own_readable;
    out->dropped += (long)c->dropped;
    if (out->left_out[0] == '\0' && c->dropped > 0) {
        snprintf(out->left_out, sizeof out->left_out, "%s", w->left_out);
    }
    if (c->version != NULL) {
        snprintf(out->version, sizeof out->version, "%s", c->version);
        snprintf(out->group, sizeof out->group, "%s", c->group);
    }
    if (!first && !is_worse(state, out->state)) {
        return;
    }
    out->state = state;
    out->since = w->has_state ? c->since : TIME_NONE;
    out->next_try = w->has_state ? c->next_try : TIME_NONE;
    out->expected = state == SYNC_SYNCING && c->expected > 0 ? (long)c->expected : -1;
    set_reason(out, c, w->kind);
}

// The kind waits for the list of another one: it is not known, and stays so while that list fails.
static void wait_for(struct kind_state *out, const struct session *s, enum kind k)
{
    const struct kind_state *other = &store_view(s->store)->states[k];
    out->synced = false;
    if (k == KIND_NAMESPACE || out->state == SYNC_LIVE) {
        out->state = SYNC_SYNCING;
    }
    if (k == KIND_NAMESPACE && out->problem == ERR_FORBIDDEN) {
        out->problem = ERR_NONE;
    }
    if (out->problem == ERR_NONE && other->problem != ERR_NONE && !session_kind_known(s, k)) {
        out->problem = other->problem;
        out->next_try = other->next_try;
        snprintf(out->reason, sizeof out->reason, "waits for %s: %.200s", kinds[k].resource,
                 other->reason);
    }
}

// Logs what the states of the watches (--debug watch) do not show: since when absence means absence.
static void log_completeness(enum kind k, bool before, const struct kind_state *s)
{
    if (kind_complete(s) != before) {
        log_debug(LOG_AREA_STORE, "%s: %s, %ld objects%s%s", kinds[k].resource,
                  before ? "not complete any more" : "complete", s->objects,
                  s->reason[0] != '\0' ? ": " : "", s->reason);
    }
}

void session_update_kind_state(struct session *s, enum kind k)
{
    struct kind_state *state = store_state(s->store, k);
    const struct kind_state old = *state;
    struct kind_state new = {.objects = old.objects,
                             .expected = -1,
                             .since = TIME_NONE,
                             .next_try = TIME_NONE,
                             .synced = true};
    bool any = false;
    for (int i = 0; i < s->watch_count; i++) {
        const struct watch *w = s->watches[i];
        if (w != NULL && w->kind == k) {
            merge_watch(&new, w, !any);
            any = true;
        }
    }
    if (!any) {
        if ((s->o.kinds & KIND_BIT(k)) == 0 || (k != KIND_EVENT && k != KIND_POD)) {
            return;
        }
        new.state = SYNC_LIVE; // nothing names one
    }
    enum kind awaited = awaited_by(s, k);
    if (awaited != KIND_COUNT) {
        wait_for(&new, s, awaited);
    }
    if (k == KIND_SECRET && s->secrets.forbidden && new.state == SYNC_LIVE) {
        new.partial = true; // what is not there may be there
        snprintf(new.reason, sizeof new.reason, "%s", s->secrets.reason);
        new.problem = ERR_FORBIDDEN;
    }
    *state = new;
    log_completeness(k, kind_complete(&old), &new);
    if (kind_complete(&old) != kind_complete(&new) || old.state != new.state) {
        s->o.derive.kind_state_changed(s->o.derive.self, k);
    }
    s->dirty = true;
}
