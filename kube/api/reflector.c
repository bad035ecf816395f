// SPDX-License-Identifier: Apache-2.0
// List and watch of one resource as a pure state machine: what comes in, and the objects.
#include "kube/api/reflector.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/reflector_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_FIRST = 500, // objects
    PAGE_MAX = 10000,
    PAGE_TARGET = 7 * REFLECTOR_SECOND, // a page should take 5 to 10 s at most
    PAGE_BYTES_MIN = 128 * 1024,        // smaller answers are not compressed
    PAGING_MAX = 4 * REFLECTOR_MINUTE,  // a continue token lives some 5 minutes
    WHOLE_LIST = 30 * REFLECTOR_SECOND, // half of what a server gives one answer
    BACKOFF_FIRST = 800,                // client-go's reflector: 0.8 s doubling to 30 s
    BACKOFF_MAX = 30 * REFLECTOR_SECOND,
    STREAM_SILENCE = 30 * REFLECTOR_SECOND, // between two objects of a streaming list
    STREAM_ANSWER = 75 * REFLECTOR_SECOND,  // before its header: a proxy may wait for the end
    SHORT_WATCH = REFLECTOR_SECOND,
    PROBE_SPAN = 45 * REFLECTOR_SECOND, // how long a connection may be dead before a probe shows it
    TOKEN_MAX = 64 * 1024,
    EMPTY_PAGES_MAX = 100,                  // in a row
    PAGES_TIME_MAX = 15 * REFLECTOR_MINUTE, // for all pages of a list
};
#define LIST_MAX ((size_t)1 << 30) // bytes of one list, in one answer or in pages

static void set_rv(char out[RV_MAX], const char *s, size_t n)
{
    if (s != NULL && n > 0 && n < RV_MAX && memchr(s, '\\', n) == NULL) {
        memcpy(out, s, n);
        out[n] = '\0';
    }
}

// --- objects

// Only a first list is shown as it comes (docs/rules/kubernetes-client.md#list-replace).
static void begin_once(struct reflector *r, bool show)
{
    if (!r->begun) {
        r->begun = true;
        r->left_out_begin = r->left_out;
        r->unread = 0;
        r->ops.replace_begin(r->ops.self, show, !r->not_older);
    }
}

static void synced(struct reflector *r, int64_t now, const char *rv)
{
    snprintf(r->rv, sizeof r->rv, "%s", rv);
    r->state.objects = r->state.expected = r->seen;
    r->ops.replace_end(r->ops.self);
    r->state.synced = true;
    r->left_out_before = r->left_out_begin;
    r->recheck_at =
        r->unread != r->last_unread && r->unread != 0 ? now + reflector_backoff(r, now) : NEVER;
    r->last_unread = r->unread;
    r->begun = false;
    r->not_older = true;
    r->expired = r->refused = r->watch_errors = 0;
    r->forbidden_since = 0;
    r->stream_tried = false;
    r->paged = r->paged && now - r->list_started > WHOLE_LIST;
    reflector_drop_list(r);
    reflector_enter(r, now, REFLECTOR_LIVE);
    err_clear(&r->state.reason);
    reflector_notify(r);
}

// `unknown`: what is wrong where the text is no Status.
static void event_fails(struct reflector *r, const char *text, size_t n, const char *unknown)
{
    if (!r->event_failed) {
        r->event_failed = true;
        struct error_response *e = &r->event_error;
        error_response_read(e, 0, "application/json", 0, text, n);
        if (e->code == 0) {
            e->code = 500;
            snprintf(e->message, sizeof e->message, "%s", unknown);
        }
    }
}

// What is known of the object is outdated; a list would leave it out, too.
static void leave_out(struct reflector *r, const struct splitter_item *item, bool listed)
{
    size_t n;
    const char *identity = splitter_identity(r->splitter, &n);
    r->left_out++;
    if (!item->oversize) {
        const char *text = item->broken ? str_or_empty(identity) : item->text;
        r->unread += str_hash(text) | 1;
        if (!listed && r->recheck_at == NEVER) {
            r->recheck_at = r->last_byte + reflector_backoff(r, r->last_byte);
        }
    }
    r->ops.left_out(r->ops.self, listed, identity, n);
}

