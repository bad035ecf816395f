// SPDX-License-Identifier: Apache-2.0
// A Certificate's row and page on the dashboard's screen, cell by cell, and how they change with time.
#include "kube/base/clock.h"
#include "kube/base/time_text.h"

#include "views/view_list.h"

#include "tui/screen/keys.h"
#include "tui/screen/ui.h"

#include "tests/support/certyaml.h"
#include "tests/support/fakeview.h"
#include "tests/support/live_store.h"
#include "tests/support/scene.h"
#include "tests/support/world.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct scene {
    struct fake fake;
    struct ui *ui;
};

static void publish(struct scene *s, const char *yaml)
{
    struct fake *f = &s->fake;
    world_put(f->store, yaml);
    live_store(f->store);
    *store_cluster(f->store) = f->cluster;
    snapshot_unref(f->snap);
    f->snap = store_publish(f->store, NULL, NULL);
    fake_wake(f);
}

static void begin(struct scene *s, const char *yaml, int rows, int columns)
{
    memset(s, 0, sizeof *s);
    clock_pin(time_parse(NOW));
    fake_init(&s->fake);
    publish(s, yaml);
    s->ui = scene_ui(&s->fake, (struct ui_options){.views = views}, "default", rows, columns);
    for (const char *typed = ":certificates~~"; *typed != '\0'; typed++) {
        scene_press(s->ui, *typed == '~' ? K_ENTER : (uint32_t)(unsigned char)*typed);
    }
}

static void end(struct scene *s)
{
    ui_free(s->ui);
    fake_release(&s->fake);
}

// A DNS-01 challenge on its way: made at 11:55, presented at 11:56, and now it is 12:00.
#define AT(kind, name, uid, reason, message, when)                                                 \
    "---\napiVersion: v1\nkind: Event\nmetadata: {name: e-" reason ", namespace: a}\n"             \
    "involvedObject: {kind: " kind ", namespace: a, name: " name ", uid: " uid "}\n"               \
    "type: Normal\nreason: " reason "\nmessage: '" message "'\nlastTimestamp: '2026-09-10T" when   \
    "Z'\n"
#define IN_FLIGHT                                                                                  \
    "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, uid: " \
    "c1, creationTimestamp: '2026-09-10T11:54:58Z'}\n"                                             \
    "spec: {secretName: web-tls, dnsNames: [web.example.com, '*.web.example.com'], issuerRef: "    \
    "{name: le, kind: ClusterIssuer}}\nstatus:\n  conditions:\n" CONDITION(                        \
        "Issuing", "True", "DoesNotExist", "Issuing certificate as Secret does not exist",         \
        "2026-09-10T11:54:59Z")                                                                    \
        CONDITION("Ready", "False", "DoesNotExist",                                                \
                  "Issuing certificate as Secret does not exist", "2026-09-10T11:54:59Z") ISSUER   \
        "  acme: {uri: 'https://acme-v02.api.letsencrypt.org/acme/acct/7'}\n"                      \
        "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: web-1, "  \
        "namespace: a, uid: r1, creationTimestamp: '2026-09-10T11:55:00Z', annotations: "          \
        "{cert-manager.io/certificate-name: web, cert-manager.io/certificate-revision: '1'}, "     \
        "ownerReferences: [{kind: Certificate, name: web, uid: c1}]}\n"                            \
        "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\nstatus:\n  "           \
        "conditions:\n" CONDITION("Approved", "True", "cert-manager.io", "ok",                     \
                                  "2026-09-10T11:55:02Z")                                          \
            CONDITION(                                                                             \
                "Ready", "False", "Pending",                                                       \
                "Waiting on certificate issuance from order a/web-1-1: \"pending\"",               \
                "2026-09-10T11:55:03Z") "---\napiVersion: acme.cert-manager.io/v1\nkind: "         \
                                        "Order\nmetadata: {name: web-1-1, "                        \
                                        "namespace: a, uid: o1, creationTimestamp: "               \
                                        "'2026-09-10T11:55:05Z', ownerReferences: "                \
                                        "[{kind: CertificateRequest, name: web-1, uid: r1}]}\n"    \
                                        "spec: {dnsNames: [web.example.com, "                      \
                                        "'*.web.example.com'], issuerRef: {name: le}, request: "   \
                                        "eA==}\nstatus: {state: pending}\n"                        \
                                        "---\napiVersion: acme.cert-manager.io/v1\nkind: "         \
                                        "Challenge\nmetadata: {name: web-1-1-1, "                  \
                                        "namespace: a, uid: h1, creationTimestamp: "               \
                                        "'2026-09-10T11:55:06Z', ownerReferences: "                \
                                        "[{kind: Order, name: web-1-1, uid: o1}]}\n"               \
                                        "spec: {dnsName: web.example.com, type: DNS-01, "          \
                                        "wildcard: true, issuerRef: {name: le}}\n"                 \
                                        "status: {state: pending, processing: true, presented: "   \
                                        "true, presentedAt: "                                      \
                                        "'2026-09-10T11:56:00Z', reason: 'Waiting for DNS-01 "     \
                                        "challenge propagation: DNS record for "                   \
                                        "\"web.example.com\" not yet propagated'}\n" AT(           \
                                            "Certificate", "web", "c1", "Requested",               \
                                            "Created new CertificateRequest resource "             \
                                            "\"web-1\"",                                           \
                                            "11:55:00")                                            \
                                            AT("Order", "web-1-1", "o1", "Created",                \
                                               "Created Challenge resource \"web-1-1-1\" for "     \
                                               "domain \"web.example.com\"",                       \
                                               "11:55:06")                                         \
                                                AT("Challenge", "web-1-1-1", "h1", "Presented",    \
                                                   "Presented challenge using DNS-01 challenge "   \
                                                   "mechanism",                                    \
                                                   "11:56:00") AT("ClusterIssuer", "le", "i1",     \
                                                                  "ACMEAccountVerified",           \
                                                                  "verified", "10:00:00")

