// SPDX-License-Identifier: Apache-2.0
// What truth.json of a certificate recording says, compared with what is derived from the objects.
#include "tests/support/certtruth.h"

#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/issued_certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a reason must hold: the object's name, the HTTP code or ACME type, the last clause. One row for
// each checkpoint and Certificate whose state is not ready; ready ones have no reason.
struct row {
    const char *scenario;
    int seq;
    const char *certificate;
    const char *words[5];
};
// clang-format off
static const struct row rows[] = {
    {"dns01-present-error", 31, "web/shop", {"cannot present DNS-01", "DNS update failed: dns: bad authentication"}},
    {"dns01-present-error", 38, "web/shop", {"cannot present DNS-01", "secrets \"tsig\" not found"}},
    {"http01-selfcheck-failing", 33, "web/shop", {"HTTP-01 self-check for shop.example.test fails", "no such host"}},
    {"http01-selfcheck-failing", 34, "web/shop", {"HTTP-01 self-check for shop.example.test fails", "connection refused"}},
    {"http01-selfcheck-failing", 35, "web/shop", {"HTTP-01 self-check for shop.example.test fails: wrong status code '404', expected '200'"}},
    {"http01-selfcheck-failing", 36, "web/shop", {"HTTP-01 self-check for shop.example.test fails: did not get expected response"}},
    {"issuer-account-rejected", 20, "web/shop", {"ClusterIssuer corp-acme not ready", "403", "externalAccountRequired", "must include a value for the 'externalAccountBinding' field"}},
    {"issuer-account-rejected", 23, "web/shop", {"ClusterIssuer corp-acme not ready", "403", "unauthorized", "the field 'kid' references a key that is not known to the ACME server"}},
    {"issuer-missing", 37, "istio-system/ns-wildcard", {"ClusterIssuer letsencrypt not found"}},
    {"issuer-missing", 37, "team-a/web", {"Issuer team-a/team-issuer not found"}},
    {"issuer-missing", 86, "team-a/web", {"Issuer team-a/team-issuer not found"}},
    {"issuer-not-ready-url", 22, "web/shop", {"ClusterIssuer letsencrypt not ready", "connection refused"}},
    {"issuer-not-ready-url", 25, "web/shop", {"ClusterIssuer letsencrypt not ready", "404"}},
    {"order-errored", 27, "web/shop", {"Failed to create Order", "400", "rejectedIdentifier"}},
    {"renewal-manual-failed", 25, "web/shop", {"403", "caa", "CAA record for nr.example.test prevents issuance"}},
    {"renewal-manual", 30, "istio-system/ns-wildcard", {"ManuallyTriggered", "DNS-01 presented for r.lead.example.test"}},
    {"request-denied", 13, "team-a/web", {"CertificateRequest", "is not approved yet"}},
    {"request-denied", 19, "team-a/web", {"denied: No policy approved this request"}},
    {"request-denied", 37, "team-a/web", {"CertificateRequest team-a/web-1: Referenced secret", "not found", "denied", "older request"}},
    {"secret-deleted", 29, "web/shop", {"DoesNotExist", "the Secret does not exist"}},
    {"selfsigned-ca", 23, "pki/leaf", {"Issuer pki/ca not ready", "secret \"root-ca\" not found"}},
    {"spec-changed", 36, "web/shop", {"RequestChanged", "Fields on existing CertificateRequest resource not up to date: [spec.dnsNames]"}},
    {"spec-changed", 92, "web/shop", {"rejectedIdentifier"}},
    {"wildcard-dns01-ok", 42, "istio-system/ns-wildcard", {"DNS-01", "presented", "ns.lead.example.test", "waiting", "the other challenge is queued"}},
};

// The words of truth.json and the states that fit them (docs/rules/certificates.md#certificate-state).
static const struct {
    const char *word;
    unsigned states;
} truths[] = {
    {"ready",          1U << CERTIFICATE_READY | 1U << CERTIFICATE_STAGING | 1U << CERTIFICATE_OVERDUE | 1U << CERTIFICATE_DELETING},
    {"renewing",       1U << CERTIFICATE_RENEWING},
    {"pending",        1U << CERTIFICATE_ISSUING | 1U << CERTIFICATE_STUCK | 1U << CERTIFICATE_NEW | 1U << CERTIFICATE_NOT_READY
                       | 1U << CERTIFICATE_NOT_PICKED_UP | 1U << CERTIFICATE_TEMPORARY},
    {"failed",         1U << CERTIFICATE_FAILED},
    {"renewal-failed", 1U << CERTIFICATE_RENEW_FAIL},
    {"expired",        1U << CERTIFICATE_EXPIRED},
    {"any",            ~0U},
};
// clang-format on

