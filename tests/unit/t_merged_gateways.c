// SPDX-License-Identifier: Apache-2.0
// Gateway workloads and the merging of servers: the table of docs/rules/istio.md#server-merge, SNI, workloads
// from Pods, Services, files.
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/store/index.h"

#include "kube/mesh/route/filter_chain.h"
#include "kube/mesh/route/merged_gateways.h"
#include "kube/mesh/route/route_table.h"

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

#define POD(name, ns, labels)                                                                      \
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " name ", namespace: " ns                    \
    ", labels: {" labels "}}\n"

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

// docs/rules/istio.md#server-merge
static void fates(void **state)
{
    (void)state;
#define ON(n, name, protocol, more)                                                                \
    "{port: {number: " n ", name: " name ", protocol: " protocol "}, " more "}"
#define ENDS "tls: {mode: SIMPLE, credentialName: c}"
#define TO_HTTPS "tls: {httpsRedirect: true}"
    static const struct {
        const char *servers; // of one Gateway
        const char *fates;   // Kept, Host taken, Protocol, Name taken
        const char *table;   // of the last, NULL if it has none or is not kept
    } t[] = {
        // any host that is taken, with the same bind
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " ON("443", "b", "HTTPS",
                                                                 ENDS ", hosts: [c.io, a.io]"),
         "KH", NULL},
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " ON("444", "b", "HTTPS",
                                                                 ENDS ", hosts: [a.io]"),
         "KK", "https.444.b.g.infra"},
        {ON("443", "a", "HTTPS", ENDS ", bind: 10.0.0.1, hosts: [a.io]") ", " ON(
             "443", "b", "HTTPS", ENDS ", bind: 10.0.0.2, hosts: [a.io]"),
         "KK", "https.443.b.g.infra.10.0.0.2"},
        {ON("443", "a", "HTTPS", ENDS ", bind: 10.0.0.1, hosts: [a.io]") ", " ON(
             "443", "b", "HTTPS", ENDS ", bind: 10.0.0.1, hosts: [a.io]"),
         "KH", NULL},
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " PASS("443", "a.io"), "KH", NULL},
        // the namespace part, rewritten, is a part of the host
        {ON("443", "a", "HTTPS", ENDS ", hosts: ['ns1/*.io']") ", " ON(
             "443", "b", "HTTPS", ENDS ", hosts: ['ns2/*.io']"),
         "KK", "https.443.b.g.infra"},
        {ON("443", "a", "HTTPS", ENDS ", hosts: [./a.io]") ", " ON("443", "b", "HTTPS",
                                                                   ENDS ", hosts: [infra/a.io]"),
         "KH", NULL},
        {ON("443", "a", "HTTPS", ENDS ", hosts: ['*/a.io']") ", " ON("443", "b", "HTTPS",
                                                                     ENDS ", hosts: [a.io]"),
         "KH", NULL},
        // what a server that lost would have had is free
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " ON(
             "443", "b", "HTTPS", ENDS ", hosts: [c.io, a.io]") ", " ON("443", "c", "HTTPS",
                                                                        ENDS ", hosts: [c.io]"),
         "KHK", "https.443.c.g.infra"},
        // tls of a plain port counts for its hosts
        {ON("80", "a", "HTTP", TO_HTTPS ", hosts: [a.io]") ", " ON("80", "b", "HTTP",
                                                                   TO_HTTPS ", hosts: [a.io]"),
         "KH", NULL},
        {ON("80", "a", "HTTP", TO_HTTPS ", hosts: [a.io]") ", " ON("80", "b", "HTTP",
                                                                   "hosts: [a.io]"),
         "KK", "http.80"},
        // plain servers of one bind
        {ON("80", "a", "TCP", "bind: 10.0.0.1, hosts: [a.io]") ", " ON(
             "80", "b", "TCP", "bind: 10.0.0.2, hosts: [a.io]"),
         "KK", NULL},
        {ON("80", "a", "TCP", "bind: 10.0.0.1, hosts: [a.io]") ", " ON(
             "80", "b", "TCP", "bind: 10.0.0.1, hosts: [a.io]"),
         "KP", NULL},
        {ON("80", "a", "Mongo", "hosts: [a.io]") ", " ON("80", "b", "HTTP", "hosts: [a.io]"), "KP",
         NULL},
        {ON("80", "a", "HTTP", "hosts: [a.io]") ", " ON(
             "80", "b", "GRPC-Web", "hosts: [a.io]") ", " ON("80", "c", "http2", "hosts: [a.io]"),
         "KKK", "http.80"},
        // after a server that ends TLS: one plain server, and those that end TLS
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " ON(
             "443", "b", "HTTP", "hosts: [b.io]") ", " ON("443", "c", "HTTP", "hosts: [c.io]"),
         "KKN", NULL},
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " ON(
             "443", "b", "TCP", "hosts: [b.io]") ", " ON("443", "c", "TCP", "hosts: [c.io]"),
         "KKP", NULL},
        {ON("443", "a", "HTTPS", ENDS ", hosts: [a.io]") ", " ON(
             "443", "b", "TLS", ENDS ", hosts: [b.io]") ", " ON("443", "c", "HTTPS",
                                                                ENDS ", hosts: [c.io]"),
         "KKK", "https.443.c.g.infra"},
        // two of one table name
        {ON("443", "s", "HTTPS", ENDS ", hosts: [a.io]") ", " ON("443", "s", "HTTPS",
                                                                 ENDS ", hosts: [b.io]"),
         "KN", NULL},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        static const char letters[] = {[SERVER_KEPT] = 'K',
                                       [SERVER_HOST_TAKEN] = 'H',
                                       [SERVER_PROTOCOL] = 'P',
                                       [SERVER_NAME_TAKEN] = 'N'};
        struct buf b, got;
        struct world w;
        buf_init(&b, 0);
        buf_init(&got, 0);
        add_gateway(&b, "g", 1, t[i].servers);
        world_open(&w, b.data, 0);
        const struct merged_gateways *g = merged(&w);
        for (uint32_t k = 0; k < g->nservers; k++) {
            buf_addc(&got, letters[g->servers[k].fate]);
        }
        const struct gateway_server *last = &g->servers[g->nservers - 1];
        const char *table = last->fate == SERVER_KEPT ? last->table : NULL;
        if (strcmp(got.data, t[i].fates) != 0 || !str_eq(table, t[i].table)) {
            fail_msg("%s: %s %s", t[i].servers, got.data, str_or_empty(table));
        }
        world_close(&w);
        buf_release(&got);
        buf_release(&b);
    }
}

