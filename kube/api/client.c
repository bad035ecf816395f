// SPDX-License-Identifier: Apache-2.0
// The client of one API server: its life, its step, and single requests.
#include "kube/api/client.h"

#include "kube/base/clock.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/heartbeat.h"
#include "kube/api/informer.h"
#include "kube/api/informer_source.h"
#include "kube/api/single_request.h"

#include <stdlib.h>

enum {
    ANSWER_MAX = 16 << 20, // bytes, of a single request
    VERSION_MAX = 1 << 16,
    DISCOVERY_MS = 60000,
    HEARTBEAT_MS = 600000,
    JITTER_MS = 3000,
    FIRST_MS = 500, // that the kinds of a screen have the connection to themselves
};

struct client_request {
    struct client_request *next;
    struct client *client;
    struct single_request *request;
    client_answer_fn *answer;
    void *self;
};

struct client {
    struct client_sink sink;
    struct client_options options; // without zeros, where zero has no meaning of its own
    struct credential *credential;
    struct http *http;
    struct jitter jitter;
    struct server_status status;
    struct discovery_poll *discovery;
    struct heartbeat *heartbeat;
    struct informer_context context;
    struct informer *informers; // by priority
    bool all_may_start;         // not only those of priority 0
    int64_t first_until;        // mono ms: from then on they may; INT64_MAX: no connection yet
    struct client_request *requests;
    struct single_request *version; // requested for the log only; NULL: not in flight
};

// --- what the parts report

static void on_recovered(void *self)
{
    struct client *c = self;
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        informer_reconnected(i); // at once, not after each one's own back-off of up to a minute
    }
}

static void on_lost(void *self, const struct err *reason)
{
    struct client *c = self;
    heartbeat_lost(c->heartbeat, reason);
}

static void on_restart(void *self, const struct err *err)
{
    struct client *c = self;
    if (err != NULL) {
        server_status_down(&c->status, err);
    }
    heartbeat_reconnected(c->heartbeat, c->options.jitter_ms);
}

static bool may_start(const struct client *c, const struct informer *i)
{
    return c->all_may_start || i->spec.priority <= 0 || i->spec.no_watch;
}

static void on_discovery(void *self)
{
    struct client *c = self;
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        if (may_start(c, i)) {
            informer_choose_source(i);
        }
    }
}

// Lets the other kinds start once those of priority 0 have begun, or their time is over.
static void start_others(struct client *c, int64_t now)
{
    if (c->all_may_start) {
        return;
    }
    bool begun = true;
    for (const struct informer *i = c->informers; i != NULL && i->spec.priority <= 0; i = i->next) {
        begun = begun && informer_has_begun(i);
    }
    if (c->first_until == INT64_MAX && c->status.connection == CLIENT_CONNECTED) {
        c->first_until = now + FIRST_MS;
    }
    if (begun || now >= c->first_until) {
        c->all_may_start = true;
        on_discovery(c);
    }
}

static void on_discovery_failed(void *self)
{
    struct client *c = self;
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        i->dirty |= i->scopes == NULL; // it waits for discovery, whose failure is its reason
    }
}

static void on_went_back(void *self)
{
    struct client *c = self;
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        informer_relist(i, true);
    }
}

// --- informers

static struct informer **find_informer(struct client *c, int id)
{
    struct informer **at = &c->informers;
    while (*at != NULL && (*at)->spec.id != id) {
        at = &(*at)->next;
    }
    return at;
}

static void insert_informer(struct client *c, const struct informer_spec *spec)
{
    client_remove_informer(c, spec->id);
    struct informer *i = informer_new(&c->context, spec), **at = &c->informers;
    while (*at != NULL && (*at)->spec.priority <= spec->priority) {
        at = &(*at)->next;
    }
    i->next = *at;
    *at = i;
    for (size_t s = 0; s < spec->source_count; s++) {
        discovery_poll_add_group(c->discovery, spec->sources[s].group);
    }
}

static bool any_missing(const struct client *c)
{
    for (const struct informer *i = c->informers; i != NULL; i = i->next) {
        if (informer_is_missing(i)) {
            return true;
        }
    }
    return false;
}

