// SPDX-License-Identifier: Apache-2.0
// The vectors of RFC 9525 name matching, international names, and hosts against Certificates.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/core/mesh_memo.h"

#include "tests/support/pick.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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
    {"*.example.com", "*oo.example.com", false},
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
    {"a.example.com", "a.example.com.", true},
    {"a.example.com", "a.example.com..", false},
    {"*.a.example.com", "*.A.example.com.", true},
    {"*.a.example.com", "xn--*.a.example.com", true},
    {"*.xn--bcher-kva.example", "b\xc3\xbc" "cher.xn--bcher-kva.example", true},
    {"*.bu\xcc\x88" "cher.example", "shop.b\xc3\xbc" "cher.example", true},
    {"*.fa\xc3\x9f.example", "x.xn--fa-hia.example", true},
    {"*.fass.example", "x.fa\xc3\x9f.example", false},
    {"*a.example.com", "ba.example.com", false},
    {"a*.example.com", "a*.example.com", false},
    {"**.example.com", "x.example.com", false},
    {"*..example.com", "x..example.com", false},
    {".example.com", "a.example.com", false},
    {"*.example", "a.example", false},
    {"*.co.uk", "shop.co.uk", true},
    {"", "", false},
};

// What a list of SANs says of a host: y, n, any, none.
static const struct { const char *names[3], *host, *answer, *words; } lists[] = {
    {{"*.staging.apps.d.io"}, "app.staging.apps.d.io", "y", NULL},
    {{"*.staging.apps.d.io"}, "v2.app.staging.apps.d.io", "n", "*.staging.apps.d.io covers one label, v2.app.staging.apps.d.io is deeper: Istio and DNS take it, TLS does not"},
    {{"*.staging.apps.d.io"}, "staging.apps.d.io", "n", "does not cover staging.apps.d.io itself: add the bare name"},
    {{"*.staging.apps.d.io"}, "*.staging.apps.d.io", "y", NULL},
    {{"*.apps.d.io"}, "*.staging.apps.d.io", "n", "does not cover the wildcard *.staging.apps.d.io"},
    {{"a.d.io", "b.d.io"}, "c.d.io", "n", "c.d.io is not among a.d.io, b.d.io"},
    {{NULL}, "c.d.io", "n", "c.d.io is not among no names"},
    {{"a.d.io", "b.d.io"}, "B.d.io.", "y", NULL},
    {{"a.d.io"}, "*", "any", NULL},
    {{"a.d.io"}, "orders", "none", NULL},
    {{"a.d.io"}, "orders.", "none", NULL},
    {{"a.d.io"}, "orders.x.svc.cluster.local", "none", NULL},
    {{"a.d.io"}, "Orders.x.SVC.cluster.local.", "none", NULL},
    {{"a.d.io"}, "orders.x.svc.cluster.local.d.io", "n", NULL},
    {{"10.0.0.1", "a.d.io"}, "10.0.0.1", "y", NULL},
    {{"10.0.0.1"}, "10.0.0.2", "n", NULL},
    {{"*.0.0.1"}, "10.0.0.1", "n", NULL},
    {{"*.1", "*"}, "2001:db8::1", "n", NULL},
    {{"2001:db8::1"}, "2001:DB8:0:0::1", "y", NULL},
    {{"::ffff:10.0.0.1"}, "10.0.0.1", "n", NULL},
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

static void test_lists(void **state)
{
    (void)state;
    static const char *const answers[] = {[COVERAGE_YES] = "y",
                                          [COVERAGE_NO] = "n",
                                          [COVERAGE_ANY] = "any",
                                          [COVERAGE_NONE] = "none"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct arena a;
        struct coverage c;
        uint32_t n = 0;
        arena_init(&a);
        while (n < 3 && lists[i].names[n] != NULL) {
            n++;
        }
        struct str_list l = {lists[i].names, n};
        coverage_of_names(&a, &l, lists[i].host, &c);
        bool words = lists[i].words == NULL ||
                     (c.reason != NULL && strstr(c.reason, lists[i].words) != NULL);
        bool rest = (c.result == COVERAGE_YES) == (c.by != NULL) &&
                    (c.result == COVERAGE_NO) == (c.reason != NULL);
        if (strcmp(answers[c.result], lists[i].answer) != 0 || !words || !rest) {
            fail_msg("%s: %s (%s)", lists[i].host, answers[c.result],
                     c.reason != NULL ? c.reason : "-");
        }
        arena_release(&a);
    }
}

// --- the same rule, written label by label

enum { LABELS = 8 };

// Into labels, in lower case, one final dot aside; 0 if one is empty.
static int labels_of(char *name, const char *labels[LABELS])
{
    size_t len = strlen(name);
    if (len > 0 && name[len - 1] == '.') {
        name[len - 1] = '\0';
    }
    int n = 0;
    for (char *p = name; p != NULL && n < LABELS; n++) {
        char *dot = strchr(p, '.');
        if (dot != NULL) {
            *dot++ = '\0';
        }
        for (char *q = p; *q != '\0'; q++) {
            *q = ascii_lower(*q);
        }
        if (*p == '\0') {
            return 0;
        }
        labels[n] = p;
        p = dot;
    }
    return n;
}

static bool by_labels(const char *pattern, const char *host)
{
    char x[128], y[128];
    const char *p[LABELS], *h[LABELS];
    (void)snprintf(x, sizeof x, "%s", pattern);
    (void)snprintf(y, sizeof y, "%s", host);
    int n = labels_of(x, p), k = labels_of(y, h);
    bool wild = n > 0 && strcmp(p[0], "*") == 0;
    for (int i = wild; i < n; i++) {
        if (strchr(p[i], '*') != NULL) {
            return false;
        }
    }
    if (n == 0 || n != k || (wild && n < 3)) {
        return false;
    }
    for (int i = 1; i < n; i++) {
        if (strcmp(p[i], h[i]) != 0) {
            return false;
        }
    }
    return strcmp(p[0], h[0]) == 0 || (wild && h[0][0] != '*');
}

static void random_name(char *out, size_t size)
{
    static const char *const labels[] = {"a", "B", "*", "b", "a*", "xn--bcher-kva", "", "A"};
    uint32_t n = 1 + pick(4);
    size_t len = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        const char *label = labels[pick(pick(4) == 0 ? 8 : 4)];
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? "." : "", label);
    }
    (void)snprintf(out + len, size - len, "%s", pick(5) == 0 ? "." : "");
}