// docs/rules/istio.md#server-families
static void families(void **state)
{
    (void)state;
    static const struct server_tls simple = {.mode = TLS_SIMPLE, .mode_set = true};
    static const struct server_tls mutual = {.mode = TLS_ISTIO_MUTUAL, .mode_set = true};
    static const struct server_tls passes = {.mode = TLS_PASSTHROUGH};
    static const struct server_tls automatic = {.mode = TLS_AUTO_PASSTHROUGH, .mode_set = true};
    static const struct {
        const char *protocol;
        const struct server_tls *tls;
        enum server_family family;
    } t[] = {
        {"HTTP", NULL, FAMILY_HTTP},       {"HTTP2", NULL, FAMILY_HTTP},
        {"GRPC", NULL, FAMILY_HTTP},       {"GRPC-Web", NULL, FAMILY_HTTP},
        {"HTTP_PROXY", NULL, FAMILY_HTTP}, {"http", NULL, FAMILY_HTTP},
        {"grpc-WEB", NULL, FAMILY_HTTP},   {"HTTP", &passes, FAMILY_HTTP},
        {"HTTPS", &simple, FAMILY_HTTPS},  {"https", &mutual, FAMILY_HTTPS},
        {"HTTPS", &passes, FAMILY_TLS},    {"HTTPS", &automatic, FAMILY_TLS},
        {"TLS", &simple, FAMILY_TLS},      {"TLS", &passes, FAMILY_TLS},
        {"TCP", &simple, FAMILY_TLS},      {"TCP", NULL, FAMILY_TCP},
        {"HTTPS", NULL, FAMILY_TCP},       {"Mongo", NULL, FAMILY_TCP},
        {NULL, NULL, FAMILY_TCP},          {NULL, &simple, FAMILY_TLS},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const struct server s = {.protocol = t[i].protocol, .tls = t[i].tls};
        if (server_family_of(&s) != t[i].family) {
            fail_msg("%s, row %zu: %d", str_or_empty(t[i].protocol), i, (int)server_family_of(&s));
        }
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
    assert_int_equal(g->servers[1].listen, 443); // a named targetPort is defined by the pod
    assert_int_equal(workload_client_port(g->services, 80), 8080);
    assert_int_equal(workload_client_port(g->services, 8080),
                     0); // refused by the Service
    world_close(&w);
    buf_release(&b);
}

// The first Service that has the number for TCP says where it leads; the names of the objects give the order.
static void first_service(void **state)
{
    (void)state;
    static const char SERVICES[] = POD(
        "p", "istio-system",
        "istio: ingressgateway") "---\napiVersion: v1\nkind: Service\nmetadata: {name: c, namespace: istio-system}\n"
                                 "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8083, name: a}, {port: 443, targetPort: 8443, name: b}]}\n"
                                 "---\napiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: istio-system}\n"
                                 "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8082, name: a}]}\n"
                                 "---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: istio-system}\n"
                                 "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8081, protocol: UDP, name: a}, {port: 53, targetPort: 5353, protocol: UDP, name: b}]}\n"
                                 "---\napiVersion: v1\nkind: Service\nmetadata: {name: '0', namespace: apps}\n"
                                 "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, targetPort: 8084, name: a}]}\n"
                                 "---\napiVersion: v1\nkind: Service\nmetadata: {name: '1', namespace: istio-system}\n"
                                 "spec: {selector: {istio: another}, ports: [{port: 80, targetPort: 8085, name: a}]}\n";
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    buf_adds(&b, SERVICES);
    add_gateway(&b, "a", 1,
                PLAIN("80", "HTTP", "a.io") ", " HTTPS("443", "a.io") ", " PLAIN(
                    "53", "TCP", "a.io") ", " PLAIN("9000", "TCP", "a.io"));
    world_open(&w, b.data, 0);
    const struct merged_gateways *g = merged(&w);
    static const uint32_t want[] = {8082, 8443, 53, 9000};
    for (uint32_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(g->servers[i].listen, want[i]);
    }
    // a table of HTTPS is named after the number that the Gateway declares
    assert_string_equal(g->servers[1].table, "https.443.s.a.infra");
    assert_int_equal(workload_client_port(g->services, 53), 0); // for UDP only
    assert_int_equal(workload_client_port(g->services, 9000), 0);
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
        {"q.test", "test"}, // "any" lists it, and has no exact names
    };
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    add_gateway(&b, "wild", 1, HTTPS("443", "'*.shop.io'"));
    add_gateway(&b, "any", 2, HTTPS("443", "'*', 'q.test'"));
    add_gateway(&b, "longer", 3, HTTPS("443", "'*.eu.shop.io'"));
    add_gateway(&b, "exact", 4, HTTPS("443", "apps/a.shop.io"));
    add_gateway(&b, "test", 5, HTTPS("443", "'*.test'"));
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

// docs/rules/istio.md#passthrough-names
static void passed_on(void **state)
{
    (void)state;
#define VIRTUALSERVICE(hosts, rules)                                                                        \
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n" \
    "spec: {hosts: [" hosts "], gateways: [infra/g], " rules "}\n"
#define SENT "route: [{destination: {host: s}}]"
    static const struct {
        const char *server, *vs, *name;
        bool taken; // else the wildcard of another server takes the name
    } t[] = {
        {PASS("443", "a.io"), "", "a.io", false},
        {PASS("443", "a.io"), VIRTUALSERVICE("a.io", "http: [{" SENT "}]"), "a.io", false},
        {PASS("443", "a.io"),
         VIRTUALSERVICE("a.io", "tls: [{match: [{sniHosts: [a.io]}], " SENT "}]"), "a.io", true},
        {PASS("443", "'*.io'"),
         VIRTUALSERVICE("'*.io'", "tls: [{match: [{sniHosts: [a.io]}], " SENT "}]"), "a.io", true},
        {PASS("443", "'*.io'"),
         VIRTUALSERVICE("'*.io'", "tls: [{match: [{sniHosts: [a.io]}], " SENT "}]"), "b.io", false},
        {PASS("443", "'*.x.io'"),
         VIRTUALSERVICE("'*.x.io'", "tls: [{match: [{sniHosts: ['*.x.io']}], " SENT "}]"), "b.x.io",
         true},
        // bound to another Gateway by match, another port, hosts that do not meet
        {PASS("443", "a.io"),
         VIRTUALSERVICE("a.io",
                        "tls: [{match: [{sniHosts: [a.io], gateways: [infra/g]}], " SENT "}]"),
         "a.io", true},
        {PASS("443", "a.io"),
         VIRTUALSERVICE("a.io",
                        "tls: [{match: [{sniHosts: [a.io], gateways: [infra/x]}], " SENT "}]"),
         "a.io", false},
        {PASS("443", "a.io"),
         VIRTUALSERVICE("a.io", "tls: [{match: [{sniHosts: [a.io], port: 443}], " SENT "}]"),
         "a.io", true},
        {PASS("443", "a.io"),
         VIRTUALSERVICE("a.io", "tls: [{match: [{sniHosts: [a.io], port: 444}], " SENT "}]"),
         "a.io", false},
        {PASS("443", "a.io"),
         VIRTUALSERVICE("b.io", "tls: [{match: [{sniHosts: [a.io]}], " SENT "}]"), "a.io", false},
        {PASS("443", "a.io"), VIRTUALSERVICE("a.io", "tcp: [{" SENT "}]"), "a.io", false},
        // one that ends TLS takes its own hosts once a tcp rule fits
        {ON("443", "t", "TLS", ENDS ", hosts: [a.io]"), "", "a.io", false},
        {ON("443", "t", "TLS", ENDS ", hosts: [a.io]"), VIRTUALSERVICE("a.io", "tcp: [{" SENT "}]"),
         "a.io", true},
        {ON("443", "t", "TLS", ENDS ", hosts: [a.io]"),
         VIRTUALSERVICE("a.io", "tcp: [{match: [{port: 443}], " SENT "}]"), "a.io", true},
        {ON("443", "t", "TLS", ENDS ", hosts: [a.io]"),
         VIRTUALSERVICE("a.io", "tcp: [{match: [{port: 444}], " SENT "}]"), "a.io", false},
        {ON("443", "t", "TLS", ENDS ", hosts: [a.io]"),
         VIRTUALSERVICE("a.io", "tcp: [{match: [{gateways: [infra/x]}], " SENT "}]"), "a.io",
         false},
        {ON("443", "t", "TLS", ENDS ", hosts: [a.io]"),
         VIRTUALSERVICE("a.io", "tls: [{match: [{sniHosts: [a.io]}], " SENT "}]"), "a.io", false},
        // the mesh's own services are not listed: all its hosts count
        {ON("443", "t", "TLS", "tls: {mode: AUTO_PASSTHROUGH}, hosts: ['*.local']"), "",
         "outbound_.80_._.s.apps.svc.cluster.local", true},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        add_gateway(&b, "g", 1, t[i].server);
        add_gateway(&b, "wild", 2, HTTPS("443", "'*'"));
        buf_adds(&b, t[i].vs);
        world_open(&w, b.data, 0);
        struct str_pair label = {"istio", "ingressgateway"};
        struct str_map labels = {&label, 1};
        const struct route_table *table =
            route_table_build(&w.mesh, workload_from_labels(&w.mesh, &labels));
        const struct gateway_server *s =
            filter_chains_find(&table->chains, &table->gateways->listeners[0], t[i].name);
        assert_non_null(s);
        if (strcmp(s->gateway->o.name, t[i].taken ? "g" : "wild") != 0) {
            fail_msg("%s %s: '%s' goes to %s", t[i].server, t[i].vs, t[i].name, s->gateway->o.name);
        }
        world_close(&w);
        buf_release(&b);
    }
}

// A plain server takes no TLS, and without a server for the name there is none (docs/rules/istio.md#tls-chain-choice).
static void no_chain(void **state)
{
    (void)state;
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    add_gateway(&b, "g", 1, HTTPS("443", "a.io") ", " ON("443", "p", "HTTP", "hosts: ['*']"));
    world_open(&w, b.data, 0);
    const struct merged_gateways *g = merged(&w);
    struct filter_chains chains;
    filter_chains_build(&chains, &w.arena, g);
    assert_int_equal(g->listeners[0].n, 2);
    assert_non_null(filter_chains_find(&chains, &g->listeners[0], "a.io"));
    assert_null(filter_chains_find(&chains, &g->listeners[0], "b.io"));
    world_close(&w);
    buf_release(&b);
}

// docs/rules/istio.md#gateway-selector
static void selectors(void **state)
{
    (void)state;
    static const char PODS[] = POD("a", "istio-system", "istio: ingressgateway, app: x")
        POD("b", "apps", "istio: ingressgateway") POD("c", "apps", "istio: other, app: x")
            POD("d", "apps", "app: z");
    static const struct {
        const char *spec, *want;
    } t[] = {
        {"selector: {istio: ingressgateway}, ", "apps/b istio-system/a "},
        {"selector: {istio: ingressgateway, app: x}, ", "istio-system/a "},
        {"selector: {app: x, istio: ingressgateway}, ", "istio-system/a "},
        {"selector: {app: x}, ", "apps/c istio-system/a "},
        {"selector: {app: z}, ", "apps/d "},
        {"selector: {app: none}, ", ""},
        {"selector: {}, ", "apps/b istio-system/a "}, // every gateway workload
        {"", "apps/b istio-system/a "},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_addf(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: infra}\n"
            "spec: {%sservers: [" PLAIN("80", "HTTP", "'*'") "]}\n%s",
            t[i].spec, PODS);
        world_open(&w, b.data, 0);
        const struct object *o = mesh_get(&w.mesh, KIND_GATEWAY, "infra", "g");
        const struct gateway *g = OBJECT_AS(gateway, o);
        uint32_t n;
        const struct workload *x = workloads_of_gateway(&w.mesh, g, &n);
        buf_reset(&b);
        for (uint32_t k = 0; k < n; k++) {
            buf_addf(&b, "%s/%s ", x[k].ns, x[k].name);
            assert_true(gateway_selects(g, &x[k]));
        }
        if (strcmp(b.len > 0 ? b.data : "", t[i].want) != 0) {
            fail_msg("%s: '%s'", t[i].spec, b.data);
        }
        world_close(&w);
        buf_release(&b);
    }
}

