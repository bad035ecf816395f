// SPDX-License-Identifier: Apache-2.0
// The client of one API server: its life, its step, and one-off requests.
#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/api/client_internal.h"

#include <stdlib.h>
#include <string.h>

enum { GET_MAX = 16 << 20, SKEW_MIN = 60, SKEW_STEP = 5, FIRST_GUARD_MS = 10000 };

int64_t client_now(void)
{
    return clock_mono_ms();
}

double client_random(struct client *c)
{
    c->seed = hash_mix(c->seed, 0x9e3779b97f4a7c15u);
    return (double)(c->seed >> 11) / 9007199254740992.0;
}

// --- what the sink hears of the connection ---------------------------------------------------------

static void link_is(struct client *c, enum client_link link, const struct err *err)
{
    bool news =
        !c->link_told || c->link != link || (err != NULL && !str_eq(err->msg, c->link_err.msg));
    c->link = link;
    c->link_told = true;
    c->link_err = err != NULL ? *err : (struct err){0};
    if (news) {
        log_line("api", LOG_INFO, "connection %s%s%s",
                 link == CLIENT_CONNECTED    ? "up"
                 : link == CLIENT_CONNECTING ? "opens"
                                             : "down",
                 err != NULL ? ": " : "", err != NULL ? err->msg : "");
        c->sink.connection(c->sink.self, link, err);
    }
}

void client_link_up(struct client *c)
{
    bool again = c->link == CLIENT_DISCONNECTED;
    link_is(c, CLIENT_CONNECTED, NULL);
    for (struct informer *w = c->informers; again && w != NULL; w = w->next) {
        informer_connected(w); // not each after a back-off of its own, up to a minute later
    }
}

void client_link_down(struct client *c, const struct err *err)
{
    bool news = c->link != CLIENT_DISCONNECTED;
    link_is(c, CLIENT_DISCONNECTED, err);
    if (news) {
        c->knock_ms = KNOCK_FIRST_MS;
        guard_knock(c, err);
    }
}

void client_saw_date(struct client *c, int64_t date)
{
    if (date == TIME_NONE) {
        return;
    }
    int64_t skew = date - credential_clock().wall_ms / 1000;
    bool large = skew > SKEW_MIN || skew < -SKEW_MIN;
    int64_t now = large ? skew : 0, change = now - c->skew;
    if (change > SKEW_STEP || change < -SKEW_STEP) {
        c->skew = now;
        c->sink.skew(c->sink.self, now);
    }
}

void client_warn(struct client *c, const char *text)
{
    struct arena a;
    arena_init(&a);
    // Warning: 299 - "text"
    const char *start = str_starts(text, "299 ") ? strchr(text, '"') : NULL;
    size_t n = strlen(text);
    if (start != NULL && n > 0 && text[n - 1] == '"' && start < text + n - 1) {
        n -= (size_t)(start + 1 - text) + 1;
        text = start + 1;
    }
    const char *clean = text_clean(&a, text, n, 400);
    bool known = false;
    for (size_t i = 0; i < c->warned_count; i++) {
        known |= str_eq(c->warned[i], clean);
    }
    if (!known && c->warned_count < sizeof c->warned / sizeof c->warned[0]) {
        c->warned[c->warned_count++] = xstrdup(clean);
        log_line("api", LOG_WARN, "%s", clean);
        c->sink.warning(c->sink.self, clean);
    }
    arena_release(&a);
}

static void on_restart(void *self, const struct err *err)
{
    struct client *c = self;
    if (err != NULL) {
        client_link_down(c, err);
    }
    c->guard_at = client_now() + c->options.jitter_ms; // another server may answer now
}

// --- wants -----------------------------------------------------------------------------------------

static struct informer **find(struct client *c, int id)
{
    struct informer **at = &c->informers;
    while (*at != NULL && (*at)->spec.id != id) {
        at = &(*at)->next;
    }
    return at;
}

static void insert(struct client *c, const struct informer_spec *spec)
{
    client_remove_informer(c, spec->id);
    struct informer *w = informer_new(c, spec), **at = &c->informers;
    while (*at != NULL && (*at)->spec.priority <= spec->priority) {
        at = &(*at)->next;
    }
    w->next = *at;
    *at = w;
}

void client_add_informer(struct client *c, const struct informer_spec *want)
{
    insert(c, want);
    discover_apply(c);
    discover_timer(c, client_now());
}

void client_remove_informer(struct client *c, int id)
{
    struct informer **at = find(c, id), *w = *at;
    if (w != NULL) {
        *at = w->next;
        informer_free(w);
    }
}

void client_start_informer(struct client *c, int id)
{
    struct informer *w = *find(c, id);
    if (w != NULL && !w->started) {
        w->started = w->dirty = true;
        discover_apply(c);
        if (informer_is_missing(w)) {
            discover_soon(c);
        }
    }
}

void client_relist(struct client *c, int id)
{
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        if ((id < 0 || w->spec.id == id) && w->started) {
            informer_relist(w, false);
            if (informer_is_missing(w)) {
                discover_soon(c);
            }
        }
    }
}

void client_reconnect(struct client *c)
{
    credential_retry(c->credential);
    http_restart(c->http, NULL);
    client_relist(c, -1);
    discover_soon(c);
}

static void free_namespaces(struct client *c)
{
    for (size_t i = 0; i < c->namespace_count; i++) {
        free(c->namespaces[i]);
    }
    free(c->namespaces);
}

