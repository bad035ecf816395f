// SPDX-License-Identifier: Apache-2.0
// States, failures and times of Certificates, on objects written by hand.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/certificate_status.h"

#include "tests/support/certyaml.h"
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

static struct world w;

// --- states (docs/rules/certificates.md#certificate-state)

struct state_case {
    const char *what, *yaml;
    enum certificate_state state;
    const char *words;   // of the reason
    enum verdict colour; // 0: that of the state
};

// clang-format off
static const struct state_case states[] = {
    {"deleting", CERTIFICATE(", deletionTimestamp: '2026-09-10T11:58:00Z'", "", "status:\n  conditions:\n" READY), CERTIFICATE_DELETING, "being deleted", 0},
    {"expired though Ready", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_EXPIRED, "is cert-manager running", 0},
    {"expired in 1970", CERTIFICATE("", "", "status:\n  notAfter: '1970-01-01T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_EXPIRED, "1970-01-01", 0},
    {"valid to 9999", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("9990-01-01T00:00:00Z", "9999-12-31T23:59:59Z") "  conditions:\n" READY), CERTIFICATE_READY, "", 0},
    {"temporary by its Secret", CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/subject-serialnumber: '1234567890'}}\n", CERTIFICATE_TEMPORARY, "not trusted", 0},
    {"no longer temporary", CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/issuer-name: le}}\n", CERTIFICATE_READY, "", 0},
    {"failed", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY), CERTIFICATE_FAILED, "no", 0},
    {"renewal failed", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" FAILED("no") READY), CERTIFICATE_RENEW_FAIL, "no", 0},
    {"Issuing=False/Issued is success", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" CONDITION("Issuing", "False", "Issued", "The certificate has been successfully issued", "2026-09-10T11:00:00Z") READY), CERTIFICATE_READY, "", 0},
    {"issuing", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:31:00Z") NOT_READY), CERTIFICATE_ISSUING, "", 0},
    {"stuck", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:30:00Z") NOT_READY), CERTIFICATE_STUCK, "", 0},
    {"renewing, however long", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY ISSUING_SINCE("2026-09-09T11:30:00Z")), CERTIFICATE_RENEWING, "", VERDICT_BROKEN},
    {"not ready", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "IncorrectCertificate", "Secret was issued for \"other\".", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "IncorrectCertificate: Secret was issued for \"other\"", 0},
    {"not ready for a reason nobody knows", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "Strange", "odd", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "Strange: odd", 0},
    {"overdue", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-10T10:59:59Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_OVERDUE, "renewal was due 2026-09-10T10:59:59Z", 0},
    {"due, but not for an hour", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-10T11:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_READY, "", 0},
    {"staging", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
        "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {acme: {server: 'https://acme-staging-v02.api.letsencrypt.org/directory'}}\n", CERTIFICATE_STAGING, "staging", 0},
    {"ready", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_READY, "", 0},
    {"deleting comes before expired", CERTIFICATE(", deletionTimestamp: '2026-09-10T11:58:00Z'", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_DELETING, "being deleted since 2026-09-10T11:58:00Z", 0},
    {"expired comes before failed, which it reports", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("6") DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" FAILED("no such thing") READY), CERTIFICATE_EXPIRED, "expired 2026-09-09T00:00:00Z; no such thing", 0},
    {"expired while issuing", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") CONDITION("Ready", "False", "Expired", "Certificate expired on x", "2026-09-09T00:00:00Z")), CERTIFICATE_EXPIRED, "expired 2026-09-09T00:00:00Z; ", 0},
    {"expired this second", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", NOW) "  conditions:\n" READY), CERTIFICATE_EXPIRED, "expired " NOW, 0},
    {"temporary comes before failed", CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n" FAILURE("1") RENEWS_LATER "  conditions:\n" FAILED("no such thing") READY)
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/subject-serialnumber: '1234567890'}}\n", CERTIFICATE_TEMPORARY, "not trusted; no such thing", 0},
    {"a failure without its time is none", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" FAILED("no") READY), CERTIFICATE_READY, "", 0},
    {"failed comes before not ready", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") RENEWS_LATER "  conditions:\n" FAILED("no") CONDITION("Ready", "False", "SecretMismatch", "x", "2026-09-10T11:30:00Z")), CERTIFICATE_FAILED, "no", 0},
    {"renewing for ten minutes", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:50:00Z")), CERTIFICATE_RENEWING, "", 0},
    {"renewing for more than ten minutes", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:49:59Z")), CERTIFICATE_RENEWING, "", VERDICT_WARNING},
    {"renewing for half an hour", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:30:00Z")), CERTIFICATE_RENEWING, "", VERDICT_WARNING},
    {"renewing for more than half an hour", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:29:59Z")), CERTIFICATE_RENEWING, "", VERDICT_BROKEN},
    {"issuing for a second less than half an hour", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:30:01Z") NOT_READY), CERTIFICATE_ISSUING, "", 0},
    {"overdue, and less than a sixth is left", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-08-30T00:00:00Z", "2026-09-15T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_OVERDUE, "renewal was due", VERDICT_BROKEN},
    {"overdue, but backing off", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") DATES("2026-08-30T00:00:00Z", "2026-10-15T00:00:00Z") "  conditions:\n" CONDITION("Issuing", "False", "Issued", "x", "2026-09-10T11:00:00Z") READY), CERTIFICATE_READY, "", 0},
    {"never renewed by itself, so never overdue", CERTIFICATE("", ", renewal: {policy: Disabled}", "status:\n  revision: 1\n  notBefore: '2026-08-01T00:00:00Z'\n  notAfter: '2026-09-11T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_READY, "", 0},
    {"Ready unknown", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "Unknown", "Strange", "odd", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "Strange: odd", 0},
    {"of a controller before 0.16", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "TemporaryCertificate", "Certificate issuance in progress. Temporary certificate issued.", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "TemporaryCertificate: Certificate issuance in progress", 0},
    {"new", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:59:01Z'}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le}}\n", CERTIFICATE_NEW, "yet", 0},
    {"a minute old, and not picked up", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:59:00Z'}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le}}\n", CERTIFICATE_NOT_PICKED_UP, "no controller has handled this", 0},
    {"from a file, never in a cluster", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le}}\n", CERTIFICATE_UNKNOWN, "from a file", 0},
    {"not picked up", CERTIFICATE("", "", ""), CERTIFICATE_NOT_PICKED_UP, "no controller has handled this", 0},
};
// clang-format on

static void test_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct certificate_status s = certyaml_status(&w, states[i].yaml);
        if (s.state != states[i].state || strstr(s.reason, states[i].words) == NULL ||
            s.colour != (states[i].colour != 0 ? states[i].colour : s.verdict)) {
            fail_msg("%s: %s, colour %d: %s", states[i].what, certificate_state_name(s.state),
                     (int)s.colour, s.reason);
        }
        world_close(&w);
    }
}

// --- failures (docs/rules/certificates.md#failure-recognition); where a recording shows one, t_certs_corpus has
// it as well

struct mode_case {
    const char *yaml;
    enum failure_mode mode;
    enum certificate_stage stage;
    const char *reason, *hint; // words of them
};

// clang-format off
static const struct mode_case modes[] = {
    {WORKING(ORDER("state: pending") CHALLENGE("", "HTTP-01", "state: pending, processing: true, presented: true, reason: \"Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'\"")),
     FAILURE_HTTP01_SELF_CHECK, STAGE_CHALLENGE, "wrong status code '404'", "port 80"},
    {WORKING(ORDER("state: pending") CHALLENGE("", "HTTP-01", "state: pending, processing: true, presented: true, reason: \"Waiting for HTTP-01 challenge propagation: wrong status code '301', expected '200'\"")
        "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: a}\nspec: {selector: {istio: x}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [web.example.com], tls: {httpsRedirect: true}}]}\n"),
     FAILURE_HTTP01_SELF_CHECK, STAGE_CHALLENGE, "301", "Gateway a/gw redirects port 80"},
    {WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: pending, processing: true, presented: true, reason: 'Waiting for DNS-01 challenge propagation: DNS record for \"web.example.com\" not yet propagated'")),
     FAILURE_DNS01_PROPAGATION, STAGE_CHALLENGE, "not yet propagated", "_acme-challenge.web.example.com"},
    {WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: pending, processing: true, reason: 'failed to determine Route 53 hosted zone ID: AccessDenied: not authorized'")),
     FAILURE_DNS_PROVIDER, STAGE_CHALLENGE, "AccessDenied", "DNS provider refused: not authorized"},
    {WORKING(ORDER("state: errored, reason: 'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-09-11 10:00:00 UTC: see x'")),
     FAILURE_RATE_LIMITED, STAGE_ORDER, "429", "identical certificates (5 in 7 days); next slot 2026-09-11T10:00:00Z"},
    {WORKING(ORDER("state: errored, reason: 'Failed to create Order: 403 urn:ietf:params:acme:error:caa: CAA record for web.example.com prevents issuance'")),
     FAILURE_CAA, STAGE_ORDER, "prevents issuance", "letsencrypt.org"},
    {WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: invalid, reason: 'Error accepting authorization: acme: authorization error for web.example.com: 400 urn:ietf:params:acme:error:dns: DNS problem: SERVFAIL looking up CAA for example.com'")),
     FAILURE_CAA, STAGE_CHALLENGE, "SERVFAIL looking up CAA", "CAA lookup failed"},
    {CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) REQUEST(APPROVED CONDITION("Ready", "False", "Pending", "Referenced \"ClusterIssuer\" not found", "2026-09-10T11:30:00Z"))
        "---\napiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: le, namespace: b}\nspec: {selfSigned: {}}\n",
     FAILURE_ISSUER, STAGE_ISSUER, "ClusterIssuer le not found", "namespace b has an Issuer named le"},
    {WORKING(ORDER("state: pending") EVENT("Order", "web-1-1", "o1", "Warning", "Solver", "Failed to determine a valid solver configuration for the set of domains on the Order: no configured challenge solvers can be used for this challenge")),
     FAILURE_NO_SOLVER, STAGE_ORDER, "no configured challenge solvers", "dns01"},
    {WORKING(ORDER("state: pending") CHALLENGE(", deletionTimestamp: '2026-09-10T11:40:00Z', finalizers: [acme.cert-manager.io/finalizer]", "DNS-01", "state: pending, processing: true, presented: true, reason: 'Error cleaning up challenge: no credentials'")),
     FAILURE_CHALLENGE_DELETING, STAGE_CHALLENGE, "stuck deleting", "finalizer"},
    {CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "IncorrectCertificate", "Secret was issued for \"b\".", "2026-09-10T11:30:00Z")) ISSUER
        "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: other, namespace: a}\nspec: {secretName: web-tls, dnsNames: [b.example.com], issuerRef: {name: le}}\n",
     FAILURE_TWO_WRITERS, STAGE_CERTIFICATE, "IncorrectCertificate", "claimed by Certificates web and other"},
    {WORKING(ORDER("state: invalid") CHALLENGE("", "DNS-01", "state: errored, reason: 'unexpected non-ACME API error: x'")),
     FAILURE_ORDER, STAGE_CHALLENGE, "unexpected non-ACME API error: x", "correct what"},
    {WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: errored, reason: 'unexpected non-ACME API error: x'")),
     FAILURE_ORDER, STAGE_CHALLENGE, "unexpected non-ACME API error: x", "order wedged"},
    {WORKING(ORDER("state: expired")), FAILURE_ORDER, STAGE_ORDER, "Order a/web-1-1 is expired", "correct what"},
    {CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" READY) ISSUER,
     FAILURE_EXPIRED_READY, STAGE_ISSUED, "expired 2026-09-09", "is cert-manager running"},
    {CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" CONDITION("Ready", "False", "IncorrectIssuer", "Issuing certificate as Secret was previously issued by \"Issuer.cert-manager.io/\"", "2026-09-10T11:30:00Z")) ISSUER,
     FAILURE_TEMPORARY, STAGE_CERTIFICATE, "not trusted", "browsers refuse it"},
    {CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) ISSUER REQUEST("    []\n") EVENT("CertificateRequest", "web-1", "r1", "Normal", "WaitingForApproval", "x"),
     FAILURE_APPROVAL, STAGE_REQUEST, "CertificateRequest a/web-1 is not approved yet", "cmctl approve"},
    {CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" CONDITION("Issuing", "False", "policy.x", "The certificate request has failed to complete and will be retried: not allowed", "2026-09-10T11:30:00Z") NOT_READY) ISSUER REQUEST(CONDITION("Denied", "True", "policy.x", "not allowed", "2026-09-10T11:30:00Z") CONDITION("Ready", "False", "Denied", "The CertificateRequest was denied by an approval controller", "2026-09-10T11:30:00Z")),
     FAILURE_APPROVAL, STAGE_REQUEST, "denied: not allowed", "policy"},
    {WORKING(ORDER("state: invalid") CHALLENGE("", "HTTP-01", "state: invalid, reason: 'Error accepting authorization: acme: authorization error for web.example.com: 403 urn:ietf:params:acme:error:unauthorized: 192.0.2.1: Invalid response'")),
     FAILURE_AUTHORIZATION, STAGE_CHALLENGE, "authorization error for web.example.com: 403 urn:ietf:params:acme:error:unauthorized", "public"},
    {CERTIFICATE("", ", commonName: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) ISSUER,
     FAILURE_COMMON_NAME, STAGE_CERTIFICATE, "", "at most 64 bytes"},
};
// clang-format on

static void test_modes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct certificate_status s = certyaml_status(&w, modes[i].yaml);
        if (s.mode != modes[i].mode || s.stage != modes[i].stage ||
            strstr(s.reason, modes[i].reason) == NULL || s.hint == NULL ||
            strstr(s.hint, modes[i].hint) == NULL) {
            fail_msg("case %zu: mode %d, stage %s, reason '%s', hint '%s'", i, s.mode,
                     certificate_stage_name(s.stage), s.reason, str_or_empty(s.hint));
        }
        world_close(&w);
    }
}

// Which Gateway redirects the host of a failing HTTP-01 check (docs/rules/certificates.md#failure-http01-self-check).
static void test_redirecting_gateways(void **state)
{
    (void)state;
    static const struct {
        const char *servers;
        bool named;
    } rows[] = {
        {"{port: {number: 80, name: h, protocol: HTTP}, hosts: [Web.example.com], tls: "
         "{httpsRedirect: true}}",
         true},
        {"{port: {number: 80, name: h, protocol: HTTP}, hosts: ['a/*.example.com'], tls: "
         "{httpsRedirect: true}}",
         true},
        {"{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*'], tls: {httpsRedirect: true}}",
         true},
        {"{port: {number: 8080, name: h, protocol: HTTP}, hosts: [web.example.com], tls: "
         "{httpsRedirect: true}}",
         false},
        {"{port: {number: 80, name: h, protocol: HTTP}, hosts: [web.example.com]}", false},
        {"{port: {number: 80, name: h, protocol: HTTP}, hosts: [web.example.com]}, {port: {number: "
         "80, name: i, protocol: HTTP}, hosts: [api.example.com], tls: {httpsRedirect: true}}",
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *yaml = xasprintf(
            "%s---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, "
            "namespace: a}\nspec: {selector: {istio: x}, servers: [%s]}\n",
            WORKING(ORDER("state: pending") CHALLENGE(
                "", "HTTP-01",
                "state: pending, processing: true, presented: true, reason: \"Waiting for HTTP-01 "
                "challenge propagation: wrong status code '301', expected '200'\"")),
            rows[i].servers);
        struct certificate_status s = certyaml_status(&w, yaml);
        bool named = strstr(s.hint, "Gateway a/gw redirects port 80") != NULL;
        if (named != rows[i].named) {
            fail_msg("%s: %s", rows[i].servers, s.hint);
        }
        world_close(&w);
        free(yaml);
    }
}

// The words alone, in the Certificate's own message: its request is gone, or may not be read.
static void test_words(void **state)
{
    (void)state;
    static const struct {
        // Of Issuing; one that says nothing comes to FAILURE_ORDER or FAILURE_NONE.
        const char *message;
        enum failure_mode mode;
    } rows[] = {
        // docs/rules/certificates.md#failure-rate-limited
        {"429 urn:ietf:params:acme:error:rateLimited: CAA record for x prevents issuance",
         FAILURE_RATE_LIMITED},
        // docs/rules/certificates.md#failure-caa
        {"acme: authorization error for x: 403 urn:ietf:params:acme:error:caa: no", FAILURE_CAA},
        {"CAA record for x prevents issuance", FAILURE_CAA},
        {"SERVFAIL looking up CAA for x", FAILURE_CAA},
        {"CAA self-check failed: CAA record does not match issuer", FAILURE_CAA},
        // docs/rules/certificates.md#failure-authorization
        {"acme: authorization error for x: 400 urn:ietf:params:acme:error:dns: AccessDenied",
         FAILURE_AUTHORIZATION},
        // docs/rules/certificates.md#failure-http01-self-check
        {"failed to perform self check GET request to x", FAILURE_HTTP01_SELF_CHECK},
        {"wrong status code 404, expected 200", FAILURE_HTTP01_SELF_CHECK},
        {"did not get expected response", FAILURE_HTTP01_SELF_CHECK},
        {"presented key (x) did not match expected", FAILURE_HTTP01_SELF_CHECK},
        // docs/rules/certificates.md#failure-dns-provider
        {"api error AccessDenied: no", FAILURE_DNS_PROVIDER},
        {"failed to determine Route 53 hosted zone ID: no", FAILURE_DNS_PROVIDER},
        {"failed to change Route 53 record set: no", FAILURE_DNS_PROVIDER},
        {"zone x. not found in Route 53", FAILURE_DNS_PROVIDER},
        {"unable to assume role: no", FAILURE_DNS_PROVIDER},
        // docs/rules/certificates.md#failure-dns01-propagation
        {"DNS record for x not yet propagated", FAILURE_DNS01_PROPAGATION},
        {"NS ns1.example.com. returned SERVFAIL for x", FAILURE_DNS01_PROPAGATION},
        // docs/rules/certificates.md#order-without-challenge
        {"no configured challenge solvers can be used for this challenge", FAILURE_NO_SOLVER},
        // docs/rules/certificates.md#request-approval
        {"The CertificateRequest was denied by an approval controller", FAILURE_APPROVAL},
        // docs/rules/certificates.md#failure-common-name
        {"spec.commonName: Too long: may not be more than 64 bytes", FAILURE_COMMON_NAME},
        {"requests a commonName that is not present in the list of dnsNames", FAILURE_COMMON_NAME},
        {"common name longer than 64 bytes", FAILURE_COMMON_NAME},
        {"CSR contains an invalid CommonName", FAILURE_COMMON_NAME},
        {"Common Name is too long", FAILURE_COMMON_NAME},
        {"commonName", FAILURE_NONE},
        // docs/rules/certificates.md#failure-key
        {"User intervention required: existing private key in Secret x does not match",
         FAILURE_KEY},
        // docs/rules/certificates.md#failure-request
        {"Failed to generate CSR: no", FAILURE_REQUEST},
        {"Failed to create CertificateRequest: no", FAILURE_REQUEST},
        // docs/rules/certificates.md#failure-issuer
        {"Referenced \"Issuer\" not found: no", FAILURE_ISSUER},
        {"Referenced issuer does not have a Ready status condition", FAILURE_ISSUER},
        // docs/rules/certificates.md#failure-order
        {"Failed to wait for order resource \"x\" to become ready: order is in \"errored\" state: "
         "no such thing",
         FAILURE_ORDER},
        {"no such thing", FAILURE_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *yaml =
            xasprintf("%s  - {type: Issuing, status: 'False', reason: Failed, message: '%s', "
                      "lastTransitionTime: '2026-09-10T11:30:00Z'}\n%s",
                      CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n"),
                      rows[i].message, NOT_READY ISSUER);
        struct certificate_status s = certyaml_status(&w, yaml);
        if (s.mode != rows[i].mode) {
            fail_msg("%s: mode %d", rows[i].message, s.mode);
        }
        world_close(&w);
        free(yaml);
    }
}

// --- who else writes the Secret (docs/rules/certificates.md#failure-two-writers)

#define NOT_READY_BECAUSE(reason)                                                                  \
    CERTIFICATE("", "",                                                                            \
                "status:\n  conditions:\n" CONDITION("Ready", "False", reason, "x",                \
                                                     "2026-09-10T11:30:00Z"))                      \
    ISSUER
// A request of a revision, made at a time.
#define REQUEST_MADE(revision, when)                                                               \
    "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"                              \
    "metadata: {name: web-" revision ", namespace: a, creationTimestamp: '" when                   \
    "', annotations: {cert-manager.io/certificate-name: web, "                                     \
    "cert-manager.io/certificate-revision: '" revision "'}}\n"                                     \
    "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"
#define TWO_REQUESTS                                                                               \
    REQUEST_MADE("7", "2026-09-10T11:20:00Z") REQUEST_MADE("8", "2026-09-10T11:40:00Z")

static void test_two_writers(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum failure_mode mode;
    } cases[] = {
        {NOT_READY_BECAUSE("IncorrectCertificate"), FAILURE_TWO_WRITERS},
        {NOT_READY_BECAUSE("SecretMismatch"), FAILURE_NONE},
        {NOT_READY_BECAUSE("SecretMismatch") TWO_REQUESTS, FAILURE_NONE},
        {NOT_READY_BECAUSE("SecretMismatch") TWO_REQUESTS REQUEST_MADE("6", "2026-09-10T11:00:01Z"),
         FAILURE_TWO_WRITERS},
        {NOT_READY_BECAUSE("SecretMismatch") TWO_REQUESTS REQUEST_MADE("6", "2026-09-10T11:00:00Z"),
         FAILURE_NONE},
        {NOT_READY_BECAUSE("IncorrectIssuer")
             TWO_REQUESTS REQUEST_MADE("6", "2026-09-10T11:00:01Z"),
         FAILURE_TWO_WRITERS},
        {NOT_READY_BECAUSE("RequestChanged") TWO_REQUESTS REQUEST_MADE("6", "2026-09-10T11:00:01Z"),
         FAILURE_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct certificate_status s = certyaml_status(&w, cases[i].yaml);
        if (s.mode != cases[i].mode) {
            fail_msg("case %zu: mode %d, reason '%s', hint '%s'", i, s.mode, s.reason,
                     str_or_empty(s.hint));
        }
        world_close(&w);
    }
}

// --- certificates that nobody trusts

#define DATED "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY
#define ASKED(value) ", annotations: {cert-manager.io/issue-temporary-certificate: '" value "'}"
#define SECRET(annotations, more)                                                                           \
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {" annotations \
    "}}\n" more
#define MARK(key, value) "cert-manager.io/" key ": '" value "', "
#define OURS MARK("certificate-name", "web")
#define THROW_AWAY MARK("subject-serialnumber", "1234567890")
#define BY_ISSUER(name)                                                                            \
    CONDITION("Ready", "False", "IncorrectIssuer",                                                 \
              "Issuing certificate as Secret was previously issued by \"" name "\"",               \
              "2026-09-10T11:30:00Z")

// base64 of the PEM of a certificate that an issuer of this name has signed.
static char *leaf_of(const char *cn, const char *organisation)
{
    static const char from[] = "20260801000000Z", to[] = "20261201000000Z";
    struct made_cert ca = madecert_new(EVP_EC_gen("P-256"), cn, organisation, NULL, NULL, from, to);
    struct made_cert leaf = madecert_new(EVP_EC_gen("P-256"), "web.example.com", NULL, &ca,
                                         "DNS:web.example.com", from, to);
    struct buf pem, out;
    buf_init(&pem, 0);
    buf_init(&out, 0);
    madecert_pem(leaf.cert, &pem);
    base64_encode(pem.data, pem.len, &out);
    buf_release(&pem);
    madecert_free(&leaf);
    madecert_free(&ca);
    return buf_take(&out);
}

// docs/rules/certificates.md#temporary-certificate
static void test_temporary(void **state)
{
    (void)state;
    static const struct {
        const char *what, *yaml;
        bool temporary;
    } rows[] = {
        {"the serial number alone", CERTIFICATE("", "", DATED) SECRET(OURS THROW_AWAY, ""), true},
        {"asked for, before 1.12", CERTIFICATE(ASKED("true"), "", DATED) SECRET(OURS, ""), true},
        {"neither", CERTIFICATE("", "", DATED) SECRET(OURS, ""), false},
        {"asked for with another word", CERTIFICATE(ASKED("True"), "", DATED) SECRET(OURS, ""),
         false},
        {"an issuer",
         CERTIFICATE("", "", DATED) SECRET(OURS THROW_AWAY MARK("issuer-name", "le"), ""), false},
        {"another Certificate's",
         CERTIFICATE("", "", DATED) SECRET(MARK("certificate-name", "b") THROW_AWAY, ""), false},
        {"no Secret, a ClusterIssuer",
         CERTIFICATE(ASKED("true"), "",
                     "status:\n" RENEWS_LATER
                     "  conditions:\n" BY_ISSUER("Issuer.cert-manager.io/")),
         true},
        {"not asked for",
         CERTIFICATE("", "",
                     "status:\n" RENEWS_LATER
                     "  conditions:\n" BY_ISSUER("Issuer.cert-manager.io/")),
         false},
        {"a revision",
         CERTIFICATE(ASKED("true"), "",
                     "status:\n  revision: 1\n" RENEWS_LATER
                     "  conditions:\n" BY_ISSUER("Issuer.cert-manager.io/")),
         false},
        {"issued by another issuer",
         CERTIFICATE(ASKED("true"), "",
                     "status:\n" RENEWS_LATER
                     "  conditions:\n" BY_ISSUER("Issuer.cert-manager.io/le")),
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if (s.temporary != rows[i].temporary ||
            (s.state == CERTIFICATE_TEMPORARY) != rows[i].temporary) {
            fail_msg("%s: %s", rows[i].what, certificate_state_name(s.state));
        }
        world_close(&w);
    }
    static const char *const issuers[] = {"cert-manager.local", "R11"}; // of a leaf in a file
    for (size_t i = 0; i < 2; i++) {
        char *leaf = leaf_of(issuers[i], NULL);
        char *yaml = xasprintf("%stype: kubernetes.io/tls\ndata: {tls.crt: %s}\n",
                               CERTIFICATE("", "", DATED) SECRET("", ""), leaf);
        struct certificate_status s = certyaml_status(&w, yaml);
        assert_int_equal(s.state, i == 0 ? CERTIFICATE_TEMPORARY : CERTIFICATE_READY);
        world_close(&w);
        free(yaml);
        free(leaf);
    }
}

// docs/rules/certificates.md#staging-certificate
static void test_staging(void **state)
{
    (void)state;
#define OF(server)                                                                                 \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\n"             \
    "spec: {acme: {server: 'https://" server "/directory'}}\n"
#define PRODUCTION OF("acme-v02.api.letsencrypt.org")
    static const struct {
        const char *what, *issuer, *cn, *organisation;
        bool staging;
    } rows[] = {
        {"production", PRODUCTION, "R11", "Let's Encrypt", false},
        {"still the staging one", PRODUCTION, "(STAGING) Fake", NULL, true},
        {"by the organisation", PRODUCTION, "R11", "(STAGING) Let's Encrypt", true},
        {"no issuer to ask", "", "(STAGING) Fake", NULL, true},
        {"another CA", OF("ca.example.com"), "(STAGING) Fake", NULL, false},
        {"the server", OF("acme-staging-v02.api.letsencrypt.org"), "R11", NULL, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *leaf = leaf_of(rows[i].cn, rows[i].organisation);
        char *yaml = xasprintf(
            "%s%s%s  certificate: %s\n", CERTIFICATE("", "", DATED), rows[i].issuer,
            REQUEST(APPROVED CONDITION("Ready", "True", "Issued", "ok", "2026-09-01T00:00:00Z")),
            leaf);
        struct certificate_status s = certyaml_status(&w, yaml);
        if (s.state != (rows[i].staging ? CERTIFICATE_STAGING : CERTIFICATE_READY)) {
            fail_msg("%s: %s", rows[i].what, certificate_state_name(s.state));
        }
        if (i == 1) {
            assert_non_null(strstr(s.reason, "still the staging certificate"));
        }
        world_close(&w);
        free(yaml);
        free(leaf);
    }
}

// Which request is meant (docs/rules/certificates.md#request-revision).
static void test_revisions(void **state)
{
    (void)state;
#define RENEWING ISSUING_SINCE("2026-09-10T11:55:00Z")
#define UNNUMBERED(name, when)                                                                     \
    "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"                              \
    "metadata: {name: " name ", namespace: a, creationTimestamp: '" when                           \
    "', annotations: {cert-manager.io/certificate-name: web}}\n"                                   \
    "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"
#define BOTH REQUEST_MADE("3", "2026-09-01T00:00:00Z") REQUEST_MADE("4", "2026-09-10T11:55:00Z")
    static const struct {
        const char *yaml, *request, *current; // "" none
    } rows[] = {
        {CERTIFICATE("", "", "status:\n  revision: 3\n" RENEWS_LATER "  conditions:\n" READY) BOTH,
         "web-3", "web-3"},
        {CERTIFICATE("", "",
                     "status:\n  revision: 3\n" RENEWS_LATER "  conditions:\n" RENEWING READY) BOTH,
         "web-4", "web-3"},
        {CERTIFICATE("", "", "status:\n" RENEWS_LATER "  conditions:\n" READY)
             BOTH REQUEST_MADE("1", "2026-08-01T00:00:00Z"),
         "web-1", "web-1"},
        {CERTIFICATE("", "", "status:\n  conditions:\n" RENEWING NOT_READY) BOTH, "", ""},
        {CERTIFICATE("", "", "status:\n  conditions:\n" RENEWING NOT_READY)
             REQUEST_MADE("1", "2026-09-10T11:55:00Z"),
         "web-1", ""},
        {CERTIFICATE("", "", "status:\n  conditions:\n" RENEWING NOT_READY)
             UNNUMBERED("b", "2026-09-10T11:55:00Z") UNNUMBERED("a", "2026-09-10T10:55:00Z"),
         "b", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        const struct certificaterequest *current =
            certificate_current_request(&w.mesh, s.certificate);
        assert_string_equal(s.request != NULL ? s.request->o.name : "", rows[i].request);
        assert_string_equal(current != NULL ? current->o.name : "", rows[i].current);
        world_close(&w);
    }
}

// The condition of a request that counts (docs/rules/certificates.md#request-state).
static void test_request_state(void **state)
{
    (void)state;
#define ON_REQUEST(type, status, reason, message)                                                  \
    CONDITION(type, status, reason, message, "2026-09-10T11:30:00Z")
#define DENIED ON_REQUEST("Denied", "True", "policy.x", "not allowed")
#define INVALID ON_REQUEST("InvalidRequest", "True", "Bad", "no such duration")
#define ISSUED ON_REQUEST("Ready", "True", "Issued", "ok")
#define UNREADY_ISSUER                                                                             \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\n"             \
    "spec: {selfSigned: {}}\nstatus:\n  conditions:\n" ON_REQUEST("Ready", "False", "Err",         \
                                                                  "no account")
#define BEGUN(conditions)                                                                          \
    CERTIFICATE("", "",                                                                            \
                "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)        \
    ISSUER REQUEST(conditions)
    static const struct {
        const char *yaml, *reason; // how it begins
        enum certificate_stage stage;
    } rows[] = {
        {BEGUN(DENIED INVALID ISSUED) ORDER("state: valid"), "denied: not allowed", STAGE_REQUEST},
        {BEGUN(DENIED ISSUED) ORDER("state: valid"), "denied: not allowed", STAGE_REQUEST},
        {BEGUN(APPROVED INVALID ISSUED) ORDER("state: valid"), "invalid request: no such duration",
         STAGE_REQUEST},
        {BEGUN(APPROVED ON_REQUEST("Ready", "False", "Failed", "boom")), "boom", STAGE_REQUEST},
        {BEGUN(APPROVED ISSUED), "issued 2026-09-10T11:30:00Z, but not stored in Secret a/web-tls",
         STAGE_FINALIZE},
        {BEGUN("    []\n"), "CertificateRequest a/web-1 is not approved yet", STAGE_REQUEST},
        {BEGUN(APPROVED ON_REQUEST("Ready", "False", "Pending", "Created Order resource a/o")),
         "Created Order resource a/o", STAGE_ORDER},
        {BEGUN(APPROVED ON_REQUEST("Ready", "False", "Pending", "boom")),
         "CertificateRequest a/web-1: boom", STAGE_REQUEST},
        // docs/rules/certificates.md#certificate-stage
        {BEGUN(APPROVED ON_REQUEST("Ready", "False", "Failed",
                                   "Failed to wait for order resource \"o\" to become ready: order "
                                   "is in \"errored\" state: boom")),
         "boom", STAGE_ORDER},
        {CERTIFICATE("", "",
                     "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)
             UNREADY_ISSUER REQUEST(APPROVED ON_REQUEST("Ready", "False", "Failed", "boom")),
         "boom", STAGE_REQUEST},
        {CERTIFICATE("", "",
                     "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)
             UNREADY_ISSUER REQUEST(APPROVED),
         "ClusterIssuer le not ready: no account", STAGE_ISSUER},
        {WORKING(ORDER("state: ready")), "Order a/web-1-1 is ready, waiting for the certificate",
         STAGE_FINALIZE},
        {WORKING(ORDER("state: processing")),
         "Order a/web-1-1 is processing, waiting for the certificate", STAGE_FINALIZE},
        {WORKING(ORDER("state: valid")), "Order a/web-1-1 is valid, waiting for the certificate",
         STAGE_FINALIZE},
        // docs/rules/certificates.md#request-approval
        {BEGUN(APPROVED), "CertificateRequest a/web-1 waits for its issuer", STAGE_REQUEST},
        {BEGUN(ON_REQUEST("Ready", "False", "Pending", "Waiting for it")), "Waiting for it",
         STAGE_REQUEST},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if (s.stage != rows[i].stage || !str_starts(s.reason, rows[i].reason)) {
            fail_msg("case %zu: stage %s: %s", i, certificate_stage_name(s.stage), s.reason);
        }
        world_close(&w);
    }
}

#define CHALLENGE_NAMED(name)                                                                      \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Challenge\n"                                  \
    "metadata: {name: " name ", namespace: a, ownerReferences: [{kind: Order, name: web-1-1, "     \
    "uid: o1}]}\nspec: {dnsName: web.example.com, type: DNS-01, issuerRef: {name: le}}\nstatus: {"

// Of several Challenges the worst says why (docs/rules/certificates.md#deepest-reason).
static void test_the_worst_challenge(void **state)
{
    (void)state;
    // From the worst on. The worse of two has the name that comes later, so that names alone would choose the other.
    static const char *const worst_first[] = {
        "state: errored",
        "state: pending, processing: true, presented: true",
        "state: pending, processing: true",
        "state: pending",
        "state: valid, processing: false",
    };
    static const char *const as_bad[] = {"state: errored", "state: invalid", "state: expired"};
    for (size_t better = 1; better < sizeof worst_first / sizeof *worst_first; better++) {
        for (size_t worse = 0; worse < better; worse++) {
            for (size_t k = 0; k < (worse == 0 ? 3 : 1); k++) {
                char *yaml =
                    xasprintf("%s%s%s, reason: 'the worse'}\n%s%s, reason: 'the better'}\n",
                              WORKING(ORDER("state: pending")), CHALLENGE_NAMED("b"),
                              worse == 0 ? as_bad[k] : worst_first[worse], CHALLENGE_NAMED("a"),
                              worst_first[better]);
                struct certificate_status s = certyaml_status(&w, yaml);
                assert_int_equal(s.nchallenges, 2);
                if (strstr(s.reason, "the worse") == NULL) {
                    fail_msg("%s before %s: %s", worst_first[worse], worst_first[better], s.reason);
                }
                world_close(&w);
                free(yaml);
            }
        }
    }
}

// The Certificate reports a failure, and there may be a request after it: then both are shown
// (docs/rules/certificates.md#deepest-reason).
static void test_request_after_a_failure(void **state)
{
    (void)state;
#define AFTER(when, status)                                                                        \
    CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY)         \
    ISSUER REQUEST_MADE("1", when) "status:\n" status
#define LATER "2026-09-10T11:30:00Z"
    static const struct {
        const char *what, *yaml, *reason;
    } rows[] = {
        {"one that goes on", AFTER(LATER, "  conditions:\n" APPROVED PENDING),
         "Waiting on certificate issuance from order a/o: \"pending\"; the Certificate still "
         "reports an older request: no"},
        {"one from before the failure",
         AFTER("2026-09-10T11:29:59Z", "  conditions:\n" APPROVED PENDING), "no"},
        {"one that failed",
         AFTER(LATER, "  conditions:\n" APPROVED ON_REQUEST("Ready", "False", "Failed", "boom")),
         "boom"},
        {"one that was denied", AFTER(LATER, "  conditions:\n" DENIED), "denied: not allowed"},
        {"one that was denied, as Ready says",
         AFTER(LATER, "  conditions:\n" APPROVED ON_REQUEST("Ready", "False", "Denied", "boom")),
         "CertificateRequest a/web-1: boom"},
        {"one that is not valid", AFTER(LATER, "  conditions:\n" APPROVED INVALID),
         "invalid request: no such duration"},
        {"one with the time of its failure",
         AFTER(LATER, "  failureTime: '2026-09-10T11:30:00Z'\n  conditions:\n" APPROVED PENDING),
         "no"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if (strcmp(s.reason, rows[i].reason) != 0) {
            fail_msg("%s: %s", rows[i].what, s.reason);
        }
        bool failed = false; // a step of the newer one does not fail with the older
        for (int k = 0; k < STEP_COUNT; k++) {
            failed = failed || s.steps[k].state == STEP_FAILED;
        }
        assert_int_equal(failed, i > 0);
        world_close(&w);
    }
}

// docs/rules/certificates.md#failure-common-name
static void test_common_name(void **state)
{
    (void)state;
    for (int bytes = 64; bytes <= 65; bytes++) {
        char *yaml = xasprintf(
            "%s, commonName: %.*s}\nstatus:\n  conditions:\n%s",
            "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: "
            "{name: web, namespace: a, uid: c1}\nspec: {secretName: s, "
            "dnsNames: [web.example.com], issuerRef: {name: le}",
            bytes, "a2345678901234567890123456789012345678901234567890123456789012.io", NOT_READY);
        struct certificate_status s = certyaml_status(&w, yaml);
        assert_int_equal(strlen(s.certificate->common_name), bytes);
        assert_int_equal(s.mode, bytes > 64 ? FAILURE_COMMON_NAME : FAILURE_NONE);
        world_close(&w);
        free(yaml);
    }
}

// --- what is given time

#define UNSOLVED                                                                                    \
    CERTIFICATE("", "",                                                                             \
                "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)         \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\n"              \
    "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', solvers: [{selector: " \
    "{dnsZones: [other.io]}, dns01: {route53: {region: x}}}]}}\n"                                   \
    "status: {conditions: [{type: Ready, status: 'True', reason: x, message: ok}]}\n" REQUEST(      \
        APPROVED PENDING)
#define CLEANED_UP(meta)                                                                           \
    WORKING(ORDER("state: pending") CHALLENGE(                                                     \
        meta, "DNS-01",                                                                            \
        "state: pending, processing: true, presented: true, reason: 'Error cleaning up: x'"))
#define UNAPPROVED(when)                                                                           \
    CERTIFICATE("", "",                                                                            \
                "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)        \
    ISSUER REQUEST_MADE("1", when)
#define ERRORED                                                                                    \
    CHALLENGE("", "DNS-01", "state: errored, reason: 'unexpected non-ACME API error: x'")

static void test_patience(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum failure_mode mode;
        const char *words;
    } rows[] = {
        // docs/rules/certificates.md#order-states
        {WORKING(ORDER_AT("2026-09-10T11:59:56Z", "state: ''")), FAILURE_NONE,
         "waits for the ACME server"},
        {WORKING(ORDER_AT("2026-09-10T11:59:55Z", "state: ''")), FAILURE_NONE, "has no state"},
        {WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: ''")), FAILURE_NONE,
         "is queued"},
        // docs/rules/certificates.md#order-without-challenge
        {UNSOLVED ORDER_AT("2026-09-10T11:59:00Z", "state: pending"), FAILURE_NONE, "is pending"},
        {UNSOLVED ORDER_AT("2026-09-10T11:58:59Z", "state: pending"), FAILURE_NO_SOLVER,
         "no solver for web.example.com"},
        {UNSOLVED ORDER_AT("2026-09-10T11:58:59Z", "state: ready"), FAILURE_NONE, "is ready"},
        {UNSOLVED ORDER_AT("2026-09-10T11:58:59Z", "state: pending")
             CHALLENGE("", "DNS-01", "state: pending"),
         FAILURE_NONE, "is queued"},
        // docs/rules/certificates.md#challenge-presented
        {CERTIFICATE("", "",
                     "status:\n  revision: 0\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z")
                         NOT_READY) ISSUER REQUEST(APPROVED PENDING) ORDER("state: pending")
             CHALLENGE("", "DNS-01",
                       "state: pending, processing: true, presented: true, reason: 'Waiting 1m30s "
                       "before accepting DNS-01 challenge without self-check'"),
         FAILURE_NONE, "DoesNotExist: the Secret does not exist; Waiting 1m30s before"},
        // docs/rules/certificates.md#request-approval
        {UNAPPROVED("2026-09-10T11:59:00Z"), FAILURE_NONE, "is not approved yet"},
        {UNAPPROVED("2026-09-10T11:58:59Z"), FAILURE_APPROVAL, "is not approved yet"},
        {UNAPPROVED("2026-09-10T11:58:59Z") "status: {conditions: [{type: Ready, status: 'False', "
                                            "reason: Pending, message: Waiting for it}]}\n",
         FAILURE_NONE, "Waiting"},
        // docs/rules/certificates.md#failure-challenge-deleting
        {CLEANED_UP(
             ", deletionTimestamp: '2026-09-10T11:58:00Z', finalizers: [acme.cert-manager.io/finalizer]"),
         FAILURE_NONE, "cleaning up"},
        {CLEANED_UP(
             ", deletionTimestamp: '2026-09-10T11:57:59Z', finalizers: [acme.cert-manager.io/finalizer]"),
         FAILURE_CHALLENGE_DELETING, "stuck deleting"},
        {CLEANED_UP(
             ", deletionTimestamp: '2026-09-10T11:57:59Z', finalizers: [finalizer.acme.cert-manager.io]"),
         FAILURE_CHALLENGE_DELETING, "stuck deleting"},
        {CLEANED_UP(", deletionTimestamp: '2026-09-10T11:57:59Z'"), FAILURE_NONE, "cleaning up"},
        // docs/rules/certificates.md#failure-order
        {WORKING(ORDER_AT("2026-09-10T11:58:00Z", "state: pending") ERRORED), FAILURE_NONE,
         "unexpected"},
        {WORKING(ORDER_AT("2026-09-10T11:57:59Z", "state: pending") ERRORED), FAILURE_ORDER,
         "unexpected"},
        {WORKING(""), FAILURE_NONE, "Waiting on certificate issuance from order"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if (s.mode != rows[i].mode || strstr(s.reason, rows[i].words) == NULL) {
            fail_msg("case %zu: mode %d: %s", i, s.mode, s.reason);
        }
        world_close(&w);
    }
}

// --- times (docs/rules/certificates.md#renewal-time, docs/rules/certificates.md#back-off)

static void test_times(void **state)
{
    (void)state;
    int64_t from = time_parse("2026-01-01T00:00:00Z"), end = from + 2160 * 3600;
    assert_int_equal(certificate_renewal_time(from, end, DURATION_NONE, -1),
                     time_parse("2026-03-02T00:00:00Z"));
    assert_int_equal(certificate_renewal_time(from, end, 360 * 3600 * 1000LL, -1),
                     time_parse("2026-03-17T00:00:00Z"));
    assert_int_equal(certificate_renewal_time(from, end, DURATION_NONE, 25),
                     time_parse("2026-03-09T12:00:00Z"));
    assert_int_equal(certificate_renewal_time(from, from + 160 * 3600, 360 * 3600 * 1000LL, -1),
                     time_parse("2026-01-05T10:40:00Z"));
    assert_int_equal(certificate_renewal_time(from, from + 160 * 3600, 360 * 3600 * 1000LL, 25),
                     time_parse("2026-01-06T00:00:00Z"));
    assert_int_equal(certificate_renewal_time(from, end, DURATION_NONE, 100),
                     time_parse("2026-03-02T00:00:00Z"));
    assert_int_equal(certificate_renewal_time(from, from + 3601, DURATION_NONE, -1), from + 2400);
    assert_int_equal(certificate_renewal_time(TIME_NONE, end, DURATION_NONE, -1), TIME_NONE);
    assert_int_equal(certificate_renewal_time(end, from, DURATION_NONE, -1), TIME_NONE);
    static const int hours[][2] = {{-1, 1}, {0, 1},  {1, 1},  {2, 2},   {3, 4},
                                   {5, 16}, {6, 32}, {7, 32}, {60, 32}, {100000, 32}};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        assert_int_equal(certificate_backoff(hours[i][0], 3600, 32 * 3600), hours[i][1] * 3600);
    }
    assert_int_equal(certificate_backoff(3, 60, 32 * 3600), 240);
    assert_int_equal(certificate_backoff(40, 3600, 4 * 3600), 4 * 3600);
    assert_int_equal(certificate_backoff(1, 7200, 3600), 7200); // never less than the minimum
    assert_int_equal(certificate_backoff(9, 0, 3600), 0);
}

// When it continues, from lastFailureTime 11:30: 1, 2, 4 ... 32 hours; a Ready one not before its renewal
// (docs/rules/certificates.md#next-try).
struct next_case {
    const char *what, *status, *next; // "" none
};
#define RENEWAL_DUE DATES("2026-09-10T11:00:00Z", "2026-10-01T00:00:00Z")
#define FAILURE_TIME "  lastFailureTime: '2026-09-10T11:30:00Z'\n"
// clang-format off
static const struct next_case next_cases[] = {
    {"no count (before 1.8)", "status:\n" FAILURE_TIME "  conditions:\n" FAILED("no") NOT_READY, "2026-09-10T12:30:00Z"},
    {"one", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY, "2026-09-10T12:30:00Z"},
    {"two", "status:\n" FAILURE("2") "  conditions:\n" FAILED("no") NOT_READY, "2026-09-10T13:30:00Z"},
    {"three", "status:\n" FAILURE("3") "  conditions:\n" FAILED("no") NOT_READY, "2026-09-10T15:30:00Z"},
    {"five", "status:\n" FAILURE("5") "  conditions:\n" FAILED("no") NOT_READY, "2026-09-11T03:30:00Z"},
    {"six", "status:\n" FAILURE("6") "  conditions:\n" FAILED("no") NOT_READY, "2026-09-11T19:30:00Z"},
    {"sixty", "status:\n" FAILURE("60") "  conditions:\n" FAILED("no") NOT_READY, "2026-09-11T19:30:00Z"},
    {"denied, in the approver's words", "status:\n" FAILURE("1") "  conditions:\n" CONDITION("Issuing", "False", "policy.x", "no", "2026-09-10T11:30:00Z") NOT_READY, "2026-09-10T12:30:00Z"},
    {"a renewal that was due", "status:\n  revision: 1\n" FAILURE("2") RENEWAL_DUE "  conditions:\n" FAILED("no") READY, "2026-09-10T13:30:00Z"},
    {"a renewal by hand", "status:\n  revision: 1\n" FAILURE("1") RENEWS_LATER "  conditions:\n" FAILED("no") READY, "2026-11-01T00:00:00Z"},
    {"a renewal by hand, the time not yet computed", "status:\n  revision: 1\n" FAILURE("1") "  notBefore: '2026-09-01T00:00:00Z'\n  notAfter: '2026-11-30T00:00:00Z'\n  conditions:\n" FAILED("no") READY, "2026-10-31T00:00:00Z"},
    {"another spec that failed: not Ready, so at once", "status:\n  revision: 1\n" FAILURE("1") RENEWS_LATER "  conditions:\n" FAILED("no") CONDITION("Ready", "False", "RequestChanged", "x", "2026-09-10T11:30:00Z"), "2026-09-10T12:30:00Z"},
    {"ended while renewing fails", "status:\n  revision: 1\n" FAILURE("6") DATES("2026-08-20T00:00:00Z", "2026-09-01T00:00:00Z") "  conditions:\n" FAILED("no") READY, "2026-09-11T19:30:00Z"},
    {"a controller before 0.15: no Issuing", "status:\n" FAILURE_TIME "  conditions:\n" CONDITION("Ready", "False", "InProgress", "x", "2026-09-10T11:30:00Z"), "2026-09-10T12:30:00Z"},
    {"tried again now", "status:\n" FAILURE("2") "  conditions:\n" ISSUING_SINCE("2026-09-10T11:59:00Z") NOT_READY, ""},
    {"issued, the condition kept", "status:\n  revision: 1\n" FAILURE("1") RENEWS_LATER "  conditions:\n" CONDITION("Issuing", "False", "Issued", "x", "2026-09-10T11:00:00Z") READY, ""},
    {"ready", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY, ""},
};
// clang-format on

static void test_next_try(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof next_cases / sizeof *next_cases; i++) {
        struct buf yaml;
        buf_init(&yaml, 0);
        buf_adds(&yaml, CERTIFICATE("", "", ""));
        buf_adds(&yaml, next_cases[i].status);
        struct certificate_status s = certyaml_status(&w, yaml.data);
        if (s.next_try != time_parse(next_cases[i].next)) {
            fail_msg("%s: %s", next_cases[i].what, time_format(w.mesh.arena, s.next_try));
        }
        assert_true(s.attempts >= (s.next_try != TIME_NONE));
        world_close(&w);
        buf_release(&yaml);
    }
}

// An owner of the same name but another uid is another object (note 7 of the recordings); without a uid the name
// counts, and without an owner the annotation (docs/rules/certificates.md#owner-join).
static void test_joined_by_uid(void **state)
{
    (void)state;
#define OWNED_BY(refs)                                                                             \
    MARKED_AND_OWNED("cert-manager.io/certificate-name: web, "                                     \
                     "cert-manager.io/certificate-revision: '1'",                                  \
                     refs)
#define MARKED_AND_OWNED(annotations, refs)                                                        \
    CERTIFICATE("", "",                                                                            \
                "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)        \
    ISSUER "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"                       \
           "metadata: {name: r, namespace: a, annotations: {" annotations                          \
           "}, ownerReferences: [" refs "]}\n"                                                     \
           "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"
    static const struct {
        const char *yaml;
        bool joined;
    } rows[] = {
        {OWNED_BY("{kind: Certificate, name: web, uid: c1}"), true},
        {OWNED_BY("{kind: Certificate, name: renamed, uid: c1}"), true},
        {OWNED_BY("{kind: Certificate, name: web, uid: c2}"), false},
        {OWNED_BY("{kind: Certificate, name: web}"), true},
        {OWNED_BY("{kind: Certificate, name: other}"), false},
        {OWNED_BY("{kind: Pod, name: web, uid: p1}"), true},
        {OWNED_BY(""), true},
        {MARKED_AND_OWNED("", "{kind: Certificate, name: web, uid: c1}"), true},
        {MARKED_AND_OWNED("", "{kind: Certificate, name: web, uid: c2}"), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if ((s.request != NULL) != rows[i].joined ||
            s.stage != (rows[i].joined ? STAGE_REQUEST : STAGE_CERTIFICATE)) {
            fail_msg("case %zu: stage %s", i, certificate_stage_name(s.stage));
        }
        world_close(&w);
    }
}

// Objects of files have no uids: kind and name of the owner count, in its namespace
// (docs/rules/certificates.md#owner-join).
static void test_joined_by_name(void **state)
{
    (void)state;
#define IN_A_FILE(kind, ns, name, owner, rest)                                                     \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: " kind "\nmetadata: {name: " name             \
    ", namespace: " ns ", ownerReferences: [{" owner "}]}\n" rest
#define ORDER_OF(owner, ns, name)                                                                  \
    IN_A_FILE("Order", ns, name, owner,                                                            \
              "spec: {dnsNames: [web.example.com]}\nstatus: {state: pending}\n")
#define CHALLENGE_OF(owner, ns, name)                                                              \
    IN_A_FILE("Challenge", ns, name, owner,                                                        \
              "spec: {dnsName: web.example.com, type: DNS-01}\nstatus: {state: pending}\n")
    struct certificate_status s = certyaml_status(
        &w,
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a}\n"
        "spec: {secretName: s, dnsNames: [web.example.com], issuerRef: {name: le}}\n"
        "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z")
            NOT_READY REQUEST_MADE("1", "2026-09-10T11:55:00Z")
                ORDER_OF("kind: CertificateRequest, name: web-1", "a", "o1")
                    ORDER_OF("kind: CertificateRequest, name: web-2", "a", "o2")
                        ORDER_OF("kind: Certificate, name: web-1", "a", "o3")
                            ORDER_OF("kind: CertificateRequest, name: web-1", "b", "o4")
                                CHALLENGE_OF("kind: Order, name: o1", "a", "h1")
                                    CHALLENGE_OF("kind: Order, name: o2", "a", "h2")
                                        CHALLENGE_OF("kind: Job, name: o1", "a", "h3")
                                            CHALLENGE_OF("kind: Order, name: o1", "b", "h4"));
    assert_non_null(s.order);
    assert_string_equal(s.order->o.name, "o1");
    assert_int_equal(s.nchallenges, 1);
    assert_string_equal(s.challenges[0]->o.name, "h1");
    world_close(&w);
}

static void test_steps_and_events(void **state)
{
    (void)state;
    struct certificate_status s = certyaml_status(
        &w,
        WORKING(ORDER("state: pending") CHALLENGE("", "DNS-01", "state: pending, processing: true")
                    EVENT("Challenge", "web-1-1-1", "h1", "Normal", "Presented", "x")
                        EVENT("Certificate", "web", "c1", "Warning", "RequestFailed",
                              "Failed to create CertificateRequest: x already exists")
                            EVENT("Order", "web-1-1", "o1", "Normal", "Created", "y")));
    assert_int_equal(s.steps[STEP_REQUESTED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_ORDERED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_PRESENTED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_PRESENTED].seconds, 60);
    assert_int_equal(s.steps[STEP_PROPAGATING].state, STEP_DOING);
    assert_int_equal(s.steps[STEP_PROPAGATING].seconds, 29 * 60);
    assert_int_equal(s.steps[STEP_STORED].state, STEP_TODO);
    uint32_t n;
    const struct event *const *e = certificate_events(&w.mesh, &s, &n);
    assert_int_equal(n, 2);
    assert_string_equal(e[0]->reason, "Created");
    world_close(&w);
    // Since 1.21 the status has the time itself (docs/rules/certificates.md#challenge-presented).
    s = certyaml_status(&w, WORKING(ORDER("state: pending") CHALLENGE(
                                "", "DNS-01",
                                "state: pending, processing: true, presented: true, presentedAt: "
                                "'2026-09-10T11:33:00Z'")));
    assert_int_equal(s.steps[STEP_PRESENTED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_PRESENTED].seconds, 3 * 60);
    world_close(&w);
}

// A step of all Challenges is done when each has taken it; an Order past them has them done, even if it needed none
// (docs/rules/certificates.md#issuance-steps).
static void test_steps_of_challenges(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum step_state presented, valid;
    } rows[] = {
        {WORKING(ORDER("state: pending") CHALLENGE_NAMED(
             "a") "state: pending, presented: true}\n" CHALLENGE_NAMED("b") "state: pending}\n"),
         STEP_DOING, STEP_TODO},
        {WORKING(ORDER("state: pending") CHALLENGE_NAMED(
             "a") "state: pending, presented: true}\n" CHALLENGE_NAMED("b") "state: valid}\n"),
         STEP_DONE, STEP_TODO},
        {WORKING(ORDER("state: pending")
                     CHALLENGE_NAMED("a") "state: valid}\n" CHALLENGE_NAMED("b") "state: valid}\n"),
         STEP_DONE, STEP_DONE},
        {WORKING(ORDER("state: pending")), STEP_DOING, STEP_TODO},
        {WORKING(ORDER("state: ready")), STEP_DONE, STEP_DONE},
        {WORKING(ORDER("state: processing")), STEP_DONE, STEP_DONE},
        {WORKING(ORDER("state: valid")), STEP_DONE, STEP_DONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if (s.steps[STEP_PRESENTED].state != rows[i].presented ||
            s.steps[STEP_VALID].state != rows[i].valid) {
            fail_msg("case %zu: %s, %s", i, step_state_name(s.steps[STEP_PRESENTED].state),
                     step_state_name(s.steps[STEP_VALID].state));
        }
        world_close(&w);
    }
}

// The steps around them (docs/rules/certificates.md#issuance-steps).
static void test_first_and_last_steps(void **state)
{
    (void)state;
    // Issued, and stored; only issued; and by an issuer that takes no Orders.
    struct certificate_status s = certyaml_status(
        &w, CERTIFICATE("", "", DATED) ISSUER REQUEST(APPROVED ISSUED) ORDER("state: valid")
                EVENT("Certificate", "web", "c1", "Normal", "Issuing",
                      "The certificate has been successfully issued"));
    for (int i = 0; i < STEP_COUNT; i++) {
        assert_int_equal(s.steps[i].state, STEP_DONE);
    }
    assert_int_equal(s.steps[STEP_FINALISED].seconds, 0);
    assert_int_equal(s.steps[STEP_STORED].seconds, 60);
    world_close(&w);
    s = certyaml_status(&w, CERTIFICATE("", "", DATED) ISSUER REQUEST(APPROVED ISSUED)
                                EVENT("Certificate", "web", "c1", "Normal", "Issuing",
                                      "Issuing certificate as Secret does not exist"));
    assert_int_equal(s.steps[STEP_STORED].seconds, 0);
    world_close(&w);
    s = certyaml_status(&w, BEGUN(APPROVED ISSUED) ORDER("state: valid"));
    assert_int_equal(s.steps[STEP_FINALISED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_STORED].state, STEP_DOING);
    world_close(&w);
    s = certyaml_status(&w, CERTIFICATE("", "", DATED) UNREADY_ISSUER REQUEST(APPROVED ISSUED));
    for (int i = 0; i < STEP_COUNT; i++) {
        assert_int_equal(s.steps[i].state,
                         i >= STEP_ORDERED && i <= STEP_VALID ? STEP_NONE : STEP_DONE);
    }
    world_close(&w);
    // An Order that failed before it was made is none; one that has no state is not ordered yet.
    s = certyaml_status(&w, WORKING(ORDER("state: errored")));
    assert_int_equal(s.steps[STEP_ORDERED].state, STEP_DOING);
    world_close(&w);
    s = certyaml_status(&w, WORKING(ORDER("state: ''")));
    assert_int_equal(s.steps[STEP_ORDERED].state, STEP_DOING);
    world_close(&w);
    s = certyaml_status(&w,
                        WORKING(ORDER("state: invalid") CHALLENGE_NAMED("a") "state: invalid}\n"));
    assert_int_equal(s.steps[STEP_ORDERED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_PRESENTED].state, STEP_DOING);
    world_close(&w);
    // What was denied was not approved (docs/rules/certificates.md#request-approval).
    s = certyaml_status(&w, BEGUN(DENIED ISSUED));
    assert_int_equal(s.steps[STEP_REQUESTED].state, STEP_DONE);
    assert_int_equal(s.steps[STEP_APPROVED].state, STEP_DOING);
    world_close(&w);
}

// Of the events of a Certificate without a request (docs/rules/certificates.md#certificate-events): neither one of an
// attempt before nor that a request is there already says why.
static void test_events_that_do_not_count(void **state)
{
    (void)state;
#define TRYING(since)                                                                              \
    CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE(since) NOT_READY) ISSUER
#define REFUSED(message) EVENT("Certificate", "web", "c1", "Warning", "RequestFailed", message)
    static const struct {
        const char *yaml;
        enum failure_mode mode;
    } rows[] = {
        {TRYING("2026-09-10T11:31:00Z") REFUSED("Failed to create CertificateRequest: no"),
         FAILURE_REQUEST},
        {TRYING("2026-09-10T11:31:01Z") REFUSED("Failed to create CertificateRequest: no"),
         FAILURE_NOTHING},
        {TRYING("2026-09-10T11:31:00Z")
             REFUSED("Failed to create CertificateRequest: web-1 already exists"),
         FAILURE_NOTHING},
        {TRYING("2026-09-10T11:31:00Z") REQUEST(APPROVED PENDING)
             REFUSED("Failed to create CertificateRequest: no"),
         FAILURE_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct certificate_status s = certyaml_status(&w, rows[i].yaml);
        if (s.mode != rows[i].mode) {
            fail_msg("case %zu: mode %d: %s", i, s.mode, s.reason);
        }
        world_close(&w);
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        enum certificate_state state;
        enum verdict verdict;
        const char *name;
    } table[] = {
        {CERTIFICATE_READY, VERDICT_OK, "READY"},
        {CERTIFICATE_RENEWING, VERDICT_OK, "RENEWING"},
        {CERTIFICATE_NEW, VERDICT_PENDING, "NEW"},
        {CERTIFICATE_ISSUING, VERDICT_PENDING, "ISSUING"},
        {CERTIFICATE_DELETING, VERDICT_PENDING, "DELETING"},
        {CERTIFICATE_STAGING, VERDICT_WARNING, "STAGING"},
        {CERTIFICATE_OVERDUE, VERDICT_WARNING, "OVERDUE"},
        {CERTIFICATE_RENEW_FAIL, VERDICT_WARNING, "RENEW-FAIL"},
        {CERTIFICATE_FAILED, VERDICT_BROKEN, "FAILED"},
        {CERTIFICATE_EXPIRED, VERDICT_BROKEN, "EXPIRED"},
        {CERTIFICATE_TEMPORARY, VERDICT_BROKEN, "TEMPORARY"},
        {CERTIFICATE_STUCK, VERDICT_BROKEN, "STUCK"},
        {CERTIFICATE_NOT_READY, VERDICT_BROKEN, "NOT READY"},
        {CERTIFICATE_NOT_PICKED_UP, VERDICT_BROKEN, "NOT PICKED UP"},
        {CERTIFICATE_UNKNOWN, VERDICT_UNKNOWN, "UNKNOWN"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(certificate_state_verdict(table[i].state), table[i].verdict);
        assert_string_equal(certificate_state_name(table[i].state), table[i].name);
    }
}

// If the request is gone, the Certificate still has its message.
static void test_failure_without_its_request(void **state)
{
    (void)state;
    struct certificate_status s = certyaml_status(
        &w,
        CERTIFICATE("", "",
                    "status:\n" FAILURE("3") "  conditions:\n" FAILED(
                        "Failed to wait for order resource \"x\" to become ready: order is in "
                        "\"errored\" state: Failed to create Order: 429 "
                        "urn:ietf:params:acme:error:rateLimited: too many certificates (5) already "
                        "issued for this exact set of identifiers in the last 168h0m0s, retry "
                        "after 2026-09-11 10:00:00 UTC: see x") NOT_READY) ISSUER);
    assert_int_equal(s.mode, FAILURE_RATE_LIMITED);
    assert_int_equal(s.stage, STAGE_ORDER);
    assert_non_null(strstr(s.reason, "Failed to create Order: 429"));
    assert_non_null(strstr(s.hint, "next slot 2026-09-11T10:00:00Z"));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_next_try),
        cmocka_unit_test(test_joined_by_uid),
        cmocka_unit_test(test_steps_and_events),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_failure_without_its_request),
        cmocka_unit_test(test_two_writers),
        cmocka_unit_test(test_events_that_do_not_count),
        cmocka_unit_test(test_temporary),
        cmocka_unit_test(test_staging),
        cmocka_unit_test(test_revisions),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_request_state),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_redirecting_gateways),
        cmocka_unit_test(test_joined_by_name),
        cmocka_unit_test(test_steps_of_challenges),
        cmocka_unit_test(test_first_and_last_steps),
        cmocka_unit_test(test_the_worst_challenge),
        cmocka_unit_test(test_common_name),
        cmocka_unit_test(test_request_after_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
