// SPDX-License-Identifier: Apache-2.0
// Objects of cert-manager (cert-manager.io, acme.cert-manager.io).
//
// Every version since v0.6 is decoded to the words of v1 (docs/rules/certificates.md#older-spellings).
#ifndef GATETOP_OBJECT_CERTMANAGER_OBJECTS_H
#define GATETOP_OBJECT_CERTMANAGER_OBJECTS_H

#include "kube/object/object.h"

#include <stdbool.h>
#include <stdint.h>

// spec.issuerRef
struct issuer_ref {
    const char *name;
    const char *kind;  // NULL means Issuer
    const char *group; // NULL means cert-manager.io
};

// Certificate (docs/rules/certificates.md#certificate-spec)
#define OBJECT_KINDS_certificate KIND_BIT(KIND_CERTIFICATE)
struct certificate {
    struct object o;
    const char *secret_name;
    struct issuer_ref issuer;
    struct str_list dns_names, ip_addresses, uris, email_addresses;
    const char *common_name;
    int64_t duration, renew_before;  // ms, DURATION_NONE: absent
    int64_t renew_before_percentage; // -1 absent
    const char *key_algorithm;       // "RSA", "ECDSA", "Ed25519"; NULL means RSA
    int64_t key_size;                // bits; 0: the algorithm's default
    const char *renewal_policy;
    struct str_list keystore_secrets; // that hold the passwords of its keystores
    // status
    struct conditions conditions;
    int64_t not_before, not_after; // of the stored certificate
    int64_t renewal_time;          // when it is to be renewed
    // Start of the renewal window that the CA suggests (acme.ari.suggestedWindow).
    int64_t ari_start;
    int64_t last_failure;
    int64_t revision;        // of the stored certificate, from 1; -1: absent
    int64_t failed_attempts; // since the last success; -1: absent
};

// CertificateRequest
#define OBJECT_KINDS_certificaterequest KIND_BIT(KIND_CERTIFICATEREQUEST)
struct certificaterequest {
    struct object o;
    struct issuer_ref issuer;
    const char *request; // spec.request, the signing request: base64 of PEM, as served
    const char *username;
    // status
    const char *certificate; // the chain that was issued: base64 of PEM, as served
    struct conditions conditions;
    int64_t failure_time;
};

// Order: one certificate asked of an ACME server.
#define OBJECT_KINDS_order KIND_BIT(KIND_ORDER)
struct order {
    struct object o;
    struct issuer_ref issuer;
    const char *common_name;
    struct str_list dns_names;
    // status
    const char *state; // NULL or "" until the server knows the order
    const char *reason;
    int64_t failure_time;
};

// Challenge: the proof for one name of an Order.
#define OBJECT_KINDS_challenge KIND_BIT(KIND_CHALLENGE)
struct challenge {
    struct object o;
    struct issuer_ref issuer;
    const char *dns_name; // without "*."
    const char *type;     // "HTTP-01" or "DNS-01"
    bool wildcard;
    // status
    const char *state, *reason;
    bool processing; // cert-manager works on it
    bool presented;  // the record or the page is there
    int64_t presented_at;
    struct str_list finalizers; // of its metadata
};

// A solver of an ACME issuer, and which names it is for; an empty selector is for all.
struct acme_solver {
    struct str_list dns_names, dns_zones; // selector
    struct str_map match_labels;          // selector
    bool dns01, http01;
    const char *provider; // "route53", "ingress", ...; NULL if it has neither
};

enum issuer_type {
    ISSUER_UNKNOWN, // none, or one of another project's
    ISSUER_ACME,
    ISSUER_CA,
    ISSUER_SELFSIGNED,
    ISSUER_VAULT,
    ISSUER_VENAFI
};

// Issuer and ClusterIssuer
#define OBJECT_KINDS_issuer (KIND_BIT(KIND_ISSUER) | KIND_BIT(KIND_CLUSTERISSUER))
struct issuer {
    struct object o;
    enum issuer_type type;
    // spec.acme
    const char *server, *account_key_secret, *profile;
    bool account_binding, sends_duration; // externalAccountBinding; enableDurationFeature
    const struct acme_solver *solvers;
    uint32_t nsolvers;
    const char *ca_secret; // spec.ca
    // status
    struct conditions conditions;
    const char *account_uri; // status.acme
};

#endif
