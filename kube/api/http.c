// SPDX-License-Identifier: Apache-2.0
// HTTP to one API server: calls, the credential they are sent with, and generations of connections.
#include "kube/api/http.h"

#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/pipe.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/api/connection_health.h"
#include "kube/api/gunzip.h"
#include "kube/api/http_address.h"
#include "kube/api/http_transfer.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECOND = 1000,
    SLEEP_MS = 30 * SECOND,     // a larger gap of the clocks: the machine was asleep
    SLEEP_LOOK_MS = 2 * SECOND, // how often they are compared: the time asleep does not count
    TIMEOUTS_MAX = 2,           // time-outs in a row on one generation
    REFUSED_MAX = 3,            // times that a request refused by a GOAWAY is sent again
};

struct http_call {
    struct http_call *next;
    struct http *http;
    struct http_events events;
    void *self;
    char *path, *accept, *body, *etag;
    bool is_watch, is_stream, is_probe;
    bool ended;  // by its last event, or cancelled: freed at the next reap
    unsigned id; // for the log

    struct transfer *transfer; // NULL: not sent yet
    int64_t sent;              // monotonic ms
    uint64_t version;          // of the credential it was sent with
    long port;                 // local, of its connection; 0: not known
    bool answered;
    int status;
    size_t bytes;       // of the body, as they came
    int refused;        // how often a GOAWAY refused it
    struct gunzip *zip; // of a stream whose answer is compressed
    struct err zip_err;
};

struct http {
    const struct api_config *config;
    struct credential *credential;
    struct http_limits limits;
    void (*restarted)(void *self, const struct err *err);
    void *self;
    struct http_address at;
    int wake[2];             // pipe
    atomic_bool stopping;    // http_stop was called
    struct http_call *calls; // all, newest first
    unsigned last_id;
    struct http_call *probe; // NULL: none in flight

    // the generation
    struct transfer_pool *pool;
    unsigned generation;
    uint64_t tls_generation; // of the credential's TLS material
    int64_t born, last_byte; // monotonic ms
    int64_t asleep;          // boot clock minus monotonic clock
    int timeouts;            // in a row
    bool http1;              // of the newest answer
    struct connection_health health;

    bool restart_due, restart_planned;
    struct err restart_err; // why, where it is not planned
};

bool http_global_init(struct err *err)
{
    return transfer_global_init(err);
}

static int64_t or_default(int64_t v, int64_t standard)
{
    return v > 0 ? v : standard;
}

// The standard limits (docs/rules/kubernetes-client.md#time-limits) where none are given.
struct http_limits http_limits_complete(const struct http_limits *given)
{
    struct http_limits l = given != NULL ? *given : (struct http_limits){0};
    return (struct http_limits){
        .connect_ms = or_default(l.connect_ms, 30 * SECOND),
        .answer_ms = or_default(l.answer_ms, 75 * SECOND),
        .silent_ms = or_default(l.silent_ms, 30 * SECOND),
        .idle_ms = or_default(l.idle_ms, 30 * SECOND),
        .probe_ms = or_default(l.probe_ms, 15 * SECOND),
        .renew_ms = or_default(l.renew_ms, 24 * 3600 * (int64_t)SECOND),
    };
}

static int64_t clock_gap(void)
{
    return clock_boot_ms() - clock_mono_ms();
}

static bool credential_has_changed(const struct http *h)
{
    return credential_tls_material(h->credential).generation != h->tls_generation;
}

// --- the log: a request and its answer by the number of the call

static const char *method_of(const struct http_call *c)
{
    return c->body != NULL ? "POST" : "GET";
}

static void trace_answer(const struct http_call *c)
{
    log_debug(LOG_AREA_CLIENT, "#%u %s %s: %d after %lld ms, port %ld", c->id, method_of(c),
              c->path, c->status, (long long)(clock_mono_ms() - c->sent), c->port);
}

