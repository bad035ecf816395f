// SPDX-License-Identifier: Apache-2.0
// Certificate chains: made here with OpenSSL, recorded ones, and garbage.
#include "kube/base/arena.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/x509.h"

#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/madecert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static void test_chain(void **state)
{
    (void)state;
    struct made_cert root = madecert_new(EVP_EC_gen("P-256"), "Root \xc3\xbc", "Authority", NULL,
                                         NULL, "20200101000000Z", "99991231235959Z");
    struct made_cert leaf =
        madecert_new(EVP_RSA_gen(2048), "a.example.com", NULL, &root,
                     "DNS:a.example.com,DNS:*.b.example.com,IP:192.0.2.1,IP:2001:db8::1",
                     "700101000000Z", "20260901100000Z");
    struct arena a;
    arena_init(&a);
    struct buf pem;
    buf_init(&pem, 0);
    madecert_pem(leaf.cert, &pem);
    madecert_pem(root.cert, &pem);
    struct x509_chain c;
    struct err err = {0};
    assert_true(x509_read_pem(&a, pem.data, pem.len, &c, &err));
    assert_int_equal(c.n, 2);
    assert_true(c.ordered);
    assert_true(c.complete);
    const struct x509_cert *l = &c.cert[0], *r = &c.cert[1];
    assert_true(l->issued_by_next);
    assert_false(l->self_signed);
    assert_true(r->self_signed);
    assert_string_equal(l->issuer_cn, "Root \xc3\xbc");
    assert_string_equal(l->issuer_o, "Authority");
    assert_string_equal(l->serial, "1234");
    assert_string_equal(l->key, "RSA 2048");
    assert_string_equal(r->key, "ECDSA P-256");
    assert_int_equal(strlen(l->sha256), 64);
    assert_int_equal(l->dns_names.n, 2);
    assert_string_equal(l->dns_names.at[1], "*.b.example.com");
    assert_string_equal(l->ip_addresses.at[0], "192.0.2.1");
    assert_int_equal(l->not_before, 0);
    assert_int_equal(l->not_after, time_parse("2026-09-01T10:00:00Z"));
    assert_int_equal(r->not_after, time_parse("9999-12-31T23:59:59Z"));

    buf_reset(&pem); // the wrong way round
    madecert_pem(root.cert, &pem);
    madecert_pem(leaf.cert, &pem);
    assert_true(x509_read_pem(&a, pem.data, pem.len, &c, &err));
    assert_false(c.ordered);
    buf_reset(&pem); // a bare leaf
    madecert_pem(leaf.cert, &pem);
    assert_true(x509_read_pem(&a, pem.data, pem.len, &c, &err));
    assert_false(c.complete);

    // The signing request of the same key, and of another.
    struct buf b64, csr64;
    buf_init(&b64, 0);
    buf_init(&csr64, 0);
    base64_encode(pem.data, pem.len, &b64);
    EVP_PKEY *keys[] = {leaf.key, root.key};
    for (int i = 0; i < 2; i++) {
        buf_reset(&csr64);
        madecert_request(keys[i], &csr64);
        assert_int_equal(x509_request_matches(csr64.data, b64.data),
                         i == 0 ? X509_MATCH : X509_DIFFERS);
    }
    assert_int_equal(x509_request_matches("!", b64.data), X509_UNREADABLE);
    assert_int_equal(x509_request_matches(b64.data, b64.data), X509_UNREADABLE);
    assert_int_equal(x509_request_matches(NULL, NULL), X509_UNREADABLE);
    buf_release(&b64);
    buf_release(&csr64);
    buf_release(&pem);
    madecert_free(&leaf);
    madecert_free(&root);
    arena_release(&a);
}

// Every kind of key that an issuer may use is named, and its request is compared.
static void test_keys(void **state)
{
    (void)state;
    const struct {
        EVP_PKEY *key;
        const char *name;
    } rows[] = {
        {EVP_RSA_gen(1024), "RSA 1024"},
        {EVP_RSA_gen(2048), "RSA 2048"},
        {EVP_RSA_gen(3072), "RSA 3072"},
        {EVP_EC_gen("P-256"), "ECDSA P-256"},
        {EVP_EC_gen("P-384"), "ECDSA P-384"},
        {EVP_EC_gen("P-521"), "ECDSA P-521"},
        {EVP_EC_gen("secp256k1"), "ECDSA secp256k1"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "Ed25519"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), "Ed448"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made_cert made = madecert_new(rows[i].key, "x", NULL, NULL, "DNS:x.example.com",
                                             "20260901000000Z", "20261001000000Z");
        struct buf pem, b64, request;
        struct x509_chain c;
        struct err err = {0};
        buf_init(&pem, 0);
        buf_init(&b64, 0);
        buf_init(&request, 0);
        madecert_pem(made.cert, &pem);
        base64_encode(pem.data, pem.len, &b64);
        madecert_request(made.key, &request);
        assert_true(x509_read_pem(&a, pem.data, pem.len, &c, &err));
        assert_string_equal(c.cert[0].key, rows[i].name);
        assert_true(c.cert[0].self_signed);
        assert_int_equal(x509_request_matches(request.data, b64.data), X509_MATCH);
        buf_release(&pem);
        buf_release(&b64);
        buf_release(&request);
        madecert_free(&made);
    }
    arena_release(&a);
}

static void test_garbage(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "x",
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct x509_chain c;
        struct err err = {0};
        assert_false(x509_read_pem(&a, texts[i], strlen(texts[i]), &c, &err));
        assert_int_equal(err.code, ERR_PARSE);
        assert_true(str_starts(err.msg, "unreadable certificate"));
        assert_false(x509_read_base64(&a, texts[i], &c, &err));
    }
    arena_release(&a);
}

// Every recorded Secret and every issued CertificateRequest's chain can be read and is in order.
static void test_recorded(void **state)
{
    (void)state;
    struct corpus_files f = corpus_list("certs", "secret-", ".json", true);
    assert_true(f.n > 0);
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < f.n; i++) {
        struct err err = {0};
        struct json *j = file_json(f.at[i]);
        struct x509_chain c;
        assert_true(
            x509_read_base64(&a, json_string(json_at(j, "data", "tls.crt", NULL)), &c, &err));
        assert_true(x509_leaf_mentions(json_string(json_at(j, "data", "tls.crt", NULL)),
                                       c.cert[0].dns_names.at[0]));
        assert_false(
            x509_leaf_mentions(json_string(json_at(j, "data", "tls.crt", NULL)), "(STAGING)"));
        assert_true(c.ordered);
        assert_true(c.cert[0].not_after > c.cert[0].not_before);
        assert_true(c.cert[0].dns_names.n > 0);
        json_free(j);
    }
    printf("# %zu recorded chains read\n", f.n);
    corpus_files_release(&f);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
