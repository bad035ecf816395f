// SPDX-License-Identifier: Apache-2.0
// Routes of connections: names of tls rules, the one tcp rule of a server, names of services.
#include "kube/base/buf.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/route/route_list.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define VS(name, day, spec) "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n" \
    "metadata: {name: " name ", namespace: apps, creationTimestamp: '2026-01-0" day "T00:00:00Z'}\nspec: {gateways: [edge], " spec "}\n"
#define SERVICE(name) "---\napiVersion: v1\nkind: Service\nmetadata: {name: " name ", namespace: apps}\nspec: {ports: [{port: 1}]}\n"
#define TO(host) "route: [{destination: {host: " host ", port: {number: 1}}}]"

static const char gateway[] =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: apps}\n"
    "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
    "  - {port: {number: 443, name: p, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: ['*.x.io']}\n"
    "  - {port: {number: 5432, name: t, protocol: TCP}, hosts: ['*']}\n"
    "  - {port: {number: 6379, name: e, protocol: TLS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [redis.x.io]}\n"
    "  - {port: {number: 15443, name: s, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ['*.local']}\n"
    "  - {port: {number: 80, name: h, protocol: HTTP}, hosts: ['*']}\n"
    "  - {port: {number: 8443, name: hs, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: ['*.x.io']}\n"
    SERVICE("a") SERVICE("b") SERVICE("c") SERVICE("d");
// clang-format on

// "name->vs.rule.match" of a server, dead ones with a minus.
static void same_routes(struct world *w, uint32_t server, const char *want)
{
    const struct gateway *g = OBJECT_AS(gateway, mesh_get(&w->mesh, KIND_GATEWAY, "apps", "edge"));
    uint32_t n;
    const struct workload *at = workloads_of_gateway(&w->mesh, g, &n);
    const struct l4_routes *r = l4_routes_find(&w->mesh, at, g, server);
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < r->n; i++) {
        const struct l4_route *x = &r->at[i];
        buf_addf(&b, "%s%s%s->%s.%u.%d", i > 0 ? " " : "", x->taker != NULL ? "-" : "",
                 x->sni != NULL ? x->sni : "any", x->vs->o.name, x->index, x->match_index);
        const struct l4_group *own = l4_routes_of(r, &w->arena, x->vs);
        assert_true(own->at <= x && x < own->at + own->n);
        assert_true(own->alive <= own->n && (own->dead == NULL) == (own->alive == own->n));
        assert_true(x->taker == NULL || own->dead <= x);
    }
    assert_string_equal(b.data, want);
    buf_release(&b);
}

static const struct l4_route *choose(struct world *w, uint32_t server, const char *sni)
{
    const struct gateway *g = OBJECT_AS(gateway, mesh_get(&w->mesh, KIND_GATEWAY, "apps", "edge"));
    uint32_t n;
    const struct workload *at = workloads_of_gateway(&w->mesh, g, &n);
    return l4_routes_choose(l4_routes_find(&w->mesh, at, g, server), sni);
}