static void log_end(const struct http_call *c, const char *how)
{
    log_debug(LOG_AREA_CLIENT, "#%u %s %s: %s, status %d, %zu bytes, %lld ms", c->id, method_of(c),
              c->path, how, c->status, c->bytes,
              (long long)(c->sent > 0 ? clock_mono_ms() - c->sent : 0));
}

// --- what a transfer reports

static void on_activity(void *self)
{
    struct http_call *c = self;
    struct http *h = c->http;
    h->last_byte = clock_mono_ms();
    if (c->port > 0) {
        connection_health_byte(&h->health, c->port, h->last_byte);
    }
}

static void log_connection(const struct http_call *c, struct connection *k)
{
    const struct http *h = c->http;
    const char *proxy = h->at.proxy_peer;
    k->answered = true;
    log_line("api", LOG_INFO, "connection %u: connected to %s%s%s over HTTP/%s, local port %ld",
             h->generation, h->at.peer, proxy != NULL ? " by the proxy " : "", str_or_empty(proxy),
             h->http1 ? "1.1" : "2", k->port);
}

static void on_inflated(void *self, const char *bytes, size_t n)
{
    struct http_call *c = self;
    if (!c->ended) {
        c->events.bytes(c->self, bytes, n);
    }
}

static void on_head(void *self, const struct http_head *head)
{
    struct http_call *c = self;
    struct http *h = c->http;
    if (c->ended) {
        return;
    }
    c->answered = true;
    c->status = head->status;
    c->port = transfer_port(c->transfer);
    on_activity(c);
    trace_answer(c);
    h->timeouts = 0;
    h->http1 = head->http1;
    struct connection *k = connection_health_find(&h->health, c->port);
    if (k != NULL && !k->answered) {
        log_connection(c, k);
    }
    if (c->is_stream && head->gzip) {
        c->zip = gunzip_new(0, on_inflated, c);
    }
    if (c->events.response == NULL) {
        return;
    }
    const struct http_response r = {
        .status = head->status,
        .content_type = head->content_type,
        .etag = head->etag,
        .location = head->location,
        .warning = head->warning,
        .retry_after_s = head->retry_after_s,
        .date = head->date,
        .http1 = head->http1,
        .credential_version = c->version,
    };
    c->events.response(c->self, &r);
}

static bool on_body(void *self, const char *bytes, size_t n)
{
    struct http_call *c = self;
    if (atomic_load_explicit(&c->http->stopping, memory_order_relaxed)) {
        c->ended = true; // one step may bring many MB of a fast server
        return false;
    }
    c->bytes += n;
    if (c->ended || c->events.bytes == NULL) {
        return true;
    }
    if (c->zip != NULL) {
        return gunzip_feed(c->zip, bytes, n, &c->zip_err);
    }
    c->events.bytes(c->self, bytes, n);
    return true;
}

static void on_done(void *self, const struct http_failure *failure);

// --- calls

static bool start_transfer(struct http_call *c, struct err *err)
{
    const struct http *h = c->http;
    const struct http_limits *l = &h->limits;
    int64_t own = h->config->request_timeout_ms;
    int64_t answer_ms = own > 0 && own < l->answer_ms ? own : l->answer_ms;
    bool compress = !h->config->disable_compression; // docs/rules/kubernetes-client.md#compression
    const struct transfer_request request = {
        .path = c->path,
        .accept = c->accept,
        .body = c->body,
        .etag = c->etag,
        .accept_encoding = c->is_stream && compress ? "gzip" : NULL,
        .inflate = !c->is_watch && compress,
        .connect_ms = l->connect_ms,
        .total_ms = c->is_probe   ? l->probe_ms
                    : c->is_watch ? 0
                                  : answer_ms,
        .silent_ms = c->is_probe || c->is_watch ? 0 : l->silent_ms,
    };
    const struct transfer_events events = {
        .self = c, .activity = on_activity, .head = on_head, .body = on_body, .done = on_done};
    c->transfer = transfer_start(h->pool, &request, &events, err);
    if (c->transfer == NULL) {
        return false;
    }
    c->version = credential_version(h->credential);
    c->sent = clock_mono_ms();
    log_debug(LOG_AREA_CLIENT, "#%u %s %s: sent, generation %u", c->id, method_of(c), c->path,
              h->generation);
    return true;
}

