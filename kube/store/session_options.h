// SPDX-License-Identifier: Apache-2.0
// What a session is started with.
#ifndef GATETOP_STORE_SESSION_OPTIONS_H
#define GATETOP_STORE_SESSION_OPTIONS_H

#include "kube/api/client.h"

#include "kube/store/probe_inbox.h"
#include "kube/store/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

// What the mesh above derives from the objects. Called on the I/O thread only, except for unref.
struct session_derive {
    void *self;
    // An object came (before NULL), changed, or went (after NULL).
    void (*changed)(void *self, const struct object *before, const struct object *after);
    void (*kind_state_changed)(void *self, enum kind k);
    void (*probe_changed)(void *self, const struct probe_result *r);
    // Brings what is derived up to date with `view`; the result belongs to the snapshot that is published.
    const void *(*update)(void *self, const struct snapshot *view, int64_t now);
    // What update has left for the next one, which follows soon: "VirtualService a/b, 2,000 hosts"; "": nothing.
    // NULL: it never leaves anything.
    const char *(*left)(void *self);
    void (*unref)(const void *derived); // any thread
    int64_t (*next)(void *self); // when time alone changes something (seconds), TIME_NONE: never
};

struct session_options {
    struct api_config *config;     // taken over
    struct credential *credential; // taken over; of config
    kind_set kinds;                // what to read
    kind_set first;                // listed before the others: what the open view needs
    bool watch;                    // false: list once
    int notify_fd; // non-blocking; a byte for each publication or fetched text; not closed
    struct probe_inbox *probes; // results of probers, for the snapshot; borrowed, NULL: none
    struct session_derive derive;
    struct client_options client;
};

#endif
