// SPDX-License-Identifier: Apache-2.0
// The functions of the dashboard's source, over a cluster or over manifests.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/pipe.h"
#include "kube/base/str.h"

#include "kube/object/manifest_places.h"

#include "kube/store/session_fetch.h"

#include "kube/mesh/cause/cause.h"
#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/chain/chain.h"
#include "kube/mesh/dns/dns_record.h"

#include "views/view_list.h"

#include "tui/screen/dashboard_internal.h"
#include "tui/screen/trace_pane.h"
#include "tui/source/probe_requests.h"

#include <stdlib.h>
#include <string.h>

// For how long the same rows on the screen cause no new questions to DNS.
enum { SAME_SCREEN_MS = 5000 };

// How long the screen waits for a plugin that does not begin.
enum { PLUGIN_BEGINS_MS = 50 };

// Makes the dashboard look at its source again after this turn of the loop.
static void wake(struct dashboard *d)
{
    pipe_wake(d->cluster.wake[1]);
}

static const struct snapshot *latest(void *self)
{
    struct dashboard *d = self;
    if (d->o->manifests != NULL) {
        return snapshot_ref(d->o->manifests);
    }
    return d->cluster.session != NULL ? session_latest(d->cluster.session) : NULL;
}

// Whether these rows are others than the last time, or that was a while ago.
static bool is_new_screen(struct dashboard *d, const struct view *v, const struct view_args *a,
                          const void *const *rows, uint32_t n)
{
    uint64_t hash = str_hash(v->name);
    for (uint32_t i = 0; i < n; i++) {
        hash = hash_mix(hash, str_hash(v->host(a, rows[i])));
    }
    int64_t now = clock_mono_ms();
    if (hash == d->on_screen && now - d->wanted_at < SAME_SCREEN_MS) {
        return false;
    }
    d->on_screen = hash;
    d->wanted_at = now;
    return true;
}

// The names of the rows on the screen are queried before all others.
static void drawn(void *self, const struct view *v, const struct view_args *a,
                  const void *const *rows, uint32_t n)
{
    struct dashboard *d = self;
    struct dns_prober *p = d->cluster.dns_prober;
    bool records = strcmp(v->name, "dns") == 0;
    if (p == NULL || (!records && strcmp(v->name, "apps") != 0) ||
        !is_new_screen(d, v, a, rows, n)) {
        return;
    }
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    log_debug(LOG_AREA_PROBE, "the names of %u rows on the screen come first", (unsigned)n);
    dns_prober_screen_changed(p);
    for (uint32_t i = 0; i < n; i++) {
        if (records) {
            probe_requests_record(p, rows[i]);
        } else {
            probe_requests_app(p, &m, &settings, rows[i]);
        }
    }
}

static void relist(void *self, kind_set kinds_shown)
{
    struct dashboard *d = self;
    struct session *s = d->cluster.session;
    if (s != NULL && session_plugin_needs_terminal(s)) {
        d->lend = true; // between two turns of the loop, because it leaves the screen
        wake(d);
    } else if (s != NULL) {
        session_reconnect(s);
        session_relist(s, kinds_shown);
    }
}

static bool terminal_wanted(void *self)
{
    struct dashboard *d = self;
    bool lend = d->lend && d->cluster.session != NULL;
    d->lend = false;
    return lend;
}

static void lend(void *self)
{
    struct dashboard *d = self;
    if (!session_run_plugin(d->cluster.session, PLUGIN_BEGINS_MS)) {
        log_debug(LOG_AREA_SCREEN, "the terminal was lent in vain: the I/O thread is busy");
    }
}

// --- YAML

static void yaml_open(void *self, const struct object *o)
{
    struct dashboard *d = self;
    free(d->yaml.text);
    d->yaml = (struct yaml_answer){0};
    d->yaml_ready = false;
    if (d->o->manifests == NULL && d->cluster.session != NULL) {
        session_fetch(d->cluster.session, o);
        return;
    }
    char *text = manifest_source(o);
    d->yaml.failed = text == NULL;
    d->yaml.text = text != NULL ? text : xstrdup("the text it was read from is gone");
    d->yaml.n = strlen(d->yaml.text);
    d->yaml_ready = true;
    wake(d);
}

static bool yaml_take(void *self, struct yaml_answer *out)
{
    struct dashboard *d = self;
    if (d->yaml_ready) {
        *out = d->yaml;
        d->yaml = (struct yaml_answer){0};
        d->yaml_ready = false;
        return true;
    }
    struct fetched_text a;
    if (d->cluster.session == NULL || !session_take_fetched(d->cluster.session, &a)) {
        return false;
    }
    *out = (struct yaml_answer){a.text, a.n, a.failed};
    return true;
}

static void yaml_cancel(void *self)
{
    struct yaml_answer a;
    if (yaml_take(self, &a)) {
        free(a.text);
    }
}

// --- where rows lead

static const struct view *events(void *self, const struct view_args *a, const struct object *o,
                                 const char **subject)
{
    struct dashboard *d = self;
    *subject = arena_strdup(a->arena, str_or_empty(o->uid));
    if (d->cluster.session != NULL && !str_empty(o->uid)) {
        session_watch(d->cluster.session, KIND_EVENT,
                      arena_printf(a->arena, "involvedObject.uid=%s", o->uid), NULL);
    }
    return view_find("events");
}

// From an application to its Certificate, or to its Gateway where there is none.
static const struct view *related(void *self, const struct view *v, const struct view_args *a,
                                  const void *row, const char **subject, const char **key)
{
    (void)self;
    *subject = *key = NULL;
    if (strcmp(v->json_kind, "CauseList") == 0) {
        const struct cause *cause = row;
        const struct view *apps = view_find("apps");
        *key = cause->nrows > 0 ? view_row_key(apps, a, cause->rows[0]) : NULL;
        return cause->nrows > 0 ? apps : NULL;
    }
    if (strcmp(v->name, "apps") != 0) {
        return NULL;
    }
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    const struct chain *c = app_chain(&m, row, a->options->dns);
    if (c == NULL) {
        return NULL;
    }
    const struct chain_link *l = &c->link[LINK_CERTIFICATE];
    const char *name = "certificates";
    const struct object *o =
        l->kind == KIND_CERTIFICATE ? snapshot_get(a->snap, l->kind, l->ns, l->name) : NULL;
    if (o == NULL) {
        name = "gateways";
        o = c->gateway;
    }
    if (o == NULL) {
        return NULL;
    }
    *key = !str_empty(o->uid)
               ? arena_strdup(a->arena, o->uid)
               : arena_printf(a->arena, "%s/%s/%s", kinds[o->kind].kind, o->ns, o->name);
    return view_find(name);
}

static void trace(void *self, const struct view_args *a, const char *request,
                  struct text_block *out)
{
    (void)self;
    trace_pane_fill(a, request, out);
}

struct ui_source dashboard_source(struct dashboard *d)
{
    bool cluster = d->o->manifests == NULL;
    return (struct ui_source){
        .self = d,
        .wake_fd = d->cluster.wake[0],
        .latest = latest,
        .drawn = cluster ? drawn : NULL,
        .relist = cluster ? relist : NULL,
        .yaml_open = yaml_open,
        .yaml_take = yaml_take,
        .yaml_cancel = yaml_cancel,
        .contexts = cluster ? dashboard_contexts : NULL,
        .switch_context = cluster ? dashboard_switch_context : NULL,
        .trace = trace,
        .related = related,
        .events = events,
        .probe = cluster ? dashboard_probe : NULL,
        .terminal_wanted = terminal_wanted,
        .terminal_lend = lend,
    };
}
