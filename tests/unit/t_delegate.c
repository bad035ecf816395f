// SPDX-License-Identifier: Apache-2.0
// Delegates: which rules survive (docs/rules/istio.md#delegate-match-merge), what they inherit
// (docs/rules/istio.md#delegate-inherits), and that hostile ones end.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/delegate.h"
#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/rule_action.h"

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

static void open_two(struct world *w, const char *root, const char *leaf)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: root, "
             "namespace: apps}\n"
             "spec: {hosts: [a.io], gateways: [g], http: %s}\n"
             "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
             "leaf, namespace: apps}\n"
             "spec: %s\n",
             root, leaf);
    world_open(w, b.data, 0);
    buf_release(&b);
}

static const struct vs_rules *expand(struct world *w)
{
    return delegate_expand(
        &w->mesh,
        OBJECT_AS(virtualservice, mesh_get(&w->mesh, KIND_VIRTUALSERVICE, "apps", "root")));
}

// The merged rules as "root.delegate:match,match ..." where a match is its uri's text.
static const char *text_of(struct world *w, const struct vs_rules *r)
{
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < r->n; i++) {
        buf_addf(&b, "%s%u", i > 0 ? " " : "", r->at[i].index);
        if (r->at[i].delegate != NULL) {
            buf_addf(&b, ".%u", r->at[i].delegate_index);
        }
        for (uint32_t k = 0; k < r->at[i].rule->nmatches; k++) {
            const char *t = r->at[i].rule->matches[k].uri.text;
            buf_addf(&b, "%s%s", k > 0 ? "," : ":", t != NULL ? t : "-");
        }
    }
    return buf_take_arena(&b, &w->arena);
}

#define LEAF(m) "{http: [{match: [" m "], route: [{destination: {host: s}}]}]}"
#define ROOT(m) "[{match: [" m "], delegate: {name: leaf}}]"

