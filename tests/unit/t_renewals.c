// SPDX-License-Identifier: Apache-2.0
// Certificates that still work: which of them will not for long, and what says so.
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "tests/support/certyaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

#define RENEWING_SINCE(when) "status:\n  revision: 1\n" DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY ISSUING_SINCE(when)
#define NEXT_REQUEST "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: web-2, namespace: a, uid: r1, creationTimestamp: '2026-09-10T11:30:00Z', annotations: {cert-manager.io/certificate-name: web, cert-manager.io/certificate-revision: '2'}}\nspec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\nstatus:\n  conditions:\n" APPROVED PENDING
#define SELF_CHECK(reason) ISSUER NEXT_REQUEST ORDER("state: pending") CHALLENGE("", "HTTP-01", "state: pending, presented: true, processing: true, reason: \"" reason "\"")
#define FAILS SELF_CHECK("Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'")
#define ENDS(from, to) "status:\n  revision: 1\n  notBefore: '" from "'\n  notAfter: '" to "'\n  conditions:\n" READY
#define FAILED_TIMES(n, end) "status:\n  revision: 1\n  notBefore: '2026-09-05T00:00:00Z'\n  renewalTime: '2026-09-10T00:00:00Z'\n  notAfter: '" end "'\n" FAILURE(n) "  conditions:\n" FAILED("no") READY
#define WINDOW(start) "  acme: {ari: {suggestedWindow: {start: '" start "', end: '2026-10-01T00:00:00Z'}}}\n"
#define DISABLED ", renewal: {policy: Disabled}"

