// SPDX-License-Identifier: Apache-2.0
// What may be typed to trace a request in the dashboard: the words of `gatetop trace`, in any
// order.
#include "kube/base/arena.h"

#include "tui/screen/trace_pane.h"

#include "tests/support/world.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static const char yaml[] =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: a}\n"
    "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: "
    "HTTP}, hosts: ['*']}]}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: a}\n"
    "spec: {hosts: [a.example.com], gateways: [g], http: [{match: [{method: {exact: POST}}], "
    "redirect: {uri: /posted}}, {match: [{headers: {x-role: {exact: 'the ops'}}}], redirect: {uri: "
    "/ops}}, {redirect: {uri: /plain}}]}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: w, namespace: a}\n"
    "spec: {hosts: [b.example.com], gateways: [g], http: [{redirect: {uri: /other}}]}\n";

// The pane's text, in the arena.
static const char *pane(struct world *w, const char *request)
{
    static const struct view_options none;
    struct view_args a = {
        .snap = w->snap, .arena = &w->arena, .now = w->mesh.now, .options = &none};
    struct text_block b;
    block_init(&b, &w->arena);
    trace_pane_fill(&a, request, &b);
    const char *all = "";
    for (uint32_t i = 0; i < b.n; i++) {
        for (uint32_t k = 0; k < b.at[i].n; k++) {
            all = arena_printf(&w->arena, "%s%s\n", all, b.at[i].at[k].text);
        }
    }
    return all;
}

static void words_in_any_order(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *shows;
    } cases[] = {
        {"http://a.example.com/", "/plain"},
        {"http://a.example.com/ -X POST", "/posted"},
        {"-X POST http://a.example.com/", "/posted"},
        {"--request POST http://a.example.com/", "/posted"},
        {"-H 'x-role: the ops' http://a.example.com/", "/ops"},
        {"http://a.example.com/ --header \"x-role: the ops\"", "/ops"},
        {"http://a.example.com/ -H 'x-role: dev'", "/plain"},
        {"http://192.0.2.1/ -H 'Host: b.example.com'", "/other"}, // as `gatetop trace` takes it
        {"--gateway a/g http://a.example.com/", "/plain"},
        {"", "type a URL"},
        {"-X POST", "type a URL"},
        {"http://a/ http://b/", "one URL at a time; 'http://b/' is one too many"},
        {"http://a/ -X", "'-X' needs a value"},
        {"http://a/ --nothing x", "unknown option '--nothing'"},
        {"http://a/ -H nothing", "header 'nothing' is not 'name: value'"},
        {"ftp://a/", "'ftp://a/' is no URL"},
        {"http://a/ --gateway x/y", "x/y"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w;
        world_open(&w, yaml, 1764000000);
        const char *text = pane(&w, cases[i].typed);
        if (strstr(text, cases[i].shows) == NULL) {
            fail_msg("'%s' shows no '%s': %s", cases[i].typed, cases[i].shows, text);
        }
        world_close(&w);
    }
}

static void no_gateway(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", 1764000000);
    assert_string_equal(pane(&w, "http://a.example.com/"),
                        "there is no Gateway that the request could enter by\n");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_in_any_order),
        cmocka_unit_test(no_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
