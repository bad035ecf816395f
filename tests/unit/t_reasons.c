// SPDX-License-Identifier: Apache-2.0
// The texts of cert-manager's controllers and of ACME servers, a row each: what is said of them
// (docs/rules/certificates.md#deepest-reason, docs/rules/certificates.md#failure-recognition). The forms are
// those of cert-manager's source.
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/deepest_reason.h"

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

#define NOW "2026-09-10T12:00:00Z"
#define STRIPPED "The certificate request has failed to complete and will be retried: "

// What the cluster holds. NULL is the usual: an ACME issuer that is ready, a request approved and pending.
struct given {
    const char *group;        // of issuerRef
    const char *spec, *ready; // of the issuer: its type; reason of Ready=False
    const char *refused;      // and its message
    const char *issuing;      // Issuing's "True" or "False"; NULL True
    const char *why, *said;   // and its reason and message
    const char *failure;      // other fields of the Certificate's status
    const char *request;      // reason of the request's Ready, "none" for no request at all
    const char *request_says; // and its message
    const char *order;        // its state; NULL no order
    const char *reason;       // and its reason
    const char *challenge;    // its state; NULL no challenge
    const char *type;         // and its type
    const char *text;         // and its reason
    const char *event;        // a Warning's reason about the object that `about` names by uid
    const char *message, *about;
    bool presented;
};

static void quoted(struct buf *b, const char *head, const char *text)
{
    buf_adds(b, head);
    buf_adds(b, "\"");
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            buf_adds(b, "\\");
        }
        if (*p == '\n' || *p == '\t') {
            buf_adds(b, *p == '\n' ? "\\n" : "\\t");
        } else {
            buf_add(b, p, 1);
        }
    }
    buf_adds(b, "\"");
}

static void condition(struct buf *b, const char *type, const char *status, const char *reason,
                      const char *message, const char *when)
{
    buf_addf(b, "  - {type: %s, status: '%s', reason: %s, lastTransitionTime: '%s', ", type, status,
             reason, when);
    quoted(b, "message: ", message);
    buf_adds(b, "}\n");
}

static const char *given_or(const char *x, const char *usual)
{
    return x != NULL ? x : usual;
}

static char *world_of(const struct given *g)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "apiVersion: cert-manager.io/v1\nkind: Certificate\n"
             "metadata: {name: web, namespace: a, uid: c1, creationTimestamp: "
             "'2026-09-10T11:00:00Z'}\n"
             "spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {name: le, "
             "kind: ClusterIssuer, group: %s}}\nstatus:\n",
             given_or(g->group, "cert-manager.io"));
    if (g->failure != NULL) {
        buf_addf(&b, "  %s\n", g->failure);
    }
    buf_adds(&b, "  conditions:\n");
    condition(&b, "Issuing", given_or(g->issuing, "True"), given_or(g->why, "DoesNotExist"),
              given_or(g->said, "Issuing certificate as Secret does not exist"),
              "2026-09-10T11:50:00Z");
    condition(&b, "Ready", "False", "DoesNotExist", "Issuing certificate as Secret does not exist",
              "2026-09-10T11:00:00Z");
    if (g->spec == NULL || strcmp(g->spec, "none") != 0) {
        buf_addf(&b,
                 "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le, "
                 "uid: i1}\nspec: {%s}\nstatus:\n  conditions:\n",
                 given_or(g->spec,
                          "acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', "
                          "solvers: [{dns01: {route53: {region: x}}}]}"));
        condition(&b, "Ready", g->ready != NULL ? "False" : "True", given_or(g->ready, "Fine"),
                  given_or(g->refused, ""), "2026-09-10T11:00:00Z");
    }
    if (g->request == NULL || strcmp(g->request, "none") != 0) {
        buf_adds(&b, "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"
                     "metadata: {name: web-1, namespace: a, uid: r1, creationTimestamp: "
                     "'2026-09-10T11:50:00Z', annotations: {cert-manager.io/certificate-name: web, "
                     "cert-manager.io/certificate-revision: '1'}, ownerReferences: [{kind: "
                     "Certificate, name: web, uid: c1}]}\n"
                     "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"
                     "status:\n  conditions:\n");
        condition(&b, "Approved", "True", "cert-manager.io", "ok", "2026-09-10T11:50:00Z");
        const char *reason = given_or(g->request, "Pending");
        condition(&b, "Ready", strcmp(reason, "Issued") == 0 ? "True" : "False", reason,
                  given_or(g->request_says,
                           "Waiting on certificate issuance from order a/web-1-1: \"pending\""),
                  "2026-09-10T11:51:00Z");
    }
    if (g->order != NULL) {
        buf_addf(&b,
                 "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\nmetadata: {name: "
                 "web-1-1, namespace: a, uid: o1, creationTimestamp: '2026-09-10T11:50:00Z', "
                 "ownerReferences: [{kind: CertificateRequest, name: web-1, uid: r1}]}\n"
                 "spec: {dnsNames: [web.example.com], issuerRef: {name: le}, request: eA==}\n"
                 "status: {state: '%s', ",
                 g->order);
        quoted(&b, "reason: ", given_or(g->reason, ""));
        buf_adds(&b, "}\n");
    }
    if (g->challenge != NULL) {
        buf_addf(&b,
                 "---\napiVersion: acme.cert-manager.io/v1\nkind: Challenge\nmetadata: {name: "
                 "web-1-1-1, namespace: a, uid: h1, creationTimestamp: '2026-09-10T11:50:00Z', "
                 "ownerReferences: [{kind: Order, name: web-1-1, uid: o1}]}\n"
                 "spec: {dnsName: web.example.com, type: %s, issuerRef: {name: le}}\n"
                 "status: {state: '%s', processing: true, presented: %s, ",
                 given_or(g->type, "DNS-01"), g->challenge, g->presented ? "true" : "false");
        quoted(&b, "reason: ", given_or(g->text, ""));
        buf_adds(&b, "}\n");
    }
    if (g->event != NULL) {
        buf_addf(&b,
                 "---\napiVersion: v1\nkind: Event\nmetadata: {name: e, namespace: a}\n"
                 "involvedObject: {namespace: a, uid: %s}\ntype: Warning\nreason: %s\n"
                 "lastTimestamp: '2026-09-10T11:55:00Z'\n",
                 g->about, g->event);
        quoted(&b, "message: ", g->message);
        buf_adds(&b, "\n");
    }
    return buf_take(&b);
}