static void test_names_by_labels(void **state)
{
    (void)state;
    int yes = 0;
    for (int i = 0; i < 200000; i++) {
        char pattern[64], host[64];
        random_name(pattern, sizeof pattern);
        random_name(host, sizeof host);
        bool want = by_labels(pattern, host);
        yes += want;
        if (coverage_name_matches(pattern, host) != want) {
            fail_msg("%s against %s is not %d", pattern, host, want);
        }
    }
    assert_true(yes > 1000); // the names are not too many to meet
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
    certificate_coverage(&w.mesh, OBJECT_AS(certificate, o), "a.d.io", &c);
    assert_int_equal(c.result, COVERAGE_YES);
    assert_int_equal(c.from, NAMES_SECRET);
    certificate_coverage(&w.mesh, OBJECT_AS(certificate, o), "new.e.io", &c);
    assert_int_equal(c.result, COVERAGE_NO);
    assert_non_null(strstr(c.reason, "Certificate istio-system/wild"));
    o = mesh_get(&w.mesh, KIND_CERTIFICATE, "other", "spec");
    certificate_coverage(&w.mesh, OBJECT_AS(certificate, o), "a.d.io", &c);
    assert_int_equal(c.from, NAMES_SPEC);
    world_close(&w);
}

// An index says what the list says, of every host of the table and lists of its patterns, drawn at random.
static void an_index_says_the_same(void **state)
{
    (void)state;
    static const char *const more[] = {"192.0.2.1", "2001:db8::1", "2001:DB8:0::1",
                                       "*",         "shop",        "a.example.com"};
    uint32_t covered = 0;
    for (int turn = 0; turn < 3000; turn++) {
        struct arena a;
        arena_init(&a);
        const char *list[12];
        uint32_t n = 0;
        for (uint32_t k = pick(12); n < k; n++) {
            uint32_t draw = pick(ARRAY_COUNT(names) + ARRAY_COUNT(more));
            list[n] =
                draw < ARRAY_COUNT(names) ? names[draw].pattern : more[draw - ARRAY_COUNT(names)];
        }
        const struct str_list all = {list, n};
        struct name_index x;
        name_index_init(&x, &a, &all);
        for (size_t h = 0; h < ARRAY_COUNT(names) + ARRAY_COUNT(more); h++) {
            const char *host =
                h < ARRAY_COUNT(names) ? names[h].host : more[h - ARRAY_COUNT(names)];
            struct coverage plain, indexed;
            coverage_of_names(&a, &all, host, &plain);
            coverage_of_index(&a, &x, host, &indexed);
            assert_int_equal(plain.result, indexed.result);
            assert_ptr_equal(plain.by, indexed.by);
            assert_true(str_eq(plain.reason, indexed.reason));
            covered += plain.result == COVERAGE_YES;
        }
        arena_release(&a);
    }
    assert_true(covered > 1000);
}

// Of many names, and where answers are kept, an index is asked: it says the same.
static void test_certificate_of_many_names(void **state)
{
    (void)state;
    static const char *const hosts[] = {"a1.d.io", "x.w.d.io", "x.y.w.d.io",
                                        "w.d.io",  "b.d.io",   "*"};
    struct world w;
    world_open(&w,
               "apiVersion: cert-manager.io/v1\nkind: Certificate\n"
               "metadata: {name: many, namespace: a}\n"
               "spec: {secretName: s, dnsNames: [a1.d.io, a2.d.io, a3.d.io, a4.d.io, a5.d.io, "
               "a6.d.io, a7.d.io, a8.d.io, '*.w.d.io'], issuerRef: {name: x}}\n",
               0);
    struct mesh memo = mesh_with_memo(&w.mesh);
    const struct certificate *c =
        OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "many"));
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct coverage plain, kept;
        certificate_coverage_of_spec(&w.mesh, c, hosts[i], &plain);
        certificate_coverage_of_spec(&memo, c, hosts[i], &kept);
        assert_int_equal(plain.result, i < 2 ? COVERAGE_YES : i == 5 ? COVERAGE_ANY : COVERAGE_NO);
        assert_int_equal(kept.result, plain.result);
        certificate_coverage(&w.mesh, c, hosts[i], &plain);
        certificate_coverage(&memo, c, hosts[i], &kept);
        assert_int_equal(kept.result, plain.result);
        assert_int_equal(kept.from, NAMES_SPEC);
        assert_true(plain.result != COVERAGE_NO || strcmp(plain.reason, kept.reason) == 0);
    }
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),           cmocka_unit_test(test_lists),
        cmocka_unit_test(test_names_by_labels), cmocka_unit_test(an_index_says_the_same),
        cmocka_unit_test(test_certificate),     cmocka_unit_test(test_certificate_of_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
