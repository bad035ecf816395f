// SPDX-License-Identifier: Apache-2.0
// WATCH: a cursor over a resource's history. Nothing is queued: a reader that falls behind the history
// is ended, as a real server does.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_watch {
    struct apisim *s;
    struct sim_resource *r;
    const char *version;
    char *ns;
    bool as_meta, bookmarks;
    struct sim_selector *sel;
    unsigned epoch;
    uint64_t next;               // number of the next event to look at
    uint64_t after;              // only events with a larger rv
    uint64_t sent_rv;            // the last rv that the client knows
    struct sim_object **initial; // still to be sent as ADDED
    size_t ninitial, at;
    uint64_t initial_rv;
    bool marker; // the end of the initial events is to be marked
    int64_t end_ms, bookmark_ms;
    bool last_bookmark; // the one shortly before the end was sent
    char *error;        // an ERROR frame to send and end
    bool over;
};

void sim_watch_free(struct sim_watch *w)
{
    if (w == NULL) {
        return;
    }
    w->r->watches--;
    sim_snapshot_free(w->initial, w->ninitial);
    sim_selector_free(w->sel);
    free(w->ns);
    free(w->error);
    free(w);
}

static bool mine(const struct sim_watch *w, const struct sim_object *o)
{
    return o != NULL && (w->ns == NULL || str_eq(w->ns, o->ns)) &&
           sim_selects(w->sel, w->r->kind, o);
}

static void frame(const struct sim_watch *w, const char *type, const struct sim_object *o,
                  struct buf *out)
{
    buf_addf(out, "{\"type\":\"%s\",\"object\":", type);
    sim_print(w->r->kind, w->version, o, w->as_meta, true, out);
    buf_adds(out, "}\n");
}

static void bookmark(struct sim_watch *w, uint64_t rv, bool marker, struct buf *out)
{
    const struct sim_kind *k = w->r->kind;
    char api[96];
    sim_api_version(k, w->version, api);
    buf_adds(out, "{\"type\":\"BOOKMARK\",\"object\":");
    if (w->as_meta) {
        buf_adds(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",");
    } else if (k->custom) {
        buf_addf(out, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",", api, k->kind);
    } else {
        buf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s\",", k->kind, api);
    }
    const char *note = "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}";
    if (k->custom && !w->as_meta) {
        buf_addf(out, "\"metadata\":{%s%s\"resourceVersion\":\"%" PRIu64 "\"}", marker ? note : "",
                 marker ? "," : "", rv);
    } else {
        buf_addf(out, "\"metadata\":{\"resourceVersion\":\"%" PRIu64 "\"%s%s}", rv,
                 marker ? "," : "", marker ? note : "");
    }
    if (!w->as_meta && !k->custom) { // the required fields of the core types, empty
        if (str_eq(k->plural, "events")) {
            buf_adds(out,
                     ",\"involvedObject\":{},\"source\":{},\"firstTimestamp\":null,"
                     "\"lastTimestamp\":null,"
                     "\"eventTime\":null,\"reportingComponent\":\"\",\"reportingInstance\":\"\"");
        } else if (str_eq(k->plural, "services")) {
            buf_adds(out, ",\"spec\":{},\"status\":{\"loadBalancer\":{}}");
        } else if (str_eq(k->plural, "namespaces")) {
            buf_adds(out, ",\"spec\":{},\"status\":{}");
        }
    }
    buf_adds(out, "}}\n");
    w->sent_rv = rv;
}

static void expired(struct sim_watch *w, uint64_t rv)
{
    w->error = xasprintf(
        "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
        "\"status\":\"Failure\",\"message\":\"too old resource version: %" PRIu64 " (%" PRIu64
        ")\",\"reason\":\"Expired\",\"code\":410}}\n",
        rv, w->r->compacted);
}

