// SPDX-License-Identifier: Apache-2.0
// A request against the conditions of a route, as Envoy judges them. The rules: docs/rules/istio.md#path-match,
// docs/rules/istio.md#header-match, docs/rules/istio.md#without-headers, docs/rules/istio.md#query-params.
#ifndef GATETOP_MESH_ROUTE_ROUTE_MATCH_H
#define GATETOP_MESH_ROUTE_ROUTE_MATCH_H

#include "kube/mesh/route/route.h"

#include <stdbool.h>
#include <stddef.h>

// A request as the routes see it.
struct request_view {
    const char *method, *scheme;
    const char *authority;  // Host as sent, with its port
    const char *path;       // normalised, with the query
    size_t path_len;        // without the query
    const char *query;      // after the '?', NULL without one
    struct str_map headers; // names in any case
};

// The value of a header or pseudo header as the gateway's filters see it: all occurrences joined with a comma; NULL if
// it is absent. In the arena, the request or static.
const char *request_header(struct arena *a, const struct request_view *v, const char *name);
// The first value of a query parameter and its length, not decoded; NULL if it is absent.
const char *request_param(const struct request_view *v, const char *name, size_t *n);

struct match_result {
    bool passes;
    const char *failed;  // the first condition that does not hold ("path exact /a"), if explained
    const char *unknown; // a condition that cannot be decided and is treated as not met; or NULL
};

// Does the route take the request? `keep` is the arena of the route table (compiled expressions stay there),
// `scratch` one for the result's texts. `explain`: also say which condition failed.
struct match_result route_match(struct arena *keep, struct arena *scratch, const struct route *r,
                                const struct request_view *v, bool explain);

#endif
