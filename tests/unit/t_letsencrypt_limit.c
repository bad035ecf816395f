// SPDX-License-Identifier: Apache-2.0
// How much of the limits a Certificate has left, and when there is room again
// (docs/rules/certificates.md#limit-estimate).
#include "kube/base/buf.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/letsencrypt_limit.h"

#include "tests/support/pick.h"
#include "tests/support/world.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define ORDER(name, names, state, created)                                                         \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\n"                                      \
    "metadata: {name: " name ", namespace: a, creationTimestamp: '" created "'}\n"                 \
    "spec: {dnsNames: [" names "], issuerRef: {name: x}, request: x}\n"                            \
    "status: {state: " state "}\n"

// A lower bound from Orders: those of a week; old and failed ones do not count, another set only for its domain.
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
        "x}}\n" ORDER("o1", "'b.example.com', 'a.example.com'", "valid", "2026-09-03T00:00:01Z")
            ORDER("o2", "a.example.com", "valid", "2026-09-06T00:00:00Z")
                ORDER("o3", "'a.example.com', 'b.example.com'", "invalid", "2026-09-06T00:00:00Z")
                    ORDER("o4", "'a.example.com', 'b.example.com'", "valid", "2026-09-03T00:00:00Z")
                        ORDER("o5", "x.example.org", "valid", "2026-09-06T00:00:00Z")
                            ORDER("o6", "'a.example.com', 'b.example.com'", "valid",
                                  "2026-09-09T00:00:00Z")
                                ORDER("o7", "'0.example.com', 'b.example.com'", "valid",
                                      "2026-09-09T00:00:00Z"),
        now);
    struct letsencrypt_limits b;
    const struct object *c = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "c");
    letsencrypt_limits_of(&w.mesh, OBJECT_AS(certificate, c), &b);
    assert_int_equal(b.ca, ACME_OTHER); // nothing is known of the issuer: no limits
    assert_int_equal(b.ndomains, 1);
    assert_string_equal(b.domains[0].name, "example.com");
    assert_int_equal(b.domains[0].taken, 4);
    assert_int_equal(b.domains[0].limit, 0);
    assert_int_equal(b.identical.taken, 2);
    assert_int_equal(b.failures.taken, 0);
    assert_int_equal(b.next_slot, now);
    world_close(&w);
}

// Orders of another server take nothing from this one's limits, and a full count whose oldest are long ago
// leaves room: the limits are buckets that fill steadily, not windows.
static void test_budget_of_a_server(void **state)
{
    (void)state;
    static const char issuers[] =
        "---\napiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: x, namespace: a}\n"
        "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory'}}\n"
        "---\napiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: st, namespace: a}\n"
        "spec: {acme: {server: 'https://acme-staging-v02.api.letsencrypt.org/directory'}}\n"
        "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: "
        "a}\nspec: {secretName: s, dnsNames: [a.example.com], issuerRef: {name: x}}\n"
        "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: d, namespace: "
        "a}\nspec: {secretName: t, dnsNames: [a.example.com], issuerRef: {name: st}}\n";
    int64_t now = time_parse("2026-09-10T00:00:00Z");
    struct buf yaml;
    struct world w;
    buf_init(&yaml, 0);
    buf_adds(&yaml, issuers);
    buf_adds(&yaml, ORDER("o1", "a.example.com", "valid", "2026-09-03T01:00:00Z")
                        ORDER("o2", "a.example.com", "valid", "2026-09-04T11:00:00Z")
                            ORDER("o3", "a.example.com", "valid", "2026-09-05T21:00:00Z")
                                ORDER("o4", "a.example.com", "valid", "2026-09-07T07:00:00Z")
                                    ORDER("o5", "a.example.com", "valid", "2026-09-08T17:00:00Z"));
    world_open(&w, yaml.data, now);
    struct letsencrypt_limits b;
    letsencrypt_limits_of(
        &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "c")), &b);
    assert_int_equal(b.ca, ACME_PRODUCTION);
    assert_int_equal(b.identical.taken, 5);
    assert_int_equal(b.identical.limit, 5);
    assert_int_equal(b.failures.limit, 5);
    assert_int_equal(b.domains[0].limit, 50);
    assert_int_equal(b.next_slot, now);
    letsencrypt_limits_of(
        &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "d")), &b);
    assert_int_equal(b.ca, ACME_STAGING);
    assert_int_equal(b.identical.taken, 0);
    assert_int_equal(b.identical.limit, 30000);
    assert_int_equal(b.domains[0].taken, 0);
    assert_int_equal(b.domains[0].limit, 0);
    assert_int_equal(b.failures.limit, 200);
    world_close(&w);
    buf_release(&yaml);
}