static void refuse_initial(const struct apisim *s, struct sim_response *out)
{
    const char *why =
        s->o.watchlist_off
            ? "sendInitialEvents is forbidden for watch unless the WatchList feature gate is "
              "enabled"
            : "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    char *details =
        xasprintf("{\"group\":\"meta.k8s.io\",\"kind\":\"ListOptions\",\"causes\":[{\"reason\":"
                  "\"FieldValueForbidden\",\"message\":\"Forbidden: "
                  "%s\",\"field\":\"sendInitialEvents\"}]}",
                  why);
    sim_status(out, 422, "Invalid", details,
               "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: %s", why);
    free(details);
}

// Number of the first event of a larger rv; events are in rv order.
static uint64_t first_after(const struct sim_resource *r, uint64_t rv)
{
    size_t low = 0, high = r->nevents;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->events[mid].rv <= rv) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return r->first + low;
}

static void begin_with_objects(struct sim_watch *w, const struct sim_query *q)
{
    const struct sim_resource *r = w->r;
    w->ninitial = r->count;
    w->initial = xcalloc(r->count, sizeof(struct sim_object *));
    for (size_t i = 0; i < r->count; i++) {
        w->initial[i] = sim_object_ref(r->objects[i]);
    }
    w->initial_rv = w->after = w->s->rv;
    w->next = r->first + r->nevents;
    // Without allowWatchBookmarks there is no end marker.
    w->marker = q->bookmarks && (q->initial || !w->s->o.watchlist_off);
}

struct sim_watch *sim_watch_new(struct apisim *s, struct sim_resource *r,
                                const struct sim_target *t, bool as_meta, int64_t now_ms,
                                struct sim_response *out)
{
    const struct sim_query *q = &t->q;
    struct err err = {0};
    if (q->rv[0] != '\0' && (strspn(q->rv, "0123456789") != strlen(q->rv) || strlen(q->rv) > 19)) {
        sim_status(out, 500, "", "", "strconv.ParseUint: parsing \"%s\": invalid syntax", q->rv);
        return NULL;
    }
    if (q->has_initial && (s->o.watchlist_off || !str_eq(q->match, "NotOlderThan"))) {
        refuse_initial(s, out);
        return NULL;
    }
    struct sim_selector *sel = sim_selector_new(r->kind, q->labels, q->fields, &err);
    if (sel == NULL) {
        sim_status(out, 400, "BadRequest", "", "%s", err.msg);
        return NULL;
    }
    struct sim_watch *w = xcalloc(1, sizeof *w);
    w->s = s;
    w->r = r;
    r->watches++;
    w->version = t->version;
    w->ns = t->ns != NULL ? xstrdup(t->ns) : NULL;
    w->as_meta = as_meta;
    w->bookmarks = q->bookmarks;
    w->sel = sel;
    w->epoch = r->epoch;
    w->end_ms = now_ms + (q->timeout_s > 0 ? q->timeout_s : 1800) * 1000;
    w->bookmark_ms = now_ms + s->o.bookmark_ms;
    if (q->initial || (!q->has_initial && (q->rv[0] == '\0' || str_eq(q->rv, "0")))) {
        begin_with_objects(w, q);
        return w;
    }
    uint64_t rv = strtoull(q->rv, NULL, 10);
    w->after = w->sent_rv = rv;
    if (rv < r->compacted) {
        expired(w, rv);
    }
    w->next = first_after(r, rv);
    return w;
}

// One event as this watch sees it: with a selector an object may enter or leave.
static void send(struct sim_watch *w, const struct sim_event *e, struct buf *out)
{
    if (e->type == EV_BOOKMARK) {
        if (w->bookmarks && e->raw != NULL) {
            buf_adds(out, e->raw);
            w->sent_rv = e->rv;
        }
        return;
    }
    bool is = e->type != EV_DELETED && mine(w, e->obj), was = mine(w, e->prev);
    if (!is && !was) {
        return;
    }
    w->sent_rv = e->rv;
    if (e->raw != NULL && is == (e->type != EV_DELETED) && was == (e->type != EV_ADDED)) {
        buf_adds(out, e->raw); // recorded: byte for byte
    } else {
        frame(w, is && was ? "MODIFIED" : is ? "ADDED" : "DELETED", e->obj, out);
    }
}

