// SPDX-License-Identifier: Apache-2.0
// Each row of certs-dns.md §1.11, each failure mode of §2.3, and the times of §1.4, on written objects.
#include "kube/base/text.h"

#include "kube/mesh/certview.h"
#include "kube/mesh/issuance.h"

#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

#define NOW "2026-09-10T12:00:00Z"

// A world is written from these parts; %s of a Certificate is its status.
#define CERTIFICATE(meta, spec, status)                                                            \
    "---\napiVersion: cert-manager.io/v1\nkind: Certificate\n"                                     \
    "metadata: {name: web, namespace: a, uid: c1, creationTimestamp: '2026-09-10T11:00:00Z'" meta  \
    "}\n"                                                                                          \
    "spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {name: le, kind: "        \
    "ClusterIssuer}" spec "}\n" status
#define CONDITION(type, status, reason, message, when)                                             \
    "  - {type: " type ", status: '" status "', reason: " reason ", message: '" message            \
    "', lastTransitionTime: '" when "'}\n"
#define ISSUING_SINCE(when)                                                                        \
    CONDITION("Issuing", "True", "DoesNotExist", "Issuing certificate as Secret does not exist",   \
              when)
#define NOT_READY                                                                                  \
    CONDITION("Ready", "False", "DoesNotExist", "Issuing certificate as Secret does not exist",    \
              "2026-09-10T11:00:00Z")
#define READY                                                                                      \
    CONDITION("Ready", "True", "Ready", "Certificate is up to date and has not expired",           \
              "2026-09-01T00:00:00Z")
#define FAILED(message)                                                                            \
    CONDITION("Issuing", "False", "Failed",                                                        \
              "The certificate request has failed to complete and will be retried: " message,      \
              "2026-09-10T11:30:00Z")
#define DATES(renew, end)                                                                          \
    "  notBefore: '2026-08-01T00:00:00Z'\n  renewalTime: '" renew "'\n  notAfter: '" end "'\n"
#define FAILURE(n) "  lastFailureTime: '2026-09-10T11:30:00Z'\n  failedIssuanceAttempts: " n "\n"
#define ISSUER                                                                                     \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le, uid: i1}\n"    \
    "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', solvers: [{dns01: "   \
    "{route53: {region: x}}}]}}\n"                                                                 \
    "status:\n  conditions:\n  - {type: Ready, status: 'True', reason: ACMEAccountRegistered, "    \
    "message: ok}\n"
#define REQUEST(conditions)                                                                        \
    "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"                              \
    "metadata: {name: web-1, namespace: a, uid: r1, creationTimestamp: '2026-09-10T11:30:00Z', "   \
    "annotations: {cert-manager.io/certificate-name: web, "                                        \
    "cert-manager.io/certificate-revision: '1'}, ownerReferences: [{apiVersion: "                  \
    "cert-manager.io/v1, kind: Certificate, name: web, uid: c1, controller: true}]}\n"             \
    "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"                          \
    "status:\n  conditions:\n" conditions
#define APPROVED CONDITION("Approved", "True", "cert-manager.io", "ok", "2026-09-10T11:30:00Z")
#define PENDING                                                                                    \
    CONDITION("Ready", "False", "Pending",                                                         \
              "Waiting on certificate issuance from order a/o: \"pending\"",                       \
              "2026-09-10T11:30:00Z")
#define ORDER(status)                                                                              \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\n"                                      \
    "metadata: {name: web-1-1, namespace: a, uid: o1, creationTimestamp: "                         \
    "'2026-09-10T11:30:00Z', ownerReferences: [{apiVersion: cert-manager.io/v1, kind: "            \
    "CertificateRequest, name: web-1, uid: r1, controller: true}]}\n"                              \
    "spec: {dnsNames: [web.example.com], issuerRef: {name: le}, request: eA==}\n"                  \
    "status: {" status "}\n"
#define CHALLENGE(meta, type, status)                                                              \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Challenge\n"                                  \
    "metadata: {name: web-1-1-1, namespace: a, uid: h1, creationTimestamp: "                       \
    "'2026-09-10T11:30:00Z', ownerReferences: [{apiVersion: acme.cert-manager.io/v1, kind: "       \
    "Order, "                                                                                      \
    "name: web-1-1, uid: o1, controller: true}]" meta "}\n"                                        \
    "spec: {dnsName: web.example.com, type: " type ", wildcard: false, issuerRef: {name: le}, "    \
    "solver: {dns01: {route53: {region: x}}}, key: k, token: t, url: u, authorizationURL: v}\n"    \
    "status: {" status "}\n"
#define EVENT(kind, name, uid, type, reason, message)                                              \
    "---\napiVersion: v1\nkind: Event\nmetadata: {name: e-" reason ", namespace: a}\n"             \
    "involvedObject: {kind: " kind ", namespace: a, name: " name ", uid: " uid "}\n"               \
    "type: " type "\nreason: " reason "\nmessage: '" message "'\n"                                 \
    "lastTimestamp: '2026-09-10T11:31:00Z'\n"

