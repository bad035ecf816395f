// SPDX-License-Identifier: Apache-2.0
// The client of one API server: discovery, lists and watches of the wanted kinds, one-off requests.
//
// Everything runs in the thread that calls client_step (the I/O thread); only client_wakeup may come from
// another. Sink calls come from within client_step, client_new and client_add_informer, and may not call back into
// the client, except client_get, client_review and client_add_informer of a new id. The rest waits for the step's end.
#ifndef GATETOP_API_CLIENT_H
#define GATETOP_API_CLIENT_H

#include "kube/base/mem.h"

#include "kube/api/config.h"
#include "kube/api/credential.h"
#include "kube/api/http.h"

#include <stdint.h>

// Where a kind may be found, e.g. {"certmanager.k8s.io", "certificates", {"v1alpha1"}} for an old cluster.
// Static tables: the strings must outlive the client.
struct informer_source {
    const char *group; // "" is core
    const char *resource;
    const char *const *versions; // preferred first, ends with NULL
};

struct informer_spec {
    int id;                                // the caller's name for it, unique
    const struct informer_source *sources; // preferred first
    size_t source_count;
    bool namespaced;
    bool metadata_only; // PartialObjectMetadata (Secrets: always)
    bool no_watch;      // list once: `gatetop get` without -w
    bool lazy;          // nothing is asked before client_start_informer
    bool
        clear_at_once; // a lost permission hides the objects at once (Secrets), not after two minutes
    const char *ns;    // only this namespace; NULL: all
    const char *field_selector, *label_selector; // plain text; NULL: none. Copied, as is ns
    int priority;                                // lower is listed first
};

enum client_change { CLIENT_LISTED, CLIENT_ADDED, CLIENT_MODIFIED, CLIENT_DELETED };

enum client_phase {
    CLIENT_SYNCING,       // `objects` of `expected`; reason where a try failed
    CLIENT_LIVE,          // or listed, where it is not watched
    CLIENT_STALE,         // since `since`, for `reason`, next try at `next_try`
    CLIENT_FORBIDDEN,     // reason names verb, resource and scope in the server's words
    CLIENT_NOT_INSTALLED, // no such API
};

// Times are the wall clock's seconds (not skewed), TIME_NONE where there is none.
struct client_state {
    enum client_phase phase;
    bool synced; // complete at least once since the start
    bool polled; // watching is not allowed: listed once a minute
    // Readable in some namespaces only (the cluster-wide list is forbidden): in `readable` of `tried`.
    size_t readable, tried;
    size_t objects;  // received in the current or last list
    size_t expected; // 0: not known
    size_t dropped;  // objects over 16 MiB, not shown
    int64_t since, next_try;
    const char *group, *version; // as served; NULL while not known
    struct err reason;
};

enum client_link { CLIENT_CONNECTING, CLIENT_CONNECTED, CLIENT_DISCONNECTED };

struct client_sink {
    void *self;
    // A list of `ns` (NULL: all namespaces) begins. show: objects may be shown as they arrive, else only at
    // the end. force: the server may have gone back in time, so that an equal resource version proves nothing.
    // A second begin without an end drops what came since the first.
    void (*replace_begin)(void *self, int id, const char *ns, bool show, bool force);
    // One object: JSON as the splitter leaves it, borrowed for the call. Built-in lists carry no kind and
    // apiVersion: group and version say what it is. LISTED belongs to the list that has begun. False: the text is not
    // JSON, it was damaged on the way; the kind is listed again after a pause. (An object that is JSON but makes no
    // sense would come again just so: true.)
    bool (*item)(void *self, int id, const char *ns, enum client_change change, const char *group,
                 const char *version, const char *text, size_t n);
    void (*replace_end)(void *self, int id, const char *ns); // what of ns was not listed is gone
    void (*state)(void *self, int id, const struct client_state *state);
    void (*connection)(void *self, enum client_link link, const struct err *reason); // on change
    void (*skew)(void *self,
                 int64_t seconds); // the server's clock minus ours; 0 when within a minute again
    void (*warning)(void *self, const char *text); // clean; each text once
};

struct client_options {
    struct http_limits limits;
    int64_t discovery_ms; // between looks while a kind is missing; 0: 60 s
    int64_t guard_ms;     // between checks for a server that went back in time; 0: 10 min
    size_t object_max;    // 0: 16 MiB
    int64_t jitter_ms;    // spread of the requests on a new connection; 0: 3 s
    int64_t backoff_first_ms,
        backoff_max_ms;          // of each kind, see reflector_options; 0: 0.8 s and 30 s
    int64_t refused_ms, poll_ms; // of each kind, see reflector_options; 0: as there
    uint64_t seed;               // of jitter; 0: from the clock
};

struct client;
// All but sources' strings is copied or borrowed as told above; config and credential are borrowed and
// must live longer. sink is copied. options may be NULL. NULL with *err where it cannot work at all.
struct client *client_new(const struct api_config *config, struct credential *credential,
                          const struct informer_spec *wants, size_t n,
                          const struct client_sink *sink, const struct client_options *options,
                          struct err *err) MUST_USE;
void client_free(struct client *c); // at once (under 100 ms), no sink calls

// One round: waits at most timeout_ms for the network, a timer or client_wakeup, and handles it.
void client_step(struct client *c, int64_t timeout_ms);
void client_wakeup(struct client *c);                 // any thread
int64_t client_next_deadline(const struct client *c); // clock_mono_ms of the next timer

void client_add_informer(struct client *c,
                         const struct informer_spec *want); // replaces one of the same id
void client_remove_informer(struct client *c, int id);      // its objects are the caller's to drop
void client_start_informer(struct client *c, int id);       // a lazy one
void client_relist(struct client *c, int id); // id < 0: all; forbidden and missing ones too
void client_reconnect(
    struct client *c); // the user asks for another try now: new connection, no back-off
// The namespaces that are known (from the namespace list, options): where cluster-wide lists are forbidden
// each is tried. Copied. The namespace of the configuration is always tried.
void client_set_namespaces(struct client *c, const char *const *names, size_t n);

// The answer of a one-off request. status 0: none came, err says why. body is NUL-terminated, not cleaned.
typedef void client_answer_fn(void *self, int status, const char *body, size_t n,
                              const struct err *err);
struct client_request;
// path from the server's root with query, e.g. "/api/v1/namespaces/x". The answer comes in a later
// client_step, once; the handle is then gone. Answers over 16 MiB are an error.
struct client_request *client_get(struct client *c, const char *path, const char *accept,
                                  client_answer_fn *answer, void *self);
// POST of JSON to a self-subject review: the only kind of path it takes. NULL where path is another one.
struct client_request *client_review(struct client *c, const char *path, const char *json,
                                     client_answer_fn *answer, void *self);
void client_request_cancel(struct client_request *g); // no answer follows

#endif
