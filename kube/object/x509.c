// SPDX-License-Identifier: Apache-2.0
// X.509 chains read from memory with OpenSSL's parsers; no files, no trust store, no private keys.
#include "kube/object/x509.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define CHAIN_MAX 16
#define NAMES_MAX 1000
#define TEXT_CAP ((size_t)1 << 20)

// Without it OpenSSL would ask for the password of an encrypted block on the terminal.
static int no_password(char *buffer, int size, int writing, void *self)
{
    (void)buffer, (void)size, (void)writing, (void)self;
    return -1;
}

static const char *clean(struct arena *a, const void *s, int n)
{
    return n < 0 ? NULL : text_clean(a, s, (size_t)n, 1024);
}

static const char *name_part(struct arena *a, X509_NAME *name, int nid)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    if (at < 0) {
        return NULL;
    }
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    const char *out = clean(a, utf8, n);
    OPENSSL_free(utf8);
    return out;
}

static const char *name_whole(struct arena *a, X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());
    const char *text = NULL;
    if (out != NULL &&
        X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        char *bytes;
        long n = BIO_get_mem_data(out, &bytes);
        text = n > 0 ? text_clean(a, bytes, (size_t)n, 1024) : "";
    }
    BIO_free(out);
    return text;
}

static int64_t instant(const ASN1_TIME *t)
{
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1) {
        return TIME_NONE;
    }
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return time_parse(text);
}

static const char *hex(struct arena *a, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(a, n * 2 + 1);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return out;
}