#define WORKING(rest)                                                                              \
    CERTIFICATE("", "",                                                                            \
                "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)        \
    ISSUER REQUEST(APPROVED PENDING) rest

static struct world w;

static struct certificate_status status_of(const char *yaml)
{
    struct certificate_status s;
    world_open(&w, yaml, time_parse(NOW));
    const struct object *o = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web");
    assert_non_null(o);
    certificate_status(&w.mesh, OBJECT_AS(certificate, o), &s);
    return s;
}

// --- §1.11

struct state_case {
    const char *what, *yaml;
    enum certificate_state state;
    const char *words; // of the reason
};

// clang-format off
static const struct state_case states[] = {
    {"deleting", CERTIFICATE(", deletionTimestamp: '2026-09-10T11:58:00Z'", "", "status:\n  conditions:\n" READY), CERTIFICATE_DELETING, "being deleted"},
    {"expired though Ready", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_EXPIRED, "is cert-manager running"},
    {"expired in 1970", CERTIFICATE("", "", "status:\n  notAfter: '1970-01-01T00:00:00Z'\n  conditions:\n" READY), CERTIFICATE_EXPIRED, "1970-01-01"},
    {"valid to 9999", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("9990-01-01T00:00:00Z", "9999-12-31T23:59:59Z") "  conditions:\n" READY), CERTIFICATE_READY, ""},
    {"temporary by its Secret", CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/subject-serialnumber: '1234567890'}}\n", CERTIFICATE_TEMPORARY, "not trusted"},
    {"no longer temporary", CERTIFICATE(", annotations: {cert-manager.io/issue-temporary-certificate: 'true'}", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/issuer-name: le}}\n", CERTIFICATE_READY, ""},
    {"failed", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY), CERTIFICATE_FAILED, "no"},
    {"renewal failed", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" FAILED("no") READY), CERTIFICATE_RENEW_FAIL, "no"},
    {"Issuing=False/Issued is success", CERTIFICATE("", "", "status:\n  revision: 1\n" FAILURE("1") DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" CONDITION("Issuing", "False", "Issued", "The certificate has been successfully issued", "2026-09-10T11:00:00Z") READY), CERTIFICATE_READY, ""},
    {"issuing", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:31:00Z") NOT_READY), CERTIFICATE_ISSUING, ""},
    {"stuck", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:30:00Z") NOT_READY), CERTIFICATE_STUCK, ""},
    {"renewing, however long", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY ISSUING_SINCE("2026-09-09T11:30:00Z")), CERTIFICATE_RENEWING, ""},
    {"not ready", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "IncorrectCertificate", "Secret was issued for \"other\".", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "IncorrectCertificate: Secret was issued for \"other\""},
    {"not ready for a reason nobody knows", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "Strange", "odd", "2026-09-10T11:30:00Z")), CERTIFICATE_NOT_READY, "Strange: odd"},
    {"overdue", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-10T10:59:59Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_OVERDUE, "renewal was due 2026-09-10T10:59:59Z"},
    {"due, but not for an hour", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-10T11:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_READY, ""},
    {"staging", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY)
        "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {acme: {server: 'https://acme-staging-v02.api.letsencrypt.org/directory'}}\n", CERTIFICATE_STAGING, "staging"},
    {"ready", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_READY, ""},
    {"new", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:59:01Z'}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le}}\n", CERTIFICATE_NEW, "yet"},
    {"not picked up", CERTIFICATE("", "", ""), CERTIFICATE_NOT_PICKED_UP, "no controller has handled this"},
};
// clang-format on

static void test_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct certificate_status s = status_of(states[i].yaml);
        if (s.state != states[i].state || strstr(s.reason, states[i].words) == NULL) {
            fail_msg("%s: %s: %s", states[i].what, certificate_state_name(s.state), s.reason);
        }
        world_close(&w);
    }
}

// --- §2.3; where a recording shows a mode, t_certs_corpus has it as well

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
        struct certificate_status s = status_of(modes[i].yaml);
        if (s.mode != modes[i].mode || s.stage != modes[i].stage ||
            strstr(s.reason, modes[i].reason) == NULL || s.hint == NULL ||
            strstr(s.hint, modes[i].hint) == NULL) {
            fail_msg("case %zu: mode %d, stage %s, reason '%s', hint '%s'", i, s.mode,
                     certificate_stage_name(s.stage), s.reason, s.hint != NULL ? s.hint : "");
        }
        world_close(&w);
    }
}

// --- §1.4, §8

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