static void take(struct reflector *r, enum splitter_type type, const struct splitter_item *item,
                 bool listed)
{
    if (item->oversize || item->broken || !r->ops.item(r->ops.self, type, item->text, item->n)) {
        leave_out(r, item, listed);
    }
}

// docs/rules/kubernetes-client.md#watch-events; a streaming list is not complete before its marker
// (docs/rules/kubernetes-client.md#watch-list-marker).
static void on_item(void *self, const struct splitter_item *item)
{
    struct reflector *r = self;
    if (r->event_failed) {
        return; // what follows an ERROR is not to be used
    }
    bool change = item->type == SPLITTER_ADDED || item->type == SPLITTER_MODIFIED ||
                  item->type == SPLITTER_DELETED;
    bool listed = item->type == SPLITTER_ITEM || r->now_op == OP_STREAM;
    if (item->broken || (change && listed) || item->type == SPLITTER_ITEM) {
        enum splitter_type type = item->type == SPLITTER_DELETED ? SPLITTER_DELETED : SPLITTER_ITEM;
        r->seen += listed ? 1 : 0;
        r->events++;
        r->state.objects = listed ? r->seen : r->state.objects;
        take(r, type, item, listed);
        return;
    }
    if (item->type == SPLITTER_ERROR || item->type == SPLITTER_UNKNOWN) {
        bool status = item->type == SPLITTER_ERROR && !item->oversize;
        event_fails(r, status ? item->text : "", status ? item->n : 0,
                    "an event is of no known type");
        return;
    }
    r->events++;
    if (r->now_op == OP_STREAM) { // a bookmark: only the one that ends the initial events counts
        if (item->initial_events_end && item->rv != NULL) {
            char rv[RV_MAX] = "";
            set_rv(rv, item->rv, item->rv_n);
            r->now_op = OP_WATCH;
            if (r->http1) { // over HTTP/1 a dead connection is noticed late
                r->end_by = r->last_byte + (int64_t)reflector_watch_seconds(r) * REFLECTOR_SECOND;
            }
            synced(r, r->last_byte, rv);
        }
        return;
    }
    if (change) {
        take(r, item->type, item, false);
    }
    set_rv(r->rv, item->rv, item->rv_n); // docs/rules/kubernetes-client.md#watch-last-rv
}

// --- the end of a page

// As many objects as the network carries in a few seconds (docs/rules/kubernetes-client.md#list-page-size).
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
    if (r->bytes > 0) { // the answer was cut: ask for a smaller one
        reflector_ask_for_less(r);
    }
    reflector_retry(r, now, reflector_backoff(r, now), OP_LIST, reason);
}

static void after_sync(struct reflector *r, int64_t now)
{
    if (r->options.no_watch) {
        reflector_wait(r, NEVER, OP_NONE);
    } else if (r->options.poll || now < r->watch_denied_until) {
        r->state.polled = true;
        reflector_wait(r, now + (r->options.poll_ms > 0 ? r->options.poll_ms : REFLECTOR_MINUTE),
                       OP_LIST);
        reflector_notify(r);
    } else {
        r->state.polled = false;
        reflector_send(r, now, OP_WATCH);
    }
}

// Whether the pages do not come to an end (docs/rules/kubernetes-client.md#list-endless).
static bool is_endless(struct reflector *r, int64_t now, const char *token, struct err *why)
{
    r->empty_pages = splitter_items(r->splitter) > 0 ? 0 : r->empty_pages + 1;
    r->list_bytes += r->bytes;
    if (r->token != NULL && str_eq(token, r->token)) {
        err_set(why, ERR_PARSE, "the list does not end: 'continue' leads to the same page again");
    } else if (r->empty_pages > EMPTY_PAGES_MAX) {
        err_set(why, ERR_PARSE, "the list does not end: %zu pages in a row are empty",
                r->empty_pages);
    } else if (r->list_bytes > LIST_MAX) {
        err_set(why, ERR_LIMIT, "the list has more than 1 GiB in its pages");
    } else if (now - r->list_started > PAGES_TIME_MAX) {
        err_set(why, ERR_LIMIT, "the list does not end: %zu objects in %d minutes", r->seen,
                PAGES_TIME_MAX / REFLECTOR_MINUTE);
    } else {
        return false;
    }
    return true;
}

