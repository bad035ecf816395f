// SPDX-License-Identifier: Apache-2.0
// The rows of the view apps in a snapshot.
#ifndef GATETOP_MESH_CHAIN_APP_ROWS_H
#define GATETOP_MESH_CHAIN_APP_ROWS_H

#include "kube/base/pmap.h"

#include "kube/store/snapshot.h"

#include "kube/mesh/chain/app_row.h"

#include <stddef.h>
#include <stdint.h>

// A walk over the rows of a snapshot, in hash order. Any thread; the snapshot must live as long.
struct app_rows_iter {
    struct pmap_iter owners;
    const struct owner_rows *owner; // that is being read, NULL: none
    uint32_t at;                    // the next row in it
};
// Begins a walk: for (app_rows_begin(&it, snap); (row = app_rows_next(&it)) != NULL;)
void app_rows_begin(struct app_rows_iter *it, const struct snapshot *s);
// The next row, borrowed from the snapshot; NULL at the end.
const struct app_row *app_rows_next(struct app_rows_iter *it);
// How many rows a snapshot has.
size_t app_rows_count(const struct snapshot *s);

// For app_updater.c: the rows of all owners as snapshot.derived, with one reference. The map is one of owner_rows.h and
// is copied; count is the number of its rows.
const void *app_rows_new(const struct pmap *owners, size_t count);
// Drops a reference, any thread; NULL is fine. For store_publish.
void app_rows_unref(const void *rows);

#endif
