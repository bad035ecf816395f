// SPDX-License-Identifier: Apache-2.0
// The rows of the views issuers and requests.
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/issuer_list.h"
#include "kube/mesh/cert/request_list.h"

#include "tests/support/certyaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

#define ISSUER_OF(kind, meta, spec, status) "---\napiVersion: cert-manager.io/v1\nkind: " kind "\nmetadata: {" meta "}\nspec: {" spec "}\n" status
#define CONDITIONS(ready, reason, message) "status: {conditions: [{type: Ready, status: '" ready "', reason: " reason ", message: '" message "'}]}\n"
#define CERTIFICATE_OF(name, issuer) "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: " name ", namespace: a}\nspec: {secretName: " name ", issuerRef: {" issuer "}}\n"
#define REQUEST_OF(name, created, username, conditions) "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: " name ", namespace: a, creationTimestamp: '" created "'}\nspec: {issuerRef: {name: le}, request: eA==, username: " username "}\nstatus:\n  conditions:\n" conditions
// clang-format on

static void issuers_in_rows(void **state)
{
    (void)state;
    static const char yaml[] = ISSUER_OF(
        "Issuer", "name: b, namespace: a",
        "acme: {server: 'https://ca.example.com/dir', solvers: [{http01: {ingress: {}}}, {dns01: "
        "{route53: {}}}]}",
        CONDITIONS("False", "ErrRegisterACMEAccount", "no"))
        ISSUER_OF("ClusterIssuer", "name: le",
                  "acme: {server: 'https://acme-v01.api.letsencrypt.org/directory'}",
                  CONDITIONS("True", "ok", "ok"))
            ISSUER_OF("Issuer", "name: le, namespace: a", "selfSigned: {}", "")
                CERTIFICATE_OF("one", "name: le, kind: ClusterIssuer") CERTIFICATE_OF(
                    "two", "name: le, kind: ClusterIssuer") CERTIFICATE_OF("three", "name: le")
                    CERTIFICATE_OF("four", "name: le, kind: ClusterIssuer, group: other.io");
    static const struct {
        const char *name, *ns, *ca, *reason;
        enum verdict verdict;
        unsigned certificates, solvers;
    } want[] = {
        {"le", "", "ACME", "this server was switched off", VERDICT_WARNING, 2, 0},
        {"b", "a", "ACME", "no", VERDICT_BROKEN, 0, 3},
        {"le", "a", "self-signed", "no controller", VERDICT_UNKNOWN, 1, 0},
    };
    struct world w;
    world_open(&w, yaml, time_parse(NOW));
    struct issuer_rows rows = issuer_list(&w.mesh);
    assert_int_equal(rows.n, ARRAY_COUNT(want));
    for (size_t i = 0; i < ARRAY_COUNT(want); i++) {
        const struct issuer_row *r = &rows.at[i];
        assert_string_equal(r->issuer->o.name, want[i].name);
        assert_string_equal(r->issuer->o.ns, want[i].ns);
        assert_string_equal(r->ca.kind, want[i].ca);
        assert_true(str_starts(r->reason, want[i].reason));
        assert_int_equal(r->verdict, want[i].verdict);
        assert_int_equal(r->certificates, want[i].certificates);
        assert_int_equal(r->kinds_of_solver, want[i].solvers);
    }
    world_close(&w);
}

static void requests_in_rows(void **state)
{
    (void)state;
    char *yaml = xasprintf(
        "%s%s",
        WORKING(ORDER("state: pending")
                    CHALLENGE("", "DNS-01",
                              "state: pending, processing: true, reason: \"check of "
                              "/.well-known/acme-challenge/secrettoken fails\"")),
        REQUEST_OF("csi", "2026-09-10T11:00:00Z", "csi-driver", "    []\n")
            REQUEST_OF("denied", "2026-09-10T11:59:00Z", "istio",
                       CONDITION("Denied", "True", "Policy", "not this", NOW))
                REQUEST_OF("failed", "2026-09-10T11:59:00Z", "istio",
                           APPROVED CONDITION("Ready", "False", "Failed", "no", NOW))
                    REQUEST_OF("fresh", "2026-09-10T11:59:30Z", "istio", "    []\n")
                        REQUEST_OF("issued", "2026-09-10T11:00:00Z", "istio",
                                   APPROVED CONDITION("Ready", "True", "Issued", "ok", NOW)));
    static const struct {
        const char *name, *state, *certificate, *requester, *words;
        enum verdict verdict;
    } want[] = {
        {"csi", "UNAPPROVED", "", "csi-driver", "waits for its approval", VERDICT_WARNING},
        {"denied", "DENIED", "", "istio", "not this", VERDICT_BROKEN},
        {"failed", "FAILED", "", "istio", "no", VERDICT_BROKEN},
        {"fresh", "UNAPPROVED", "", "istio", "waits for its approval", VERDICT_PENDING},
        {"issued", "ISSUED", "", "istio", "", VERDICT_OK},
        {"web-1", "PENDING", "web", "", "Waiting on certificate issuance", VERDICT_WARNING},
        {"web-1-1", "PENDING", "", "", "", VERDICT_WARNING},
        {"web-1-1-1", "PENDING", "", "", "check of /.well-known/acme-challenge/", VERDICT_WARNING},
    };
    struct world w;
    world_open(&w, yaml, time_parse(NOW));
    struct request_rows rows = request_list(&w.mesh);
    assert_int_equal(rows.n, ARRAY_COUNT(want));
    for (size_t i = 0; i < ARRAY_COUNT(want); i++) {
        const struct request_row *r = &rows.at[i];
        assert_string_equal(r->object->name, want[i].name);
        assert_string_equal(r->state, want[i].state);
        assert_string_equal(str_or_empty(r->certificate), want[i].certificate);
        assert_string_equal(str_or_empty(r->requester), want[i].requester);
        assert_true(str_starts(r->reason, want[i].words));
        assert_int_equal(r->verdict, want[i].verdict);
        assert_null(strstr(r->reason, "secrettoken")); // docs/rules/certificates.md#mask-tokens
    }
    assert_string_equal(rows.at[6].names, "web.example.com");
    assert_string_equal(rows.at[7].names, "web.example.com");
    free(yaml);
    world_close(&w);
}

// Of Challenges: which wait, and which cannot be deleted.
static void challenges_in_rows(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *state;
        enum verdict verdict;
    } t[] = {
        {CHALLENGE("", "DNS-01", "state: pending"), "QUEUED", VERDICT_WARNING},
        {CHALLENGE("", "DNS-01", "processing: false"), "QUEUED", VERDICT_WARNING},
        {CHALLENGE("", "DNS-01", "state: valid"), "VALID", VERDICT_OK},
        {CHALLENGE("", "DNS-01", "state: invalid"), "INVALID", VERDICT_BROKEN},
        {CHALLENGE(", deletionTimestamp: '2026-09-10T11:50:00Z', finalizers: [x]", "DNS-01",
                   "state: valid"),
         "DELETING", VERDICT_WARNING},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct world w;
        world_open(&w, t[i].yaml, time_parse(NOW));
        struct request_rows rows = request_list(&w.mesh);
        assert_int_equal(rows.n, 1);
        assert_string_equal(rows.at[0].state, t[i].state);
        assert_int_equal(rows.at[0].verdict, t[i].verdict);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuers_in_rows),
        cmocka_unit_test(requests_in_rows),
        cmocka_unit_test(challenges_in_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
