// SPDX-License-Identifier: Apache-2.0
// ACME errors, retry times, limits and environments in texts (docs/rules/certificates.md#acme-error,
// docs/rules/certificates.md#retry-after, docs/rules/certificates.md#acme-environment).
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/acme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static void test_environment(void **state)
{
    (void)state;
    assert_int_equal(acme_environment_of("https://acme-v02.api.letsencrypt.org/directory"),
                     ACME_PRODUCTION);
    assert_int_equal(acme_environment_of("https://ACME-v02.api.letsencrypt.org/acme/acct/1"),
                     ACME_PRODUCTION);
    assert_int_equal(acme_environment_of("https://acme-staging-v02.api.letsencrypt.org/directory"),
                     ACME_STAGING);
    assert_int_equal(acme_environment_of("https://acme-v01.api.letsencrypt.org/directory"),
                     ACME_DEAD);
    assert_int_equal(acme_environment_of("https://acme-staging.api.letsencrypt.org/directory"),
                     ACME_DEAD);
    assert_int_equal(acme_environment_of("https://acme.zerossl.com/v2/DV90"), ACME_OTHER);
    assert_int_equal(acme_environment_of("https://evil.test/acme-v02.api.letsencrypt.org"),
                     ACME_OTHER);
    assert_int_equal(acme_environment_of(NULL), ACME_OTHER);
    assert_int_equal(acme_environment_of(""), ACME_OTHER);
}

static void test_errors(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct acme_error e;
    assert_true(acme_error_parse(
        &a, "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many x", &e));
    assert_int_equal(e.code, 429);
    assert_string_equal(e.type, "rateLimited");
    assert_string_equal(e.detail, "too many x");
    assert_true(
        acme_error_parse(&a,
                         "400 urn:ietf:params:acme:error:rejectedIdentifier: no; subproblems:"
                         " urn:ietf:params:acme:error:dns: x",
                         &e));
    assert_string_equal(e.detail, "no");
    assert_true(acme_error_parse(&a, "urn:ietf:params:acme:error:caa :: CAA forbids :: see", &e));
    assert_int_equal(e.code, 0);
    assert_string_equal(e.detail, "CAA forbids :: see");
    // The status is three digits right before the URN.
    static const char *const without_status[] = {"1429 ", "29 ",   "-429 x ",
                                                 "a429 ", "4 29 ", "429"};
    for (size_t i = 0; i < ARRAY_COUNT(without_status); i++) {
        const char *text = arena_printf(&a, "%surn:ietf:params:acme:error:x: y", without_status[i]);
        assert_true(acme_error_parse(&a, text, &e));
        assert_int_equal(e.code, 0);
    }
    assert_true(acme_error_parse(&a, "(429 urn:ietf:params:acme:error:x: y", &e));
    assert_int_equal(e.code, 429);
    assert_true(acme_error_parse(&a, "urn:ietf:params:acme:error:", &e));
    assert_string_equal(e.type, "");
    assert_false(acme_error_parse(&a, "connection refused", &e));
    assert_false(acme_error_parse(&a, NULL, &e));
    arena_release(&a);
}

