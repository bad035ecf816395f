// SPDX-License-Identifier: Apache-2.0
// Traces: docs/rules/istio.md#reference-trace-set, docs/rules/istio.md#bookinfo-example, reading of
// requests, JSON and the explained tree.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "kube/mesh/route/l4_routes.h"
#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_explain.h"
#include "kube/mesh/trace/trace_json.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char REFERENCE[] =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\n"
    "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
    "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*.shop.io']}\n"
    "  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ['*.shop.io'], tls: {mode: SIMPLE, credentialName: c}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: gw-0, namespace: istio-system, labels: {istio: ingressgateway}}\n"
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
    "metadata: {name: web, namespace: apps, creationTimestamp: '2026-01-01T00:00:00Z'}\n"
    "spec:\n  hosts: [www.shop.io]\n  gateways: [infra/edge]\n  exportTo: [%s]\n  http:\n"
    "  - match: [{uri: {exact: /productpage}}, {uri: {prefix: /api/v1/products}}]\n"
    "    route: [{destination: {host: newservice, port: {number: 9080}}}]\n"
    "  - match: [{uri: {prefix: /admin}, headers: {x-role: {exact: ops}}}]\n"
    "    route: [{destination: {host: admin}}]\n"
    "  - match: [{uri: {regex: '/v[0-9]+/items'}, method: {exact: GET}, queryParams: {page: {}}}]\n"
    "    route:\n    - {destination: {host: items, port: {number: 80}}, weight: 1}\n"
    "    - {destination: {host: items-canary, port: {number: 80}}, weight: 3}\n"
    "  - match: [{uri: {prefix: /old}}]\n    redirect: {uri: /new, redirectCode: 302}\n"
    "  - route: [{destination: {host: monolith, port: {number: 9080}}}]\n"
    "  - match: [{uri: {prefix: /never}}]\n    route: [{destination: {host: ghost}}]\n"
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
    "metadata: {name: extra, namespace: apps, creationTimestamp: '2026-01-02T00:00:00Z'}\n"
    "spec:\n  hosts: ['*.shop.io']\n  gateways: [infra/edge]\n  http:\n"
    "  - match: [{uri: {prefix: /img}}]\n    route: [{destination: {host: img, port: {number: 80}}}]\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: newservice, namespace: apps}\nspec: {ports: [{port: 9080}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: admin, namespace: apps}\nspec: {ports: [{port: 8443}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: items, namespace: apps}\nspec: {ports: [{port: 80}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: items-canary, namespace: apps}\nspec: {ports: [{port: 80}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: monolith, namespace: apps}\nspec: {ports: [{port: 9080}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: img, namespace: apps}\nspec: {ports: [{port: 80}]}\n";
// clang-format on

struct open_world {
    struct world w;
    struct route_table *table;
    char *yaml;
};

static void open_it(struct open_world *o, const char *yaml)
{
    o->yaml = xstrdup(yaml);
    world_open(&o->w, o->yaml, 0);
    uint32_t n;
    const struct workload *const *w = trace_workloads(&o->w.mesh, "www.shop.io", &n);
    assert_int_equal(n, 1);
    o->table = route_table_build(&o->w.mesh, w[0]);
}

static void close_it(struct open_world *o)
{
    world_close(&o->w);
    free(o->yaml);
}

// The answer as one line: "route web 0.1 newservice:9080 100" and the like.
static const char *answer(struct open_world *o, const char *method, const char *url,
                          const char *header)
{
    struct trace_request q;
    struct err e;
    struct arena *a = &o->w.arena;
    assert_true(trace_request_from_url(a, url, &q, &e));
    q.method = method;
    struct str_pair h = {header, strchr(header, '=') != NULL ? strchr(header, '=') + 1 : ""};
    if (*header != '\0') {
        h.key = arena_strndup(a, header, strcspn(header, "="));
        q.headers = (struct str_map){&h, 1};
    }
    struct trace_result r = trace_run(o->table, &o->w.mesh, &q);
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b, "%s", trace_outcome_name(r.outcome));
    if (r.route != NULL) {
        buf_addf(&b, " %s %u", r.route->vs->o.name, r.route->index);
        if (r.route->match_index >= 0) {
            buf_addf(&b, ".%d", r.route->match_index);
        }
    }
    if (r.l4 != NULL) {
        buf_addf(&b, " %s %s %u.%d", r.l4->vs->o.name, r.l4->tls ? "tls" : "tcp", r.l4->index,
                 r.l4->match_index);
    }
    for (uint32_t i = 0; i < r.ndestinations; i++) {
        buf_addf(&b, " %.*s:%u %g%%%s", (int)strcspn(r.destinations[i].to.host, "."),
                 r.destinations[i].to.host, r.destinations[i].to.port, r.destinations[i].percent,
                 destination_missing(&r.destinations[i].to) ? "!"
                 : r.destinations[i].to.unproven            ? "?"
                                                            : "");
    }
    if (r.location != NULL) {
        buf_addf(&b, " %d %s", r.status, r.location);
    } else if (r.outcome == TRACE_NO_ROUTE) {
        buf_addf(&b, " %s", r.vhost != NULL ? r.vhost->domain : "-");
    }
    bool plain = r.location != NULL || r.status == 200 || r.outcome == TRACE_NO_LISTENER ||
                 (r.passed_on && r.status == 0);
    if (!plain) {
        buf_addf(&b, " %d", r.status);
    }
    if (r.flags != NULL && strcmp(r.flags, "-") != 0) {
        buf_addf(&b, " %s", r.flags);
    }
    return buf_take_arena(&b, a);
}