#define CHALLENGE(name, host, state, created)                                                      \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Challenge\n"                                  \
    "metadata: {name: " name ", namespace: a, creationTimestamp: '" created "'}\n"                 \
    "spec: {dnsName: " host ", type: DNS-01, issuerRef: {name: x}}\nstatus: {state: " state "}\n"

// Each registered domain has a count of its own, the name that fails most is reported, and a CA of which nothing is
// known has no limits.
static void test_budget_of_domains(void **state)
{
    (void)state;
    static const char *const servers[] = {"https://acme-v02.api.letsencrypt.org/directory",
                                          "https://acme.zerossl.com/v2/DV90"};
    int64_t now = time_parse("2026-09-10T00:00:00Z");
    for (int i = 0; i < 2; i++) {
        struct buf yaml;
        struct world w;
        struct letsencrypt_limits b;
        buf_init(&yaml, 0);
        buf_addf(&yaml,
                 "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: x, namespace: a}\n"
                 "spec: {acme: {server: '%s'}}\n",
                 servers[i]);
        buf_adds(&yaml,
                 "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, "
                 "namespace: a}\nspec: {secretName: s, dnsNames: ['*.a.example.com', "
                 "b.example.com, shop.example.co.uk, localhost], issuerRef: {name: x}}\n");
        buf_adds(&yaml, ORDER("o1", "b.example.com", "valid", "2026-09-05T00:00:00Z")
                            ORDER("o2", "'www.example.co.uk', 'b.example.com'", "valid",
                                  "2026-09-06T00:00:00Z"));
        buf_adds(&yaml,
                 CHALLENGE("h1", "b.example.com", "invalid", "2026-09-09T23:30:00Z") CHALLENGE(
                     "h2", "a.example.com", "invalid", "2026-09-09T23:55:01Z")
                     CHALLENGE("h3", "a.example.com", "invalid", "2026-09-09T23:55:02Z") CHALLENGE(
                         "h4", "a.example.com", "invalid", "2026-09-09T23:55:03Z")
                         CHALLENGE("h5", "a.example.com", "invalid", "2026-09-09T23:55:04Z")
                             CHALLENGE("h6", "A.example.com", "invalid", "2026-09-09T23:55:05Z")
                                 CHALLENGE("h7", "a.example.com", "valid", "2026-09-09T23:56:00Z")
                                     CHALLENGE("h8", "a.example.com", "invalid",
                                               "2026-09-09T22:00:00Z"));
        world_open(&w, yaml.data, now);
        letsencrypt_limits_of(
            &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "c")), &b);
        assert_int_equal(b.ndomains, 2);
        assert_string_equal(b.domains[0].name, "example.com");
        assert_int_equal(b.domains[0].taken, 2);
        assert_string_equal(b.domains[1].name, "example.co.uk");
        assert_int_equal(b.domains[1].taken, 1);
        assert_int_equal(b.domains[1].limit, i == 0 ? 50 : 0);
        assert_string_equal(b.failures.name, "a.example.com");
        assert_int_equal(b.failures.taken, 5);
        assert_int_equal(b.failures.limit, i == 0 ? 5 : 0);
        // Five in five seconds: a twelfth of an hour refills one.
        assert_int_equal(b.next_slot, i == 0 ? time_parse("2026-09-10T00:07:01Z") : now);
        world_close(&w);
        buf_release(&yaml);
    }
}

