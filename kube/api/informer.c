// SPDX-License-Identifier: Apache-2.0
// One wanted kind: a reflector for all namespaces, or one for each where only some may be read.
#include "kube/api/informer.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/api/reflector.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NAMESPACE_WATCHES_MAX = 64, // of one kind; further namespaces are polled
    NOT_FOUND_STEP_MS = 1000,   // added after each 404 in a row, for a CRD that is being set up
    NOT_FOUND_MANY = 10,        // in a row; then:
    NOT_FOUND_MAX_MS = 10000,
};

// One list and watch: a kind in all namespaces, or in one.
struct informer_scope {
    struct informer_scope *next;
    struct informer *informer;
    char *ns; // NULL: all
    struct reflector *reflector;
    struct http_call *call;      // NULL: no request is in flight
    uint64_t credential_version; // of the newest answer
    bool missing;                // a list answered 404: it waits for discovery
    int64_t restart_at;          // monotonic ms, once discovery still names it; INT64_MAX: not yet
    int not_found;               // 404s in a row
};

enum { NAME_SIZE = 256 };

// "pods", "pods (istio=in)" or "pods (istio=in) in NAMESPACE" (NULL: all), for the log; in `out`.
static const char *log_name(const struct informer *i, const char *ns, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%s%.120s%s%.63s", i->spec.sources[i->source].resource, i->called,
             ns != NULL ? " in " : "", str_or_empty(ns));
    return out;
}

static const char *name_of(const struct informer_scope *s, char out[NAME_SIZE])
{
    return log_name(s->informer, s->ns, out);
}

// --- a scope: what happens to its request

static void on_response(void *self, const struct http_response *r)
{
    struct informer_scope *s = self;
    struct server_status *status = s->informer->context->status;
    s->credential_version = r->credential_version;
    if (r->status != 401) { // else discovery reports it
        server_status_up(status);
    }
    server_status_date(status, r->date);
    if (r->warning != NULL) {
        server_status_warning(status, r->warning);
    }
    const struct reflector_response response = {
        .status = r->status,
        .content_type = r->content_type,
        .retry_after_s = r->retry_after_s,
        .location = r->location,
        .http1 = r->http1,
    };
    if (r->status == 200) {
        s->not_found = 0;
    }
    reflector_answered(s->reflector, clock_mono_ms(), &response);
}

static void on_bytes(void *self, const char *bytes, size_t n)
{
    struct informer_scope *s = self;
    reflector_bytes(s->reflector, clock_mono_ms(), bytes, n);
}

// A random instant within the spread of requests on a new connection.
static int64_t jitter_ms(const struct informer_context *c)
{
    return jitter_of(c->jitter, c->options->jitter_ms);
}

static void on_done(void *self, const struct err *err, bool lost)
{
    struct informer_scope *s = self;
    struct informer_context *c = s->informer->context;
    s->call = NULL;
    if (lost) {
        reflector_disconnected(s->reflector, clock_mono_ms(), jitter_ms(c), err);
        return;
    }
    reflector_end(s->reflector, clock_mono_ms(), err);
    bool connection = err != NULL && err->code != ERR_LIMIT && err->code != ERR_PARSE;
    if (connection && !reflector_is_busy(s->reflector)) {
        server_status_down(c->status, err);
    }
}

// --- a scope: what its reflector does

static void do_request(void *self, const struct reflector_request *request)
{
    static const struct http_events events = {on_response, on_bytes, on_done};
    struct informer_scope *s = self;
    const struct http_request r = {.path = request->path,
                                   .accept = request->accept,
                                   .is_watch = request->is_watch,
                                   .is_stream = request->is_stream};
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: %s", name_of(s, name),
              r.is_stream  ? "streaming list"
              : r.is_watch ? "watch"
                           : "list");
    s->call = http_start(s->informer->context->http, &r, &events, s);
}

static void do_cancel(void *self)
{
    struct informer_scope *s = self;
    http_cancel(s->call);
    s->call = NULL;
}

static void do_unauthorized(void *self)
{
    struct informer_scope *s = self;
    struct credential *c = s->informer->context->credential;
    struct credential_time now = credential_clock();
    // A plugin that runs now serves all callers; the request waits for it in the queue.
    struct err why;
    bool renewed = credential_unauthorized(c, s->credential_version, now);
    bool needs_terminal = !renewed && credential_needs_terminal(c, now) &&
                          credential_check(c, now, &why) == CREDENTIAL_TERMINAL;
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: 401, the credential %s", name_of(s, name),
              renewed ? "is renewed" : "cannot be renewed");
    reflector_renewed(s->reflector, clock_mono_ms(), renewed, needs_terminal ? &why : NULL);
}

