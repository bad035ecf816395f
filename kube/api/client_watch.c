// SPDX-License-Identifier: Apache-2.0
// The client's kinds: a reflector for all namespaces, or one for each where only some may be read.
#include "kube/base/log.h"
#include "kube/base/percent.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/api/client_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- a scope: reflector and call -------------------------------------------------------------------

static void on_response(void *self, const struct http_response *r)
{
    struct scope *s = self;
    struct client *c = s->informer->client;
    s->version = r->credential_version;
    if (r->status != 401) { // else discovery says so
        client_link_up(c);
    }
    client_saw_date(c, r->date);
    if (r->warning != NULL) {
        client_warn(c, r->warning);
    }
    struct reflector_response response = {
        .status = r->status,
        .content_type = r->content_type,
        .retry_after_s = r->retry_after_s,
        .location = r->location,
        .http1 = r->http1,
    };
    if (r->status == 200) {
        s->missed = 0;
    }
    reflector_response(s->reflector, client_now(), &response);
}

static void on_bytes(void *self, const char *bytes, size_t n)
{
    struct scope *s = self;
    reflector_bytes(s->reflector, client_now(), bytes, n);
}

static void on_done(void *self, const struct err *err, bool lost)
{
    struct scope *s = self;
    struct client *c = s->informer->client;
    s->call = NULL;
    if (lost) {
        int64_t spread = (int64_t)((double)c->options.jitter_ms * client_random(c));
        reflector_disconnected(s->reflector, client_now(), spread, err);
        return;
    }
    reflector_end(s->reflector, client_now(), err);
    if (err != NULL && !reflector_is_busy(s->reflector)) {
        client_link_down(c, err);
    }
}

static void do_request(void *self, const struct reflector_request *q)
{
    static const struct http_events events = {on_response, on_bytes, on_done};
    struct scope *s = self;
    struct http_request r = {
        .path = q->path, .accept = q->accept, .is_watch = q->is_watch, .is_stream = q->is_stream};
    s->call = http_start(s->informer->client->http, &r, &events, s);
}

static void do_cancel(void *self)
{
    struct scope *s = self;
    http_cancel(s->call);
    s->call = NULL;
}

static void do_refused(void *self)
{
    struct scope *s = self;
    struct client *c = s->informer->client;
    // A plugin that runs now serves all callers; the request waits for it in the queue.
    struct err why;
    bool renewed = credential_unauthorized(c->credential, s->version, credential_clock());
    bool asks = !renewed && credential_needs_terminal(c->credential, credential_clock()) &&
                credential_check(c->credential, credential_clock(), &why) == CREDENTIAL_TERMINAL;
    reflector_authorized(s->reflector, client_now(), renewed, asks ? &why : NULL);
}

static void do_missing(void *self)
{
    struct scope *s = self;
    s->missing = true;
    s->restart_at = INT64_MAX;
    s->missed++;
    s->informer->dirty = true;
    discover_anew(s->informer->client);
    discover_soon(s->informer->client);
}

static void do_begin(void *self, bool show, bool force)
{
    struct scope *s = self;
    const struct client_sink *k = &s->informer->client->sink;
    k->replace_begin(k->self, s->informer->spec.id, s->ns, show, force);
}

static bool do_item(void *self, enum splitter_type type, const char *text, size_t n)
{
    struct scope *s = self;
    struct informer *w = s->informer;
    const struct client_sink *k = &w->client->sink;
    enum client_change change = type == SPLITTER_ADDED      ? CLIENT_ADDED
                                : type == SPLITTER_MODIFIED ? CLIENT_MODIFIED
                                : type == SPLITTER_DELETED  ? CLIENT_DELETED
                                                            : CLIENT_LISTED;
    return k->item(k->self, w->spec.id, s->ns, change, w->spec.sources[w->source].group, w->version,
                   text, n);
}

static void do_end(void *self)
{
    struct scope *s = self;
    const struct client_sink *k = &s->informer->client->sink;
    k->replace_end(k->self, s->informer->spec.id, s->ns);
}

static void do_changed(void *self)
{
    ((struct scope *)self)->informer->dirty = true;
}

static double do_random(void *self)
{
    return client_random(((struct scope *)self)->informer->client);
}