static void reference_set(void **state)
{
    (void)state;
    static const struct {
        const char *method, *url, *header, *want;
    } t[] = {
        {"GET", "http://www.shop.io/productpage?x=1", "", "route web 0.0 newservice:9080 100%"},
        {"GET", "http://www.shop.io/productpage/", "", "route web 4 monolith:9080 100%"},
        {"GET", "http://www.shop.io/api/v1/productsABC", "", "route web 0.1 newservice:9080 100%"},
        {"GET", "http://www.shop.io/admin", "", "route web 4 monolith:9080 100%"},
        {"GET", "http://www.shop.io/administrator", "X-Role=ops", "route web 1.0 admin:8443 100%"},
        {"GET", "http://www.shop.io/admin", "X-Role=Ops", "route web 4 monolith:9080 100%"},
        {"GET", "http://www.shop.io/v2/items?page=3", "",
         "route web 2.0 items:80 25% items-canary:80 75%"},
        {"GET", "http://www.shop.io/v2/items", "", "route web 4 monolith:9080 100%"},
        {"GET", "http://www.shop.io/v2/items/9?page=1", "", "route web 4 monolith:9080 100%"},
        {"POST", "http://www.shop.io/v2/items?page=1", "", "route web 4 monolith:9080 100%"},
        {"GET", "http://www.shop.io/old/x", "", "redirect web 3.0 302 http://www.shop.io/new"},
        {"GET", "http://www.shop.io/never", "", "route web 4 monolith:9080 100%"},
        {"GET", "http://www.shop.io/img/a.png", "", "route web 4 monolith:9080 100%"},
        {"GET", "http://img.shop.io/img/a.png", "", "route extra 0.0 img:80 100%"},
        {"GET", "http://img.shop.io/", "", "no_route *.shop.io 404 NR"},
        {"GET", "http://shop.io/", "", "no_route - 404 NR"},
        {"GET", "https://www.shop.io/productpage", "", "route web 0.0 newservice:9080 100%"},
        {"GET", "https://other.io/", "", "no_listener"},
        {"GET", "http://www.shop.io:8080/", "", "no_listener"},
    };
    struct open_world o;
    char yaml[8192];
    (void)snprintf(yaml, sizeof yaml, REFERENCE, "'*'");
    open_it(&o, yaml);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const char *got = answer(&o, t[i].method, t[i].url, t[i].header);
        if (strcmp(got, t[i].want) != 0) {
            fail_msg("%s %s: '%s', not '%s'", t[i].method, t[i].url, got, t[i].want);
        }
    }
    // The Host may carry a port and capitals that the connection does not have.
    struct trace_request q = {.method = "GET",
                              .scheme = "http",
                              .host = "WWW.SHOP.IO:8080",
                              .path = "/productpage",
                              .port = 80};
    struct trace_result r = trace_run(o.table, &o.w.mesh, &q);
    assert_int_equal(r.outcome, TRACE_ROUTE);
    assert_int_equal(r.route->index, 0);
    assert_string_equal(r.rewritten_authority, "WWW.SHOP.IO:8080");
    // The gateway's pod was read: nothing is assumed.
    assert_int_equal(r.nassumptions, 0);
    close_it(&o);
    // exportTo "." is judged against the gateway's pod: web is invisible, the wildcard takes its host.
    (void)snprintf(yaml, sizeof yaml, REFERENCE, ".");
    open_it(&o, yaml);
    assert_string_equal(answer(&o, "GET", "http://www.shop.io/img/x", ""),
                        "route extra 0.0 img:80 100%");
    assert_string_equal(answer(&o, "GET", "http://www.shop.io/x", ""), "no_route *.shop.io 404 NR");
    close_it(&o);
}

// docs/rules/terminal.md#glyphs.
static void assert_only_agreed_symbols(const char *text)
{
    static const char agreed[] = "│├└─○●✗→⚠";
    bool some = false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80) {
            char symbol[4] = {text[0], text[1], text[2], '\0'};
            assert_non_null(strstr(agreed, symbol));
            text += 2;
            some = true;
        }
    }
    assert_true(some);
}

