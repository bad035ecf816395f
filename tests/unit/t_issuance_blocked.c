// SPDX-License-Identifier: Apache-2.0
// Issuances that do not continue for a reason beside ACME: what is said, and what to do.
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "tests/support/certyaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

#define ISSUING(spec, since) CERTIFICATE("", spec, "status:\n  conditions:\n" ISSUING_SINCE(since) NOT_READY)
#define OF(issuer) "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, uid: c1, creationTimestamp: '2026-09-10T10:00:00Z'}\nspec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: " issuer "}\nstatus:\n  conditions:\n" ISSUING_SINCE("2026-09-10T10:00:00Z") NOT_READY
#define PCA "{name: x, kind: AWSPCAClusterIssuer, group: awspca.cert-manager.io}"
#define ISSUED REQUEST(APPROVED CONDITION("Ready", "True", "Issued", "ok", "2026-09-10T11:40:00Z"))
#define JUST_ISSUED REQUEST(APPROVED CONDITION("Ready", "True", "Issued", "ok", "2026-09-10T11:58:00Z"))
#define KEYSTORE ", keystores: {pkcs12: {create: true, passwordSecretRef: {name: pass, key: k}}}"
#define SECRET(ns, name) "---\napiVersion: v1\nkind: Secret\nmetadata: {name: " name ", namespace: " ns "}\n"
#define REFUSED(message) EVENT("Certificate", "web", "c1", "Warning", "RequestFailed", message)
#define LONG ISSUING("", "2026-09-10T11:00:00Z")
#define DNS01(reason) WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: pending, processing: true, presented: false, reason: '" reason "'"))
#define CHECKED(reason) WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: pending, processing: true, presented: true, reason: 'Waiting for DNS-01 challenge propagation: " reason "'"))
#define QUEUED WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: pending, processing: false"))
#define TWIN(type, name, processing) "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\nmetadata: {name: o2, namespace: b, uid: o2, annotations: {cert-manager.io/certificate-name: other}}\nspec: {request: eA==, issuerRef: {name: le}}\n---\napiVersion: acme.cert-manager.io/v1\nkind: Challenge\nmetadata: {name: o2-1, namespace: b, ownerReferences: [{apiVersion: acme.cert-manager.io/v1, kind: Order, name: o2, uid: o2}]}\nspec: {dnsName: " name ", type: " type "}\nstatus: {state: pending, processing: " processing "}\n"
#define CM "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cm, namespace: cm}\nspec: {template: {spec: {containers: [{name: c, image: cert-manager-controller, args: ['--cluster-resource-namespace=$(POD_NAMESPACE)', '--dns01-recursive-nameservers=1.1.1.1:53']}]}}}\n"

