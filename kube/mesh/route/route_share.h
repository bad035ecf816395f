// SPDX-License-Identifier: Apache-2.0
// What part of a host's rules each service takes: how far a monolith has been taken apart.
#ifndef GATETOP_MESH_ROUTE_ROUTE_SHARE_H
#define GATETOP_MESH_ROUTE_ROUTE_SHARE_H

#include "kube/mesh/route/route_row.h"

#include <stdbool.h>
#include <stdint.h>

// A rule counts as one, split by its weights; dead rules, and those in no table, count nothing; redirects and direct
// responses count as destination "" (the gateway itself). Requests are not counted: nothing in the objects says how
// many there are.
struct route_share {
    const char *destination; // host that is called
    double percent;          // of the host's live rules
    uint32_t rules;          // live rules that send it something
    bool rest;               // also what no other rule takes (a rule without conditions)
};
// The shares among n rows of one host and Gateway, largest first. In the arena.
const struct route_share *route_shares(struct arena *a, const struct route_row *rows, uint32_t n,
                                       uint32_t *count);

#endif