static char *scope_path(const struct informer *w, const char *ns)
{
    const struct informer_source *source = &w->spec.sources[w->source];
    struct buf b;
    buf_init(&b, 0);
    if (source->group[0] == '\0') {
        buf_addf(&b, "/api/%s/", w->version);
    } else {
        buf_addf(&b, "/apis/%s/%s/", source->group, w->version);
    }
    if (ns != NULL) {
        buf_adds(&b, "namespaces/");
        percent_encode(&b, ns);
        buf_addc(&b, '/');
    }
    buf_adds(&b, source->resource);
    return buf_take(&b);
}

static void scope_free(struct scope *s)
{
    http_cancel(s->call);
    reflector_free(s->reflector);
    free(s->ns);
    free(s);
}

static struct scope *scope_new(struct informer *w, const char *ns, bool poll)
{
    struct scope *s = xcalloc(1, sizeof *s);
    s->informer = w;
    s->ns = ns != NULL ? xstrdup(ns) : NULL;
    char *path = scope_path(w, ns);
    struct reflector_options options = {
        .path = path,
        .selectors = w->selectors,
        .metadata_only = w->spec.metadata_only,
        .no_watch = w->spec.no_watch,
        .poll = poll,
        .clear_at_once = w->spec.clear_at_once,
        .object_max = w->client->options.object_max,
        .backoff_first_ms = w->client->options.backoff_first_ms,
        .backoff_max_ms = w->client->options.backoff_max_ms,
        .refused_ms = w->client->options.refused_ms,
        .poll_ms = w->client->options.poll_ms,
    };
    const struct reflector_ops ops = {s,        do_request, do_cancel, do_refused, do_missing,
                                      do_begin, do_item,    do_end,    do_changed, do_random};
    s->reflector = reflector_new(&options, &ops);
    free(path);
    return s;
}

// --- a want ----------------------------------------------------------------------------------------

static void drop_scopes(struct informer *w, bool keep_wide)
{
    struct scope *s = w->scopes;
    if (keep_wide && s != NULL) {
        s = s->next;
        w->scopes->next = NULL;
    } else {
        w->scopes = NULL;
    }
    while (s != NULL) {
        struct scope *next = s->next;
        scope_free(s);
        s = next;
    }
    w->spread = false;
}

struct informer *informer_new(struct client *c, const struct informer_spec *spec)
{
    struct informer *w = xcalloc(1, sizeof *w);
    w->client = c;
    w->spec = *spec;
    w->spec.ns = spec->ns != NULL ? xstrdup(spec->ns) : NULL;
    w->spec.field_selector = w->spec.label_selector = NULL;
    struct buf b;
    buf_init(&b, 0);
    if (spec->field_selector != NULL) {
        buf_adds(&b, "&fieldSelector=");
        percent_encode(&b, spec->field_selector);
    }
    if (spec->label_selector != NULL) {
        buf_adds(&b, "&labelSelector=");
        percent_encode(&b, spec->label_selector);
    }
    w->selectors = buf_take(&b);
    w->started = !spec->lazy;
    w->dirty = true;
    return w;
}

void informer_free(struct informer *w)
{
    drop_scopes(w, false);
    free((char *)(uintptr_t)w->spec.ns);
    free(w->selectors);
    free(w);
}

void informer_run(struct informer *w, size_t source, const char *version)
{
    w->absent = false;
    w->dirty = true;
    if (w->scopes != NULL && w->source == source && str_eq(w->version, version)) {
        informer_retry_missing(w);
        return;
    }
    drop_scopes(w, false);
    w->source = source;
    w->version = version;
    w->scopes = scope_new(w, w->spec.ns, false);
    reflector_start(w->scopes->reflector, client_now());
}

void informer_retry_missing(struct informer *w)
{
    for (struct scope *s = w->scopes; s != NULL; s = s->next) {
        // A CRD that is being set up. Not at once, lest list and discovery chase each other.
        if (s->missing && s->restart_at == INT64_MAX) {
            s->restart_at = client_now() + (s->missed > 10 ? 10000 : 1000 * (s->missed - 1));
        }
    }
}

