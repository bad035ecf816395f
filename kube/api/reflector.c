// SPDX-License-Identifier: Apache-2.0
// List and watch of one resource as a pure state machine.
#include "kube/api/reflector.h"

#include "kube/base/json.h"
#include "kube/base/text.h"

#include "kube/api/error_response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    PAGE_FIRST = 500,
    PAGE_MIN = 25,
    PAGE_MAX = 10000,
    PAGE_TARGET = 7 * SECOND,    // a page should take 5 to 10 s at most
    PAGE_BYTES_MIN = 128 * 1024, // smaller answers are not compressed
    PAGING_MAX = 4 * MINUTE,     // a continue token lives some 5 minutes
    BACKOFF_FIRST = 800,         // client-go's reflector: 0.8 s doubling to 30 s, times 1 to 2
    BACKOFF_MAX = 30 * SECOND,
    BACKOFF_RESET = 4, // times BACKOFF_MAX, without a failure
    FORBIDDEN_RETRY = 10 * MINUTE,
    FORBIDDEN_GRACE = 2 * MINUTE, // then the objects go
    FORBIDDEN_AGAIN = 30 * SECOND,
    STREAM_SECONDS = 600,
    STREAM_SILENCE = 30 * SECOND,
    WATCH_GRACE = 30 * SECOND, // what a server may be late to end a watch
    SHORT_WATCH = SECOND,
    PROBE_SPAN = 45 * SECOND, // how long a connection may be dead before a probe shows it
    RV_MAX = 128,
    TOKEN_MAX = 64 * 1024,
};
#define NEVER INT64_MAX
#define LIST_MAX ((size_t)1 << 30) // bytes of one page, or of a streaming list

enum op { OP_NONE, OP_LIST, OP_WATCH, OP_STREAM };

struct reflector {
    struct reflector_options options;
    struct reflector_ops ops;
    struct reflector_state state;
    struct splitter *splitter;

    enum op now_op;  // in flight
    enum op next_op; // to be started at next_at
    int64_t next_at;
    bool waiting; // for reflector_renewed, _start or _gone

    // the request in flight
    int64_t started, last_byte, end_by;
    bool answered, reading; // response seen; its body goes to the splitter
    struct reflector_response response;
    char content_type[128];
    struct buf body; // of an answer that is not read as objects
    size_t events, bytes;
    bool event_failed;
    struct error_response event_error;
    size_t dropped_before; // of the splitter, at the last complete list's begin

    // where the resource stands
    char rv[RV_MAX]; // of the last change applied, "" before the first list
    bool http1;
    bool stream_unsupported, stream_tried;
    int64_t watch_denied_until; // 403 or 405 on the watch: poll until then
    int64_t forbidden_since;
    int refused;      // 401 in a row
    int expired;      // continue tokens that expired in a row
    bool unpaged;     // the last rung: one list without a limit
    bool unreached;   // the connection failed the last request: it waits for another one alone
    int backoff_step; // of the next back-off
    int64_t backoff_used;
    int64_t relisted; // when a 410 last led to a list
    int relist_step;  // of those in a row
    int watch_errors; // 5xx in a row at the start of a watch

    // the list in progress
    bool not_older; // lists with resourceVersion=rv and NotOlderThan
    bool begun;     // replace_begin was called
    size_t dropped; // of the splitter, when it began
    char *token;    // continue, NULL for the first page
    char list_rv[RV_MAX];
    size_t limit, seen;
    int64_t list_started;
    size_t remaining;
};

// --- small things ----------------------------------------------------------------------------------

static void notify(struct reflector *r)
{
    if (!r->begun || !r->state.synced) { // else what is shown is still the list before
        r->state.dropped = splitter_dropped(r->splitter) - r->dropped_before;
    }
    r->state.next_try = r->now_op == OP_NONE ? r->next_at : NEVER;
    r->ops.changed(r->ops.self);
}

static void enter(struct reflector *r, int64_t now, enum reflector_phase phase)
{
    if (r->state.phase != phase || r->state.since == NEVER) {
        r->state.phase = phase;
        r->state.since = now;
    }
}

static void set_rv(char out[RV_MAX], const char *s, size_t n)
{
    if (s != NULL && n > 0 && n < RV_MAX && memchr(s, '\\', n) == NULL) {
        memcpy(out, s, n);
        out[n] = '\0';
    }
}

