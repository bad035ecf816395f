// SPDX-License-Identifier: Apache-2.0
// What the texts of an ACME server mean: errors, retry times, limits; and which server it is.
#ifndef GATETOP_MESH_CERT_ACME_H
#define GATETOP_MESH_CERT_ACME_H

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

// Which CA a directory or account URL belongs to; the host alone decides (docs/rules/certificates.md#acme-environment).
enum acme_environment {
    ACME_OTHER, // not Let's Encrypt
    ACME_PRODUCTION,
    ACME_STAGING, // nothing trusts it
    ACME_DEAD,    // Let's Encrypt's v1, switched off
    ACME_ENVIRONMENT_COUNT
};
// Whether the host of a server's URL is this, in any case.
bool acme_server_is(const char *url, const char *host);
// ACME_OTHER for NULL.
enum acme_environment acme_environment_of(const char *url);
// "other CA" "production" "staging" "retired v1 server". Static.
const char *acme_environment_name(enum acme_environment e);

// "{code} urn:ietf:params:acme:error:{type}: {detail}" anywhere in `text`
// (docs/rules/certificates.md#acme-error).
struct acme_error {
    int code;           // the HTTP status, 0 if the text has none
    const char *type;   // "rateLimited"
    const char *detail; // up to the end or "; subproblems:"
};
// False if the text holds no ACME error. Strings are in the arena.
bool acme_error_parse(struct arena *a, const char *text, struct acme_error *out);

// When the server accepts the request again, in seconds: the instant after "retry after ", also as HTTP writes it, or
// `written` and a wait ("try again in 1h0m0s", "Retry-After: 3600"). `written` is when the server sent the text; with
// TIME_NONE waits are not read. TIME_NONE if the text has neither, or is NULL
// (docs/rules/certificates.md#retry-after).
int64_t acme_retry_after(const char *text, int64_t written);

// Which of Let's Encrypt's limits (docs/rules/certificates.md#rate-limits) a rateLimited text is about
// (docs/rules/certificates.md#rate-limit-text).
enum acme_limit {
    ACME_LIMIT_UNKNOWN,
    ACME_LIMIT_IDENTICAL, // same exact set of names, 5 in 7 days
    ACME_LIMIT_DOMAIN,    // registered domain, 50 in 7 days
    ACME_LIMIT_ORDERS,    // orders of an account, 300 in 3 hours
    ACME_LIMIT_FAILURES,  // failed authorizations of a name, 5 in an hour
    ACME_LIMIT_ACCOUNTS,  // new accounts of an address
    ACME_LIMIT_PAUSED,    // too many failures in a row
    ACME_LIMIT_COUNT
};
// ACME_LIMIT_UNKNOWN for NULL.
enum acme_limit acme_limit_of(const char *text);
// "identical certificates (5 in 7 days)": the figures are those of production, for other CAs there are none. Static.
const char *acme_limit_name(enum acme_limit l, enum acme_environment ca);

// The registered domain (eTLD+1, by the public suffix list) of a host name, a "*." before it ignored. NULL if it has
// none, or host is NULL. In the arena.
const char *acme_registered_domain(struct arena *a, const char *host);

// Whether a host name ends in a top-level domain that the public suffix list has: a public CA issues for no other. A
// "*." before it is ignored.
bool acme_name_is_public(struct arena *a, const char *host);
// Whether a name is a public suffix of ICANN's part of the list, such as "co.uk". A "*." before it is ignored.
bool acme_name_is_suffix(struct arena *a, const char *host);

// The text with its ACME tokens and keys replaced by "…" (docs/rules/certificates.md#mask-tokens): the text itself
// where it holds none, NULL for NULL, else in the arena.
const char *acme_mask(struct arena *a, const char *text);

#endif
