// SPDX-License-Identifier: Apache-2.0
// The table of kinds: every kind has a whole row, and is found by the names that a server or file gives it.
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/object/kind.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void api_version(char *out, size_t size, const char *group, const char *version)
{
    snprintf(out, size, "%s%s%s", group, group[0] != '\0' ? "/" : "", version);
}

static void every_kind_is_found(void **state)
{
    (void)state;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        const struct kind_info *i = &kinds[k];
        assert_non_null(i->kind);
        assert_non_null(i->resource);
        assert_non_null(i->short_name);
        assert_non_null(i->groups[0].group);
        assert_null(i->groups[sizeof i->groups / sizeof *i->groups - 1].group);
        for (const struct kind_group *g = i->groups; g->group != NULL; g++) {
            assert_non_null(g->versions[0]);
            for (const char *const *v = g->versions; *v != NULL; v++) {
                char text[128];
                api_version(text, sizeof text, g->group, *v);
                assert_int_equal(kind_find(text, i->kind), k);
            }
        }
        for (enum kind other = 0; other < k; other++) {
            assert_false(str_eq(kinds[other].resource, i->resource) &&
                         str_eq(kinds[other].groups[0].group, i->groups[0].group));
        }
    }
}

// The table of docs/rules/kubernetes-client.md#kinds-served.
static void each_kind_is_where_it_is_served(void **state)
{
    (void)state;
#define ISTIO "networking.istio.io v1 v1beta1 v1alpha3"
#define VERSIONS " v1 v1beta1 v1alpha3 v1alpha2"
#define OLD "; certmanager.k8s.io v1alpha1"
    static const struct {
        const char *resource, *groups;
        bool cluster_wide;
        enum kind_reading reading;
    } t[KIND_COUNT] = {
        [KIND_NAMESPACE] = {"namespaces", " v1", true, READ_WHOLE},
        [KIND_SERVICE] = {"services", " v1", false, READ_WHOLE},
        [KIND_SECRET] = {"secrets", " v1", false, READ_METADATA},
        [KIND_EVENT] = {"events", " v1", false, READ_ON_DEMAND},
        [KIND_POD] = {"pods", " v1", false, READ_ON_DEMAND},
        [KIND_GATEWAY] = {"gateways", ISTIO, false, READ_WHOLE},
        [KIND_VIRTUALSERVICE] = {"virtualservices", ISTIO, false, READ_WHOLE},
        [KIND_DESTINATIONRULE] = {"destinationrules", ISTIO, false, READ_WHOLE},
        [KIND_SERVICEENTRY] = {"serviceentries", ISTIO, false, READ_WHOLE},
        [KIND_CERTIFICATE] = {"certificates", "cert-manager.io" VERSIONS OLD, false, READ_WHOLE},
        [KIND_CERTIFICATEREQUEST] = {"certificaterequests", "cert-manager.io" VERSIONS OLD, false,
                                     READ_WHOLE},
        [KIND_ISSUER] = {"issuers", "cert-manager.io" VERSIONS OLD, false, READ_WHOLE},
        [KIND_CLUSTERISSUER] = {"clusterissuers", "cert-manager.io" VERSIONS OLD, true, READ_WHOLE},
        [KIND_ORDER] = {"orders", "acme.cert-manager.io" VERSIONS OLD, false, READ_WHOLE},
        [KIND_CHALLENGE] = {"challenges", "acme.cert-manager.io" VERSIONS OLD, false, READ_WHOLE},
        [KIND_CANARY] = {"canaries", "flagger.app v1beta1 v1alpha3", false, READ_WHOLE},
        [KIND_ENDPOINTSLICE] = {"endpointslices", "discovery.k8s.io v1", false, READ_ON_DEMAND},
        [KIND_INGRESS] = {"ingresses", "networking.k8s.io v1", false, READ_ON_DEMAND},
        [KIND_DEPLOYMENT] = {"deployments", "apps v1", false, READ_ON_DEMAND},
        [KIND_K8S_GATEWAY] = {"gateways", "gateway.networking.k8s.io v1 v1beta1", false,
                              READ_FILES},
        [KIND_REQUESTAUTHENTICATION] = {"requestauthentications", "security.istio.io v1 v1beta1",
                                        false, READ_WHOLE},
        [KIND_STATEFULSET] = {"statefulsets", "apps v1", false, READ_FILES},
        [KIND_DAEMONSET] = {"daemonsets", "apps v1", false, READ_FILES},
        [KIND_SEALEDSECRET] = {"sealedsecrets", "bitnami.com v1alpha1", false, READ_FILES},
        [KIND_EXTERNALSECRET] = {"externalsecrets", "external-secrets.io v1 v1beta1", false,
                                 READ_FILES},
        [KIND_SECRETPROVIDERCLASS] = {"secretproviderclasses", "secrets-store.csi.x-k8s.io v1",
                                      false, READ_FILES},
        [KIND_AUTHORIZATIONPOLICY] = {"authorizationpolicies", "security.istio.io v1 v1beta1",
                                      false, READ_WHOLE},
        [KIND_ENVOYFILTER] = {"envoyfilters", "networking.istio.io v1alpha3", false, READ_FILES},
        [KIND_WASMPLUGIN] = {"wasmplugins", "extensions.istio.io v1alpha1", false, READ_FILES},
    };
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        struct buf b;
        buf_init(&b, 0);
        for (const struct kind_group *g = kinds[k].groups; g->group != NULL; g++) {
            buf_addf(&b, "%s%s", g > kinds[k].groups ? "; " : "", g->group);
            for (const char *const *v = g->versions; *v != NULL; v++) {
                buf_addf(&b, " %s", *v);
            }
        }
        assert_string_equal(kinds[k].resource, t[k].resource);
        assert_string_equal(b.data, t[k].groups);
        assert_int_equal(kinds[k].namespaced, !t[k].cluster_wide);
        assert_int_equal(kinds[k].reading, t[k].reading);
        buf_release(&b);
    }
}

