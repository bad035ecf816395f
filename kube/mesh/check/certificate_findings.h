// SPDX-License-Identifier: Apache-2.0
// Findings about Certificates, their issuers, the Secrets they write, and DNS.
#ifndef GATETOP_MESH_CHECK_CERTIFICATE_FINDINGS_H
#define GATETOP_MESH_CHECK_CERTIFICATE_FINDINGS_H

#include "kube/mesh/core/finding.h"
#include "kube/mesh/dns/dns_settings.h"

// Findings about Certificates, issuers and the Secrets that they write: GT0201-GT0210.
void certificate_findings(const struct mesh *m, struct findings *f);
// Findings about DNS: GT0301-GT0306.
void dns_findings(const struct mesh *m, const struct dns_settings *s, struct findings *f);
// What "ends soon" means: one of the two, the other is 0.
struct certificate_within {
    int64_t seconds; // it ends within that time
    int percent;     // less than so much of its lifetime is left, 1 to 99
};
// Certificates that have ended or end soon, soonest first (`check --expiring`): GT0211.
void certificate_expiring(const struct mesh *m, const struct certificate_within *within,
                          struct findings *f);

#endif