static void page_done(struct reflector *r, int64_t now, const struct json *doc)
{
    const struct json *meta = json_get(doc, "metadata");
    const char *rv = json_get_string(meta, "resourceVersion"),
               *token = json_get_string(meta, "continue");
    int64_t remaining = json_get_int(meta, "remainingItemCount", 0);
    begin_once(r, !r->state.synced); // an empty list
    if (r->paged) {
        adapt_page(r, now - r->started, splitter_items(r->splitter));
    }
    r->refused = 0;
    r->forbidden_since = 0;
    if (r->token == NULL) {
        set_rv(r->list_rv, rv, strlen(rv));
    }
    r->state.objects = r->seen;
    r->state.expected = remaining > 0 ? r->seen + (size_t)remaining : 0;
    if (str_empty(token)) {
        reflector_wait(r, NEVER, OP_NONE);
        synced(r, now, r->list_rv);
        after_sync(r, now);
        return;
    }
    struct err endless;
    if (is_endless(r, now, token, &endless)) {
        reflector_start_over(r, now, r->not_older, reflector_backoff(r, now), &endless);
        return;
    }
    char *next = strlen(token) <= TOKEN_MAX ? xstrdup(token) : NULL;
    free(r->token);
    r->token = next;
    if (next == NULL ||
        (now - r->list_started > PAGING_MAX && !r->stream_tried && !r->stream_unsupported)) {
        r->stream_tried = true;
        reflector_send(r, now, OP_STREAM);
        return;
    }
    reflector_send(r, now, OP_LIST);
    reflector_notify(r);
}

// Its JSON, not its transport, says whether it is whole (docs/rules/kubernetes-client.md#list-complete).
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
        error_response_read(&a, r->response.status, "application/json", r->response.retry_after_s,
                            rest, n);
        a.code = a.code < 300 ? 500 : a.code;
        reflector_answer(r, now, OP_LIST, &a);
    } else if (doc != NULL && str_ends(str_or_empty(kind), "List") && !str_empty(rv) &&
               strlen(rv) < RV_MAX) {
        page_done(r, now, doc);
    } else {
        if (err != NULL) {
            reason = *err;
        } else if (doc != NULL) {
            err_set(&reason, ERR_PARSE, "the server's answer is JSON, but no list");
        } else {
            err_set(&reason, ERR_LOST, "the list ended early, after %zu objects", r->seen);
        }
        page_failed(r, now, &reason);
    }
    json_free(doc);
}

// Why a request has ended: this error, or just the end of its answer.
static struct err reason_or(const struct err *err, enum err_code code, const char *otherwise)
{
    struct err reason;
    if (err != NULL) {
        return *err;
    }
    err_set(&reason, code, "%s", otherwise);
    return reason;
}

static void watch_ended(struct reflector *r, int64_t now, const struct err *err)
{
    r->now_op = OP_NONE;
    if (r->events == 0 && now - r->started < SHORT_WATCH) {
        const struct err reason = reason_or(err, ERR_LOST, "the server ends the watch at once");
        reflector_retry(r, now, reflector_backoff(r, now), OP_WATCH, &reason);
        return;
    }
    reflector_send(r, now, OP_WATCH);
}

static void stream_ended(struct reflector *r, int64_t now, const struct err *err)
{
    const struct err reason =
        reason_or(err, ERR_LOST, "the streaming list ended before its end marker");
    r->now_op = OP_NONE;
    r->stream_unsupported = true;
    r->paged = r->paged || (r->bytes > 0 && (err != NULL || now - r->started > WHOLE_LIST));
    reflector_drop_list(r);
    reflector_retry(r, now, reflector_backoff(r, now), OP_LIST, &reason);
}

// An answer that is neither a list nor events.
static void refusal_ended(struct reflector *r, int64_t now)
{
    enum reflector_op op = r->now_op;
    bool over = r->bytes > ERROR_BODY_MAX;
    struct error_response a;
    error_response_read(&a, r->response.status, r->content_type, r->response.retry_after_s,
                        r->body.data, over ? 0 : r->body.len);
    if (over) {
        snprintf(a.message, sizeof a.message, "the server's error answer has more than %zu bytes",
                 ERROR_BODY_MAX);
    } else if (a.code < 300) { // 200, but no JSON: a login page of a proxy
        snprintf(a.message, sizeof a.message,
                 "the answer is not JSON but '%s': is this an API server?", r->content_type);
    }
    a.nonsense = a.code < 300;
    a.code = a.nonsense ? 502 : a.code;
    r->now_op = OP_NONE;
    reflector_answer(r, now, op, &a);
}

