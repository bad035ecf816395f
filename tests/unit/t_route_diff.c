// SPDX-License-Identifier: Apache-2.0
// What other files would change, as requests; samples that meet their rules.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/regex.h"

#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/trace/route_diff.h"
#include "kube/mesh/trace/sample_request.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char BASE[] =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: apps}\n"
    "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*.shop.io']}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: monolith, namespace: apps}\nspec: {ports: [{port: 80}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: apps}\nspec: {ports: [{port: 80}]}\n";
// clang-format on

#define VS(name, host, http)                                                                       \
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " name        \
    ", namespace: apps}\nspec: {hosts: ['" host "'], gateways: [edge], http: " http "}\n"

static const char *diff_text(const char *old, const char *new, struct arena *keep)
{
    struct buf x;
    struct buf y;
    struct buf out;
    struct world a;
    struct world b;
    struct route_changes changes = {0};
    buf_init(&x, 0);
    buf_init(&y, 0);
    buf_init(&out, 0);
    buf_addf(&x, "%s%s", BASE, old);
    buf_addf(&y, "%s%s", BASE, new);
    world_open(&a, x.data, 0);
    world_open(&b, y.data, 0);
    a.mesh.arena = b.mesh.arena;
    route_diff(&a.mesh, &b.mesh, &changes);
    for (uint32_t i = 0; i < changes.n; i++) {
        const struct route_change *c = &changes.at[i];
        assert_int_equal(c->request.headers.n, 0);
        buf_addf(&out, "%s %s://%s%s: %s -> %s\n", c->request.method, c->request.scheme,
                 c->request.host, c->request.path, c->before_text, c->after_text);
    }
    const char *text = arena_strdup(keep, out.len > 0 ? out.data : "");
    world_close(&a);
    world_close(&b);
    buf_release(&x);
    buf_release(&y);
    buf_release(&out);
    return text;
}

static void changes(void **state)
{
    (void)state;
    static const char monolith[] =
        VS("v", "www.shop.io", "[{route: [{destination: {host: monolith}}]}]");
    static const char split[] = VS("v", "www.shop.io",
                                   "[{match: [{uri: {prefix: /cart}}], route: [{destination: "
                                   "{host: cart}}]}, {route: [{destination: {host: "
                                   "monolith}}]}]");
    static const char narrower[] = VS("v", "www.shop.io",
                                      "[{match: [{uri: {exact: /cart}, method: {exact: POST}}], "
                                      "route: [{destination: {host: cart}}]}, {route: "
                                      "[{destination: {host: monolith}}]}]");
    struct arena a;
    arena_init(&a);
    assert_string_equal(diff_text(monolith, monolith, &a), "");
    assert_string_equal(diff_text(monolith, split, &a),
                        "GET http://www.shop.io/cart: monolith.apps.svc.cluster.local:80 100% -> "
                        "cart.apps.svc.cluster.local:80 100%\n");
    assert_string_equal(diff_text(split, narrower, &a),
                        "GET http://www.shop.io/cart: cart.apps.svc.cluster.local:80 100% -> "
                        "monolith.apps.svc.cluster.local:80 100%\n");
    assert_string_equal(
        diff_text("", monolith, &a),
        "GET http://www.shop.io/: 404 (no route) -> monolith.apps.svc.cluster.local:80 100%\n");
    assert_string_equal(
        diff_text(monolith, "", &a),
        "GET http://www.shop.io/: monolith.apps.svc.cluster.local:80 100% -> 404 (no route)\n");
    // The same rules in another object or another order of objects change nothing.
    assert_string_equal(
        diff_text(monolith, VS("w", "www.shop.io", "[{route: [{destination: {host: monolith}}]}]"),
                  &a),
        "");
    arena_release(&a);
}

// docs/rules/istio.md#tcp-routes
static void connections(void **state)
{
    (void)state;
#define L4(rules)                                                                                     \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: l4, namespace: apps}\n" \
    "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: p, protocol: "    \
    "TLS}, tls: {mode: PASSTHROUGH}, hosts: ['*.l.io']}, {port: {number: 5432, name: t, protocol: "   \
    "TCP}, hosts: ['*']}]}\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"          \
    "metadata: {name: l, namespace: apps}\nspec: {hosts: ['*.l.io'], gateways: [l4], " rules "}\n"
#define PASS(name, to)                                                                             \
    "tls: [{match: [{sniHosts: [" name "]}], route: [{destination: {host: " to "}}]}]"
#define BYTES(to) "tcp: [{route: [{destination: {host: " to "}}]}]"
    struct arena a;
    arena_init(&a);
    static const char tls[] = L4(PASS("a.l.io", "cart"));
    assert_string_equal(diff_text(tls, tls, &a), "");
    assert_string_equal(diff_text(tls, L4(PASS("a.l.io", "monolith")), &a),
                        "GET https://a.l.io/: cart.apps.svc.cluster.local:80 100% -> "
                        "monolith.apps.svc.cluster.local:80 100%\n");
    const char *moved = diff_text(tls, L4(PASS("b.l.io", "cart")), &a);
    assert_non_null(strstr(moved, "GET https://b.l.io/: "));
    assert_non_null(strstr(moved, "GET https://a.l.io/: cart.apps.svc.cluster.local:80 100% -> "));
    assert_string_equal(diff_text(L4(BYTES("cart")), L4(BYTES("monolith")), &a),
                        "GET http://any.example/: cart.apps.svc.cluster.local:80 100% -> "
                        "monolith.apps.svc.cluster.local:80 100%\n");
    arena_release(&a);
}

static void samples(void **state)
{
    (void)state;
    static const char *const regexes[] = {
        "/v[0-9]+/items", "/a|/b",      "(?i)/API/.*", "/[^/]+/x",      "/(foo|bar)/[a-z]{3}",
        "^/x$",           "/\\d+/\\w+", "/a?b*c+d?",   "/[[:alpha:]]+", "/(?:a(b)?)+/[A-Z]",
        "/x\\.html",      ".*",         "/.+",         "/[\\d-]+",      "/a{2,4}",
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof regexes / sizeof *regexes; i++) {
        struct http_match match = {.uri = {.type = MATCH_REGEX, .text = regexes[i]}};
        struct trace_request q = {.scheme = "http", .host = "www.shop.io"};
        if (!sample_request(&a, &match, 0, &q)) {
            fail_msg("no sample for %s", regexes[i]);
        }
        assert_int_equal(regex_match(regex_compile(&a, regexes[i]), q.path, strlen(q.path)),
                         REGEX_YES);
    }
    struct http_match refused = {.uri = {.type = MATCH_REGEX, .text = "(?=x)"}};
    struct trace_request q = {.scheme = "http", .host = "www.shop.io"};
    assert_false(sample_request(&a, &refused, 0, &q));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(changes), cmocka_unit_test(connections),
                                       cmocka_unit_test(samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
