// SPDX-License-Identifier: Apache-2.0
// Gateway workloads and the merging of servers: the table of docs/rules/istio.md#server-merge, SNI, workloads
// from Pods, Services, files.
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/filter_chain.h"
#include "kube/mesh/route/merged_gateways.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static const struct merged_gateways *merged(struct world *w)
{
    struct str_pair label = {"istio", "ingressgateway"};
    struct str_map labels = {&label, 1};
    return merged_gateways_build(&w->mesh, workload_from_labels(&w->mesh, &labels));
}

static void add_gateway(struct buf *b, const char *name, int day, const char *servers)
{
    buf_addf(b,
             "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"
             "metadata: {name: %s, namespace: infra, creationTimestamp: '2026-01-%02dT00:00:00Z'}\n"
             "spec: {selector: {istio: ingressgateway}, servers: [%s]}\n",
             name, day, servers);
}

#define HTTPS(n, h)                                                                                \
    "{port: {number: " n                                                                           \
    ", name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [" h "]}"
#define PLAIN(n, p, h) "{port: {number: " n ", name: p, protocol: " p "}, hosts: [" h "]}"
#define PASS(n, h)                                                                                 \
    "{port: {number: " n ", name: t, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [" h "]}"

static void conflicts(void **state)
{
    (void)state;
    static const struct {
        const char *older, *newer;
        enum server_fate fate; // of the newer
        const char *table;     // of the newer where it is kept
    } t[] = {
        {PLAIN("80", "HTTP", "a.io"), PLAIN("80", "GRPC", "b.io"), SERVER_KEPT, "http.80"},
        {PLAIN("80", "HTTP", "a.io"), PLAIN("80", "TCP", "b.io"), SERVER_PROTOCOL, NULL},
        {PLAIN("80", "TCP", "a.io"), PLAIN("80", "HTTP", "b.io"), SERVER_PROTOCOL, NULL},
        {PLAIN("80", "TCP", "a.io"), PLAIN("80", "TCP", "b.io"), SERVER_PROTOCOL, NULL},
        {HTTPS("443", "a.io"), HTTPS("443", "b.io"), SERVER_KEPT, "https.443.s.new.infra"},
        {HTTPS("443", "'a.io', 'b.io'"), HTTPS("443", "'b.io', 'c.io'"), SERVER_HOST_TAKEN, NULL},
        {HTTPS("443", "'*.io'"), HTTPS("443", "a.io"), SERVER_KEPT, "https.443.s.new.infra"},
        {HTTPS("443", "a.io"), PASS("443", "b.io"), SERVER_KEPT, NULL},
        {PLAIN("443", "HTTP", "a.io"), HTTPS("443", "b.io"), SERVER_PROTOCOL, NULL},
        {HTTPS("443", "a.io"), PLAIN("443", "HTTP", "b.io"), SERVER_KEPT, "http.443"},
        {HTTPS("443", "ns1/*.io"), HTTPS("443", "ns2/*.io"), SERVER_KEPT, "https.443.s.new.infra"},
        {PLAIN("8080", "HTTP", "a.io"), PLAIN("80", "HTTP", "b.io"), SERVER_KEPT, "http.80"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        add_gateway(&b, "new", 2, t[i].newer);
        add_gateway(&b, "old", 1, t[i].older);
        world_open(&w, b.data, 0);
        const struct merged_gateways *g = merged(&w);
        assert_int_equal(g->nservers, 2);
        assert_string_equal(g->servers[0].gateway->o.name, "old");
        assert_int_equal(g->servers[0].fate, SERVER_KEPT);
        if (g->servers[1].fate != t[i].fate) {
            fail_msg("%s after %s: %d", t[i].newer, t[i].older, (int)g->servers[1].fate);
        }
        if (t[i].fate == SERVER_KEPT && !str_eq(g->servers[1].table, t[i].table)) {
            fail_msg("%s after %s: table %s", t[i].newer, t[i].older, g->servers[1].table);
        }
        assert_true((t[i].fate == SERVER_KEPT) == (g->servers[1].rival == NULL));
        world_close(&w);
        buf_release(&b);
    }
}

static void binds_do_not_conflict(void **state)
{
    (void)state;
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    add_gateway(&b, "a", 1,
                "{port: {number: 80, name: t, protocol: TCP}, bind: 10.0.0.1, hosts: ['*']}");
    add_gateway(&b, "b", 2,
                "{port: {number: 80, name: h, protocol: HTTP}, bind: 10.0.0.2, hosts: ['*']}");
    world_open(&w, b.data, 0);
    const struct merged_gateways *g = merged(&w);
    assert_int_equal(g->servers[1].fate, SERVER_KEPT);
    assert_string_equal(g->servers[1].table, "http.80.10.0.0.2");
    assert_int_equal(g->nlisteners, 2);
    world_close(&w);
    buf_release(&b);
}

static void service_ports(void **state)
{
    (void)state;
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    buf_adds(
        &b,
        "apiVersion: v1\nkind: Service\nmetadata: {name: in, namespace: istio-system}\n"
        "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8080, name: h}, "
        "{port: 443, targetPort: https, name: s}]}\n");
    add_gateway(&b, "a", 1, PLAIN("8080", "HTTP", "a.io") ", " HTTPS("443", "a.io"));
    add_gateway(&b, "b", 2, PLAIN("80", "HTTP", "b.io"));
    world_open(&w, b.data, 0);
    const struct merged_gateways *g = merged(&w);
    assert_int_equal(g->services->n, 1);
    assert_string_equal(g->servers[0].table, "http.8080");
    assert_string_equal(g->servers[2].table, "http.8080"); // both listen on 8080
    assert_int_equal(g->servers[2].port, 80);
    assert_int_equal(g->servers[1].listen, 443); // a named targetPort stands in the pod
    assert_int_equal(workload_client_port(g->services, 80), 8080);
    assert_int_equal(workload_client_port(g->services, 8080),
                     0); // refused by the Service
    world_close(&w);
    buf_release(&b);
}

static void sni(void **state)
{
    (void)state;
    static const struct {
        const char *name, *gateway;
    } t[] = {
        {"a.shop.io", "exact"}, {"b.shop.io", "wild"},    {"x.eu.shop.io", "longer"},
        {"shop.io", "any"},     {"other.example", "any"}, {"", "any"},
    };
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    add_gateway(&b, "wild", 1, HTTPS("443", "'*.shop.io'"));
    add_gateway(&b, "any", 2, HTTPS("443", "'*', 'q.io'"));
    add_gateway(&b, "longer", 3, HTTPS("443", "'*.eu.shop.io'"));
    add_gateway(&b, "exact", 4, HTTPS("443", "apps/a.shop.io"));
    world_open(&w, b.data, 0);
    const struct merged_gateways *g = merged(&w);
    assert_int_equal(g->nlisteners, 1);
    struct filter_chains chains;
    filter_chains_build(&chains, &w.arena, g);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const struct gateway_server *s = filter_chains_find(&chains, &g->listeners[0], t[i].name);
        assert_non_null(s);
        assert_string_equal(s->gateway->o.name, t[i].gateway);
    }
    world_close(&w);
    buf_release(&b);
}

