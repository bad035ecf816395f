// SPDX-License-Identifier: Apache-2.0
// Path templates of AuthorizationPolicies: "/store/{*}/items/{**}".
#ifndef GATETOP_MESH_TRACE_PATH_TEMPLATE_INTERNAL_H
#define GATETOP_MESH_TRACE_PATH_TEMPLATE_INTERNAL_H

#include <stdbool.h>

// Does the template take the whole path? {*} is one segment or a part of it, {**} any text, none included
// (docs/rules/istio.md#access-policies).
bool path_template_fits(const char *pattern, const char *path);

#endif
