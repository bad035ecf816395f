// SPDX-License-Identifier: Apache-2.0
// The names that were issued for a Certificate.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_NAMES_H
#define GATETOP_MESH_CERT_CERTIFICATE_NAMES_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/name_coverage.h"

// A host against certificate_names(). The reason names the Certificate and where its names were read.
void certificate_coverage(const struct mesh *m, const struct certificate *c, const char *host,
                          struct coverage *out);
// A host against the DNS names of the Certificate's spec. `from` becomes NAMES_ISSUED.
void certificate_coverage_of_spec(const struct mesh *m, const struct certificate *c,
                                  const char *host, struct coverage *out);
// The DNS names and IP addresses of a Certificate, and in *from where they were read: in the certificate that its
// Secret holds (in files only), else in the Secret's annotations, else in the current request's chain (dearer to
// read), else in its spec. In the arena.
struct str_list certificate_names(const struct mesh *m, const struct certificate *c,
                                  enum names_from *from);

#endif
