// SPDX-License-Identifier: Apache-2.0
// The certificate as issued, made with OpenSSL, against spec, status and the Secret's marks
// (docs/rules/certificates.md#issued-against-spec, docs/rules/certificates.md#chain-order).
#include "kube/base/arena.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/check/certificate_findings.h"

#include "tests/support/madecert.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

#define FROM "20260901000000Z"
#define TO "20261130000000Z"
#define DATES "notBefore: '2026-09-01T00:00:00Z', notAfter: '2026-11-30T00:00:00Z'"

// A root, an intermediate and a leaf with three kinds of names; keys are made once.
static struct made_cert root, middle, leaf, stranger;

static int make_chain(void **state)
{
    (void)state;
    root = madecert_new(EVP_EC_gen("P-256"), "Root", "Made", NULL, NULL, FROM, "20360101000000Z");
    middle =
        madecert_new(EVP_EC_gen("P-384"), "Middle", "Made", &root, NULL, FROM, "20300101000000Z");
    leaf =
        madecert_new(EVP_EC_gen("P-256"), "a.example.com", NULL, &middle,
                     "DNS:a.example.com,DNS:*.b.example.com,IP:192.0.2.1,IP:2001:db8::1", FROM, TO);
    stranger = madecert_new(EVP_EC_gen("P-256"), "Else", NULL, NULL, NULL, FROM, TO);
    return 0;
}

static int free_chain(void **state)
{
    (void)state;
    struct made_cert *all[] = {&root, &middle, &leaf, &stranger};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        madecert_free(all[i]);
    }
    return 0;
}

// --- chains

