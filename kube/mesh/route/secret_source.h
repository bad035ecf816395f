// SPDX-License-Identifier: Apache-2.0
// What will make a Secret that is not there: a Certificate, a SealedSecret, an ExternalSecret, a SecretProviderClass.
#ifndef GATETOP_MESH_ROUTE_SECRET_SOURCE_H
#define GATETOP_MESH_ROUTE_SECRET_SOURCE_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/workload.h"

// The object that will make the Secret, NULL if none. Certificates are looked for in clusters and files, the others
// only in files: a cluster has the Secret itself. Borrowed from the snapshot.
const struct object *secret_source_find(const struct mesh *m, const char *ns, const char *name);
// The namespace in which a Gateway's pods read the Secret: their own if it is known. If it is only assumed and has no
// such Secret, that of the Gateway, then any other that has the Secret or an object that will make it
// (docs/rules/istio.md#gateway-workload-assumed).
const char *secret_namespace(const struct mesh *m, const struct gateway *g,
                             const struct workload *w, const char *name);

#endif