// docs/rules/istio.md#tcp-routes: the older one has a name, exact names go first.
static void names(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, gateway);
    buf_adds(
        &b,
        VS("b", "1",
           "hosts: ['*.x.io'], tls: [{match: [{sniHosts: ['*.x.io', a.x.io]}], " TO(
               "b") "}, "
                    "{match: [{sniHosts: [p.x.io], port: 9}, {sniHosts: [q.x.io], port: 443}], " TO(
                        "b") "}]")
            VS("a", "2", "hosts: [a.x.io], tls: [{match: [{sniHosts: [a.x.io]}], " TO("a") "}]")
                VS("c", "3",
                   "hosts: [c.x.io], tls: [{match: [{sniHosts: [c.x.io], gateways: [other]}], " TO(
                       "c") "}]")
                    VS("d", "4",
                       "hosts: [d.y.io], tls: [{match: [{sniHosts: [d.y.io]}], " TO("d") "}]"));
    struct world w;
    world_open(&w, b.data, 0);
    same_routes(&w, 0, "*.x.io->b.0.0 a.x.io->b.0.0 q.x.io->b.1.1 -a.x.io->a.0.0");
    assert_string_equal(choose(&w, 0, "a.x.io")->sni, "a.x.io");
    assert_string_equal(choose(&w, 0, "z.x.io")->sni, "*.x.io");
    assert_null(choose(&w, 0, "x.io"));
    same_routes(&w, 1, "");
    same_routes(&w, 3, ""); // AUTO_PASSTHROUGH has none of these
    const struct gateway *g = OBJECT_AS(gateway, mesh_get(&w.mesh, KIND_GATEWAY, "apps", "edge"));
    static const enum l4_mode modes[] = {L4_PASSED,   L4_TCP,  L4_ENDED,
                                         L4_SERVICES, L4_NONE, L4_NONE};
    for (uint32_t i = 0; i < g->nservers; i++) {
        assert_int_equal(server_l4_mode(&g->servers[i]), modes[i]);
    }
    // The rows of the view routes: one for each name, the hidden one says by whom.
    struct route_rows rows = {0};
    route_rows_all(&w.mesh, &rows);
    assert_int_equal(rows.n, 4);
    assert_string_equal(rows.at[1].host, "a.x.io");
    assert_string_equal(rows.at[1].list, "tls");
    assert_string_equal(
        rows.at[2].reason,
        "no connection reaches it: tls rule 0 match 0 of VirtualService apps/b takes "
        "them all");
    world_close(&w);
    buf_release(&b);
}

// One rule of a server, the first that fits.
static void tcp_rules(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, gateway);
    buf_adds(&b, VS("b", "1",
                    "hosts: [pg.x.io], tcp: [{match: [{port: 1}], " TO(
                        "b") "}, {match: [{port: 2}, {port: 5432}], " TO("b") "}]")
                     VS("a", "2", "hosts: ['*'], tcp: [{" TO("a") "}]"));
    struct world w;
    world_open(&w, b.data, 0);
    same_routes(&w, 1, "any->b.1.1 -any->a.0.-1");
    same_routes(&w, 2, "any->a.0.-1"); // the other's host is not the server's
    assert_string_equal(choose(&w, 1, "whatever")->vs->o.name, "b");
    struct arena *a = &w.arena;
    assert_string_equal(l4_route_label(a, choose(&w, 1, "")),
                        "VirtualService apps/b tcp rule 1 match 1");
    assert_string_equal(l4_route_conditions(a, choose(&w, 1, "")), "port 5432");
    assert_string_equal(l4_route_label(a, choose(&w, 2, "")), "VirtualService apps/a tcp rule 0");
    assert_string_equal(l4_route_conditions(a, choose(&w, 2, "")), "every connection");
    struct route_rows rows = {0};
    route_rows_all(&w.mesh, &rows);
    assert_int_equal(rows.n, 3); // "*" and redis.x.io of a, pg.x.io of b
    assert_string_equal(rows.at[0].host, "*");
    assert_int_equal(rows.at[0].state, VERDICT_WARNING);
    assert_string_equal(rows.at[1].host, "pg.x.io");
    assert_string_equal(rows.at[1].conditions.at[0], "port 5432");
    assert_string_equal(rows.at[2].host, "redis.x.io");
    world_close(&w);
    buf_release(&b);
}

// docs/rules/istio.md#tcp-routes: what the names of AUTO_PASSTHROUGH say.
static void service_names(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    uint32_t port;
    const char *subset, *host;
    assert_true(
        l4_service_name(&a, "outbound_.80_.v1_.web.shop.svc.cluster.local", &port, &subset, &host));
    assert_int_equal(port, 80);
    assert_string_equal(subset, "v1");
    assert_string_equal(host, "web.shop.svc.cluster.local");
    assert_true(
        l4_service_name(&a, "outbound_.443_._.web.shop.svc.cluster.local", &port, &subset, &host));
    assert_null(subset);
    static const char *const none[] = {"web.shop.svc.cluster.local",
                                       "outbound_.80_.",
                                       "outbound_.x_._.web",
                                       "outbound_.80_._.",
                                       "outbound_.99999_._.web",
                                       "inbound_.80_._.web",
                                       ""};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(l4_service_name(&a, none[i], &port, &subset, &host));
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(tcp_rules),
        cmocka_unit_test(service_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