static void do_not_found(void *self)
{
    struct informer_scope *s = self;
    struct informer *i = s->informer;
    s->missing = true;
    s->restart_at = INT64_MAX;
    s->not_found++;
    i->dirty = true;
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: 404 (%d in a row), discovery is asked", name_of(s, name),
              s->not_found);
    discovery_poll_distrust(i->context->discovery);
    discovery_poll_soon(i->context->discovery);
}

static void do_replace_begin(void *self, bool show, bool force)
{
    struct informer_scope *s = self;
    const struct client_sink *sink = s->informer->context->sink;
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: a list begins%s%s", name_of(s, name),
              show ? ", shown as it comes" : "", force ? ", whatever the resource versions" : "");
    if (sink->replace_begin != NULL) {
        sink->replace_begin(sink->self, s->informer->spec.id, s->ns, show, force);
    }
}

static bool do_item(void *self, enum splitter_type type, const char *text, size_t n)
{
    struct informer_scope *s = self;
    const struct informer *i = s->informer;
    const struct client_sink *sink = i->context->sink;
    enum client_change change = type == SPLITTER_ADDED      ? CLIENT_ADDED
                                : type == SPLITTER_MODIFIED ? CLIENT_MODIFIED
                                : type == SPLITTER_DELETED  ? CLIENT_DELETED
                                                            : CLIENT_LISTED;
    return sink->item(sink->self, i->spec.id, s->ns, change, i->spec.sources[i->source].group,
                      i->version, text, n);
}

static void do_left_out(void *self, bool listed, const char *text, size_t n)
{
    struct informer_scope *s = self;
    const struct client_sink *sink = s->informer->context->sink;
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: an object is left out: too large or unreadable",
              name_of(s, name));
    if (sink->left_out != NULL) {
        sink->left_out(sink->self, s->informer->spec.id, s->ns, listed, text, n);
    }
}

static void do_replace_end(void *self)
{
    struct informer_scope *s = self;
    const struct client_sink *sink = s->informer->context->sink;
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: the list is complete, %zu objects", name_of(s, name),
              reflector_state_of(s->reflector)->objects);
    if (sink->replace_end != NULL) {
        sink->replace_end(sink->self, s->informer->spec.id, s->ns);
    }
}

static void do_changed(void *self)
{
    ((struct informer_scope *)self)->informer->dirty = true;
}

static double do_random(void *self)
{
    return jitter_fraction(((struct informer_scope *)self)->informer->context->jitter);
}

// --- a scope: its life

// Of the version that is read (docs/rules/kubernetes-client.md#resource-paths). Heap.
static char *collection_path(const struct informer *i, const char *ns)
{
    const struct informer_source *source = &i->spec.sources[i->source];
    struct buf b;
    buf_init(&b, 0);
    if (source->group[0] == '\0') {
        buf_addf(&b, "/api/%s/", i->version);
    } else {
        buf_addf(&b, "/apis/%s/%s/", source->group, i->version);
    }
    if (ns != NULL) {
        buf_adds(&b, "namespaces/");
        percent_encode(&b, ns);
        buf_addc(&b, '/');
    }
    buf_adds(&b, source->resource);
    return buf_take(&b);
}

// Built-in kinds are encoded faster than the server's cache hands them to a watch: each object becomes a gzip member of
// its own, and the stream several times as long as a list (docs/rules/kubernetes-client.md#list-ladder).
static bool streams_well(const struct informer *i)
{
    return !i->spec.no_watch && i->spec.sources[i->source].group[0] != '\0';
}

// Lists and watches from now on; with `poll` it lists now and then.
static struct informer_scope *start_scope(struct informer *i, const char *ns, bool poll)
{
    const struct client_options *o = i->context->options;
    struct informer_scope *s = xcalloc(1, sizeof *s);
    s->informer = i;
    s->ns = ns != NULL ? xstrdup(ns) : NULL;
    char *path = collection_path(i, ns);
    const struct reflector_options options = {
        .path = path,
        .selectors = i->selectors,
        .metadata_only = i->spec.metadata_only,
        .no_watch = i->spec.no_watch,
        .poll = poll,
        .stream_first = streams_well(i) && !poll,
        .clear_at_once = i->spec.clear_at_once,
        .object_max = o->object_max,
        .backoff_first_ms = o->backoff_first_ms,
        .backoff_max_ms = o->backoff_max_ms,
        .refused_ms = o->refused_ms,
        .poll_ms = o->poll_ms,
    };
    const struct reflector_ops ops = {
        .self = s,
        .request = do_request,
        .cancel = do_cancel,
        .unauthorized = do_unauthorized,
        .not_found = do_not_found,
        .replace_begin = do_replace_begin,
        .item = do_item,
        .left_out = do_left_out,
        .replace_end = do_replace_end,
        .changed = do_changed,
        .random = do_random,
    };
    s->reflector = reflector_new(&options, &ops);
    free(path);
    reflector_start(s->reflector, clock_mono_ms());
    return s;
}

