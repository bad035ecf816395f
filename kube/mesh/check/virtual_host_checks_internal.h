// SPDX-License-Identifier: Apache-2.0
// The checks of merged virtual hosts: check_virtual_hosts.c walks over the hosts of all gateways and gives each to the
// other files.
#ifndef GATETOP_MESH_CHECK_VIRTUAL_HOST_CHECKS_INTERNAL_H
#define GATETOP_MESH_CHECK_VIRTUAL_HOST_CHECKS_INTERNAL_H

#include "kube/base/string_map.h"

#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/route/route_table.h"

#include <stdint.h>

struct rule_life;
struct virtual_host_checks {
    struct check *c;
    struct route_table *table; // of the current workload
    struct string_map rules;   // "ns/name rule match" -> struct rule_life
    struct rule_life *lives;   // every one
    uint32_t loops, steps;     // work that is left: redirects to follow, heads of paths to look up
};

// Each function gets a host of h->table and its n routes, in order.

// GT0101: notes which rules are reached.
void dead_rules_note(struct virtual_host_checks *h, const struct virtual_host *v,
                     const struct route *const *routes, uint32_t n);
// At the end, without a host: reports the rules that no host reaches.
void dead_rules_report(struct virtual_host_checks *h);
// GT0102: prefixes that catch a neighbour.
void check_prefix_neighbours(struct virtual_host_checks *h, const struct virtual_host *v,
                             const struct route *const *routes, uint32_t n);
// GT0104: redirects that lead back to where they began.
void check_redirect_loops(struct virtual_host_checks *h, const struct virtual_host *v,
                          const struct route *const *routes, uint32_t n);
// GT0122: a host of the table that hides the rules of a wildcard.
void check_hidden_hosts(struct virtual_host_checks *h, const struct http_table *table,
                        const struct virtual_host *v, const struct route *const *routes,
                        uint32_t n);

#endif