static void test_next_try(void **state)
{
    (void)state;
    struct certificate_status s = status_of(
        CERTIFICATE("", "", "status:\n" FAILURE("3") "  conditions:\n" FAILED("no") NOT_READY));
    assert_int_equal(s.next_try, time_parse("2026-09-10T15:30:00Z"));
    assert_int_equal(s.attempts, 3);
    world_close(&w);
    s = status_of(CERTIFICATE(
        "", "",
        "status:\n  revision: 1\n" FAILURE("1") DATES(
            "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" FAILED("no") READY));
    assert_int_equal(s.next_try, time_parse("2026-11-01T00:00:00Z"));
    world_close(&w);
    s = status_of(states[sizeof states / sizeof *states - 3].yaml);
    assert_int_equal(s.next_try, TIME_NONE);
    world_close(&w);
}

// An owner of the same name but another uid is another object (note 7 of the recordings).
static void test_joined_by_uid(void **state)
{
    (void)state;
    struct certificate_status s =
        status_of("---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, "
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
    struct certificate_status s = status_of(
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
    world_open(
        &w,
        CERTIFICATE("", "",
                    "status:\n  revision: 1\n" DATES(
                        "2026-09-20T00:00:00Z", "2026-09-20T12:00:00Z") "  conditions:\n" READY),
        time_parse(NOW));
    struct findings f = {0};
    certificate_expiring(&w.mesh, 9 * 86400, &f);
    assert_int_equal(f.n, 0);
    certificate_expiring(&w.mesh, 14 * 86400, &f);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.at[0].message, "ends 2026-09-20T12:00:00Z (READY)");
    world_close(&w);
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
    {"a request of an older revision still pending", WORKING(ORDER("state: pending") OLD_REQUEST), CERTIFICATE_ISSUING, STAGE_ORDER, "Order a/web-1-1 is pending"},
    {"only a request of an older revision", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) ISSUER OLD_REQUEST, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, "Secret does not exist"},
    {"a request without ownerReferences", CERTIFICATE("", "", "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY) ISSUER
        "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: web-1, namespace: a, annotations: {cert-manager.io/certificate-name: web, cert-manager.io/certificate-revision: '1'}}\n"
        "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\nstatus:\n  conditions:\n" APPROVED PENDING, CERTIFICATE_ISSUING, STAGE_ORDER, "Waiting on certificate issuance from order a/o"},
    {"an issuer of another group", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, creationTimestamp: '2026-09-10T11:00:00Z'}\nspec: {secretName: s, dnsNames: [a.b.c], issuerRef: {name: le, kind: Corp, group: corp.example.com}}\n", CERTIFICATE_NOT_PICKED_UP, STAGE_CERTIFICATE, "issuerRef.group foreign"},
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
        struct certificate_status s = status_of(yaml.data);
        if (s.state != b->state || s.stage != b->stage || strstr(s.reason, b->words) == NULL) {
            fail_msg("%s: %s, stage %s: %s", b->what, certificate_state_name(s.state),
                     certificate_stage_name(s.stage), s.reason);
        }
        for (int k = 0; k < STEP_COUNT; k++) {
            assert_true(s.steps[k].seconds >= -1);
        }
        const struct object *o = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "good");
        certificate_status(&w.mesh, OBJECT_AS(certificate, o), &s);
        assert_int_equal(s.state, CERTIFICATE_READY);
        assert_string_equal(s.reason, "");
        world_close(&w);
        buf_release(&yaml);
    }
    struct certificate_status s = status_of(bad_cases[6].yaml);
    assert_int_equal(s.renews, time_parse("2026-11-01T00:00:00Z") - 8 * 3600);
    world_close(&w);
}

// A request that is collected takes its words along, but the Certificate has them as well (mode 4).
static void test_failure_without_its_request(void **state)
{
    (void)state;
    struct certificate_status s = status_of(
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

// What a corpus of one knows about its issuer, and what a handshake says where none was made.
static void test_issuer_and_served(void **state)
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
    issuer_ca(OBJECT_AS(issuer, mesh_get(&w.mesh, KIND_CLUSTERISSUER, "", "moved")), &ca);
    assert_int_equal(ca.environment, ACME_PRODUCTION);
    assert_string_equal(ca.kind, "ACME");
    assert_non_null(strstr(ca.note, "not registered with this server"));
    const struct certificate *c =
        OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web"));
    struct served served;
    assert_false(certificate_served(&w.mesh, c, "web.example.com", &served));
    struct issued_certificate issued;
    certificate_issued(&w.mesh, c, &issued);
    assert_false(issued.known);
    assert_null(issued.error);
    world_close(&w);
}

// An issued chain that cannot be read is said to be so; nothing else suffers.
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
    struct certificate_status s = status_of(yaml);
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
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_expiring),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_failure_without_its_request),
        cmocka_unit_test(test_issuer_and_served),
        cmocka_unit_test(test_secret_in_a_file),
        cmocka_unit_test(test_unreadable_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