// The worked example of the platform's document, whose last `route` is a map there.
static void bookinfo(void **state)
{
    (void)state;
    // clang-format off
    static const char yaml[] =
        "apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\n"
        "metadata: {name: bookinfo, namespace: jph-bookinfo-production}\n"
        "spec:\n  hosts: [\"bookinfo.jph-bookinfo-production.lead.sandbox.liatr.io\"]\n"
        "  gateways: [bookinfo-gateway]\n  http:\n"
        "  - match:\n    - uri: {exact: /productpage}\n    - uri: {prefix: /api/v1/products}\n"
        "    route:\n    - destination: {host: newservice, port: {number: 9080}}\n"
        "  - route:\n    - destination: {host: monolith, port: {number: 9080}}\n"
        "---\napiVersion: networking.istio.io/v1alpha3\nkind: Gateway\n"
        "metadata: {name: bookinfo-gateway, namespace: jph-bookinfo-production}\n"
        "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
        "  - port: {number: 80, name: http, protocol: HTTP}\n"
        "    hosts: [bookinfo.jph-bookinfo-production.lead.sandbox.liatr.io]\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: newservice, namespace: jph-bookinfo-production}\n"
        "spec: {ports: [{port: 9080}]}\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: monolith, namespace: jph-bookinfo-production}\n"
        "spec: {ports: [{port: 9080}]}\n";
    // clang-format on
    static const struct {
        const char *path, *want;
    } t[] = {
        {"/productpage", "route bookinfo 0.0 newservice:9080 100%"},
        {"/productpage?u=1", "route bookinfo 0.0 newservice:9080 100%"},
        {"/productpage/", "route bookinfo 1 monolith:9080 100%"},
        {"/api/v1/products", "route bookinfo 0.1 newservice:9080 100%"},
        {"/api/v1/productsX", "route bookinfo 0.1 newservice:9080 100%"},
        {"/", "route bookinfo 1 monolith:9080 100%"},
    };
    struct open_world o;
    open_it(&o, yaml);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char url[256];
        (void)snprintf(url, sizeof url,
                       "http://bookinfo.jph-bookinfo-production.lead.sandbox.liatr.io%s",
                       t[i].path);
        assert_string_equal(answer(&o, "GET", url, ""), t[i].want);
    }
    assert_string_equal(answer(&o, "GET", "http://unknown.example/", ""), "no_route - 404 NR");
    struct trace_request q;
    struct err e;
    assert_true(trace_request_from_url(
        &o.w.arena, "bookinfo.jph-bookinfo-production.lead.sandbox.liatr.io/x", &q, &e));
    struct trace_result r = trace_run(o.table, &o.w.mesh, &q);
    assert_int_equal(r.nassumptions, 1); // no Pod among the files: said
    assert_non_null(strstr(r.assumptions[0], "istio-system"));
    struct buf b;
    buf_init(&b, 0);
    trace_explain(&r, &q, true, &b);
    assert_non_null(strstr(b.data, "rule 0 match 0: path exact /productpage does not hold"));
    assert_non_null(strstr(b.data, "rule 1: takes every request"));
    assert_non_null(strstr(b.data, "port 9080 (port.number)"));
    for (const char *c = b.data; *c != '\0'; c++) {
        assert_true((unsigned char)*c < 0x80);
    }
    buf_reset(&b);
    trace_explain(&r, &q, false, &b);
    assert_only_agreed_symbols(b.data);
    buf_release(&b);
    close_it(&o);
}