// The wait of a step, which becomes the next one.
static int64_t step_up(struct reflector *r, int *step)
{
    int64_t most = r->options.backoff_max_ms;
    int64_t base = r->options.backoff_first_ms << *step;
    if (base >= most) {
        base = most;
    } else {
        (*step)++;
    }
    return base + (int64_t)((double)base * r->ops.random(r->ops.self));
}

static int64_t backoff(struct reflector *r, int64_t now)
{
    if (now - r->backoff_used > BACKOFF_RESET * r->options.backoff_max_ms) {
        r->backoff_step = 0;
    }
    r->backoff_used = now;
    return step_up(r, &r->backoff_step);
}

static void escape(struct buf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        plain ? buf_addc(b, *s) : buf_addf(b, "%%%02X", c);
    }
}

static void drop_list(struct reflector *r)
{
    free(r->token);
    r->token = NULL;
    r->begun = false;
    r->seen = 0;
    r->remaining = 0;
}

// --- requests --------------------------------------------------------------------------------------

static int watch_seconds(struct reflector *r)
{
    int low = r->http1 ? 120 : 300, high = r->http1 ? 180 : 600;
    return low + (int)((double)(high - low) * r->ops.random(r->ops.self));
}

static const char *accept_for(const struct reflector *r, bool list)
{
    if (!r->options.metadata_only) {
        return "application/json";
    }
    // Asked for the wrong one, a list answers 406 and a watch an empty stream.
    return list ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
                : "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
}

