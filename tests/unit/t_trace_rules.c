// SPDX-License-Identifier: Apache-2.0
// Which conditions hold for a request and what the rule does with it: each rule of the Istio page by itself.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_explain.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

// The gateway's Service leads from 80 to 8080 and from 443 to 8443, so that declared and listening numbers differ.
static const char BASE[] =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\n"
    "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
    "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}\n"
    "  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ['*'], tls: {mode: SIMPLE, credentialName: c}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: gw-0, namespace: istio-system, labels: {istio: ingressgateway}}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: gw, namespace: istio-system}\n"
    "spec: {selector: {istio: ingressgateway}, ports: [{port: 80, name: a, targetPort: 8080}, {port: 443, name: b, targetPort: 8443}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 80}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: apps}\nspec: {ports: [{port: 9080}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: two, namespace: apps}\n"
    "spec: {ports: [{port: 80, name: a}, {port: 90, name: b}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: team}\nspec: {ports: [{port: 70}]}\n"
    "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: two, namespace: apps}\n"
    "spec: {host: two, subsets: [{name: v1, labels: {version: a}}]}\n"
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: team}\nspec:\n"
    "  http:\n"
    "  - {match: [{uri: {prefix: /leaf/redirect}}], redirect: {uri: /x}}\n"
    "  - {match: [{uri: {prefix: /leaf}}], route: [{destination: {host: s}}]}\n";
// clang-format on

#define OK "route: [{destination: {host: s}}]"

struct answering {
    struct world w;
    struct trace_request q;
    struct trace_result r;
};

// The answer to "METHOD URL" and header lines, where VirtualService apps/v has the http rules for every host.
static void answer(struct answering *x, const char *http, const char *request)
{
    struct err e = {0};
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "%s---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, "
             "namespace: apps}\nspec: {hosts: ['*', shop, www.shop.io], gateways: [infra/edge], "
             "http: [%s]}\n",
             BASE, http);
    world_open(&x->w, b.data, 0);
    buf_release(&b);
    struct arena *a = &x->w.arena;
    if (*request == '{') {
        assert_true(trace_request_from_json(a, request, strlen(request), &x->q, &e));
    } else {
        char *text = arena_strdup(a, request), *save = NULL;
        char *line = strtok_r(text, "\n", &save);
        char *space = strchr(line, ' ');
        *space = '\0';
        assert_true(trace_request_from_url(a, space + 1, &x->q, &e));
        x->q.method = line;
        while ((line = strtok_r(NULL, "\n", &save)) != NULL) {
            assert_true(trace_request_header(a, &x->q, line, &e));
        }
    }
    struct str_pair label = {"istio", "ingressgateway"};
    struct str_map labels = {&label, 1};
    struct route_table *t =
        route_table_build(&x->w.mesh, workload_from_labels(&x->w.mesh, &labels));
    x->r = trace_run(t, &x->w.mesh, &x->q);
}

struct condition_row {
    const char *match, *request;
    bool holds;
};

static void hold_conditions(const struct condition_row *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct answering x;
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "{match: [%s], " OK "}", t[i].match);
        answer(&x, b.data, t[i].request);
        if (x.r.outcome != (t[i].holds ? TRACE_ROUTE : TRACE_NO_ROUTE) || x.r.vhost == NULL) {
            fail_msg("%s for %s: %s", t[i].match, t[i].request, trace_outcome_name(x.r.outcome));
        }
        world_close(&x.w);
        buf_release(&b);
    }
}

static void add_destinations(struct buf *b, const char *what, const struct trace_destination *at,
                             uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct resolved_destination *to = &at[i].to;
        buf_addf(b, " %s%.*s%s%s:%u %g%%%s", what, (int)strcspn(to->host, "."), to->host,
                 to->subset != NULL ? "/" : "", str_or_empty(to->subset), to->port, at[i].percent,
                 destination_missing(&at[i].to) ? "!"
                 : at[i].to.unproven            ? "?"
                                                : "");
    }
}

struct action_row {
    const char *http, *request;
    // "OUTCOME STATUS [FLAGS] [destinations] [location] [path] [host=] [mirrors] [body=] [assumed]", what differs from
    // the request
    const char *want;
};

static void hold_actions(const struct action_row *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct answering x;
        struct buf b;
        buf_init(&b, 0);
        answer(&x, t[i].http, t[i].request);
        const struct trace_result *r = &x.r;
        buf_addf(&b, "%s %d", trace_outcome_name(r->outcome), r->status);
        if (r->flags != NULL && strcmp(r->flags, "-") != 0) {
            buf_addf(&b, " %s", r->flags);
        }
        add_destinations(&b, "", r->destinations, r->ndestinations);
        if (r->location != NULL) {
            buf_addf(&b, " %s", r->location);
        }
        if (r->rewritten_path != NULL && strcmp(r->rewritten_path, x.q.path) != 0) {
            buf_addf(&b, " %s", r->rewritten_path);
        }
        if (r->rewritten_authority != NULL && strcmp(r->rewritten_authority, x.q.host) != 0) {
            buf_addf(&b, " host=%s", r->rewritten_authority);
        }
        add_destinations(&b, "mirror=", r->mirrors, r->nmirrors);
        if (r->body != NULL) {
            buf_addf(&b, " body=%s", r->body);
        }
        if (r->nassumptions > 0) {
            buf_adds(&b, " assumed");
        }
        if (strcmp(b.data, t[i].want) != 0) {
            fail_msg("%s for %s: '%s', not '%s'", t[i].http, t[i].request, b.data, t[i].want);
        }
        world_close(&x.w);
        buf_release(&b);
    }
}

