// SPDX-License-Identifier: Apache-2.0
// What is wanted of the client, and how far each kind is with it.
#include "kube/base/text.h"

#include "kube/store/session_internal.h"

#include <stdio.h>
#include <stdlib.h>

// As many as the dashboard's history leads back to.
enum { SINGLES_MAX = 32 };

struct watch *session_watch_of(struct session *l, int id)
{
    return id >= 0 && id < MAX_WATCHES ? l->watches[id] : NULL;
}

static size_t sources_of(struct session *l, enum kind k)
{
    size_t n = 0;
    for (; kinds[k].groups[n].group != NULL; n++) {
        l->sources[k][n] = (struct informer_source){kinds[k].groups[n].group, kinds[k].resource,
                                                    kinds[k].groups[n].versions};
    }
    return n;
}

struct informer_spec session_informer_spec(struct session *l, int id, const struct watch *w)
{
    enum kind k = w->kind;
    return (struct informer_spec){
        .id = id,
        .sources = l->sources[k],
        .source_count = sources_of(l, k),
        .namespaced = kinds[k].namespaced,
        .metadata_only = kinds[k].reading == READ_METADATA || k == KIND_POD,
        .no_watch = !l->o.watch || k == KIND_DEPLOYMENT, // its arguments: read once
        .clear_at_once = k == KIND_SECRET,
        .field_selector = w->field_selector,
        .label_selector = w->label_selector,
        .priority = (l->o.first & KIND_BIT(k)) != 0 ? 0 : 1,
    };
}

struct watch *session_new_watch(struct session *l, int id, enum kind k, const char *field,
                                const char *label)
{
    struct watch *w = xcalloc(1, sizeof *w);
    w->session = l;
    w->kind = k;
    w->field_selector = field != NULL ? xstrdup(field) : NULL;
    w->label_selector = label != NULL ? xstrdup(label) : NULL;
    w->number = ++l->watch_numbers;
    l->watches[id] = w;
    l->nwatches = id >= l->nwatches ? id + 1 : l->nwatches;
    return w;
}

// Events of one object, which a person has asked for.
static bool is_single(enum kind k, const char *field)
{
    return k == KIND_EVENT && field != NULL && str_starts(field, "involvedObject.uid=");
}

static bool no_other_covers(void *self, const struct object *o)
{
    const struct watch *w = self;
    bool only = session_covers(w, o);
    for (int i = 0; i < w->session->nwatches && only; i++) {
        const struct watch *other = w->session->watches[i];
        only = other == NULL || other == w || other->kind != w->kind || !session_covers(other, o);
    }
    return only;
}

// Ends the oldest of the events of single objects where there are enough; its id, -1 where there is room.
static int end_oldest_single(struct session *l)
{
    int n = 0, oldest = -1;
    for (int i = 0; i < l->nwatches; i++) {
        const struct watch *w = l->watches[i];
        if (w != NULL && is_single(w->kind, w->field_selector)) {
            n++;
            oldest = oldest < 0 || w->number < l->watches[oldest]->number ? i : oldest;
        }
    }
    if (n < SINGLES_MAX) {
        return -1;
    }
    struct watch *w = l->watches[oldest];
    client_remove_informer(l->client, oldest);
    store_replace_begin(l->store, w->kind, oldest, NULL, false);
    store_replace_end(l->store, w->kind, oldest, NULL, no_other_covers, w);
    l->watches[oldest] = NULL;
    session_free_watch(w);
    return oldest;
}

void session_add_watch(struct session *l, enum kind k, const char *field, const char *label)
{
    for (int i = 0; i < l->nwatches; i++) {
        struct watch *w = l->watches[i];
        if (w != NULL && w->kind == k && str_eq(w->field_selector, field) &&
            str_eq(w->label_selector, label)) {
            w->number = ++l->watch_numbers;
            return;
        }
    }
    int id = is_single(k, field) ? end_oldest_single(l) : -1;
    if (id < 0) {
        id = l->nwatches < WATCH_EXTRA ? WATCH_EXTRA : l->nwatches;
    }
    if (id >= MAX_WATCHES) {
        return; // so many selectors that their pods are not looked at one by one
    }
    struct watch *w = session_new_watch(l, id, k, field, label);
    struct informer_spec c = session_informer_spec(l, id, w);
    client_add_informer(l->client, &c);
    session_sum_up(l, k); // the kind is being read from now on
}