// docs/rules/istio.md#gateway-workload-assumed: by Services, then by the selector alone.
static void assumed(void **state)
{
    (void)state;
#define SERVICE(name, ns, selector)                                                                \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: " name ", namespace: " ns                \
    "}\nspec: {selector: {" selector "}, ports: [{port: 80}]}\n"
    static const struct {
        const char *selector, *services, *want; // namespace and labels of the workload
    } t[] = {
        {"{istio: ingressgateway}", "", "istio-system istio=ingressgateway"},
        {"{istio: own, app: x}", "", "istio-system app=x,istio=own"},
        {"{}", "", "istio-system istio=ingressgateway"},
        {"{istio: ingressgateway}", SERVICE("a", "edge", "app: x, istio: ingressgateway"),
         "edge app=x,istio=ingressgateway"},
        {"{istio: ingressgateway, app: x}", SERVICE("a", "edge", "istio: ingressgateway"),
         "istio-system app=x,istio=ingressgateway"},
        {"{istio: ingressgateway, app: x}", SERVICE("a", "edge", "istio: ingressgateway, app: y"),
         "istio-system app=x,istio=ingressgateway"},
        {"{}", SERVICE("a", "edge", "istio: ingressgateway") SERVICE("b", "z", "app: x"),
         "edge istio=ingressgateway"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_addf(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: infra}\n"
            "spec: {selector: %s, servers: [" PLAIN("80", "HTTP", "'*'") "]}\n%s",
            t[i].selector, t[i].services);
        world_open(&w, b.data, 0);
        const struct object *o = mesh_get(&w.mesh, KIND_GATEWAY, "infra", "g");
        uint32_t n;
        const struct workload *x = workloads_of_gateway(&w.mesh, OBJECT_AS(gateway, o), &n);
        assert_int_equal(n, 1);
        assert_true(x->assumed && x->assumption != NULL);
        buf_reset(&b);
        buf_addf(&b, "%s %s", x->ns, index_selector(&w.arena, &x->labels));
        assert_string_equal(b.data, t[i].want);
        world_close(&w);
        buf_release(&b);
    }
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
        {"---\napiVersion: v1\nkind: Service\nmetadata: {name: in, namespace: x}\n"
         "spec: {selector: {istio: other}, ports: [{port: 80}]}\n",
         1, "istio-system", true}, // its selector does not contain the Gateway's
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

#define TEMPLATE(kind, name, labels)                                                               \
    "---\napiVersion: apps/v1\nkind: " kind "\nmetadata: {name: " name                             \
    ", namespace: edge}\nspec: {template: {metadata: {labels: {" labels "}}}}\n"

// docs/rules/istio.md#gateway-workload-assumed: what makes pods is as good as pods.
static void templates(void **state)
{
    (void)state;
    static const char *const of[] = {
        TEMPLATE("Deployment", "in", "istio: ingressgateway, app: x"),
        TEMPLATE("StatefulSet", "in", "istio: ingressgateway, app: x"),
        TEMPLATE("DaemonSet", "in", "istio: ingressgateway, app: x"),
        TEMPLATE("Deployment", "in", "istio: ingressgateway, app: x")
            TEMPLATE("Deployment", "other", "istio: egressgateway"),
        TEMPLATE("Deployment", "in", "istio: ingressgateway, app: x")
            POD("test", "apps", "istio: y"), // which says nothing of others in an excerpt
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        add_gateway(&b, "g", 1, PLAIN("80", "HTTP", "'*'"));
        buf_adds(&b, of[i]);
        world_open_excerpt(&w, b.data, 0);
        const struct object *o = mesh_get(&w.mesh, KIND_GATEWAY, "infra", "g");
        uint32_t n;
        const struct workload *x = workloads_of_gateway(&w.mesh, OBJECT_AS(gateway, o), &n);
        assert_int_equal(n, 1);
        assert_string_equal(x->ns, "edge");
        assert_string_equal(x->name, "in");
        assert_int_equal(x->labels.n, 2);
        assert_false(x->assumed || x->down);
        struct str_pair app = {"app", "x"};
        struct str_map labels = {&app, 1};
        assert_true(workload_template_exists(&w.mesh, &labels));
        app.value = "z";
        assert_false(workload_template_exists(&w.mesh, &labels));
        world_close(&w);
        buf_release(&b);
    }
}

// docs/rules/istio.md#gateway-workload-assumed: pods are known, and none runs.
static void down(void **state)
{
    (void)state;
    static const char service[] = SERVICE("in", "edge", "istio: ingressgateway, app: x");
    static const char other[] = POD("p", "edge", "istio: other");
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    add_gateway(&b, "g", 1, PLAIN("80", "HTTP", "'*'"));
    buf_adds(&b, service);
    buf_adds(&b, other);
    for (int i = 0; i < 2; i++) {
        i == 0 ? world_open(&w, b.data, 0) : world_open_excerpt(&w, b.data, 0);
        const struct object *o = mesh_get(&w.mesh, KIND_GATEWAY, "infra", "g");
        uint32_t n;
        const struct workload *x = workloads_of_gateway(&w.mesh, OBJECT_AS(gateway, o), &n);
        assert_int_equal(n, 1);
        assert_string_equal(x->ns, "edge");
        assert_true(x->assumed && x->assumption != NULL);
        assert_int_equal(x->down, i == 0); // an excerpt proves nothing
        world_close(&w);
    }
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conflicts),     cmocka_unit_test(fates),
        cmocka_unit_test(families),      cmocka_unit_test(binds_do_not_conflict),
        cmocka_unit_test(service_ports), cmocka_unit_test(first_service),
        cmocka_unit_test(sni),           cmocka_unit_test(no_chain),
        cmocka_unit_test(passed_on),     cmocka_unit_test(selectors),
        cmocka_unit_test(assumed),       cmocka_unit_test(workloads),
        cmocka_unit_test(templates),     cmocka_unit_test(down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