struct row {
    const char *what;
    struct given given;
    enum failure_mode mode;
    enum certificate_state state;
    enum certificate_stage stage;
    const char *words[3]; // of the reason
    const char *hint;     // words of what to do; "": none at all
};

#define ACME(code, type, detail) #code " urn:ietf:params:acme:error:" type ": " detail
#define CREATE "Failed to create Order: "
#define AUTH "Error accepting authorization: acme: authorization error for web.example.com: "
#define ORDER_ERRORED(text) .order = "errored", .reason = text
#define INVALID(kind, reason)                                                                      \
    .order = "invalid", .challenge = "invalid", .type = (kind), .text = (reason)
#define PRESENT(kind, reason)                                                                      \
    .order = "pending", .challenge = "pending", .type = (kind), .text = (reason)
#define CHECK(kind, reason)                                                                        \
    .order = "pending", .challenge = "pending", .type = (kind),                                    \
    .text = "Waiting for " kind " challenge propagation: " reason, .presented = true
#define ISSUER_SAYS(type, why_not, text)                                                           \
    .spec = (type), .ready = (why_not), .refused = (text),                                         \
    .request_says = "Referenced issuer does not have a "                                           \
                    "Ready status condition"
#define GONE "none" // no issuer at all
#define FAILED_WITH(why_not, text)                                                                 \
    .issuing = "False", .why = (why_not), .said = STRIPPED text,                                   \
    .failure = "lastFailureTime: '2026-09-10T11:52:00Z'"