// Traps that the other tests do not meet, among them docs/rules/istio.md#redirect-code,
// docs/rules/istio.md#redirect-location, docs/rules/istio.md#fault-injection and
// docs/rules/istio.md#passthrough-names.
static void traps(void **state)
{
    (void)state;
    // clang-format off
    static const char gateway[] =
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: apps}\n"
        "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
        "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}\n"
        "  - {port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: ['*.shop.io']}\n"
        "  - {port: {number: 443, name: p, protocol: HTTPS}, tls: {credentialName: c}, hosts: [www.shop.io]}\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 80}]}\n"
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: apps}\n"
        "spec: {http: [{match: [{uri: {prefix: /d/r}}], redirect: {uri: /x}}]}\n"
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n"
        "spec:\n  hosts: [www.shop.io]\n  gateways: [edge]\n  http:\n";
    static const struct {
        const char *rules, *url, *want;
    } t[] = {
        {"[{match: [{uri: {prefix: /r}}], redirect: {uri: /x, redirectCode: 304}}, {route: [{destination: {host: s}}]}]",
         "http://www.shop.io/other", "no_route - 404 NR"},
        {"[{redirect: {uri: /x, redirectCode: 301}}]", "http://www.shop.io/", "redirect v 0 301 http://www.shop.io/x"},
        {"[{redirect: {uri: /x, redirectCode: 302}}]", "http://www.shop.io/", "redirect v 0 302 http://www.shop.io/x"},
        {"[{redirect: {uri: /x, redirectCode: 303}}]", "http://www.shop.io/", "redirect v 0 303 http://www.shop.io/x"},
        {"[{redirect: {uri: /x, redirectCode: 307}}]", "http://www.shop.io/", "redirect v 0 307 http://www.shop.io/x"},
        {"[{redirect: {uri: /x, redirectCode: 308}}]", "http://www.shop.io/", "redirect v 0 308 http://www.shop.io/x"},
        {"[{directResponse: {status: 302}}]", "http://www.shop.io:80/a?b", "direct v 0 302 http://www.shop.io:80/a?b"},
        {"[{fault: {abort: {httpStatus: 500}}, route: [{destination: {host: s}}]}]", "http://www.shop.io/", "route v 0 s:80 100%"},
        {"[{fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, route: [{destination: {host: ghost}}]}]",
         "http://www.shop.io/", "fault v 0 ghost:80 100%! 500 FI"},
        {"[{match: [{uri: {prefix: /d}}], delegate: {name: leaf}, fault: {abort: {httpStatus: 500, percentage: {value: 100}}}}]",
         "http://www.shop.io/d/r", "fault v 0.0 500 FI"},
        {"[{redirect: {scheme: https}}]", "http://www.shop.io:80/a", "redirect v 0 301 https://www.shop.io/a"},
        {"[{redirect: {scheme: https, port: 8443}}]", "http://www.shop.io:80/a", "redirect v 0 301 https://www.shop.io:8443/a"},
        {"[{redirect: {uri: '/x?y=1'}}]", "http://www.shop.io/a?b=2", "redirect v 0 301 http://www.shop.io/x?y=1"},
        {"[{redirect: {uri: /x, authority: n.io}}]", "http://www.shop.io/a?b=2", "redirect v 0 301 http://n.io/x?b=2"},
        // A server that passes TLS on (mode left out) takes no name without a tls rule: the wildcard's chain does.
        {"[{route: [{destination: {host: s}}]}]", "https://www.shop.io/", "route v 0 s:80 100%"},
        {"[{route: [{destination: {host: s}}]}]\n  tls: [{match: [{sniHosts: [www.shop.io]}], route: [{destination: {host: s}}]}]",
         "https://www.shop.io/", "route v tls 0.0 s:80 100%"},
        {"[{match: [{headers: {'@request.auth.claims.x': {exact: a}}}], route: [{destination: {host: ghost}}]}, {route: [{destination: {host: s}}]}]",
         "http://www.shop.io/", "route v 1 s:80 100%"},
        {"[{route: [{destination: {host: s.apps}}]}]", "http://www.shop.io/", "route v 0 s:80 100%! 503 NC"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct open_world o;
        buf_init(&b, 0);
        buf_addf(&b, "%s  %s\n", gateway, t[i].rules);
        char *http = strstr(b.data, "http:\n  [");
        assert_non_null(http);
        http[5] = ' '; // the list begins on the line of its key
        open_it(&o, b.data);
        const char *got = answer(&o, "GET", t[i].url, "");
        if (strcmp(got, t[i].want) != 0) {
            fail_msg("%s: %s: '%s', not '%s'", t[i].rules, t[i].url, got, t[i].want);
        }
        close_it(&o);
        buf_release(&b);
    }
}