void informer_absent(struct informer *w)
{
    for (struct scope *s = w->scopes; s != NULL; s = s->next) {
        if (reflector_is_watching(s->reflector) ||
            (reflector_is_busy(s->reflector) && !s->missing)) {
            return; // it still answers: its own end will tell
        }
    }
    if (w->scopes != NULL) {
        discover_anew(w->client); // it was there: one wrong document must not stand for ever
    }
    for (struct scope *s = w->scopes; s != NULL; s = s->next) {
        s->missing = false;
        reflector_gone(s->reflector, client_now());
    }
    drop_scopes(w, false);
    w->version = NULL;
    w->absent = w->dirty = true;
}

bool informer_is_missing(const struct informer *w)
{
    for (const struct scope *s = w->scopes; s != NULL; s = s->next) {
        if (s->missing) {
            return true;
        }
    }
    return w->started && w->scopes == NULL;
}

void informer_connected(struct informer *w)
{
    struct client *c = w->client;
    for (struct scope *s = w->scopes; s != NULL; s = s->next) {
        int64_t spread = (int64_t)((double)c->options.jitter_ms * client_random(c));
        reflector_connected(s->reflector, client_now(), spread);
    }
}

void informer_relist(struct informer *w, bool scratch)
{
    for (struct scope *s = w->scopes; s != NULL; s = s->next) {
        s->missing = false;
        reflector_relist(s->reflector, client_now(), scratch);
    }
}

static const struct reflector_state *wide_state(const struct informer *w)
{
    return reflector_state(w->scopes->reflector);
}

static void check_spread(struct informer *w)
{
    if (w->scopes == NULL) {
        return;
    }
    bool forbidden = wide_state(w)->phase == REFLECTOR_FORBIDDEN;
    if (forbidden && !w->spread && w->spec.namespaced && w->spec.ns == NULL) {
        w->spread = true;
        informer_spread(w);
    } else if (w->spread && wide_state(w)->synced) {
        drop_scopes(w, true); // the wide list has replaced what they brought
        w->dirty = true;
    }
}

void informer_timers(struct informer *w, int64_t now)
{
    check_spread(w);
    for (struct scope *s = w->scopes; s != NULL; s = s->next) {
        if (s->missing && s->restart_at <= now) {
            s->missing = false;
            reflector_start(s->reflector, now);
        } else if (reflector_deadline(s->reflector) <= now) {
            reflector_timer(s->reflector, now);
        }
    }
}

int64_t informer_deadline(const struct informer *w)
{
    int64_t first = INT64_MAX;
    for (const struct scope *s = w->scopes; s != NULL; s = s->next) {
        int64_t at = s->missing ? s->restart_at : reflector_deadline(s->reflector);
        first = at < first ? at : first;
    }
    return first;
}

// --- namespaces ------------------------------------------------------------------------------------

static void try_namespace(struct informer *w, const char *ns)
{
    size_t n = 0;
    struct scope **end = &w->scopes->next;
    for (; *end != NULL; end = &(*end)->next) {
        if (str_eq((*end)->ns, ns)) {
            return;
        }
        n++;
    }
    *end = scope_new(w, ns, n >= CLIENT_WATCHES_MAX);
    reflector_start((*end)->reflector, client_now());
}

void informer_spread(struct informer *w)
{
    struct client *c = w->client;
    if (!w->spread || w->scopes == NULL) {
        return;
    }
    if (!str_empty(c->config->ns)) {
        try_namespace(w, c->config->ns);
    }
    for (size_t i = 0; i < c->namespace_count; i++) {
        try_namespace(w, c->namespaces[i]);
    }
}

// --- states ----------------------------------------------------------------------------------------

static int64_t wall(int64_t mono)
{
    if (mono == INT64_MAX) {
        return TIME_NONE;
    }
    return (credential_clock().wall_ms + (mono - client_now())) / 1000;
}

