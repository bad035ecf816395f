// SPDX-License-Identifier: Apache-2.0
// How much of Let's Encrypt's limits a Certificate has left, as far as the cluster knows.
#ifndef GATETOP_MESH_CERT_LETSENCRYPT_LIMIT_H
#define GATETOP_MESH_CERT_LETSENCRYPT_LIMIT_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/acme.h"

#include <stdint.h>

// How much of one limit is used.
struct letsencrypt_limit {
    const char *name;  // the registered domain or the host, NULL if the limit is about neither
    int taken, limit;  // limit 0: not known
    int64_t next_slot; // in seconds: when there is room again, `now` where there is room
};

// An estimate: old requests are deleted, other clusters are not seen, and renewals do not always count
// (docs/rules/certificates.md#limit-estimate).
struct letsencrypt_limits {
    enum acme_environment ca;                // limits are known for Let's Encrypt only
    const struct letsencrypt_limit *domains; // certificates of each registered domain, in 7 days
    uint32_t ndomains;
    struct letsencrypt_limit identical; // certificates of exactly these names, in 7 days
    // Failed authorizations in an hour, of the name with the most.
    struct letsencrypt_limit failures;
    int64_t next_slot; // in seconds: when the tightest limit has room, `now` where it has
};
// Fills in *out for a Certificate. Counts only what went to the same ACME server; where an issuer cannot be read, its
// orders count. In the arena of the mesh.
void letsencrypt_limits_of(const struct mesh *m, const struct certificate *c,
                           struct letsencrypt_limits *out);

// Let's Encrypt's limits are buckets of `limit` tokens (> 0) that are filled again within `period` seconds. After
// tokens were taken at the n instants `at` (sorted in place): when the bucket has one to give, `now` where it has
// one. For tests of the arithmetic.
int64_t letsencrypt_limit_next_slot(int64_t *at, uint32_t n, int limit, int64_t period,
                                    int64_t now);

#endif