static const char *curve_name(const char *group)
{
    static const char *const names[][2] = {
        {"prime256v1", "P-256"},
        {"secp384r1", "P-384"},
        {"secp521r1", "P-521"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (strcmp(group, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return group;
}

static const char *key_kind(struct arena *a, const EVP_PKEY *key)
{
    if (key == NULL) {
        return "unreadable key";
    }
    char group[64];
    size_t n = 0;
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return arena_printf(a, "RSA %d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_RSA_PSS:
        return arena_printf(a, "RSA-PSS %d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_DSA:
        return arena_printf(a, "DSA %d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC:
        if (EVP_PKEY_get_group_name(key, group, sizeof group, &n) != 1) {
            return "ECDSA";
        }
        return arena_printf(a, "ECDSA %s", curve_name(group));
    case EVP_PKEY_ED25519:
        return "Ed25519";
    case EVP_PKEY_ED448:
        return "Ed448";
    default:
        return "another kind of key";
    }
}

static const char *ip_text(struct arena *a, const ASN1_OCTET_STRING *ip)
{
    const unsigned char *b = ASN1_STRING_get0_data(ip);
    int n = ASN1_STRING_length(ip);
    if (n == 4) {
        return arena_printf(a, "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
    }
    if (n != 16) {
        return NULL;
    }
    char text[48];
    size_t at = 0;
    for (int i = 0; i < 16; i += 2) {
        int k = snprintf(text + at, sizeof text - at, "%s%x", i == 0 ? "" : ":",
                         (unsigned)b[i] << 8 | b[i + 1]);
        at += (size_t)k;
    }
    return arena_strdup(a, text);
}

static void read_names(struct arena *a, X509 *x, struct x509_cert *out)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    int n = names != NULL ? sk_GENERAL_NAME_num(names) : 0;
    n = n > NAMES_MAX ? NAMES_MAX : n;
    const struct {
        int type;
        struct str_list *list;
    } kinds_of_name[] = {{GEN_DNS, &out->dns_names},
                         {GEN_IPADD, &out->ip_addresses},
                         {GEN_URI, &out->uris},
                         {GEN_EMAIL, &out->emails}};
    for (size_t k = 0; k < ARRAY_COUNT(kinds_of_name); k++) {
        const char **at = arena_alloc(a, ((size_t)n + 1) * sizeof *at);
        uint32_t count = 0;
        for (int i = 0; i < n; i++) {
            const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
            if (g->type != kinds_of_name[k].type) {
                continue;
            }
            const ASN1_STRING *s = g->d.ia5; // all but addresses are IA5 strings
            at[count] = g->type == GEN_IPADD
                            ? ip_text(a, g->d.iPAddress)
                            : clean(a, ASN1_STRING_get0_data(s), ASN1_STRING_length(s));
            count += at[count] != NULL;
        }
        *kinds_of_name[k].list = (struct str_list){at, count};
    }
    GENERAL_NAMES_free(names);
}

static void read_cert(struct arena *a, X509 *x, struct x509_cert *out)
{
    memset(out, 0, sizeof *out);
    X509_NAME *subject = X509_get_subject_name(x), *issuer = X509_get_issuer_name(x);
    out->subject = name_whole(a, subject);
    out->subject_cn = name_part(a, subject, NID_commonName);
    out->issuer = name_whole(a, issuer);
    out->issuer_cn = name_part(a, issuer, NID_commonName);
    out->issuer_o = name_part(a, issuer, NID_organizationName);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    out->serial = hex(a, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
    out->not_before = instant(X509_get0_notBefore(x));
    out->not_after = instant(X509_get0_notAfter(x));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    out->sha256 = X509_digest(x, EVP_sha256(), digest, &n) == 1 ? hex(a, digest, n) : "";
    EVP_PKEY *key = X509_get0_pubkey(x);
    out->key = key_kind(a, key);
    out->self_signed =
        X509_NAME_cmp(subject, issuer) == 0 && key != NULL && X509_verify(x, key) == 1;
    read_names(a, x, out);
}

static bool issued_by(X509 *x, X509 *next)
{
    EVP_PKEY *key = X509_get0_pubkey(next);
    return X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(next)) == 0 &&
           key != NULL && X509_verify(x, key) == 1;
}

// The index of the issuer of chain[i]: best right after it.
static int issuer_at(X509 *const *chain, uint32_t n, uint32_t i)
{
    for (uint32_t k = 1; k <= n; k++) { // the next, those after it, those before, itself
        uint32_t at = (i + k) % n;
        if (issued_by(chain[i], chain[at])) {
            return (int)at;
        }
    }
    return -1;
}

bool x509_read_pem(struct arena *a, const char *text, size_t n, struct x509_chain *out,
                   struct err *err)
{
    memset(out, 0, sizeof *out);
    if (n > TEXT_CAP) {
        return err_set(err, ERR_LIMIT, "unreadable certificate: over 1 MB of text");
    }
    X509 *chain[CHAIN_MAX];
    uint32_t k = 0;
    BIO *in = BIO_new_mem_buf(text, (int)n);
    while (in != NULL && k < CHAIN_MAX) {
        X509 *x = PEM_read_bio_X509(in, NULL, no_password, NULL);
        if (x == NULL) {
            break;
        }
        chain[k++] = x;
    }
    BIO_free(in);
    unsigned long why = ERR_peek_last_error();
    bool only_end = ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (k == 0) {
        return err_set(err, ERR_PARSE, "unreadable certificate: %s",
                       only_end ? "no PEM block" : "the PEM block holds no certificate");
    }
    struct x509_cert *certs = arena_alloc(a, k * sizeof *certs);
    out->ordered = true;
    for (uint32_t i = 0; i < k; i++) {
        read_cert(a, chain[i], &certs[i]);
        certs[i].issuer_at = issuer_at(chain, k, i);
        if (i + 1 < k) {
            certs[i].issued_by_next = certs[i].issuer_at == (int)i + 1;
            out->ordered = out->ordered && certs[i].issued_by_next;
        }
    }
    for (uint32_t i = 0; i < k; i++) {
        X509_free(chain[i]);
    }
    ERR_clear_error();
    out->cert = certs;
    out->n = k;
    out->complete = out->ordered && (k > 1 || certs[0].self_signed);
    return true;
}

static bool decode(const char *text, struct buf *out, struct err *err)
{
    buf_init(out, TEXT_CAP);
    size_t bad = 0;
    if (!base64_decode(text, strlen(text), out, &bad) || out->over || out->len == 0) {
        buf_release(out);
        return err_set(err, ERR_PARSE, "unreadable certificate: no base64 at byte %zu", bad);
    }
    return true;
}

bool x509_read_base64(struct arena *a, const char *text, struct x509_chain *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    struct buf pem;
    if (!decode(text, &pem, err)) {
        return false;
    }
    bool ok = x509_read_pem(a, pem.data, pem.len, out, err);
    buf_release(&pem);
    return ok;
}

bool x509_leaf_mentions(const char *base64_pem, const char *bytes)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    struct buf pem, der;
    bool found = false;
    if (!decode(base64_pem, &pem, NULL)) {
        return false;
    }
    buf_init(&der, TEXT_CAP);
    const char *body = strstr(pem.data, begin);
    if (body != NULL) {
        body += sizeof begin - 1;
        // What cannot be decoded to its end still holds what came before.
        (void)!base64_decode(body, strcspn(body, "-"), &der, NULL);
    }
    size_t n = strlen(bytes);
    for (size_t i = 0; i + n <= der.len && !found; i++) {
        found = memcmp(der.data + i, bytes, n) == 0;
    }
    buf_release(&der);
    buf_release(&pem);
    return found;
}

enum x509_match x509_request_matches(const char *request, const char *certificate)
{
    enum x509_match match = X509_UNREADABLE;
    struct buf csr, pem;
    BIO *in = NULL;
    X509_REQ *req = NULL;
    X509 *x = NULL;
    if (request == NULL || certificate == NULL || !decode(request, &csr, NULL)) {
        return match;
    }
    if (!decode(certificate, &pem, NULL)) {
        goto out;
    }
    in = BIO_new_mem_buf(csr.data, (int)csr.len);
    req = in != NULL ? PEM_read_bio_X509_REQ(in, NULL, no_password, NULL) : NULL;
    BIO_free(in);
    in = BIO_new_mem_buf(pem.data, (int)pem.len);
    x = in != NULL ? PEM_read_bio_X509(in, NULL, no_password, NULL) : NULL;
    BIO_free(in);
    EVP_PKEY *a = req != NULL ? X509_REQ_get0_pubkey(req) : NULL;
    EVP_PKEY *b = x != NULL ? X509_get0_pubkey(x) : NULL;
    if (a != NULL && b != NULL) {
        match = EVP_PKEY_eq(a, b) == 1 ? X509_MATCH : X509_DIFFERS;
    }
out:
    X509_REQ_free(req);
    X509_free(x);
    buf_release(&csr);
    buf_release(&pem);
    ERR_clear_error();
    return match;
}
