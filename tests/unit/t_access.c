// SPDX-License-Identifier: Apache-2.0
// AuthorizationPolicies and RequestAuthentications at a gateway: docs/rules/istio.md#access-policies.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/mesh/trace/access.h"
#include "kube/mesh/trace/path_template_internal.h"

#include "tests/support/world.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define OF(kind, ns, name, spec) "---\n{apiVersion: security.istio.io/v1, kind: " kind ", metadata: {namespace: " ns ", name: " name "}, spec: {" spec "}}\n"
#define AP(name, spec) OF("AuthorizationPolicy", "gws", name, spec)
#define RA(name, spec) OF("RequestAuthentication", "gws", name, spec)
#define DENY(name, rule) AP(name, "action: DENY, rules: [" rule "]")
#define ALLOW(name, rule) AP(name, "rules: [" rule "]")
#define TO(operation) "{to: [{operation: {" operation "}}]}"
#define FROM(source) "{from: [{source: {" source "}}]}"
#define WHEN(key, values) "{when: [{key: '" key "', " values "}]}"
#define DENIES(name) "! rule 0 of AuthorizationPolicy gws/" name " denies it"
#define NOT_ALLOWED(names) "! no rule of AuthorizationPolicy " names " allows it"
#define BY_ADDRESS "it depends on the client's address: say --source-ip"

static const struct {
    const char *yaml, *want; // "! why it is refused", then assumptions, each after a "|"
    const char *ip;
    bool token, tcp;
} rows[] = {
    {"", "", NULL, false, false},
    {AP("a", ""), NOT_ALLOWED("gws/a"), NULL, false, false},
    {AP("a", "action: DENY"), "", NULL, false, false},
    {ALLOW("a", "{}"), "", NULL, false, false},
    {DENY("a", "{}"), DENIES("a"), NULL, false, false},
    {AP("a", "action: AUDIT, rules: [{}]"), "", NULL, false, false},
    {OF("AuthorizationPolicy", "shop", "a", "action: DENY, rules: [{}]"), "", NULL, false, false},
    {OF("AuthorizationPolicy", "istio-system", "a", "selector: {matchLabels: {app: other}}"), "", NULL, false, false},
    {DENY("a", TO("paths: ['/admin*']")), DENIES("a"), NULL, false, false},
    {DENY("a", TO("paths: ['*/x']")), DENIES("a"), NULL, false, false},
    {DENY("a", TO("paths: [/admin]")), "", NULL, false, false},
    {DENY("a", TO("notPaths: [/admin]")), DENIES("a"), NULL, false, false},
    {DENY("a", TO("methods: [GET], paths: [/other]")), "", NULL, false, false},
    {DENY("a", TO("methods: [POST]")), "", NULL, false, false},
    {DENY("a", TO("hosts: [SHOP.example.com]")), DENIES("a"), NULL, false, false},
    {DENY("a", TO("ports: ['8080']")), DENIES("a"), NULL, false, false},
    {DENY("a", TO("ports: ['80']")), "", NULL, false, false},
    {DENY("a", TO("paths: [/other]") ", " TO("paths: [/admin/x]")), "! rule 1 of AuthorizationPolicy gws/a denies it", NULL, false, false},
    {ALLOW("a", TO("paths: [/b]")) ALLOW("b", TO("paths: ['/admin/{*}']")), "", NULL, false, false},
    {ALLOW("a", TO("paths: [/b]")) ALLOW("b", TO("paths: [/c]")), NOT_ALLOWED("gws/a, gws/b"), NULL, false, false},
    {ALLOW("a", "{}") DENY("b", "{}"), DENIES("b"), NULL, false, false},
    {ALLOW("a", FROM("ipBlocks: [10.0.0.0/8]")), "|AuthorizationPolicy gws/a allows it: " BY_ADDRESS, NULL, false, false},
    {ALLOW("a", FROM("ipBlocks: [10.0.0.0/8]")), "", "10.1.2.3", false, false},
    {ALLOW("a", FROM("remoteIpBlocks: [10.0.0.0/8, '2001:db8::/32']")), NOT_ALLOWED("gws/a"), "11.1.2.3", false, false},
    {ALLOW("a", FROM("remoteIpBlocks: [10.0.0.0/8, '2001:db8::/32']")), "", "2001:db8::7", false, false},
    {DENY("a", FROM("notIpBlocks: [10.1.2.3]")), "|rule 0 of AuthorizationPolicy gws/a does not deny it: " BY_ADDRESS, NULL, false, false},
    {DENY("a", FROM("notIpBlocks: [10.1.2.3]")), DENIES("a"), "10.1.2.4", false, false},
    {DENY("a", FROM("notRequestPrincipals: ['*']")), DENIES("a"), NULL, false, false},
    {RA("r", "jwtRules: [{issuer: i}]") DENY("a", FROM("notRequestPrincipals: ['*']")),
     "|the request's token is one that RequestAuthentication gws/r takes; another is answered 401"
     "|rule 0 of AuthorizationPolicy gws/a does not deny it: it depends on the request's token", NULL, true, false},
    {RA("r", "jwtRules: [{issuer: i, fromHeaders: [{name: x-jwt}]}]"), "", NULL, true, false},
    {ALLOW("a", FROM("principals: ['*']")), NOT_ALLOWED("gws/a"), NULL, false, false},
    {DENY("a", FROM("notNamespaces: [shop]")), DENIES("a"), NULL, false, false},
    {DENY("a", WHEN("request.headers[x-user]", "values: [jo]")), DENIES("a"), NULL, false, false},
    {DENY("a", WHEN("request.headers[x-none]", "notValues: ['*']")), DENIES("a"), NULL, false, false},
    {DENY("a", WHEN("request.headers[X-Request-Id]", "values: [jo]")),
     "|rule 0 of AuthorizationPolicy gws/a does not deny it: the gateway writes the header X-Request-Id", NULL, false, false},
    {ALLOW("a", WHEN("request.headers[host]", "values: [shop.example.com]")), "", NULL, false, false},
    {ALLOW("a", WHEN("request.headers[:authority]", "values: [shop.example.com]")), "", NULL, false, false},
    {DENY("a", WHEN("request.headers[x-forwarded-proto]", "values: [http]")), DENIES("a"), NULL, false, false},
    {DENY("a", WHEN("no.such.key", "values: [x]")), "", NULL, false, false},
    {DENY("a", WHEN("destination.ip", "values: [10.0.0.1]")),
     "|rule 0 of AuthorizationPolicy gws/a does not deny it: it depends on destination.ip", NULL, false, false},
    {AP("a", "action: CUSTOM, provider: {name: oauth}, rules: [" TO("paths: ['/admin/*']") "]"),
     "|AuthorizationPolicy gws/a asks provider oauth: taken is that it lets the request through", NULL, false, false},
    {AP("a", "action: CUSTOM, provider: {name: oauth}, rules: [" TO("paths: [/other]") "]"), "", NULL, false, false},
    {"---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {namespace: gws, name: a, annotations: "
     "{istio.io/dry-run: 'true'}}, spec: {action: DENY, rules: [{}]}}\n", "", NULL, false, false},
    // A connection that is passed on has no request.
    {DENY("a", TO("paths: [/other]")), DENIES("a"), NULL, false, true},
    {ALLOW("a", TO("paths: ['*']")), NOT_ALLOWED("gws/a"), NULL, false, true},
    {DENY("a", TO("ports: ['8080'], methods: [POST]")), DENIES("a"), NULL, false, true},
    {ALLOW("a", TO("ports: ['8080']")), "", NULL, false, true},
};
// clang-format on

