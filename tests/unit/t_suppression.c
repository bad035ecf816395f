// SPDX-License-Identifier: Apache-2.0
// Findings that are left out: one rule for the codes of objects, certificates and DNS.
#include "kube/base/array.h"
#include "kube/base/time_text.h"

#include "kube/mesh/check/suppression.h"

#include "views/findings.h"

#include "tests/support/certyaml.h"
#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

// A failed Certificate (GT0201), a Gateway with an annotation that is not read (GT0301), and a VirtualService whose
// destination is missing (IST0101). The arguments are annotations.
#define WORLD(certificate, gateway, virtualservice)                                                \
    "apiVersion: cert-manager.io/v1\nkind: Certificate\n"                                          \
    "metadata: {name: web, namespace: a, uid: c1, creationTimestamp: '2026-09-10T11:00:00Z', annotations: {" certificate "}}\n" \
    "spec: {secretName: web-tls, dnsNames: [a.x.io], issuerRef: {name: le}}\n"                     \
    "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY                              \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"                                     \
    "metadata: {name: g, namespace: a, annotations: {external-dns.alpha.kubernetes.io/target: x, " gateway "}}\n"                                               \
    "spec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: [a.x.io]}]}\n" \
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"                              \
    "metadata: {name: v, namespace: a, annotations: {" virtualservice "}}\n"                                        \
    "spec: {hosts: [a.x.io], gateways: [g], http: [{route: [{destination: {host: gone}}]}]}\n" \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: lb, namespace: a}\n"                   \
    "spec: {type: LoadBalancer, selector: {istio: i}}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n"
// clang-format on

static bool has(const struct findings *f, const char *code, enum kind kind)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (strcmp(f->at[i].code, code) == 0 && f->at[i].kind == kind) {
            return true;
        }
    }
    return false;
}

// Which of the three findings are there, as bits.
static int found(const char *yaml, const struct check_options *checks)
{
    struct world w;
    world_open(&w, yaml, time_parse(NOW));
    struct view_options options = {.checks = checks};
    struct view_args a = {
        .snap = w.snap, .arena = &w.arena, .now = time_parse(NOW), .options = &options};
    struct findings f = {0};
    findings_all(&a, NULL, &f);
    int bits = (has(&f, "GT0201", KIND_CERTIFICATE) ? 1 : 0) |
               (has(&f, "GT0301", KIND_GATEWAY) ? 2 : 0) |
               (has(&f, "IST0101", KIND_VIRTUALSERVICE) ? 4 : 0);
    world_close(&w);
    return bits;
}

static void ignored_in_any_case(void **state)
{
    (void)state;
    static const char *const upper[] = {"GT0201", "GT0301", "IST0101"},
                             *const lower[] = {"gt0201", "gt0301", "ist0101"},
                             *const mixed[] = {"Gt0201", "gT0301", "Ist0101"};
    const char *const *const spellings[] = {upper, lower, mixed};
    assert_int_equal(found(WORLD("", "", ""), NULL), 7);
    for (size_t i = 0; i < ARRAY_COUNT(spellings); i++) {
        const struct check_options all = {spellings[i], 3};
        assert_int_equal(found(WORLD("", "", ""), &all), 0);
        for (unsigned k = 0; k < 3; k++) {
            const struct check_options one = {spellings[i] + k, 1};
            assert_int_equal(found(WORLD("", "", ""), &one), 7 & ~(1 << k));
        }
    }
}

static void named_by_the_object(void **state)
{
    (void)state;
    assert_int_equal(found(WORLD("gatetop.io/suppress: GT0201", "", ""), NULL), 6);
    assert_int_equal(found(WORLD("", "gatetop.io/suppress: 'GT0303, GT0301'", ""), NULL), 5);
    assert_int_equal(found(WORLD("", "", "galley.istio.io/analyze-suppress: '*'"), NULL), 3);
    // As istioctl compares them.
    assert_int_equal(found(WORLD("", "", "galley.istio.io/analyze-suppress: ist0101"), NULL), 7);
    // Another object's annotation is not about this one.
    assert_int_equal(found(WORLD("", "gatetop.io/suppress: GT0201", ""), NULL), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ignored_in_any_case),
        cmocka_unit_test(named_by_the_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
