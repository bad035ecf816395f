// SPDX-License-Identifier: Apache-2.0
// A certificate authority, a server's and a client's certificate, made in memory at each start.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/time_text.h"

#include "tests/apisim/apisim_internal.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *bio_text(BIO *b)
{
    char *data = NULL;
    long n = BIO_get_mem_data(b, &data);
    char *text = xstrndup(data, (size_t)n);
    BIO_free(b);
    return text;
}

static char *cert_pem(X509 *x)
{
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(b, x);
    return bio_text(b);
}

static char *key_pem(EVP_PKEY *k)
{
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL, NULL);
    return bio_text(b);
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (e != NULL) {
        X509_add_ext(x, e, -1);
        X509_EXTENSION_free(e);
    }
}

static X509 *make(EVP_PKEY *key, const char *cn, const char *o, X509 *issuer, EVP_PKEY *issuer_key,
                  const char *san, const char *usage, int64_t from, int64_t to)
{
    X509 *x = X509_new();
    unsigned char serial[8];
    RAND_bytes(serial, sizeof serial);
    uint64_t n = 0;
    memcpy(&n, serial, sizeof n);
    X509_set_version(x, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), n >> 1);
    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from);
    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to);
    X509_set_pubkey(x, key);
    X509_NAME *name = X509_get_subject_name(x);
    if (o != NULL) {
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)o, -1, -1, 0);
    }
    if (cn != NULL) {
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    }
    X509 *by = issuer != NULL ? issuer : x;
    X509_set_issuer_name(x, X509_get_subject_name(by));
    extend(x, by, NID_basic_constraints, issuer == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(x, by, NID_key_usage,
           issuer == NULL ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    if (usage != NULL) {
        extend(x, by, NID_ext_key_usage, usage);
    }
    if (san != NULL) {
        extend(x, by, NID_subject_alt_name, san);
    }
    X509_sign(x, issuer_key, EVP_sha256());
    return x;
}

bool sim_tls_make(struct sim_tls *t, bool common_name_only, struct err *err)
{
    static const char NAMES[] = "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,"
                                "DNS:apisim.test,IP:127.0.0.1,IP:::1";
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256"),
             *client_key = EVP_EC_gen("P-256");
    if (ca_key == NULL || key == NULL || client_key == NULL) {
        EVP_PKEY_free(ca_key);
        EVP_PKEY_free(key);
        EVP_PKEY_free(client_key);
        return err_set(err, ERR_TLS, "OpenSSL cannot make a key");
    }
    // Real time, whatever the clock is pinned to: OpenSSL verifies by it.
    int64_t from = (int64_t)time(NULL) - 3600, to = from + 30 * 86400;
    X509 *ca = make(ca_key, "apisim-ca", NULL, NULL, ca_key, NULL, NULL, from, to);
    X509 *cert = make(key, common_name_only ? "apisim.test" : "apisim", NULL, ca, ca_key,
                      common_name_only ? NULL : NAMES, "serverAuth", from, to);
    X509 *client =
        make(client_key, "cert-admin", "system:masters", ca, ca_key, NULL, "clientAuth", from, to);
    t->ca = cert_pem(ca);
    t->cert = cert_pem(cert);
    t->key = key_pem(key);
    t->client_cert = cert_pem(client);
    t->client_key = key_pem(client_key);
    X509_free(ca);
    X509_free(cert);
    X509_free(client);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
    EVP_PKEY_free(client_key);
    return true;
}

void sim_tls_release(struct sim_tls *t)
{
    free(t->ca);
    free(t->cert);
    free(t->key);
    free(t->client_cert);
    free(t->client_key);
}

char *sim_issued(const char *spec, int64_t now)
{
    char names[512], from_text[32], to_text[32];
    if (sscanf(spec, "@cert %511s %31s %31s", names, from_text, to_text) != 3) {
        return NULL;
    }
    int64_t from = sim_time_of(from_text, now), to = sim_time_of(to_text, now);
    EVP_PKEY *issuer_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    if (from == TIME_NONE || to == TIME_NONE || issuer_key == NULL || key == NULL) {
        EVP_PKEY_free(issuer_key);
        EVP_PKEY_free(key);
        return NULL;
    }
    struct buf san, pem, text;
    buf_init(&san, 0);
    buf_init(&pem, 0);
    buf_init(&text, 0);
    char *save = NULL;
    for (char *n = strtok_r(names, ",", &save); n != NULL; n = strtok_r(NULL, ",", &save)) {
        buf_addf(&san, "%sDNS:%s", san.len > 0 ? "," : "", n);
    }
    X509 *issuer = make(issuer_key, "R11", "Let's Encrypt", NULL, issuer_key, NULL, NULL,
                        from - 300 * 86400, to + 300 * 86400);
    X509 *leaf = make(key, NULL, NULL, issuer, issuer_key, san.data, "serverAuth", from, to);
    char *a = cert_pem(leaf), *b = cert_pem(issuer);
    buf_addf(&pem, "%s%s", a, b);
    base64_encode(pem.data, pem.len, &text);
    free(a);
    free(b);
    buf_release(&san);
    buf_release(&pem);
    X509_free(issuer);
    X509_free(leaf);
    EVP_PKEY_free(issuer_key);
    EVP_PKEY_free(key);
    return buf_take(&text);
}
