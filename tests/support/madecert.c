// SPDX-License-Identifier: Apache-2.0
// Certificates and signing requests made for a test.
#include "tests/support/madecert.h"

#include "kube/base/base64.h"
#include "kube/base/buf.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "cannot make a certificate: %s\n", what);
        exit(1);
    }
}

// Ed25519 and Ed448 have a digest of their own.
static const EVP_MD *digest_of(EVP_PKEY *key)
{
    int id = EVP_PKEY_get_base_id(key);
    return id == EVP_PKEY_ED25519 || id == EVP_PKEY_ED448 ? NULL : EVP_sha256();
}

static void add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(e != NULL, value);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

struct made_cert madecert_new(EVP_PKEY *key, const char *cn, const char *o,
                              const struct made_cert *by, const char *sans, const char *from,
                              const char *to)
{
    struct made_cert m = {key, X509_new()};
    X509_set_version(m.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(m.cert), 0x1234);
    X509_NAME *n = X509_get_subject_name(m.cert);
    X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    if (o != NULL) {
        X509_NAME_add_entry_by_txt(n, "O", MBSTRING_UTF8, (const unsigned char *)o, -1, -1, 0);
    }
    X509_set_issuer_name(m.cert, by != NULL ? X509_get_subject_name(by->cert) : n);
    ASN1_TIME_set_string_X509(X509_getm_notBefore(m.cert), from);
    ASN1_TIME_set_string_X509(X509_getm_notAfter(m.cert), to);
    X509_set_pubkey(m.cert, key);
    if (sans != NULL) {
        add_ext(m.cert, by != NULL ? by->cert : m.cert, NID_subject_alt_name, sans);
    } else {
        add_ext(m.cert, m.cert, NID_basic_constraints, "critical,CA:TRUE");
    }
    EVP_PKEY *signer = by != NULL ? by->key : key;
    must(X509_sign(m.cert, signer, digest_of(signer)) > 0, cn);
    return m;
}

void madecert_free(struct made_cert *m)
{
    X509_free(m->cert);
    EVP_PKEY_free(m->key);
}

void madecert_pem(X509 *x, struct buf *out)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *bytes;
    PEM_write_bio_X509(b, x);
    long n = BIO_get_mem_data(b, &bytes);
    buf_add(out, bytes, (size_t)n);
    BIO_free(b);
}

void madecert_request(EVP_PKEY *key, struct buf *out)
{
    X509_REQ *req = X509_REQ_new();
    X509_REQ_set_pubkey(req, key);
    must(X509_REQ_sign(req, key, digest_of(key)) > 0, "request");
    BIO *b = BIO_new(BIO_s_mem());
    char *bytes;
    PEM_write_bio_X509_REQ(b, req);
    long n = BIO_get_mem_data(b, &bytes);
    base64_encode(bytes, (size_t)n, out);
    BIO_free(b);
    X509_REQ_free(req);
}