static void copy_state(struct client_state *out, const struct reflector_state *s)
{
    static const enum client_phase phases[] = {
        [REFLECTOR_SYNCING] = CLIENT_SYNCING,
        [REFLECTOR_LIVE] = CLIENT_LIVE,
        [REFLECTOR_STALE] = CLIENT_STALE,
        [REFLECTOR_FORBIDDEN] = CLIENT_FORBIDDEN,
        [REFLECTOR_NOT_INSTALLED] = CLIENT_NOT_INSTALLED,
    };
    out->phase = phases[s->phase];
    out->synced = s->synced;
    out->polled = s->polled;
    out->objects = s->objects;
    out->expected = s->expected;
    out->dropped = s->dropped;
    out->since = wall(s->since);
    out->next_try = wall(s->next_try);
    out->reason = s->reason;
}

// Of the namespaces that may be read the worst state counts; those that may not are told by number.
static void merge_namespaces(const struct informer *w, struct client_state *out)
{
    bool all_synced = true;
    size_t objects = 0, dropped = 0;
    const struct reflector_state *worst = NULL;
    for (const struct scope *s = w->scopes->next; s != NULL; s = s->next) {
        const struct reflector_state *st = reflector_state(s->reflector);
        out->tried++;
        dropped += st->dropped;
        if (st->phase == REFLECTOR_FORBIDDEN) {
            continue;
        }
        out->readable++;
        objects += st->objects;
        all_synced &= st->synced;
        static const int rank[] = {[REFLECTOR_LIVE] = 0,
                                   [REFLECTOR_NOT_INSTALLED] = 1,
                                   [REFLECTOR_STALE] = 2,
                                   [REFLECTOR_SYNCING] = 3,
                                   [REFLECTOR_FORBIDDEN] = 0};
        if (worst == NULL || rank[st->phase] > rank[worst->phase]) {
            worst = st;
        }
    }
    if (worst == NULL) {
        return; // not one: the wide list's refusal stands
    }
    struct err refusal = out->reason;
    copy_state(out, worst);
    out->synced = all_synced;
    out->objects = objects;
    out->expected = 0;
    out->dropped = dropped;
    if (out->reason.code == ERR_NONE && out->readable < out->tried) {
        out->reason = refusal;
    }
}

static void make_state(const struct informer *w, struct client_state *out)
{
    *out =
        (struct client_state){.phase = CLIENT_SYNCING, .since = TIME_NONE, .next_try = TIME_NONE};
    if (w->scopes != NULL) {
        copy_state(out, wide_state(w));
        out->group = w->spec.sources[w->source].group;
        out->version = w->version;
        if (w->spread && w->scopes->next != NULL) {
            merge_namespaces(w, out);
        }
    } else if (w->absent) {
        out->phase = CLIENT_NOT_INSTALLED;
    } else if (w->started && w->client->link == CLIENT_DISCONNECTED) {
        out->reason = w->client->link_err;
    }
}

static bool same(const struct client_state *a, const struct client_state *b)
{
    return a->phase == b->phase && a->synced == b->synced && a->polled == b->polled &&
           a->readable == b->readable && a->tried == b->tried && a->objects == b->objects &&
           a->expected == b->expected && a->dropped == b->dropped && a->since == b->since &&
           a->next_try == b->next_try && a->group == b->group && a->version == b->version &&
           a->reason.code == b->reason.code && str_eq(a->reason.msg, b->reason.msg);
}

void informer_tell(struct informer *w)
{
    bool syncing = w->scopes != NULL && wide_state(w)->phase == REFLECTOR_SYNCING;
    if (!w->dirty && !syncing) {
        return;
    }
    w->dirty = false;
    struct client_state state;
    make_state(w, &state);
    if (w->was_told && w->told.phase == state.phase && state.since != TIME_NONE &&
        w->told.since != TIME_NONE && state.since - w->told.since <= 1 &&
        w->told.since - state.since <= 1) {
        state.since = w->told.since; // two clocks, rounded
    }
    if (w->was_told && same(&state, &w->told)) {
        return;
    }
    if (!w->was_told || w->told.phase != state.phase) {
        static const char *const names[] = {"syncing", "live", "stale", "forbidden",
                                            "not installed"};
        log_line("api", LOG_INFO, "%s: %s%s%s", w->spec.sources[w->source].resource,
                 names[state.phase], state.reason.msg[0] != '\0' ? ", " : "", state.reason.msg);
    }
    w->told = state;
    w->was_told = true;
    const struct client_sink *k = &w->client->sink;
    k->state(k->self, w->spec.id, &state);
}
