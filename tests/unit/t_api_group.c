// SPDX-License-Identifier: Apache-2.0
// API groups, versions and kinds that no server has, and those that one may have.
#include "kube/base/arena.h"
#include "kube/base/edit_distance.h"

#include "kube/object/api_group.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// docs/rules/kubernetes-client.md#groups-that-exist
static void problems(void **state)
{
    (void)state;
    static const char *const t[][3] = {
        {"networking.istio.io/v1", "Virtualservice", "write VirtualService"},
        {"networking.istio.io/v1", "VirtualServices", "write VirtualService"},
        {"networking.istio.io/v1", "VirtualServce", "write VirtualService"},
        {"networking.istio.io/v1", "Certificate", "write apiVersion: cert-manager.io/v1"},
        {"networking.istio.io/v1", "Nonsense", "there is no kind Nonsense"},
        {"networking.istio.io/v2", "Gateway",
         "there is no version networking.istio.io/v2 of Gateway: write networking.istio.io/v1"},
        {"networking.istio.io", "Gateway", "has no version: write networking.istio.io/v1"},
        {"networking.istio.io", "EnvoyFilter",
         "has no version: write networking.istio.io/v1alpha3"},
        {"networking.istio.com/v1", "Gateway", "write apiVersion: networking.istio.io/v1"},
        {"istio.io/v1", "VirtualService", "write apiVersion: networking.istio.io/v1"},
        {"v1", "VirtualService", "write apiVersion: networking.istio.io/v1"},
        {"apps/v1", "ServiceEntry", "write apiVersion: networking.istio.io/v1"},
        {"cert-manager.io/v1", "Clusterissuer", "write ClusterIssuer"},
        {"cert-manager.io/v2", "Certificate", "write cert-manager.io/v1"},
        {"certmanager.io/v1", "Certificate", "write apiVersion: cert-manager.io/v1"},
        {"v1", "service", "write Service"},
        {"v1", "Services", "write Service"},
        {"security.istio.io/v1", "AuthorisationPolicy", "write AuthorizationPolicy"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const char *problem = api_group_problem(&a, t[i][0], t[i][1]);
        problem = problem != NULL ? problem : "no problem";
        if (strstr(problem, t[i][2]) == NULL) {
            fail_msg("%s %s: %s", t[i][0], t[i][1], problem);
        }
        assert_non_null(strstr(problem, t[i][1])); // as written
    }
    arena_release(&a);
}

static void what_is_fine(void **state)
{
    (void)state;
    static const char *const t[][2] = {
        {"networking.istio.io/v1alpha3", "EnvoyFilter"},
        {"networking.istio.io/v1", "VirtualService"},
        {"cert-manager.io/v1alpha2", "Certificate"},
        {"certmanager.k8s.io/v1alpha1", "Certificate"},
        {"gateway.networking.k8s.io/v1", "HTTPRoute"},
        {"gateway.networking.k8s.io/v1alpha9", "BackendLBPolicy"},
        {"v1", "PersistentVolumeClaim"},
        {"v1", "List"},
        {"batch/v1", "Job"},
        {"example.com/v1", "Gateway"},
        {"networking.gke.io/v1", "ManagedCertificate"},
        {"traefik.io/v1alpha1", "IngressRoute"},
        {"install.istio.io/v1alpha1", "IstioOperator"},
        {"kustomize.config.k8s.io/v1beta1", "Kustomization"},
        {"extensions/v1beta1", "Ingress"},
        {"apiextensions.k8s.io/v1", "CustomResourceDefinition"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const char *problem = api_group_problem(&a, t[i][0], t[i][1]);
        if (problem != NULL) {
            fail_msg("%s %s: %s", t[i][0], t[i][1], problem);
        }
    }
    arena_release(&a);
    assert_int_equal(edit_distance("abc", "ABC"), 0);
    assert_int_equal(edit_distance("abc", "abd"), 1);
    assert_int_equal(edit_distance("abc", "xyz1"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(problems), cmocka_unit_test(what_is_fine)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
