// SPDX-License-Identifier: Apache-2.0
// All chains of a cluster, kept up to date with work proportional to what changed.
//
// The I/O thread owns a struct apps and feeds it the changes of its store; each publication takes an immutable set of
// rows along (snapshot.derived, read by app_rows.h).
#ifndef GATETOP_MESH_CHAIN_APPS_H
#define GATETOP_MESH_CHAIN_APPS_H

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdint.h>

struct arena;
struct apps;
// dns: borrowed as long as the apps live, NULL for the current settings (dns_settings_for). Freed by apps_free.
struct apps *apps_new(const struct dns_settings *dns);
// NULL is fine. Rows that snapshots hold stay.
void apps_free(struct apps *a);

// What has changed since the last apps_update. `self` is a struct apps: the function fits store_on_change. One of the
// two objects may be NULL: it appeared or went.
void apps_changed(void *self, const struct object *before, const struct object *after);
// Whether a kind is synced, forbidden and so on has changed.
void apps_kind_state_changed(struct apps *a, enum kind k);
// Whatever has another key (mesh_key_*) has changed, such as the answer of a probe.
void apps_key_changed(struct apps *a, uint64_t key);

// Makes the rows again that the changes touch, and those that are due at `now` (seconds), from the objects in `view`
// (store_view). Returns all rows with one reference, for store_publish; app_rows_unref drops it.
const void *apps_update(struct apps *a, const struct snapshot *view, int64_t now);

// --- for the log

enum apps_cause {
    APPS_OWNER,  // the owner itself appeared, changed or went
    APPS_LOOKUP, // something changed that its chains had looked up
    APPS_TIME,   // the instant came at which time alone changes them
};

// An owner whose chains were evaluated: the VirtualService or Gateway that they begin at. All is valid during the call.
struct apps_evaluation {
    enum kind kind;
    const char *ns, *name;
    enum apps_cause cause;
    uint32_t key; // of APPS_LOOKUP, folded (dependents_key): the first of those that changed
    const struct app_row *before, *after;
    uint32_t nbefore, nafter; // after: 0 where the owner is gone, too
};
typedef void apps_evaluated_fn(void *self, const struct apps_evaluation *e);
// Has apps_update report each owner whose chains it evaluates. fn NULL: no report.
void apps_on_evaluated(struct apps *a, apps_evaluated_fn *fn, void *self);
// The keys of everything that a change of an object touches. Some may come more than once. scratch is cleared.
void apps_change_keys(const struct object *before, const struct object *after,
                      struct arena *scratch, void (*emit)(void *self, uint64_t key), void *self);

// The instant at which time alone changes a row next, TIME_NONE never.
int64_t apps_next(const struct apps *a);
// How many chains were evaluated since the start, for tests and measurements.
long apps_made(const struct apps *a);

#endif