static void free_scopes(struct informer_scope *s)
{
    while (s != NULL) {
        struct informer_scope *next = s->next;
        http_cancel(s->call);
        reflector_free(s->reflector);
        free(s->ns);
        free(s);
        s = next;
    }
}

static void end_all_scopes(struct informer *i)
{
    free_scopes(i->scopes);
    i->scopes = NULL;
    i->by_namespace = false;
}

static void end_namespace_scopes(struct informer *i)
{
    free_scopes(i->scopes->next);
    i->scopes->next = NULL;
    i->by_namespace = false;
}

// --- an informer

static char *selectors_of(const struct informer_spec *spec)
{
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
    return buf_take(&b);
}

static char *called(const struct informer_spec *spec)
{
    const char *label = spec->label_selector, *field = spec->field_selector;
    if (label == NULL && field == NULL) {
        return xstrdup("");
    }
    return xasprintf(" (%s%s%s)", str_or_empty(label), label != NULL && field != NULL ? ", " : "",
                     str_or_empty(field));
}

struct informer *informer_new(struct informer_context *context, const struct informer_spec *spec)
{
    struct informer *i = xcalloc(1, sizeof *i);
    i->context = context;
    i->spec = *spec;
    i->spec.ns = spec->ns != NULL ? xstrdup(spec->ns) : NULL;
    i->spec.field_selector = i->spec.label_selector = NULL;
    i->selectors = selectors_of(spec);
    i->called = called(spec);
    i->dirty = true;
    return i;
}

void informer_free(struct informer *i)
{
    end_all_scopes(i);
    free(unconst(i->spec.ns));
    free(i->selectors);
    free(i->called);
    free(i);
}

void informer_run(struct informer *i, size_t source, const char *version)
{
    i->absent = false;
    i->dirty = true;
    if (i->scopes != NULL && i->source == source && str_eq(i->version, version)) {
        informer_retry_missing(i);
        return;
    }
    end_all_scopes(i);
    i->source = source;
    i->version = version;
    char name[NAME_SIZE];
    log_debug(LOG_AREA_WATCH, "%s: read as '%s/%s'", log_name(i, NULL, name),
              i->spec.sources[source].group, version);
    i->scopes = start_scope(i, i->spec.ns, false);
}

void informer_retry_missing(struct informer *i)
{
    for (struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        // A CRD that is being set up. Wait, or list and discovery would trigger each other in a loop.
        if (s->missing && s->restart_at == INT64_MAX) {
            int pause = s->not_found > NOT_FOUND_MANY ? NOT_FOUND_MAX_MS
                                                      : NOT_FOUND_STEP_MS * (s->not_found - 1);
            s->restart_at = clock_mono_ms() + pause;
        }
    }
}

static bool is_answering(const struct informer_scope *s)
{
    return reflector_is_watching(s->reflector) || (reflector_is_busy(s->reflector) && !s->missing);
}

void informer_not_served(struct informer *i)
{
    for (const struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        if (is_answering(s)) {
            return;
        }
    }
    if (i->scopes != NULL) { // it was served before: one wrong document must not decide for ever
        discovery_poll_distrust(i->context->discovery);
    }
    for (struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        s->missing = false;
        reflector_not_served(s->reflector, clock_mono_ms());
    }
    end_all_scopes(i);
    i->version = NULL;
    i->absent = i->dirty = true;
}

bool informer_is_missing(const struct informer *i)
{
    for (const struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        if (s->missing) {
            return true;
        }
    }
    return i->scopes == NULL;
}

bool informer_has_begun(const struct informer *i)
{
    const struct client_state *s = &i->last_state;
    return i->reported && (s->phase != CLIENT_SYNCING || s->objects > 0 || s->synced ||
                           s->reason.code != ERR_NONE);
}

void informer_reconnected(struct informer *i)
{
    for (struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        reflector_reconnected(s->reflector, clock_mono_ms(), jitter_ms(i->context));
    }
}

void informer_relist(struct informer *i, bool from_scratch)
{
    for (struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        s->missing = false;
        reflector_relist(s->reflector, clock_mono_ms(), from_scratch);
    }
}

