// SPDX-License-Identifier: Apache-2.0
// The vectors of RFC 9525 name matching, international names, and hosts against Certificates.
#include "kube/base/text.h"

#include "kube/mesh/coverage.h"

#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

static const struct { const char *pattern, *host; bool yes; } names[] = {
    {"*.a.example.com", "x.a.example.com", true},
    {"*.a.example.com", "X.A.Example.COM.", true},
    {"*.a.example.com", "a.example.com", false},
    {"*.a.example.com", "y.x.a.example.com", false},
    {"*.a.example.com", ".a.example.com", false},
    {"a.example.com", "a.example.com", true},
    {"a.example.com.", "A.example.com", true},
    {"f*.example.com", "foo.example.com", false},
    {"*.*.example.com", "a.b.example.com", false},
    {"a.*.com", "a.b.com", false},
    {"*", "localhost", false},
    {"*.com", "example.com", false},
    {"*.example.com", "*.example.com", true},
    {"*.example.com", "*.a.example.com", false},
    {"*.xn--bcher-kva.example", "shop.b\xc3\xbc" "cher.example", true},
    {"*.b\xc3\xbc" "cher.example", "shop.xn--bcher-kva.example", true},
    {"*.example.com", "xn--bcher-kva.example.com", true},
    {"xn--*.example.com", "xn--bcher-kva.example.com", false},
    {"b\xc3\xbc" "cher.example", "B\xc3\x9c" "CHER.example", true},
    {"example.com", "example.org", false},
    {"example.com", "", false},
    {"", "", false},
};

static const struct { const char *server, *vs_ns, *gw_ns, *host; bool yes; } servers[] = {
    {"prod/*.d.io", "prod", "istio-system", "a.b.d.io", true},
    {"./*.d.io", "prod", "istio-system", "a.d.io", false},
    {"./*.d.io", "prod", "prod", "a.d.io", true},
    {"*/a.d.io", "x", "y", "a.d.io", true},
    {"*", "x", "y", "a.d.io", true},
    {"*.d.io", "x", "y", "d.io", false},
};
// clang-format on

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (coverage_name_matches(names[i].pattern, names[i].host) != names[i].yes) {
            fail_msg("%s against %s", names[i].pattern, names[i].host);
        }
    }
    assert_false(coverage_name_matches(NULL, "a.b"));
    assert_false(coverage_name_valid("f*.d.io"));
    assert_false(coverage_name_valid("*.com"));
    assert_true(coverage_name_valid("*.d.io"));
}

static void test_server_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        if (coverage_server_host(servers[i].server, servers[i].vs_ns, servers[i].gw_ns,
                                 servers[i].host) != servers[i].yes) {
            fail_msg("%s for %s", servers[i].server, servers[i].host);
        }
    }
}

static void test_reasons(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char *list[] = {"*.staging.apps.d.io", "10.0.0.1"};
    struct str_list l = {list, 2};
    struct coverage c;
    coverage_of_names(&a, &l, "v2.app.staging.apps.d.io", &c);
    assert_int_equal(c.result, COVERAGE_NO);
    assert_non_null(strstr(c.reason, "covers one label"));
    coverage_of_names(&a, &l, "staging.apps.d.io", &c);
    assert_int_equal(c.result, COVERAGE_NO);
    assert_non_null(strstr(c.reason, "itself"));
    coverage_of_names(&a, &l, "*.x.staging.apps.d.io", &c);
    assert_non_null(strstr(c.reason, "wildcard"));
    coverage_of_names(&a, &l, "other.io", &c);
    assert_non_null(strstr(c.reason, "not among"));
    coverage_of_names(&a, &l, "*", &c);
    assert_int_equal(c.result, COVERAGE_ANY);
    coverage_of_names(&a, &l, "orders", &c);
    assert_int_equal(c.result, COVERAGE_NONE);
    coverage_of_names(&a, &l, "orders.x.svc.cluster.local", &c);
    assert_int_equal(c.result, COVERAGE_NONE);
    coverage_of_names(&a, &l, "10.0.0.1", &c);
    assert_int_equal(c.result, COVERAGE_YES);
    coverage_of_names(&a, &l, "10.0.0.2", &c);
    assert_int_equal(c.result, COVERAGE_NO);
    coverage_of_names(&a, &l, "app.staging.apps.d.io", &c);
    assert_int_equal(c.result, COVERAGE_YES);
    assert_string_equal(c.by, "*.staging.apps.d.io");
    arena_release(&a);
}

// Spec, Secret and issued names differ: the nearest to what is used decides, and is named.
static void test_certificate(void **state)
{
    (void)state;
    struct world w;
    world_open(&w,
               "apiVersion: cert-manager.io/v1\n"
               "kind: Certificate\n"
               "metadata: {name: wild, namespace: istio-system}\n"
               "spec:\n"
               "  secretName: wild-tls\n"
               "  dnsNames: ['*.d.io', new.e.io]\n"
               "  issuerRef: {name: x}\n"
               "---\n"
               "apiVersion: cert-manager.io/v1\n"
               "kind: Certificate\n"
               "metadata: {name: spec, namespace: other}\n"
               "spec: {secretName: none, dnsNames: [a.d.io], issuerRef: {name: x}}\n"
               "---\n"
               "apiVersion: v1\n"
               "kind: Secret\n"
               "metadata:\n"
               "  name: wild-tls\n"
               "  namespace: istio-system\n"
               "  annotations:\n"
               "    cert-manager.io/certificate-name: wild\n"
               "    cert-manager.io/alt-names: '*.d.io'\n"
               "    cert-manager.io/ip-sans: ''\n",
               0);
    const struct object *o = mesh_get(&w.mesh, KIND_CERTIFICATE, "istio-system", "wild");
    struct coverage c;
    coverage_of_certificate(&w.mesh, OBJECT_AS(certificate, o), "a.d.io", &c);
    assert_int_equal(c.result, COVERAGE_YES);
    assert_int_equal(c.from, NAMES_SECRET);
    coverage_of_certificate(&w.mesh, OBJECT_AS(certificate, o), "new.e.io", &c);
    assert_int_equal(c.result, COVERAGE_NO);
    assert_non_null(strstr(c.reason, "Certificate istio-system/wild"));
    o = mesh_get(&w.mesh, KIND_CERTIFICATE, "other", "spec");
    coverage_of_certificate(&w.mesh, OBJECT_AS(certificate, o), "a.d.io", &c);
    assert_int_equal(c.from, NAMES_SPEC);
    uint32_t n;
    const struct certificate *const *all = coverage_candidates(&w.mesh, "A.d.io", NULL, &n);
    assert_int_equal(n, 2);
    assert_string_equal(all[0]->o.name, "wild");
    coverage_candidates(&w.mesh, "a.d.io", "other", &n);
    assert_int_equal(n, 1);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_server_hosts),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