// docs/rules/istio.md#https-redirect
static void https_redirects(void **state)
{
    (void)state;
    // clang-format off
#define HTTP_SERVER(name, hosts, more) "{port: {number: 80, name: " name ", protocol: HTTP}, hosts: [" hosts "]" more "}"
#define REDIRECTS ", tls: {httpsRedirect: true}"
#define HTTPS_SERVER(more) "{port: {number: 443, name: s, protocol: HTTPS}, hosts: [www.shop.io], tls: {mode: SIMPLE, credentialName: c" more "}}"
#define RULE "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n" \
    "spec: {hosts: [www.shop.io], gateways: [infra/edge], http: [{match: [{uri: {prefix: /a}}], redirect: {uri: /b}}]}\n"
    static const struct {
        const char *servers, *vs, *url, *want;
    } t[] = {
        // before the routes, with the Host as sent, path and query
        {HTTP_SERVER("a", "www.shop.io", REDIRECTS), RULE, "http://www.shop.io/a?b=c", "redirect 301 https://www.shop.io/a?b=c"},
        {HTTP_SERVER("a", "www.shop.io", REDIRECTS), RULE, "http://WWW.shop.io:80/x", "redirect 301 https://WWW.shop.io:80/x"},
        {HTTP_SERVER("a", "www.shop.io", ""), RULE, "http://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b"},
        // any server that feeds the virtual host
        {HTTP_SERVER("a", "'*'", "") ", " HTTP_SERVER("b", "www.shop.io", REDIRECTS), RULE, "http://www.shop.io/a", "redirect 301 https://www.shop.io/a"},
        {HTTP_SERVER("a", "www.shop.io", REDIRECTS) ", " HTTP_SERVER("b", "'*'", ""), RULE, "http://www.shop.io/a", "redirect 301 https://www.shop.io/a"},
        {HTTP_SERVER("a", "api.shop.io", REDIRECTS) ", " HTTP_SERVER("b", "www.shop.io", ""), RULE, "http://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b"},
        // https is not redirected, even by a server with httpsRedirect
        {HTTPS_SERVER(", httpsRedirect: true"), RULE, "https://www.shop.io/a", "redirect v 0.0 301 https://www.shop.io/b"},
        {HTTP_SERVER("a", "www.shop.io", REDIRECTS) ", " HTTPS_SERVER(""), RULE, "https://www.shop.io/a", "redirect v 0.0 301 https://www.shop.io/b"},
        // without any VirtualService the server's hosts, except those with a namespace
        {HTTP_SERVER("a", "'*.shop.io'", REDIRECTS), "", "http://www.shop.io/a", "redirect 301 https://www.shop.io/a"},
        {HTTP_SERVER("a", "'*.shop.io'", REDIRECTS), "", "http://shop.io/a", "no_route - 404 NR"},
        {HTTP_SERVER("a", "apps/www.shop.io", REDIRECTS), "", "http://www.shop.io/a", "no_route - 404 NR"},
        {HTTP_SERVER("a", "apps/www.shop.io", REDIRECTS), RULE, "http://www.shop.io/a", "redirect 301 https://www.shop.io/a"},
        {HTTP_SERVER("a", "'*.shop.io'", ""), "", "http://www.shop.io/a", "no_route - 404 NR"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct open_world o;
        buf_init(&b, 0);
        buf_addf(&b,
                 "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, "
                 "namespace: infra}\nspec: {selector: {istio: ingressgateway}, servers: [%s]}\n%s",
                 t[i].servers, t[i].vs);
        open_it(&o, b.data);
        const char *got = answer(&o, "GET", t[i].url, "");
        if (strcmp(got, t[i].want) != 0) {
            fail_msg("%s: %s: '%s', not '%s'", t[i].servers, t[i].url, got, t[i].want);
        }
        close_it(&o);
        buf_release(&b);
    }
}

// A name's server has the only table that is used, whatever others would answer (docs/rules/istio.md#tls-chain-choice).
static void only_the_table_of_the_name(void **state)
{
    (void)state;
    // clang-format off
#define SERVES(name, host) "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: " name ", namespace: infra}\n" \
    "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ['" host "'], tls: {mode: SIMPLE, credentialName: c}}]}\n"
    static const char yaml[] = SERVES("wild", "*.shop.io") SERVES("exact", "www.shop.io")
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n"
        "spec: {hosts: ['*.shop.io'], gateways: [infra/wild], http: [{redirect: {uri: /b}}]}\n";
    // clang-format on
    struct open_world o;
    open_it(&o, yaml);
    assert_string_equal(answer(&o, "GET", "https://www.shop.io/", ""), "no_route - 404 NR");
    assert_string_equal(answer(&o, "GET", "https://api.shop.io/", ""),
                        "redirect v 0 301 https://api.shop.io/b");
    assert_string_equal(answer(&o, "GET", "https://shop.io/", ""), "no_listener");
    close_it(&o);
}

// docs/rules/istio.md#load-balancer-tls
static void load_balancers_that_end_tls(void **state)
{
    (void)state;
    // clang-format off
#define LB "service.beta.kubernetes.io/aws-load-balancer-"
#define CERT LB "ssl-cert: c"
#define PLAIN "{port: {number: 80, name: h, protocol: HTTP}, hosts: [www.shop.io]}"
    static const struct {
        const char *type, *annotations, *servers, *url, *want;
        uint32_t assumed;
    } t[] = {
        {"LoadBalancer", CERT, PLAIN, "https://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b", 0},
        {"LoadBalancer", CERT ", " LB "ssl-ports: 'https'", PLAIN, "https://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b", 0},
        {"LoadBalancer", CERT ", " LB "ssl-ports: '8443, 443'", PLAIN, "https://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b", 0},
        {"LoadBalancer", CERT ", " LB "ssl-ports: '*'", PLAIN, "https://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b", 0},
        {"LoadBalancer", CERT ", " LB "ssl-ports: '8443'", PLAIN, "https://www.shop.io/a", "no_listener", 0},
        {"LoadBalancer", LB "ssl-ports: '443'", PLAIN, "https://www.shop.io/a", "no_listener", 0},
        {"ClusterIP", CERT, PLAIN, "https://www.shop.io/a", "no_listener", 0},
        {"LoadBalancer", CERT ", " LB "backend-protocol: ssl", PLAIN, "https://www.shop.io/a", "no_listener", 1},
        {"LoadBalancer", CERT ", " LB "backend-protocol: tcp", PLAIN, "https://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b", 0},
        // a server that ends TLS is given plain HTTP
        {"LoadBalancer", CERT, "{port: {number: 443, name: s, protocol: HTTPS}, hosts: [www.shop.io], tls: {mode: SIMPLE, credentialName: c}}",
         "https://www.shop.io/a", "no_listener", 0},
        // the redirect leads back to the load balancer
        {"LoadBalancer", CERT, HTTP_SERVER("a", "www.shop.io", REDIRECTS), "https://www.shop.io/a", "redirect 301 https://www.shop.io/a", 1},
        {"LoadBalancer", CERT ", " LB "ssl-ports: '443'", HTTP_SERVER("a", "www.shop.io", REDIRECTS), "http://www.shop.io/a", "redirect 301 https://www.shop.io/a", 0},
        {"LoadBalancer", CERT, PLAIN, "http://www.shop.io/a", "redirect v 0.0 301 http://www.shop.io/b", 1},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct open_world o;
        struct trace_request q;
        struct err e;
        buf_init(&b, 0);
        buf_addf(
            &b,
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, "
            "namespace: infra}\nspec: {selector: {istio: ingressgateway}, servers: [%s]}\n" RULE
            "---\napiVersion: v1\nkind: Service\nmetadata: {name: gw, namespace: istio-system, "
            "annotations: {%s}}\nspec: {type: %s, selector: {istio: ingressgateway}, ports: "
            "[{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: "
            "8080}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: gw, namespace: "
            "istio-system, labels: {istio: ingressgateway}}\n",
            t[i].servers, t[i].annotations, t[i].type);
        open_it(&o, b.data);
        const char *got = answer(&o, "GET", t[i].url, "");
        assert_true(trace_request_from_url(&o.w.arena, t[i].url, &q, &e));
        struct trace_result r = trace_run(o.table, &o.w.mesh, &q);
        if (strcmp(got, t[i].want) != 0 || r.nassumptions != t[i].assumed) {
            fail_msg("%s %s: '%s' and %u, not '%s'", t[i].annotations, t[i].url, got,
                     r.nassumptions, t[i].want);
        }
        close_it(&o);
        buf_release(&b);
    }
}

static void json_shape(void **state)
{
    (void)state;
    struct open_world o;
    char yaml[8192];
    struct err e;
    (void)snprintf(yaml, sizeof yaml, REFERENCE, "'*'");
    open_it(&o, yaml);
    const char line[] = "{\"method\":\"GET\",\"url\":\"https://www.shop.io/v1/"
                        "items?page=\",\"headers\":{\"A\":\"b\"}}";
    struct trace_request q;
    assert_true(trace_request_from_json(&o.w.arena, line, sizeof line - 1, &q, &e));
    struct trace_result r = trace_run(o.table, &o.w.mesh, &q);
    struct json *j = trace_to_json(&r, &q);
    assert_string_equal(json_get_string(j, "apiVersion"), "gatetop/v1");
    assert_string_equal(json_get_string(j, "kind"), "Trace");
    assert_string_equal(json_get_string(j, "outcome"), "route");
    assert_int_equal(json_get_int(j, "status", 0), 200);
    assert_string_equal(json_get_string(j, "gateway"), "infra/edge");
    assert_string_equal(json_get_string(j, "virtualHost"), "www.shop.io");
    assert_string_equal(json_get_string(j, "virtualService"), "apps/web");
    assert_int_equal(json_int(json_at(j, "rule", "index", NULL), -1), 2);
    assert_int_equal(json_int(json_at(j, "rule", "match", NULL), -1), 0);
    assert_int_equal(json_type(json_get(j, "delegate")), JSON_NULL);
    assert_int_equal(json_int(json_at(j, "server", "port", NULL), -1), 443);
    const struct json *d = json_first(json_get(j, "destinations"));
    assert_string_equal(json_get_string(d, "host"), "items.apps.svc.cluster.local");
    assert_int_equal(json_get_int(d, "weight", -1), 1);
    assert_int_equal(json_get_int(d, "percent", -1), 25);
    assert_true(json_get_bool(d, "exists", false));
    assert_string_equal(json_get_string(j, "rewrittenPath"), "/v1/items?page=");
    assert_int_equal(json_type(json_get(j, "mirrors")), JSON_ARRAY);
    assert_true(json_count(json_get(j, "steps")) > 4);
    json_free(j);
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"host\":",
                                      "{\"url\":\"ftp://x/\"}",
                                      "{\"url\":\"http://h:99999/\"}",
                                      "{\"url\":\"http:///x\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(trace_request_from_json(&o.w.arena, bad[i], strlen(bad[i]), &q, &e));
    }
    close_it(&o);
}

