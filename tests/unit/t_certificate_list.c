// SPDX-License-Identifier: Apache-2.0
// Certificates beside what was issued: findings, expiry, chains, and objects that no cluster should hold.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/check/certificate_expiring.h"
#include "kube/mesh/check/certificate_findings.h"

#include "tests/support/certyaml.h"
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

static struct world w;

static bool found(const struct findings *f, const char *code, const char *words)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (strcmp(f->at[i].code, code) == 0 && strstr(f->at[i].message, words) != NULL) {
            return true;
        }
    }
    return false;
}

static void test_findings(void **state)
{
    (void)state;
    world_open(
        &w,
        CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY)
            ISSUER "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: wild, "
                   "namespace: a}\nspec: {secretName: web-tls, dnsNames: ['*.x.io', 'f*.x.io'], "
                   "issuerRef: {name: gone}}\n"
                   "---\napiVersion: v1\nkind: Secret\nmetadata: {name: old, namespace: a, "
                   "annotations: {cert-manager.io/certificate-name: lost}}\n",
        time_parse(NOW));
    struct findings f = {0};
    certificate_findings(&w.mesh, &f);
    assert_true(found(&f, "GT0201", "FAILED: no; next try 2026-09-10T12:30:00Z"));
    assert_true(found(&f, "GT0203", "web and wild"));
    assert_true(found(&f, "GT0204", "Secret a/old"));
    assert_true(found(&f, "GT0205", "Issuer a/gone"));
    assert_true(found(&f, "GT0209", "f*.x.io"));
    assert_false(found(&f, "GT0201", "UNKNOWN"));
    world_close(&w);
}