void session_free_watch(struct watch *w)
{
    if (w != NULL) {
        free(w->field_selector);
        free(w->label_selector);
        free(w);
    }
}

// --- states

static enum sync_state phase_to_state(enum client_phase p)
{
    static const enum sync_state states[] = {SYNC_SYNCING, SYNC_LIVE, SYNC_STALE, SYNC_FORBIDDEN,
                                             SYNC_NOT_INSTALLED};
    return states[p];
}

bool session_settled(const struct session *l, enum kind k)
{
    const struct watch *w = l->watches[k];
    return w == NULL || (w->have_state && (w->state.synced || w->state.phase == CLIENT_FORBIDDEN ||
                                           w->state.phase == CLIENT_NOT_INSTALLED));
}

// Events and Pods are read as other kinds ask for them: until those are settled, more may come.
static bool more_may_come(const struct session *l, enum kind k)
{
    if (k == KIND_EVENT) {
        return (!l->events_added[0] && !session_settled(l, KIND_CERTIFICATE)) ||
               (!l->events_added[1] && !session_settled(l, KIND_ORDER));
    }
    return (k == KIND_POD || k == KIND_SECRET) && !session_settled(l, KIND_GATEWAY);
}

void session_sum_up(struct session *l, enum kind k)
{
    static const int badness[] = {[SYNC_OFF] = 0,     [SYNC_LIVE] = 1,  [SYNC_NOT_INSTALLED] = 2,
                                  [SYNC_SYNCING] = 3, [SYNC_STALE] = 4, [SYNC_FORBIDDEN] = 5};
    struct kind_state *s = store_state(l->store, k);
    struct kind_state old = *s;
    struct kind_state new = {.objects = old.objects,
                             .expected = -1,
                             .since = TIME_NONE,
                             .next_try = TIME_NONE,
                             .synced = true};
    bool any = false;
    for (int i = 0; i < l->nwatches; i++) {
        const struct watch *w = l->watches[i];
        if (w == NULL || w->kind != k) {
            continue;
        }
        if (!w->have_state) {
            new.synced = false;
            new.state = badness[SYNC_SYNCING] > badness[new.state] ? SYNC_SYNCING : new.state;
            any = true;
            continue;
        }
        const struct client_state *c = &w->state;
        enum sync_state state = phase_to_state(c->phase);
        new.synced = new.synced && c->synced;
        new.partial = new.partial || c->readable > 0;
        new.dropped += (long)c->dropped + w->undecodable;
        if (!any || badness[state] > badness[new.state]) {
            new.state = state;
            new.since = c->since;
            new.next_try = c->next_try;
            new.expected = state == SYNC_SYNCING && c->expected > 0 ? (long)c->expected : -1;
            snprintf(new.reason, sizeof new.reason, "%.255s", c->reason.msg);
            new.problem = (int)c->reason.code;
            if (c->readable > 0) {
                snprintf(new.reason, sizeof new.reason, "partial: %zu of %zu namespaces",
                         c->readable, c->tried);
            } else if (state == SYNC_LIVE && c->polled) {
                new.problem = ERR_FORBIDDEN;
                snprintf(new.reason, sizeof new.reason,
                         "listed once a minute: the user may not watch %s", kinds[k].resource);
            }
        }
        if (c->version != NULL) {
            snprintf(new.version, sizeof new.version, "%s", c->version);
            snprintf(new.group, sizeof new.group, "%s", c->group);
        }
        any = true;
    }
    if (!any) {
        if ((l->o.kinds & KIND_BIT(k)) == 0 || (k != KIND_EVENT && k != KIND_POD)) {
            return;
        }
        new.state = SYNC_LIVE; // nothing names one
    }
    if (more_may_come(l, k) || (k == KIND_SECRET && new.synced && !l->secrets_looked)) {
        new.synced = false; // of Secrets, those of other types are asked for by name first
        new.state = new.state == SYNC_LIVE ? SYNC_SYNCING : new.state;
    }
    if (k == KIND_SECRET && l->secrets_refused && new.state == SYNC_LIVE) {
        new.partial = true; // what is not there may be there
        snprintf(new.reason, sizeof new.reason, "%s", l->secrets_reason);
        new.problem = ERR_FORBIDDEN;
    }
    *s = new;
    if (kind_complete(&old) != kind_complete(&new) || old.state != new.state) {
        l->o.derive.kind_state_changed(l->o.derive.self, k);
    }
    l->dirty = true;
}
