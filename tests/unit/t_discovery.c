// SPDX-License-Identifier: Apache-2.0
// Discovery: aggregated and legacy documents, version choice, Stale groups.
#include "kube/base/err.h"

#include "kube/api/discovery.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

static const char *const ISTIO[] = {"v1", "v1beta1", "v1alpha3", NULL};
static const char *const CORE[] = {"v1", NULL};

static enum discovery_form read_doc(struct discovery *d, bool core, const char *text)
{
    enum discovery_form form;
    struct err err;
    assert_true(discovery_read(d, core, text, strlen(text), &form, &err));
    return form;
}

#define RESOURCE(name, verbs)                                                                      \
    "{\"resource\":\"" name                                                                        \
    "\",\"scope\":\"Namespaced\",\"responseKind\":{\"kind\":\"X\"},\"verbs\":[" verbs "]}"
#define VERSION(v, fresh, resources)                                                               \
    "{\"version\":\"" v "\",\"freshness\":\"" fresh "\",\"resources\":[" resources "]}"
#define GROUP(g, versions) "{\"metadata\":{\"name\":\"" g "\"},\"versions\":[" versions "]}"
#define AGGREGATED(groups)                                                                         \
    "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/"                    \
    "v2\",\"metadata\":{},\"items\":[" groups "]}"

static void chooses_by_preference(void **state)
{
    (void)state;
    struct discovery *d = discovery_new();
    const char *version;
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_UNKNOWN);
    assert_int_equal(
        read_doc(
            d, false,
            AGGREGATED(GROUP(
                "networking.istio.io",
                VERSION("v1alpha3", "Current", RESOURCE("gateways", "\"list\",\"watch\"")) "," VERSION(
                    "v1beta1", "Current",
                    RESOURCE(
                        "gateways",
                        "\"list\"")) "," VERSION("v1", "Current",
                                                 "{\"resource\":\"gateways\",\"verbs\":[\"list\"]"
                                                 "}")) "," GROUP("gateway.networking.k8s.io",
                                                                 VERSION(
                                                                     "v1", "Current",
                                                                     RESOURCE("gateways", ""))))),
        DISCOVERY_AGGREGATED);
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED);
    assert_string_equal(version, "v1beta1"); // v1 has no responseKind
    assert_int_equal(discovery_find(d, "networking.istio.io", "sidecars", ISTIO, &version),
                     DISCOVERY_ABSENT);
    assert_int_equal(discovery_find(d, "cert-manager.io", "issuers", CORE, &version),
                     DISCOVERY_ABSENT);
    assert_int_equal(discovery_find(d, "", "services", CORE, &version), DISCOVERY_UNKNOWN);
    read_doc(d, true,
             AGGREGATED("{\"metadata\":{},\"versions\":[" VERSION(
                 "v1", "Current", RESOURCE("services", "\"watch\",\"list\"")) "]}"));
    assert_int_equal(discovery_find(d, "", "services", CORE, &version), DISCOVERY_SERVED);
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED); // still there
    discovery_no_core(d);
    assert_int_equal(discovery_find(d, "", "services", CORE, &version), DISCOVERY_ABSENT);
    discovery_free(d);
}

static void stale_groups_keep_what_was_known(void **state)
{
    (void)state;
    struct discovery *d = discovery_new();
    const char *version;
    read_doc(d, false, AGGREGATED(GROUP("metrics.k8s.io", VERSION("v1", "Stale", ""))));
    assert_int_equal(discovery_find(d, "metrics.k8s.io", "pods", CORE, &version),
                     DISCOVERY_UNKNOWN);
    read_doc(d, false,
             AGGREGATED(GROUP("metrics.k8s.io",
                              VERSION("v1", "Current", RESOURCE("pods", "\"list\",\"watch\"")))));
    assert_int_equal(discovery_find(d, "metrics.k8s.io", "pods", CORE, &version), DISCOVERY_SERVED);
    for (int i = 0; i < 2; i++) {
        read_doc(d, false, AGGREGATED(GROUP("metrics.k8s.io", VERSION("v1", "Stale", ""))));
        assert_int_equal(discovery_find(d, "metrics.k8s.io", "pods", CORE, &version),
                         DISCOVERY_SERVED);
        assert_int_equal(discovery_find(d, "metrics.k8s.io", "nodes", CORE, &version),
                         DISCOVERY_UNKNOWN);
    }
    read_doc(d, false, AGGREGATED(""));
    assert_int_equal(discovery_find(d, "metrics.k8s.io", "pods", CORE, &version), DISCOVERY_ABSENT);
    // A current version goes before a stale one that is preferred.
    read_doc(d, false,
             AGGREGATED(GROUP("networking.istio.io",
                              VERSION("v1", "Current", RESOURCE("gateways", "")) "," VERSION(
                                  "v1beta1", "Current", RESOURCE("gateways", "")))));
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED);
    assert_string_equal(version, "v1");
    read_doc(d, false,
             AGGREGATED(GROUP("networking.istio.io",
                              VERSION("v1", "Stale", "") "," VERSION("v1beta1", "Current",
                                                                     RESOURCE("gateways", "")))));
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED);
    assert_string_equal(version, "v1beta1");
    read_doc(d, false,
             AGGREGATED(GROUP("networking.istio.io",
                              VERSION("v1", "Stale", "") "," VERSION("v1beta1", "Stale", ""))));
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED);
    assert_string_equal(version, "v1"); // as both are known, the preferred one
    discovery_free(d);
}