static void test_expiring(void **state)
{
    (void)state;
    // Fifty days and a half, ten of them left.
    world_open(
        &w,
        CERTIFICATE("", "",
                    "status:\n  revision: 1\n" DATES(
                        "2026-09-20T00:00:00Z", "2026-09-20T12:00:00Z") "  conditions:\n" READY),
        time_parse(NOW));
    static const struct {
        struct certificate_within within;
        uint32_t found;
    } rows[] = {{{9 * 86400, 0}, 0},  {{10 * 86400 - 1, 0}, 0},
                {{10 * 86400, 0}, 1}, {{14 * 86400, 0}, 1},
                {{0, 19}, 0},         {{0, 20}, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct findings f = {0};
        certificate_expiring(&w.mesh, &rows[i].within, &f);
        assert_int_equal(f.n, rows[i].found);
        if (f.n != 0) {
            assert_string_equal(f.at[0].message, "ends 2026-09-20T12:00:00Z (READY)");
            assert_int_equal(f.at[0].severity, SEVERITY_ERROR);
        }
    }
    world_close(&w);
}

// Thresholds go by the lifetime (docs/rules/certificates.md#relative-expiry): a sixth of 160 hours is a day and
// some, of 90 days 15 days.
static void test_relative_expiry(void **state)
{
    (void)state;
    static const struct {
        int64_t life, left; // hours
        const char *renew_before;
        enum verdict verdict;
    } rows[] = {
        {2160, 2000, NULL, VERDICT_OK},     {2160, 721, NULL, VERDICT_OK},
        {2160, 720, NULL, VERDICT_WARNING}, {2160, 360, NULL, VERDICT_WARNING},
        {2160, 359, NULL, VERDICT_BROKEN},  {2160, 0, NULL, VERDICT_BROKEN},
        {2160, -5, NULL, VERDICT_BROKEN},   {2160, 400, "360h", VERDICT_OK},
        {160, 100, NULL, VERDICT_OK},       {160, 54, NULL, VERDICT_OK},
        {160, 53, NULL, VERDICT_WARNING},   {160, 27, NULL, VERDICT_WARNING},
        {160, 26, NULL, VERDICT_BROKEN},    {1080, 361, NULL, VERDICT_OK},
        {1080, 360, NULL, VERDICT_WARNING}, {1080, 179, NULL, VERDICT_BROKEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct buf yaml;
        arena_init(&a);
        buf_init(&yaml, 0);
        int64_t end = time_parse(NOW) + rows[i].left * 3600;
        buf_addf(&yaml,
                 "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, "
                 "namespace: a}\nspec: {secretName: s, dnsNames: [x.example.com]%s%s}\nstatus:\n"
                 "  notBefore: '%s'\n  notAfter: '%s'\n  revision: 1\n  conditions:\n" READY,
                 rows[i].renew_before != NULL ? ", renewBefore: " : "",
                 str_or_empty(rows[i].renew_before), time_format(&a, end - rows[i].life * 3600),
                 time_format(&a, end));
        struct certificate_status s = certyaml_status(&w, yaml.data);
        if (s.expiry != rows[i].verdict) {
            fail_msg("%d h of %d h: %s", (int)rows[i].left, (int)rows[i].life,
                     verdict_name(s.expiry));
        }
        world_close(&w);
        buf_release(&yaml);
        arena_release(&a);
    }
}

// --- what a cluster should not hold, but may

struct bad_case {
    const char *what, *yaml;
    enum certificate_state state;
    enum certificate_stage stage;
    const char *words; // of the reason
};

#define OLD_REQUEST                                                                                \
    "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"                              \
    "metadata: {name: web-0, namespace: a, uid: r0, creationTimestamp: '2026-09-10T11:59:00Z', "   \
    "annotations: {cert-manager.io/certificate-name: web, "                                        \
    "cert-manager.io/certificate-revision: '0'}, ownerReferences: [{apiVersion: "                  \
    "cert-manager.io/v1, kind: Certificate, name: web, uid: c1, controller: true}]}\n"             \
    "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"                          \
    "status:\n  conditions:\n" CONDITION("Ready", "False", "Pending", "old",                       \
                                         "2026-09-10T11:59:00Z")
#define SECOND_ORDER                                                                               \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\n"                                      \
    "metadata: {name: web-1-0, namespace: a, uid: o0, creationTimestamp: "                         \
    "'2026-09-10T11:20:00Z', ownerReferences: [{apiVersion: cert-manager.io/v1, kind: "            \
    "CertificateRequest, name: web-1, uid: r1, controller: true}]}\n"                              \
    "spec: {dnsNames: [web.example.com], issuerRef: {name: le}, request: eA==}\n"                  \
    "status: {state: errored, reason: the older one}\n"

// clang-format off
static const struct bad_case bad_cases[] = {
    {"conditions in odd order", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" NOT_READY CONDITION("Strange", "Unknown", "X", "y", "2026-09-10T11:30:00Z") FAILED("no")), CERTIFICATE_FAILED, STAGE_REQUEST, "no"},
    {"a condition of no reason and no message", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n  - {type: Issuing, status: 'False'}\n" NOT_READY) ISSUER, CERTIFICATE_FAILED, STAGE_CERTIFICATE, ""},
    {"a condition without a time", CERTIFICATE("", "", "status:\n  conditions:\n  - {type: Issuing, status: 'True', reason: Renewing}\n" NOT_READY) ISSUER, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, "Renewing"},
    {"begun in the future", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-11T11:30:00Z") NOT_READY) ISSUER, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, ""},
    {"fractions and an offset", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T13:29:59.999+02:00") NOT_READY) ISSUER, CERTIFICATE_STUCK, STAGE_CERTIFICATE, ""},
    {"ends before it begins", CERTIFICATE("", "", "status:\n  revision: 1\n  notBefore: '2026-12-01T00:00:00Z'\n  notAfter: '2026-11-01T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_READY, STAGE_ISSUED, ""},
    {"a negative renewBefore", CERTIFICATE("", ", renewBefore: -5h", "status:\n  revision: 1\n  notBefore: '2026-09-01T00:00:00Z'\n  notAfter: '2026-12-01T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_READY, STAGE_ISSUED, ""},
    {"renewBefore longer than duration", CERTIFICATE("", ", duration: 2h, renewBefore: 9000h", "status:\n  revision: 1\n  notBefore: '2026-09-01T00:00:00Z'\n  notAfter: '2026-12-01T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_READY, STAGE_ISSUED, ""},
    {"attempts below zero", CERTIFICATE("", "", "status:\n" FAILURE("-7") "  conditions:\n" FAILED("no") NOT_READY), CERTIFICATE_FAILED, STAGE_REQUEST, "no"},
    {"an Order without authorizations", WORKING(ORDER("state: pending")), CERTIFICATE_ISSUING, STAGE_ORDER, "Order a/web-1-1 is pending"},
    {"an Order state nobody knows", WORKING(ORDER("state: Dreaming")), CERTIFICATE_ISSUING, STAGE_ORDER, "Dreaming"},
    {"two Orders of one request: the newer", WORKING(ORDER("state: pending") SECOND_ORDER), CERTIFICATE_ISSUING, STAGE_ORDER, "Order a/web-1-1 is pending"},
    {"two Orders of one request, the older first", WORKING(SECOND_ORDER ORDER("state: pending")), CERTIFICATE_ISSUING, STAGE_ORDER, "Order a/web-1-1 is pending"},
    {"a request of an older revision still pending", WORKING(ORDER("state: pending") OLD_REQUEST), CERTIFICATE_ISSUING, STAGE_ORDER, "Order a/web-1-1 is pending"},
    {"only a request of an older revision", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) ISSUER OLD_REQUEST, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, "no CertificateRequest has been made"},
    {"a request without ownerReferences", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) ISSUER
        "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: web-1, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/certificate-revision: '1'}}\n"
        "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\nstatus:\n  conditions:\n" APPROVED PENDING, CERTIFICATE_ISSUING, STAGE_ORDER, "Waiting on certificate issuance from order a/o"},
    {"an issuer of another group", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:00:00Z'}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le, kind: Corp, group: corp.example.com}}\n", CERTIFICATE_NOT_PICKED_UP, STAGE_CERTIFICATE, "is cert-manager running?"},
    {"no spec to speak of", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:00:00Z'}\nspec: {}\n", CERTIFICATE_NOT_PICKED_UP, STAGE_CERTIFICATE, "no controller"},
};
// clang-format on

// Each is shown as what it is, and a good Certificate beside it is not disturbed.
static void test_bad_input(void **state)
{
    (void)state;
    static const char good[] =
        "---\napiVersion: cert-manager.io/v1\nkind: Certificate\n"
        "metadata: {name: good, namespace: a, uid: c9, creationTimestamp: '2026-09-01T00:00:00Z'}\n"
        "spec: {secretName: good-tls, dnsNames: [good.example.com], issuerRef: {name: le, kind: "
        "ClusterIssuer}}\n"
        "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z",
                                         "2026-12-01T00:00:00Z") "  conditions:\n" READY;
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        const struct bad_case *b = &bad_cases[i];
        struct buf yaml;
        buf_init(&yaml, 0);
        buf_adds(&yaml, b->yaml);
        buf_adds(&yaml, good);
        struct certificate_status s = certyaml_status(&w, yaml.data);
        if (s.state != b->state || s.stage != b->stage || strstr(s.reason, b->words) == NULL) {
            fail_msg("%s: %s, stage %s: %s", b->what, certificate_state_name(s.state),
                     certificate_stage_name(s.stage), s.reason);
        }
        for (int k = 0; k < STEP_COUNT; k++) {
            assert_true(s.steps[k].seconds >= -1);
        }
        const struct object *o = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "good");
        certificate_status_fill(&w.mesh, OBJECT_AS(certificate, o), &s);
        assert_int_equal(s.state, CERTIFICATE_READY);
        assert_string_equal(s.reason, "");
        world_close(&w);
        buf_release(&yaml);
    }
    struct certificate_status s = certyaml_status(&w, bad_cases[6].yaml);
    assert_int_equal(s.renews, time_parse("2026-11-01T00:00:00Z") - 8 * 3600);
    world_close(&w);
}

// What a corpus of one knows about its issuer.
static void test_issuer(void **state)
{
    (void)state;
    world_open(
        &w,
        CERTIFICATE("", "", "") "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\n"
                                "metadata: {name: moved}\nspec: {acme: {server: "
                                "'https://acme-v02.api.letsencrypt.org/directory'}}\n"
                                "status: {acme: {uri: "
                                "'https://acme-staging-v02.api.letsencrypt.org/acme/acct/1'}}\n",
        time_parse(NOW));
    struct issuer_ca ca;
    issuer_ca_fill(OBJECT_AS(issuer, mesh_get(&w.mesh, KIND_CLUSTERISSUER, "", "moved")), &ca);
    assert_int_equal(ca.environment, ACME_PRODUCTION);
    assert_string_equal(ca.kind, "ACME");
    assert_non_null(strstr(ca.note, "not registered with this server"));
    const struct certificate *c =
        OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web"));
    struct issued_certificate issued;
    certificate_issued(&w.mesh, c, &issued);
    assert_false(issued.known);
    assert_null(issued.error);
    world_close(&w);
}

// The kind of an issuer, and whether its account is of another server: by the hosts alone
// (docs/rules/certificates.md#issuer-reference, docs/rules/certificates.md#account-moved).
static void test_kinds_of_issuers(void **state)
{
    (void)state;
    static const struct {
        const char *spec, *status, *kind, *note; // words of the note, NULL: none
    } rows[] = {
        {"ca: {secretName: root}", "", "CA", NULL},
        {"selfSigned: {}", "", "self-signed", NULL},
        {"vault: {server: 'https://v', path: p}", "", "Vault", NULL},
        {"venafi: {zone: z}", "", "Venafi", NULL},
        {"", "", "unknown", NULL},
        {"acme: {server: 'https://ca.example/dir'}", "", "ACME", NULL},
        {"acme: {server: 'https://ca.example/dir'}", "acme: {uri: 'https://CA.example:443/acct/1'}",
         "ACME", NULL},
        {"acme: {server: 'https://ca.example/dir'}", "acme: {uri: 'https://old.example/acct/1'}",
         "ACME", "not registered with this server"},
        {"acme: {server: 'https://acme-v01.api.letsencrypt.org/directory'}", "", "ACME",
         "switched off"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *yaml = xasprintf("apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\n"
                               "metadata: {name: le}\nspec: {%s}\nstatus: {%s}\n",
                               rows[i].spec, rows[i].status);
        struct issuer_ca ca;
        world_open(&w, yaml, 0);
        issuer_ca_fill(OBJECT_AS(issuer, mesh_get(&w.mesh, KIND_CLUSTERISSUER, "", "le")), &ca);
        assert_string_equal(ca.kind, rows[i].kind);
        if (rows[i].note == NULL) {
            assert_null(ca.note);
        } else {
            assert_non_null(ca.note);
            assert_non_null(strstr(ca.note, rows[i].note));
        }
        world_close(&w);
        free(yaml);
    }
}

// An issued chain that cannot be read is reported; nothing else changes.
static void test_unreadable_chain(void **state)
{
    (void)state;
    static const char yaml[] =
        CERTIFICATE("", "",
                    "status:\n  revision: 1\n" DATES(
                        "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
            ISSUER
            REQUEST(APPROVED CONDITION("Ready", "True", "Issued", "ok",
                                       "2026-09-01T00:00:00Z") "  certificate: bm8gUEVN\n");
    struct certificate_status s = certyaml_status(&w, yaml);
    assert_int_equal(s.state, CERTIFICATE_READY);
    struct issued_certificate issued;
    certificate_issued(&w.mesh, s.certificate, &issued);
    assert_false(issued.known);
    assert_non_null(strstr(issued.error, "unreadable certificate"));
    struct findings f = {0};
    certificate_findings(&w.mesh, &f);
    assert_true(found(&f, "GT0208", "unreadable certificate"));
    world_close(&w);
}

// Of a Secret in a file tls.crt alone is read, whatever the rest holds.
static void test_secret_in_a_file(void **state)
{
    (void)state;
    world_open(&w,
               "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\n"
               "metadata: {name: s, namespace: a}\n"
               "data: {tls.crt: aGVsbG8=, tls.key: '!! no base64 !!', password: c2VjcmV0}\n",
               time_parse(NOW));
    const struct object *o = mesh_get(&w.mesh, KIND_SECRET, "a", "s");
    assert_non_null(o);
    assert_string_equal(OBJECT_AS(secret, o)->tls_crt, "hello");
    world_close(&w);
}

// --- older groups and versions (docs/rules/certificates.md#api-groups, docs/rules/certificates.md#older-spellings)

// The chain as a controller of that time wrote it: old spellings, its annotations, its owners.
static char *legacy_world(const char *group, const char *acme, const char *version,
                          const char *owner)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "apiVersion: %s/%s\nkind: Certificate\nmetadata: {name: web, namespace: a, uid: c1, "
             "creationTimestamp: '2026-09-10T11:00:00Z'}\n"
             "spec: {secretName: web-tls, dnsNames: ['*.x.example.com'], keyAlgorithm: ecdsa, "
             "keySize: 256, issuerRef: {name: le, kind: Issuer}}\n"
             "status:\n  conditions:\n  - {type: Ready, status: 'False', reason: InProgress, "
             "message: Waiting for CertificateRequest}\n",
             group, version);
    buf_addf(&b,
             "---\napiVersion: %s/%s\nkind: Issuer\nmetadata: {name: le, namespace: a}\n"
             "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', dns01: "
             "{providers: [{name: prod, clouddns: {}}]}, solvers: [{dns01: {clouddns: {}}}]}}\n"
             "status: {conditions: [{type: Ready, status: 'True', reason: x, message: x}]}\n",
             group, version);
    if (strcmp(owner, "CertificateRequest") == 0) {
        buf_addf(
            &b,
            "---\napiVersion: %s/%s\nkind: CertificateRequest\nmetadata: {name: web-123, "
            "namespace: a, uid: r1, annotations: {%s/certificate-name: web}, "
            "ownerReferences: [{kind: Certificate, name: web, uid: c1}]}\n"
            "spec: {csr: eA==, issuerRef: {name: le, kind: Issuer}}\nstatus: {conditions: "
            "[{type: Ready, status: 'False', reason: Pending, message: 'Waiting on certificate "
            "issuance from order a/web-123-4: \"pending\"'}]}\n",
            group, version, group);
    }
    buf_addf(&b,
             "---\napiVersion: %s/%s\nkind: Order\nmetadata: {name: web-123-4, namespace: a, uid: "
             "o1, ownerReferences: [{kind: %s, name: %s, uid: %s}]}\n"
             "spec: {csr: eA==, dnsNames: ['*.x.example.com'], issuerRef: {name: le}}\n"
             "status: {state: pending}\n",
             acme, version, owner, strcmp(owner, "Certificate") == 0 ? "web" : "web-123",
             strcmp(owner, "Certificate") == 0 ? "c1" : "r1");
    buf_addf(&b,
             "---\napiVersion: %s/%s\nkind: Challenge\nmetadata: {name: web-123-4-0, namespace: a, "
             "labels: {acme.cert-manager.io/order-name: web-123-4}, ownerReferences: [{kind: "
             "Order, name: web-123-4, uid: o1}]}\n"
             "spec: {dnsName: x.example.com, wildcard: true, type: dns-01, authzURL: u, issuerRef: "
             "{name: le}}\nstatus: {state: pending, processing: true, presented: true, reason: "
             "'Waiting for dns-01 challenge propagation: DNS record for \"x.example.com\" not yet "
             "propagated'}\n",
             acme, version);
    return buf_take(&b);
}

static void test_older_versions(void **state)
{
    (void)state;
    static const struct {
        const char *group, *acme, *version, *owner;
    } rows[] = {
        {"certmanager.k8s.io", "certmanager.k8s.io", "v1alpha1", "Certificate"}, // v0.7
        {"certmanager.k8s.io", "certmanager.k8s.io", "v1alpha1", "CertificateRequest"},
        {"cert-manager.io", "acme.cert-manager.io", "v1alpha2", "CertificateRequest"},
        {"cert-manager.io", "acme.cert-manager.io", "v1alpha3", "CertificateRequest"},
        {"cert-manager.io", "acme.cert-manager.io", "v1beta1", "CertificateRequest"},
        {"cert-manager.io", "acme.cert-manager.io", "v1", "CertificateRequest"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *yaml = legacy_world(rows[i].group, rows[i].acme, rows[i].version, rows[i].owner);
        struct certificate_status s = certyaml_status(&w, yaml);
        if (s.stage != STAGE_CHALLENGE || s.mode != FAILURE_DNS01_PROPAGATION ||
            strstr(s.reason, "*.x.example.com fails: DNS record for") == NULL ||
            strstr(s.full, "not yet propagated") == NULL) {
            fail_msg("%s/%s: %s, stage %s, mode %d: %s", rows[i].group, rows[i].version,
                     certificate_state_name(s.state), certificate_stage_name(s.stage), s.mode,
                     s.reason);
        }
        assert_string_equal(s.certificate->key_algorithm, "ECDSA");
        assert_true(s.issuer.ready);
        world_close(&w);
        free(yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings),         cmocka_unit_test(test_expiring),
        cmocka_unit_test(test_relative_expiry),  cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_kinds_of_issuers), cmocka_unit_test(test_issuer),
        cmocka_unit_test(test_older_versions),   cmocka_unit_test(test_secret_in_a_file),
        cmocka_unit_test(test_unreadable_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