// The next slot is the latest that any of the limits gives: here that of the same names, and that of the domain.
static void test_the_latest_slot(void **state)
{
    (void)state;
    enum { WEEK = 7 * 86400 };
    int64_t now = time_parse("2026-09-10T00:00:00Z"), at[50];
    for (int domain = 0; domain <= 1; domain++) {
        int n = domain != 0 ? 50 : 5;
        struct buf yaml;
        struct world w;
        struct letsencrypt_limits b;
        buf_init(&yaml, 0);
        buf_adds(
            &yaml,
            "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: x, namespace: a}\n"
            "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory'}}\n"
            "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, "
            "namespace: a}\nspec: {secretName: s, dnsNames: [a.example.com], issuerRef: {name: "
            "x}}\n");
        for (int i = 0; i < n; i++) {
            char name[32] = "a.example.com"; // that of the Certificate
            if (domain != 0) {
                snprintf(name, sizeof name, "x%d.example.com", i);
            }
            at[i] = now - 3600 + i;
            buf_addf(&yaml,
                     "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\nmetadata: {name: o%d, "
                     "namespace: a, creationTimestamp: '2026-09-09T23:00:%02dZ'}\n"
                     "spec: {dnsNames: [%s], issuerRef: {name: x}, request: x}\n"
                     "status: {state: valid}\n",
                     i, i, name);
        }
        world_open(&w, yaml.data, now);
        letsencrypt_limits_of(
            &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "c")), &b);
        assert_int_equal(b.identical.taken, domain != 0 ? 0 : 5);
        assert_int_equal(b.domains[0].taken, n);
        assert_true(b.next_slot > now);
        assert_int_equal(b.next_slot, letsencrypt_limit_next_slot(at, (uint32_t)n, n, WEEK, now));
        world_close(&w);
        buf_release(&yaml);
    }
}

// A bucket by the book: a token every `cost` seconds, counted step by step.
#define STEP 48
static int64_t slot_by_steps(const int64_t *at, uint32_t n, int64_t cost, int64_t period,
                             int64_t now)
{
    int64_t level = period; // in seconds of filling
    uint32_t next = 0;
    for (int64_t t = n != 0 ? at[0] : now;; t += STEP) {
        while (next < n && at[next] == t) {
            level = level > cost ? level - cost : 0;
            next++;
        }
        if (t >= now && level >= cost) {
            return t;
        }
        level = level + STEP < period ? level + STEP : period;
    }
}

static void test_next_slot_property(void **state)
{
    (void)state;
    static const struct {
        int limit;
        int64_t period;
    } limits[] = {{50, 7 * 86400}, {5, 7 * 86400}, {5, 3600}};
    uint32_t later = 0;
    for (int round = 0; round < 300; round++) {
        int limit = limits[round % 3].limit;
        int64_t period = limits[round % 3].period, at[128], now = 4000 * (int64_t)STEP * 100;
        uint32_t n = 0;
        uint32_t count = pick((uint32_t)(2 * limit + 2));
        for (; n < count; n++) { // within twice the period, in steps
            uint32_t steps = (uint32_t)(period / STEP) >> (round / 3 % 4);
            at[n] = now - (int64_t)pick(2 * steps) * STEP;
        }
        int64_t got = letsencrypt_limit_next_slot(at, n, limit, period, now);
        int64_t want = slot_by_steps(at, n, period / limit, period, now);
        if (got != want) {
            fail_msg("round %d, %u of %d: %lld, by steps %lld", round, n, limit,
                     (long long)(got - now), (long long)(want - now));
        }
        later += got > now;
    }
    printf("# 300 histories, %u of them wait\n", later);
    assert_true(later > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_budget_of_a_server),
        cmocka_unit_test(test_budget_of_domains),
        cmocka_unit_test(test_the_latest_slot),
        cmocka_unit_test(test_next_slot_property),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