// The aim: 10,000 requests a second against 1,000 VirtualServices on one core.
static void speed(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, "
                 "namespace: infra}\n"
                 "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
                 "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}\n");
    for (int i = 0; i < 1000; i++) {
        buf_addf(
            &b,
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v%d, "
            "namespace: apps}\nspec:\n  hosts: [h%d.shop.io]\n  gateways: [infra/edge]\n  http:\n",
            i, i);
        for (int k = 0; k < 8; k++) {
            buf_addf(&b,
                     "  - match: [{uri: {prefix: /p%d/}}, {uri: {regex: '/r%d/[a-z]+/[0-9]*'}}]\n"
                     "    route: [{destination: {host: s%d}}]\n",
                     k, k, i);
        }
        buf_adds(&b, "  - route: [{destination: {host: monolith}}]\n");
    }
    buf_adds(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: monolith, namespace: apps}\n"
                 "spec: {ports: [{port: 80}]}\n");
    struct world w;
    world_open(&w, b.data, 0);
    int64_t from = clock_mono_ms();
    uint32_t n;
    struct route_table *t = route_table_build(&w.mesh, *trace_workloads(&w.mesh, "h0.shop.io", &n));
    int64_t built = clock_mono_ms() - from;
    struct arena scratch;
    arena_init(&scratch);
    struct mesh m = w.mesh;
    m.arena = &scratch;
    clock_t cpu = clock(); // the machine may be busy with other things
    enum { REQUESTS = 20000 };
    for (int i = 0; i < REQUESTS; i++) {
        char line[256];
        struct trace_request q;
        struct err e;
        arena_clear(&scratch);
        int len =
            snprintf(line, sizeof line,
                     "{\"method\":\"GET\",\"scheme\":\"http\",\"host\":\"h%d.shop.io\",\"port\":80,"
                     "\"path\":\"/r%d/abc/%d?x=1\",\"headers\":{\"a\":\"b\"}}",
                     i % 1000, i % 9, i);
        assert_true(trace_request_from_json(&scratch, line, (size_t)len, &q, &e));
        struct trace_result r = trace_run(t, &m, &q);
        assert_int_equal(r.outcome, TRACE_ROUTE);
        buf_reset(&b);
        trace_write_json(&r, &q, &b);
        assert_true(b.len > 100);
    }
    int64_t took = (int64_t)(clock() - cpu) * 1000 / CLOCKS_PER_SEC;
    print_message(
        "# 1,000 VirtualServices: table in %d ms, %d requests a second of one core, arena %zu KB\n",
        (int)built, (int)(REQUESTS * 1000LL / (took > 0 ? took : 1)), w.arena.total >> 10);
    arena_release(&scratch);
    buf_release(&b);
    world_close(&w);
}