static void others_are_not(void **state)
{
    (void)state;
    static const char *const none[][2] = {
        {"v1", "Gateway"},                  // of no core group
        {"v2", "Service"},                  // the core group has one version
        {"apps/v1", "Service"},             // of another group
        {"networking.istio.io", "Gateway"}, // no version
        {"networking.istio.io.example.com/v1", "Gateway"},
        {"istio.io/v1", "Gateway"},
        {"networking.istio.io/v1", "gateway"},
        {"networking.istio.io/v1", "Gatewa"},
        {"", ""},
        {NULL, "Service"},
        {"v1", NULL},
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(kind_find(none[i][0], none[i][1]), KIND_COUNT);
    }
    assert_int_equal(kind_find("networking.istio.io/v9", "Gateway"), KIND_GATEWAY);
    assert_int_equal(kind_find("gateway.networking.k8s.io/v1alpha2", "Gateway"), KIND_K8S_GATEWAY);
}

// Two groups of today, one of before, and the newest version first (docs/rules/certificates.md#api-groups).
static void kinds_of_cert_manager(void **state)
{
    (void)state;
    static const struct {
        enum kind kind;
        const char *group;
        bool namespaced;
    } rows[] = {
        {KIND_CERTIFICATE, "cert-manager.io", true},
        {KIND_CERTIFICATEREQUEST, "cert-manager.io", true},
        {KIND_ISSUER, "cert-manager.io", true},
        {KIND_CLUSTERISSUER, "cert-manager.io", false},
        {KIND_ORDER, "acme.cert-manager.io", true},
        {KIND_CHALLENGE, "acme.cert-manager.io", true},
    };
    static const char *const versions[] = {"v1", "v1beta1", "v1alpha3", "v1alpha2"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct kind_info *k = &kinds[rows[i].kind];
        assert_int_equal(k->namespaced, rows[i].namespaced);
        assert_string_equal(k->groups[0].group, rows[i].group);
        for (size_t v = 0; v < 4; v++) {
            assert_string_equal(k->groups[0].versions[v], versions[v]);
        }
        assert_null(k->groups[0].versions[4]);
        assert_string_equal(k->groups[1].group, "certmanager.k8s.io");
        assert_string_equal(k->groups[1].versions[0], "v1alpha1");
        assert_null(k->groups[1].versions[1]);
    }
    // docs/rules/certificates.md#secret-metadata-only
    assert_int_equal(kinds[KIND_SECRET].reading, READ_METADATA);
}

static void sets(void **state)
{
    (void)state;
    unsigned n = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        n += (KIND_SET_ALL & KIND_BIT(k)) != 0;
        assert_true((KIND_SET_DASHBOARD & KIND_BIT(k)) == 0 || kinds[k].reading != READ_FILES);
    }
    assert_int_equal(n, KIND_COUNT);
    assert_int_equal(KIND_SET_ALL & ~KIND_SET_DASHBOARD & KIND_BIT(KIND_SERVICE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_found),
        cmocka_unit_test(each_kind_is_where_it_is_served),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(kinds_of_cert_manager),
        cmocka_unit_test(sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