#define COMPLAIN(...)                                                                              \
    do {                                                                                           \
        (*failures)++;                                                                             \
        printf("  %s seq %d %s: ", scenario, seq, id);                                             \
        printf(__VA_ARGS__);                                                                       \
        printf("\n");                                                                              \
    } while (0)

static void check_reason(int *failures, const char *scenario, int seq, const char *id,
                         const char *truth, const char *reason)
{
    if (str_empty(truth)) {
        if (!str_empty(reason)) {
            COMPLAIN("reason '%s', none expected", reason);
        }
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].scenario, scenario) == 0 && rows[i].seq == seq &&
            strcmp(rows[i].certificate, id) == 0) {
            for (size_t w = 0; w < 5 && rows[i].words[w] != NULL; w++) {
                if (strstr(reason, rows[i].words[w]) == NULL) {
                    COMPLAIN("reason '%s' lacks '%s'", reason, rows[i].words[w]);
                }
            }
            return;
        }
    }
    COMPLAIN("no row in the table for '%s' (said: '%s')", truth, reason);
}

static void check_time(int *failures, const char *scenario, int seq, const char *id,
                       const struct json *want, const char *key, int64_t got)
{
    int64_t t = time_parse(json_get_string(want, key));
    bool same = t == got || (t != TIME_NONE && got != TIME_NONE && t / 60 == got / 60);
    if (json_get(want, key) != NULL && !same) {
        COMPLAIN("%s is %lld, expected %lld", key, (long long)got, (long long)t);
    }
}

int certtruth_check(const struct mesh *m, const char *scenario, int seq, const struct json *want)
{
    int differences = 0, *failures = &differences;
    const char *id = json_key(want);
    char ns[256];
    snprintf(ns, sizeof ns, "%.*s", (int)(strchr(id, '/') - id), id);
    const struct object *o = mesh_get(m, KIND_CERTIFICATE, ns, strchr(id, '/') + 1);
    if (o == NULL) {
        COMPLAIN("is not there");
        return differences;
    }
    struct certificate_status s;
    certificate_status_fill(m, OBJECT_AS(certificate, o), &s);
    const char *state = json_get_string(want, "state");
    bool fits = false;
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        fits = fits || (str_eq(truths[i].word, state) && (truths[i].states & 1U << s.state) != 0);
    }
    if (!fits) {
        COMPLAIN("state %s, expected %s", certificate_state_name(s.state), state);
    }
    const char *stage = json_get_string(want, "stage");
    if (!str_eq(stage, "any") && !str_eq(stage, certificate_stage_name(s.stage))) {
        COMPLAIN("stage %s, expected %s (%s)", certificate_stage_name(s.stage), stage, s.reason);
    }
    if (!str_eq(state, "any")) {
        check_reason(failures, scenario, seq, id, json_get_string(want, "reason"), s.reason);
    }
    check_time(failures, scenario, seq, id, want, "nextRetry", s.next_try);
    check_time(failures, scenario, seq, id, want, "renewalTime", s.renews);
    check_time(failures, scenario, seq, id, want, "notAfter", s.not_after);
    int64_t revision = json_get_int(want, "revision", s.revision);
    int64_t attempts = json_get_int(want, "failedIssuanceAttempts", s.attempts);
    if (revision != s.revision || attempts != s.attempts) {
        COMPLAIN("revision %lld attempts %lld", (long long)s.revision, (long long)s.attempts);
    }
    struct issued_certificate issued;
    certificate_issued(m, s.certificate, &issued);
    if (s.state == CERTIFICATE_READY &&
        (!issued.known || issued.differences.n != 0 || issued.chain_problem != NULL)) {
        COMPLAIN("as issued: %s%s", issued.differences.n != 0 ? issued.differences.at[0] : "",
                 str_or_empty(issued.chain_problem));
    }
    if (strstr(s.reason, "acme-challenge/") != NULL && strstr(s.reason, "\xe2\x80\xa6") == NULL) {
        COMPLAIN("a token is shown: %s", s.reason);
    }
    if (getenv("SHOW") != NULL) {
        printf("# %s %d %s %s %s | %s | mode %d | %s\n#   ", scenario, seq, id,
               certificate_state_name(s.state), certificate_stage_name(s.stage), s.reason, s.mode,
               str_or_empty(s.hint));
        for (int i = 0; i < STEP_COUNT; i++) {
            printf("%s %s %lld, ", issuance_step_name((enum issuance_step)i),
                   step_state_name(s.steps[i].state), (long long)s.steps[i].seconds);
        }
        printf("\n");
    }
    return differences;
}
