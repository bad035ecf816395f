// SPDX-License-Identifier: Apache-2.0
// What it means that an object is not there: that it does not exist, or that nothing is known of it
// (docs/rules/istio.md#absence-is-not-proof).
#ifndef GATETOP_MESH_CORE_ABSENCE_H
#define GATETOP_MESH_CORE_ABSENCE_H

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>

// Whether an object of the kind that is not in namespace ns ("" for a cluster-scoped kind) does not exist: the kind is
// known as a whole, or the files hold the Services of that namespace (docs/rules/istio.md#files-are-an-excerpt).
bool absence_is_proof(const struct mesh *m, enum kind k, const char *ns);
// Whether the only reason for doubt is that the files are an excerpt; `check` reports that as an info.
bool absence_in_excerpt(const struct mesh *m, enum kind k);
// Whether nothing has the host: no Service or ServiceEntry that was read has it, and there can be no other. host: after
// name resolution (name_fqdn).
bool absence_of_host_is_proof(const struct mesh *m, const char *host);
// Why absence is no proof, as the end of a sentence about the kind: "services are loading", "not all services are in
// these files". In the arena; NULL if the whole kind is known.
const char *absence_reason(const struct mesh *m, enum kind k);

#endif
