// SPDX-License-Identifier: Apache-2.0
// ACME errors, retry times, environments and budgets (certs-dns.md §3, §8).
#include "kube/mesh/acme.h"
#include "kube/mesh/issuance.h"

#include "tests/support/world.h"

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
    assert_int_equal(acme_environment("https://acme-v02.api.letsencrypt.org/directory"),
                     ACME_PRODUCTION);
    assert_int_equal(acme_environment("https://ACME-v02.api.letsencrypt.org/acme/acct/1"),
                     ACME_PRODUCTION);
    assert_int_equal(acme_environment("https://acme-staging-v02.api.letsencrypt.org/directory"),
                     ACME_STAGING);
    assert_int_equal(acme_environment("https://acme-v01.api.letsencrypt.org/directory"), ACME_DEAD);
    assert_int_equal(acme_environment("https://acme.zerossl.com/v2/DV90"), ACME_OTHER);
    assert_int_equal(acme_environment("https://evil.test/acme-v02.api.letsencrypt.org"),
                     ACME_OTHER);
    assert_int_equal(acme_environment(NULL), ACME_OTHER);
    assert_int_equal(acme_environment(""), ACME_OTHER);
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
    assert_true(acme_error_parse(&a, "urn:ietf:params:acme:error:", &e));
    assert_string_equal(e.type, "");
    assert_false(acme_error_parse(&a, "connection refused", &e));
    assert_false(acme_error_parse(&a, NULL, &e));
    arena_release(&a);
}

static void test_retry_after(void **state)
{
    (void)state;
    assert_int_equal(acme_retry_after("x, retry after 2026-09-01 10:00:00 UTC: see https://y"),
                     time_parse("2026-09-01T10:00:00Z"));
    assert_int_equal(acme_retry_after("x retry after 2022-09-26T01:29:08Z: y"),
                     time_parse("2022-09-26T01:29:08Z"));
    assert_int_equal(acme_retry_after("retry after 2022-09-26T01:29:08+02:00"),
                     time_parse("2022-09-25T23:29:08Z"));
    assert_int_equal(acme_retry_after("retry after a while"), TIME_NONE);
    assert_int_equal(acme_retry_after("retry after "), TIME_NONE);
    assert_int_equal(acme_retry_after("nothing"), TIME_NONE);
    assert_int_equal(acme_retry_after(NULL), TIME_NONE);
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(acme_limit("too many certificates (5) already issued for this exact set of "
                                "identifiers in the last 168h0m0s"),
                     ACME_LIMIT_IDENTICAL);
    assert_int_equal(acme_limit("too many certificates (50) already issued for \"d.io\""),
                     ACME_LIMIT_DOMAIN);
    assert_int_equal(acme_limit("too many failed authorizations (5) for \"h\""),
                     ACME_LIMIT_FAILURES);
    assert_int_equal(acme_limit("too many new orders (300) from this account"), ACME_LIMIT_ORDERS);
    assert_int_equal(acme_limit("no"), ACME_LIMIT_UNKNOWN);
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
    assert_string_equal(acme_mask(&a, "plain"), "plain");
    assert_string_equal(acme_mask(&a, "/.well-known/acme-challenge/"),
                        "/.well-known/acme-challenge/\xe2\x80\xa6");
    assert_null(acme_mask(&a, NULL));
    arena_release(&a);
}

#define ORDER(name, names, state, created)                                                         \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\n"                                      \
    "metadata: {name: " name ", namespace: a, creationTimestamp: '" created "'}\n"                 \
    "spec: {dnsNames: [" names "], issuerRef: {name: x}, request: x}\n"                            \
    "status: {state: " state "}\n"

// A lower bound from Orders: old and failed ones do not count, another set only for its domain.
static void test_budget(void **state)
{
    (void)state;
    struct world w;
    int64_t now = time_parse("2026-09-10T00:00:00Z");
    world_open(
        &w,
        "apiVersion: cert-manager.io/v1\nkind: Certificate\n"
        "metadata: {name: c, namespace: a}\n"
        "spec: {secretName: s, dnsNames: [a.example.com, b.example.com], issuerRef: {name: "
        "x}}\n" ORDER("o1", "'b.example.com', 'a.example.com'", "valid", "2026-09-05T00:00:00Z")
            ORDER("o2", "a.example.com", "valid", "2026-09-06T00:00:00Z")
                ORDER("o3", "'a.example.com', 'b.example.com'", "invalid", "2026-09-06T00:00:00Z")
                    ORDER("o4", "'a.example.com', 'b.example.com'", "valid", "2026-08-01T00:00:00Z")
                        ORDER("o5", "x.example.org", "valid", "2026-09-06T00:00:00Z")
                            ORDER("o6", "'a.example.com', 'b.example.com'", "valid",
                                  "2026-09-09T00:00:00Z"),
        now);
    struct acme_budget b;
    const struct object *c = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "c");
    acme_budget(&w.mesh, OBJECT_AS(certificate, c), &b);
    assert_string_equal(b.domain, "example.com");
    assert_int_equal(b.issued, 3);
    assert_int_equal(b.identical, 2);
    assert_int_equal(b.failures, 0);
    assert_int_equal(b.next_slot, now);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_retry_after), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_domain),      cmocka_unit_test(test_mask),
        cmocka_unit_test(test_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
