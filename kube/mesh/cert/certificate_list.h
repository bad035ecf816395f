// SPDX-License-Identifier: Apache-2.0
// All Certificates with their status, and those that concern a namespace.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_LIST_H
#define GATETOP_MESH_CERT_CERTIFICATE_LIST_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_state.h"

#include <stdbool.h>
#include <stdint.h>

// In the arena of the mesh.
struct certificate_list {
    const struct certificate_status *at; // by namespace and name
    uint32_t n;
    bool complete; // all kinds of cert-manager that it needs are synced and readable
};
// Every Certificate of the snapshot, with secret_placement_check applied.
void certificate_list_fill(const struct mesh *m, struct certificate_list *out);

// Whether a Certificate concerns a namespace: it is in it, or covers one of its hosts (certificate_namespace_hosts).
bool certificate_concerns(const struct mesh *m, const struct certificate *c, const char *ns,
                          const struct str_list *hosts);
// The hosts of the VirtualServices and Gateways of a namespace. In the arena.
struct str_list certificate_namespace_hosts(const struct mesh *m, const char *ns);

#endif
