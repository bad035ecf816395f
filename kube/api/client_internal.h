// SPDX-License-Identifier: Apache-2.0
// The parts of the client, shared by its files only.
#ifndef GATETOP_API_CLIENT_INTERNAL_H
#define GATETOP_API_CLIENT_INTERNAL_H

#include "kube/api/client.h"
#include "kube/api/discovery.h"
#include "kube/api/reflector.h"
#include "kube/api/single_request.h"

enum { CLIENT_WATCHES_MAX = 64 }; // of namespaces of one kind; more are polled

// One list and watch: a kind in all namespaces, or in one.
struct scope {
    struct scope *next;
    struct informer *informer;
    char *ns; // NULL: all
    struct reflector *reflector;
    struct http_call *call;
    uint64_t version;   // of the credential of the last answer
    bool missing;       // waits for discovery
    int64_t restart_at; // discovery still names it: list again then
    int missed;         // 404s in a row
};

struct informer {
    struct informer *next;
    struct client *client;
    struct informer_spec spec; // ns and selectors owned
    char *selectors;           // for the query
    bool started;
    bool absent;              // discovery says so
    size_t source;            // which of spec.sources
    const char *version;      // of it, one of the source's own strings; NULL: not known
    size_t guess;             // without discovery: the next (source, version) to try
    struct scope *scopes;     // the first is the wide one
    bool spread;              // the wide list is forbidden: there are scopes for namespaces
    bool dirty;               // its state has news
    struct client_state told; // the last state given to the sink
    bool was_told;
};

struct client_request {
    struct client_request *next;
    struct client *client;
    struct unary *unary;
    client_answer_fn *answer;
    void *self;
};

// A half of discovery: /api or /apis.
struct half {
    struct client *client;
    bool core;
    struct unary *unary;
    char *etag;
    bool done;    // read at least once
    bool refused; // no right to read it, or no such path: guess
};

struct client {
    const struct api_config *config;
    struct credential *credential;
    struct http *http;
    struct client_sink sink;
    struct client_options options;
    uint64_t seed;

    struct informer *informers; // by priority
    struct client_request *gets;
    char **namespaces;
    size_t namespace_count;

    struct discovery *discovery;
    struct half halves[2];
    struct unary *resources; // of one group version, legacy form
    char *resources_group, *resources_version;
    int64_t discover_at, discovered, discover_backoff;

    struct unary *guard;
    char guard_rv[128];
    int64_t guard_at;
    int64_t knock_ms; // before the next knock

    enum client_link link;
    bool link_told;
    struct err link_err;
    int64_t skew;
    char *warned[32];
    size_t warned_count;
    bool in_step;
};

int64_t client_now(void); // clock_mono_ms
double client_random(struct client *c);
void client_link_up(struct client *c);
void client_link_down(struct client *c, const struct err *err);
void client_saw_date(struct client *c, int64_t date);
void client_warn(struct client *c, const char *text);

// client_watch.c
struct informer *informer_new(struct client *c, const struct informer_spec *spec);
void informer_free(struct informer *w);
// Lists w at (source, version), which discovery or a guess has found. Nothing where it runs there already.
void informer_run(struct informer *w, size_t source, const char *version);
void informer_absent(struct informer *w); // not installed
void informer_retry_missing(struct informer *w);
void informer_connected(struct informer *w); // what waits for the connection alone goes on soon
void informer_relist(struct informer *w, bool scratch);
void informer_timers(struct informer *w, int64_t now);
int64_t informer_deadline(const struct informer *w);
void informer_disconnected(struct informer *w, const struct err *err);
void informer_spread(struct informer *w); // adds scopes for namespaces that are new
void informer_tell(struct informer *w);   // gives the state to the sink where it has news
bool informer_is_missing(const struct informer *w);

// client_discover.c
void discover_start(struct client *c); // asks now, unless it is being asked
void discover_soon(struct client *c);
// After an answer that contradicts it: the next look is at whole documents, whatever their ETag.
void discover_anew(struct client *c);
void discover_apply(struct client *c);
void discover_timer(struct client *c, int64_t now);
void discover_cancel(struct client *c);
void guard_start(struct client *c);
// While nobody gets an answer the same request asks every few seconds whether the server is back: the
// back-offs of the kinds would tell a minute late. err: of the request that failed; no knock helps a credential.
enum { KNOCK_FIRST_MS = 1000, KNOCK_MAX_MS = 4000 };
void guard_knock(struct client *c, const struct err *err);

#endif