static void legacy_documents(void **state)
{
    (void)state;
    struct discovery *d = discovery_new();
    const char *version;
    struct err err;
    const char *groups = "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[{\"name\":"
                         "\"networking.istio.io\",\"versions\":["
                         "{\"groupVersion\":\"networking.istio.io/"
                         "v1beta1\",\"version\":\"v1beta1\"},{\"version\":\"v1alpha3\"}]}]}";
    assert_int_equal(read_doc(d, false, groups), DISCOVERY_LEGACY);
    assert_int_equal(read_doc(d, true, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}"),
                     DISCOVERY_LEGACY);
    assert_string_equal(discovery_unread(d, ""), "v1");
    assert_string_equal(discovery_unread(d, "networking.istio.io"), "v1beta1");
    assert_null(discovery_unread(d, "cert-manager.io"));
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_UNKNOWN);
    const char *list = "{\"kind\":\"APIResourceList\",\"groupVersion\":\"networking.istio.io/"
                       "v1beta1\",\"resources\":[{\"name\":\"gateways\","
                       "\"namespaced\":true,\"verbs\":[\"get\",\"list\",\"watch\"]},{\"name\":"
                       "\"gateways/status\",\"verbs\":[\"get\"]}]}";
    assert_true(
        discovery_read_resources(d, "networking.istio.io", "v1beta1", list, strlen(list), &err));
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED);
    assert_string_equal(version, "v1beta1");
    discovery_resources_failed(d, "networking.istio.io", "v1alpha3");
    assert_null(discovery_unread(d, "networking.istio.io"));
    assert_int_equal(discovery_find(d, "networking.istio.io", "sidecars", ISTIO, &version),
                     DISCOVERY_UNKNOWN);
    read_doc(d, false, groups); // read again: the resources are not forgotten
    assert_int_equal(discovery_find(d, "networking.istio.io", "gateways", ISTIO, &version),
                     DISCOVERY_SERVED);
    discovery_free(d);
}

static void nonsense_changes_nothing(void **state)
{
    (void)state;
    struct discovery *d = discovery_new();
    const char *version;
    read_doc(d, false, AGGREGATED(GROUP("a", VERSION("v1", "Current", RESOURCE("b", "")))));
    static const char *bad[] = {"",
                                "{}",
                                "404 page not found",
                                "{\"kind\":\"Status\"}",
                                "[1]",
                                "{\"kind\":\"APIVersions\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        enum discovery_form form;
        struct err err;
        assert_false(discovery_read(d, false, bad[i], strlen(bad[i]), &form, &err));
        assert_int_equal(discovery_find(d, "a", "b", CORE, &version), DISCOVERY_SERVED);
    }
    read_doc(d, false,
             "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[1,{\"metadata\":3},{\"versions\":[{"
             "\"version\":1}]},{\"metadata\":{\"name\":\"\"},"
             "\"versions\":[" VERSION("v1", "Current", RESOURCE("x", "")) "]}]}");
    assert_int_equal(discovery_find(d, "a", "b", CORE, &version), DISCOVERY_ABSENT);
    discovery_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_by_preference),
        cmocka_unit_test(stale_groups_keep_what_was_known),
        cmocka_unit_test(legacy_documents),
        cmocka_unit_test(nonsense_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