static void issue(struct reflector *r, int64_t now, enum op op)
{
    struct buf path;
    buf_init(&path, 0);
    buf_adds(&path, r->options.path);
    r->end_by = NEVER;
    if (op == OP_LIST) {
        if (r->token == NULL) {
            drop_list(r);
            r->list_started = now;
        }
        r->unpaged ? buf_adds(&path, "?") : buf_addf(&path, "?limit=%zu", r->limit);
        if (r->token != NULL) {
            buf_adds(&path, "&continue=");
            escape(&path, r->token);
        } else if (r->not_older && r->rv[0] != '\0') {
            buf_adds(&path, "&resourceVersion=");
            escape(&path, r->rv);
            buf_adds(&path, "&resourceVersionMatch=NotOlderThan");
        }
    } else {
        int seconds = op == OP_STREAM ? STREAM_SECONDS : watch_seconds(r);
        buf_adds(&path, "?watch=1&allowWatchBookmarks=true");
        if (op == OP_STREAM) {
            drop_list(r);
            buf_adds(&path, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
        } else {
            buf_adds(&path, "&resourceVersion=");
            escape(&path, r->rv);
        }
        buf_addf(&path, "&timeoutSeconds=%d", seconds);
        r->end_by = now + (int64_t)seconds * SECOND + WATCH_GRACE;
    }
    buf_adds(&path, r->options.selectors);
    char *query = strstr(path.data, "?&"); // an unpaged list has no first parameter
    if (query != NULL) {
        memmove(query + 1, query + 2, strlen(query + 2) + 1);
    }

    splitter_reset(r->splitter, op == OP_LIST ? SPLITTER_LIST : SPLITTER_WATCH);
    buf_reset(&r->body);
    r->now_op = op;
    r->next_op = OP_NONE;
    r->next_at = NEVER;
    r->started = r->last_byte = now;
    r->answered = r->reading = r->event_failed = r->unreached = false;
    r->events = r->bytes = 0;
    struct reflector_request request = {
        .path = path.data,
        .accept = accept_for(r, op == OP_LIST),
        .is_watch = op != OP_LIST,
        .is_stream = op == OP_STREAM,
    };
    r->ops.request(r->ops.self, &request);
    buf_release(&path);
}

static void later(struct reflector *r, int64_t at, enum op op)
{
    r->now_op = OP_NONE;
    r->next_op = op;
    r->next_at = at;
}

static enum op first_op(const struct reflector *r)
{
    return r->options.stream_first && !r->stream_unsupported ? OP_STREAM : OP_LIST;
}

// A try failed; what is shown stays. The next one is `op` in delay ms.
static void retry(struct reflector *r, int64_t now, int64_t delay, enum op op,
                  const struct err *reason)
{
    later(r, now + delay, op);
    if (r->state.synced) {
        enter(r, now, REFLECTOR_STALE);
    } else {
        enter(r, now, REFLECTOR_SYNCING);
    }
    r->state.reason = *reason;
    notify(r);
}

static void relist(struct reflector *r, int64_t now, bool not_older, int64_t delay,
                   const struct err *reason)
{
    drop_list(r);
    r->not_older = not_older;
    r->expired = 0;
    r->unpaged = false;
    if (delay > 0) {
        retry(r, now, delay, first_op(r), reason);
    } else {
        issue(r, now, first_op(r));
    }
}

static void clear_objects(struct reflector *r)
{
    if (r->state.synced || r->begun) {
        r->ops.replace_begin(r->ops.self, false, false);
        r->ops.replace_end(r->ops.self);
    }
    r->state.synced = false;
    r->state.objects = r->state.expected = 0;
    r->rv[0] = '\0';
    r->not_older = false;
    drop_list(r);
}

// --- what an answer means (docs/rules/kubernetes-client.md#answer-codes)

static int64_t refused_for(const struct reflector *r, int64_t standard)
{
    return r->options.refused_ms > 0 ? r->options.refused_ms : standard;
}

static void on_401(struct reflector *r, int64_t now, enum op op, const struct err *reason)
{
    if (r->refused++ == 0) {
        later(r, NEVER, op);
        r->waiting = true;
        r->ops.unauthorized(r->ops.self);
        return;
    }
    r->refused = 0; // the next try may renew again
    int64_t pause = refused_for(r, 30 * SECOND);
    retry(r, now, pause + (int64_t)((double)pause * r->ops.random(r->ops.self)), op, reason);
}

static void no_access(struct reflector *r, int64_t now, const struct err *reason)
{
    clear_objects(r);
    later(r, now + refused_for(r, FORBIDDEN_RETRY), first_op(r));
    enter(r, now, REFLECTOR_FORBIDDEN);
    r->state.reason = *reason;
    notify(r);
}

static void on_403(struct reflector *r, int64_t now, enum op op, const struct err *reason)
{
    if (op == OP_WATCH) { // perhaps only watching is forbidden: the list tells
        r->watch_denied_until = now + refused_for(r, FORBIDDEN_RETRY);
        relist(r, now, true, 0, reason);
        return;
    }
    if (r->forbidden_since == 0) {
        r->forbidden_since = now;
    }
    if (!r->state.synced || r->options.clear_at_once ||
        now - r->forbidden_since >= FORBIDDEN_GRACE) {
        no_access(r, now, reason);
        return;
    }
    drop_list(r);
    retry(r, now, refused_for(r, FORBIDDEN_AGAIN), OP_LIST, reason);
}

static void on_404(struct reflector *r, int64_t now, const struct err *reason)
{
    drop_list(r);
    retry(r, now, 0, first_op(r), reason);
    r->next_at = NEVER; // discovery decides
    r->waiting = true;
    notify(r);
    r->ops.not_found(r->ops.self);
}

static void on_410(struct reflector *r, int64_t now, enum op op, const struct err *reason)
{
    if (op == OP_LIST && r->token != NULL) {
        // The list took too long. Its inconsistent continue token is of no use: start again, then try
        // the streaming list, then one list without pages.
        bool not_older = r->not_older;
        int expired = r->expired + 1;
        bool stream = expired == 2 && !r->stream_unsupported;
        drop_list(r);
        r->expired = expired;
        r->unpaged = expired > 2 || (expired == 2 && !stream);
        r->not_older = not_older;
        retry(r, now, backoff(r, now), stream ? OP_STREAM : OP_LIST, reason);
        return;
    }
    if (op == OP_LIST) {
        relist(r, now, false, r->not_older ? 0 : backoff(r, now), reason);
        return;
    }
    // The first is the usual end of a long absence. More in a row wait, by themselves: an outage that is over
    // must not put off the list that makes good for it.
    bool again = r->relisted != 0 && now - r->relisted < r->options.backoff_max_ms;
    r->relisted = now;
    r->relist_step = again ? r->relist_step : 0;
    relist(r, now, true, again ? step_up(r, &r->relist_step) : 0, reason);
}

static void on_busy(struct reflector *r, int64_t now, enum op op, const struct error_response *a,
                    const struct err *reason)
{
    int64_t delay;
    if (a->retry_after_s > 0 || a->code == 429) {
        int64_t wait = a->retry_after_s > 1 ? (int64_t)a->retry_after_s * SECOND : SECOND;
        wait = wait > MINUTE ? MINUTE : wait;
        delay = wait + (int64_t)((double)wait * 0.5 * r->ops.random(r->ops.self));
    } else {
        delay = backoff(r, now);
    }
    if (op == OP_LIST && a->code == 504 && r->limit > PAGE_MIN) {
        r->limit = r->limit / 2 > PAGE_MIN ? r->limit / 2 : PAGE_MIN;
    }
    // A resource version that the server cannot read answers 500 for ever: list after a few.
    if (op == OP_WATCH && a->code == 500 && ++r->watch_errors >= 5) {
        r->watch_errors = 0;
        relist(r, now, false, delay, reason);
        return;
    }
    retry(r, now, delay, op, reason);
}

static void on_answer(struct reflector *r, int64_t now, enum op op, const struct error_response *a)
{
    struct err reason;
    error_response_to_err(a, "", &reason);
    if (a->code != 401) {
        r->refused = 0;
    }
    if (a->code != 403) {
        r->forbidden_since = 0;
    }
    if (op == OP_STREAM &&
        (a->code == 400 || a->code == 403 || a->code == 405 || a->code == 406 || a->code == 422)) {
        r->stream_unsupported = true; // until the next connection
        relist(r, now, false, 0, &reason);
        return;
    }
    switch (a->code) {
    case 400:
        relist(r, now, false, backoff(r, now), &reason);
        return;
    case 401:
        on_401(r, now, op, &reason);
        return;
    case 403:
        on_403(r, now, op, &reason);
        return;
    case 404:
        on_404(r, now, &reason);
        return;
    case 405:
    case 406:
    case 415:
        if (op == OP_WATCH) {
            on_403(r, now, op, &reason);
        } else {
            no_access(r, now, &reason);
        }
        return;
    case 410:
        on_410(r, now, op, &reason);
        return;
    case 504:
        if (a->too_large) {
            relist(r, now, false, op == OP_LIST && r->not_older ? 0 : backoff(r, now), &reason);
            return;
        }
        break;
    default:
        break;
    }
    on_busy(r, now, op, a, &reason);
}

// The stream said ERROR, or nonsense: what was read before it stands.
static void on_event_error(struct reflector *r, int64_t now, enum op op)
{
    const struct error_response *a = &r->event_error;
    if (a->code == 410 || a->code == 401 || a->code == 403 || a->code == 422 || a->code == 429 ||
        a->too_large) {
        on_answer(r, now, op, a);
        return;
    }
    struct err reason;
    error_response_to_err(a, "the watch failed", &reason);
    if (op == OP_STREAM) {
        r->stream_unsupported = true;
    }
    relist(r, now, op == OP_WATCH, backoff(r, now), &reason);
}

// --- objects ---------------------------------------------------------------------------------------

static void begin_once(struct reflector *r, bool show)
{
    if (!r->begun) {
        r->begun = true;
        r->dropped = splitter_dropped(r->splitter);
        r->ops.replace_begin(r->ops.self, show, !r->not_older);
    }
}

static void synced(struct reflector *r, int64_t now, const char *rv)
{
    snprintf(r->rv, sizeof r->rv, "%s", rv);
    r->state.objects = r->state.expected = r->seen;
    r->ops.replace_end(r->ops.self);
    r->state.synced = true;
    r->dropped_before = r->dropped;
    r->begun = false;
    r->not_older = true;
    r->expired = r->refused = r->watch_errors = 0;
    r->forbidden_since = 0;
    r->unpaged = r->stream_tried = false;
    drop_list(r);
    enter(r, now, REFLECTOR_LIVE);
    err_clear(&r->state.reason);
    notify(r);
}

static void event_fails(struct reflector *r, const char *text, size_t n)
{
    if (!r->event_failed) {
        r->event_failed = true;
        error_response_read(&r->event_error, 500, "application/json", 0, text, n);
    }
}

static const char DAMAGED[] =
    "{\"kind\":\"Status\",\"message\":\"an object is damaged\",\"code\":500}";

static void on_item(void *self, const struct splitter_item *item)
{
    struct reflector *r = self;
    if (r->event_failed) {
        return; // what follows an ERROR is not to be used
    }
    bool change = item->type == SPLITTER_ADDED || item->type == SPLITTER_MODIFIED ||
                  item->type == SPLITTER_DELETED;
    if (item->type == SPLITTER_ITEM || (change && r->now_op == OP_STREAM)) {
        r->seen++;
        r->events++;
        r->state.objects = r->seen;
        enum splitter_type type = item->type == SPLITTER_DELETED ? SPLITTER_DELETED : SPLITTER_ITEM;
        if (!item->oversize && !r->ops.item(r->ops.self, type, item->text, item->n)) {
            event_fails(r, DAMAGED, sizeof DAMAGED - 1);
        }
        return;
    }
    if (item->type == SPLITTER_ERROR || item->type == SPLITTER_UNKNOWN) {
        bool status = item->type == SPLITTER_ERROR && !item->oversize;
        event_fails(r, status ? item->text : "", status ? item->n : 0);
        return;
    }
    r->events++;
    if (r->now_op == OP_STREAM) { // a bookmark: only the one that ends the initial events counts
        if (item->initial_events_end && item->rv != NULL) {
            char rv[RV_MAX] = "";
            set_rv(rv, item->rv, item->rv_n);
            r->now_op = OP_WATCH;
            synced(r, r->last_byte, rv);
        }
        return;
    }
    if (change && item->oversize) {
        // What is known of it is not what it is any more; a list would leave it out.
        if (item->text != NULL) {
            (void)r->ops.item(r->ops.self, SPLITTER_DELETED, item->text, item->n);
        }
    } else if (change && !r->ops.item(r->ops.self, item->type, item->text, item->n)) {
        event_fails(r, DAMAGED, sizeof DAMAGED - 1);
        return;
    }
    set_rv(r->rv, item->rv, item->rv_n);
}

// --- the end of a page -----------------------------------------------------------------------------

static void adapt_page(struct reflector *r, int64_t took, size_t items)
{
    double factor = took > 0 ? (double)PAGE_TARGET / (double)took : 2;
    factor = factor < 0.5 ? 0.5 : factor > 2 ? 2 : factor;
    double limit = (double)r->limit * factor;
    if (items > 0 && r->bytes > 0) { // keep pages large enough to be compressed
        double floor_items = (double)PAGE_BYTES_MIN * (double)items / (double)r->bytes;
        floor_items = floor_items < (double)r->limit ? floor_items : (double)r->limit;
        limit = limit < floor_items ? floor_items : limit;
    }
    r->limit = limit < PAGE_MIN ? PAGE_MIN : limit > PAGE_MAX ? PAGE_MAX : (size_t)limit;
}

static void page_failed(struct reflector *r, int64_t now, const struct err *reason)
{
    if (r->bytes > 0 && r->limit > PAGE_MIN) { // cut in the middle: smaller pages get through
        r->limit = r->limit / 2 > PAGE_MIN ? r->limit / 2 : PAGE_MIN;
    }
    retry(r, now, backoff(r, now), OP_LIST, reason);
}

static void after_sync(struct reflector *r, int64_t now)
{
    if (r->options.no_watch) {
        later(r, NEVER, OP_NONE);
    } else if (r->options.poll || now < r->watch_denied_until) {
        r->state.polled = true;
        later(r, now + (r->options.poll_ms > 0 ? r->options.poll_ms : MINUTE), OP_LIST);
        notify(r);
    } else {
        r->state.polled = false;
        issue(r, now, OP_WATCH);
    }
}

static void page_done(struct reflector *r, int64_t now, const struct json *doc)
{
    const struct json *meta = json_get(doc, "metadata");
    const char *rv = json_get_string(meta, "resourceVersion"),
               *token = json_get_string(meta, "continue");
    int64_t remaining = json_get_int(meta, "remainingItemCount", 0);
    begin_once(r, !r->state.synced); // an empty list
    adapt_page(r, now - r->started, splitter_items(r->splitter));
    r->refused = 0;
    r->forbidden_since = 0;
    if (r->token == NULL) {
        set_rv(r->list_rv, rv, strlen(rv));
    }
    r->state.objects = r->seen;
    r->state.expected = remaining > 0 ? r->seen + (size_t)remaining : 0;
    if (str_empty(token)) {
        later(r, NEVER, OP_NONE);
        synced(r, now, r->list_rv);
        after_sync(r, now);
        return;
    }
    char *next = strlen(token) <= TOKEN_MAX ? xstrdup(token) : NULL;
    free(r->token);
    r->token = next;
    if (next == NULL ||
        (now - r->list_started > PAGING_MAX && !r->stream_tried && !r->stream_unsupported)) {
        r->stream_tried = true;
        issue(r, now, OP_STREAM);
        return;
    }
    issue(r, now, OP_LIST);
    notify(r);
}

static void list_ended(struct reflector *r, int64_t now, const struct err *err)
{
    size_t n;
    const char *rest = splitter_rest(r->splitter, &n);
    struct err reason = {0};
    struct json *doc = splitter_complete(r->splitter) ? json_parse(rest, n, NULL) : NULL;
    const char *kind = json_get_string(doc, "kind");
    const char *rv = json_get_string(json_get(doc, "metadata"), "resourceVersion");
    r->now_op = OP_NONE;
    if (str_eq(kind, "Status")) {
        struct error_response a;
        error_response_read(&a, 500, "application/json", r->response.retry_after_s, rest, n);
        on_answer(r, now, OP_LIST, &a);
    } else if (doc != NULL && str_ends(kind != NULL ? kind : "", "List") && !str_empty(rv) &&
               strlen(rv) < RV_MAX) {
        page_done(r, now, doc);
    } else {
        if (err != NULL) {
            reason = *err;
        } else {
            err_set(&reason, ERR_PARSE, "the list ended early, after %zu objects", r->seen);
        }
        page_failed(r, now, &reason);
    }
    json_free(doc);
}

static void watch_ended(struct reflector *r, int64_t now, const struct err *err)
{
    r->now_op = OP_NONE;
    if (r->events == 0 && now - r->started < SHORT_WATCH) {
        struct err reason;
        if (err != NULL) {
            reason = *err;
        } else {
            err_set(&reason, ERR_NET, "the server ends the watch at once");
        }
        retry(r, now, backoff(r, now), OP_WATCH, &reason);
        return;
    }
    issue(r, now, OP_WATCH);
}

static void stream_ended(struct reflector *r, int64_t now, const struct err *err)
{
    struct err reason;
    if (err != NULL) {
        reason = *err;
    } else {
        err_set(&reason, ERR_NET, "the streaming list ended before its end marker");
    }
    r->now_op = OP_NONE;
    r->stream_unsupported = true;
    drop_list(r);
    retry(r, now, backoff(r, now), OP_LIST, &reason);
}

// An answer that is neither a list nor events.
static void refusal_ended(struct reflector *r, int64_t now)
{
    enum op op = r->now_op;
    bool over = r->bytes > ERROR_BODY_MAX;
    struct error_response a;
    error_response_read(&a, r->response.status, r->content_type, r->response.retry_after_s,
                        r->body.data != NULL ? r->body.data : "", over ? 0 : r->body.len);
    if (over) {
        snprintf(a.message, sizeof a.message, "the server's error answer has more than %zu bytes",
                 ERROR_BODY_MAX);
    } else if (a.code < 300) { // 200, but no JSON: a login page of a proxy
        snprintf(a.message, sizeof a.message,
                 "the answer is not JSON but '%s': is this an API server?", r->content_type);
    }
    a.code = a.code < 300 ? 502 : a.code;
    r->now_op = OP_NONE;
    on_answer(r, now, op, &a);
}

// --- inputs ----------------------------------------------------------------------------------------

void reflector_response(struct reflector *r, int64_t now, const struct reflector_response *response)
{
    if (r->now_op == OP_NONE) {
        return;
    }
    r->answered = true;
    r->last_byte = now;
    r->response = *response;
    r->response.location = NULL;
    r->http1 = response->http1;
    snprintf(r->content_type, sizeof r->content_type, "%s",
             response->content_type != NULL ? response->content_type : "");
    r->response.content_type = r->content_type;
    r->reading = response->status == 200 && str_starts(r->content_type, "application/json");
    if (response->status >= 300 && response->status < 400) {
        buf_addf(&r->body,
                 "the server redirects to '%.255s'; put the right address into the kubeconfig",
                 response->location != NULL ? response->location : "");
        snprintf(r->content_type, sizeof r->content_type, "text/plain");
    }
    if (r->reading && r->now_op == OP_WATCH) {
        r->refused = r->watch_errors = 0;
        enter(r, now, REFLECTOR_LIVE);
        err_clear(&r->state.reason);
        notify(r);
    }
}

static void stop_with(struct reflector *r, int64_t now, const struct err *err)
{
    enum op op = r->now_op;
    r->ops.cancel(r->ops.self);
    r->now_op = OP_NONE;
    struct err damaged;
    if (r->event_failed && op == OP_LIST) {
        error_response_to_err(&r->event_error, "", &damaged);
        err = &damaged;
    }
    if (r->event_failed && op != OP_LIST) {
        on_event_error(r, now, op);
    } else if (op == OP_LIST) {
        page_failed(r, now, err);
    } else {
        if (op == OP_STREAM) {
            r->stream_unsupported = true;
        }
        relist(r, now, op == OP_WATCH, backoff(r, now), err);
    }
}

void reflector_bytes(struct reflector *r, int64_t now, const char *bytes, size_t n)
{
    if (r->now_op == OP_NONE) {
        return;
    }
    r->last_byte = now;
    r->bytes += n;
    if (!r->reading) {
        if (r->bytes > ERROR_BODY_MAX) {
            r->ops.cancel(r->ops.self);
            refusal_ended(r, now);
        } else if (r->response.status / 100 != 3) { // else the body says already what is to be said
            buf_add(&r->body, bytes, n);
        }
        return;
    }
    if (r->now_op == OP_LIST) {
        begin_once(r, !r->state.synced);
    } else if (r->now_op == OP_STREAM) {
        begin_once(r, false);
    }
    struct err err;
    size_t dropped = splitter_dropped(r->splitter);
    bool ok = splitter_feed(r->splitter, bytes, n, &err);
    if (ok && r->now_op != OP_WATCH && r->bytes > LIST_MAX) {
        ok = err_set(&err, ERR_LIMIT, "the list has more than 1 GiB in one answer");
    }
    if (!ok || r->event_failed) {
        stop_with(r, now, &err);
        return;
    }
    if (splitter_dropped(r->splitter) != dropped) {
        notify(r);
    }
}

void reflector_end(struct reflector *r, int64_t now, const struct err *err)
{
    enum op op = r->now_op;
    if (op == OP_NONE) {
        return;
    }
    bool lost = !r->answered || (r->reading && err != NULL);
    if (!r->answered) {
        struct err reason;
        if (err != NULL) {
            reason = *err;
        } else {
            err_set(&reason, ERR_NET, "the server closed the connection without an answer");
        }
        r->now_op = OP_NONE;
        retry(r, now, backoff(r, now), op, &reason);
    } else if (r->reading && op == OP_LIST) {
        list_ended(r, now, err);
    } else if (r->reading && op == OP_STREAM) {
        stream_ended(r, now, err);
    } else if (r->reading) {
        watch_ended(r, now, err);
    } else {
        refusal_ended(r, now);
    }
    r->unreached = lost && r->now_op == OP_NONE;
}

void reflector_timer(struct reflector *r, int64_t now)
{
    if (r->now_op == OP_NONE) {
        if (r->next_op != OP_NONE && r->next_at <= now) {
            issue(r, now, r->next_op);
        }
        return;
    }
    if (r->now_op == OP_STREAM && r->events > 0 && now - r->last_byte >= STREAM_SILENCE) {
        // An old server that does not know the parameter goes on as a plain watch, without the marker.
        r->ops.cancel(r->ops.self);
        stream_ended(r, now, NULL);
    } else if (now >= r->end_by) {
        r->ops.cancel(r->ops.self);
        if (r->now_op == OP_STREAM) {
            stream_ended(r, now, NULL);
        } else {
            r->now_op = OP_NONE;
            issue(r, now, OP_WATCH);
        }
    }
}

int64_t reflector_deadline(const struct reflector *r)
{
    if (r->now_op == OP_NONE) {
        return r->next_op == OP_NONE ? NEVER : r->next_at;
    }
    if (r->now_op == OP_STREAM && r->events > 0 && r->last_byte + STREAM_SILENCE < r->end_by) {
        return r->last_byte + STREAM_SILENCE;
    }
    return r->end_by;
}

void reflector_renewed(struct reflector *r, int64_t now, bool renewed, const struct err *err)
{
    if (!r->waiting || r->now_op != OP_NONE || r->refused == 0) {
        return;
    }
    r->waiting = false;
    if (renewed) {
        issue(r, now, r->next_op);
        return;
    }
    struct err reason = {.code = ERR_AUTH};
    if (err != NULL) {
        reason = *err;
    } else {
        err_set(&reason, ERR_AUTH, "the server does not accept the credentials");
    }
    on_401(r, now, r->next_op, &reason);
}

void reflector_not_served(struct reflector *r, int64_t now)
{
    if (r->now_op != OP_NONE) {
        r->ops.cancel(r->ops.self);
    }
    r->waiting = false;
    clear_objects(r);
    later(r, NEVER, OP_NONE);
    enter(r, now, REFLECTOR_NOT_INSTALLED);
    err_clear(&r->state.reason);
    notify(r);
}

void reflector_disconnected(struct reflector *r, int64_t now, int64_t delay_ms,
                            const struct err *err)
{
    enum op op = r->now_op;
    r->stream_unsupported = false;
    if (op == OP_NONE) {
        return;
    }
    r->now_op = OP_NONE;
    if (err == NULL) { // planned: nothing is known to be lost
        later(r, now + delay_ms, op);
        return;
    }
    int64_t known = r->last_byte > now - PROBE_SPAN ? r->last_byte : now - PROBE_SPAN;
    bool live = r->state.phase == REFLECTOR_LIVE;
    retry(r, now, delay_ms, op, err);
    if (live) {
        r->state.since = known;
        notify(r);
    }
}

void reflector_reconnected(struct reflector *r, int64_t now, int64_t delay_ms)
{
    if (r->now_op == OP_NONE && r->unreached && r->next_at > now + delay_ms) {
        r->next_at = now + delay_ms;
        notify(r);
    }
}

void reflector_start(struct reflector *r, int64_t now)
{
    if (r->now_op != OP_NONE) {
        return;
    }
    r->waiting = false;
    if (!r->state.synced) {
        enter(r, now, REFLECTOR_SYNCING);
        err_clear(&r->state.reason);
    }
    drop_list(r);
    issue(r, now, first_op(r));
    notify(r);
}

void reflector_relist(struct reflector *r, int64_t now, bool scratch)
{
    if (r->now_op != OP_NONE) {
        r->ops.cancel(r->ops.self);
        r->now_op = OP_NONE;
    }
    r->waiting = false;
    r->watch_denied_until = 0;
    relist(r, now, !scratch, 0, NULL);
}

void reflector_stop(struct reflector *r)
{
    if (r->now_op != OP_NONE) {
        r->ops.cancel(r->ops.self);
    }
    r->waiting = false;
    later(r, NEVER, OP_NONE);
}

bool reflector_is_busy(const struct reflector *r)
{
    return r->now_op != OP_NONE;
}

bool reflector_is_watching(const struct reflector *r)
{
    return r->now_op == OP_WATCH && r->answered && r->reading;
}

const struct reflector_state *reflector_state(const struct reflector *r)
{
    return &r->state;
}

const char *reflector_last_rv(const struct reflector *r)
{
    return r->rv;
}

struct reflector *reflector_new(const struct reflector_options *options,
                                const struct reflector_ops *ops)
{
    struct reflector *r = xcalloc(1, sizeof *r);
    r->options = *options;
    r->options.path = xstrdup(options->path);
    r->options.selectors = xstrdup(options->selectors != NULL ? options->selectors : "");
    r->ops = *ops;
    r->splitter = splitter_new(SPLITTER_LIST, options->object_max, on_item, r);
    r->limit = PAGE_FIRST;
    r->next_at = r->end_by = r->state.next_try = r->state.since = NEVER;
    r->options.backoff_first_ms =
        options->backoff_first_ms > 0 ? options->backoff_first_ms : BACKOFF_FIRST;
    r->options.backoff_max_ms = options->backoff_max_ms > 0 ? options->backoff_max_ms : BACKOFF_MAX;
    r->backoff_used = -BACKOFF_RESET * r->options.backoff_max_ms - 1;
    buf_init(&r->body, ERROR_BODY_MAX + 1024);
    return r;
}

void reflector_free(struct reflector *r)
{
    if (r == NULL) {
        return;
    }
    splitter_free(r->splitter);
    buf_release(&r->body);
    free(r->token);
    free((char *)(uintptr_t)r->options.path);
    free((char *)(uintptr_t)r->options.selectors);
    free(r);
}
