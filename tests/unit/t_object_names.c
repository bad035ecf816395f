// SPDX-License-Identifier: Apache-2.0
// Names against the tables of docs/rules/istio.md#short-names and docs/rules/istio.md#gateway-references.
#include "kube/base/arena.h"

#include "kube/object/object_names.h"

#include <stdio.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void fqdn(void **state)
{
    (void)state;
    static const struct {
        const char *host, *want;
    } t[] = {
        {"cart", "cart.apps.svc.cluster.local"},
        {"cart.shop", "cart.shop"},
        {"cart.shop.svc", "cart.shop.svc"},
        {"cart.shop.svc.cluster.local", "cart.shop.svc.cluster.local"},
        {"*", "*"},
        {"*.shop.io", "*.shop.io"},
        {"*-x", "*-x"},
        {"10.1.2.3", "10.1.2.3"},
        {"fe80::1", "fe80::1"},
        {"", ""},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        assert_string_equal(name_fqdn(&a, t[i].host, "apps"), t[i].want);
    }
    arena_release(&a);
}

static void service(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char *name = NULL, *ns = NULL;
    assert_true(name_split_service(&a, "cart.apps.svc.cluster.local", &name, &ns));
    assert_string_equal(name, "cart");
    assert_string_equal(ns, "apps");
    static const char *const no[] = {"cart.apps.svc",           "cart",
                                     ".apps.svc.cluster.local", "a.b.c.svc.cluster.local",
                                     "cart.svc.cluster.local",  "cart..svc.cluster.local",
                                     ".svc.cluster.local"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        assert_false(name_split_service(&a, no[i], &name, &ns));
    }
    assert_false(name_split_service(&a, NULL, &name, &ns));
    arena_release(&a);
}

// docs/rules/istio.md#cluster-domain
static void the_domain_is_set(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char *name = NULL, *ns = NULL;
    assert_false(name_set_cluster_domain(""));
    assert_false(name_set_cluster_domain(".local"));
    assert_true(name_set_cluster_domain("corp.example."));
    assert_string_equal(name_fqdn(&a, "cart", "apps"), "cart.apps.svc.corp.example");
    assert_true(name_split_service(&a, "cart.apps.svc.corp.example", &name, &ns));
    assert_string_equal(name, "cart");
    assert_string_equal(ns, "apps");
    assert_false(name_in_cluster("cart.apps.svc.cluster.local"));
    assert_true(name_set_cluster_domain("cluster.local"));
    arena_release(&a);
}

static void other_cluster_domains(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char *name = NULL, *ns = NULL;
    assert_string_equal(name_service_host(&a, "cart", "apps"), "cart.apps.svc.cluster.local");
    assert_true(name_in_cluster("cart.apps.svc.cluster.local"));
    assert_false(name_in_cluster("cart.apps.svc.corp.example"));
    assert_false(name_split_service(&a, "cart.apps.svc.corp.example", &name, &ns));
    assert_string_equal(name_fqdn(&a, "cart.apps.svc.corp.example", "web"),
                        "cart.apps.svc.corp.example");
    arena_release(&a);
}

static void gateway(void **state)
{
    (void)state;
    static const struct {
        const char *ref, *ns, *name;
    } t[] = {
        {"edge", "apps", "edge"},
        {"infra/edge", "infra", "edge"},
        {"./edge", "apps", "edge"},
        {"edge.infra", "infra", "edge"},
        {"edge.infra.svc.cluster.local", "infra", "edge"},
        {"edge.", "apps", "edge."},
    };
    struct arena a;
    arena_init(&a);
    const char *ns = NULL, *name = NULL;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        assert_true(name_resolve_gateway(&a, t[i].ref, "apps", &ns, &name));
        assert_string_equal(ns, t[i].ns);
        assert_string_equal(name, t[i].name);
    }
    assert_false(name_resolve_gateway(&a, "mesh", "apps", &ns, &name));
    arena_release(&a);
}

static void namespace_and_name(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    const char *ns = "x";
    assert_string_equal(name_split(&a, "*.shop.io", NULL, &ns), "*.shop.io");
    assert_null(ns);
    assert_string_equal(name_split(&a, "web", "own", &ns), "web");
    assert_string_equal(ns, "own");
    assert_string_equal(name_split(&a, "./a.io", "own", &ns), "a.io");
    assert_string_equal(ns, ".");
    assert_string_equal(name_split(&a, "apps/*", NULL, &ns), "*");
    assert_string_equal(ns, "apps");
    assert_string_equal(name_split(&a, "/web/x", "own", &ns), "web/x");
    assert_string_equal(ns, "");
    assert_string_equal(name_without_ns("apps/a/b"), "a/b");
    assert_string_equal(name_without_ns("a"), "a");
    arena_release(&a);
}

// docs/rules/certificates.md#credential-namespace
static void credentials(void **state)
{
    (void)state;
    static const struct {
        const char *credential, *name;
    } rows[] = {
        {"web-tls", "web-tls"},
        {"kubernetes://web-tls", "web-tls"},
        {"kubernetes://ns/web-tls", "ns/web-tls"},
        {"kubernetes-gateway://ns/web-tls", "kubernetes-gateway://ns/web-tls"},
        {"configmap://web", "configmap://web"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(name_of_credential(rows[i].credential), rows[i].name);
    }
    assert_null(name_of_credential(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fqdn),
        cmocka_unit_test(service),
        cmocka_unit_test(the_domain_is_set),
        cmocka_unit_test(other_cluster_domains),
        cmocka_unit_test(gateway),
        cmocka_unit_test(namespace_and_name),
        cmocka_unit_test(credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