// docs/rules/istio.md#tcp-routes: a connection ends at its destination, or is closed.
static void connections(void **state)
{
    (void)state;
    // clang-format off
    static const char yaml[] =
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: apps}\n"
        "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
        "  - {port: {number: 443, name: p, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: ['*.shop.io']}\n"
        "  - {port: {number: 5432, name: t, protocol: TCP}, hosts: ['*']}\n"
        "  - {port: {number: 5433, name: u, protocol: TCP}, hosts: [other.io]}\n"
        "  - {port: {number: 6379, name: e, protocol: TLS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [redis.shop.io]}\n"
        "  - {port: {number: 15443, name: s, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ['*.apps.svc.cluster.local']}\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 80}]}\n"
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n"
        "spec:\n  hosts: ['*.shop.io']\n  gateways: [edge]\n"
        "  tls:\n  - {match: [{sniHosts: [www.shop.io]}], route: [{destination: {host: s}}]}\n"
        "  - {match: [{sniHosts: [two.shop.io]}], route: [{destination: {host: s}, weight: 30}, {destination: {host: ghost}, weight: 10}, {destination: {host: none}}]}\n"
        "  - {match: [{sniHosts: [gone.shop.io]}], route: [{destination: {host: ghost, port: {number: 1}}}]}\n"
        "  tcp:\n  - {match: [{port: 5432}, {port: 6379}], route: [{destination: {host: s}}]}\n";
    static const struct {
        const char *url, *want;
        bool bad;
    } t[] = {
        {"https://www.shop.io/", "route v tls 0.0 s:80 100%", false},
        {"tls://WWW.shop.io.:443", "route v tls 0.0 s:80 100%", false},
        {"https://two.shop.io/", "route v tls 1.0 s:80 75% ghost:443 25%!", false},
        {"https://gone.shop.io/", "route v tls 2.0 ghost:1 100%! NC", true},
        {"https://none.shop.io/", "no_listener", true},
        {"http://anything:5432/", "route v tcp 0.0 s:80 100%", false},
        {"tcp://192.0.2.1:5432", "route v tcp 0.0 s:80 100%", false},
        {"https://x.io:5432/", "route v tcp 0.0 s:80 100%", false}, // to which TLS is bytes
        {"http://x.io:5433/", "no_listener", true},                // no tcp rule
        {"https://redis.shop.io:6379/", "route v tcp 0.1 s:80 100%", false},
        {"https://else.io:6379/", "no_listener", true},
        {"https://outbound_.80_._.s.apps.svc.cluster.local:15443/", "route s:80 100%", false},
        {"https://outbound_.81_._.s.apps.svc.cluster.local:15443/", "route s:81 100%! NC", true},
        {"https://outbound_.80_._.s.team.svc.cluster.local:15443/", "no_listener", true},
        {"https://s.apps.svc.cluster.local:15443/", "no_listener", true},
    };
    // clang-format on
    struct open_world o;
    open_it(&o, yaml);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        const char *got = answer(&o, "GET", t[i].url, "");
        if (strcmp(got, t[i].want) != 0) {
            fail_msg("%s: '%s', not '%s'", t[i].url, got, t[i].want);
        }
        struct trace_request q;
        struct err e;
        assert_true(trace_request_from_url(&o.w.arena, t[i].url, &q, &e));
        struct trace_result r = trace_run(o.table, &o.w.mesh, &q);
        assert_int_equal(trace_is_bad(&r), t[i].bad);
        struct json *j = trace_to_json(&r, &q);
        assert_int_equal(json_type(json_get(j, "status")), JSON_NULL);
        if (r.l4 != NULL) {
            assert_string_equal(json_get_string(j, "gateway"), "apps/edge");
            assert_string_equal(json_get_string(j, "virtualService"), "apps/v");
            assert_string_equal(json_get_string(json_get(j, "rule"), "list"),
                                r.l4->tls ? "tls" : "tcp");
        }
        json_free(j);
    }
    close_it(&o);
}