// Ends the call's transfer; the call waits to be sent again.
static void drop_transfer(struct http_call *c)
{
    transfer_free(c->transfer);
    c->transfer = NULL;
    c->port = 0;
}

static void free_call(struct http_call *c)
{
    drop_transfer(c);
    gunzip_free(c->zip);
    free(c->path);
    free(c->accept);
    free(c->etag);
    free(c->body);
    free(c);
}

// Ends a call with its last event; it is freed at the next reap.
static void end_call(struct http_call *c, const struct err *err, bool lost)
{
    struct http *h = c->http;
    if (c->ended) {
        return;
    }
    c->ended = true;
    log_end(c, err != NULL ? err->msg : "ended");
    if (h->probe == c) {
        // It was not sent because there is no credential: try again after another idle_ms
        // (docs/rules/kubernetes-client.md#watch-outlives-credential).
        h->probe = NULL;
        connection_health_excuse(&h->health, clock_mono_ms());
        return;
    }
    c->events.done(c->self, err, lost);
}

static void reap(struct http *h)
{
    if (atomic_load_explicit(&h->stopping, memory_order_relaxed)) {
        return; // on_body may have ended a call whose owner does not know it and still cancels it: http_free frees it
    }
    for (struct http_call **at = &h->calls; *at != NULL;) {
        struct http_call *c = *at;
        if (c->ended) {
            *at = c->next;
            free_call(c);
        } else {
            at = &c->next;
        }
    }
}

struct http_call *http_start(struct http *h, const struct http_request *r,
                             const struct http_events *events, void *self)
{
    struct http_call *c = xcalloc(1, sizeof *c);
    c->http = h;
    c->id = ++h->last_id;
    c->events = *events;
    c->self = self;
    c->path = xstrdup(r->path);
    c->accept = xstrdup(r->accept != NULL ? r->accept : "application/json");
    c->body = r->body != NULL ? xstrdup(r->body) : NULL;
    c->etag = r->etag != NULL ? xstrdup(r->etag) : NULL;
    c->is_watch = r->is_watch;
    c->is_stream = r->is_stream;
    c->next = h->calls;
    h->calls = c;
    return c;
}

void http_cancel(struct http_call *c)
{
    if (c != NULL && !c->ended) {
        log_end(c, "cancelled");
        c->ended = true; // from within an event libcurl may not be touched
    }
}

// --- generations

static void begin_generation(struct http *h)
{
    h->pool = transfer_pool_new(h->config, &h->at, h->credential);
    h->generation++;
    h->born = h->last_byte = clock_mono_ms();
    h->asleep = clock_gap();
    h->timeouts = 0;
    h->http1 = false;
    connection_health_clear(&h->health);
    h->tls_generation = credential_tls_material(h->credential).generation;
}

void http_restart(struct http *h, const struct err *err)
{
    // From within an event libcurl may not be touched: the next step does it.
    h->restart_planned = err == NULL && (!h->restart_due || h->restart_planned);
    h->restart_due = true;
    if (err != NULL) {
        h->restart_err = *err;
    }
}

// Takes the calls that were sent, or have ended, out of h; the others continue in the next generation.
static struct http_call *take_sent_calls(struct http *h)
{
    struct http_call *sent = NULL;
    for (struct http_call **at = &h->calls; *at != NULL;) {
        struct http_call *c = *at;
        if (c->transfer != NULL || c->ended) {
            *at = c->next;
            c->next = sent;
            sent = c;
            drop_transfer(c);
        } else {
            at = &c->next;
        }
    }
    return sent;
}

