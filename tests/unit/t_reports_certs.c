// SPDX-License-Identifier: Apache-2.0
// Reduced public reports about cert-manager, Let's Encrypt and external-dns: the facts that any right answer has.
#include "kube/base/array.h"

#include "tests/support/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

// clang-format off
#include <cmocka.h>
// clang-format on

// Cases that fail yet.
static const char *const open_cases[] = {
    "backoff-flag.yaml",
    "caa-zerossl.yaml",
    "challenge-queued-behind-duplicate.yaml",
    "cleanup-error-after-success.yaml",
    "dns-alpha-annotations-on-service-022.yaml",
    "dns-dry-run.yaml",
    "dns-namespace-limited.yaml",
    "dns-no-deployment.yaml",
    "dns-policy-missing-022.yaml",
    "dns-two-instances.yaml",
    "dns-txt-new-format-only-016.yaml",
    "dns-wildcard-txt.yaml",
    "dns01-clusterissuer-secret-wrong-ns.yaml",
    "dns01-port53-blocked.yaml",
    "dump-certificate-only.yaml",
    "external-no-controller.yaml",
    "external-pca-issuer-not-ready.yaml",
    "issuer-is-namespaced.yaml",
    "issuing-no-request.yaml",
    "keystore-password-missing.yaml",
    "no-dns-names.yaml",
    "pdns-cloudflare-proxied-annotation.yaml",
    "pdns-filtered-nxdomain.yaml",
    "pdns-image-latest.yaml",
    "pdns-missing-dryrun.yaml",
    "pdns-no-owner-record.yaml",
    "pdns-operator-first.yaml",
    "pdns-service-annotation-missing.yaml",
    "pdns-weighted-gateway-only.yaml",
    "webhook-down.yaml",
};

static void cases_have_the_facts_of_a_right_answer(void **state)
{
    (void)state;
    judge_cases("certs.json", "certs", open_cases, ARRAY_COUNT(open_cases));
}

static void what_was_right_stays_right(void **state)
{
    (void)state;
    judge_cases("guards-certs.json", "guards-certs", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_have_the_facts_of_a_right_answer),
        cmocka_unit_test(what_was_right_stays_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
