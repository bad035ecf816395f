// SPDX-License-Identifier: Apache-2.0
// The parts of a live session, shared by its files only. All of it belongs to the I/O thread, but for what
// stands under the mutex.
#ifndef GATETOP_STORE_SESSION_INTERNAL_H
#define GATETOP_STORE_SESSION_INTERNAL_H

#include "kube/store/session.h"

#include <pthread.h>

enum {
    WATCH_EXTRA = 100, // ids of wants beside the one of each kind
    MAX_WATCHES = 256,
    MAX_COMMANDS = 64,
};

// One list and watch. The want of a kind has the kind's number; others cover a part of it.
struct watch {
    struct session *session;
    enum kind kind;
    char *field_selector, *label_selector;
    unsigned number; // the higher, the later it was asked for
    struct client_state state;
    bool have_state;
    long undecodable;
};

enum command_type { COMMAND_RELIST, COMMAND_RECONNECT, COMMAND_WATCH, COMMAND_FETCH };
struct command {
    enum command_type type;
    kind_set kinds;
    enum kind kind;
    char *field_selector, *label_selector; // WANT
    char *path;                            // FETCH
    bool metadata;
};

struct session {
    struct session_options o;
    struct informer_source sources[KIND_COUNT][3]; // of the wants
    pthread_t thread;
    struct client *client;
    struct store *store;

    // I/O thread only
    struct watch *watches[MAX_WATCHES]; // by id; the first KIND_COUNT are the kinds' own
    int nwatches;
    unsigned watch_numbers; // the last one given
    bool dirty;
    int64_t probed_at; // mono ms: an answer of DNS has waited to be published since; 0 none
    bool namespaces_changed;
    int64_t publish_at;       // mono ms
    bool complete;            // every kind has settled once, and that was published
    bool look_at_secrets;     // what look_for_secrets goes by has changed
    bool events_added[2];     // of cert-manager.io and acme.cert-manager.io
    struct pmap selectors;    // of struct text: Gateway selectors whose pods are wanted
    struct pmap asked;        // of struct text: Secrets asked for by name
    struct secret_get *gets;  // under way
    int secret_gets;          // their number
    int64_t secrets_at;       // mono ms: when they are asked for again
    bool secrets_refused_now; // in the answers of this turn
    bool secrets_refused;     // one of them may not be read
    char secrets_reason[160];
    bool secrets_again;  // a list came: what was asked for by name is asked for again
    bool secrets_looked; // the credentials that the list did not have were asked for once
    struct client_request *fetch;
    unsigned fetch_number;

    // shared, under the mutex
    pthread_mutex_t lock;
    const struct snapshot *latest;
    uint64_t published;
    struct command queue[MAX_COMMANDS];
    int queued;
    const struct probe_result **probes; // results that wait for the I/O thread
    size_t nprobes, cap_probes;
    bool stop;
    bool plugin_asks, lend; // lend: until the plugin has ended
    pthread_cond_t lent;
    bool answered;
    struct fetched_text answer;
    unsigned wanted_fetch; // number of the newest fetch asked for
};

// --- session.c
void session_notify(const struct session *l);              // any; a byte for whoever waits
bool session_enqueue(struct session *l, struct command c); // any; takes over its texts
// --- session_references.c: what is read because objects name it
void session_named_init(struct session *l);
void session_named_release(struct session *l);
// Of the store: an object came, changed or went.
void session_changed(void *self, const struct object *before, const struct object *after);
// Asks by name, as metadata, for the credentials of Gateways that the list of TLS Secrets does not have: a
// Secret of another type serves Istio as well (docs/rules/kubernetes-client.md#secrets-read).
void session_look_for_secrets(struct session *l);
// --- session_watches.c: what is wanted of the client, and how far each kind is
struct watch *session_watch_of(struct session *l, int id); // NULL where there is none
struct watch *session_new_watch(struct session *l, int id, enum kind k, const char *field,
                                const char *label);
struct informer_spec session_informer_spec(struct session *l, int id, const struct watch *w);
// One more, while the client runs; nothing where it is there already. Of the events of single objects the
// newest are watched: such a one ends an older one, so not from within the client's calls.
void session_add_watch(struct session *l, enum kind k, const char *field, const char *label);
// The state of a kind from those of its wants: the worst of them; synced when all are.
void session_sum_up(struct session *l, enum kind k);
// Whether a kind has said all it will say for now: listed, or not to be had.
bool session_settled(const struct session *l, enum kind k);
void session_free_watch(struct watch *w);
// --- session_apply.c: what the client says
struct client_sink session_sink(struct session *l);
bool session_covers(const struct watch *w,
                    const struct object *o); // the object belongs to what it lists
// The namespaces that are tried one by one where a list of all is forbidden.
void session_tell_namespaces(struct session *l);
// --- session_get.c: one object for a person
void session_begin_fetch(struct session *l, const struct command *c);

#endif