static void which_survive(void **state)
{
    (void)state;
    static const struct {
        const char *root, *leaf, *want;
    } t[] = {
        {ROOT("{uri: {prefix: /shop}}"), LEAF("{uri: {prefix: /shop/cart}}"), "0.0:/shop/cart"},
        {ROOT("{uri: {prefix: /shop}}"), LEAF("{uri: {exact: /help}}"), ""},
        {ROOT("{uri: {prefix: /shop}}"), "{http: [{route: [{destination: {host: s}}]}]}",
         "0.0:/shop"},
        {"[{delegate: {name: leaf}}]", LEAF("{uri: {exact: /help}}"), "0.0:/help"},
        // One entry without a fitting root entry drops the whole rule.
        {ROOT("{uri: {prefix: /a}}, {uri: {prefix: /b}}"),
         LEAF("{uri: {prefix: /a/1}}, {uri: {prefix: /c}}"), ""},
        {ROOT("{uri: {prefix: /a}}, {uri: {prefix: /a/1}}"), LEAF("{uri: {prefix: /a/1/x}}"),
         "0.0:/a/1/x,/a/1/x"},
        {ROOT("{uri: {regex: /a.*}}"), LEAF("{uri: {exact: /a1}}"), ""},
        {ROOT("{uri: {prefix: /a}}"), LEAF("{uri: {regex: /a.*}}"), ""},
        {ROOT("{uri: {exact: /a}}"), LEAF("{uri: {exact: /a}}"), "0.0:/a"},
        {ROOT("{uri: {exact: /a}}"), LEAF("{uri: {prefix: /a}}"), ""},
        {ROOT("{uri: {prefix: ''}}"), LEAF("{uri: {prefix: /a}}"), ""},
        {ROOT("{uri: {}}"), LEAF("{uri: {prefix: /a}}"), ""},
        {ROOT("{headers: {x: {exact: a}}}"), LEAF("{uri: {prefix: /a}}"), "0.0:/a"},
        {ROOT("{scheme: {exact: http}}"), LEAF("{scheme: {exact: https}}"), ""},
        {ROOT("{scheme: {exact: http}}"), LEAF("{scheme: {exact: http}}"), "0.0:-"},
        {ROOT("{method: {exact: GET}}"), LEAF("{method: {exact: POST}}"), ""},
        {ROOT("{method: {exact: GET}}"), LEAF("{method: {exact: GET}}"), "0.0:-"},
        {ROOT("{authority: {exact: a.io}}"), LEAF("{authority: {exact: b.io}}"), ""},
        {ROOT("{authority: {prefix: a}}"), LEAF("{authority: {exact: a.io}}"), "0.0:-"},
        {ROOT("{withoutHeaders: {x: {exact: a}}}"), LEAF("{withoutHeaders: {x: {exact: b}}}"), ""},
        {ROOT("{withoutHeaders: {x: {exact: a}}}"), LEAF("{headers: {x: {exact: b}}}"), "0.0:-"},
        {ROOT("{queryParams: {x: {exact: a}}}"), LEAF("{queryParams: {x: {exact: b}}}"), ""},
        {ROOT("{queryParams: {x: {exact: a}}}"), LEAF("{queryParams: {x: {exact: a}}}"), "0.0:-"},
        {ROOT("{headers: {x: {exact: a}}}"), LEAF("{headers: {x: {exact: b}}}"), ""},
        {ROOT("{headers: {x: {exact: a}}}"), LEAF("{headers: {z: {exact: b}}}"), "0.0:-"},
        {ROOT("{uri: {prefix: /a}, ignoreUriCase: true}"), LEAF("{uri: {prefix: /a}}"), ""},
        {ROOT("{port: 80}"), LEAF("{port: 8080}"), ""},
        {ROOT("{port: 80}"), LEAF("{uri: {prefix: /a}}"), "0.0:/a"},
        {ROOT("{port: 80}"), LEAF("{port: 80}"), "0.0:-"},
        {ROOT("{sourceNamespace: x}"), LEAF("{uri: {prefix: /a}}"), ""},
        {ROOT("{sourceNamespace: x}"), LEAF("{sourceNamespace: y}"), ""},
        {ROOT("{sourceNamespace: x}"), LEAF("{sourceNamespace: x}"), "0.0:-"},
        {ROOT("{uri: {prefix: /a}}"), LEAF("{sourceNamespace: x}"), "0.0:/a"},
        {ROOT("{sourceLabels: {a: b}}"), LEAF("{sourceLabels: {z: c}}"), "0.0:-"},
        {ROOT("{uri: {prefix: /a}, ignoreUriCase: true}"),
         LEAF("{uri: {prefix: /a}, ignoreUriCase: true}"), "0.0:/a"},
        {ROOT("{gateways: [g, h]}"), LEAF("{gateways: [h]}"), "0.0:-"},
        {ROOT("{gateways: [g, h]}"), LEAF("{gateways: [h, i]}"), ""},
        {ROOT("{gateways: [g]}"), LEAF("{gateways: [g, apps/g]}"), ""}, // more of them
        {ROOT("{uri: {prefix: /a}}"), LEAF("{uri: {prefix: ''}}"), ""},
        {ROOT("{uri: {prefix: /a}}"), LEAF("{uri: {}}"), ""},
        {ROOT("{sourceLabels: {a: b}}"), LEAF("{sourceLabels: {a: c}}"), ""},
        {ROOT("{gateways: [g]}"), LEAF("{gateways: [apps/g]}"), "0.0:-"},
        {ROOT("{gateways: [g]}"), LEAF("{gateways: [h]}"), ""},
        {ROOT("{uri: {prefix: /a}}"),
         "{hosts: [b.io], http: [{route: [{destination: {host: s}}]}]}", ""},
        {ROOT("{uri: {prefix: /a}}"),
         "{exportTo: [other], http: [{route: [{destination: {host: s}}]}]}", ""},
        {"[{delegate: {name: nobody}}, {route: [{destination: {host: s}}]}]", "{http: []}", "1"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        open_two(&w, t[i].root, t[i].leaf);
        const char *got = text_of(&w, expand(&w));
        if (strcmp(got, t[i].want) != 0) {
            fail_msg("%s through %s: '%s', not '%s'", t[i].root, t[i].leaf, got, t[i].want);
        }
        world_close(&w);
    }
}

// The conditions of both, by docs/rules/istio.md#delegate-match-merge; the delegate is in another namespace.
static void matches_of_both(void **state)
{
    (void)state;
    static const struct {
        const char *root, *leaf, *want; // match entries; conditions, ';' between entries
    } t[] = {
        {"{scheme: {exact: http}}", "{uri: {prefix: /a}}", "path prefix /a, scheme exact http"},
        {"{method: {exact: GET}}", "{uri: {prefix: /a}}", "path prefix /a, method exact GET"},
        {"{authority: {exact: a.io}}", "{uri: {prefix: /a}}",
         "path prefix /a, authority exact a.io"},
        {"{headers: {x: {exact: '1'}}}", "{uri: {prefix: /a}}", "path prefix /a, header x exact 1"},
        {"{withoutHeaders: {x: {exact: '1'}}}", "{uri: {prefix: /a}}",
         "path prefix /a, without header x exact 1"},
        {"{queryParams: {x: {exact: '1'}}}", "{uri: {prefix: /a}}",
         "path prefix /a, query x exact 1"},
        {"{port: 80}", "{uri: {prefix: /a}}", "path prefix /a, port 80"},
        {"{sourceLabels: {a: b}}", "{uri: {prefix: /a}}", "path prefix /a, source label a=b"},
        {"{ignoreUriCase: true}", "{uri: {prefix: /a}, ignoreUriCase: true}",
         "path prefix /a, path ignoring case"},
        // what both have is the delegate's, the rest of the maps is united
        {"{uri: {prefix: /a}}", "{uri: {exact: /a/b}}", "path exact /a/b"},
        {"{scheme: {prefix: h}}", "{scheme: {exact: http}}", "scheme exact http"},
        {"{method: {prefix: G}}", "{method: {exact: GET}}", "method exact GET"},
        {"{authority: {prefix: a}}", "{authority: {exact: a.io}}", "authority exact a.io"},
        {"{headers: {x: {prefix: a}, w: {}}}", "{headers: {x: {exact: ab}, z: {}}}",
         "header w present, header x exact ab, header z present"},
        {"{withoutHeaders: {x: {prefix: a}, w: {}}}", "{withoutHeaders: {x: {exact: ab}}}",
         "without header w present, without header x exact ab"},
        {"{queryParams: {x: {prefix: a}, w: {}}}", "{queryParams: {x: {exact: ab}}}",
         "query w present, query x exact ab"},
        {"{sourceLabels: {a: b, c: d}}", "{sourceLabels: {a: b, e: f}}",
         "source label c=d, source label a=b, source label e=f"},
        {"{uri: {prefix: /a}}", "{sourceNamespace: ns}", "path prefix /a, source namespace ns"},
        // names of Gateways are those of each one's namespace
        {"{gateways: [g]}", "{uri: {prefix: /a}}", "path prefix /a, gateways apps/g"},
        {"{uri: {prefix: /a}}", "{gateways: [g]}", "path prefix /a, gateways team/g"},
        {"{gateways: [g, team/g]}", "{gateways: [g]}", "gateways team/g"},
        {"", "{gateways: [g, mesh]}", "gateways team/g, mesh"},
        {"{gateways: [g]}", "", "gateways apps/g"},
        // for each entry of the delegate each of the root
        {"{headers: {x: {exact: '1'}}}, {headers: {x: {exact: '2'}}}",
         "{uri: {prefix: /a}}, {uri: {prefix: /b}}",
         "path prefix /a, header x exact 1; path prefix /a, header x exact 2; path prefix /b, header x exact 1; path prefix /b, header x exact 2"},
        {"{uri: {prefix: /a}}, {uri: {prefix: /b}}", "{uri: {prefix: /b/1}}, {uri: {prefix: /a/1}}",
         "path prefix /b/1; path prefix /a/1"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_addf(
            &b,
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: root, namespace: apps}\n"
            "spec: {hosts: [a.io], gateways: [g], http: [{match: [%s], delegate: {name: leaf, namespace: team}}]}\n"
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: team}\n"
            "spec: {http: [{match: [%s], route: [{destination: {host: s}}]}]}\n",
            t[i].root, t[i].leaf);
        world_open(&w, b.data, 0);
        const struct vs_rules *r = expand(&w);
        assert_int_equal(r->n, 1);
        assert_string_equal(r->at[0].ns, "team"); // where its destinations resolve
        buf_reset(&b);
        for (uint32_t k = 0; k < r->at[0].rule->nmatches; k++) {
            buf_addf(&b, "%s%s", k > 0 ? "; " : "",
                     match_conditions_text(&w.arena, &r->at[0].rule->matches[k]));
        }
        if (strcmp(b.data, t[i].want) != 0) {
            fail_msg("%s with %s: '%s', not '%s'", t[i].root, t[i].leaf, b.data, t[i].want);
        }
        world_close(&w);
        buf_release(&b);
    }
}

