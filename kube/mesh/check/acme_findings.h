// SPDX-License-Identifier: Apache-2.0
// What an ACME CA would refuse, found before it is asked: GT0206, GT0207, GT0210, GT0212.
#ifndef GATETOP_MESH_CHECK_ACME_FINDINGS_H
#define GATETOP_MESH_CHECK_ACME_FINDINGS_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/core/finding.h"

// Adds the findings about a Certificate of an ACME issuer. The list grows in the arena of the mesh.
void acme_certificate_findings(const struct mesh *m, const struct certificate *c,
                               const struct issuer *i, struct findings *f);
// Adds the findings about an issuer; none where it is not ACME.
void acme_issuer_findings(const struct mesh *m, const struct issuer *i, struct findings *f);

#endif
