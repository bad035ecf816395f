// SPDX-License-Identifier: Apache-2.0
// A Secret that is not where the gateway's pods look for it (docs/rules/certificates.md#failure-secret-namespace).
#include "kube/base/mem.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/store/store.h"

#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/secret_placement.h"

#include "tests/support/certyaml.h"
#include "tests/support/live_store.h"
#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// The Certificate a/web, ready, and a Gateway beside it whose pods run in the namespace "ingress".
#define READY_WEB                                                                                  \
    CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY)
#define GATEWAY(tls, host)                                                                         \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: a}\n" \
    "spec: {selector: {istio: i}, servers: [{port: {number: 443, name: s, protocol: HTTPS}, "      \
    "hosts: ['" host "'], tls: {mode: SIMPLE, " tls "}}]}\n"                                       \
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: gw-1, namespace: ingress, labels: {istio: i}}\n"
#define LONG "a23456789012345678901234567890123456789012345678901234567890123"
#define SECRET(ns)                                                                                 \
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: " ns "}\n"

static enum failure_mode placed(const char *yaml)
{
    struct world w;
    struct certificate_status s = certyaml_status(&w, yaml);
    assert_int_equal(s.state, CERTIFICATE_READY);
    secret_placement_check(&w.mesh, &s);
    if (s.mode == FAILURE_SECRET_NAMESPACE) {
        assert_string_equal(
            s.reason,
            "Gateway a/gw needs Secret web-tls in ingress; the Certificate writes it to a");
        assert_non_null(strstr(s.hint, "create the Certificate in ingress"));
    }
    world_close(&w);
    return s.mode;
}

static void a_gateway_that_needs_it_elsewhere(void **state)
{
    (void)state;
    assert_int_equal(
        placed(READY_WEB SECRET("a") GATEWAY("credentialName: web-tls", "web.example.com")),
        FAILURE_SECRET_NAMESPACE);
    assert_int_equal(placed(READY_WEB SECRET("a")
                                GATEWAY("credentialNames: [web-rsa, web-tls]", "web.example.com")),
                     FAILURE_SECRET_NAMESPACE);
    assert_int_equal(
        placed(READY_WEB SECRET("a") GATEWAY("credentialName: web-tls", "*/web.example.com")),
        FAILURE_SECRET_NAMESPACE);
    assert_int_equal(placed(READY_WEB SECRET("a") GATEWAY("credentialName: 'kubernetes://web-tls'",
                                                          "web.example.com")),
                     FAILURE_SECRET_NAMESPACE);
    assert_int_equal(placed(READY_WEB SECRET("a") GATEWAY(
                         "credentialNames: ['kubernetes://web-tls']", "web.example.com")),
                     FAILURE_SECRET_NAMESPACE);
}

static void gateways_that_do_not_need_it(void **state)
{
    (void)state;
    assert_int_equal(
        placed(READY_WEB SECRET("a") GATEWAY("credentialName: other", "web.example.com")),
        FAILURE_NONE);
    assert_int_equal(
        placed(READY_WEB SECRET("a") GATEWAY("credentialName: web-tls", "api.example.com")),
        FAILURE_NONE); // for no name of the Certificate
}

static void a_secret_that_is_there_or_will_be(void **state)
{
    (void)state;
    assert_int_equal(
        placed(READY_WEB SECRET("ingress") GATEWAY("credentialName: web-tls", "web.example.com")),
        FAILURE_NONE);
    assert_int_equal(
        placed(READY_WEB SECRET("a") GATEWAY(
            "credentialName: web-tls",
            "web.example.com") "---\napiVersion: cert-manager.io/v1\nkind: Certificate\n"
                               "metadata: {name: copy, namespace: ingress}\n"
                               "spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {name: le}}\n"),
        FAILURE_NONE);
}

// One that is not ready, or has another failure, says that first.
static void a_certificate_with_other_trouble(void **state)
{
    (void)state;
    static const char *const certificates[] = {
        CERTIFICATE("", "", "status:\n  conditions:\n" NOT_READY),
        CERTIFICATE("", "",
                    "status:\n  revision: 1\n" FAILURE("1") RENEWS_LATER
                    "  conditions:\n" FAILED("no") READY),
        CERTIFICATE("", ", commonName: " LONG ".web.example.com",
                    "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY),
    };
    for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++) {
        struct world w;
        char *yaml = xasprintf("%s%s", certificates[i],
                               SECRET("a") GATEWAY("credentialName: web-tls", "web.example.com"));
        struct certificate_status s = certyaml_status(&w, yaml);
        enum failure_mode before = s.mode;
        secret_placement_check(&w.mesh, &s);
        assert_int_equal(s.mode, before);
        world_close(&w);
        free(yaml);
    }
}

// Where Secrets may not be read, nobody knows that one is missing.
static void unknown_secrets(void **state)
{
    (void)state;
    struct store *store = store_new();
    struct world w;
    struct certificate_status s;
    world_put(store, READY_WEB GATEWAY("credentialName: web-tls", "web.example.com"));
    live_store(store);
    store_state(store, KIND_SECRET)->state = SYNC_FORBIDDEN;
    world_open_snapshot(&w, store_publish(store, NULL, NULL), time_parse(NOW));
    store_free(store);
    const struct object *o = mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web");
    assert_non_null(o);
    certificate_status_fill(&w.mesh, OBJECT_AS(certificate, o), &s);
    secret_placement_check(&w.mesh, &s);
    assert_int_equal(s.mode, FAILURE_NONE);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gateway_that_needs_it_elsewhere),
        cmocka_unit_test(gateways_that_do_not_need_it),
        cmocka_unit_test(a_secret_that_is_there_or_will_be),
        cmocka_unit_test(a_certificate_with_other_trouble),
        cmocka_unit_test(unknown_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