enum { SOME_BYTES = 65536, LAST_BOOKMARK_MS = 2000 };

static void pull_events(struct sim_watch *w, struct buf *out, size_t from)
{
    const struct sim_resource *r = w->r;
    while (w->next >= r->first && w->next < r->first + r->nevents && out->len - from < SOME_BYTES) {
        const struct sim_event *e = &r->events[w->next++ - r->first];
        if (e->rv > w->after) {
            send(w, e, out);
        }
    }
}

// The objects that the watch begins with, what changed meanwhile, and the marker; false if there are more.
static bool pull_initial(struct sim_watch *w, struct buf *out, size_t from)
{
    const struct sim_resource *r = w->r;
    for (; w->at < w->ninitial && out->len - from < SOME_BYTES; w->at++) {
        if (mine(w, w->initial[w->at])) {
            frame(w, "ADDED", w->initial[w->at], out);
        }
    }
    if (w->at < w->ninitial) {
        return false;
    }
    if (w->initial != NULL) {
        sim_snapshot_free(w->initial, w->ninitial);
        w->initial = NULL;
        w->ninitial = w->at = 0;
        w->sent_rv = w->initial_rv;
    }
    if (!w->marker || w->epoch != r->epoch || w->next < r->first) {
        return true; // these end without it
    }
    pull_events(w, out, from);
    if (w->next < r->first + r->nevents) {
        return false;
    }
    bookmark(w, w->s->rv, true, out);
    w->marker = false;
    return true;
}

// A bookmark where one is due, and one shortly before the end.
static bool pull_bookmark(struct sim_watch *w, int64_t now_ms, struct buf *out)
{
    bool due = now_ms >= w->bookmark_ms;
    bool last = now_ms >= w->end_ms - LAST_BOOKMARK_MS && !w->last_bookmark;
    if (!w->bookmarks || (!due && !last)) {
        return false;
    }
    w->bookmark_ms = now_ms + w->s->o.bookmark_ms;
    w->last_bookmark = w->last_bookmark || last;
    // Events have no watch cache and so no bookmarks; quiet kinds get none; replays bring their own.
    if (w->s->rv <= w->sent_rv || w->s->rv < w->after || w->s->replay != NULL ||
        str_eq(w->r->kind->plural, "events")) {
        return false;
    }
    bookmark(w, w->s->rv, false, out);
    return true;
}

static int64_t next_wake(const struct sim_watch *w, int64_t now_ms)
{
    int64_t wake = w->end_ms;
    if (w->bookmarks && w->bookmark_ms < wake) {
        wake = w->bookmark_ms;
    }
    if (w->bookmarks && !w->last_bookmark && w->end_ms - LAST_BOOKMARK_MS < wake) {
        wake = w->end_ms - LAST_BOOKMARK_MS;
    }
    return wake > now_ms ? wake : now_ms + 1;
}

enum apisim_io sim_watch_pull(struct sim_watch *w, int64_t now_ms, struct buf *out,
                              int64_t *wake_ms)
{
    const struct sim_resource *r = w->r;
    size_t from = out->len;
    if (w->error != NULL) {
        buf_adds(out, w->error);
        free(w->error);
        w->error = NULL;
        w->over = true;
        return APISIM_DATA;
    }
    if (w->over || now_ms >= w->end_ms) {
        return APISIM_END; // also in the middle of the initial events: a torn streaming list
    }
    if (!pull_initial(w, out, from)) {
        return APISIM_DATA;
    }
    if (w->epoch == r->epoch && w->next < r->first) {
        return out->len > from ? APISIM_DATA : APISIM_END; // overrun
    }
    pull_events(w, out, from);
    if (out->len > from) {
        return APISIM_DATA;
    }
    if (w->epoch != r->epoch) {
        return APISIM_END;
    }
    if (pull_bookmark(w, now_ms, out)) {
        return APISIM_DATA;
    }
    *wake_ms = next_wake(w, now_ms);
    return APISIM_WAIT;
}
