// SPDX-License-Identifier: Apache-2.0
// One wanted kind: a reflector for all namespaces, or one for each where only some may be read.
//
// The reflectors list and watch; the informer gives them requests, hands their objects to the sink, and combines their
// states into one. informer_source.h decides which version of which group is read.
#ifndef GATETOP_API_INFORMER_H
#define GATETOP_API_INFORMER_H

#include "kube/api/discovery_poll.h"
#include "kube/api/jitter.h"
#include "kube/api/server_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the informers of a client share. Borrowed by each.
struct informer_context {
    struct http *http;
    struct credential *credential;
    struct server_status *status;
    struct discovery_poll *discovery;
    struct jitter *jitter;
    const struct client_sink *sink;
    const struct client_options *options;
    // Where the list of all namespaces is forbidden these are tried, and that of the configuration.
    const char *own_namespace; // "" or NULL: none
    char **namespaces;
    size_t namespace_count;
};

struct informer_scope;
// The fields belong to the informer; informer_source.c uses spec, absent and next_guess.
struct informer {
    struct informer *next; // the client's
    struct informer_context *context;
    struct informer_spec spec;     // ns owned; selectors are in `selectors`
    char *selectors;               // for the query
    char *called;                  // " (istio=in)" for the log, "" without selectors
    bool absent;                   // no such API is served
    size_t source;                 // which of spec.sources is read
    const char *version;           // of it, one of the source's own strings; NULL: none is read
    size_t next_guess;             // without discovery: the next (source, version) to try
    struct informer_scope *scopes; // the first is the wide one; NULL: nothing is read
    bool by_namespace; // the wide list is forbidden: the others are for one namespace each
    bool dirty;        // its state may have changed
    bool reported;     // the sink knows last_state
    struct client_state last_state;
};

// The spec is copied as client_types.h says. Nothing is read before informer_run.
struct informer *informer_new(struct informer_context *context, const struct informer_spec *spec);
// The owner of the sink drops its objects.
void informer_free(struct informer *i);

// Lists and watches at (source, version), which discovery or a guess has found. If it reads that already, it only lists
// scopes again soon that waited for discovery. `version` is one of the source's own strings.
void informer_run(struct informer *i, size_t source, const char *version);
// Discovery says that no source is served. Removes its objects, unless a request is being answered: its end will
// decide.
void informer_not_served(struct informer *i);
// The server of its group is down: what is known stays; scopes that waited for discovery are listed again soon.
void informer_retry_missing(struct informer *i);
// Whether it reads nothing, or a list answered 404.
bool informer_is_missing(const struct informer *i);

// Whether its objects have begun to come, it has none, or something keeps them from coming: as last reported.
bool informer_has_begun(const struct informer *i);

// The server answers again: what waits only for the connection continues soon.
void informer_reconnected(struct informer *i);
// Lists again now. from_scratch: without a lower bound of the resource version (the server went back in time).
void informer_relist(struct informer *i, bool from_scratch);
// After a change of context->namespaces: tries those that are new, where the informer reads by namespace.
void informer_update_namespaces(struct informer *i);

// now: clock_mono_ms.
void informer_timer(struct informer *i, int64_t now);
// Monotonic ms of the next timer; INT64_MAX: none.
int64_t informer_deadline(const struct informer *i);
// Reports the state to the sink where it has changed.
void informer_report(struct informer *i);

#endif