// If rules are left out, the answer says so, even if none remains (docs/rules/istio.md#delegate-bounds).
static void rules_beyond_the_bound(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct buf b;
        struct answering x;
        buf_init(&b, 0);
        buf_adds(&b, first == 1 ? "{match: [{uri: {prefix: /first}}], " OK "}, " : "");
        buf_adds(&b, "{delegate: {name: big, namespace: team}, match: [");
        for (int i = 0; i < 640; i++) {
            buf_addf(&b, "{uri: {prefix: /r}, queryParams: {a%d: {exact: x}}}, ", i);
        }
        buf_adds(&b, "]}]}\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                     "metadata: {name: big, namespace: team}\nspec: {http: [{" OK ", match: [");
        for (int i = 0; i < 640; i++) {
            buf_addf(&b, "{uri: {prefix: /r/%d}}, ", i);
        }
        buf_adds(&b, "]}");
        answer(&x, b.data, "GET http://www.shop.io/first");
        assert_int_equal(x.r.outcome, first == 1 ? TRACE_ROUTE : TRACE_NO_ROUTE);
        assert_non_null(x.r.vhost);
        assert_int_equal(x.r.nassumptions, 1);
        assert_non_null(strstr(x.r.assumptions[0], "some are left out"));
        world_close(&x.w);
        buf_release(&b);
    }
}

#define CONDITIONS(t) hold_conditions(t, sizeof(t) / sizeof *(t))
#define ACTIONS(t) hold_actions(t, sizeof(t) / sizeof *(t))
#define GET(path) "GET http://www.shop.io" path

// clang-format off
// docs/rules/istio.md#path-normalisation
static void normalised_paths(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{match: [{uri: {exact: /a}}], " OK "}", GET("/x/../%61"), "route 200 s:80 100% /a"},
        {"{" OK "}", GET("/a//b%2Fc?d=%2e#e"), "route 200 s:80 100% /a//b%2Fc?d=%2e"},
        {"{" OK "}", "{\"host\": \"www.shop.io\", \"path\": \"a\"}", "rejected 400"},
        {"{" OK "}", GET("/%00"), "rejected 400"},
        {"{" OK "}", "{\"host\": \"a b\", \"path\": \"/\"}", "rejected 400"},
        {"{" OK "}", "{\"host\": \"a_b\", \"path\": \"/\"}", "route 200 s:80 100%"},
        // absolute form: its authority replaces the Host
        {"{match: [{authority: {exact: 'x.io:80'}, uri: {exact: /p}}], " OK "}", "{\"host\": \"y.io\", \"path\": \"http://x.io:80/p\"}",
         "route 200 s:80 100% /p host=x.io:80"},
        {"{match: [{authority: {exact: y.io}}], " OK "}", "{\"host\": \"y.io\", \"path\": \"http://x.io:80/p\"}", "no_route 404 NR"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#path-match
static void paths(void **state)
{
    (void)state;
    static const struct condition_row t[] = {
        {"{uri: {exact: /a}}", GET("/a"), true},
        {"{uri: {exact: /a}}", GET("/a?b=c"), true}, // without the query
        {"{uri: {exact: /a}}", GET("/a#f"), true},
        {"{uri: {exact: '/a?b=c'}}", GET("/a?b=c"), false},
        {"{uri: {exact: /a}}", GET("/a/"), false},
        {"{uri: {prefix: /foo}}", GET("/foobar"), true}, // raw bytes
        {"{uri: {prefix: /foo}}", GET("/foo/x"), true},
        {"{uri: {prefix: /foo}}", GET("/foo?x"), true},
        {"{uri: {prefix: '/foo?'}}", GET("/foo?x"), false},
        {"{uri: {prefix: /foo/}}", GET("/foo"), false},
        {"{uri: {regex: /a}}", GET("/a?b"), true},
        {"{uri: {regex: /a}}", GET("/ab"), false}, // the whole path
        {"{uri: {regex: a}}", GET("/a"), false},
        {"{uri: {exact: /A}, ignoreUriCase: true}", GET("/a"), true},
        {"{uri: {prefix: /A}, ignoreUriCase: true}", GET("/ab"), true},
        {"{uri: {regex: /A}, ignoreUriCase: true}", GET("/a"), false},
        {"{uri: {exact: /A}}", GET("/a"), false},
        {"{uri: {prefix: /A}}", GET("/ab"), false},
        {"{uri: {}}", GET("/a"), true},
        {"{uri: {prefix: ''}}", GET("/a"), true},
        {"{uri: {exact: ''}}", GET("/"), false},
    };
    CONDITIONS(t);
}

// docs/rules/istio.md#header-match
static void headers(void **state)
{
    (void)state;
    static const struct condition_row t[] = {
        {"{headers: {X-a: {exact: v}}}", GET("/\nx-A: v"), true}, // names ignore case, values do not
        {"{headers: {x: {exact: v}}}", GET("/\nx: V"), false},
        {"{headers: {x: {prefix: v}}}", GET("/\nx: vw"), true},
        {"{headers: {x: {prefix: v}}}", GET("/\nx: Vw"), false},
        {"{headers: {x: {regex: v}}}", GET("/\nx: vw"), false}, // the whole value
        {"{headers: {x: {regex: v.*}}}", GET("/\nx: vw"), true},
        {"{headers: {x: {exact: 'v,w'}}}", GET("/\nx: v\nX: w"), true}, // all occurrences
        {"{headers: {x: {exact: v}}}", GET("/\nx: v\nx: w"), false},
        {"{headers: {x: {}}}", GET("/\nx:"), true},
        {"{headers: {x: {}}}", GET("/"), false},
        {"{headers: {x: {exact: ''}}}", GET("/"), false},
        {"{headers: {x: {regex: '*'}}}", GET("/\nx: a"), true},
        {"{headers: {x: {regex: '*'}}}", GET("/"), false},
        {"{headers: {':path': {exact: '/a?b'}}}", GET("/a?b"), true},
        {"{headers: {':method': {exact: GET}}}", GET("/"), true},
        {"{headers: {':method': {exact: PUT}}}", GET("/"), false},
        {"{headers: {':authority': {exact: 'www.shop.io:80'}}}", "GET http://www.shop.io:80/", true},
        {"{headers: {host: {exact: 'www.shop.io:80'}}}", "GET http://www.shop.io:80/", true},
        {"{headers: {Host: {prefix: www}}}", GET("/"), true},
        {"{headers: {':scheme': {exact: https}}}", "GET https://www.shop.io/", true},
        {"{headers: {':scheme': {exact: https}}}", GET("/"), false},
        {"{headers: {':status': {}}}", GET("/"), false},
        {"{headers: {uri: {exact: /a}}}", GET("/a"), false}, // just a header
        {"{headers: {uri: {exact: /a}}}", GET("/\nuri: /a"), true},
        {"{headers: {method: {exact: GET}}}", GET("/"), false},
    };
    CONDITIONS(t);
}

// docs/rules/istio.md#headers-of-the-gateway
static void headers_of_the_gateway(void **state)
{
    (void)state;
    static const struct condition_row t[] = {
        {"{headers: {x-forwarded-proto: {exact: http}}}", GET("/\nX-Forwarded-Proto: https"), true},
        {"{headers: {x-forwarded-proto: {exact: https}}}", GET("/\nX-Forwarded-Proto: https"), false},
        {"{headers: {X-Forwarded-Proto: {exact: https}}}", "GET https://www.shop.io/", true},
        {"{headers: {x-request-id: {}}}", GET("/"), true},
        {"{headers: {x-forwarded-for: {}}}", GET("/"), true},
        {"{headers: {x-request-id: {exact: a}}}", GET("/\nX-Request-Id: a"), true},
        {"{withoutHeaders: {x-request-id: {}}}", GET("/"), false},
    };
    CONDITIONS(t);
}

// docs/rules/istio.md#without-headers
static void without_headers(void **state)
{
    (void)state;
    static const struct condition_row t[] = {
        {"{withoutHeaders: {x: {}}}", GET("/"), true},
        {"{withoutHeaders: {x: {}}}", GET("/\nx:"), false},
        {"{withoutHeaders: {x: {regex: '*'}}}", GET("/"), true},
        {"{withoutHeaders: {x: {regex: '*'}}}", GET("/\nx: a"), false},
        {"{withoutHeaders: {x: {exact: a}}}", GET("/"), true}, // a missing header is an empty value
        {"{withoutHeaders: {x: {exact: a}}}", GET("/\nx: a"), false},
        {"{withoutHeaders: {X: {exact: a}}}", GET("/\nx: b"), true},
        {"{withoutHeaders: {x: {exact: ''}}}", GET("/"), false},
        {"{withoutHeaders: {x: {prefix: a}}}", GET("/\nx: ab"), false},
        {"{withoutHeaders: {x: {regex: .*}}}", GET("/"), false}, // never
        {"{withoutHeaders: {x: {regex: .*}}}", GET("/\nx: a"), false},
        {"{withoutHeaders: {x: {regex: a}}}", GET("/\nx: ab"), true},
    };
    CONDITIONS(t);
}

// docs/rules/istio.md#method-scheme-authority
static void method_scheme_authority(void **state)
{
    (void)state;
    static const struct condition_row t[] = {
        {"{method: {exact: GET}}", GET("/"), true},
        {"{method: {exact: get}}", GET("/"), false},
        {"{method: {prefix: P}}", "PUT http://www.shop.io/", true},
        {"{method: {regex: P}}", "PUT http://www.shop.io/", false},
        {"{scheme: {exact: https}}", "GET https://www.shop.io/", true},
        {"{scheme: {exact: https}}", GET("/"), false},
        {"{scheme: {exact: HTTP}}", GET("/"), false},
        {"{authority: {exact: www.shop.io}}", GET("/"), true},
        {"{authority: {exact: www.shop.io}}", "GET http://www.shop.io:80/", false}, // as sent
        {"{authority: {exact: 'www.shop.io:80'}}", "GET http://www.shop.io:80/", true},
        {"{authority: {exact: www.shop.io}}", "GET http://WWW.shop.io/", false},
        {"{authority: {prefix: www.}}", "GET http://www.shop.io:80/", true},
    };
    CONDITIONS(t);
}

// docs/rules/istio.md#query-params
static void query_params(void **state)
{
    (void)state;
    static const struct condition_row t[] = {
        {"{queryParams: {k: {exact: v}}}", GET("/?k=v"), true},
        {"{queryParams: {k: {exact: v}}}", GET("/?K=v"), false},
        {"{queryParams: {k: {exact: v}}}", GET("/?k=v&k=w"), true}, // the first counts
        {"{queryParams: {k: {exact: w}}}", GET("/?k=v&k=w"), false},
        {"{queryParams: {k: {exact: v}}}", GET("/?a;k=v"), false}, // ';' separates nothing
        {"{queryParams: {k: {exact: 'v;b'}}}", GET("/?k=v;b"), true},
        {"{queryParams: {k: {exact: 'a b'}}}", GET("/?k=a%20b"), false}, // not decoded
        {"{queryParams: {k: {exact: a%20b}}}", GET("/?k=a%20b"), true},
        {"{queryParams: {k: {prefix: a}}}", GET("/?k=ab"), true},
        {"{queryParams: {k: {regex: a}}}", GET("/?k=ab"), false},
        {"{queryParams: {k: {}}}", GET("/?k"), true},
        {"{queryParams: {k: {exact: ''}}}", GET("/?a&k&b"), true},
        {"{queryParams: {k: {exact: ''}}}", GET("/?k=v"), false},
        {"{queryParams: {k: {}}}", GET("/?kk"), false},
        {"{queryParams: {k: {}}}", GET("/"), false},
    };
    CONDITIONS(t);
}

// docs/rules/istio.md#jwt-claims
static void claims(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{match: [{headers: {'@request.auth.claims.x': {exact: a}}}], redirect: {uri: /x}}, {" OK "}", GET("/"), "route 200 s:80 100% assumed"},
        {"{match: [{headers: {'@request.auth.claims[x][y]': {exact: a}}}], redirect: {uri: /x}}, {" OK "}", GET("/"), "route 200 s:80 100% assumed"},
        {"{match: [{headers: {'@request.auth.claims.x': {}}}], redirect: {uri: /x}}, {" OK "}", GET("/\n@request.auth.claims.x: a"), "route 200 s:80 100% assumed"},
        {"{match: [{withoutHeaders: {'@request.auth.claims.x': {exact: a}}}], " OK "}", GET("/"), "route 200 s:80 100% assumed"},
        // where another condition decides nothing is assumed
        {"{match: [{uri: {prefix: /a}, headers: {'@request.auth.claims.x': {exact: a}}}], redirect: {uri: /x}}, {" OK "}", GET("/"), "route 200 s:80 100%"},
    };
    ACTIONS(t);
}

// What takes too long to decide is not met, and is said (docs/rules/istio.md#regex-whole-value).
static void undecided(void **state)
{
    (void)state;
    enum { LENGTH = 60000 };
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "GET http://www.shop.io/");
    for (int i = 0; i < LENGTH; i++) {
        buf_addc(&b, 'a');
    }
    const struct action_row t[] = {
        {"{match: [{uri: {regex: '/(a?){500}(a?){500}[bc]'}}], redirect: {uri: /x}}, {" OK "}", b.data, "route 200 s:80 100% assumed"},
        {"{match: [{withoutHeaders: {':path': {regex: '/(a?){500}(a?){500}[bc]'}}}], redirect: {uri: /x}}, {" OK "}", b.data, "route 200 s:80 100% assumed"},
        {"{match: [{uri: {regex: '/(a|aa)+'}}], " OK "}", GET("/aaa"), "route 200 s:80 100%"},
    };
    ACTIONS(t);
    buf_release(&b);
}

// docs/rules/istio.md#action-priority: a delegate's rule has what it inherits beside its own.
static void action_priority(void **state)
{
    (void)state;
#define PREFLIGHT(path) "OPTIONS http://www.shop.io" path "\nOrigin: http://o.io\nAccess-Control-Request-Method: PUT"
#define LEAF(more) "{match: [{uri: {prefix: /leaf}}], delegate: {name: leaf, namespace: team}, " more "}"
#define ABORT "fault: {abort: {httpStatus: 500, percentage: {value: 100}}}"
#define CORS "corsPolicy: {allowOrigins: [{exact: 'http://o.io'}]}"
    static const struct action_row t[] = {
        {LEAF(ABORT ", " CORS), PREFLIGHT("/leaf/redirect"), "fault 500 FI"},
        {LEAF(CORS), PREFLIGHT("/leaf/redirect"), "direct 200"},
        {LEAF(CORS ", directResponse: {status: 503}"), PREFLIGHT("/leaf"), "direct 200"},
        {LEAF("directResponse: {status: 503}"), GET("/leaf/redirect"), "redirect 301 http://www.shop.io/x"},
        {LEAF("directResponse: {status: 503}"), GET("/leaf"), "direct 503"},
        {LEAF(ABORT), GET("/leaf"), "fault 500 FI s:70 100%"},
        {LEAF(CORS), GET("/leaf"), "route 200 s:70 100%"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#redirect-location
static void redirects(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{redirect: {uri: /x}}", GET("/a/b?c=d"), "redirect 301 http://www.shop.io/x?c=d"},
        {"{redirect: {uri: '/x?y=1'}}", GET("/a?b=2"), "redirect 301 http://www.shop.io/x?y=1"},
        {"{match: [{uri: {prefix: /a}}], redirect: {prefixRewrite: /x}}", GET("/a/b?c"), "redirect 301 http://www.shop.io/x/b?c"},
        {"{redirect: {authority: n.io}}", "GET http://www.shop.io:80/a?b", "redirect 301 http://n.io/a?b"},
        {"{redirect: {uri: /x}}", "GET http://www.shop.io:80/a", "redirect 301 http://www.shop.io:80/x"}, // its port stays
        {"{redirect: {uri: /x}}", "GET http://www.shop.io/a\nHost: www.shop.io:8080", "redirect 301 http://www.shop.io:8080/x"},
        {"{redirect: {scheme: https}}", "GET http://www.shop.io:80/a", "redirect 301 https://www.shop.io/a"},
        {"{redirect: {scheme: https}}", "GET http://www.shop.io/a\nHost: www.shop.io:8080", "redirect 301 https://www.shop.io:8080/a"},
        {"{redirect: {scheme: https}}", "GET http://www.shop.io/a\nHost: www.shop.io:443", "redirect 301 https://www.shop.io:443/a"},
        {"{redirect: {scheme: http}}", "GET https://www.shop.io:443/a", "redirect 301 http://www.shop.io/a"},
        {"{redirect: {scheme: http}}", "GET https://www.shop.io/a\nHost: www.shop.io:80", "redirect 301 http://www.shop.io:80/a"},
        {"{redirect: {port: 8443}}", "GET http://www.shop.io:80/a", "redirect 301 http://www.shop.io:8443/a"},
        {"{redirect: {port: 80}}", "GET http://www.shop.io/a", "redirect 301 http://www.shop.io/a"}, // the default is not written
        {"{redirect: {port: 443}}", "GET http://www.shop.io/a", "redirect 301 http://www.shop.io:443/a"},
        {"{redirect: {port: 443, scheme: https}}", "GET http://www.shop.io/a", "redirect 301 https://www.shop.io/a"},
        {"{redirect: {port: 80, scheme: https}}", "GET http://www.shop.io/a", "redirect 301 https://www.shop.io:80/a"},
        {"{redirect: {port: 443}}", "GET https://www.shop.io/a", "redirect 301 https://www.shop.io/a"},
        {"{redirect: {port: 80}}", "GET http://www.shop.io/a\nHost: www.shop.io:8080", "redirect 301 http://www.shop.io:8080/a"},
        {"{redirect: {scheme: https, derivePort: FROM_REQUEST_PORT}}", "GET http://www.shop.io/a\nHost: www.shop.io:8080",
         "redirect 301 https://www.shop.io:80/a"}, // of the Gateway's server
        {"{redirect: {uri: /x, derivePort: FROM_PROTOCOL_DEFAULT}}", "GET http://www.shop.io/a\nHost: www.shop.io:8080", "redirect 301 http://www.shop.io:8080/x"},
        {"{redirect: {uri: /x, redirectCode: 308}}", GET("/a"), "redirect 308 http://www.shop.io/x"},
        {"{redirect: {uri: /x}}", "GET http://[::1]:80/a", "redirect 301 http://[::1]:80/x"},
        {"{redirect: {scheme: https}}", "GET http://[::1]:80/a", "redirect 301 https://[::1]/a"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#direct-response
static void direct_responses(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{directResponse: {status: 503, body: {string: sorry}}}", GET("/"), "direct 503 body=sorry"},
        {"{directResponse: {status: 200}}", GET("/a?b"), "direct 200"},
        {"{directResponse: {status: 201}}", GET("/a?b"), "direct 201 http://www.shop.io/a?b"},
        {"{directResponse: {status: 202}}", GET("/a?b"), "direct 202"},
        {"{directResponse: {status: 300}}", "GET https://www.shop.io:443/a?b", "direct 300 https://www.shop.io:443/a?b"},
        {"{directResponse: {status: 399}}", GET("/a?b"), "direct 399 http://www.shop.io/a?b"},
        {"{directResponse: {status: 400}}", GET("/a?b"), "direct 400"},
        {"{directResponse: {status: 299}}", GET("/a?b"), "direct 299"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#weights, docs/rules/istio.md#destination-port, docs/rules/istio.md#missing-destination
static void destinations(void **state)
{
    (void)state;
#define TO2(a, b) "{route: [{destination: {host: s}" a "}, {destination: {host: two, port: {number: 90}}" b "}]}"
    static const struct action_row t[] = {
        {"{route: [{destination: {host: s}, weight: 7}]}", GET("/"), "route 200 s:80 100%"}, // a single one
        {"{route: [{destination: {host: s}, weight: 0}]}", GET("/"), "route 200 s:80 100%"},
        {TO2(", weight: 1", ", weight: 3"), GET("/"), "route 200 s:80 25% two:90 75%"},
        {TO2(", weight: 80", ""), GET("/"), "route 200 s:80 100%"},
        {TO2(", weight: 0", ", weight: 5"), GET("/"), "route 200 two:90 100%"},
        // the port: given, the only one, the number that the Gateway declares
        {"{route: [{destination: {host: two, port: {number: 90}}}]}", GET("/"), "route 200 two:90 100%"},
        {"{route: [{destination: {host: one}}]}", GET("/"), "route 200 one:9080 100%"},
        {"{route: [{destination: {host: two}}]}", GET("/"), "route 200 two:80 100%"},
        {"{route: [{destination: {host: two}}]}", "GET https://www.shop.io/", "route 503 NC two:443 100%!"},
        // what does not exist is answered 503, in a list only for its share
        {"{route: [{destination: {host: ghost}}]}", GET("/"), "route 503 NC ghost:80 100%!"},
        {"{route: [{destination: {host: s, port: {number: 81}}}]}", GET("/"), "route 503 NC s:81 100%!"},
        {"{route: [{destination: {host: two, subset: v1}}]}", GET("/"), "route 200 two/v1:80 100%"},
        {"{route: [{destination: {host: two, subset: v9}}]}", GET("/"), "route 503 NC two/v9:80 100%!"},
        {"{route: [{destination: {host: ghost}, weight: 1}, {destination: {host: s}, weight: 1}]}", GET("/"), "route 200 ghost:80 50%! s:80 50%"},
        {"{match: [{uri: {prefix: /a}}], route: [{destination: {host: ghost}}]}, {" OK "}", GET("/a"), "route 503 NC ghost:80 100%!"}, // taken all the same
    };
    ACTIONS(t);
}

// docs/rules/istio.md#short-names
static void short_names(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{route: [{destination: {host: s.apps}}]}", GET("/"), "route 503 NC s:80 100%!"},
        {"{route: [{destination: {host: s.apps.svc}}]}", GET("/"), "route 503 NC s:80 100%!"},
        {"{route: [{destination: {host: s.apps.svc.cluster.local}}]}", GET("/"), "route 200 s:80 100%"},
        {"{route: [{destination: {host: s.team.svc.cluster.local}}]}", GET("/"), "route 200 s:70 100%"},
        {"{" OK ", mirror: {host: s.apps}}", GET("/"), "route 200 s:80 100% mirror=s:80 100%!"},
        // of a delegate: its own namespace; what it inherits: the root's
        {LEAF("mirror: {host: s}"), GET("/leaf"), "route 200 s:70 100% mirror=s:80 100%"},
    };
    ACTIONS(t);
    struct answering x;
    answer(&x, "{" OK "}", "GET http://shop.apps.svc.cluster.local/");
    assert_string_equal(x.r.vhost->domain, "shop.apps.svc.cluster.local");
    world_close(&x.w);
    answer(&x, "{" OK "}", "GET http://shop/");
    assert_string_equal(x.r.vhost->domain, "*");
    world_close(&x.w);
}

// docs/rules/istio.md#rewrite-path
static void rewritten_paths(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{match: [{uri: {prefix: /api}}], rewrite: {uri: /}, " OK "}", GET("/api/x?y"), "route 200 s:80 100% //x?y"},
        {"{match: [{uri: {prefix: /api/}}], rewrite: {uri: /}, " OK "}", GET("/api/x"), "route 200 s:80 100% /x"},
        {"{match: [{uri: {exact: /api/x}}], rewrite: {uri: /z}, " OK "}", GET("/api/x?y"), "route 200 s:80 100% /z?y"},
        {"{match: [{uri: {regex: /api/.*}}], rewrite: {uri: /z}, " OK "}", GET("/api/x?y"), "route 200 s:80 100% /z?y"},
        {"{rewrite: {uri: /z}, " OK "}", GET("/a?y"), "route 200 s:80 100% /za?y"}, // the leading slash
        {"{rewrite: {uri: /z/}, " OK "}", GET("/a"), "route 200 s:80 100% /z/a"},
        {"{match: [{uri: {}}], rewrite: {uri: /z/}, " OK "}", GET("/a"), "route 200 s:80 100% /z/a"},
        {"{rewrite: {uriRegexRewrite: {match: '/([a-z])', rewrite: '/x\\1'}}, " OK "}", GET("/a/b?/c"), "route 200 s:80 100% /xa/xb?/c"},
        {"{rewrite: {uriRegexRewrite: {match: /q, rewrite: /z}}, " OK "}", GET("/a"), "route 200 s:80 100%"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#rewrite-authority
static void rewritten_authorities(void **state)
{
    (void)state;
#define HOST(h) "headers: {request: {set: {Host: " h "}}}"
    static const struct action_row t[] = {
        {"{" OK "}", "GET http://WWW.shop.io:80/", "route 200 s:80 100%"}, // as sent
        {"{rewrite: {authority: r.io}, " OK "}", GET("/"), "route 200 s:80 100% host=r.io"},
        {"{rewrite: {authority: r.io}, " HOST("h.io") ", " OK "}", GET("/"), "route 200 s:80 100% host=r.io"},
        {"{" HOST("h.io") ", " OK "}", GET("/"), "route 200 s:80 100% host=h.io"},
        {"{headers: {request: {add: {':authority': a.io}}}, " OK "}", GET("/"), "route 200 s:80 100% host=a.io"},
        {"{headers: {request: {set: {':authority': s.io}, add: {host: a.io}}}, " OK "}", GET("/"), "route 200 s:80 100% host=s.io"},
        {"{route: [{destination: {host: s}, " HOST("d.io") "}]}", GET("/"), "route 200 s:80 100% host=d.io"},
        {"{" HOST("h.io") ", route: [{destination: {host: s}, " HOST("d.io") "}]}", GET("/"), "route 200 s:80 100% host=h.io"},
        {"{headers: {response: {set: {host: h.io}}}, " OK "}", GET("/"), "route 200 s:80 100%"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#mirrors
static void mirrors(void **state)
{
    (void)state;
    static const struct action_row t[] = {
        {"{" OK ", mirror: {host: one}}", GET("/"), "route 200 s:80 100% mirror=one:9080 100%"},
        {"{" OK ", mirror: {host: one}, mirrorPercentage: {value: 0.5}}", GET("/"), "route 200 s:80 100% mirror=one:9080 0.5%"},
        {"{" OK ", mirror: {host: one}, mirrorPercent: 7}", GET("/"), "route 200 s:80 100% mirror=one:9080 7%"},
        {"{" OK ", mirror: {host: one}, mirrorPercentage: {value: 0}}", GET("/"), "route 200 s:80 100%"},
        {"{" OK ", mirror: {host: one}, mirrorPercentage: {}}", GET("/"), "route 200 s:80 100%"},
        {"{" OK ", mirror: {host: one}, mirrorPercent: 0}", GET("/"), "route 200 s:80 100%"},
        {"{" OK ", mirrors: [{destination: {host: one}}, {destination: {host: two}, percentage: {value: 3}}]}", GET("/"),
         "route 200 s:80 100% mirror=one:9080 100% mirror=two:80 3%"},
        {"{" OK ", mirrors: [{destination: {host: one}, percentage: {value: 0}}]}", GET("/"), "route 200 s:80 100%"},
        {"{" OK ", mirror: {host: ghost}}", GET("/"), "route 200 s:80 100% mirror=ghost:80 100%!"}, // does no harm
    };
    ACTIONS(t);
}

// docs/rules/istio.md#fault-injection
static void faults(void **state)
{
    (void)state;
#define FAULT(abort) "{fault: {abort: {" abort "}}, route: [{destination: {host: ghost}}]}"
#define DELAY(percent) "delay: {fixedDelay: 5s, percentage: {value: " percent "}}"
    static const struct action_row t[] = {
        {FAULT("httpStatus: 418, percentage: {value: 100}"), GET("/"), "fault 418 FI ghost:80 100%!"}, // before the destination
        {FAULT("httpStatus: 418"), GET("/"), "route 503 NC ghost:80 100%!"}, // never
        {FAULT("grpcStatus: UNAVAILABLE, percentage: {value: 100}"), GET("/"), "fault 200 FI ghost:80 100%!"},
        {FAULT("percentage: {value: 100}"), GET("/"), "route 503 NC ghost:80 100%!"},
        {FAULT("httpStatus: 418, percentage: {value: 99.9999}"), GET("/"), "route 503 NC ghost:80 100%! assumed"},
        {FAULT("httpStatus: 418, percentage: {value: 50}"), GET("/"), "route 503 NC ghost:80 100%! assumed"},
        {"{fault: {" DELAY("100") "}, " OK "}", GET("/"), "route 200 DI s:80 100%"},
        {"{fault: {" DELAY("50") "}, " OK "}", GET("/"), "route 200 s:80 100% assumed"},
        {"{fault: {delay: {fixedDelay: 5s}}, " OK "}", GET("/"), "route 200 s:80 100%"},
        {"{fault: {delay: {fixedDelay: 5s, percent: 100}}, " OK "}", GET("/"), "route 200 DI s:80 100%"},
        {"{fault: {" DELAY("100") "}, route: [{destination: {host: ghost}}]}", GET("/"), "route 503 DI,NC ghost:80 100%!"},
        {"{fault: {" DELAY("100") ", abort: {httpStatus: 418, percentage: {value: 100}}}, " OK "}", GET("/"), "fault 418 DI,FI s:80 100%"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#cors-preflight
static void preflights(void **state)
{
    (void)state;
#define POLICY(p) "{corsPolicy: {" p "}, " OK "}"
#define EXACT POLICY("allowOrigins: [{exact: 'http://o.io'}]")
#define ASKED "\nAccess-Control-Request-Method: PUT"
    static const struct action_row t[] = {
        {EXACT, PREFLIGHT("/"), "direct 200 s:80 100%"},
        {EXACT, "GET http://www.shop.io/\nOrigin: http://o.io" ASKED, "route 200 s:80 100%"},
        {POLICY("allowOrigins: [{exact: '*'}]"), "OPTIONS http://www.shop.io/" ASKED, "route 200 s:80 100%"},
        {EXACT, "OPTIONS http://www.shop.io/\nOrigin: http://o.io", "route 200 s:80 100%"},
        {EXACT, "OPTIONS http://www.shop.io/\nOrigin: http://x.io" ASKED, "route 200 s:80 100%"},
        {POLICY("allowOrigins: [{exact: 'http://o.io'}], unmatchedPreflights: IGNORE"), "OPTIONS http://www.shop.io/\nOrigin: http://x.io" ASKED, "direct 200 s:80 100%"},
        {POLICY("allowOrigins: [{exact: 'http://o.io'}], unmatchedPreflights: FORWARD"), "OPTIONS http://www.shop.io/\nOrigin: http://x.io" ASKED, "route 200 s:80 100%"},
        {POLICY("allowOrigins: [{exact: '*'}]"), PREFLIGHT("/"), "direct 200 s:80 100%"},
        {POLICY("allowOrigins: [{prefix: 'http://o'}]"), PREFLIGHT("/"), "direct 200 s:80 100%"},
        {POLICY("allowOrigins: [{prefix: 'http://x'}]"), PREFLIGHT("/"), "route 200 s:80 100%"},
        {POLICY("allowOrigins: [{regex: 'http://o.*'}]"), PREFLIGHT("/"), "direct 200 s:80 100%"},
        {POLICY("allowOrigins: [{regex: 'http://o'}]"), PREFLIGHT("/"), "route 200 s:80 100%"},
        {POLICY("allowOrigin: ['http://o.io']"), PREFLIGHT("/"), "direct 200 s:80 100%"},
        {POLICY("allowOrigin: ['*']"), PREFLIGHT("/"), "direct 200 s:80 100%"},
        {POLICY("allowOrigin: ['http://x.io']"), PREFLIGHT("/"), "route 200 s:80 100%"},
        {"{" OK "}", PREFLIGHT("/"), "route 200 s:80 100%"},
    };
    ACTIONS(t);
}

// docs/rules/istio.md#trace-order: each step, the routes passed over, and what is named of the one that is taken.
static void every_step(void **state)
{
    (void)state;
    static const struct {
        const char *http, *request, *want;
    } t[] = {
        {"{name: first, match: [{name: m, uri: {exact: /a}}, {headers: {x: {exact: a}}}], " OK "}, "
         "{name: second, match: [{name: n, uri: {prefix: /b}}], route: [{destination: {host: two, subset: v1}, weight: 1}, {destination: {host: one}, weight: 3}], mirror: {host: s, port: {number: 80}}}",
         GET("/b"),
         "GET http://www.shop.io/b\n"
         "workload: gateway istio-system/gw-0\n"
         "`- listener: port 8080, behind port 80 of the gateway's Service\n"
         "   `- server: server 0 of Gateway infra/edge: port 80 HTTP, route table http.8080\n"
         "      `- virtual host: www.shop.io\n"
         "         +- - VirtualService apps/v rule 0 first match 0: path exact /a does not hold\n"
         "         +- - VirtualService apps/v rule 0 first match 1: header x exact a does not hold\n"
         "         `- * VirtualService apps/v rule 1 second match 0: path prefix /b\n"
         "            +- action: route\n"
         "            +- destination: two.apps.svc.cluster.local port 80 (left out: the Gateway server's number) subset v1 of DestinationRule apps/two, 25 %\n"
         "            +- destination: one.apps.svc.cluster.local port 9080 (the service's only port), 75 %\n"
         "            `- mirror: s.apps.svc.cluster.local port 80 (port.number), 100 %\n"
         "=> the service gets /b with Host www.shop.io\n"},
        {"{" OK "}", "GET http://www.shop.io:8080/",
         "GET http://www.shop.io:8080/\n"
         "workload: gateway istio-system/gw-0\n"
         "=> connection refused: no Service of the gateway has port 8080\n"},
        {"{match: [{uri: {prefix: /a}}], " OK "}", GET("/b"),
         "GET http://www.shop.io/b\n"
         "workload: gateway istio-system/gw-0\n"
         "`- listener: port 8080, behind port 80 of the gateway's Service\n"
         "   `- server: server 0 of Gateway infra/edge: port 80 HTTP, route table http.8080\n"
         "      `- virtual host: www.shop.io\n"
         "         `- - VirtualService apps/v rule 0 match 0: path prefix /a does not hold\n"
         "=> no rule of virtual host 'www.shop.io' takes the request; less specific hosts are not tried\n"},
        {"{" OK "}", "GET https://www.shop.io/",
         "GET https://www.shop.io/\n"
         "workload: gateway istio-system/gw-0\n"
         "`- listener: port 8443, behind port 443 of the gateway's Service\n"
         "   `- server: server 1 of Gateway infra/edge: port 443 HTTPS, route table https.443.https.edge.infra\n"
         "      `- virtual host: www.shop.io\n"
         "         `- * VirtualService apps/v rule 0: takes every request\n"
         "            +- action: route\n"
         "            `- destination: s.apps.svc.cluster.local port 80 (the service's only port), 100 %\n"
         "=> the service gets / with Host www.shop.io\n"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct answering x;
        struct buf b;
        buf_init(&b, 0);
        answer(&x, t[i].http, t[i].request);
        trace_explain(&x.r, &x.q, true, &b);
        if (strcmp(b.data, t[i].want) != 0) {
            fail_msg("%s\nnot\n%s", b.data, t[i].want);
        }
        world_close(&x.w);
        buf_release(&b);
    }
}
// clang-format on

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_beyond_the_bound),
        cmocka_unit_test(normalised_paths),
        cmocka_unit_test(paths),
        cmocka_unit_test(headers),
        cmocka_unit_test(headers_of_the_gateway),
        cmocka_unit_test(without_headers),
        cmocka_unit_test(method_scheme_authority),
        cmocka_unit_test(query_params),
        cmocka_unit_test(claims),
        cmocka_unit_test(undecided),
        cmocka_unit_test(action_priority),
        cmocka_unit_test(redirects),
        cmocka_unit_test(direct_responses),
        cmocka_unit_test(destinations),
        cmocka_unit_test(short_names),
        cmocka_unit_test(rewritten_paths),
        cmocka_unit_test(rewritten_authorities),
        cmocka_unit_test(mirrors),
        cmocka_unit_test(faults),
        cmocka_unit_test(preflights),
        cmocka_unit_test(every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
