// SPDX-License-Identifier: Apache-2.0
// What a link to a cluster writes into the areas of --debug: kinds that change their state, chains
// that are evaluated, what a publication holds. I/O thread.
#ifndef GATETOP_TUI_SOURCE_LINK_LOG_H
#define GATETOP_TUI_SOURCE_LINK_LOG_H

#include "kube/store/snapshot.h"

#include <stdint.h>

struct link_log {
    enum sync_state states[KIND_COUNT]; // as last logged
    uint32_t groups;                    // evaluated since link_log_begin
    uint32_t objects;                   // changed since the last update
    int64_t begin_us;                   // clock_thread_us
};

// Begins with every kind off.
void link_log_init(struct link_log *l);
// An object came (before NULL), changed or went (after NULL). Named once its kind has been listed.
void link_log_changed(struct link_log *l, const struct object *before, const struct object *after);
// An update begins.
void link_log_begin(struct link_log *l);
// Has the shape of apps_evaluated_fn; self is the link_log.
void link_log_evaluated(void *self, enum kind k, const char *ns, const char *name, uint32_t rows);
// The update ends; chains is the number evaluated in it. `view` is what will be published.
void link_log_end(struct link_log *l, const struct snapshot *view, long chains);

#endif
