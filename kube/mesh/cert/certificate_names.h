// SPDX-License-Identifier: Apache-2.0
// The names that a Certificate really has, and which Certificates cover a host.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_NAMES_H
#define GATETOP_MESH_CERT_CERTIFICATE_NAMES_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/name_coverage.h"

// The host against what was really issued for the Certificate: what cert-manager wrote beside it in the
// Secret, else the current request's chain (dearer to read), else its spec.
void coverage_of_certificate(const struct mesh *m, const struct certificate *c, const char *host,
                             struct coverage *out);
// Those names. In the arena.
struct str_list certificate_names(const struct mesh *m, const struct certificate *c,
                                  enum names_from *from);
// Certificates of namespace `ns` (NULL: of any) with a name that covers the host, by namespace and name.
const struct certificate *const *coverage_candidates(const struct mesh *m, const char *host,
                                                     const char *ns, uint32_t *n);

#endif
