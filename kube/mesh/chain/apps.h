// SPDX-License-Identifier: Apache-2.0
// All chains of a cluster, kept up to date with work proportional to what changed.
//
// The I/O thread owns a struct apps and feeds it the changes of its store; each publication takes an
// immutable set of rows along (snapshot.derived). A row keeps the states of its links and its worst
// reason; the other sentences are made when somebody looks (chain.h).
#ifndef GATETOP_MESH_CHAIN_APPS_H
#define GATETOP_MESH_CHAIN_APPS_H

#include "kube/mesh/chain/chain.h"
#include "kube/mesh/core/verdict.h"

struct app_row {
    const char *ns, *host;
    const char *gateway, *virtualservice; // "ns/name", NULL where there is none
    const char *reason;                   // of the worst link; "" where all is well
    uint8_t link[LINK_COUNT];             // enum verdict
    uint8_t state, worst;
    uint8_t owner; // enum kind of the object the chain begins at: VirtualService or Gateway
    const char *owner_ns, *owner_name;
};

struct apps;
struct apps *apps_new(const struct dns_settings *dns); // NULL: those in force; borrowed
void apps_free(struct apps *a);
// To be given to store_on_change.
void apps_changed(void *apps, const struct object *before, const struct object *after);
void apps_kind_state_changed(struct apps *a, enum kind k);
void apps_key_changed(struct apps *a, uint64_t key); // any other mesh key, such as a probe's
// Makes anew what the changes touched, in `view` (store_view), and returns the rows for store_publish.
const void *apps_update(struct apps *a, const struct snapshot *view, int64_t now);
void apps_rows_unref(const void *rows); // for store_publish
// When time alone changes a row next; TIME_NONE never.
int64_t apps_next(const struct apps *a);
long apps_made(const struct apps *a); // chains evaluated since the start, for tests and the bench

// Reading the rows of a snapshot, any thread. In hash order.
struct app_iter {
    struct pmap_iter groups;
    const void *group;
    uint32_t at;
};
void apps_begin(struct app_iter *it, const struct snapshot *s);
const struct app_row *apps_next_row(struct app_iter *it);
size_t apps_count(const struct snapshot *s);
// The row evaluated again, with all sentences; NULL where its owner is gone.
const struct chain *app_chain(const struct mesh *m, const struct app_row *row,
                              const struct dns_settings *dns);

#endif
