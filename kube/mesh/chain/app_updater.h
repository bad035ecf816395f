// SPDX-License-Identifier: Apache-2.0
// All chains of a cluster, kept up to date with work proportional to what changed.
//
// The I/O thread owns a struct app_updater and feeds it the changes of its store; each publication takes an immutable
// set of rows along (snapshot.derived, read by app_rows.h).
#ifndef GATETOP_MESH_CHAIN_APP_UPDATER_H
#define GATETOP_MESH_CHAIN_APP_UPDATER_H

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdint.h>

struct arena;
struct app_updater;
// dns: borrowed until app_updater_free, NULL for the current settings (dns_settings_for). The caller frees the updater.
struct app_updater *app_updater_new(const struct dns_settings *dns);
// NULL is fine. Rows that snapshots hold stay.
void app_updater_free(struct app_updater *a);

// What has changed since the last app_updater_run. `self` is a struct app_updater: the function fits store_on_change.
// One of the two objects may be NULL: it appeared or went.
void app_updater_changed(void *self, const struct object *before, const struct object *after);
// Whether a kind is synced, forbidden and so on has changed.
void app_updater_kind_state_changed(struct app_updater *a, enum kind k);
// Something else with a key (mesh_key_*) has changed, such as the answer of a probe.
void app_updater_key_changed(struct app_updater *a, uint64_t key);

// Makes the rows again that the changes touch, and those that are due at `now` (seconds), from the objects in `view`
// (store_view). Returns all rows with one reference, for store_publish; app_rows_unref drops it.
const void *app_updater_run(struct app_updater *a, const struct snapshot *view, int64_t now);

// --- work in slices

// From now on a run evaluates so many chains, about, and leaves the rest to the next one; 0: all, as at first.
// Meanwhile owners that are left have the rows that they had. A run that comes to a large owner first returns, so that
// it can be announced.
void app_updater_slice(struct app_updater *a, long chains);
// What the last run has left, for a person: "VirtualService a/b, 2,000 hosts", the first of it; "": nothing. Valid
// until the next run.
const char *app_updater_left(const struct app_updater *a);

// --- for the log

enum app_cause {
    APP_CAUSE_OWNER,  // the owner itself appeared, changed or went
    APP_CAUSE_LOOKUP, // something changed that its chains had looked up
    APP_CAUSE_TIME,   // the instant came at which time alone changes them
};

// An owner whose chains were evaluated: the VirtualService or Gateway that they begin at. All is valid during the call.
struct app_evaluation {
    enum kind kind;
    const char *ns, *name;
    enum app_cause cause;
    uint32_t key; // of APP_CAUSE_LOOKUP, folded (dependents_key): the first of those that changed
    const struct app_row *before, *after;
    uint32_t nbefore, nafter; // after: 0 if the owner is gone, too
};
typedef void app_evaluated_fn(void *self, const struct app_evaluation *e);
// Sets the function to which app_updater_run reports each owner whose chains it evaluates. fn NULL: no report.
void app_updater_on_evaluated(struct app_updater *a, app_evaluated_fn *fn, void *self);
// The keys of everything that a change of an object touches. Some may come more than once. scratch is cleared.
void app_updater_change_keys(const struct object *before, const struct object *after,
                             struct arena *scratch, void (*emit)(void *self, uint64_t key),
                             void *self);

// The instant at which time alone changes a row next, TIME_NONE: never.
int64_t app_updater_next(const struct app_updater *a);
// How many chains were evaluated since the start.
long app_updater_made(const struct app_updater *a);

#endif