static void decided(void **state)
{
    (void)state;
    static const struct str_pair label = {"app", "gw"};
    static const struct workload w = {.ns = "gws", .labels = {&label, 1}};
    static const struct server spec = {.port = 80, .protocol = "HTTP"};
    const struct gateway_server server = {.server = &spec, .port = 80, .listen = 8080};
    static const struct str_pair headers[] = {{"X-User", "jo"}, {"Authorization", "Bearer x"}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct world world;
        struct buf b;
        buf_init(&b, 0);
        world_open(&world, rows[i].yaml, 0);
        const struct request_view view = {
            .method = "GET",
            .scheme = "http",
            .authority = "shop.example.com",
            .path = "/admin/x?y=z",
            .path_len = strlen("/admin/x"),
            .query = "y=z",
            .headers = {headers, rows[i].token ? 2 : 1},
        };
        const struct access_question q = {
            .w = &w,
            .server = &server,
            .view = rows[i].tcp ? NULL : &view,
            .source_ip = rows[i].ip,
        };
        struct access_answer x = access_judge(&world.mesh, &q);
        if (x.refused != NULL) {
            (void)buf_addf(&b, "! %s", x.refused);
        }
        for (uint32_t k = 0; k < x.n; k++) {
            (void)buf_addf(&b, "|%s", x.assumptions[k]);
        }
        assert_string_equal(b.len > 0 ? b.data : "", rows[i].want);
        buf_release(&b);
        world_close(&world);
    }
}

static void templates(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool fits;
    } t[] = {
        {"/a/{*}", "/a/b", true},           {"/a/{*}", "/a/", false},
        {"/a/{*}", "/a/b/c", false},        {"/a/{**}", "/a/b/c", true},
        {"/a/{**}", "/a/", true},           {"/a/{**}", "/a", false},
        {"/{*}/b/{*}", "/x/b/y", true},     {"/{*}/b/{*}", "/x/c/y", false},
        {"/{*}.html", "/index.html", true}, {"/{**}/end", "/a/b/end", true},
        {"/{**}/end", "/a/b/ends", false},  {"/{*}", "", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        assert_int_equal(path_template_fits(t[i].pattern, t[i].path), t[i].fits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decided),
        cmocka_unit_test(templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