// Each field of docs/rules/istio.md#delegate-inherits: the root's where the delegate's rule has none, else its own.
static void each_field(void **state)
{
    (void)state;
    static const struct {
        const char *root, *leaf, *want; // fields; what the rule does then
    } t[] = {
        {"rewrite: {uri: /r}", "", "route s; rewrite path /r"},
        {"rewrite: {uri: /r}", "rewrite: {authority: d.io}, ", "route s; rewrite host d.io"},
        {"timeout: 3s", "", "route s; timeout 3s"},
        {"timeout: 3s", "timeout: 5s, ", "route s; timeout 5s"},
        {"retries: {attempts: 3}", "", "route s; retries 3"},
        {"retries: {attempts: 3}", "retries: {attempts: 5}, ", "route s; retries 5"},
        {"fault: {abort: {httpStatus: 503, percentage: {value: 1}}}", "",
         "route s; fault: abort 503 for 1 %"},
        {"fault: {abort: {httpStatus: 503, percentage: {value: 1}}}",
         "fault: {delay: {fixedDelay: 5s, percentage: {value: 2}}}, ",
         "route s; fault: delay 5s for 2 %"},
        {"mirror: {host: m}", "", "route s; mirror 100 % to m.apps.svc.cluster.local"},
        {"mirror: {host: m}, mirrorPercentage: {value: 5}", "",
         "route s; mirror 5 % to m.apps.svc.cluster.local"},
        {"mirror: {host: m}, mirrorPercent: 7", "",
         "route s; mirror 7 % to m.apps.svc.cluster.local"},
        {"mirror: {host: m}", "mirror: {host: d}, ", "route s; mirror 100 % to d"},
        {"mirror: {host: m}, mirrorPercentage: {value: 5}",
         "mirror: {host: d}, mirrorPercentage: {value: 9}, ", "route s; mirror 9 % to d"},
        {"mirrors: [{destination: {host: m}, percentage: {value: 5}}]", "",
         "route s; mirror 5 % to m.apps.svc.cluster.local"},
        {"mirrors: [{destination: {host: m}}, {destination: {host: o}}]",
         "mirrors: [{destination: {host: d}}], ", "route s; mirror 100 % to d"},
        {"corsPolicy: {allowMethods: [GET]}", "", "route s; cors; cors GET"},
        {"corsPolicy: {allowMethods: [GET]}", "corsPolicy: {allowMethods: [PUT]}, ",
         "route s; cors; cors PUT"},
        {"headers: {request: {set: {a: r}}}", "", "route s; headers; headers set a"},
        {"headers: {request: {set: {a: r}}}", "headers: {request: {set: {b: d}}}, ",
         "route s; headers; headers set b"}, // the whole block
        {"directResponse: {status: 503}", "", "direct 503"},
        {"directResponse: {status: 503}", "directResponse: {status: 404}, ", "direct 404"},
        {"redirect: {uri: /r}", "", "route s"},
        {"route: [{destination: {host: r}}]", "", "route s"},
        {"", "redirect: {uri: /d}, ", "redirect 301 to /d"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_addf(&b, "[{delegate: {name: leaf}, %s}]", t[i].root);
        char *leaf = xasprintf("{http: [{%sroute: [{destination: {host: s}}]}]}", t[i].leaf);
        open_two(&w, b.data, leaf);
        free(leaf);
        const struct vs_rules *r = expand(&w);
        assert_int_equal(r->n, 1);
        const struct http_rule *rule = r->at[0].rule;
        enum route_action action;
        buf_reset(&b);
        buf_adds(&b, rule_action_text(&w.arena, rule, &action));
        if (action == ACTION_ROUTE) {
            assert_int_equal(rule->nroutes, 1);
            buf_addf(&b, " %s", rule->routes[0].destination.host);
        }
        struct str_list details = rule_details(&w.arena, rule);
        for (uint32_t k = 0; k < details.n; k++) {
            buf_addf(&b, "; %s", details.at[k]);
        }
        if (rule->more->cors != NULL) {
            buf_addf(&b, "; cors %s", rule->more->cors->allow_methods.at[0]);
        }
        if (rule->more->headers != NULL) {
            assert_int_equal(rule->more->headers->request.set.n, 1);
            buf_addf(&b, "; headers set %s", rule->more->headers->request.set.at[0].key);
        }
        if (strcmp(b.data, t[i].want) != 0) {
            fail_msg("%s and %s: '%s', not '%s'", t[i].root, t[i].leaf, b.data, t[i].want);
        }
        world_close(&w);
        buf_release(&b);
    }
}

static void what_is_inherited(void **state)
{
    (void)state;
    struct world w;
    open_two(
        &w,
        "[{name: r, match: [{name: m, statPrefix: p, uri: {prefix: /a}, headers: {x: {exact: '1'}}}], delegate: "
        "{name: leaf}, "
        "rewrite: {uri: /r}, timeout: 3s, mirror: {host: shadow}, mirrorPercentage: {value: 5}, "
        "fault: {abort: {httpStatus: 503, percentage: {value: 1}}}}]",
        "{http: [{name: d, match: [{name: nn, uri: {prefix: /a/b}, headers: {z: {exact: '2'}}}], "
        "rewrite: {uri: /d}, route: [{destination: {host: s}}]}, {route: [{destination: {host: "
        "s}}]}]}");
    const struct vs_rules *r = expand(&w);
    assert_int_equal(r->n, 2);
    const struct http_rule_more *x = r->at[0].rule->more;
    assert_string_equal(r->at[0].name, "r-d");
    assert_string_equal(r->at[0].origins[0].name, "m-nn");
    assert_int_equal(r->at[0].origins[0].root, 0);
    assert_string_equal(r->at[0].rule->matches[0].more->stat_prefix, "p");
    assert_string_equal(x->rewrite->uri, "/d"); // its own goes first
    assert_int_equal(x->timeout, 3000);
    assert_string_equal(x->mirror->destination.host, "shadow.apps.svc.cluster.local");
    assert_true(x->mirror_percentage.set);
    assert_non_null(x->fault);
    assert_int_equal(r->at[0].rule->matches[0].more->nheaders, 2);
    assert_string_equal(r->at[1].rule->more->rewrite->uri, "/r");
    assert_string_equal(r->at[1].name, "r");
    world_close(&w);
}

// A chain of a thousand delegates and a circle: one level is looked at, no more.
static void chains_and_circles(void **state)
{
    (void)state;
    struct buf b;
    struct world w;
    buf_init(&b, 0);
    for (int i = 0; i < 1000; i++) {
        buf_addf(&b,
                 "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
                 "%s%d, namespace: "
                 "apps}\nspec: {%shttp: [{delegate: {name: d%d}}]}\n",
                 i == 0 ? "root" : "d", i, i == 0 ? "hosts: [a.io], gateways: [g], " : "", i + 1);
    }
    buf_adds(
        &b,
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: self, "
        "namespace: "
        "apps}\nspec: {http: [{delegate: {name: self}}, {route: [{destination: {host: s}}]}]}\n");
    world_open(&w, b.data, 0);
    const struct object *o = mesh_get(&w.mesh, KIND_VIRTUALSERVICE, "apps", "root0");
    assert_int_equal(delegate_expand(&w.mesh, OBJECT_AS(virtualservice, o))->n, 0);
    o = mesh_get(&w.mesh, KIND_VIRTUALSERVICE, "apps", "self");
    assert_int_equal(delegate_expand(&w.mesh, OBJECT_AS(virtualservice, o))->n, 2);
    world_close(&w);
    buf_release(&b);
}

// Many rules through a delegate of many rules: docs/rules/istio.md#delegate-bounds.
static void multiplied(void **state)
{
    (void)state;
    static const struct {
        const char *root, *leaf; // rules, 2,000 of each
        uint32_t rules;
    } t[] = {
        {"delegate: {name: leaf}", "route: [{destination: {host: s}}]", 400000},
        {"match: [{headers: {x: {exact: a}}}], delegate: {name: leaf}",
         "match: [{uri: {exact: /a}}, {uri: {exact: /b}}, {uri: {exact: /c}}, {uri: {exact: /d}}], "
         "route: [{destination: {host: s}}]",
         100000}, // of four entries each
    };
    for (size_t k = 0; k < sizeof t / sizeof *t; k++) {
        struct buf b;
        struct world w;
        int64_t from = clock_mono_ms();
        buf_init(&b, 0);
        buf_adds(&b,
                 "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: root, "
                 "namespace: apps}\n"
                 "spec:\n  hosts: [a.io]\n  gateways: [g]\n  http:\n");
        for (int i = 0; i < 2000; i++) {
            buf_addf(&b, "  - {%s}\n", t[k].root);
        }
        buf_adds(&b,
                 "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
                 "leaf, namespace: apps}\n"
                 "spec:\n  http:\n");
        for (int i = 0; i < 2000; i++) {
            buf_addf(&b, "  - {%s}\n", t[k].leaf);
        }
        world_open(&w, b.data, 0);
        const struct vs_rules *r = expand(&w);
        assert_true(r->limited);
        assert_int_equal(r->n, t[k].rules);
        print_message("# 2,000 rules through a delegate of 2,000: %u rules, %d ms, arena %zu MB\n",
                      r->n, (int)(clock_mono_ms() - from), w.arena.total >> 20);
        assert_true(w.arena.total < (size_t)512 << 20);
        world_close(&w);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_survive),      cmocka_unit_test(matches_of_both),
        cmocka_unit_test(each_field),         cmocka_unit_test(what_is_inherited),
        cmocka_unit_test(chains_and_circles), cmocka_unit_test(multiplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