// --- namespaces

static const struct reflector_state *wide_state(const struct informer *i)
{
    return reflector_state_of(i->scopes->reflector);
}

// Watches the namespace as well, or lists it now and then where many are watched
// (docs/rules/kubernetes-client.md#namespaces-only).
static void try_namespace(struct informer *i, const char *ns)
{
    size_t n = 0;
    struct informer_scope **end = &i->scopes->next;
    for (; *end != NULL; end = &(*end)->next) {
        if (str_eq((*end)->ns, ns)) {
            return;
        }
        n++;
    }
    *end = start_scope(i, ns, n >= NAMESPACE_WATCHES_MAX);
}

void informer_update_namespaces(struct informer *i)
{
    const struct informer_context *c = i->context;
    if (!i->by_namespace) {
        return;
    }
    if (!str_empty(c->own_namespace)) {
        try_namespace(i, c->own_namespace);
    }
    for (size_t n = 0; n < c->namespace_count; n++) {
        try_namespace(i, c->namespaces[n]);
    }
}

// Goes by namespace where the wide list is forbidden, and back where it is allowed again.
static void choose_scopes(struct informer *i)
{
    if (i->scopes == NULL) {
        return;
    }
    bool forbidden = wide_state(i)->phase == REFLECTOR_FORBIDDEN;
    if (forbidden && !i->by_namespace && i->spec.namespaced && i->spec.ns == NULL) {
        i->by_namespace = true;
        informer_update_namespaces(i);
    } else if (i->by_namespace && wide_state(i)->synced) {
        end_namespace_scopes(i); // the wide list has replaced their objects
        i->dirty = true;
    }
}

// --- timers

void informer_timer(struct informer *i, int64_t now)
{
    choose_scopes(i);
    for (struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        if (s->missing && s->restart_at <= now) {
            s->missing = false;
            reflector_start(s->reflector, now);
        } else if (reflector_deadline(s->reflector) <= now) {
            reflector_timer(s->reflector, now);
        }
    }
}

int64_t informer_deadline(const struct informer *i)
{
    int64_t first = i->dirty ? 0 : INT64_MAX;
    for (const struct informer_scope *s = i->scopes; s != NULL; s = s->next) {
        int64_t at = s->missing ? s->restart_at : reflector_deadline(s->reflector);
        first = at < first ? at : first;
    }
    return first;
}

// --- states

static int64_t to_wall_s(int64_t mono_ms)
{
    if (mono_ms == INT64_MAX) {
        return TIME_NONE;
    }
    return (credential_clock().wall_ms + (mono_ms - clock_mono_ms())) / 1000;
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
    out->since = to_wall_s(s->since);
    out->next_try = to_wall_s(s->next_try);
    out->reason = s->reason;
}

static bool is_worse(const struct reflector_state *a, const struct reflector_state *b)
{
    static const int badness[] = {
        [REFLECTOR_LIVE] = 0,    [REFLECTOR_NOT_INSTALLED] = 1, [REFLECTOR_STALE] = 2,
        [REFLECTOR_SYNCING] = 3, [REFLECTOR_FORBIDDEN] = 0,
    };
    return b == NULL || badness[a->phase] > badness[b->phase];
}