static void on_its_way_at_80x24(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, IN_FLIGHT, 24, 80);
    scene_is(s.ui, "certificate-80x24.txt", false);
    scene_press(s.ui, K_SPACE);
    scene_press(s.ui, K_SPACE);
    scene_is(s.ui, "certificate-80x24-steps.txt", false);
    scene_press(s.ui, 'G');
    scene_is(s.ui, "certificate-80x24-end.txt", false);
    end(&s);
}

static void on_its_way_at_200x50(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, IN_FLIGHT, 50, 200);
    scene_is(s.ui, "certificate-200x50.txt", false);
    scene_press(s.ui, 'G');
    scene_is(s.ui, "certificate-200x50-end.txt", false);
    end(&s);
}

// Counts change each second: of a step in progress, and until the next try after a failure.
static void time_goes_on(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, IN_FLIGHT, 60, 100);
    assert_true(scene_has(s.ui, "propagating  4m"));
    clock_pin(time_parse(NOW) + 61);
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "propagating  5m1s"));
    clock_pin(time_parse(NOW) + 62);
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "propagating  5m2s"));
    end(&s);

    begin(&s,
          CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY)
              ISSUER,
          60, 100);
    assert_true(scene_has(s.ui, "next try         2026-09-10 12:30:00 UTC (in 30m)"));
    assert_true(scene_has(s.ui, "failed tries     1 in a row"));
    clock_pin(time_parse("2026-09-10T12:28:59Z"));
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "(in 61s)"));
    assert_true(scene_has(s.ui, " 61s no"));
    clock_pin(time_parse("2026-09-10T12:29:00Z"));
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "(in 60s)"));
    clock_pin(time_parse("2026-09-10T12:31:00Z"));
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "(60s ago)"));
    end(&s);
}

// A page that is open follows the objects: what was being presented is valid, then all of it is stored.
static void objects_go_on(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, IN_FLIGHT, 80, 100);
    assert_true(scene_has(s.ui, "○ propagating"));
    publish(&s, "apiVersion: acme.cert-manager.io/v1\nkind: Challenge\nmetadata: {name: web-1-1-1, "
                "namespace: a, uid: h1, creationTimestamp: '2026-09-10T11:55:06Z', "
                "ownerReferences: [{kind: Order, name: web-1-1, uid: o1}]}\n"
                "spec: {dnsName: web.example.com, type: DNS-01, wildcard: true, issuerRef: {name: "
                "le}}\nstatus: {state: valid, presentedAt: '2026-09-10T11:56:00Z', reason: "
                "Successfully authorized domain}\n" AT("Challenge", "web-1-1-1", "h1",
                                                       "DomainVerified", "verified", "11:59:00"));
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "✓ propagating  3m"));
    assert_true(scene_has(s.ui, "all challenges valid, Order a/web-1-1 goes on"));
    assert_true(scene_has(s.ui, "Challenge DomainVerified: verified"));
    end(&s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_its_way_at_80x24),
        cmocka_unit_test(on_its_way_at_200x50),
        cmocka_unit_test(time_goes_on),
        cmocka_unit_test(objects_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
