// SPDX-License-Identifier: Apache-2.0
// What a server said, as a recording keeps it: a list's body or watch lines, in pieces of any size, with any status.
// The reflector asks on, gives complete texts, and what it says of itself is clean.
//
// The input is answers, each: a byte that chooses the status and how it ends, one for the size of its pieces, and the
// body up to the next zero byte.
#include "kube/base/fail.h"
#include "kube/base/text.h"

#include "kube/api/reflector.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(recording)

struct owner {
    struct reflector *r;
    int64_t now;
    bool in_flight, asks_who, asks_where;
    int begun;
};

static void on_request(void *self, const struct reflector_request *q)
{
    struct owner *o = self;
    ASSERT(!o->in_flight && q->path[0] == '/');
    o->in_flight = true;
}

static void on_cancel(void *self)
{
    struct owner *o = self;
    ASSERT(o->in_flight);
    o->in_flight = false;
}

static void on_unauthorized(void *self)
{
    ((struct owner *)self)->asks_who = true;
}

static void on_not_found(void *self)
{
    ((struct owner *)self)->asks_where = true;
}

static void on_begin(void *self, bool show, bool force)
{
    (void)show, (void)force;
    ((struct owner *)self)->begun++;
}

static bool on_item(void *self, enum splitter_type type, const char *text, size_t n)
{
    (void)self;
    ASSERT(n >= 2 && strlen(text) <= n && text[0] == '{' && text[n - 1] == '}');
    ASSERT(type == SPLITTER_ITEM || type == SPLITTER_ADDED || type == SPLITTER_MODIFIED ||
           type == SPLITTER_DELETED);
    return strstr(text, "damage") == NULL;
}

static void on_left_out(void *self, bool listed, const char *text, size_t n)
{
    (void)self, (void)listed;
    ASSERT(text == NULL || (n >= 2 && text[0] == '{' && text[n - 1] == '}'));
}

static void on_end(void *self)
{
    struct owner *o = self;
    ASSERT(o->begun > 0);
}

static void on_changed(void *self)
{
    (void)self;
}

static double half(void *self)
{
    (void)self;
    return 0.5;
}

static void settle(struct owner *o, uint8_t how)
{
    if (o->asks_who) {
        o->asks_who = false;
        reflector_renewed(o->r, o->now, (how & 1) != 0, NULL);
    }
    if (o->asks_where) {
        o->asks_where = false;
        if ((how & 1) != 0) {
            reflector_start(o->r, o->now);
        } else {
            reflector_not_served(o->r, o->now);
        }
    }
    const struct reflector_state *s = reflector_state_of(o->r);
    ASSERT(text_is_clean(s->reason.msg, strlen(s->reason.msg)));
}

static void give(struct owner *o, uint8_t how, size_t piece, const char *body, size_t n)
{
    static const int statuses[] = {200, 200, 200, 200, 410, 401, 403, 404,
                                   422, 429, 500, 503, 504, 301, 204, 200};
    const struct reflector_response head = {.status = statuses[how & 15],
                                            .content_type = "application/json",
                                            .retry_after_s = how >> 6};
    reflector_answered(o->r, o->now, &head);
    for (size_t at = 0; at < n && o->in_flight; at += piece) {
        size_t size = n - at < piece ? n - at : piece;
        char *exact = malloc(size); // reading past it is seen
        ASSERT(exact != NULL);
        memcpy(exact, body + at, size);
        reflector_bytes(o->r, o->now, exact, size);
        free(exact);
    }
    if (o->in_flight) {
        o->in_flight = false;
        struct err cut = {.code = ERR_NET, .msg = "cut"};
        reflector_end(o->r, o->now, (how & 16) != 0 ? &cut : NULL);
    }
}

int fuzz_recording(const uint8_t *data, size_t size)
{
    const struct reflector_options options = {
        .path = "/api/v1/services", .selectors = "", .stream_first = size % 2 == 0};
    struct owner o = {.now = 1000};
    const struct reflector_ops ops = {.self = &o,
                                      .request = on_request,
                                      .cancel = on_cancel,
                                      .unauthorized = on_unauthorized,
                                      .not_found = on_not_found,
                                      .replace_begin = on_begin,
                                      .item = on_item,
                                      .left_out = on_left_out,
                                      .replace_end = on_end,
                                      .changed = on_changed,
                                      .random = half};
    o.r = reflector_new(&options, &ops);
    reflector_start(o.r, o.now);
    for (size_t at = 0; at + 2 <= size;) {
        const char *body = (const char *)data + at + 2;
        const char *zero = memchr(body, '\0', size - at - 2);
        size_t n = zero != NULL ? (size_t)(zero - body) : size - at - 2;
        if (o.in_flight) {
            give(&o, data[at], 1 + (size_t)data[at + 1], body, n);
        }
        settle(&o, data[at + 1]);
        at += 2 + n + 1;
        int64_t next = reflector_deadline(o.r);
        o.now = next != INT64_MAX && next > o.now ? next : o.now + 1;
        reflector_timer(o.r, o.now);
        settle(&o, 0);
    }
    reflector_free(o.r);
    return 0;
}
