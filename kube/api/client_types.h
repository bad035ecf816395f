// SPDX-License-Identifier: Apache-2.0
// What a client is started with, and what it reports.
#ifndef GATETOP_API_CLIENT_TYPES_H
#define GATETOP_API_CLIENT_TYPES_H

#include "kube/base/err.h"

#include "kube/api/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The Accept header for one object as PartialObjectMetadata (docs/rules/kubernetes-client.md#accept-metadata): a Secret
// is never read in another form.
#define CLIENT_ACCEPT_METADATA "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

// Where a kind may be found, e.g. {"certmanager.k8s.io", "certificates", {"v1alpha1"}} for an old cluster. Static
// tables: the strings must outlive the client.
struct informer_source {
    const char *group; // "" is core
    const char *resource;
    const char *const *versions; // preferred first, ends with NULL
};

// One kind to list and watch.
struct informer_spec {
    int id; // chosen by the owner, unique
    // Lower is requested first. Watched kinds above 0 wait until each kind of 0 has begun to arrive or has failed, at
    // most half a second (docs/rules/kubernetes-client.md#list-order).
    int priority;
    const struct informer_source *sources; // preferred first
    size_t source_count;
    const char *ns;                              // only this namespace; NULL: all
    const char *field_selector, *label_selector; // plain text; NULL: none. Copied, as is ns
    bool namespaced;
    bool metadata_only; // PartialObjectMetadata (Secrets: always)
    bool no_watch;      // list once: `gatetop get` without -w
    bool
        clear_at_once; // a lost permission hides the objects at once (Secrets), not after a second look
};

// Zero is the default of every field.
struct client_options {
    struct http_limits limits;
    int64_t discovery_ms; // between looks while a kind is missing: 60 s
    int64_t heartbeat_ms; // between checks whether the server's data went back in time: 10 min
    size_t object_max;    // bytes of one object: 16 MiB
    int64_t jitter_ms;    // spread of the requests on a new connection: 3 s
    // Of each kind, see struct reflector_options.
    int64_t backoff_first_ms, backoff_max_ms, refused_ms, poll_ms;
    uint64_t seed; // of jitter: from the clock
};

// --- what it reports

enum client_change { CLIENT_LISTED, CLIENT_ADDED, CLIENT_MODIFIED, CLIENT_DELETED };

enum client_phase {
    CLIENT_SYNCING,       // `objects` of `expected`; reason where a try failed
    CLIENT_LIVE,          // or listed, where it is not watched
    CLIENT_STALE,         // since `since`, for `reason`, next try at `next_try`
    CLIENT_FORBIDDEN,     // reason names verb, resource and scope in the server's words
    CLIENT_NOT_INSTALLED, // no such API
};

// Of one kind. Times are the wall clock's seconds (not skewed), TIME_NONE if there is none.
struct client_state {
    enum client_phase phase;
    bool synced; // complete at least once since the start
    bool polled; // watching is not allowed: listed once a minute
    // Readable in some namespaces only (the list of all is forbidden): in `readable` of `tried`.
    size_t readable, tried;
    bool own_readable; // the namespace of the configuration (-n) is one of them
    size_t objects;    // received in the current or last list
    size_t expected;   // 0 if not known
    size_t dropped;    // objects over object_max, or that cannot be read: not shown
    int64_t since, next_try;
    const char *group, *version; // as served; NULL while not known
    struct err reason;
};

enum client_connection { CLIENT_CONNECTING, CLIENT_CONNECTED, CLIENT_DISCONNECTED };

// Called on the client's thread. What is passed is borrowed for the call. Only `item` must be there, and only where
// kinds are listed; what is NULL is not reported.
struct client_sink {
    void *self;
    // A list of `ns` (NULL: all namespaces) begins. show: objects may be shown as they arrive, else only at the end.
    // force: the server may have gone back in time, so that an equal resource version proves nothing. A second begin
    // without an end drops what came since the first.
    void (*replace_begin)(void *self, int id, const char *ns, bool show, bool force);
    // One object: JSON as the splitter leaves it. Built-in lists carry no kind and apiVersion: group and version say
    // what it is. LISTED belongs to the list that has begun. False if it cannot be read: left_out follows, and a kind
    // that is watched is listed once more after a pause, which shows whether the object was damaged on the way.
    bool (*item)(void *self, int id, const char *ns, enum client_change change, const char *group,
                 const char *version, const char *text, size_t n);
    // As in struct reflector_ops (docs/rules/kubernetes-client.md#object-unreadable).
    void (*left_out)(void *self, int id, const char *ns, bool listed, const char *text, size_t n);
    // Objects of ns that were not listed are gone.
    void (*replace_end)(void *self, int id, const char *ns);
    // The state of a kind has changed.
    void (*state)(void *self, int id, const struct client_state *state);
    // The connection, or why there is none, has changed. reason is NULL if there is none.
    void (*connection)(void *self, enum client_connection c, const struct err *reason);
    // How far the server's clock is ahead of ours has changed; 0 when it is within a minute again.
    void (*skew)(void *self, int64_t seconds);
    // A warning of the server, clean; each text once.
    void (*warning)(void *self, const char *text);
};

#endif
