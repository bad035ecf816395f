// SPDX-License-Identifier: Apache-2.0
// One request and its answer as bytes over time: header, body, and what the fault plan does to them.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { SEEN_MAX = 65536, GZIP_FROM = 128 * 1024 };

struct apisim_exchange {
    struct apisim *s;
    struct sim_response out;
    struct sim_plan plan;
    struct apisim_header headers[20];
    size_t nheaders;
    int64_t start_ms;
    size_t off;       // of out.body, what is handed out
    uint64_t sent;    // body bytes so far
    bool member_gzip; // a streaming list, one gzip member a flush
    bool over;
    int64_t gap_ms; // send nothing before this instant, so that the client sees the boundary
};

static char *dup_or_null(const char *s)
{
    return s != NULL ? xstrdup(s) : NULL;
}

static void seen_free(struct sim_seen *e)
{
    const char *all[] = {e->r.method,          e->r.target,     e->r.accept,
                         e->r.accept_encoding, e->r.user_agent, e->r.content_type,
                         e->r.if_none_match,   e->r.user,       e->r.body};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(unconst(all[i]));
    }
}

static void remember(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
                     const char *user, int status, int64_t now_ms)
{
    if (s->nseen == SEEN_MAX) {
        for (size_t i = 0; i < SEEN_MAX / 2; i++) {
            seen_free(&s->seen[i]);
        }
        memmove(s->seen, s->seen + SEEN_MAX / 2, SEEN_MAX / 2 * sizeof *s->seen);
        s->nseen = SEEN_MAX / 2;
    }
    *ARRAY_PUSH(s->seen, s->nseen, s->seen_cap) =
        (struct sim_seen){.kind = t->res != NULL ? t->res->kind : NULL,
                          .r = {.method = xstrdup(r->method),
                                .target = xstrdup(r->target),
                                .accept = dup_or_null(r->accept),
                                .accept_encoding = dup_or_null(r->accept_encoding),
                                .user_agent = dup_or_null(r->user_agent),
                                .content_type = dup_or_null(r->content_type),
                                .if_none_match = dup_or_null(r->if_none_match),
                                .user = xstrdup(user),
                                .verb = t->verb,
                                .body = r->body != NULL ? xstrndup(r->body, r->body_len) : NULL,
                                .status = status,
                                .conn = r->conn,
                                .at_ms = now_ms}};
    pthread_cond_broadcast(&s->asked);
}

// One complete gzip member of all of `in`.
static void gzip(const char *in, size_t n, struct buf *out)
{
    z_stream z = {0};
    char chunk[16384];
    if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return;
    }
    z.next_in = unconst(in);
    z.avail_in = (uInt)n;
    int rc;
    do {
        z.next_out = (Bytef *)chunk;
        z.avail_out = sizeof chunk;
        rc = deflate(&z, Z_FINISH);
        buf_add(out, chunk, sizeof chunk - z.avail_out);
    } while (rc == Z_OK);
    deflateEnd(&z);
}

static bool wants_gzip(const char *accept_encoding)
{
    for (const char *p = str_or_empty(accept_encoding); *p != '\0';) {
        p += strspn(p, " ");
        size_t n = strcspn(p, ",");
        if (n == 4 &&
            strncmp(p, "gzip", 4) == 0) { // compared literally: "gzip;q=1" is not recognised
            return true;
        }
        p += n + (p[n] == ',' ? 1 : 0);
    }
    return false;
}

static void add(struct apisim_exchange *x, const char *name, const char *value)
{
    if (x->nheaders < sizeof x->headers / sizeof *x->headers) {
        x->headers[x->nheaders++] = (struct apisim_header){name, value};
    }
}