static const struct row {
    const char *what, *yaml;
    const char *reason, *hint; // words of them
    const char *absent;        // not in either; NULL: any
} rows[] = {
    // docs/rules/certificates.md#issuer-reference
    {"a controller of another group is silent", OF(PCA) REQUEST(APPROVED), "AWSPCAClusterIssuer x (awspca.cert-manager.io) has not answered CertificateRequest a/web-1", "whether the controller of awspca.cert-manager.io runs", "a/x"},
    {"an issuer of another group refuses", OF(PCA) REQUEST(APPROVED CONDITION("Ready", "False", "Failed", "issuer is not ready", "2026-09-10T11:40:00Z")), "issuer is not ready", "see what AWSPCAClusterIssuer x (awspca.cert-manager.io) needs", "a/x"},
    {"a request for another group that nobody approves", OF(PCA) REQUEST("    []\n"), "not approved yet", "verb approve on signers of awspca.cert-manager.io", NULL},
    {"the kind of the issuer is wrong", ISSUING("", "2026-09-10T11:55:00Z") "---\napiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: le, namespace: a}\nspec: {selfSigned: {}}\n", "ClusterIssuer le not found", "namespace a has an Issuer named le: set issuerRef.kind to Issuer", NULL},
    // docs/rules/certificates.md#certificate-events
    {"no request for an hour", LONG ISSUER, "no CertificateRequest has been made for a/web", "controller's log", NULL},
    {"no request for two minutes", ISSUING("", "2026-09-10T11:58:00Z") ISSUER, "", "", "CertificateRequest"},
    // docs/rules/certificates.md#failure-webhook
    {"cert-manager's webhook", LONG ISSUER REFUSED("Failed to create CertificateRequest: Internal error occurred: failed calling webhook \"webhook.cert-manager.io\": failed to call webhook: Post \"https://cert-manager-webhook.cert-manager.svc:443/validate\": dial tcp 10.0.0.33:443: connect: connection refused"), "connection refused", "cannot call cert-manager's webhook", "edit"},
    {"its conversion", LONG ISSUER REFUSED("Failed to create CertificateRequest: conversion webhook for cert-manager.io/v1alpha2, Kind=CertificateRequest failed: Post https://cert-manager-webhook.cert-manager.svc:443/convert: x509: certificate signed by unknown authority"), "unknown authority", "cannot call cert-manager's webhook", "edit"},
    {"another webhook", LONG ISSUER REFUSED("Failed to create CertificateRequest: Internal error occurred: failed calling webhook \"validate.kyverno.svc\": context deadline exceeded"), "deadline", "cannot call webhook validate.kyverno.svc", "cert-manager-webhook"},
    // docs/rules/certificates.md#failure-store
    {"a keystore's Secret, by the event", ISSUING("", "2026-09-10T11:00:00Z") ISSUER ISSUED EVENT("Certificate", "web", "c1", "Warning", "KeystorePasswordSecretNotFound", "PKCS12 keystore password Secret \"pass\" not found"), "keystore password Secret \"pass\" not found", "create Secret a/pass", NULL},
    {"a keystore's Secret, by the files", ISSUING(KEYSTORE, "2026-09-10T11:00:00Z") ISSUER JUST_ISSUED, "keystore password Secret \"pass\" not found", "create Secret a/pass", NULL},
    {"a keystore's Secret is there", ISSUING(KEYSTORE, "2026-09-10T11:00:00Z") ISSUER JUST_ISSUED SECRET("a", "pass"), "waiting to be stored", "", "not found"},
    {"not stored for minutes", ISSUING("", "2026-09-10T11:00:00Z") ISSUER ISSUED, "issued 2026-09-10T11:40:00Z, but not stored in Secret a/web-tls", "cert-manager's log", NULL},
    // docs/rules/certificates.md#clusterissuer-secrets
    {"a Secret in the wrong namespace", DNS01("error getting clouddns service account: secret \"sa\" not found") SECRET("a", "sa"), "not found", "Secret sa must be in the cluster resource namespace, cert-manager, not in a", NULL},
    {"as the Deployment says", DNS01("error getting clouddns service account: secret \"sa\" not found") CM, "not found", "Secret sa must be in the cluster resource namespace, cm:", NULL},
    // docs/rules/certificates.md#failure-dns01-propagation
    {"port 53", CHECKED("dial tcp 203.0.113.53:53: i/o timeout"), "i/o timeout", "open port 53", "wildcard CNAME"},
    {"port 53 of other servers", CHECKED("dial tcp 1.1.1.1:53: connect: connection refused") CM, "refused", "those of --dns01-recursive-nameservers", NULL},
    {"not visible", CHECKED("DNS record for \"web.example.com\" not yet propagated"), "not yet propagated", "wildcard CNAME", "port 53"},
    // docs/rules/certificates.md#challenge-queue
    {"after a twin", QUEUED TWIN("DNS-01", "web.example.com", "true"), "queued after Challenge b/o2-1 of Certificate other", "", NULL},
    {"of another type", QUEUED TWIN("HTTP-01", "web.example.com", "true"), "is queued", "", "after"},
    {"of another name", QUEUED TWIN("DNS-01", "example.com", "true"), "is queued", "", "after"},
    {"one that waits as well", QUEUED TWIN("DNS-01", "web.example.com", "false"), "is queued", "", "after"},
};

#define CAA_OF(server) "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {acme: {server: '" server "', solvers: [{http01: {ingress: {}}}]}}\nstatus:\n  conditions:\n  - {type: Ready, status: 'True', reason: ok, message: ok}\n"
// clang-format on

static void test_reasons(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct world w;
        struct certificate_status s = certyaml_status(&w, r->yaml);
        const char *hint = str_or_empty(s.hint);
        bool more = r->absent != NULL &&
                    (strstr(s.reason, r->absent) != NULL || strstr(hint, r->absent) != NULL);
        if (strstr(s.reason, r->reason) == NULL || strstr(hint, r->hint) == NULL || more) {
            print_error("%s: %s (%s)\n", r->what, s.reason, hint);
            bad++;
        }
        world_close(&w);
    }
    assert_int_equal(bad, 0);
}

// docs/rules/certificates.md#failure-caa
static void test_caa(void **state)
{
    (void)state;
#define FORBIDDEN                                                                                  \
    CERTIFICATE("", "",                                                                            \
                "status:\n" FAILURE("1") "  conditions:\n" FAILED(                                 \
                    "Failed to create Order: 403 urn:ietf:params:acme:error:caa: CAA record for "  \
                    "example.com prevents issuance") NOT_READY)
    static const struct {
        const char *yaml, *hint;
    } cas[] = {
        {FORBIDDEN CAA_OF("https://acme-v02.api.letsencrypt.org/directory"), "letsencrypt.org"},
        {FORBIDDEN CAA_OF("https://acme.zerossl.com/v2/DV90"), "sectigo.com"},
        {FORBIDDEN CAA_OF("https://dv.acme-v02.api.pki.goog/directory"), "pki.goog"},
        {FORBIDDEN CAA_OF("https://ca.example.com/acme"), "the CA's documentation"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cas); i++) {
        struct world w;
        struct certificate_status s = certyaml_status(&w, cas[i].yaml);
        assert_non_null(strstr(str_or_empty(s.hint), cas[i].hint));
        assert_true(i == 0 || strstr(s.hint, "letsencrypt.org") == NULL);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_caa),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