// clang-format off
static const struct row rows[] = {
    // --- the Order, as the server refuses it (acmeorders/sync.go)
    {"a name that the CA does not issue for", {ORDER_ERRORED(CREATE ACME(400, "rejectedIdentifier", "Order included an identifier for which issuance is forbidden by policy: \"web.example.com\"; subproblems:\n\turn:ietf:params:acme:error:rejectedIdentifier: [dns: web.example.com] web.example.com is a forbidden domain"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"400 urn:ietf:params:acme:error:rejectedIdentifier", "is a forbidden domain"}, "does not issue for a name of the request"},
    {"an identifier of a kind it does not know", {ORDER_ERRORED(CREATE ACME(400, "unsupportedIdentifier", "Order included unsupported identifier: type \"ip\", value \"192.0.2.1\""))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"unsupportedIdentifier", "192.0.2.1"}, "does not issue for a name of the request"},
    {"a deactivated account", {ORDER_ERRORED(CREATE ACME(403, "unauthorized", "Account is not valid, has status \"deactivated\""))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"403 urn:ietf:params:acme:error:unauthorized", "deactivated"}, "privateKeySecretRef"},
    {"an account that is gone", {ORDER_ERRORED(CREATE ACME(400, "accountDoesNotExist", "Account \"https://acme/acct/1\" not found"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"400", "accountDoesNotExist", "not found"}, "privateKeySecretRef"},
    {"new terms to agree to", {ORDER_ERRORED(CREATE ACME(403, "userActionRequired", "Terms of service have changed; visit https://ca.example/terms"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"403", "userActionRequired", "https://ca.example/terms"}, "the CA wants something done by a person"},
    {"a nonce refused to the last", {ORDER_ERRORED(CREATE ACME(400, "badNonce", "JWS has an invalid anti-replay nonce: \"x\""))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"400", "badNonce"}, "trouble of the server's own"},
    {"a malformed order", {ORDER_ERRORED(CREATE ACME(400, "malformed", "Order included a DNS identifier with a value containing an illegal character: '_'"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"malformed", "illegal character: '_'"}, "correct what the server refuses"},
    {"a profile that the CA does not have", {ORDER_ERRORED(CREATE ACME(400, "invalidProfile", "Order includes unrecognized profile name \"tiny\""))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"invalidProfile", "\"tiny\""}, "spec.acme.profile"},
    {"a CA without profiles", {ORDER_ERRORED(CREATE "acme: certificate authority does not support profiles")},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"does not support profiles"}, "spec.acme.profile"},
    {"a profile that is not advertised", {ORDER_ERRORED(CREATE "acme: certificate authority does not advertise a profile with name tiny")},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"does not advertise a profile with name tiny"}, "spec.acme.profile"},
    {"a signing request that the CA refuses", {ORDER_ERRORED("Failed to finalize Order: " ACME(400, "badCSR", "CSR contains a weak key"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_FINALIZE, {"400", "badCSR", "weak key"}, "spec.privateKey"},
    {"finalized too early", {ORDER_ERRORED("Failed to finalize Order: " ACME(403, "orderNotReady", "Order's status (\"pending\") is not acceptable for finalization"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_FINALIZE, {"403", "orderNotReady", "not acceptable"}, "next try comes by itself"},
    {"an order that the server has forgotten", {ORDER_ERRORED("Failed to retrieve Order resource: " ACME(404, "malformed", "Order not found"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"404", "Order not found"}, "next try comes by itself"},
    {"an authorization that cannot be fetched", {ORDER_ERRORED("Failed to fetch authorization: " ACME(404, "malformed", "Authorization not found"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"404", "Authorization not found"}, "next try comes by itself"},
    {"a signed certificate that cannot be fetched", {ORDER_ERRORED("Failed to retrieve signed certificate: " ACME(404, "malformed", "Certificate not found"))},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_FINALIZE, {"404", "Certificate not found"}, "next try comes by itself"},
    {"a certificate that is none", {ORDER_ERRORED("Invalid certificate retrieved from ACME server: pem: invalid")},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_FINALIZE, {"Invalid certificate retrieved from ACME server: pem: invalid"}, "next try comes by itself"},
    {"an order of no reason", {.order = "expired"},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_ORDER, {"Order a/web-1-1 is expired"}, "next try comes by itself"},
    {"an order out of the server's reach", {.order = ""},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_ORDER, {"Order a/web-1-1 has no state", "out of reach"}, ""},
    {"CAA forbids it", {ORDER_ERRORED("Failed to finalize Order: " ACME(403, "caa", "Error finalizing order :: While processing CAA for web.example.com: CAA record for web.example.com prevents issuance"))},
     FAILURE_CAA, CERTIFICATE_ISSUING, STAGE_FINALIZE, {"403", "caa", "prevents issuance"}, "letsencrypt.org"},
    {"the same names too often", {ORDER_ERRORED(CREATE ACME(429, "rateLimited", "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-09-11 10:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ORDER, {"429", "rateLimited"}, "identical certificates (5 in 7 days); next slot 2026-09-11T10:00:00Z"},
    {"the domain too often, the older way", {ORDER_ERRORED(CREATE ACME(429, "rateLimited", "Error creating new order :: too many certificates already issued for: example.com: see https://letsencrypt.org/docs/rate-limits/"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ORDER, {"429"}, "registered domain (50 in 7 days); next slot unknown"},
    {"failed too often", {ORDER_ERRORED(CREATE ACME(429, "rateLimited", "too many failed authorizations (5) for \"web.example.com\" in the last 1h0m0s, retry after 2026-09-10 12:10:00 UTC: see https://letsencrypt.org/docs/rate-limits/#authorization-failures-per-identifier-per-account"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ORDER, {"429"}, "failed authorizations of the name (5 in an hour); next slot 2026-09-10T12:10:00Z"},
    {"a limit of a CA of which no figures are known", {.spec = "acme: {server: 'https://pebble:14000/dir', solvers: [{http01: {}}]}", ORDER_ERRORED(CREATE ACME(429, "rateLimited", "too many certificates already issued for this exact set of identifiers; try again in 2h"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ORDER, {"429", "try again in 2h"}, "the CA's rate limit: identical certificates; next slot"},
    {"paused", {ORDER_ERRORED(CREATE ACME(429, "rateLimited", "Your account is temporarily prevented from requesting certificates for web.example.com and possibly others. Please visit: https://portal.letsencrypt.org/sfe/v1/unpause?jwt=x"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ORDER, {"429"}, "paused after too many failures in a row; visit the link"},
    {"too many orders", {ORDER_ERRORED(CREATE ACME(429, "rateLimited", "too many new orders (300) from this account in the last 3h0m0s, retry after 2026-09-10 12:10:00 UTC"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ORDER, {"429"}, "new orders of the account (300 in 3 hours)"},

    // --- the Challenge, as the CA sees it (acmechallenges/sync.go, third_party/forked/acme)
    {"the CA finds no such name", {INVALID("HTTP-01", AUTH ACME(400, "dns", "DNS problem: NXDOMAIN looking up A for web.example.com - check that a DNS record exists for this domain"))},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"web.example.com", "400 urn:ietf:params:acme:error:dns", "NXDOMAIN"}, "what the public internet sees"},
    {"the CA cannot connect", {INVALID("HTTP-01", AUTH ACME(400, "connection", "192.0.2.7: Fetching http://web.example.com/.well-known/acme-challenge/tok: Timeout during connect (likely firewall problem)"))},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"400 urn:ietf:params:acme:error:connection", "likely firewall problem"}, "what the public internet sees"},
    {"the CA reads something else", {INVALID("HTTP-01", AUTH ACME(403, "unauthorized", "The key authorization file from the server did not match this challenge"))},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"403 urn:ietf:params:acme:error:unauthorized", "did not match this challenge"}, "what the public internet sees"},
    {"the CA finds no TXT", {INVALID("DNS-01", AUTH ACME(403, "unauthorized", "No TXT records found for DNS challenge"))},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"403", "No TXT records found"}, "_acme-challenge.web.example.com"},
    {"two errors of one authorization", {INVALID("HTTP-01", AUTH ACME(400, "connection", "refused") "; " ACME(400, "dns", "no such host"))},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"connection: refused", "dns: no such host"}, "what the public internet sees"},
    {"an authorization error without a name", {INVALID("DNS-01", "Error accepting authorization: acme: authorization error: " ACME(400, "dns", "no such host"))},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"web.example.com", "400 urn:ietf:params:acme:error:dns: no such host"}, "_acme-challenge.web.example.com"},
    {"invalid, with no more than the detail", {INVALID("HTTP-01", "Fetching http://web.example.com/: Connection refused")},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"web.example.com", "Connection refused"}, "what the public internet sees"},
    {"invalid, with nothing at all", {INVALID("HTTP-01", "")},
     FAILURE_AUTHORIZATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"HTTP-01 for web.example.com is invalid"}, "what the public internet sees"},
    {"CAA at validation", {INVALID("DNS-01", AUTH ACME(403, "caa", "CAA record for web.example.com prevents issuance"))},
     FAILURE_CAA, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"403", "caa", "prevents issuance"}, "letsencrypt.org"},
    {"an expired challenge says nothing", {.order = "pending", .challenge = "expired", .presented = true},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"DNS-01 for web.example.com is expired"}, "delete the Order"},
    {"the CA does not take the challenge", {.order = "invalid", .challenge = "expired", .text = "Error accepting challenge: " ACME(400, "malformed", "Unable to update challenge :: authorization must be pending")},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"DNS-01 for web.example.com failed: 400 urn:ietf:params:acme:error:malformed", "authorization must be pending"}, "next try comes by itself"},
    {"a challenge that the account may not see", {.order = "errored", .challenge = "errored", .text = "Failed to retrieve Order resource: " ACME(403, "unauthorized", "Account does not own authorization")},
     FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"web.example.com", "403", "does not own authorization"}, "next try comes by itself"},
    {"a wait instead of a check", {PRESENT("DNS-01", "Waiting 1m30s before accepting DNS-01 challenge without self-check"), .presented = true},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"Waiting 1m30s before accepting DNS-01"}, ""},

    // --- the self-check (acmechallenges/readiness.go, issuer/acme/dns, issuer/acme/http)
    {"a record not seen yet", {CHECK("DNS-01", "DNS record for \"web.example.com\" not yet propagated")},
     FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"DNS-01 self-check for web.example.com fails", "not yet propagated"}, "_acme-challenge.web.example.com is not visible"},
    {"a zone's server in trouble", {CHECK("DNS-01", "NS ns1.example.com. returned SERVFAIL for _acme-challenge.web.example.com.")},
     FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"NS ns1.example.com. returned SERVFAIL"}, "check the zone's servers"},
    {"a zone's server that refuses", {CHECK("DNS-01", "NS ns1.example.com.:53 returned REFUSED for _acme-challenge.web.example.com.")},
     FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"returned REFUSED"}, "check the zone's servers"},
    {"a zone that nobody finds", {CHECK("DNS-01", "Could not find the start of authority for \"_acme-challenge.web.example.com.\": unexpected response code \"NXDOMAIN\"")},
     FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"start of authority", "NXDOMAIN"}, "check the zone's servers"},
    {"a name server out of reach", {CHECK("DNS-01", "dial udp 192.0.2.53:53: i/o timeout")},
     FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"i/o timeout"}, "open port 53"},
    {"a CNAME that goes round", {CHECK("DNS-01", "Found recursive CNAME record to \"a.example.com.\" when looking up \"b.example.com.\"")},
     FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"recursive CNAME"}, "CNAME captures _acme-challenge"},
    {"a host without a name", {CHECK("HTTP-01", "failed to perform self check GET request 'http://web.example.com/.well-known/acme-challenge/tok': Get \"http://web.example.com/.well-known/acme-challenge/tok\": dial tcp: lookup web.example.com on 10.0.0.10:53: no such host")},
     FAILURE_HTTP01_SELF_CHECK, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"HTTP-01 self-check for web.example.com fails: dial tcp", "no such host"}, "port 80"},
    {"a body that breaks off", {CHECK("HTTP-01", "failed to read response body: unexpected EOF")},
     FAILURE_HTTP01_SELF_CHECK, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"failed to read response body: unexpected EOF"}, "port 80"},
    {"the wrong answer", {CHECK("HTTP-01", "did not get expected response \"tok.key\" when querying endpoint")},
     FAILURE_HTTP01_SELF_CHECK, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"did not get expected response"}, "port 80"},

    // --- presenting (issuer/acme/dns/*, issuer/acme/http)
    {"Route53 denies, redacted", {PRESENT("DNS-01", "failed to determine Route 53 hosted zone ID: operation error Route 53: ListHostedZonesByName, <redacted AWS SDK error: http.ResponseError: see events and logs for details>"),
      .event = "PresentError", .about = "h1", .message = "Error presenting challenge: failed to determine Route 53 hosted zone ID: operation error Route 53: ListHostedZonesByName, https response error StatusCode: 403, RequestID: 7, api error AccessDenied: User: arn:aws:sts::1:x is not authorized to perform: route53:ListHostedZonesByName"},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"cannot present DNS-01", "failed to determine Route 53 hosted zone ID", "api error AccessDenied: User: arn:aws:sts::1:x is not authorized"}, "DNS provider refused: User: arn:aws:sts::1:x is not authorized"},
    {"Route53 denies, and no event is left", {PRESENT("DNS-01", "failed to change Route 53 record set: operation error Route 53: ChangeResourceRecordSets, <redacted AWS SDK error: http.ResponseError: see events and logs for details>")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"failed to change Route 53 record set", "ChangeResourceRecordSets"}, "cert-manager's events and log say"},
    {"Route53 throttles", {PRESENT("DNS-01", "failed to change Route 53 record set: operation error Route 53: ChangeResourceRecordSets, exceeded maximum number of attempts, 3, https response error StatusCode: 400, RequestID: 7, api error Throttling: Rate exceeded")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"Throttling: Rate exceeded"}, "too many calls: it is tried again by itself"},
    {"Route53 has no such zone", {PRESENT("DNS-01", "failed to determine Route 53 hosted zone ID: zone example.com. not found in Route 53 for domain _acme-challenge.web.example.com.")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"zone example.com. not found in Route 53"}, "zone"},
    {"a role that cannot be assumed", {PRESENT("DNS-01", "error instantiating route53 challenge solver: unable to assume role: operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 7, api error AccessDenied: User: x is not authorized to perform: sts:AssumeRole")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"unable to assume role", "AccessDenied"}, "not authorized to perform: sts:AssumeRole"},
    {"no credentials at all", {PRESENT("DNS-01", "error instantiating route53 challenge solver: unable to construct route53 provider: empty credentials; perhaps you meant to enable ambient credentials?")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"empty credentials"}, "credentials"},
    {"a Secret that is not there", {PRESENT("DNS-01", "error getting cloudflare secret: secrets \"cf\" not found")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"cannot present DNS-01", "secrets \"cf\" not found"}, "Secret cf must be in the cluster resource namespace"},
    {"Cloudflare finds no zone", {PRESENT("DNS-01", "Found no Zones for domain _acme-challenge.web.example.com. (neither in the sub-domain nor in the SLD) please make sure your domain-entries in the config are correct and the API key is correctly setup with Zone.read rights.")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"Found no Zones"}, "credentials and zone"},
    {"Google finds none", {PRESENT("DNS-01", "No matching GoogleCloud domain found for domain example.com.")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"No matching GoogleCloud domain"}, "credentials and zone"},
    {"a server of RFC 2136", {PRESENT("DNS-01", "DNS update failed: server replied: REFUSED")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"cannot present DNS-01", "server replied: REFUSED"}, "DNS provider refused: REFUSED"},
    {"a webhook that does not run", {PRESENT("DNS-01", "the server is currently unable to handle the request (post corp.acme.example.com)")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"cannot present DNS-01", "corp.acme.example.com"}, "credentials and zone"},
    {"no provider in the solver", {PRESENT("DNS-01", "no dns provider config specified for challenge")},
     FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"no dns provider config"}, "solver"},
    {"a solver that may not be made", {PRESENT("HTTP-01", "[pods \"cm-acme-http-solver-x\" is forbidden: exceeded quota: q, services is forbidden]")},
     FAILURE_HTTP01_SELF_CHECK, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"cannot present HTTP-01", "exceeded quota"}, "pod, Service or Ingress"},
    {"a solver for a Gateway API that is off", {PRESENT("HTTP-01", "couldn't Present challenge a/web-1-1-1: gateway api is not enabled")},
     FAILURE_HTTP01_SELF_CHECK, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"gateway api is not enabled"}, "pod, Service or Ingress"},

    // --- the issuer (issuer/acme, ca, vault, venafi setup.go)
    {"an e-mail that the CA refuses", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: " ACME(400, "invalidContact", "contact email has invalid domain: Domain name contains an invalid character"))},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"ClusterIssuer le not ready", "400 urn:ietf:params:acme:error:invalidContact", "invalid character"}, "spec.acme.email"},
    {"an account that is deactivated", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: " ACME(403, "unauthorized", "An account with the provided public key exists but is deactivated"))},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"403", "exists but is deactivated"}, "privateKeySecretRef"},
    {"an account to be bound", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: " ACME(403, "externalAccountRequired", "x"))},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"externalAccountRequired"}, "spec.acme.externalAccountBinding"},
    {"terms to agree to", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: " ACME(403, "userActionRequired", "Must agree to terms of service"))},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"userActionRequired"}, "wants something done by a person"},
    {"too many accounts", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: " ACME(429, "rateLimited", "too many new registrations (10) from this IP address in the last 3h0m0s, retry after 2026-09-10 13:00:00 UTC"))},
     FAILURE_RATE_LIMITED, CERTIFICATE_ISSUING, STAGE_ISSUER, {"429", "too many new registrations"}, "new accounts of the address; next slot 2026-09-10T13:00:00Z"},
    {"a server in trouble", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: " ACME(503, "serverInternal", "The service is down for maintenance"))},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"503", "down for maintenance"}, "goes on by itself"},
    {"a server that is none", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: 404 Not Found: <html>")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"404 Not Found"}, "repair ClusterIssuer le"},
    {"a certificate of the server's that is not trusted", {ISSUER_SAYS(NULL, "ErrRegisterACMEAccount", "Failed to register ACME account: Get \"https://pebble/dir\": tls: failed to verify certificate: x509: certificate signed by unknown authority")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"certificate signed by unknown authority"}, "repair ClusterIssuer le"},
    {"an account update that the CA refuses", {ISSUER_SAYS(NULL, "ErrUpdateACMEAccount", "Failed to update ACME account:" ACME(400, "unsupportedContact", "only mailto"))},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"400", "unsupportedContact", "only mailto"}, "spec.acme.email"},
    {"an account key that is gone", {ISSUER_SAYS(NULL, "ErrVerifyACMEAccount", "Failed to verify ACME account: the ACME issuer config has 'disableAccountKeyGeneration' set to true, but the secret was not found: secrets \"key\" not found")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"disableAccountKeyGeneration", "secrets \"key\" not found"}, "repair ClusterIssuer le"},
    {"a v1 server", {ISSUER_SAYS(NULL, "InvalidConfig", "Your ACME server URL is set to a v1 endpoint (https://acme-v01.api.letsencrypt.org/directory). You should update the spec.acme.server field to \"https://acme-v02.api.letsencrypt.org/directory\"")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"v1 endpoint"}, "repair ClusterIssuer le"},
    {"a solver whose Secret is missing", {ISSUER_SAYS(NULL, "InvalidSolver", "failed to get secret \"cf\": secrets \"cf\" not found")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"secrets \"cf\" not found"}, "repair ClusterIssuer le"},
    {"a CA without its key pair", {ISSUER_SAYS("ca: {secretName: root}", "ErrGetKeyPair", "Error getting keypair for CA issuer: secrets \"root\" not found")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"ClusterIssuer le not ready: secret \"root\" not found"}, "repair ClusterIssuer le"},
    {"a CA that is none", {ISSUER_SAYS("ca: {secretName: root}", "ErrInvalidKeyPair", "Error getting keypair for CA issuer: certificate is not a CA")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"certificate is not a CA"}, "repair ClusterIssuer le"},
    {"a sealed Vault", {ISSUER_SAYS("vault: {server: 'https://v', path: p}", "VaultError", "Failed to verify Vault is initialized and unsealed: Vault is sealed")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"Vault is sealed"}, "repair ClusterIssuer le"},
    {"a Vault that refuses the token", {ISSUER_SAYS("vault: {server: 'https://v', path: p}", "VaultError", "Failed to initialize Vault client: error logging in to Vault server: Error making API request. Code: 403. Errors: * permission denied")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"403", "permission denied"}, "repair ClusterIssuer le"},
    {"Venafi refuses the token", {ISSUER_SAYS("venafi: {zone: z}", "ErrorSetup", "Failed to setup Certificate Manager issuer: OAuth token request failed: 401")},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"OAuth token request failed: 401"}, "repair ClusterIssuer le"},
    {"an issuer that nobody has looked at", {.ready = "Unknown", .refused = "", .request_says = "Referenced issuer does not have a Ready status condition"},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER, {"ClusterIssuer le not ready"}, "repair ClusterIssuer le"},

    // --- the request, at an issuer that is ready (certificaterequests/*)
    {"a CA's key pair that cannot be parsed", {.spec = "ca: {secretName: root}", .request_says = "Failed to parse signing CA keypair from secret a/root: error decoding certificate PEM block"},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_REQUEST, {"CertificateRequest a/web-1", "secret a/root", "error decoding certificate PEM block"}, "ClusterIssuer le"},
    {"a self-signer without the key", {.spec = "selfSigned: {}", .request_says = "Referenced secret a/web-x not found: secret \"web-x\" not found"},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_REQUEST, {"CertificateRequest a/web-1: Referenced secret a/web-x not found"}, "ClusterIssuer le"},
    {"a self-signer whose key is another's", {.spec = "selfSigned: {}", .request = "Failed", .request_says = "Error generating certificate template: CSR not signed by referenced private key", FAILED_WITH("Failed", "Error generating certificate template: CSR not signed by referenced private key")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_REQUEST, {"CSR not signed by referenced private key"}, "next try comes by itself"},
    {"Vault does not sign", {.spec = "vault: {server: 'https://v', path: p}", .request = "Failed", .request_says = "Vault failed to sign certificate: failed to sign certificate by vault: Error making API request. Code: 400. Errors: * common name web.example.com not allowed by this role", FAILED_WITH("Failed", "Vault failed to sign certificate: failed to sign certificate by vault: Error making API request. Code: 400. Errors: * common name web.example.com not allowed by this role")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_REQUEST, {"Vault failed to sign certificate", "400", "not allowed by this role"}, "next try comes by itself"},
    {"Vault cannot be reached now", {.spec = "vault: {server: 'https://v', path: p}", .request_says = "Failed to initialise vault client for signing: error initializing Vault client: dial tcp: connection refused"},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_REQUEST, {"CertificateRequest a/web-1", "connection refused"}, "ClusterIssuer le"},
    {"Vault's Secret is missing", {.spec = "vault: {server: 'https://v', path: p}", .request_says = "Required secret resource not found: secrets \"token\" not found"},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_REQUEST, {"secrets \"token\" not found"}, "ClusterIssuer le"},
    {"Venafi refuses the request", {.spec = "venafi: {zone: z}", .request = "Failed", .request_says = "Failed to request certificate from Certificate Manager: vcert error: server error: 400 Policy violation", FAILED_WITH("Failed", "Failed to request certificate from Certificate Manager: vcert error: server error: 400 Policy violation")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_REQUEST, {"400 Policy violation"}, "next try comes by itself"},
    {"Venafi is at it", {.spec = "venafi: {zone: z}", .request_says = "certificate still in a pending state, the request will be retried: Issuance is pending. You may try retrieving the certificate later"},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_REQUEST, {"Issuance is pending"}, ""},
    {"Venafi has it", {.spec = "venafi: {zone: z}", .request_says = "certificate is requested"},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_REQUEST, {"certificate is requested"}, ""},
    {"an issuer that is ready by now", {.spec = "ca: {secretName: root}", .request_says = "Referenced issuer does not have a Ready status condition"},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_REQUEST, {"Referenced issuer does not have a Ready status condition"}, ""},
    {"an issuer that is there by now", {.spec = "ca: {secretName: root}", .request_says = "Referenced \"ClusterIssuer\" not found: clusterissuer \"le\" not found"},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_REQUEST, {"Referenced \"ClusterIssuer\" not found"}, ""},
    {"a CSR that cannot be read", {.request = "Failed", .request_says = "Failed to decode CSR in spec.request: error decoding certificate request PEM block", FAILED_WITH("Failed", "Failed to decode CSR in spec.request: error decoding certificate request PEM block")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_REQUEST, {"Failed to decode CSR in spec.request"}, "next try comes by itself"},
    {"a CN that is no SAN", {.request = "Failed", .request_says = "The CSR PEM requests a commonName that is not present in the list of dnsNames or ipAddresses. If a commonName is set, ACME requires that the value is also present in the list of dnsNames or ipAddresses: \"x\" does not exist in [web.example.com] or []", FAILED_WITH("Failed", "The CSR PEM requests a commonName that is not present in the list of dnsNames or ipAddresses: \"x\" does not exist in [web.example.com] or []")},
     FAILURE_COMMON_NAME, CERTIFICATE_FAILED, STAGE_REQUEST, {"\"x\" does not exist in [web.example.com]"}, "among dnsNames"},
    {"an answer that is no certificate", {.spec = "ca: {secretName: root}", .request = "Failed", .request_says = "Failed to decode returned certificate: error decoding certificate PEM block", FAILED_WITH("Failed", "Failed to decode returned certificate: error decoding certificate PEM block")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_REQUEST, {"Failed to decode returned certificate"}, "next try comes by itself"},

    // --- the Certificate's own words (certificates/issuing, keymanager, requestmanager)
    {"a certificate that has already ended", {.spec = "ca: {secretName: root}", .request = "Issued", .request_says = "Certificate fetched from issuer successfully", FAILED_WITH("InvalidCertificate", "Issuer returned an already expired certificate (notAfter: 2026-09-01T00:00:00Z). This usually indicates an expired CA certificate in the issuer.")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_FINALIZE, {"Issuer returned an already expired certificate"}, "next try comes by itself"},
    {"a certificate of another key", {.order = "valid", .request = "Issued", .request_says = "Certificate fetched from issuer successfully", FAILED_WITH("InvalidCertificate", "Issuer returned a certificate with a public key that does not match the CSR. This usually indicates a misconfigured issuer.")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_FINALIZE, {"public key that does not match the CSR"}, "next try comes by itself"},
    {"a key that may not be made anew", {.why = "SecretMismatch", .said = "Existing private key is not up to date for spec: [spec.privateKey.size]", .request = "none", .event = "CannotRegenerateKey", .about = "c1", .message = "User intervention required: existing private key in Secret \"web-tls\" does not match requirements on Certificate resource, mismatching fields: [spec.privateKey.size], but cert-manager cannot create new private key as the Certificate's .spec.privateKey.rotationPolicy is unset or set to Never."},
     FAILURE_KEY, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, {"SecretMismatch: Existing private key is not up to date for spec: [spec.privateKey.size]; ", "User intervention required", "mismatching fields: [spec.privateKey.size]"}, "rotationPolicy to Always"},
    {"an issuer that was taken away meanwhile", {.spec = GONE, .order = "pending", .challenge = "pending", .presented = true},
     FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_CHALLENGE, {"ClusterIssuer le not found"}, "create ClusterIssuer le or correct spec.issuerRef"},
    {"an issuer of another group refuses", {.group = "awspca.cert-manager.io", .request = "Failed", .request_says = "ThrottlingException: Rate exceeded", FAILED_WITH("Failed", "ThrottlingException: Rate exceeded")},
     FAILURE_ISSUER, CERTIFICATE_FAILED, STAGE_REQUEST, {"ThrottlingException: Rate exceeded"}, "see what ClusterIssuer le (awspca.cert-manager.io) needs"},
    {"an issuer of another group is at it", {.group = "awspca.cert-manager.io", .request_says = "Waiting for the CA"},
     FAILURE_NONE, CERTIFICATE_ISSUING, STAGE_REQUEST, {"Waiting for the CA"}, ""},
    {"a CSR that cannot be made", {.request = "none", .event = "RequestFailed", .about = "c1", .message = "Failed to generate CSR: no common name (from the commonName field or from a literalSubject), DNS name, URI SAN, Email SAN, IP or OtherName SAN specified - will not retry"},
     FAILURE_REQUEST, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, {"Failed to generate CSR", "will not retry"}, "edit the Certificate"},
    {"a request that an admission webhook refuses", {.request = "none", .event = "RequestFailed", .about = "c1", .message = "Failed to create CertificateRequest: admission webhook \"policy.example.com\" denied the request: no"},
     FAILURE_REQUEST, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, {"admission webhook \"policy.example.com\" denied the request: no"}, "edit the Certificate"},
};
// clang-format on

static void test_rows(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct world w;
        char *yaml = world_of(&r->given);
        world_open(&w, yaml, time_parse(NOW));
        struct certificate_status s;
        const struct object *o = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web");
        assert_non_null(o);
        certificate_status_fill(&w.mesh, OBJECT_AS(certificate, o), &s);
        bool same = s.mode == r->mode && s.state == r->state && s.stage == r->stage;
        for (int k = 0; k < 3 && r->words[k] != NULL; k++) {
            same = same && strstr(s.reason, r->words[k]) != NULL;
        }
        const char *hint = str_or_empty(s.hint);
        same = same && (r->hint[0] != '\0' ? strstr(hint, r->hint) != NULL : hint[0] == '\0');
        if (!same) {
            wrong++;
            printf("%s: mode %d, %s, stage %s\n  reason '%s'\n  hint '%s'\n", r->what, s.mode,
                   certificate_state_name(s.state), certificate_stage_name(s.stage), s.reason,
                   hint);
        }
        world_close(&w);
        free(yaml);
    }
    printf("# %zu texts of cert-manager and of ACME servers\n", sizeof rows / sizeof *rows);
    assert_int_equal(wrong, 0);
}

// What is stripped at the front of a reason, alone and one after another, and never all of it
// (docs/rules/certificates.md#deepest-reason).
static void test_stripped_heads(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {STRIPPED "no", "no"},
        {"Error accepting authorization: no", "no"},
        {"Error accepting challenge: no", "no"},
        {"Error presenting challenge: no", "no"},
        {"Error getting keypair for CA issuer: no", "no"},
        {"acme: no", "no"},
        {"Failed to wait for order resource \"x\" to become ready: order is in \"errored\" state: no",
         "no"},
        {STRIPPED
         "Failed to wait for order resource \"x\" to become ready: order is in \"invalid\" "
         "state: Error accepting authorization: acme: no",
         "no"},
        {"Failed to wait for order resource \"x\" to become ready",
         "Failed to wait for order resource \"x\" to become ready"},
        {"acme: ", "acme: "},
        {"no acme: no", "no acme: no"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_string_equal(reason_strip(texts[i][0]), texts[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_stripped_heads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
