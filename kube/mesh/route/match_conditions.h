// SPDX-License-Identifier: Apache-2.0
// The conditions of a match entry: what they say, as texts.
#ifndef GATETOP_MESH_ROUTE_MATCH_CONDITIONS_H
#define GATETOP_MESH_ROUTE_MATCH_CONDITIONS_H

#include "kube/object/istio_objects.h"

#include <stdbool.h>

struct arena;

// The conditions of an entry as texts ("path prefix /api", "method GET", "header x-role: ops"), in a fixed
// order; none for one that takes everything, and for NULL. In the arena.
struct str_list match_conditions(struct arena *a, const struct http_match *match);
// The same in one text, separated by commas; "" for none. In the arena.
const char *match_conditions_text(struct arena *a, const struct http_match *match);
// "prefix /api", "exact GET", "regex /v[0-9]+", "present" for {}. In the arena or static.
const char *string_match_text(struct arena *a, const struct string_match *s);
// Does the condition only require that a value is present? {} does, and so does the regex "*", which is no RE2
// expression: Istio reads it as "is present".
bool string_match_is_present(const struct string_match *s);
// Is it the name of a JWT claim (@request.auth.claims...)? Nothing in the objects decides such a condition.
bool header_is_claim(const char *name);

#endif
