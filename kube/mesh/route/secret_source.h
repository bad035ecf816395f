// SPDX-License-Identifier: Apache-2.0
// What will make a Secret that is not there: a Certificate, a SealedSecret, an ExternalSecret, a SecretProviderClass.
#ifndef GATETOP_MESH_ROUTE_SECRET_SOURCE_H
#define GATETOP_MESH_ROUTE_SECRET_SOURCE_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/workload.h"

// The object that makes the Secret, NULL none. Certificates are found in clusters and files, the others in files only:
// what they make stands in a cluster itself. Borrowed from the snapshot.
const struct object *secret_source_find(const struct mesh *m, const char *ns, const char *name);
// The namespace that a Gateway's pods read the Secret in: theirs where it is known. Where it is only assumed, that of
// the Gateway, then any other that has a Secret of that name or what makes one
// (docs/rules/istio.md#gateway-workload-assumed).
const char *secret_namespace(const struct mesh *m, const struct gateway *g,
                             const struct workload *w, const char *name);

#endif
