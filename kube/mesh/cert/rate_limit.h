// SPDX-License-Identifier: Apache-2.0
// What Let's Encrypt's limits leave to a Certificate, as far as the cluster knows.
#ifndef GATETOP_MESH_CERT_RATE_LIMIT_H
#define GATETOP_MESH_CERT_RATE_LIMIT_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/acme.h"

// What was taken from one limit, and of how much.
struct rate_limit_use {
    const char *name;  // the registered domain or the host, NULL where it is about none
    int taken, limit;  // limit 0: not known
    int64_t next_slot; // when there is room again, `now` where there is room
};

// What the cluster knows of the limits that one Certificate meets: an estimate, since old requests are deleted,
// other clusters are not seen, and renewals do not always count (docs/rules/certificates.md#limit-estimate).
struct rate_limits {
    enum acme_environment ca; // limits are known of Let's Encrypt only
    const struct rate_limit_use
        *domains; // certificates of each registered domain in the last 7 days
    uint32_t ndomains;
    struct rate_limit_use identical; // certificates of exactly these names in the last 7 days
    struct rate_limit_use
        failures;      // failed authorizations in the last hour, of the name with the most
    int64_t next_slot; // when the tightest limit leaves room again, `now` where there is room
};
// Counts only what went to the same ACME server; where an issuer cannot be read, its orders count. In the arena.
void rate_limits_of(const struct mesh *m, const struct certificate *c, struct rate_limits *out);

// When a bucket of `limit` tokens, filled again within `period` seconds, has one to give after those taken at
// the n instants `at` (sorted in place): `now` where it has one now. Let's Encrypt's limits are such buckets.
int64_t rate_limit_next_slot(int64_t *at, uint32_t n, int limit, int64_t period, int64_t now);

#endif
