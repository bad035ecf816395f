// SPDX-License-Identifier: Apache-2.0
// The hosts that exist, by the scope that sees them (docs/rules/istio.md#analyze-registry).
#ifndef GATETOP_MESH_CHECK_HOST_REGISTRY_INTERNAL_H
#define GATETOP_MESH_CHECK_HOST_REGISTRY_INTERNAL_H

#include "kube/base/string_map.h"

#include "kube/mesh/core/host_index.h"
#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

struct host_registry {
    struct arena *a;
    struct string_map by_scope; // "scope/host" -> struct registry_ports; scope "*" is everybody's
    const char **wild;          // keys whose host is wild
    // Scope -> struct host_index of their hosts, by index in `wild`.
    struct string_map wild_by_scope;
    uint32_t nwild, wild_cap;
};

struct registry_ports { // numbers of a host's ports
    const uint32_t *at;
    uint32_t n;
};

// The hosts of all Services and ServiceEntries of the snapshot. Never NULL.
const struct host_registry *host_registry_of(const struct mesh *m);
// The ports of a host that an object of namespace `ns` with this exportTo names; NULL if no Service or ServiceEntry
// of that name is visible. A bare name is a Service of `ns`.
const struct registry_ports *host_registry_find(const struct host_registry *r, const char *ns,
                                                const struct str_list *export_to, const char *host);

#endif
