// SPDX-License-Identifier: Apache-2.0
// A request against the conditions of a route, as Envoy judges them. The rules: docs/rules/istio.md#path-match,
// docs/rules/istio.md#header-match, docs/rules/istio.md#without-headers, docs/rules/istio.md#query-params.
#ifndef GATETOP_MESH_ROUTE_ROUTE_MATCH_H
#define GATETOP_MESH_ROUTE_ROUTE_MATCH_H

#include "kube/mesh/route/route_table.h"

// A request as the routes see it.
struct request_view {
    const char *method, *scheme;
    const char *authority;  // Host as sent, with its port
    const char *path;       // normalised, with the query
    size_t path_len;        // without the query
    const char *query;      // after the '?', NULL without one
    struct str_map headers; // names in any case
};

struct match_result {
    bool passes;
    const char *
        failed; // the first condition that does not hold ("path is exactly /a"); only where asked for
    const char *unknown; // a condition that could not be decided and was taken as not met; or NULL
};

// `keep` is the arena of the route table (compiled expressions stay there), `scratch` one for texts.
// `explain`: also say which condition failed.
struct match_result route_match(struct arena *keep, struct arena *scratch, const struct route *r,
                                const struct request_view *v, bool explain);
// The conditions of an entry as texts ("path prefix /api", "method GET", "header x-role: ops"), in a fixed
// order; none for one that takes everything. In the arena.
struct str_list match_conditions(struct arena *a, const struct http_match *match);
// "prefix /api", "exact GET", "regex /v[0-9]+", "present" for {}.
const char *string_match_text(struct arena *a, const struct string_match *s);
// A JWT claim (@request.auth.claims...): nothing in the objects decides it.
bool header_is_claim(const char *name);

// Envoy's path normalisation with Istio's default (BASE): dot segments resolved (also %2e), "\" is "/",
// escaped unreserved characters unescaped, the fragment cut; slashes are not merged, %2F stays. The query is
// kept as it is. NULL where Envoy refuses the path with 400. In the arena.
const char *path_normalize(struct arena *a, const char *path);
// The name that chooses the virtual host: without its port, in lower case; a trailing dot stays.
const char *host_of_authority(struct arena *a, const char *authority);
bool authority_valid(const char *authority); // characters a Host may have; else 400

#endif
