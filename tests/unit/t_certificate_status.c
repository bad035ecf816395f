// SPDX-License-Identifier: Apache-2.0
// States, failures and times of Certificates, on objects written by hand.
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/certificate_status.h"

#include "tests/support/certyaml.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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
    {"expired comes before failed, which it tells", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("6") DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" FAILED("no such thing") READY), CERTIFICATE_EXPIRED, "is cert-manager running?); no such thing", 0},
    {"expired while issuing", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") CONDITION("Ready", "False", "Expired", "Certificate expired on x", "2026-09-09T00:00:00Z")), CERTIFICATE_EXPIRED, "expired 2026-09-09T00:00:00Z; ", 0},
    {"expired this second", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", NOW) "  conditions:\n" READY), CERTIFICATE_EXPIRED, "expired " NOW, 0},
    {"temporary comes before failed", CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n" FAILURE("1") RENEWS_LATER "  conditions:\n" FAILED("no such thing") READY)
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/subject-serialnumber: '1234567890'}}\n", CERTIFICATE_TEMPORARY, "not trusted; no such thing", 0},
    {"a failure without its time is none", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" FAILED("no") READY), CERTIFICATE_READY, "", 0},
    {"failed comes before not ready", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") RENEWS_LATER "  conditions:\n" FAILED("no") CONDITION("Ready", "False", "SecretMismatch", "x", "2026-09-10T11:30:00Z")), CERTIFICATE_FAILED, "no", 0},
    {"renewing for ten minutes", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:50:00Z")), CERTIFICATE_RENEWING, "", 0},
    {"renewing for more than ten minutes", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:49:59Z")), CERTIFICATE_RENEWING, "", VERDICT_WARNING},
    {"renewing for more than half an hour", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY ISSUING_SINCE("2026-09-10T11:29:59Z")), CERTIFICATE_RENEWING, "", VERDICT_BROKEN},
    {"issuing for a second less than half an hour", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:30:01Z") NOT_READY), CERTIFICATE_ISSUING, "", 0},
    {"overdue, and less than a sixth is left", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-08-30T00:00:00Z", "2026-09-15T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_OVERDUE, "renewal was due", VERDICT_BROKEN},
    {"overdue, but backing off", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") DATES("2026-08-30T00:00:00Z", "2026-10-15T00:00:00Z") "  conditions:\n" CONDITION("Issuing", "False", "Issued", "x", "2026-09-10T11:00:00Z") READY), CERTIFICATE_READY, "", 0},
    {"never renewed by itself, so never overdue", CERTIFICATE("", ", renewal: {policy: Disabled}", "status:\n  revision: 1\n  notBefore: '2026-08-01T00:00:00Z'\n  notAfter: '2026-09-11T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_READY, "", 0},
    {"Ready unknown", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "Unknown", "Strange", "odd", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "Strange: odd", 0},
    {"of a controller before 0.16", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "TemporaryCertificate", "Certificate issuance in progress. Temporary certificate issued.", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "TemporaryCertificate: Certificate issuance in progress", 0},
    {"new", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:59:01Z'}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le}}\n", CERTIFICATE_NEW, "yet", 0},
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
    assert_int_equal(certificate_renewal_time(TIME_NONE, end, DURATION_NONE, -1), TIME_NONE);
    assert_int_equal(certificate_renewal_time(end, from, DURATION_NONE, -1), TIME_NONE);
    static const int hours[][2] = {{-1, 1}, {0, 1},  {1, 1},  {2, 2},   {3, 4},
                                   {5, 16}, {6, 32}, {7, 32}, {60, 32}, {100000, 32}};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        assert_int_equal(certificate_backoff(hours[i][0]), hours[i][1] * 3600);
    }
}

// When it goes on, from lastFailureTime 11:30: 1, 2, 4 ... 32 hours; a Ready one not before its renewal
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

// An owner of the same name but another uid is another object (note 7 of the recordings).
static void test_joined_by_uid(void **state)
{
    (void)state;
    struct certificate_status s = certyaml_status(
        &w, "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, "
            "namespace: a, uid: "
            "c2}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le, kind: "
            "ClusterIssuer}}\n"
            "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z")
                NOT_READY ISSUER REQUEST(APPROVED PENDING));
    assert_null(s.request);
    assert_int_equal(s.stage, STAGE_CERTIFICATE);
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

// A request that is gone takes its words along, but the Certificate has them as well.
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
        cmocka_unit_test(test_states),        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_times),         cmocka_unit_test(test_next_try),
        cmocka_unit_test(test_joined_by_uid), cmocka_unit_test(test_steps_and_events),
        cmocka_unit_test(test_verdicts),      cmocka_unit_test(test_failure_without_its_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
