// SPDX-License-Identifier: Apache-2.0
// Findings about DNS: GT03.
#ifndef GATETOP_MESH_CHECK_DNS_FINDINGS_H
#define GATETOP_MESH_CHECK_DNS_FINDINGS_H

#include "kube/mesh/core/finding.h"
#include "kube/mesh/dns/dns_settings.h"

// Adds the findings about external-dns and DNS under these settings, GT0301 to GT0306. The list grows in the arena of
// the mesh.
void dns_findings(const struct mesh *m, const struct dns_settings *s, struct findings *f);

#endif