static void make_headers(struct apisim_exchange *x)
{
    struct sim_response *o = &x->out;
    char uid[37], date[64];
    uint64_t a = ++x->s->next_audit * 0x9E3779B97F4A7C15u;
    snprintf(uid, sizeof uid, "%08x-%04x-4%03x-9%03x-%012" PRIx64, (unsigned)(a >> 32),
             (unsigned)(a >> 16) & 0xFFFF, (unsigned)a & 0xFFF, (unsigned)(a >> 4) & 0xFFF,
             x->s->next_audit);
    time_t now = (time_t)(clock_now() + x->s->o.date_skew);
    struct tm tm;
    gmtime_r(&now, &tm);
    // Not strftime's names: they follow the locale.
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    snprintf(date, sizeof date, "%s, %02d %s %d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
             months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    sim_header(o, "audit-id", "%s", uid);
    sim_header(o, "date", "%s", date);
    if (o->watch == NULL && !o->empty_stream && o->status != 304) {
        sim_header(o, "content-length", "%zu", o->body.len);
    }
    for (uint64_t left = x->plan.header; left > 0;) {
        char line[8001];
        size_t n = left < sizeof line - 1 ? (size_t)left : sizeof line - 1;
        memset(line, 'x', n);
        line[n] = '\0';
        sim_header(o, "x-padding", "%s", line);
        left -= n;
    }
    add(x, "cache-control", "no-cache, private");
    if (o->content_type != NULL) {
        add(x, "content-type", o->content_type);
    }
    if (o->status != 401) {
        add(x, "x-kubernetes-pf-flowschema-uid", "b1a38085-3b20-4eaa-ba68-eadeeaab38df");
        add(x, "x-kubernetes-pf-prioritylevel-uid", "38dc4899-03bf-42f4-b8fb-2ef7a0114fb8");
    }
    for (size_t i = 0; i < o->nheaders; i++) {
        add(x, o->names[i], o->values[i]);
    }
}

struct apisim_exchange *apisim_exchange_new(struct apisim *s, const struct apisim_request *r,
                                            int64_t now_ms)
{
    struct apisim_exchange *x = xcalloc(1, sizeof *x);
    struct sim_target t;
    x->s = s;
    x->start_ms = now_ms;
    buf_init(&x->out.body, 0);
    pthread_mutex_lock(&s->lock);
    sim_target_parse(s, r, &t);
    const char *user = sim_user_of(s, r);
    if (!sim_faults(s, r, &t, user, &x->plan, &x->out)) {
        sim_answer(s, r, &t, user, now_ms, &x->out);
    }
    struct sim_response *o = &x->out;
    x->plan.delay_ms += o->delay_ms;
    const char *ua = str_or_empty(r->user_agent);
    bool pretty = !str_eq(t.verb, "health") && (str_starts(ua, "curl") || str_starts(ua, "Wget") ||
                                                str_starts(ua, "Mozilla/5.0"));
    if (pretty && o->watch == NULL && o->content_type != NULL &&
        str_starts(o->content_type, "application/json") && o->body.len > 0) {
        struct buf b;
        buf_init(&b, 0);
        sim_pretty(o->body.data, o->body.len, &b);
        buf_release(&o->body);
        o->body = b;
    }
    bool zip = !s->o.no_gzip && wants_gzip(r->accept_encoding);
    if (zip && o->watch != NULL && t.q.initial) {
        x->member_gzip = true;
        sim_header(o, "content-encoding", "gzip");
    } else if (zip && o->watch == NULL && o->body.len > GZIP_FROM) {
        struct buf b;
        buf_init(&b, 0);
        gzip(o->body.data, o->body.len, &b);
        buf_release(&o->body);
        o->body = b;
        sim_header(o, "content-encoding", "gzip");
        sim_header(o, "vary", "Accept-Encoding");
    }
    make_headers(x);
    remember(s, r, &t, user, o->status, now_ms);
    sim_target_release(&t);
    pthread_mutex_unlock(&s->lock);
    return x;
}

void apisim_exchange_free(struct apisim_exchange *x)
{
    if (x == NULL) {
        return;
    }
    pthread_mutex_lock(&x->s->lock);
    sim_watch_free(x->out.watch);
    pthread_mutex_unlock(&x->s->lock);
    for (size_t i = 0; i < x->out.nheaders; i++) {
        free(x->out.names[i]);
        free(x->out.values[i]);
    }
    buf_release(&x->out.body);
    free(x);
}

enum apisim_io apisim_exchange_head(struct apisim_exchange *x, int64_t now_ms, int64_t *wake_ms)
{
    if (x->plan.drop && now_ms >= x->start_ms + x->plan.delay_ms) {
        return APISIM_CUT;
    }
    if (now_ms < x->start_ms + x->plan.delay_ms) {
        *wake_ms = x->start_ms + x->plan.delay_ms;
        return APISIM_WAIT;
    }
    // Rates count from the header on.
    x->start_ms = now_ms;
    x->plan.delay_ms = 0;
    return APISIM_DATA;
}

int apisim_exchange_status(const struct apisim_exchange *x)
{
    return x->out.status;
}

size_t apisim_exchange_headers(const struct apisim_exchange *x, const struct apisim_header **h)
{
    *h = x->headers;
    return x->nheaders;
}

const char *apisim_exchange_header(const struct apisim_exchange *x, const char *name)
{
    for (size_t i = 0; i < x->nheaders; i++) {
        if (str_eq(x->headers[i].name, name)) {
            return x->headers[i].value;
        }
    }
    return NULL;
}

enum apisim_cut apisim_exchange_cut(const struct apisim_exchange *x, uint32_t *h2_code)
{
    *h2_code = x->plan.code;
    return x->plan.how;
}

void sim_exchange_go_on(struct apisim_exchange *x)
{
    x->plan.cut_at = RV_NONE;
    x->plan.drop = false;
    x->plan.how = CUT_NONE;
}

// More of a watch into the empty body buffer.
static enum apisim_io refill(struct apisim_exchange *x, int64_t now_ms, int64_t *wake_ms)
{
    buf_reset(&x->out.body);
    x->off = 0;
    if (x->out.watch == NULL || x->sent >= x->plan.end_after) {
        return APISIM_END;
    }
    struct buf plain;
    buf_init(&plain, 0);
    pthread_mutex_lock(&x->s->lock);
    enum apisim_io io =
        sim_watch_pull(x->out.watch, now_ms, x->member_gzip ? &plain : &x->out.body, wake_ms);
    pthread_mutex_unlock(&x->s->lock);
    if (plain.len > 0) {
        gzip(plain.data, plain.len, &x->out.body);
    }
    buf_release(&plain);
    return io;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

enum apisim_io apisim_exchange_read(struct apisim_exchange *x, int64_t now_ms, char *dst,
                                    size_t max, size_t *n, int64_t *wake_ms)
{
    const struct sim_plan *p = &x->plan;
    uint64_t room = max;
    if (x->sent >= p->cut_at) {
        return APISIM_CUT;
    }
    if (now_ms < x->gap_ms) {
        *wake_ms = x->gap_ms;
        return APISIM_WAIT;
    }
    room = least(room, least(p->chunk, p->cut_at - x->sent));
    if (x->sent < p->split && p->split != RV_NONE) {
        room = least(room, p->split - x->sent);
    }
    uint64_t per = p->drip_ms != RV_NONE ? p->drip_ms : 0;
    uint64_t elapsed = (uint64_t)(now_ms - x->start_ms);
    if (per > 0 || p->rate != RV_NONE) {
        uint64_t allowed = per > 0 ? elapsed / per + 1 : elapsed * p->rate / 1000 + 1;
        if (allowed <= x->sent) {
            int64_t wait = per > 0 ? (int64_t)per : (int64_t)(1000 / p->rate);
            *wake_ms = now_ms + (wait > 0 ? wait : 1);
            return APISIM_WAIT;
        }
        room = least(room, per > 0 ? 1 : allowed - x->sent);
    }
    if (x->off == x->out.body.len) {
        enum apisim_io io = x->over ? APISIM_END : refill(x, now_ms, wake_ms);
        if (io != APISIM_DATA) {
            x->over = io == APISIM_END;
            return io;
        }
    }
    *n = (size_t)least(room, x->out.body.len - x->off);
    memcpy(dst, x->out.body.data + x->off, *n);
    if (p->corrupt_at >= x->sent && p->corrupt_at - x->sent < *n) {
        char *c = dst + (p->corrupt_at - x->sent);
        *c = *c == '"' ? '{' : '"'; // breaks JSON nearly everywhere
    }
    x->off += *n;
    x->sent += *n;
    // Frames that follow at once are one read for the client; a pause keeps the boundary.
    if (x->sent == p->split) {
        x->gap_ms = now_ms + 10;
    } else if (p->chunk != RV_NONE) {
        x->gap_ms = now_ms + 1;
    }
    return APISIM_DATA;
}
