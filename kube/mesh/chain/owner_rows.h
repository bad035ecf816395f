// SPDX-License-Identifier: Apache-2.0
// The rows of one VirtualService, or of the unused hosts of one Gateway: made and kept as a whole.
#ifndef GATETOP_MESH_CHAIN_OWNER_ROWS_H
#define GATETOP_MESH_CHAIN_OWNER_ROWS_H

#include "kube/base/pmap.h"

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/chain/chain_list.h"

#include <stdatomic.h>
#include <stdint.h>

// Immutable and shared, in one block with its texts: any thread may hold a reference.
struct owner_rows {
    _Atomic uint32_t refs;
    uint32_t nrows;
    uint32_t who;               // the owner's number (dependents.h)
    const char *kind_ns;        // with the owner's name, the key in a map: owner_rows_key()
    const struct object *owner; // a reference
    int64_t valid_until;   // the instant at which time alone may change a row, TIME_NONE: never
    struct app_row rows[]; // behind them their faults, then texts
};

// Maps of them.
extern const struct pmap_type owner_rows_map_type;

// The first part of an owner's key in a map: a letter for the kind, and the namespace. In the arena.
const char *owner_rows_key(struct arena *a, enum kind k, const char *ns);
// The rows of an owner's chains, with one reference. kind_ns is its owner_rows_key, `who` its number. Texts are copied;
// the owner gets a reference.
// Where `before`, the rows until now (NULL: none), show that a fault was not there, it has begun at `now`; where they
// show it, it began when they say.
struct owner_rows *owner_rows_new(const char *kind_ns, const struct object *owner,
                                  const struct chain_list *chains, uint32_t who,
                                  const struct owner_rows *before, int64_t now);
// Drops a reference, any thread.
void owner_rows_unref(const struct owner_rows *g);

#endif
