// SPDX-License-Identifier: Apache-2.0
// Certificates and signing requests made for a test.
#ifndef GATETOP_TESTS_SUPPORT_MADECERT_H
#define GATETOP_TESTS_SUPPORT_MADECERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

struct buf;

struct made_cert {
    EVP_PKEY *key;
    X509 *cert;
};

// A certificate of `key` (taken) named cn (and o), issued by `by` (NULL: by itself), for `sans` ("DNS:a,IP:b"; NULL: a
// CA), from and to as ASN.1 writes times ("20260901000000Z").
struct made_cert madecert_new(EVP_PKEY *key, const char *cn, const char *o,
                              const struct made_cert *by, const char *sans, const char *from,
                              const char *to);
void madecert_free(struct made_cert *m);
void madecert_pem(X509 *x, struct buf *out); // appends its PEM block
// Appends base64 of the PEM of a signing request of this key.
void madecert_request(EVP_PKEY *key, struct buf *out);

#endif