void client_add_informer(struct client *c, const struct informer_spec *spec)
{
    insert_informer(c, spec);
    on_discovery(c);
    discovery_poll_timer(c->discovery, clock_mono_ms(), any_missing(c));
}

void client_remove_informer(struct client *c, int id)
{
    struct informer **at = find_informer(c, id), *i = *at;
    if (i != NULL) {
        *at = i->next;
        informer_free(i);
    }
}

void client_relist(struct client *c, int id)
{
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        if (id < 0 || i->spec.id == id) {
            informer_relist(i, false);
            if (informer_is_missing(i)) {
                discovery_poll_soon(c->discovery);
            }
        }
    }
}

void client_reconnect(struct client *c)
{
    credential_retry(c->credential);
    http_restart(c->http, NULL);
    client_relist(c, -1);
    discovery_poll_soon(c->discovery);
}

static void free_namespaces(struct client *c)
{
    for (size_t n = 0; n < c->context.namespace_count; n++) {
        free(c->context.namespaces[n]);
    }
    free(c->context.namespaces);
}

void client_set_namespaces(struct client *c, const char *const *names, size_t n)
{
    free_namespaces(c);
    c->context.namespaces = xcalloc(n, sizeof *c->context.namespaces);
    c->context.namespace_count = n;
    for (size_t k = 0; k < n; k++) {
        c->context.namespaces[k] = xstrdup(names[k]);
    }
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        informer_update_namespaces(i);
        informer_report(i);
    }
}

// --- single requests

static void free_request(struct client_request *r)
{
    struct client_request **at = &r->client->requests;
    while (*at != r) {
        at = &(*at)->next;
    }
    *at = r->next;
    free(r);
}

static void on_response(void *self, const struct single_response *response)
{
    struct client_request *r = self;
    client_answer_fn *answer = r->answer;
    void *owner = r->self;
    if (response->status > 0) {
        server_status_up(&r->client->status);
    }
    free_request(r);
    answer(owner, response->status, response->body, response->n, response->err);
}

static struct client_request *start_request(struct client *c, const struct http_request *request,
                                            client_answer_fn *answer, void *self)
{
    struct client_request *r = xmalloc(sizeof *r);
    *r = (struct client_request){c->requests, c, NULL, answer, self};
    c->requests = r;
    r->request = single_request_start(c->http, c->credential, request, ANSWER_MAX, on_response, r);
    return r;
}

struct client_request *client_get(struct client *c, const char *path, const char *accept,
                                  client_answer_fn *answer, void *self)
{
    const struct http_request request = {.path = path, .accept = accept};
    return start_request(c, &request, answer, self);
}

struct client_request *client_review(struct client *c, const char *path, const char *json,
                                     client_answer_fn *answer, void *self)
{
    if (!str_starts(path, "/apis/authorization.k8s.io/v1/selfsubject") &&
        !str_starts(path, "/apis/authentication.k8s.io/v1/selfsubjectreviews")) {
        return NULL; // gatetop posts nothing else
    }
    const struct http_request request = {.path = path, .accept = "application/json", .body = json};
    return start_request(c, &request, answer, self);
}

void client_request_cancel(struct client_request *r)
{
    if (r != NULL) {
        single_request_cancel(r->request);
        free_request(r);
    }
}

// --- the step

static int64_t next_deadline(const struct client *c)
{
    int64_t first = heartbeat_deadline(c->heartbeat),
            discovery = discovery_poll_deadline(c->discovery);
    first = discovery < first ? discovery : first;
    first = !c->all_may_start && c->first_until < first ? c->first_until : first;
    for (const struct informer *i = c->informers; i != NULL; i = i->next) {
        int64_t at = informer_deadline(i);
        first = at < first ? at : first;
    }
    return first;
}

static void report_all(struct client *c)
{
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        informer_report(i);
    }
}

void client_step(struct client *c, int64_t timeout_ms)
{
    int64_t now = clock_mono_ms();
    for (struct informer *i = c->informers; i != NULL; i = i->next) {
        informer_timer(i, now);
    }
    discovery_poll_timer(c->discovery, now, any_missing(c));
    heartbeat_timer(c->heartbeat, now);
    report_all(c);
    start_others(c, now);
    int64_t deadline = next_deadline(c);
    int64_t left = deadline == INT64_MAX ? INT64_MAX : deadline > now ? deadline - now : 0;
    http_step(c->http, left < timeout_ms ? left : timeout_ms);
    report_all(c);
}