static void test_retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *text, *instant; // NULL none
    } rows[] = {
        {"x, retry after 2026-09-01 10:00:00 UTC: see https://y", "2026-09-01T10:00:00Z"},
        {"x retry after 2022-09-26T01:29:08Z: y", "2022-09-26T01:29:08Z"},
        {"retry after 2022-09-26T01:29:08+02:00", "2022-09-25T23:29:08Z"},
        {"retry after 2022-09-26T01:29:08.123456789Z", "2022-09-26T01:29:08Z"},
        {"retry after 2026-09-01 10:00:00 +0000 UTC: see", "2026-09-01T10:00:00Z"},
        {"retry after 2026-09-01 10:00:00.5 +0200 CEST", "2026-09-01T08:00:00Z"},
        {"Retry after 2026-09-01 10:00:00 UTC", "2026-09-01T10:00:00Z"},
        {"Retry-After: Tue, 01 Sep 2026 10:00:00 GMT", "2026-09-01T10:00:00Z"},
        {"Retry-After: 3600", "2026-09-10T01:00:00Z"},
        {"retry after 90 seconds", "2026-09-10T00:01:30Z"},
        {"please try again in 1h30m0s.", "2026-09-10T01:30:00Z"},
        {"try again after 2 days", "2026-09-12T00:00:00Z"},
        {"try again in 2 hours", "2026-09-10T02:00:00Z"},
        {"retry in 5 minutes, or retry after 2027-09-10 00:00:00 UTC", "2026-09-10T00:05:00Z"},
        {"retry after a while, retry after 2026-09-01 10:00:00 UTC", "2026-09-01T10:00:00Z"},
        {"retry after a while", NULL},
        {"retry after 2026-13-01 10:00:00 UTC", NULL},
        {"retry after 2026-09-01 10:00:00 PST", NULL},
        {"retry after 99999999999999999999", NULL},
        {"retry-after: Tue, 01 anF 2026 10:00:00 GMT", NULL},
        {"retry-after: Tue, 01 Sep 2026 10:00:00 CET", NULL},
        {"retry-after: Tue, 31 Sep 2026 10:00:00 GMT", NULL},
        {"retry after ", NULL},
        {"retry after .", NULL},
        {"nothing", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    int64_t said = time_parse("2026-09-10T00:00:00Z");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t got = acme_retry_after(rows[i].text, said);
        if (got != time_parse(rows[i].instant)) {
            fail_msg("'%s': %lld after it was said", rows[i].text, (long long)(got - said));
        }
    }
    assert_int_equal(acme_retry_after("Retry-After: 3600", TIME_NONE), TIME_NONE);
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(acme_limit_of("too many certificates (5) already issued for this exact set of "
                                   "identifiers in the last 168h0m0s"),
                     ACME_LIMIT_IDENTICAL);
    assert_int_equal(acme_limit_of("too many certificates (50) already issued for \"d.io\""),
                     ACME_LIMIT_DOMAIN);
    assert_int_equal(acme_limit_of("too many failed authorizations (5) for \"h\""),
                     ACME_LIMIT_FAILURES);
    assert_int_equal(acme_limit_of("too many new orders (300) from this account"),
                     ACME_LIMIT_ORDERS);
    assert_int_equal(
        acme_limit_of("Your account is temporarily prevented from requesting certificates "
                      "for h and possibly others. Please visit: https://y"),
        ACME_LIMIT_PAUSED);
    assert_int_equal(acme_limit_of("too many new registrations (10) from this IP address"),
                     ACME_LIMIT_ACCOUNTS);
    assert_int_equal(acme_limit_of("too many registrations for this IP: see https://y"),
                     ACME_LIMIT_ACCOUNTS);
    assert_int_equal(
        acme_limit_of("too many certificates already issued for exact set of domains: h"),
        ACME_LIMIT_IDENTICAL);
    assert_int_equal(
        acme_limit_of(" :: too many certificates already issued for: d.io: see https://y"),
        ACME_LIMIT_DOMAIN);
    assert_int_equal(acme_limit_of("no"), ACME_LIMIT_UNKNOWN);
}

static void test_domain(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(acme_registered_domain(&a, "*.a.b.example.co.uk"), "example.co.uk");
    assert_string_equal(acme_registered_domain(&a, "WWW.Example.COM."), "example.com");
    assert_null(acme_registered_domain(&a, "co.uk"));
    assert_null(acme_registered_domain(&a, NULL));
    arena_release(&a);
}

static void test_mask(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char *t = acme_mask(&a, "Get \"http://h/.well-known/acme-challenge/SECRET\": dial x; "
                                  "did not get expected response \"TOKEN.KEY\" when");
    assert_null(strstr(t, "SECRET"));
    assert_null(strstr(t, "TOKEN"));
    assert_non_null(strstr(t, "\": dial x"));
    assert_non_null(strstr(t, "\" when"));
    assert_string_equal(acme_mask(&a, "the presented key (TOKEN.KEY) did not match"),
                        "the presented key (\xe2\x80\xa6) did not match");
    assert_string_equal(acme_mask(&a, "plain"), "plain");
    assert_string_equal(acme_mask(&a, "/.well-known/acme-challenge/"),
                        "/.well-known/acme-challenge/\xe2\x80\xa6");
    assert_null(acme_mask(&a, NULL));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_retry_after), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_domain),      cmocka_unit_test(test_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