static void restart(struct http *h)
{
    bool planned = h->restart_planned;
    struct err err = h->restart_err;
    h->restart_due = h->restart_planned = false;
    log_line("api", LOG_INFO, "connection %u to %s given up: %s", h->generation, h->at.peer,
             planned ? "planned" : err.msg);
    struct http_call *old = take_sent_calls(h);
    transfer_pool_free(h->pool);
    begin_generation(h);
    while (old != NULL) {
        struct http_call *c = old;
        old = c->next;
        end_call(c, planned ? NULL : &err, true);
        free_call(c);
    }
    if (h->restarted != NULL) {
        h->restarted(h->self, planned ? NULL : &err);
    }
}

// --- liveness (docs/rules/kubernetes-client.md#connection-probe)

// With the credential, as any request (docs/rules/kubernetes-client.md#probe-credentials).
static void start_probe(struct http *h)
{
    const struct http_request r = {.path = "/livez", .accept = "*/*"};
    const struct http_events none = {0};
    h->probe = http_start(h, &r, &none, NULL);
    h->probe->is_probe = true;
    log_debug(LOG_AREA_CLIENT, "a connection is silent: probe #%u", h->probe->id);
}

static void declare_dead(struct http *h, const char *why)
{
    struct err err;
    err_set(&err, ERR_LOST, "HTTP: the connection to '%s' is dead: %s; connecting again",
            h->at.peer, why);
    http_restart(h, &err);
}

static void probe_done(struct http_call *c, bool ok)
{
    struct http *h = c->http;
    h->probe = NULL;
    c->ended = true;
    log_end(c, c->answered || ok ? "the probe was answered" : "the probe was not answered");
    if (c->answered || ok) {
        return;
    }
    // On a saturated network an answer is late although bytes arrive; and if no new connection could be opened, the
    // existing ones may still be alive.
    const struct connection *k = connection_health_find(&h->health, transfer_port(c->transfer));
    int64_t last = k != NULL ? k->last_byte : h->last_byte;
    if (last <= c->sent) {
        char why[80];
        snprintf(why, sizeof why, "no byte for %lld s",
                 (long long)((clock_mono_ms() - last) / SECOND));
        declare_dead(h, why);
    }
}

static bool is_watched(void *self, long port)
{
    const struct http *h = self;
    for (const struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (c->port == port && c->is_watch && !c->ended) {
            return true;
        }
    }
    return false;
}

static void end_watches(void *self, long port)
{
    struct http *h = self;
    struct err err;
    err_set(&err, ERR_LOST, "HTTP: an older connection to '%s' is silent", h->at.peer);
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (c->port == port && c->is_watch) {
            end_call(c, &err, false);
        }
    }
}

static void check_connections(struct http *h, int64_t now)
{
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        // A watch may be waiting for its header on a dead connection.
        if (c->transfer != NULL && c->port <= 0 && (c->port = transfer_port(c->transfer)) > 0) {
            connection_health_add(&h->health, c->port, c->sent);
        }
    }
    const struct connection_checks checks = {
        .idle_ms = h->limits.idle_ms,
        .probe_ms = h->limits.probe_ms,
        .probing = h->probe != NULL,
        .self = h,
        .is_watched = is_watched,
        .end_watches = end_watches,
    };
    if (connection_health_check(&h->health, &checks, now)) {
        start_probe(h);
    }
}

static void check_generation(struct http *h)
{
    int64_t now = clock_mono_ms();
    if (h->restart_due) {
        return;
    }
    if (clock_gap() - h->asleep > SLEEP_MS) { // docs/rules/kubernetes-client.md#connection-sleep
        h->asleep = clock_gap();
        declare_dead(h, "the machine was asleep");
    } else if (now - h->born > h->limits.renew_ms || credential_has_changed(h)) {
        if (h->calls != NULL) {
            http_restart(h, NULL);
        }
    } else {
        check_connections(h, now);
    }
}

