// SPDX-License-Identifier: Apache-2.0
// X.509 chains and signing requests read from memory: what was issued, without any private key.
//
// Input is not trusted: what cannot be read is an error. Names are clean text. Input comes from a CertificateRequest,
// an Order or a file. Any thread.
#ifndef GATETOP_OBJECT_X509_H
#define GATETOP_OBJECT_X509_H

#include "kube/base/attr.h"

#include "kube/object/str_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

// What is read of a certificate. Strings are NULL if the certificate has none.
struct x509_cert {
    const char *subject; // the whole name, as RFC 2253 writes it
    const char *subject_cn;
    const char *issuer; // the whole name
    const char *issuer_cn, *issuer_o;
    const char *serial; // hexadecimal
    const char *sha256; // of the DER, 64 hexadecimal digits
    const char *key;    // "RSA 2048", "ECDSA P-256", "Ed25519"; "unreadable key"
    struct str_list dns_names, ip_addresses, uris, emails; // subject alternative names
    int64_t not_before, not_after; // seconds since 1970, TIME_NONE if unreadable
    bool self_signed;
    bool issued_by_next; // names chain to the next certificate and its key verifies the signature
    int issuer_at; // index in the chain of the certificate that issued it, -1 if it is not there
};

// A chain as it was given. It lies in the arena.
struct x509_chain {
    const struct x509_cert *cert; // leaf first, as given
    uint32_t n;                   // at least 1 after a successful read, at most 16
    bool ordered;                 // each is issued by the next
    bool complete;                // ordered, and more than a bare leaf (or self-signed)
};

// PEM text with one or more CERTIFICATE blocks; other blocks are skipped. Reading ends after the 16th, and before one
// that cannot be read. False and ERR_PARSE if there is none, ERR_LIMIT for more than 1 MiB of text.
bool x509_read_pem(struct arena *a, const char *text, size_t n, struct x509_chain *out,
                   struct err *err) MUST_USE;
// The same from base64 of PEM (status.certificate of a CertificateRequest).
bool x509_read_base64(struct arena *a, const char *text, struct x509_chain *out,
                      struct err *err) MUST_USE;
// Whether the DER of the first certificate of a base64 PEM text has these bytes in it. Enough to look for a mark in its
// names, and a hundred times cheaper than reading it.
bool x509_leaf_mentions(const char *base64_pem, const char *bytes);

enum x509_match { X509_MATCH, X509_DIFFERS, X509_UNREADABLE };
// Whether the public key of a signing request (base64 of PEM) is that of a chain's leaf (base64 of PEM). Unreadable
// where one of them is, or is NULL.
enum x509_match x509_request_matches(const char *request, const char *certificate);

#endif
