// SPDX-License-Identifier: Apache-2.0
// What --debug mesh says of evaluations.
#include "tui/source/evaluation_log.h"

#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/str.h"

#include "kube/mesh/chain/dependents.h"

#include <stdlib.h>

// Bounds of one update. The first one of a large cluster evaluates ten thousand groups.
enum { GROUPS_NAMED = 100, ROWS_NAMED = 300, KEYS_NOTED = 4000 };

void evaluation_log_init(struct evaluation_log *l)
{
    *l = (struct evaluation_log){.nchanges = 0};
    arena_init(&l->texts);
    arena_init(&l->scratch);
}

void evaluation_log_release(struct evaluation_log *l)
{
    free(l->changes);
    arena_release(&l->texts);
    arena_release(&l->scratch);
    *l = (struct evaluation_log){.nchanges = 0};
}

// --- what changes

struct noted_change {
    struct evaluation_log *log;
    const char *what;
};

static void note_key(void *self, uint64_t key)
{
    const struct noted_change *c = self;
    struct evaluation_log *l = c->log;
    if (l->nchanges < KEYS_NOTED) {
        *ARRAY_PUSH(l->changes, l->nchanges, l->cap_changes) =
            (struct logged_change){dependents_key(key), c->what};
    }
}

void evaluation_log_changed(struct evaluation_log *l, const struct object *before,
                            const struct object *after)
{
    const struct object *o = after != NULL ? after : before;
    if (log_area_on(LOG_AREA_MESH) && l->nchanges < KEYS_NOTED) {
        const char *what =
            arena_printf(&l->texts, "%s %s/%s %s", kinds[o->kind].kind, o->ns, o->name,
                         before == NULL  ? "added"
                         : after == NULL ? "deleted"
                                         : "modified");
        struct noted_change c = {l, what};
        app_updater_change_keys(before, after, &l->scratch, note_key, &c);
    }
}

void evaluation_log_state_changed(struct evaluation_log *l, enum kind k)
{
    if (log_area_on(LOG_AREA_MESH)) {
        struct noted_change c = {
            l, arena_printf(&l->texts, "the state of %s changed", kinds[k].resource)};
        note_key(&c, mesh_key_kind_state(k));
    }
}

void evaluation_log_probe_changed(struct evaluation_log *l, enum probe_kind k, const char *name)
{
    if (log_area_on(LOG_AREA_MESH)) {
        struct noted_change c = {
            l, arena_printf(&l->texts, "the probe %s %s was answered", probe_kind_name(k), name)};
        note_key(&c, mesh_key_probe(k, name));
    }
}

static const char *cause_of(const struct evaluation_log *l, const struct app_evaluation *e)
{
    if (e->cause != APP_CAUSE_LOOKUP) {
        return e->cause == APP_CAUSE_OWNER ? "it changed" : "its time came";
    }
    for (size_t i = 0; i < l->nchanges; i++) {
        if (l->changes[i].key == e->key) {
            return l->changes[i].what;
        }
    }
    return "something changed that its chains looked up"; // more than KEYS_NOTED did
}

// --- what became of it

static const struct app_row *find_row(const struct app_row *rows, uint32_t n,
                                      const struct app_row *like)
{
    for (uint32_t i = 0; i < n; i++) {
        if (str_eq(rows[i].host, like->host) && str_eq(rows[i].gateway, like->gateway)) {
            return &rows[i];
        }
    }
    return NULL;
}

// "broken at dns: no DNS record for ...", "ok"
static const char *state_text(struct arena *a, const struct app_row *r)
{
    const char *state = verdict_name((enum verdict)r->state);
    return r->state == VERDICT_OK ? state
                                  : arena_printf(a, "%s at %s: %s", state,
                                                 link_name((enum link_kind)r->worst), r->reason);
}

static void log_row(struct evaluation_log *l, const struct app_row *before,
                    const struct app_row *after)
{
    if (before != NULL && after != NULL && before->state == after->state &&
        before->worst == after->worst && str_eq(before->reason, after->reason)) {
        return;
    }
    if (l->rows++ >= ROWS_NAMED) {
        return;
    }
    const struct app_row *r = after != NULL ? after : before;
    ASSERT(r != NULL);
    arena_clear(&l->scratch);
    log_debug(LOG_AREA_MESH, "%s on %s: %s -> %s", r->host,
              r->gateway != NULL ? r->gateway : "no Gateway",
              before != NULL ? state_text(&l->scratch, before) : "none",
              after != NULL ? state_text(&l->scratch, after) : "none");
}

void evaluation_log_evaluated(void *self, const struct app_evaluation *e)
{
    struct evaluation_log *l = self;
    if (l->groups++ >= GROUPS_NAMED) {
        return;
    }
    log_debug(LOG_AREA_MESH, "%s %s/%s evaluated because %s: %u rows", kinds[e->kind].kind, e->ns,
              e->name, cause_of(l, e), (unsigned)e->nafter);
    for (uint32_t i = 0; i < e->nafter; i++) {
        log_row(l, find_row(e->before, e->nbefore, &e->after[i]), &e->after[i]);
    }
    for (uint32_t i = 0; i < e->nbefore; i++) {
        if (find_row(e->after, e->nafter, &e->before[i]) == NULL) {
            log_row(l, &e->before[i], NULL);
        }
    }
}

// --- an update

void evaluation_log_begin(struct evaluation_log *l)
{
    l->groups = l->rows = 0;
    l->begin_us = clock_thread_us();
}

void evaluation_log_end(struct evaluation_log *l, long chains)
{
    if (l->groups > 0) {
        log_debug(LOG_AREA_MESH, "%ld chains in %u groups evaluated in %ld us", chains,
                  (unsigned)l->groups, (long)(clock_thread_us() - l->begin_us));
    }
    l->nchanges = 0;
    arena_clear(&l->texts);
}