// --- sending

static void fail_unsent(struct http *h, const struct err *err)
{
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (c->transfer == NULL) {
            end_call(c, err, false);
        }
    }
}

static struct http_call *oldest_unsent(const struct http *h)
{
    struct http_call *oldest = NULL;
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        oldest = c->transfer == NULL && !c->ended ? c : oldest;
    }
    return oldest;
}

// A request is under way that has no connection yet. The others wait for it: libcurl 7.88 would open one for each of
// them where a connection is there that takes no more, as after GOAWAY
// (docs/rules/kubernetes-client.md#one-connection). HTTP/1 needs one for each in any case.
static bool is_opening(const struct http *h)
{
    bool any = false;
    for (const struct http_call *c = h->calls; c != NULL && !h->http1; c = c->next) {
        any = any || (c->transfer != NULL && !c->ended && !c->is_probe &&
                      !transfer_has_connection(c->transfer));
    }
    return any;
}

// Sends what waits, oldest first.
static void send_queued(struct http *h)
{
    if (oldest_unsent(h) == NULL) {
        return;
    }
    struct err err = {0};
    enum credential_state state = credential_check(h->credential, credential_clock(), &err);
    if (state == CREDENTIAL_PENDING) {
        return;
    }
    if (state != CREDENTIAL_READY) {
        fail_unsent(h, &err);
        return;
    }
    if (credential_has_changed(h)) {
        restart(h); // new certificates need a new connection
    }
    for (struct http_call *c = oldest_unsent(h); c != NULL && !is_opening(h);
         c = oldest_unsent(h)) {
        if (!start_transfer(c, &err)) {
            end_call(c, &err, false);
        }
    }
}

// --- the end of a transfer

static void log_failure(const struct http_call *c, const struct err *err)
{
    if (log_is_open()) {
        struct arena a;
        arena_init(&a);
        log_line("api", LOG_INFO, "%s: %s", text_clean(&a, c->path, strlen(c->path), 119),
                 err->msg);
        arena_release(&a);
    }
}

// What the end of the answer means; ERR_NONE if it seems complete.
static struct err call_error(const struct http_call *c, const struct http_failure *failure)
{
    struct err err = {0};
    const struct http *h = c->http;
    if (c->zip_err.code != ERR_NONE) {
        err = c->zip_err;
    } else if (failure != NULL) {
        http_error_set(&err, failure, &h->at, h->config->cluster);
    } else if (c->zip != NULL && !gunzip_complete(c->zip)) {
        err_set(&err, ERR_LOST, "the server's compressed answer was cut");
    }
    return err;
}

static void call_done(struct http_call *c, const struct http_failure *failure)
{
    struct http *h = c->http;
    if (failure != NULL && failure->kind == HTTP_HTTP2_ERROR && !c->answered &&
        c->refused < REFUSED_MAX) {
        // Refused by a GOAWAY below its stream (docs/rules/kubernetes-client.md#goaway), as all of a connection are
        // after a 401 of a kube-apiserver: it was not looked at. Again, on a new connection; often enough that the 401
        // of another request, which is reported after a second one, comes first.
        log_end(c, "refused by a GOAWAY, sent again");
        drop_transfer(c);
        c->refused++;
        return;
    }
    struct err err = call_error(c, failure);
    if (failure != NULL) {
        if (failure->kind == HTTP_TIMED_OUT && ++h->timeouts >= TIMEOUTS_MAX) {
            declare_dead(h, "requests time out");
        }
        log_failure(c, &err);
        if (!transfer_has_connection(c->transfer)) {
            fail_unsent(h, &err); // they waited for this connection
        }
    }
    end_call(c, err.code != ERR_NONE ? &err : NULL, false);
}