static const struct row {
    const char *what, *yaml;
    enum certificate_state state;
    enum verdict verdict;
    const char *words;  // of reason and hint
    const char *absent; // not in them; NULL: any
} rows[] = {
    // docs/rules/certificates.md#renewal-hangs
    {"an error for half an hour", CERTIFICATE("", "", RENEWING_SINCE("2026-09-10T11:30:00Z")) FAILS, CERTIFICATE_RENEWING, VERDICT_WARNING, "404", NULL},
    {"an error for less", CERTIFICATE("", "", RENEWING_SINCE("2026-09-10T11:30:01Z")) FAILS, CERTIFICATE_RENEWING, VERDICT_OK, "404", NULL},
    {"no error for an hour", CERTIFICATE("", "", RENEWING_SINCE("2026-09-10T11:00:00Z")) SELF_CHECK(""), CERTIFICATE_RENEWING, VERDICT_OK, "waiting", NULL},
    {"no error for a day", CERTIFICATE("", "", RENEWING_SINCE("2026-09-09T12:00:00Z")) SELF_CHECK(""), CERTIFICATE_RENEWING, VERDICT_WARNING, "waiting", NULL},
    {"the next try after the end", CERTIFICATE("", "", FAILED_TIMES("6", "2026-09-11T04:00:00Z")), CERTIFICATE_RENEW_FAIL, VERDICT_BROKEN, "it ends 2026-09-11T04:00:00Z, before the next try", NULL},
    {"the next try before the end", CERTIFICATE("", "", FAILED_TIMES("1", "2026-09-11T04:00:00Z")), CERTIFICATE_RENEW_FAIL, VERDICT_WARNING, "no", "cmctl"},
    // docs/rules/certificates.md#renewal-disabled
    {"disabled, with a third left", CERTIFICATE("", DISABLED, ENDS("2026-08-01T12:00:00Z", "2026-09-30T12:00:00Z")), CERTIFICATE_READY, VERDICT_WARNING, "its renewal is disabled, and it ends 2026-09-30T12:00:00Z", NULL},
    {"disabled, with more", CERTIFICATE("", DISABLED, ENDS("2026-08-01T12:00:00Z", "2026-10-01T12:00:00Z")), CERTIFICATE_READY, VERDICT_OK, "", "disabled"},
    {"not disabled", CERTIFICATE("", ", renewal: {policy: RenewBefore}, renewBefore: 1h", ENDS("2026-08-01T12:00:00Z", "2026-09-11T12:00:00Z")), CERTIFICATE_READY, VERDICT_OK, "", "disabled"},
    // docs/rules/certificates.md#renewal-time
    {"before the window that the CA suggests", CERTIFICATE("", "", "status:\n  revision: 1\n" WINDOW("2026-09-11T00:00:00Z") DATES("2026-09-09T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_READY, VERDICT_OK, "", "due"},
    {"in the window", CERTIFICATE("", "", "status:\n  revision: 1\n" WINDOW("2026-09-10T10:00:00Z") DATES("2026-10-09T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_OVERDUE, VERDICT_WARNING, "renewal was due 2026-09-10T10:00:00Z", NULL},
    {"the window of the certificate before", CERTIFICATE("", "", "status:\n  revision: 1\n" WINDOW("2026-08-01T00:00:00Z") DATES("2026-09-20T00:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY), CERTIFICATE_READY, VERDICT_OK, "", "due"},
    // docs/rules/certificates.md#expiry-by-clock
    {"expired, and nothing moves", CERTIFICATE("", "", ENDS("2026-08-01T00:00:00Z", "2026-09-09T00:00:00Z")), CERTIFICATE_EXPIRED, VERDICT_BROKEN, "is cert-manager running?", NULL},
    {"expired while it is renewed", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-09T00:00:00Z") "  conditions:\n" READY ISSUING_SINCE("2026-09-01T00:00:00Z")) FAILS, CERTIFICATE_EXPIRED, VERDICT_BROKEN, "404", "is cert-manager running"},
    {"expired in the wait after a failure", CERTIFICATE("", "", FAILED_TIMES("6", "2026-09-10T04:00:00Z")), CERTIFICATE_EXPIRED, VERDICT_BROKEN, "expired 2026-09-10T04:00:00Z; no", "is cert-manager running"},
    {"expired after that wait", CERTIFICATE("", "", "status:\n  revision: 1\n  lastFailureTime: '2026-09-08T00:00:00Z'\n  failedIssuanceAttempts: 1\n" DATES("2026-09-01T00:00:00Z", "2026-09-10T04:00:00Z") "  conditions:\n" FAILED("no") READY), CERTIFICATE_EXPIRED, VERDICT_BROKEN, "is cert-manager running?", NULL},
    {"expired, since nobody renews it", CERTIFICATE("", DISABLED, ENDS("2026-08-01T00:00:00Z", "2026-09-09T00:00:00Z")), CERTIFICATE_EXPIRED, VERDICT_BROKEN, "expired", "is cert-manager running"},
};
// clang-format on

static void test_renewals(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct world w;
        struct certificate_status s = certyaml_status(&w, r->yaml);
        bool says = strstr(s.reason, r->words) != NULL;
        bool more = r->absent != NULL && (strstr(s.reason, r->absent) != NULL ||
                                          strstr(str_or_empty(s.hint), r->absent) != NULL);
        if (s.state != r->state || s.verdict != r->verdict || s.colour < s.verdict || !says ||
            more) {
            print_error("%s: %s, verdict %d: %s (%s)\n", r->what, certificate_state_name(s.state),
                        (int)s.verdict, s.reason, str_or_empty(s.hint));
            bad++;
        }
        world_close(&w);
    }
    assert_int_equal(bad, 0);
}

// Time alone makes a warning of a renewal: the instant is known beforehand.
static void test_the_instant_is_known(void **state)
{
    (void)state;
    struct world w;
    (void)certyaml_status(&w, CERTIFICATE("", "", RENEWING_SINCE("2026-09-10T11:45:00Z")) FAILS);
    int64_t until = TIME_NONE;
    w.mesh.until = &until;
    struct certificate_status s;
    certificate_status_fill(
        &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web")), &s);
    assert_int_equal(s.verdict, VERDICT_OK);
    assert_int_equal(until, time_parse("2026-09-10T12:15:00Z"));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renewals),
        cmocka_unit_test(test_the_instant_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
