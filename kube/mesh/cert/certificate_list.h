// SPDX-License-Identifier: Apache-2.0
// Certificates as rows: all of them, and those that concern a namespace.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_LIST_H
#define GATETOP_MESH_CERT_CERTIFICATE_LIST_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_state.h"

// The rows of `get certificates` (kind CertificateList), by namespace and name. In the arena.
struct certificate_rows {
    const struct certificate_status *at;
    uint32_t n;
    bool
        complete; // Certificates, requests, orders, challenges and issuers are all synced and readable
};
void certificate_rows(const struct mesh *m, struct certificate_rows *out);

// With -n NS: a Certificate of that namespace, or one that covers a host of a Gateway or VirtualService
// of it. `hosts` are that namespace's (certificate_namespace_hosts).
bool certificate_row_in(const struct mesh *m, const struct certificate *c, const char *ns,
                        const struct str_list *hosts);
struct str_list certificate_namespace_hosts(const struct mesh *m, const char *ns);

#endif
