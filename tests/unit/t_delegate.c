// SPDX-License-Identifier: Apache-2.0
// Delegates: which rules survive (docs/rules/istio.md#delegate-match-merge), what they inherit
// (docs/rules/istio.md#delegate-inherits), and that hostile ones end.
#include "kube/base/buf.h"
#include "kube/base/clock.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/delegate.h"

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

static void what_is_inherited(void **state)
{
    (void)state;
    struct world w;
    open_two(
        &w,
        "[{name: r, match: [{name: m, uri: {prefix: /a}, headers: {x: {exact: '1'}}}], delegate: "
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

// Many rules through a delegate of many rules: bounded, and said.
static void multiplied(void **state)
{
    (void)state;
    struct buf b;
    struct world w;
    int64_t from = clock_mono_ms();
    buf_init(&b, 0);
    buf_adds(&b, "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: root, "
                 "namespace: apps}\n"
                 "spec:\n  hosts: [a.io]\n  gateways: [g]\n  http:\n");
    for (int i = 0; i < 2000; i++) {
        buf_addf(&b, "  - {match: [{headers: {x: {exact: '%d'}}}], delegate: {name: leaf}}\n", i);
    }
    buf_adds(&b, "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
                 "leaf, namespace: apps}\n"
                 "spec:\n  http:\n");
    for (int i = 0; i < 2000; i++) {
        buf_addf(&b, "  - {match: [{uri: {exact: /%d}}], route: [{destination: {host: s}}]}\n", i);
    }
    world_open(&w, b.data, 0);
    const struct vs_rules *r = expand(&w);
    assert_true(r->limited);
    assert_true(r->n > 100000);
    print_message("# 2,000 rules through a delegate of 2,000: %u rules, %d ms, arena %zu MB\n",
                  r->n, (int)(clock_mono_ms() - from), w.arena.total >> 20);
    assert_true(w.arena.total < (size_t)512 << 20);
    world_close(&w);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_survive),
        cmocka_unit_test(what_is_inherited),
        cmocka_unit_test(chains_and_circles),
        cmocka_unit_test(multiplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