void client_wakeup(struct client *c)
{
    http_wakeup(c->http);
}

void client_stop(struct client *c)
{
    http_stop(c->http);
}

// --- life

static int64_t or_default(int64_t v, int64_t standard)
{
    return v > 0 ? v : standard;
}

struct client_options client_options_complete(const struct client_options *given)
{
    struct client_options o = given != NULL ? *given : (struct client_options){0};
    o.discovery_ms = or_default(o.discovery_ms, DISCOVERY_MS);
    o.heartbeat_ms = or_default(o.heartbeat_ms, HEARTBEAT_MS);
    o.jitter_ms = or_default(o.jitter_ms, JITTER_MS);
    if (o.seed == 0) {
        o.seed = hash_mix((uint64_t)credential_clock().wall_ms, (uint64_t)clock_mono_ms());
    }
    return o;
}

static void on_version(void *self, const struct single_response *r)
{
    struct client *c = self;
    c->version = NULL;
    struct json *doc = r->status == 200 ? json_parse(r->body, r->n, NULL) : NULL;
    const char *version = json_string(json_at(doc, "gitVersion", NULL));
    log_line("api", LOG_INFO, "server version %s",
             version != NULL  ? version
             : r->err != NULL ? r->err->msg
                              : "not known");
    json_free(doc);
}

// Nothing depends on the server's version; it is for whoever reads the log.
static void log_version(struct client *c)
{
    const struct http_request request = {.path = "/version"};
    if (log_is_open()) {
        c->version =
            single_request_start(c->http, c->credential, &request, VERSION_MAX, on_version, c);
    }
}

static void make_parts(struct client *c, const struct api_config *config)
{
    c->discovery = discovery_poll_new(&(struct discovery_poll_options){
        .http = c->http,
        .credential = c->credential,
        .status = &c->status,
        .jitter = &c->jitter,
        .missing_ms = c->options.discovery_ms,
        .self = c,
        .changed = on_discovery,
        .failed = on_discovery_failed,
    });
    c->heartbeat = heartbeat_new(&(struct heartbeat_options){
        .http = c->http,
        .credential = c->credential,
        .status = &c->status,
        .jitter = &c->jitter,
        .interval_ms = c->options.heartbeat_ms,
        .own_namespace = config->ns,
        .self = c,
        .went_back = on_went_back,
    });
    c->context = (struct informer_context){
        .http = c->http,
        .credential = c->credential,
        .status = &c->status,
        .discovery = c->discovery,
        .jitter = &c->jitter,
        .sink = &c->sink,
        .options = &c->options,
        .own_namespace = config->ns,
    };
}

struct client *client_new(const struct api_config *config, struct credential *credential,
                          const struct informer_spec *first, size_t n,
                          const struct client_sink *sink, const struct client_options *options,
                          struct err *err)
{
    struct client *c = xcalloc(1, sizeof *c);
    c->sink = *sink;
    c->options = client_options_complete(options);
    c->credential = credential;
    c->jitter.seed = c->options.seed;
    c->http = http_new(config, credential, &c->options.limits, on_restart, c, err);
    if (c->http == NULL) {
        free(c);
        return NULL;
    }
    make_parts(c, config);
    server_status_init(&c->status, &c->sink, on_recovered, on_lost, c);
    for (size_t i = 0; i < n; i++) {
        insert_informer(c, &first[i]);
    }
    c->first_until = INT64_MAX;
    discovery_poll_start(c->discovery); // first on the wire: the others wait for it
    on_discovery(c);
    log_version(c);
    return c;
}

void client_free(struct client *c)
{
    if (c == NULL) {
        return;
    }
    while (c->requests != NULL) {
        struct client_request *r = c->requests;
        client_request_cancel(r);
        ASSERT(c->requests != r);
    }
    while (c->informers != NULL) {
        struct informer *i = c->informers;
        c->informers = i->next;
        informer_free(i);
    }
    single_request_cancel(c->version);
    heartbeat_free(c->heartbeat);
    discovery_poll_free(c->discovery);
    http_free(c->http);
    free_namespaces(c);
    server_status_release(&c->status);
    free(c);
}