static void on_done(void *self, const struct http_failure *failure)
{
    struct http_call *c = self;
    if (c->ended) {
        return;
    }
    if (c->is_probe) {
        probe_done(c, failure == NULL);
    } else {
        call_done(c, failure);
    }
}

// --- the step

static int64_t until(int64_t deadline, int64_t timeout)
{
    if (deadline == INT64_MAX) {
        return timeout;
    }
    int64_t left = deadline - clock_mono_ms();
    left = left < 0 ? 0 : left;
    return left < timeout ? left : timeout;
}

static int64_t wait_ms(const struct http *h, int64_t timeout)
{
    if (h->restart_due) {
        return 0;
    }
    timeout = until(credential_deadline(h->credential), timeout);
    if (h->probe == NULL) {
        timeout = until(
            connection_health_deadline(&h->health, h->limits.idle_ms, h->limits.probe_ms), timeout);
    }
    return timeout < SLEEP_LOOK_MS ? timeout : SLEEP_LOOK_MS;
}

static void wait_for_events(struct http *h, int64_t timeout)
{
    struct pollfd fds[1 + 2] = {{.fd = h->wake[0], .events = POLLIN}};
    size_t n = credential_fds(h->credential, fds + 1);
    transfer_pool_wait(h->pool, fds, n + 1, timeout);
    if (fds[0].revents != 0) {
        pipe_drain(h->wake[0]);
    }
    if (n > 0 || credential_deadline(h->credential) <= clock_mono_ms()) {
        credential_step(h->credential, credential_clock());
    }
}

void http_step(struct http *h, int64_t timeout_ms)
{
    if (h->restart_due) {
        restart(h);
    }
    send_queued(h);
    reap(h);
    wait_for_events(h, wait_ms(h, timeout_ms < 0 ? 0 : timeout_ms));
    transfer_pool_perform(h->pool);
    transfer_pool_finish(h->pool);
    check_generation(h);
    reap(h);
    if (h->restart_due) {
        restart(h);
    }
    send_queued(h);
}

void http_wakeup(struct http *h)
{
    pipe_wake(h->wake[1]);
}

void http_stop(struct http *h)
{
    atomic_store_explicit(&h->stopping, true, memory_order_relaxed);
    http_wakeup(h);
}

// --- life

struct http *http_new(const struct api_config *config, struct credential *credential,
                      const struct http_limits *limits,
                      void (*restarted)(void *self, const struct err *err), void *self,
                      struct err *err)
{
    const char *proxy = config->proxy_url;
    if (!str_empty(proxy) && strlen(proxy) > 255) { // CVE-2023-38545
        err_set(err, ERR_CONFIG, "proxy-url is longer than 255 bytes");
        return NULL;
    }
    struct http *h = xcalloc(1, sizeof *h);
    if (!pipe_open(h->wake)) {
        err_sys(err, ERR_INTERNAL, "no pipe for the network thread");
        free(h);
        return NULL;
    }
    atomic_init(&h->stopping, false);
    h->config = config;
    h->credential = credential;
    h->restarted = restarted;
    h->self = self;
    h->limits = http_limits_complete(limits);
    http_address_init(&h->at, config);
    log_line("api", LOG_INFO, "server %s%s%s, context '%s', user '%s'%s", h->at.base,
             h->at.proxy_peer != NULL ? " by the proxy " : "", str_or_empty(h->at.proxy_peer),
             str_or_empty(config->context), str_or_empty(config->user),
             config->exec != NULL ? " with a credential plugin" : "");
    begin_generation(h);
    return h;
}

void http_free(struct http *h)
{
    if (h == NULL) {
        return;
    }
    while (h->calls != NULL) {
        struct http_call *c = h->calls;
        h->calls = c->next;
        free_call(c);
    }
    transfer_pool_free(h->pool);
    pipe_close(h->wake);
    connection_health_release(&h->health);
    http_address_release(&h->at);
    free(h);
}