// --- inputs

void reflector_answered(struct reflector *r, int64_t now, const struct reflector_response *response)
{
    if (r->now_op == OP_NONE) {
        return;
    }
    r->answered = true;
    r->last_byte = now;
    r->response = *response;
    r->response.location = NULL;
    r->http1 = response->http1;
    snprintf(r->content_type, sizeof r->content_type, "%s", str_or_empty(response->content_type));
    r->response.content_type = r->content_type;
    r->reading = response->status == 200 && str_starts(r->content_type, "application/json");
    // Not followed (docs/rules/kubernetes-client.md#redirects).
    if (response->status >= 300 && response->status < 400) {
        buf_addf(&r->body,
                 "the server redirects to '%.255s'; put the right address into the kubeconfig",
                 str_or_empty(response->location));
        snprintf(r->content_type, sizeof r->content_type, "text/plain");
    }
    if (r->reading && r->now_op == OP_WATCH) {
        r->refused = r->watch_errors = 0;
        reflector_enter(r, now, REFLECTOR_LIVE);
        err_clear(&r->state.reason);
        reflector_notify(r);
    }
}

static void stop_with(struct reflector *r, int64_t now, const struct err *err)
{
    enum reflector_op op = r->now_op;
    r->ops.cancel(r->ops.self);
    r->now_op = OP_NONE;
    if (r->event_failed) {
        reflector_event_error(r, now, op);
    } else if (op == OP_LIST) {
        page_failed(r, now, err);
    } else if (op == OP_STREAM) {
        stream_ended(r, now, err);
    } else {
        reflector_start_over(r, now, true, reflector_backoff(r, now), err);
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
        } else if (r->response.status / 100 != 3) { // otherwise the body gives the reason
            buf_add(&r->body, bytes, n);
        }
        return;
    }
    if (r->now_op != OP_WATCH) {
        begin_once(r, !r->state.synced);
    }
    struct err err;
    size_t left_out = r->left_out;
    bool ok = splitter_feed(r->splitter, bytes, n, &err);
    if (ok && r->now_op != OP_WATCH && r->bytes > LIST_MAX) {
        ok = err_set(&err, ERR_LIMIT, "the list has more than 1 GiB in one answer");
    }
    if (!ok || r->event_failed) {
        stop_with(r, now, &err);
        return;
    }
    if (r->left_out != left_out) {
        reflector_notify(r);
    }
}

