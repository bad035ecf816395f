// SPDX-License-Identifier: Apache-2.0
// What a reflector does: its requests, its waits, its lists from the start.
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"

#include "kube/api/reflector_internal.h"

#include <stdlib.h>

enum {
    BACKOFF_RESET = 4,    // times the longest pause, without a failure
    STREAM_SECONDS = 600, // its objects must all come within
    STREAM_SPREAD = 300,
    WATCH_GRACE = 30 * REFLECTOR_SECOND, // how late a server may end a watch
};

void reflector_notify(struct reflector *r)
{
    if (!r->begun || !r->state.synced) { // otherwise the previous list is still shown
        r->state.dropped = r->left_out - r->left_out_before;
    }
    r->state.next_try = r->now_op == OP_NONE ? r->next_at : NEVER;
    r->ops.changed(r->ops.self);
}

void reflector_enter(struct reflector *r, int64_t now, enum reflector_phase phase)
{
    if (r->state.phase != phase || r->state.since == NEVER) {
        r->state.phase = phase;
        r->state.since = now;
    }
}

int64_t reflector_backoff(struct reflector *r, int64_t now)
{
    if (now - r->failed_at > BACKOFF_RESET * r->options.backoff_max_ms) {
        backoff_reset(&r->backoff);
    }
    r->failed_at = now;
    return backoff_next(&r->backoff, r->ops.random(r->ops.self));
}

void reflector_drop_list(struct reflector *r)
{
    free(r->token);
    r->token = NULL;
    r->begun = false;
    r->seen = r->empty_pages = r->list_bytes = 0;
}

void reflector_ask_for_less(struct reflector *r)
{
    if (!r->paged) {
        r->paged = true;
        reflector_drop_list(r);
    } else if (r->limit > PAGE_MIN) {
        r->limit = r->limit / 2 > PAGE_MIN ? r->limit / 2 : PAGE_MIN;
    }
}

// Random, so that watches do not all end at once (docs/rules/kubernetes-client.md#watch-timeout).
int reflector_watch_seconds(const struct reflector *r)
{
    int low = r->http1 ? 120 : 300, high = r->http1 ? 180 : 600;
    return low + (int)((double)(high - low) * r->ops.random(r->ops.self));
}

static int stream_seconds(const struct reflector *r)
{
    return STREAM_SECONDS + (int)(STREAM_SPREAD * r->ops.random(r->ops.self));
}

static const char *accept_for(const struct reflector *r, bool list)
{
    if (!r->options.metadata_only) {
        return "application/json";
    }
    // For an unsupported one, a list answers 406 and a watch an empty stream.
    return list ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
                : "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
}

static void add_lower_bound(const struct reflector *r, struct buf *query)
{
    if (r->not_older && r->rv[0] != '\0') {
        buf_adds(query, "&resourceVersion=");
        percent_encode(query, r->rv);
    }
}

// Each parameter begins with '&' (docs/rules/kubernetes-client.md#list-paging).
static void add_list_parameters(const struct reflector *r, struct buf *query)
{
    if (r->paged) {
        buf_addf(query, "&limit=%zu", r->limit);
    }
    if (r->token != NULL) {
        buf_adds(query, "&continue=");
        percent_encode(query, r->token);
    } else if (r->not_older && r->rv[0] != '\0') {
        add_lower_bound(r, query);
        buf_adds(query, "&resourceVersionMatch=NotOlderThan");
    }
}

// docs/rules/kubernetes-client.md#watch-request, or a list as a stream (docs/rules/kubernetes-client.md#watch-list).
static void add_watch_parameters(const struct reflector *r, struct buf *query, bool stream,
                                 int seconds)
{
    buf_adds(query, "&watch=1&allowWatchBookmarks=true");
    if (stream) {
        buf_adds(query, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
        add_lower_bound(r, query);
    } else {
        buf_adds(query, "&resourceVersion=");
        percent_encode(query, r->rv);
    }
    buf_addf(query, "&timeoutSeconds=%d", seconds);
}

static void begin_request(struct reflector *r, int64_t now, enum reflector_op op)
{
    splitter_reset(r->splitter, op == OP_LIST ? SPLITTER_LIST : SPLITTER_WATCH);
    buf_reset(&r->body);
    r->now_op = op;
    r->next_op = OP_NONE;
    r->next_at = NEVER;
    r->started = r->last_byte = now;
    r->answered = r->reading = r->event_failed = r->unreached = false;
    r->events = r->bytes = 0;
}

void reflector_send(struct reflector *r, int64_t now, enum reflector_op op)
{
    struct buf query;
    buf_init(&query, 0);
    r->end_by = NEVER;
    if (op == OP_STREAM || (op == OP_LIST && r->token == NULL)) {
        reflector_drop_list(r);
        r->list_started = now;
    }
    if (op == OP_LIST) {
        add_list_parameters(r, &query);
    } else {
        int seconds = op == OP_STREAM ? stream_seconds(r) : reflector_watch_seconds(r);
        add_watch_parameters(r, &query, op == OP_STREAM, seconds);
        r->end_by = now + (int64_t)seconds * REFLECTOR_SECOND + WATCH_GRACE;
    }
    buf_adds(&query, r->options.selectors);
    char *path = xasprintf("%s%s%s", r->options.path, query.len > 0 ? "?" : "",
                           query.len > 0 ? query.data + 1 : "");
    begin_request(r, now, op);
    const struct reflector_request request = {
        .path = path,
        .accept = accept_for(r, op == OP_LIST),
        .is_watch = op != OP_LIST,
        .is_stream = op == OP_STREAM,
    };
    r->ops.request(r->ops.self, &request);
    free(path);
    buf_release(&query);
}

void reflector_wait(struct reflector *r, int64_t at, enum reflector_op op)
{
    r->now_op = OP_NONE;
    r->next_op = op;
    r->next_at = at;
}

enum reflector_op reflector_first_op(const struct reflector *r)
{
    return r->options.stream_first && !r->stream_unsupported && !r->paged ? OP_STREAM : OP_LIST;
}

void reflector_retry(struct reflector *r, int64_t now, int64_t delay, enum reflector_op op,
                     const struct err *reason)
{
    reflector_wait(r, now + delay, op);
    if (r->state.synced) {
        reflector_enter(r, now, REFLECTOR_STALE);
    } else {
        reflector_enter(r, now, REFLECTOR_SYNCING);
    }
    r->state.reason = *reason;
    reflector_notify(r);
}

void reflector_start_over(struct reflector *r, int64_t now, bool not_older, int64_t delay,
                          const struct err *reason)
{
    reflector_drop_list(r);
    r->not_older = not_older;
    r->expired = 0;
    if (delay > 0) {
        reflector_retry(r, now, delay, reflector_first_op(r), reason);
    } else {
        reflector_send(r, now, reflector_first_op(r));
    }
}

void reflector_clear(struct reflector *r)
{
    if (r->state.synced || r->begun) {
        r->ops.replace_begin(r->ops.self, false, false);
        r->ops.replace_end(r->ops.self);
    }
    r->state.synced = false;
    r->state.objects = r->state.expected = 0;
    r->rv[0] = '\0';
    r->not_older = false;
    reflector_drop_list(r);
}
