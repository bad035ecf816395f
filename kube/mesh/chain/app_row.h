// SPDX-License-Identifier: Apache-2.0
// A row of the view apps: a chain in short.
#ifndef GATETOP_MESH_CHAIN_APP_ROW_H
#define GATETOP_MESH_CHAIN_APP_ROW_H

#include "kube/mesh/chain/chain.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/dns/dns_settings.h"

#include <stdbool.h>
#include <stdint.h>

// What is at fault at a link that is not ok (struct link_fault), as a row keeps it.
struct app_fault {
    const char *ns, *name; // of the object
    const char *field;     // of it, "": all of it
    const char *at; // the field that names it, of the row's Gateway or VirtualService; NULL: none
    const char *words;   // the cause in a few words
    int64_t since;       // TIME_NONE: unknown
    uint8_t link, state; // enum link_kind, enum verdict
    uint8_t kind;        // enum kind; KIND_COUNT: `name` is a DNS name
    bool at_gateway;     // `at` is a field of the Gateway
    bool at_most;        // it may be younger than `since`
};

// Immutable, owned by the snapshot that it was read from. A row keeps the states of its links and its worst reason;
// app_chain() makes the other sentences when they are wanted.
struct app_row {
    const char *ns, *host;
    const char *gateway, *virtualservice; // "ns/name", NULL if there is none
    const char *reason;                   // of the worst link; "" if all is well
    uint8_t link[LINK_COUNT];             // enum verdict
    uint8_t state, worst;                 // enum verdict, enum link_kind
    uint8_t nfaults;                      // one for each link that is pending or worse
    const struct app_fault *faults;       // in the order of the links
    const struct object *owner;           // that the chain begins at: a VirtualService or Gateway
};

// The row's chain, evaluated again, in the arena of the mesh. NULL if its owner or its pair is gone. dns: NULL for
// the current settings (dns_settings_for).
const struct chain *app_chain(const struct mesh *m, const struct app_row *row,
                              const struct dns_settings *dns);

#endif