// docs/rules/istio.md#client-tls-name
static void tls_names_of_requests(void **state)
{
    (void)state;
    // clang-format off
    static const char yaml[] =
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: apps}\n"
        "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
        "  - {port: {number: 443, name: p, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [www.shop.io]}\n"
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: apps}\n"
        "spec: {hosts: [www.shop.io], gateways: [edge], http: [{redirect: {uri: /x}}]}\n";
    static const struct {
        const char *url, *header, *outcome;
    } t[] = {
        {"https://www.shop.io/", NULL, "redirect"},
        {"https://www.shop.io./", NULL, "no_route"},
        {"https://192.0.2.10/", "Host: www.shop.io", "no_listener"},
        {"https://[2001:db8::1]/", "Host: www.shop.io", "no_listener"},
        {"https://www.shop.io/", "Host: else.io", "no_route"},
        {"https://else.io/", "host:  www.shop.io ", "no_listener"},
        {"https://www.shop.io/", "host:  www.shop.io \t", "redirect"},
    };
    // clang-format on
    struct open_world o;
    open_it(&o, yaml);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct trace_request q;
        struct err e;
        assert_true(trace_request_from_url(&o.w.arena, t[i].url, &q, &e));
        assert_true(t[i].header == NULL || trace_request_header(&o.w.arena, &q, t[i].header, &e));
        struct trace_result r = trace_run(o.table, &o.w.mesh, &q);
        if (strcmp(trace_outcome_name(r.outcome), t[i].outcome) != 0) {
            fail_msg("%s %s: %s", t[i].url, t[i].header != NULL ? t[i].header : "",
                     trace_outcome_name(r.outcome));
        }
    }
    // Values of a batch are trimmed as well.
    static const char line[] = "{\"url\":\"http://www.shop.io/\",\"headers\":{\"a\":\" b\\t\"}}";
    struct trace_request q;
    struct err e;
    assert_true(trace_request_from_json(&o.w.arena, line, strlen(line), &q, &e));
    assert_string_equal(q.headers.at[0].value, "b");
    close_it(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_set),
        cmocka_unit_test(bookinfo),
        cmocka_unit_test(connections),
        cmocka_unit_test(tls_names_of_requests),
        cmocka_unit_test(traps),
        cmocka_unit_test(https_redirects),
        cmocka_unit_test(only_the_table_of_the_name),
        cmocka_unit_test(load_balancers_that_end_tls),
        cmocka_unit_test(json_shape),
        cmocka_unit_test(speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
