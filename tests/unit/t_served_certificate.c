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
    served_judge(&empty.mesh, &t, &chain, NOW - 119, &s);
    assert_int_equal(s.state, SERVED_UNKNOWN); // two minutes of patience
    served_judge(&empty.mesh, &t, &chain, NOW - 120, &s);
    assert_int_equal(s.state, SERVED_PREVIOUS);
    leaf.not_before = 6000;
    served_judge(&empty.mesh, &t, &chain, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_OTHER);
    served_judge(&empty.mesh, &t, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_UNKNOWN); // nothing to compare it with
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
    assert_int_equal(s.verdict, VERDICT_BROKEN);
    t.outcome = TLS_REFUSED;
    served_judge(&empty.mesh, &t, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_UNKNOWN);
    assert_int_equal(s.verdict, VERDICT_UNKNOWN);
}

// Of several rows the first counts, and each has its verdict (docs/rules/certificates.md#served-certificate).
static void test_which_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *what, *host, *sha256, *issuer;
        bool self_signed;
        enum tls_outcome outcome;
        enum served_state state;
        enum verdict verdict;
    } rows[] = {
        {"temporary, of other names", "x.y.io", "bb", "cert-manager.local", true, TLS_CERTIFICATE,
         SERVED_TEMPORARY, VERDICT_BROKEN},
        {"as issued, by staging", "a.d.io", "aa", "(STAGING) X", false, TLS_CERTIFICATE,
         SERVED_STAGING, VERDICT_WARNING},
        {"as issued, of other names", "x.y.io", "aa", "R1", false, TLS_CERTIFICATE, SERVED_ISSUED,
         VERDICT_OK},
        {"of other names, by staging", "x.y.io", "bb", "(STAGING) X", false, TLS_CERTIFICATE,
         SERVED_MISMATCH, VERDICT_BROKEN},
        {"by staging, not as issued", "a.d.io", "bb", "(STAGING) X", true, TLS_CERTIFICATE,
         SERVED_STAGING, VERDICT_WARNING},
        {"self-signed", "a.d.io", "bb", "web", true, TLS_CERTIFICATE, SERVED_SELF_SIGNED,
         VERDICT_BROKEN},
        {"older", "a.d.io", "bb", "R1", false, TLS_CERTIFICATE, SERVED_PREVIOUS, VERDICT_WARNING},
        {"closed", "a.d.io", "bb", "R1", false, TLS_CLOSED, SERVED_NOTHING, VERDICT_BROKEN},
        {"refused", "a.d.io", "bb", "R1", false, TLS_REFUSED, SERVED_UNKNOWN, VERDICT_UNKNOWN},
        {"no answer", "a.d.io", "bb", "R1", false, TLS_UNREACHABLE, SERVED_UNKNOWN,
         VERDICT_UNKNOWN},
        {"no address", "a.d.io", "bb", "R1", false, TLS_NO_ADDRESS, SERVED_UNKNOWN,
         VERDICT_UNKNOWN},
    };
    struct x509_cert issued = {.sha256 = "aa", .issuer_cn = "R1", .not_before = 5000};
    issued.dns_names = world_list(&empty.arena, "*.d.io", NULL);
    struct x509_chain chain = {.cert = &issued, .n = 1};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct x509_cert leaf = {.sha256 = rows[i].sha256,
                                 .issuer_cn = rows[i].issuer,
                                 .dns_names = issued.dns_names,
                                 .self_signed = rows[i].self_signed,
                                 .not_before = 4000};
        struct probe_result t = {.kind = PROBE_TLS,
                                 .host = rows[i].host,
                                 .address = "192.0.2.1",
                                 .outcome = rows[i].outcome,
                                 .certs = &leaf,
                                 .ncerts = 1};
        struct served_certificate s;
        served_judge(&empty.mesh, &t, &chain, TIME_NONE, &s);
        if (s.state != rows[i].state || s.verdict != rows[i].verdict) {
            fail_msg("%s: %s, %s", rows[i].what, served_state_name(s.state),
                     verdict_name(s.verdict));
        }
    }
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
        cmocka_unit_test_setup_teardown(test_which_comes_first, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
