// SPDX-License-Identifier: Apache-2.0
// What an ACME server says: its errors, its retry times, its limits, and which server it is.
#ifndef GATETOP_MESH_CERT_ACME_H
#define GATETOP_MESH_CERT_ACME_H

#include "kube/mesh/core/mesh.h"

// Which CA a directory or account URL belongs to (certs-dns.md §3.1). Decided by the host alone.
enum acme_environment {
    ACME_OTHER, // not Let's Encrypt
    ACME_PRODUCTION,
    ACME_STAGING, // nothing trusts it
    ACME_DEAD,    // Let's Encrypt's v1, switched off
};
enum acme_environment acme_environment(const char *url);    // NULL gives ACME_OTHER
const char *acme_environment_name(enum acme_environment e); // "production" "staging" "other CA" ...

// "{code} urn:ietf:params:acme:error:{type}: {detail}" anywhere in `text` (certs-dns.md §1.7).
struct acme_error {
    int code;           // 0 where the text has none
    const char *type;   // "rateLimited"
    const char *detail; // up to the end or "; subproblems:"
};
// False where the text holds no ACME error. Strings are in the arena.
bool acme_error_parse(struct arena *a, const char *text, struct acme_error *out);

// When the server takes the request again: the instant behind "retry after " (certs-dns.md §3.2; also as HTTP
// writes it), or a wait ("try again in 1h0m0s", "Retry-After: 3600") after `said`, when the text was said
// (TIME_NONE: waits are not known). TIME_NONE where there is none.
int64_t acme_retry_after(const char *text, int64_t said);

// Which of Let's Encrypt's limits a rateLimited text speaks of.
enum acme_limit {
    ACME_LIMIT_UNKNOWN,
    ACME_LIMIT_IDENTICAL, // same exact set of names, 5 in 7 days
    ACME_LIMIT_DOMAIN,    // registered domain, 50 in 7 days
    ACME_LIMIT_ORDERS,    // orders of an account, 300 in 3 hours
    ACME_LIMIT_FAILURES,  // failed authorizations of a name, 5 in an hour
    ACME_LIMIT_ACCOUNTS,  // new accounts of an address
    ACME_LIMIT_PAUSED,    // too many failures in a row
};
enum acme_limit acme_limit(const char *text);
// "identical certificates (5 in 7 days)"; the figures are production's, elsewhere there are none.
const char *acme_limit_name(enum acme_limit l, enum acme_environment ca);

// What was taken from one limit, and of how much.
struct acme_use {
    const char *name;  // the registered domain or the host, NULL where it is about none
    int taken, limit;  // limit 0: not known
    int64_t next_slot; // when there is room again, `now` where there is room
};

// What the cluster knows of the limits that one Certificate meets: an estimate, since old requests are collected,
// other clusters are not seen, and renewals are not always counted (certs-dns.md §3.2).
struct acme_budget {
    enum acme_environment ca;       // limits are known of Let's Encrypt only
    const struct acme_use *domains; // certificates of each registered domain in the last 7 days
    uint32_t ndomains;
    struct acme_use identical; // certificates of exactly these names in the last 7 days
    struct acme_use failures;  // failed authorizations in the last hour, of the name with the most
    int64_t next_slot; // when the tightest limit leaves room again, `now` where there is room
};
// Counts only what went to the same ACME server; where an issuer cannot be read, its orders count. In the arena.
void acme_budget(const struct mesh *m, const struct certificate *c, struct acme_budget *out);

// When a bucket of `limit` tokens, filled again within `period` seconds, has one to give after those taken at
// the n instants `at` (sorted in place): `now` where it has one now. Let's Encrypt's limits are such buckets.
int64_t acme_next_slot(int64_t *at, uint32_t n, int limit, int64_t period, int64_t now);

// The registered domain (eTLD+1) of a host name, "*." ignored; NULL where it has none. In the arena.
const char *acme_registered_domain(struct arena *a, const char *host);

#endif