void client_set_namespaces(struct client *c, const char *const *names, size_t n)
{
    free_namespaces(c);
    c->namespaces = n > 0 ? xcalloc(n, sizeof *c->namespaces) : NULL;
    c->namespace_count = n;
    for (size_t i = 0; i < n; i++) {
        c->namespaces[i] = xstrdup(names[i]);
    }
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        informer_spread(w);
    }
}

// --- one-off requests ------------------------------------------------------------------------------

static void forget_get(struct client_request *g)
{
    for (struct client_request **at = &g->client->gets; *at != NULL; at = &(*at)->next) {
        if (*at == g) {
            *at = g->next;
            break;
        }
    }
    free(g);
}

static void on_get(void *self, const struct unary_answer *a)
{
    struct client_request *g = self;
    client_answer_fn *answer = g->answer;
    void *owner = g->self;
    if (a->status > 0) {
        client_link_up(g->client);
    }
    forget_get(g);
    answer(owner, a->status, a->body, a->n, a->err);
}

static struct client_request *start_get(struct client *c, const struct http_request *r,
                                        client_answer_fn *answer, void *self)
{
    struct client_request *g = xcalloc(1, sizeof *g);
    g->client = c;
    g->answer = answer;
    g->self = self;
    g->next = c->gets;
    c->gets = g;
    g->unary = unary_start(c->http, c->credential, r, GET_MAX, on_get, g);
    return g;
}

struct client_request *client_get(struct client *c, const char *path, const char *accept,
                                  client_answer_fn *answer, void *self)
{
    struct http_request r = {.path = path, .accept = accept};
    return start_get(c, &r, answer, self);
}

struct client_request *client_review(struct client *c, const char *path, const char *json,
                                     client_answer_fn *answer, void *self)
{
    if (!str_starts(path, "/apis/authorization.k8s.io/v1/selfsubject") &&
        !str_starts(path, "/apis/authentication.k8s.io/v1/selfsubjectreviews")) {
        return NULL; // nothing else is ever posted
    }
    struct http_request r = {.path = path, .accept = "application/json", .body = json};
    return start_get(c, &r, answer, self);
}

void client_request_cancel(struct client_request *g)
{
    if (g != NULL) {
        unary_cancel(g->unary);
        forget_get(g);
    }
}

// --- life ------------------------------------------------------------------------------------------

int64_t client_next_deadline(const struct client *c)
{
    int64_t first = c->guard_at < c->discover_at ? c->guard_at : c->discover_at;
    for (const struct informer *w = c->informers; w != NULL; w = w->next) {
        int64_t at = w->dirty ? 0 : informer_deadline(w);
        first = at < first ? at : first;
    }
    return first;
}

void client_step(struct client *c, int64_t timeout_ms)
{
    int64_t now = client_now();
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        informer_timers(w, now);
    }
    discover_timer(c, now);
    if (now >= c->guard_at) {
        guard_start(c);
    }
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        informer_tell(w);
    }
    int64_t left = client_next_deadline(c);
    left = left == INT64_MAX ? INT64_MAX : left > now ? left - now : 0;
    http_step(c->http, left < timeout_ms ? left : timeout_ms);
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        informer_tell(w);
    }
}

void client_wakeup(struct client *c)
{
    http_wakeup(c->http);
}

static int64_t or_default(int64_t v, int64_t standard)
{
    return v > 0 ? v : standard;
}

struct client *client_new(const struct api_config *config, struct credential *credential,
                          const struct informer_spec *wants, size_t n,
                          const struct client_sink *sink, const struct client_options *options,
                          struct err *err)
{
    struct client *c = xcalloc(1, sizeof *c);
    struct client_options o = options != NULL ? *options : (struct client_options){0};
    o.discovery_ms = or_default(o.discovery_ms, 60000);
    o.guard_ms = or_default(o.guard_ms, 600000);
    o.jitter_ms = or_default(o.jitter_ms, 3000);
    c->config = config;
    c->credential = credential;
    c->sink = *sink;
    c->options = o;
    c->seed = o.seed != 0
                  ? o.seed
                  : hash_mix((uint64_t)credential_clock().wall_ms, (uint64_t)clock_mono_ms());
    c->http = http_new(config, credential, &o.limits, on_restart, c, err);
    if (c->http == NULL) {
        free(c);
        return NULL;
    }
    c->discovery = discovery_new();
    c->discover_at = INT64_MAX;
    c->discover_backoff = 1000;
    c->guard_at = client_now() + FIRST_GUARD_MS;
    for (int i = 0; i < 2; i++) {
        c->halves[i] = (struct half){.client = c, .core = i == 0};
    }
    link_is(c, CLIENT_CONNECTING, NULL);
    for (size_t i = 0; i < n; i++) {
        insert(c, &wants[i]);
    }
    discover_start(c); // first on the wire: the others wait for it
    discover_apply(c);
    return c;
}

void client_free(struct client *c)
{
    if (c == NULL) {
        return;
    }
    while (c->gets != NULL) {
        client_request_cancel(c->gets);
    }
    while (c->informers != NULL) {
        struct informer *w = c->informers;
        c->informers = w->next;
        informer_free(w);
    }
    discover_cancel(c);
    http_free(c->http);
    free_namespaces(c);
    for (size_t i = 0; i < c->warned_count; i++) {
        free(c->warned[i]);
    }
    free(c);
}
