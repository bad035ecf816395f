// SPDX-License-Identifier: Apache-2.0
// A row of the view apps: a chain in short.
#ifndef GATETOP_MESH_CHAIN_APP_ROW_H
#define GATETOP_MESH_CHAIN_APP_ROW_H

#include "kube/mesh/chain/chain.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdint.h>

// Immutable, owned by the snapshot that it was read from. A row keeps the states of its links and its worst reason;
// app_chain() makes the other sentences when they are wanted.
struct app_row {
    const char *ns, *host;
    const char *gateway, *virtualservice; // "ns/name", NULL if there is none
    const char *reason;                   // of the worst link; "" if all is well
    uint8_t link[LINK_COUNT];             // enum verdict
    uint8_t state, worst;                 // enum verdict, enum link_kind
    const struct object *owner;           // that the chain begins at: a VirtualService or Gateway
};

// The row's chain, evaluated again, in the arena of the mesh. NULL if its owner or its pair is gone. dns: NULL for
// the current settings (dns_settings_for).
const struct chain *app_chain(const struct mesh *m, const struct app_row *row,
                              const struct dns_settings *dns);

#endif