static void workloads(void **state)
{
    (void)state;
    static const char service[] =
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: in, namespace: ingress}\n"
        "spec: {selector: {istio: ingressgateway, app: x}, ports: [{port: 80}]}\n";
    static const char pods[] =
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p1, namespace: edge, labels: {istio: "
        "ingressgateway, "
        "pod-template-hash: a}}\n"
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p2, namespace: edge, labels: {istio: "
        "ingressgateway, "
        "pod-template-hash: b}}\n"
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p3, namespace: other, labels: {istio: "
        "ingressgateway}}\n";
    struct {
        const char *more;
        uint32_t n;
        const char *ns;
        bool assumed;
    } t[] = {
        {"", 1, "istio-system", true},
        {service, 1, "ingress", true},
        {pods, 2, "edge", false}, // two replicas are one
        {"---\napiVersion: v1\nkind: Pod\nmetadata: {name: q, namespace: a, labels: {istio: x}}\n",
         0, NULL, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        add_gateway(&b, "g", 1, PLAIN("80", "HTTP", "'*'"));
        buf_adds(&b, t[i].more);
        world_open(&w, b.data, 0);
        const struct object *o = mesh_get(&w.mesh, KIND_GATEWAY, "infra", "g");
        uint32_t n;
        const struct workload *x = workloads_of_gateway(&w.mesh, OBJECT_AS(gateway, o), &n);
        assert_int_equal(n, t[i].n);
        if (n > 0) {
            assert_string_equal(x[0].ns, t[i].ns);
            assert_int_equal(x[0].assumed, t[i].assumed);
            assert_int_equal(x[0].assumption != NULL, t[i].assumed);
        }
        world_close(&w);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conflicts),     cmocka_unit_test(binds_do_not_conflict),
        cmocka_unit_test(service_ports), cmocka_unit_test(sni),
        cmocka_unit_test(workloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
