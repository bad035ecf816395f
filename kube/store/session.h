// SPDX-License-Identifier: Apache-2.0
// A cluster, live: the I/O thread that lists and watches, decodes, keeps the store and publishes snapshots.
//
// Threads: everything below marked "any" may be called from any thread; session_start, session_stop from the one
// that owns it. The thread itself never waits for anybody but the network.
#ifndef GATETOP_STORE_SESSION_H
#define GATETOP_STORE_SESSION_H

#include "kube/api/client.h"

#include "kube/store/probe_result.h"
#include "kube/store/store.h"

// What is derived from the objects, kept by the mesh above: called on the I/O thread only.
struct session_derive {
    void *self;
    void (*changed)(void *self, const struct object *before, const struct object *after);
    void (*kind_state_changed)(void *self, enum kind k);
    void (*probe_changed)(void *self, const struct probe_result *r);
    const void *(*update)(void *self, const struct snapshot *view, int64_t now);
    void (*unref)(const void *derived); // any thread
    int64_t (*next)(void *self);        // when time alone changes something, TIME_NONE never
};

struct session_options {
    struct api_config *config;     // taken over
    struct credential *credential; // taken over; of config
    kind_set kinds;                // what to read
    kind_set first;                // listed before the others: what the open view needs
    bool watch;                    // false: list once
    int notify_fd; // non-blocking; a byte for each publication or answer; not closed
    struct session_derive derive;
    struct client_options client;
};

struct session;
struct session *session_start(const struct session_options *o, struct err *err) MUST_USE;
// Ends the thread and every connection, under 100 ms whatever the network does. NULL is fine.
void session_stop(struct session *l);

const struct snapshot *
session_latest(struct session *l);             // any; a new reference, NULL before the first
uint64_t session_published(struct session *l); // any; count of publications

// Commands, any thread; queued (bounded: false where the queue is full).
bool session_relist(struct session *l, kind_set kinds);
bool session_reconnect(struct session *l);
// The credential plugin has no good answer and may ask on the terminal (any thread). session_run_plugin then runs it
// there and connects again; the caller has left the screen and is blocked until the plugin ends.
bool session_plugin_needs_terminal(struct session *l);
void session_run_plugin(struct session *l);
// Also read this on-demand kind from now on (Events of one object by uid, EndpointSlices, Ingresses).
bool session_watch(struct session *l, enum kind k, const char *field_selector,
                   const char *label_selector);

// A probe's result (takes over the reference), from the prober's thread.
void session_put_probe(struct session *l, const struct probe_result *r);

// One object as the server has it now, as text for a person: YAML without managedFields' details; a Secret
// as metadata only. The answer is taken with session_take_fetched; a new fetch forgets the one before.
bool session_fetch(struct session *l, const struct object *o);
struct fetched_text {
    char *text; // heap, the caller's
    size_t n;
    bool failed; // text says why
};
bool session_take_fetched(struct session *l,
                          struct fetched_text *out); // true once for each fetch that is answered

#endif
