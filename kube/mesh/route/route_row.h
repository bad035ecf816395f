// SPDX-License-Identifier: Apache-2.0
// Rows of the route table for people and for JSON (RouteList in gatetop(1)), one row for each match entry.
#ifndef GATETOP_MESH_ROUTE_ROUTE_ROW_H
#define GATETOP_MESH_ROUTE_ROUTE_ROW_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/verdict.h"
#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/rule_action.h"
#include "kube/mesh/route/vs_routes.h"

#include <stdbool.h>
#include <stdint.h>

struct route_target {
    struct resolved_destination to;
    int64_t weight; // 100 for a single one
    double percent;
};

struct route_row {
    const char *host;    // the virtual host
    const char *gateway; // "ns/name" of the Gateway that the row's pair is about
    const struct virtualservice *vs;
    const struct virtualservice *delegate; // or NULL
    int32_t order; // in the merged table of that host on that Gateway, -1: in no table (see skip)
    const char *list; // "tls" or "tcp" for a route of connections (l4_routes.h); NULL: of spec.http
    uint32_t index;   // in that list
    int32_t match_index; // -1 without one
    uint32_t delegate_index;
    const char *name, *match_name; // NULL if absent
    struct str_list conditions;    // none: takes every request
    enum route_action action;
    const char *action_text; // rule_action_text
    struct str_list details; // rule_details
    const struct route_target *targets;
    uint32_t ntargets;
    const struct virtualservice *shadowed_vs; // dead: by which rule; NULL: alive
    uint32_t shadowed_rule;
    int32_t shadowed_match;
    enum skip_reason skip; // why order is -1
    const char *skip_text; // the same in words, NULL if in the table
    enum verdict state;
    const char *reason;  // one sentence, NULL for ok
    bool https_redirect; // the virtual host redirects plain requests before any rule
};

struct route_rows {
    struct route_row *at;
    uint32_t n, cap;
};

// Appends the rows of one host on one Gateway, in order; the entries that are in no table follow those of their
// VirtualService. None if no server of the Gateway serves the host. `out` is on the heap: a list that grows in an
// arena leaves its copies behind. What the rows point to is in m's arena; temporary data is in the arena of `work`,
// which is otherwise the same mesh.
void route_rows_make(const struct mesh *m, const struct mesh *work, const struct workload *w,
                     const struct gateway *g, const char *host, struct route_rows *out);

// The parts of a row, for rows of connections as well (l4_rows.h).
// Appends a row that is in no table yet.
struct route_row *route_row_new(struct route_rows *out);
// Sets where it leads. `ns`: whose short names the destinations use; `port`: of the Gateway's server.
void route_row_set_targets(const struct mesh *m, const struct workload *w, struct route_row *row,
                           const struct route_destination *routes, uint32_t n, const char *ns,
                           uint32_t port);
// Sets state and reason, once all else is set. unusable: what is wrong with the rule's action, NULL: nothing.
void route_row_judge(const struct mesh *m, const struct workload *w, struct route_row *row,
                     const char *unusable);

#endif