void reflector_end(struct reflector *r, int64_t now, const struct err *err)
{
    enum reflector_op op = r->now_op;
    if (op == OP_NONE) {
        return;
    }
    bool lost = !r->answered || (r->reading && err != NULL);
    if (!r->answered) {
        const struct err reason =
            reason_or(err, ERR_LOST, "the server closed the connection without an answer");
        r->now_op = OP_NONE;
        reflector_retry(r, now, reflector_backoff(r, now), op, &reason);
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

// When a streaming list has been silent for too long.
static int64_t stream_silent_at(const struct reflector *r)
{
    return r->last_byte + (r->answered ? STREAM_SILENCE : STREAM_ANSWER);
}

void reflector_timer(struct reflector *r, int64_t now)
{
    if (r->now_op == OP_NONE) {
        if (r->next_op != OP_NONE && r->next_at <= now) {
            reflector_send(r, now, r->next_op);
        }
        return;
    }
    if (r->now_op == OP_WATCH && now >= r->recheck_at) {
        r->ops.cancel(r->ops.self);
        r->now_op = OP_NONE;
        r->recheck_at = NEVER;
        reflector_start_over(r, now, true, 0, NULL);
    } else if (r->now_op == OP_STREAM && now >= stream_silent_at(r)) {
        // An old server ignores the parameter: it continues as a plain watch, without the marker.
        r->ops.cancel(r->ops.self);
        stream_ended(r, now, NULL);
    } else if (now >= r->end_by) {
        r->ops.cancel(r->ops.self);
        if (r->now_op == OP_STREAM) {
            stream_ended(r, now, NULL);
        } else {
            r->now_op = OP_NONE;
            reflector_send(r, now, OP_WATCH);
        }
    }
}

int64_t reflector_deadline(const struct reflector *r)
{
    if (r->now_op == OP_NONE) {
        return r->next_op == OP_NONE ? NEVER : r->next_at;
    }
    if (r->now_op == OP_STREAM && stream_silent_at(r) < r->end_by) {
        return stream_silent_at(r);
    }
    if (r->now_op == OP_WATCH && r->recheck_at < r->end_by) {
        return r->recheck_at;
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
        reflector_send(r, now, r->next_op);
        return;
    }
    const struct err reason =
        reason_or(err, ERR_AUTH, "the server does not accept the credentials");
    reflector_on_401(r, now, r->next_op, &reason);
}

void reflector_not_served(struct reflector *r, int64_t now)
{
    if (r->now_op != OP_NONE) {
        r->ops.cancel(r->ops.self);
    }
    r->waiting = false;
    reflector_clear(r);
    reflector_wait(r, NEVER, OP_NONE);
    reflector_enter(r, now, REFLECTOR_NOT_INSTALLED);
    err_clear(&r->state.reason);
    reflector_notify(r);
}

void reflector_disconnected(struct reflector *r, int64_t now, int64_t delay_ms,
                            const struct err *err)
{
    enum reflector_op op = r->now_op;
    r->stream_unsupported = false;
    if (op == OP_NONE) {
        return;
    }
    r->now_op = OP_NONE;
    if (err == NULL) { // planned: nothing is known to be lost
        reflector_wait(r, now + delay_ms, op);
        return;
    }
    if (op != OP_WATCH && !r->paged && r->bytes > 0) { // the next connection may break as early
        reflector_ask_for_less(r);
        op = OP_LIST;
    }
    int64_t known = r->last_byte > now - PROBE_SPAN ? r->last_byte : now - PROBE_SPAN;
    bool live = r->state.phase == REFLECTOR_LIVE;
    reflector_retry(r, now, delay_ms, op, err);
    if (live) {
        r->state.since = known;
        reflector_notify(r);
    }
}

void reflector_reconnected(struct reflector *r, int64_t now, int64_t delay_ms)
{
    if (r->now_op == OP_NONE && r->unreached && r->next_at > now + delay_ms) {
        r->next_at = now + delay_ms;
        reflector_notify(r);
    }
}

void reflector_start(struct reflector *r, int64_t now)
{
    if (r->now_op != OP_NONE) {
        return;
    }
    r->waiting = false;
    if (!r->state.synced) {
        reflector_enter(r, now, REFLECTOR_SYNCING);
        err_clear(&r->state.reason);
    }
    reflector_drop_list(r);
    reflector_send(r, now, reflector_first_op(r));
    reflector_notify(r);
}

void reflector_relist(struct reflector *r, int64_t now, bool scratch)
{
    if (r->now_op != OP_NONE) {
        r->ops.cancel(r->ops.self);
        r->now_op = OP_NONE;
    }
    r->waiting = false;
    r->watch_denied_until = 0;
    reflector_start_over(r, now, !scratch, 0, NULL);
}

bool reflector_is_busy(const struct reflector *r)
{
    return r->now_op != OP_NONE;
}

bool reflector_is_watching(const struct reflector *r)
{
    return r->now_op == OP_WATCH && r->answered && r->reading;
}

const struct reflector_state *reflector_state_of(const struct reflector *r)
{
    return &r->state;
}

struct reflector *reflector_new(const struct reflector_options *options,
                                const struct reflector_ops *ops)
{
    struct reflector *r = xcalloc(1, sizeof *r);
    r->options = *options;
    r->options.path = xstrdup(options->path);
    r->options.selectors = xstrdup(str_or_empty(options->selectors));
    r->ops = *ops;
    r->splitter = splitter_new(SPLITTER_LIST, options->object_max, on_item, r);
    r->limit = PAGE_FIRST;
    r->next_at = r->end_by = r->recheck_at = r->state.next_try = r->state.since = NEVER;
    r->options.backoff_first_ms =
        options->backoff_first_ms > 0 ? options->backoff_first_ms : BACKOFF_FIRST;
    r->options.backoff_max_ms = options->backoff_max_ms > 0 ? options->backoff_max_ms : BACKOFF_MAX;
    r->backoff = r->relist_backoff =
        (struct backoff){r->options.backoff_first_ms, r->options.backoff_max_ms, 0};
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
    free(unconst(r->options.path));
    free(unconst(r->options.selectors));
    free(r);
}
