// SPDX-License-Identifier: Apache-2.0
// What handshakes prove about the certificate that is served (docs/rules/certificates.md#served-certificate).
#include "kube/base/time_text.h"

#include "kube/mesh/cert/served_certificate.h"

#include "tests/support/world.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define NOW 1000000

static struct world empty;

static int setup(void **state)
{
    (void)state;
    world_open_snapshot(&empty, NULL, NOW);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_close(&empty);
    return 0;
}

static void test_served(void **state)
{
    (void)state;
    struct x509_cert issued = {.sha256 = "aa", .issuer_cn = "R1", .not_before = 5000};
    issued.dns_names = world_list(&empty.arena, "*.d.io", NULL);
    struct x509_cert leaf = issued;
    struct x509_chain chain = {.cert = &issued, .n = 1};
    struct probe_result t = {.kind = PROBE_TLS,
                             .host = "a.d.io",
                             .address = "192.0.2.1",
                             .outcome = TLS_CERTIFICATE,
                             .certs = &leaf,
                             .ncerts = 1};
    struct served_certificate s;
    served_judge(&empty.mesh, &t, &chain, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_ISSUED);
    assert_int_equal(s.verdict, VERDICT_OK);
    assert_int_equal(s.chain, SERVED_CHAIN_WHOLE); // all that was issued
    assert_string_equal(s.address, "192.0.2.1");
    leaf.sha256 = "bb";
    leaf.not_before = 4000;
    served_judge(&empty.mesh, &t, &chain, NOW - 60, &s);
    assert_int_equal(s.state, SERVED_UNKNOWN); // two minutes of patience
    served_judge(&empty.mesh, &t, &chain, NOW - 600, &s);
    assert_int_equal(s.state, SERVED_PREVIOUS);
    leaf.not_before = 6000;
    served_judge(&empty.mesh, &t, &chain, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_OTHER);
    t.host = "x.a.d.io";
    served_judge(&empty.mesh, &t, &chain, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_MISMATCH);
    t.host = "a.d.io";
    leaf.self_signed = true;
    served_judge(&empty.mesh, &t, &chain, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_SELF_SIGNED);
    leaf.issuer_o = "(STAGING) Let's Encrypt";
    served_judge(&empty.mesh, &t, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_STAGING);
    leaf.issuer_cn = "cert-manager.local";
    served_judge(&empty.mesh, &t, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_TEMPORARY);
    t.outcome = TLS_CLOSED;
    served_judge(&empty.mesh, &t, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_NOTHING);
    assert_int_equal(served_state_verdict(s.state), VERDICT_BROKEN);
    t.outcome = TLS_REFUSED;
    served_judge(&empty.mesh, &t, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_UNKNOWN);
    assert_int_equal(served_state_verdict(s.state), VERDICT_UNKNOWN);
}

// Leaf, intermediate and root were issued: what of it has to be served, and in which order.
static void test_served_chain(void **state)
{
    (void)state;
    struct x509_cert all[] = {{.sha256 = "aa", .issuer_cn = "I", .not_before = 5000},
                              {.sha256 = "bb", .issuer_cn = "R"},
                              {.sha256 = "cc", .issuer_cn = "R", .self_signed = true}};
    all[0].dns_names = world_list(&empty.arena, "*.d.io", NULL);
    struct x509_chain issued = {.cert = all, .n = 3, .ordered = true};
    static const struct {
        const char *leaf, *second;
        bool ordered, compare;
        enum served_chain chain;
        enum verdict verdict;
    } rows[] = {
        {"aa", "bb", true, true, SERVED_CHAIN_WHOLE, VERDICT_OK}, // the root is the clients' own
        {"aa", NULL, true, true, SERVED_CHAIN_INCOMPLETE, VERDICT_WARNING},
        {"aa", "xx", false, true, SERVED_CHAIN_INCOMPLETE, VERDICT_WARNING},
        {"aa", "bb", false, true, SERVED_CHAIN_DISORDERED, VERDICT_WARNING},
        {"xx", NULL, true, true, SERVED_CHAIN_BARE,
         VERDICT_WARNING}, // another: that is what is reported
        {"aa", NULL, true, false, SERVED_CHAIN_BARE, VERDICT_UNKNOWN},
        {"aa", "bb", true, false, SERVED_CHAIN_WHOLE, VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct x509_cert served[2] = {all[0], all[1]};
        served[0].sha256 = rows[i].leaf;
        served[1].sha256 = rows[i].second;
        struct probe_result t = {.kind = PROBE_TLS,
                                 .host = "a.d.io",
                                 .outcome = TLS_CERTIFICATE,
                                 .certs = served,
                                 .ncerts = rows[i].second != NULL ? 2 : 1,
                                 .chain_ordered = rows[i].ordered};
        struct served_certificate s;
        served_judge(&empty.mesh, &t, rows[i].compare ? &issued : NULL, TIME_NONE, &s);
        if (s.chain != rows[i].chain || s.verdict != rows[i].verdict) {
            fail_msg("case %zu: chain %d, verdict %d: %s", i, (int)s.chain, (int)s.verdict,
                     s.reason);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_served_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_served, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
