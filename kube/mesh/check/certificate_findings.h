// SPDX-License-Identifier: Apache-2.0
// Findings about Certificates, their issuers, and the Secrets that they write: GT02.
#ifndef GATETOP_MESH_CHECK_CERTIFICATE_FINDINGS_H
#define GATETOP_MESH_CHECK_CERTIFICATE_FINDINGS_H

#include "kube/mesh/core/finding.h"

// Adds GT0201 to GT0210. The list grows in the arena of the mesh.
void certificate_findings(const struct mesh *m, struct findings *f);

#endif
