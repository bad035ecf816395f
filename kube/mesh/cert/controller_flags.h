// SPDX-License-Identifier: Apache-2.0
// How cert-manager's controller was started, as its Deployment says (docs/rules/certificates.md#certmanager-flags).
#ifndef GATETOP_MESH_CERT_CONTROLLER_FLAGS_H
#define GATETOP_MESH_CERT_CONTROLLER_FLAGS_H

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

struct controller_flags {
    const struct deployment *deployment; // NULL if none is known: the rest are defaults
    int64_t backoff_min, backoff_max;    // seconds
    const char *resource_ns;             // where the Secrets of ClusterIssuers are
    bool nameservers;                    // the self-check of DNS-01 asks the name servers of a flag
};

// The flags of the first Deployment of cert-manager by namespace and name, or the defaults. Texts are borrowed from the
// snapshot.
const struct controller_flags *controller_flags_of(const struct mesh *m);
// Why cert-manager does not run, as its Deployment says: "Deployment ns/name is scaled to 0", "... has no available
// pod". NULL if nothing says so. In the arena.
const char *controller_stopped(const struct mesh *m);

#endif