static void test_chains(void **state)
{
    (void)state;
    const struct {
        const char *what;
        const struct made_cert *at[5];
        bool public;
        const char *problem; // NULL none
    } rows[] = {
        {"leaf and intermediate", {&leaf, &middle}, true, NULL},
        {"with its root", {&leaf, &middle, &root}, true, NULL},
        {"a bare leaf", {&leaf}, true, "lacks the certificate of \"Middle\", which issued it"},
        {"a bare leaf of one's own CA", {&leaf}, false, NULL},
        {"self-signed", {&root}, true, NULL},
        {"the intermediate is missing", {&leaf, &root}, true, "\"Middle\", which issued number 1"},
        {"something else in between", {&leaf, &stranger, &middle}, true, "not in order"},
        {"the wrong way round", {&middle, &leaf}, true, "\"Root\", which issued number 1"},
        {"root first", {&leaf, &root, &middle}, true, "not in order"},
        {"the leaf twice", {&leaf, &leaf, &middle}, true, "certificate 1 of its chain stands"},
        {"the intermediate twice", {&leaf, &middle, &middle}, true, "certificate 2 of its chain"},
        {"more after the root",
         {&leaf, &middle, &root, &stranger},
         true,
         "after the root, number 3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct buf pem;
        struct x509_chain chain;
        struct err err = {0};
        arena_init(&a);
        buf_init(&pem, 0);
        for (size_t k = 0; k < 5 && rows[i].at[k] != NULL; k++) {
            madecert_pem(rows[i].at[k]->cert, &pem);
        }
        assert_true(x509_read_pem(&a, pem.data, pem.len, &chain, &err));
        const char *said = certificate_chain_problem(&a, &chain, rows[i].public);
        bool same = rows[i].problem == NULL ? said == NULL
                                            : said != NULL && strstr(said, rows[i].problem) != NULL;
        if (!same) {
            fail_msg("%s: %s", rows[i].what, said != NULL ? said : "nothing");
        }
        buf_release(&pem);
        arena_release(&a);
    }
}

// --- differences

// What is stored and asked for. NULL is what fits the leaf.
struct given {
    const char *what;
    const char *spec;               // more of the Certificate's spec
    const char *names;              // dnsNames and ipAddresses
    const char *status;             // dates
    const char *marks;              // annotations of the Secret; NULL no Secret
    const char *issuer;             // spec of the ClusterIssuer
    EVP_PKEY *const *signer;        // of the request; NULL the leaf's
    const struct made_cert *stored; // in the Secret's tls.crt, of a file; NULL: none
    const char *crt;                // the same as base64 text
    bool collected;                 // the request is gone
    const char *differences[3];
};

static char *world_of(const struct given *g)
{
    struct buf yaml, pem, chain, request;
    buf_init(&yaml, 0);
    buf_init(&pem, 0);
    buf_init(&chain, 0);
    buf_init(&request, 0);
    madecert_pem(leaf.cert, &pem);
    madecert_pem(middle.cert, &pem);
    base64_encode(pem.data, pem.len, &chain);
    madecert_request(g->signer != NULL ? *g->signer : leaf.key, &request);
    buf_addf(
        &yaml,
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: "
        "a, uid: c1}\nspec: {secretName: web-tls, issuerRef: {name: ca, kind: ClusterIssuer}, "
        "%s, %s}\nstatus: {revision: 1, %s, conditions: [{type: Ready, status: 'True', reason: "
        "Ready, message: ok}]}\n",
        g->names != NULL ? g->names
                         : "dnsNames: [a.example.com, '*.b.example.com'], ipAddresses: "
                           "[192.0.2.1, '2001:db8::1']",
        g->spec != NULL ? g->spec : "privateKey: {algorithm: ECDSA}",
        g->status != NULL ? g->status : DATES);
    buf_addf(&yaml,
             "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: ca}\n"
             "spec: {%s}\n",
             g->issuer != NULL ? g->issuer : "ca: {secretName: root}");
    if (!g->collected) {
        buf_addf(&yaml,
                 "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: "
                 "web-1, namespace: a, annotations: {cert-manager.io/certificate-name: web, "
                 "cert-manager.io/certificate-revision: '1'}, ownerReferences: [{kind: "
                 "Certificate, name: web, uid: c1}]}\nspec: {request: %s}\nstatus: {certificate: "
                 "%s}\n",
                 request.data, chain.data);
    }
    if (g->stored != NULL) {
        buf_reset(&pem);
        buf_reset(&chain);
        madecert_pem(g->stored->cert, &pem);
        madecert_pem(middle.cert, &pem);
        base64_encode(pem.data, pem.len, &chain);
    }
    const char *crt = g->crt != NULL ? g->crt : g->stored != NULL ? chain.data : NULL;
    if (g->marks != NULL || crt != NULL) {
        buf_addf(&yaml,
                 "---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: "
                 "web-tls, namespace: a, annotations: {%s}}\n%s%s%s",
                 str_or_empty(g->marks), crt != NULL ? "data: {tls.crt: " : "", str_or_empty(crt),
                 crt != NULL ? "}\n" : "");
    }
    buf_release(&pem);
    buf_release(&chain);
    buf_release(&request);
    return buf_take(&yaml);
}

#define MARK(key, value) "cert-manager.io/" key ": '" value "'"
#define OURS MARK("certificate-name", "web") ", "

static void test_differences(void **state)
{
    (void)state;
    static const char acme[] = "acme: {server: 'https://acme-v02.api.letsencrypt.org/directory'}";
    const struct given rows[] = {
        {.what = "as asked for"},
        {.what = "in another order and case",
         .names = "dnsNames: ['*.B.example.com', A.example.com], ipAddresses: ['2001:DB8:0:0::1', "
                  "192.0.2.1]"},
        {.what = "a name more is asked for",
         .names = "dnsNames: [a.example.com, '*.b.example.com', c.example.com], ipAddresses: "
                  "[192.0.2.1, '2001:db8::1']",
         .differences = {"it lacks c.example.com of the spec"}},
        {.what = "a name less",
         .names = "dnsNames: [a.example.com], ipAddresses: [192.0.2.1, '2001:db8::1']",
         .differences = {"it has *.b.example.com, which the spec does not ask for"}},
        {.what = "the common name is among the names",
         .names = "dnsNames: ['*.b.example.com'], commonName: a.example.com, ipAddresses: "
                  "[192.0.2.1, '2001:db8::1']"},
        {.what = "another address",
         .names = "dnsNames: [a.example.com, '*.b.example.com'], ipAddresses: [192.0.2.2, "
                  "'2001:db8::1']",
         .differences = {"it lacks 192.0.2.2", "it has 192.0.2.1"}},
        {.what = "a URI and a mail address",
         .names = "dnsNames: [a.example.com, '*.b.example.com'], ipAddresses: [192.0.2.1, "
                  "'2001:db8::1'], uris: ['spiffe://x/y'], emailAddresses: [a@b.c]",
         .differences = {"it lacks a@b.c, spiffe://x/y of the spec"}},
        {.what = "RSA was asked for",
         .spec = "isCA: false",
         .differences = {"its key is ECDSA P-256, the spec asks for RSA 2048"}},
        {.what = "another curve",
         .spec = "privateKey: {algorithm: ECDSA, size: 384}",
         .differences = {"its key is ECDSA P-256, the spec asks for ECDSA P-384"}},
        {.what = "Ed25519",
         .spec = "privateKey: {algorithm: Ed25519}",
         .differences = {"its key is ECDSA P-256, the spec asks for Ed25519"}},
        {.what = "the key of another request",
         .signer = &root.key,
         .differences = {"its key is not the request's"}},
        {.what = "ninety days", .spec = "privateKey: {algorithm: ECDSA}, duration: 2160h"},
        {.what = "a duration that is two percent and ten minutes less",
         .spec = "privateKey: {algorithm: ECDSA}, duration: 7622942s"},
        {.what = "and a second more than that",
         .spec = "privateKey: {algorithm: ECDSA}, duration: 7622941s",
         .differences = {"it lives 90d, the spec asks for"}},
        {.what = "another duration",
         .spec = "privateKey: {algorithm: ECDSA}, duration: 24h",
         .differences = {"it lives 90d, the spec asks for 24h"}},
        {.what = "an ACME server chooses it",
         .issuer = acme,
         .spec = "privateKey: {algorithm: ECDSA}, duration: 24h, commonName: '*.b.example.com'"},
        {.what = "another common name",
         .spec = "privateKey: {algorithm: ECDSA}, commonName: '*.b.example.com'",
         .differences = {"its common name is a.example.com, the spec asks for *.b.example.com"}},
        {.what = "another end",
         .status = "notBefore: '2026-09-01T00:00:00Z', notAfter: '2026-12-01T00:00:00Z'",
         .differences = {"it ends 2026-11-30T00:00:00Z, the status says 2026-12-01T00:00:00Z"}},
        {.what = "another beginning",
         .status = "notBefore: '2026-09-01T00:00:01Z', notAfter: '2026-11-30T00:00:00Z'",
         .differences = {"it begins 2026-09-01T00:00:00Z, the status says"}},
        {.what = "the Secret's marks fit",
         .marks = "cert-manager.io/certificate-name: web, "
                  "cert-manager.io/alt-names: '*.b.example.com,a.example.com', "
                  "cert-manager.io/ip-sans: '192.0.2.1,2001:db8::1', "
                  "cert-manager.io/uri-sans: '', cert-manager.io/common-name: a.example.com, "
                  "cert-manager.io/issuer-name: ca, cert-manager.io/issuer-kind: ClusterIssuer, "
                  "cert-manager.io/issuer-group: cert-manager.io"},
        {.what = "another Certificate's Secret",
         .marks = MARK("certificate-name", "other") ", " MARK("alt-names", "x.example.com"),
         .differences = {"Secret a/web-tls holds Certificate other's"}},
        {.what = "a Secret for other names",
         .marks = OURS MARK("alt-names", "a.example.com,x.example.com"),
         .differences = {"a/web-tls was written for other names: x.example.com instead of "
                         "*.b.example.com"}},
        {.what = "a Secret with a name less",
         .marks = OURS MARK("alt-names", "a.example.com"),
         .differences = {"other names: without *.b.example.com"}},
        {.what = "a Secret for other addresses",
         .marks = OURS MARK("ip-sans", "192.0.2.1,2001:db8::1,192.0.2.9"),
         .differences = {"other addresses: 192.0.2.9"}},
        {.what = "a Secret for another common name",
         .marks = OURS MARK("common-name", "x"),
         .differences = {"written for the common name 'x', not 'a.example.com'"}},
        {.what = "a Secret of another issuer",
         .marks = OURS MARK("issuer-name", "old") ", " MARK("issuer-kind", "ClusterIssuer"),
         .differences = {"issued by ClusterIssuer old, the spec names ClusterIssuer ca"}},
        {.what = "a Secret of an issuer of another kind",
         .marks = OURS MARK("issuer-name", "ca"),
         .differences = {"issued by Issuer ca, the spec names ClusterIssuer ca"}},
        {.what = "a Secret of an issuer of another group",
         .marks = OURS MARK("issuer-name", "ca") ", " MARK(
             "issuer-kind", "ClusterIssuer") ", " MARK("issuer-group", "corp.example.com"),
         .differences = {"issued by ClusterIssuer ca of corp.example.com, the spec names "
                         "ClusterIssuer ca"}},
        {.what = "a temporary one has no issuer",
         .marks = OURS MARK("alt-names", "a.example.com,*.b.example.com")},
        {.what = "marks of before v0.11",
         .marks = "certmanager.k8s.io/certificate-name: web, certmanager.k8s.io/issuer-name: old, "
                  "certmanager.k8s.io/issuer-kind: ClusterIssuer",
         .differences = {"issued by ClusterIssuer old"}},
        {.what = "a Secret in a file that holds it", .stored = &leaf},
        {.what = "a Secret in a file that holds another",
         .stored = &stranger,
         .differences = {"Secret a/web-tls holds another one, which ends 2026-11-30T00:00:00Z"}},
        {.what = "a Secret in a file that holds none",
         .crt = "bm8gUEVN",
         .differences = {"Secret a/web-tls: unreadable certificate: no PEM block"}},
        {.what = "only the Secret is left", .stored = &leaf, .collected = true},
        {.what = "only another's Secret is left",
         .stored = &stranger,
         .collected = true,
         .differences = {"it lacks"}},
        {.what = "all at once",
         .names = "dnsNames: [z.example.com]",
         .spec = "duration: 1h",
         .status = "notAfter: '9999-12-31T23:59:59Z'",
         .differences = {"it lacks z.example.com",
                         "it has *.b.example.com, 192.0.2.1, 2001:db8::1, "
                         "a.example.com",
                         "its key is"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct issued_certificate issued;
        char *yaml = world_of(&rows[i]);
        world_open(&w, yaml, time_parse("2026-09-10T00:00:00Z"));
        certificate_issued(&w.mesh,
                           OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web")),
                           &issued);
        assert_true(issued.known);
        assert_int_equal(issued.stored, rows[i].collected);
        assert_int_equal(issued.chain_problem != NULL, issued.stored && rows[i].stored != &leaf);
        uint32_t n = 0;
        bool same = true;
        for (; n < 3 && rows[i].differences[n] != NULL; n++) {
            same = same && n < issued.differences.n &&
                   strstr(issued.differences.at[n], rows[i].differences[n]) != NULL;
        }
        if (!same || (n < 3 && issued.differences.n != n)) {
            for (uint32_t k = 0; k < issued.differences.n; k++) {
                print_message("  %s\n", issued.differences.at[k]);
            }
            fail_msg("%s: %u differences", rows[i].what, issued.differences.n);
        }
        // The findings say the same, one each.
        struct findings f = {0};
        uint32_t told = 0;
        certificate_findings(&w.mesh, &f);
        for (uint32_t k = 0; k < f.n; k++) {
            told += strcmp(f.at[k].code, "GT0208") == 0 &&
                    (issued.chain_problem == NULL || strstr(f.at[k].message, "chain") == NULL);
        }
        assert_int_equal(told, issued.differences.n);
        world_close(&w);
        free(yaml);
    }
}

// Where the names come from, and that the nearest to what is used counts (docs/rules/certificates.md#names-from).
// A bare leaf is incomplete where an ACME server issued it: other CAs may give their root in another way
// (docs/rules/certificates.md#chain-order).
static void test_a_bare_leaf(void **state)
{
    (void)state;
    static const struct {
        const char *issuer;
        bool incomplete;
    } rows[] = {{"acme: {server: 'https://ca.example/dir'}", true},
                {"ca: {secretName: root}", false},
                {"vault: {server: 'https://v', path: p}", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct issued_certificate issued;
        struct buf pem, bare;
        buf_init(&pem, 0);
        buf_init(&bare, 0);
        madecert_pem(leaf.cert, &pem);
        base64_encode(pem.data, pem.len, &bare);
        char *yaml = world_of(&(struct given){
            .issuer = rows[i].issuer, .crt = bare.data, .collected = true, .marks = OURS ""});
        world_open(&w, yaml, time_parse("2026-09-10T00:00:00Z"));
        certificate_issued(&w.mesh,
                           OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web")),
                           &issued);
        assert_true(issued.known && issued.stored);
        assert_int_equal(issued.chain.n, 1);
        assert_int_equal(issued.chain_problem != NULL, rows[i].incomplete);
        world_close(&w);
        buf_release(&pem);
        buf_release(&bare);
        free(yaml);
    }
}

static void test_names_from(void **state)
{
    (void)state;
    static const char asked[] = "dnsNames: [z.example.com]";
    const struct {
        struct given given;
        enum names_from from;
        const char *name; // one of them
        uint32_t n;
    } rows[] = {
        {{.names = asked}, NAMES_ISSUED, "a.example.com", 4},
        {{.names = asked,
          .marks = OURS MARK("alt-names", "x.example.com") ", " MARK("ip-sans", "192.0.2.9")},
         NAMES_SECRET,
         "192.0.2.9",
         2},
        {{.names = asked,
          .marks = MARK("certificate-name", "other") ", " MARK("alt-names", "x.example.com")},
         NAMES_ISSUED,
         "a.example.com",
         4},
        {{.names = asked,
          .stored = &leaf,
          .collected = true,
          .marks = OURS MARK("alt-names", "x.example.com")},
         NAMES_ISSUED,
         "a.example.com",
         4},
        {{.names = asked,
          .collected = true,
          .marks = MARK("certificate-name", "other") ", " MARK("alt-names", "x.example.com")},
         NAMES_SPEC,
         "z.example.com",
         1},
        {{.names = "dnsNames: [z.example.com], ipAddresses: [192.0.2.8]", .collected = true},
         NAMES_SPEC,
         "192.0.2.8",
         2},
        {{.names = "commonName: cn.example.com", .collected = true},
         NAMES_SPEC,
         "cn.example.com",
         1},
        {{.names = "commonName: cn.example.com, dnsNames: [z.example.com]", .collected = true},
         NAMES_SPEC,
         "z.example.com",
         1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        enum names_from from;
        char *yaml = world_of(&rows[i].given);
        world_open(&w, yaml, time_parse("2026-09-10T00:00:00Z"));
        struct str_list names = certificate_names(
            &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web")),
            &from);
        if (from != rows[i].from || names.n != rows[i].n || !str_list_has(&names, rows[i].name)) {
            fail_msg("case %zu: %u names %s, not %s", i, names.n, names_from_text(from),
                     rows[i].name);
        }
        world_close(&w);
        free(yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_a_bare_leaf),
        cmocka_unit_test(test_names_from),
    };
    return cmocka_run_group_tests(tests, make_chain, free_chain);
}
