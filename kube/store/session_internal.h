// SPDX-License-Identifier: Apache-2.0
// The parts of a session, shared by its files only. All of it belongs to the I/O thread, except for what the mutex
// guards.
#ifndef GATETOP_STORE_SESSION_INTERNAL_H
#define GATETOP_STORE_SESSION_INTERNAL_H

#include "kube/base/pmap.h"

#include "kube/store/session_options.h"
#include "kube/store/store.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WATCHES_EXTRA = 100, // ids of watches beside the one of each kind
    WATCHES_MAX = 256,
    REQUESTS_MAX = 64,
};

// One list and watch, an informer of the client. That of a whole kind has the kind's number as its id; others cover a
// part of a kind.
struct watch {
    struct session *session;
    enum kind kind;
    char *field_selector, *label_selector; // NULL: none
    unsigned requested;                    // a higher number was requested later
    struct client_state state;
    bool has_state;
    char left_out[200]; // as in struct kind_state
    bool left_out_old;  // left_out is of the list before this one
};

enum session_request_type {
    REQUEST_RELIST,
    REQUEST_RECONNECT,
    REQUEST_WATCH,
    REQUEST_FETCH,
    REQUEST_PUBLISH,
};

// A message to the I/O thread. Texts are owned, NULL if the type has none.
struct session_request {
    enum session_request_type type;
    kind_set kinds;                        // RELIST
    enum kind kind;                        // of REQUEST_WATCH
    char *field_selector, *label_selector; // of REQUEST_WATCH
    char *path;                            // FETCH, from here on
    bool metadata;
    unsigned number;
};

// Secrets that are read by name: credentials of Gateways that the list of TLS Secrets does not have.
struct secret_lookup {
    struct pmap requested; // of struct text_pair: namespace and name
    struct secret_request *requests;
    int in_flight;         // number of the requests
    bool check;            // what session_look_up_secrets goes by has changed
    bool again;            // all of `requested` are to be requested again
    int64_t again_at;      // mono ms: when `again` becomes true; 0: never
    bool checked;          // every credential was looked up once
    bool forbidden;        // one of them may not be read
    bool forbidden_lately; // among the answers since they were last requested
    char reason[160];
};

struct session {
    struct session_options o;
    struct informer_source sources[KIND_COUNT][3]; // of the watches
    pthread_t thread;
    struct client *client;
    struct store *store;

    // the I/O thread's
    struct watch *watches[WATCHES_MAX]; // by id, NULL if there is none
    int watch_count;                    // the highest id plus one
    unsigned watch_requests;            // the last number given
    bool dirty;                         // something is to be published
    bool publish_now;                   // at once, even lists that are not whole
    unsigned long objects_changed;      // since the last publication: for the log
    int64_t probes_at;  // mono ms: when results of probes are to be published; 0: none wait
    int64_t publish_at; // mono ms: not before
    bool complete;      // every kind was known once, and that was published
    bool namespaces_changed;
    bool namespaces_known;         // the client knows them, or may not list them
    bool events_watched[2];        // of cert-manager.io and acme.cert-manager.io
    struct pmap gateway_selectors; // of struct text_pair: selectors whose pods are watched
    struct secret_lookup secrets;
    struct arena decoding;        // what the decoding of one object needs
    struct err decode_err;        // why the last object could not be read, ERR_NONE if it could
    struct client_request *fetch; // in flight
    unsigned fetch_number;

    pthread_mutex_t lock; // guards everything below
    const struct snapshot *latest;
    struct session_request requests[REQUESTS_MAX];
    int request_count;
    bool stop;
    bool plugin_needs_terminal;
    bool run_plugin;  // the terminal is the plugin's until this is false again
    bool plugin_runs; // the I/O thread has begun
    pthread_cond_t plugin_ended;
    unsigned newest_fetch; // number of the newest fetch requested
    bool fetched;          // its text is there:
    char *fetched_text;
    size_t fetched_size;
    bool fetch_failed; // the text says why
};

// --- session_requests.c: messages to the I/O thread, and a byte from it

// Writes a byte for who waits on notify_fd. Any thread.
void session_notify(const struct session *s);
// Queues a request and wakes the I/O thread. False if too many wait. Takes over its texts. Any thread.
bool session_post(struct session *s, struct session_request r);
// Moves the queued requests to out; returns their number, -1 if the session is to stop. The I/O thread.
int session_take_requests(struct session *s, struct session_request out[REQUESTS_MAX]);
// Frees its texts.
void session_request_release(struct session_request *r);

// --- session_kind_state.c: how far each kind is

// Whether a kind's initial list is over: it was read, or it cannot be read.
bool session_kind_known(const struct session *s, enum kind k);
// Makes the state of a kind from those of its watches: the worst of them; synced when all are.
void session_update_kind_state(struct session *s, enum kind k);

// --- session_watches.c: what the client lists and watches

// The watch with this id, NULL if there is none.
struct watch *session_find_watch(struct session *s, int id);
// Makes a watch; selectors are copied, NULL: none. The client does not know it yet.
struct watch *session_new_watch(struct session *s, int id, enum kind k, const char *field,
                                const char *label);
// What the client is to list for it. Borrows from the watch.
struct informer_spec session_informer_spec(struct session *s, int id, const struct watch *w);
// Adds a watch while the client runs; nothing if there is one like it. Of the events of single objects the newest
// are watched: one more ends the oldest, so these are not added from within the client's calls.
void session_add_watch(struct session *s, enum kind k, const char *field, const char *label);
// NULL is fine.
void session_free_watch(struct watch *w);
// Whether the object belongs to what the watch lists.
bool session_watch_covers(const struct watch *w, const struct object *o);

// --- session_references.c: what is read because other objects name it

// Makes the sets of what was requested.
void session_references_init(struct session *s);
// Frees them, and what is kept of requests for Secrets in flight: after the client, whose answers need it.
void session_references_release(struct session *s);
// For store_on_change: an object came, changed or went.
void session_object_changed(void *self, const struct object *before, const struct object *after);
// Requests, as metadata, the credentials of Gateways that the list of TLS Secrets does not have: a Secret of another
// type serves Istio as well (docs/rules/kubernetes-client.md#secrets-read).
void session_look_up_secrets(struct session *s);

// --- session_sink.c: what the client reports, into the store

// The callbacks for client_new.
struct client_sink session_sink(struct session *s);
// Gives the client the namespaces that it tries one by one where a list of all is forbidden.
void session_report_namespaces(struct session *s);

// --- session_fetch.c: one object for a person

// Carries out a REQUEST_FETCH.
void session_begin_fetch(struct session *s, const struct session_request *r);

#endif
