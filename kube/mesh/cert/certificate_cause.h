// SPDX-License-Identifier: Apache-2.0
// Why a Certificate is not ready, in a few words, and since when.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_CAUSE_H
#define GATETOP_MESH_CERT_CERTIFICATE_CAUSE_H

#include "kube/mesh/cert/certificate_state.h"

#include <stdint.h>

struct arena;

// The cause without names, "Self-signed: DNS-01 record not seen". In the arena or static.
const char *certificate_cause_words(struct arena *a, const struct certificate_status *s);
// Since when the Certificate has not been as it should, in seconds; TIME_NONE: unknown.
int64_t certificate_since(const struct certificate_status *s);
// Until when the ACME server refuses requests, as its own words say (docs/rules/certificates.md#retry-after), in
// seconds; TIME_NONE: it did not say so.
int64_t certificate_refused_until(const struct certificate_status *s);

#endif
