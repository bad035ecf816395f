// SPDX-License-Identifier: Apache-2.0
// Which solver of an ACME issuer may prove a name (docs/rules/certificates.md#solver-selection).
#ifndef GATETOP_MESH_CERT_ACME_SOLVER_H
#define GATETOP_MESH_CERT_ACME_SOLVER_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_state.h"

#include <stdbool.h>

// Whether a solver of the issuer can prove `name` ("*.x" needs DNS-01, an IP address HTTP-01). `labels` are the
// Order's, which selectors of solvers may ask for.
bool acme_solver_admits(const struct issuer *i, const char *name, const struct str_map *labels);
// The first name of the Certificate that no solver of its ACME issuer can prove. NULL if all have one, where the
// issuer is not ACME, or where it cannot be read. s: certificate, issuer and order are set.
const char *acme_solver_unsolved_name(const struct certificate_status *s);

#endif