// Of the namespaces that may be read the worst state counts; those that may not are counted.
static void merge_namespaces(const struct informer *i, struct client_state *out)
{
    bool all_synced = true;
    size_t objects = 0, dropped = 0;
    const struct reflector_state *worst = NULL;
    for (const struct informer_scope *s = i->scopes->next; s != NULL; s = s->next) {
        const struct reflector_state *state = reflector_state_of(s->reflector);
        out->tried++;
        dropped += state->dropped;
        if (state->phase == REFLECTOR_FORBIDDEN) {
            continue;
        }
        out->readable++;
        out->own_readable |= str_eq(s->ns, i->context->own_namespace);
        objects += state->objects;
        all_synced &= state->synced;
        worst = is_worse(state, worst) ? state : worst;
    }
    if (worst == NULL) {
        return; // no namespace: the wide list's refusal is the state
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

// Nothing is read: what discovery says of the kind's groups.
static void reason_of_discovery(const struct informer *i, struct client_state *out)
{
    const struct discovery_poll *discovery = i->context->discovery;
    bool found = false;
    for (size_t s = 0; s < i->spec.source_count && !found; s++) {
        const struct informer_source *source = &i->spec.sources[s];
        found = discovery_poll_why(discovery, source->group, source->versions, &out->reason);
    }
    if (found) {
        out->next_try = to_wall_s(discovery_poll_next_look(discovery));
    }
}

static struct client_state make_state(const struct informer *i)
{
    struct client_state out = {.phase = CLIENT_SYNCING, .since = TIME_NONE, .next_try = TIME_NONE};
    if (i->scopes != NULL) {
        copy_state(&out, wide_state(i));
        out.group = i->spec.sources[i->source].group;
        out.version = i->version;
        if (i->by_namespace && i->scopes->next != NULL) {
            merge_namespaces(i, &out);
        }
        if (out.reason.code == ERR_UNAVAILABLE) { // perhaps discovery knows more
            const struct informer_source *source = &i->spec.sources[i->source];
            (void)discovery_poll_why(i->context->discovery, source->group, source->versions,
                                     &out.reason);
        }
    } else if (i->absent) {
        out.phase = CLIENT_NOT_INSTALLED;
        reason_of_discovery(i, &out);
    } else if (i->context->status->connection == CLIENT_DISCONNECTED) {
        out.reason = i->context->status->reason;
    } else {
        reason_of_discovery(i, &out);
    }
    return out;
}

static bool same_state(const struct client_state *a, const struct client_state *b)
{
    return a->phase == b->phase && a->synced == b->synced && a->polled == b->polled &&
           a->readable == b->readable && a->tried == b->tried &&
           a->own_readable == b->own_readable && a->objects == b->objects &&
           a->expected == b->expected && a->dropped == b->dropped && a->since == b->since &&
           a->next_try == b->next_try && a->group == b->group && a->version == b->version &&
           a->reason.code == b->reason.code && str_eq(a->reason.msg, b->reason.msg);
}

// `since` is computed from two clocks, each rounded: a difference of one second means nothing.
static bool same_instant(int64_t a, int64_t b)
{
    return a != TIME_NONE && b != TIME_NONE && a - b <= 1 && b - a <= 1;
}

// The reason of a phase, besides the numbers of objects.
static bool same_news(const struct client_state *a, const struct client_state *b)
{
    return a->polled == b->polled && a->readable == b->readable && a->tried == b->tried &&
           a->dropped == b->dropped && a->next_try == b->next_try &&
           a->reason.code == b->reason.code && str_eq(a->reason.msg, b->reason.msg);
}

// One line for a change of phase: a short one in every log, a long one in its place where the area is on.
static void log_state(const struct informer *i, const struct client_state *state)
{
    static const char *const words[] = {
        [CLIENT_SYNCING] = "syncing",
        [CLIENT_LIVE] = "live",
        [CLIENT_STALE] = "stale",
        [CLIENT_FORBIDDEN] = "forbidden",
        [CLIENT_NOT_INSTALLED] = "not installed",
    };
    const struct client_state *last = &i->last_state;
    bool other_phase = !i->reported || last->phase != state->phase;
    if (!other_phase && same_news(state, last)) {
        return;
    }
    char name[NAME_SIZE], next[32] = "";
    log_name(i, NULL, name);
    const char *comma = state->reason.msg[0] != '\0' ? ", " : "";
    if (other_phase && !log_area_on(LOG_AREA_WATCH)) {
        log_line("api", LOG_INFO, "%s: %s%s%s", name, words[state->phase], comma,
                 state->reason.msg);
        return;
    }
    if (state->next_try != TIME_NONE) {
        snprintf(next, sizeof next, ", next try in %lld s",
                 (long long)(state->next_try - credential_clock().wall_ms / 1000));
    }
    bool moved = other_phase && i->reported;
    log_debug(LOG_AREA_WATCH, "%s: %s%s%s, %zu objects, %zu expected%s%s%s", name,
              moved ? words[last->phase] : "", moved ? " -> " : "", words[state->phase],
              state->objects, state->expected, next, comma, state->reason.msg);
}

void informer_report(struct informer *i)
{
    choose_scopes(i); // a refusal is reported with what follows it
    bool syncing = i->scopes != NULL && wide_state(i)->phase == REFLECTOR_SYNCING;
    if (!i->dirty && !syncing) {
        return;
    }
    i->dirty = false;
    struct client_state state = make_state(i);
    bool same_phase = i->reported && i->last_state.phase == state.phase;
    if (same_phase && same_instant(state.since, i->last_state.since)) {
        state.since = i->last_state.since;
    }
    if (i->reported && same_state(&state, &i->last_state)) {
        return;
    }
    log_state(i, &state);
    i->last_state = state;
    i->reported = true;
    const struct client_sink *sink = i->context->sink;
    if (sink->state != NULL) {
        sink->state(sink->self, i->spec.id, &state);
    }
}
