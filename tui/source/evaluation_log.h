// SPDX-License-Identifier: Apache-2.0
// What --debug mesh says of evaluations: which chains are evaluated, because of which change, and their new states.
// The mesh itself is pure and has no log. I/O thread.
#ifndef GATETOP_TUI_SOURCE_EVALUATION_LOG_H
#define GATETOP_TUI_SOURCE_EVALUATION_LOG_H

#include "kube/base/arena.h"

#include "kube/store/snapshot.h"

#include "kube/mesh/chain/app_updater.h"

#include <stddef.h>
#include <stdint.h>

// What has changed since the last update, by one of the keys (dependents_key) that it touched.
struct logged_change {
    uint32_t key;
    const char *what; // "Service apps/web modified"
};

struct evaluation_log {
    int64_t begin_us; // clock_thread_us
    struct logged_change *changes;
    size_t nchanges, cap_changes;
    struct arena texts, scratch;
    uint32_t groups, rows; // that this update has logged
};

// Nothing has changed yet.
void evaluation_log_init(struct evaluation_log *l);
// Frees what init and the others have made. Also for zeroed memory.
void evaluation_log_release(struct evaluation_log *l);
// An object came (before NULL), changed or went (after NULL).
void evaluation_log_changed(struct evaluation_log *l, const struct object *before,
                            const struct object *after);
// The state of a kind has changed.
void evaluation_log_state_changed(struct evaluation_log *l, enum kind k);
// A probe was answered.
void evaluation_log_probe_changed(struct evaluation_log *l, enum probe_kind k, const char *name);
// An update begins.
void evaluation_log_begin(struct evaluation_log *l);
// An app_evaluated_fn; self is the evaluation_log. Logs the owner, the change that its chains were evaluated for,
// and each row that is new, gone, or in another state or for another reason.
void evaluation_log_evaluated(void *self, const struct app_evaluation *e);
// The update ends; chains is the number evaluated in it. The changes are forgotten.
void evaluation_log_end(struct evaluation_log *l, long chains);

#endif
