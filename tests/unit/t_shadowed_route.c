// SPDX-License-Identifier: Apache-2.0
// Dead rules: a table of what covers what, and the proof by random requests that a claim is never wrong.
#include "kube/base/arena.h"
#include "kube/base/buf.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/route_match.h"
#include "kube/mesh/route/shadowed_route.h"

#include "tests/support/pick.h"
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

// The two entries of "[A, B]" as written in a VirtualService.
static void pair(struct world *w, const char *a, const char *b, const struct http_match **x,
                 const struct http_match **y)
{
    struct buf t;
    buf_init(&t, 0);
    buf_addf(&t,
             "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, "
             "namespace: apps}\n"
             "spec: {hosts: [a.io], gateways: [g], http: [{match: [%s, %s], route: [{destination: "
             "{host: s}}]}]}\n",
             a, b);
    world_open(w, t.data, 0);
    buf_release(&t);
    const struct virtualservice *v =
        OBJECT_AS(virtualservice, mesh_get(&w->mesh, KIND_VIRTUALSERVICE, "apps", "v"));
    *x = &v->http[0].matches[0];
    *y = &v->http[0].matches[1];
}

static void table(void **state)
{
    (void)state;
    static const struct {
        const char *earlier, *later;
        bool covers;
    } t[] = {
        {"{uri: {prefix: /a}}", "{uri: {prefix: /ab}}", true},
        {"{uri: {prefix: /a}}", "{uri: {exact: /a}}", true},
        {"{uri: {prefix: /a}}", "{uri: {regex: '/a/[0-9]+'}}", true},
        {"{uri: {prefix: /a}}", "{uri: {regex: '/a?b'}}", false}, // may be /b
        {"{uri: {prefix: /a}}", "{uri: {regex: '/a|/b'}}", false},
        {"{uri: {prefix: /a}}", "{uri: {regex: '(?i)/a'}}", false},
        {"{uri: {prefix: /ab}}", "{uri: {prefix: /a}}", false},
        {"{uri: {prefix: /}}", "{uri: {exact: /x}}", true},
        {"{uri: {prefix: ''}}", "{uri: {regex: x}}", true},
        {"{uri: {regex: '/.*'}}", "{uri: {prefix: /x}}", true},
        {"{uri: {regex: '^/a.*$'}}", "{uri: {prefix: /a/b}}", true},
        {"{uri: {regex: '/a[0-9]+'}}", "{uri: {exact: /a12}}", true},
        {"{uri: {regex: '/a[0-9]+'}}", "{uri: {exact: /a}}", false},
        {"{uri: {regex: '/a[0-9]+'}}", "{uri: {regex: '/a[0-9]+'}}", true},
        {"{uri: {exact: /a}}", "{uri: {exact: /a}}", true},
        {"{uri: {exact: /a}}", "{uri: {prefix: /a}}", false},
        {"{uri: {prefix: /a}, method: {exact: GET}}", "{uri: {prefix: /a}}", false},
        {"{uri: {prefix: /a}}", "{uri: {prefix: /a}, method: {exact: GET}}", true},
        {"{uri: {prefix: /a}, method: {}}", "{uri: {prefix: /a}}", true},
        {"{uri: {prefix: /a}, headers: {x: {prefix: b}}}",
         "{uri: {prefix: /a}, headers: {X: {exact: bc}}}", true},
        {"{uri: {prefix: /a}, headers: {x: {}}}",
         "{uri: {prefix: /a}, headers: {x: {regex: 'b+'}}}", true},
        {"{headers: {x: {exact: a}}}", "{headers: {x: {exact: b}}}", false},
        {"{queryParams: {q: {exact: a}}}", "{queryParams: {Q: {exact: a}}}", false},
        {"{uri: {prefix: /a}, ignoreUriCase: true}", "{uri: {prefix: /A/b}}", true},
        {"{uri: {prefix: /a}}", "{uri: {prefix: /a/b}, ignoreUriCase: true}", false},
        {"{uri: {prefix: /1}}", "{uri: {prefix: /1/b}, ignoreUriCase: true}", true},
        {"{withoutHeaders: {x: {}}}", "{withoutHeaders: {x: {}}}", true},
        {"{withoutHeaders: {x: {exact: a}}}", "{withoutHeaders: {x: {}}}", true},
        {"{withoutHeaders: {x: {}}}", "{withoutHeaders: {x: {exact: a}}}", false},
        {"{withoutHeaders: {x: {exact: a}}}", "{headers: {x: {exact: b}}}", true},
        {"{withoutHeaders: {x: {exact: a}}}", "{uri: {prefix: /}}", false},
        {"{withoutHeaders: {x: {exact: ab}}}", "{withoutHeaders: {x: {prefix: a}}}", true},
        {"{scheme: {exact: https}}", "{uri: {prefix: /a}}", false},
        {"{scheme: {exact: https}}", "{scheme: {exact: http}}", false},
        {"{scheme: {prefix: http}}", "{scheme: {exact: https}}", true},
        {"{authority: {exact: a.io}}", "{uri: {prefix: /a}}", false},
        {"{authority: {prefix: a}}", "{authority: {exact: a.io}}", true},
        {"{method: {exact: GET}}", "{method: {exact: PUT}}", false},
        // a claim may be a list: only the same condition is certain
        {"{headers: {'@request.auth.claims.x': {exact: a}}}",
         "{headers: {'@request.auth.claims.x': {exact: a}}}", true},
        {"{headers: {'@request.auth.claims.x': {prefix: a}}}",
         "{headers: {'@request.auth.claims.x': {exact: ab}}}", false},
        {"{port: 80}", "{uri: {prefix: /a}}", true}, // decided when the table is built
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        const struct http_match *x;
        const struct http_match *y;
        pair(&w, t[i].earlier, t[i].later, &x, &y);
        if (match_covers(&w.arena, x, y) != t[i].covers) {
            fail_msg("%s covers %s: not %d", t[i].earlier, t[i].later, (int)t[i].covers);
        }
        world_close(&w);
    }
}

// --- random conditions and requests over a small vocabulary, so that they meet often

static const char *const path_texts[] = {"/",    "/a", "/A",   "/ab", "/a/",
                                         "/a/b", "/1", "/1/a", "/b",  ""};
static const char *const path_regexes[] = {"/.*",   ".*",       "/a.*",   "/a[0-9a-z/]*",
                                           "/a|/b", "/(a|A)b?", "(?i)/a", "/a?b",
                                           "/a",    "/1/.",     "^/a.*$", "/[ab]"};
static const char *const values[] = {"", "a", "b", "ab", "A"};
static const char *const value_regexes[] = {".*", "a*", "[ab]", "a.*", "*", "ab|"};

static struct string_match random_match(bool path)
{
    struct string_match s = {.type = MATCH_ABSENT};
    switch (pick(6)) {
    case 0:
        break;
    case 1:
        s.type = MATCH_EMPTY;
        break;
    case 2:
        s.type = MATCH_REGEX;
        s.text = path ? path_regexes[pick(12)] : value_regexes[pick(6)];
        break;
    case 3:
        s.type = MATCH_EXACT;
        s.text = path ? path_texts[pick(10)] : values[pick(5)];
        break;
    default:
        s.type = MATCH_PREFIX;
        s.text = path ? path_texts[pick(10)] : values[pick(5)];
    }
    return s;
}

struct random_entry {
    struct http_match match;
    struct http_match_more more;
    struct named_match headers[2], without[2], query[2];
};

static uint32_t random_names(struct named_match *at)
{
    uint32_t n = pick(4) == 0 ? 1 : 0;
    for (uint32_t i = 0; i < n; i++) {
        at[i].name = pick(2) == 0 ? "x" : "y";
        do {
            at[i].match = random_match(false);
        } while (at[i].match.type == MATCH_ABSENT);
    }
    return n;
}

static void random_entry(struct random_entry *e)
{
    memset(e, 0, sizeof *e);
    e->match.uri = random_match(true);
    e->match.more = &e->more;
    e->more.ignore_uri_case = pick(5) == 0;
    if (pick(4) == 0) {
        e->more.method = random_match(false);
    }
    e->more.headers = e->headers;
    e->more.nheaders = random_names(e->headers);
    e->more.without_headers = e->without;
    e->more.nwithout_headers = random_names(e->without);
    e->more.query_params = e->query;
    e->more.nquery_params = random_names(e->query);
}

static void random_request(struct arena *a, struct request_view *v, struct str_pair headers[2])
{
    static const char *const paths[] = {"/",  "/a", "/A",  "/ab", "/a/",  "/a/b", "/1",  "/1/a",
                                        "/b", "/B", "/aB", "/AB", "/a/B", "/c",   "/1/", "/a1"};
    static const char *const queries[] = {NULL, "", "x", "x=a", "x=ab&y=b", "y", "x=b&x=a", "y=A"};
    *v = (struct request_view){.method = values[pick(5)], .scheme = "http", .authority = "a.io"};
    const char *path = paths[pick(16)];
    v->query = queries[pick(8)];
    v->path_len = strlen(path);
    v->path = v->query != NULL ? arena_printf(a, "%s?%s", path, v->query) : path;
    uint32_t n = 0;
    for (int i = 0; i < 2; i++) {
        if (pick(2) == 0) {
            headers[n++] = (struct str_pair){i == 0 ? "X" : "y", values[pick(5)]};
        }
    }
    v->headers = (struct str_map){headers, n};
}

static void claims_hold(void **state)
{
    (void)state;
    int claims = 0;
    int checked = 0;
    int real = 0; // no request refutes it, claimed or not
    for (int round = 0; round < 60000; round++) {
        struct arena a;
        struct random_entry e;
        struct random_entry l;
        arena_init(&a);
        random_entry(&e);
        random_entry(&l);
        struct route earlier = {.match = &e.match};
        struct route later = {.match = &l.match};
        bool claim = match_covers(&a, &e.match, &l.match);
        claims += claim;
        for (int i = 0; claim && i < 40; i++) {
            struct request_view v;
            struct str_pair headers[2];
            random_request(&a, &v, headers);
            bool passes = route_match(&a, &a, &later, &v, false).passes;
            checked += passes;
            if (passes && !route_match(&a, &a, &earlier, &v, false).passes) {
                struct str_list c = match_conditions(&a, &e.match);
                struct str_list d = match_conditions(&a, &l.match);
                for (uint32_t k = 0; k < c.n; k++) {
                    print_message("# earlier: %s\n", c.at[k]);
                }
                for (uint32_t k = 0; k < d.n; k++) {
                    print_message("# later: %s\n", d.at[k]);
                }
                fail_msg("the request %s %s meets the later entry only", v.method, v.path);
            }
            real += passes;
        }
        arena_release(&a);
    }
    print_message("# dead rules: %d claims of 60,000 pairs, %d requests prove none wrong\n", claims,
                  checked);
    assert_true(claims > 2000);
    assert_true(real > 10000);
}

// n routes in order: their entries, the routes themselves, and the list of them.
static void random_routes(struct random_entry *entries, struct route *routes,
                          const struct route **list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        random_entry(&entries[i]);
        routes[i] = (struct route){.match = &entries[i].match, .index = i};
        list[i] = &routes[i];
    }
}

// Whole virtual hosts: what shadowed_routes_find calls dead never wins.
static void the_dead_never_win(void **state)
{
    (void)state;
    enum { ROUTES = 30 };
    int dead = 0;
    for (int round = 0; round < 1000; round++) {
        struct arena a;
        static struct random_entry entries[ROUTES];
        struct route routes[ROUTES];
        const struct route *list[ROUTES];
        const struct route *by[ROUTES];
        arena_init(&a);
        random_routes(entries, routes, list, ROUTES);
        shadowed_routes_find(&a, list, ROUTES, by);
        for (int i = 0; i < ROUTES; i++) {
            dead += by[i] != NULL;
        }
        for (int q = 0; q < 1000; q++) {
            struct request_view v;
            struct str_pair headers[2];
            random_request(&a, &v, headers);
            int i = 0;
            while (i < ROUTES && !route_match(&a, &a, list[i], &v, false).passes) {
                i++;
            }
            if (i < ROUTES) {
                assert_null(by[i]);
            }
        }
        arena_release(&a);
    }
    print_message("# dead rules of 30,000: %d, none wins one of 1,000,000 requests\n", dead);
    assert_true(dead > 1000);
}

// The first of those before it that are alive and cover it: of a few routes, which are compared with each other, and of
// many, which an index finds.
static void few_and_many_are_judged_alike(void **state)
{
    (void)state;
    enum { ROUTES = 60 };
    for (int round = 0; round < 2000; round++) {
        struct arena a;
        static struct random_entry entries[ROUTES];
        struct route routes[ROUTES];
        const struct route *list[ROUTES];
        const struct route *by[ROUTES];
        arena_init(&a);
        random_routes(entries, routes, list, ROUTES);
        const uint32_t n = round % 2 == 0 ? ROUTES : 1 + pick(32);
        shadowed_routes_find(&a, list, n, by);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t k = 0;
            while (k < i && (by[k] != NULL || !match_covers(&a, list[k]->match, list[i]->match))) {
                k++;
            }
            assert_ptr_equal(by[i], k < i ? list[k] : NULL);
        }
        arena_release(&a);
    }
}

// A thousand regexes before a thousand exact paths: each regex is compiled once, not once for each path, which the
// arena would show.
static void many_regexes(void **state)
{
    (void)state;
    enum { EACH = 1000 };
    struct arena a;
    arena_init(&a);
    struct http_match *matches = arena_calloc(&a, (size_t)2 * EACH, sizeof *matches);
    struct route *routes = arena_calloc(&a, (size_t)2 * EACH, sizeof *routes);
    const struct route **list = arena_calloc(&a, (size_t)2 * EACH, sizeof *list);
    const struct route **by = arena_calloc(&a, (size_t)2 * EACH, sizeof *by);
    for (int i = 0; i < 2 * EACH; i++) {
        bool regex = i < EACH;
        matches[i].uri = (struct string_match){
            .type = regex ? MATCH_REGEX : MATCH_EXACT,
            .text = arena_printf(&a, regex ? "/r%d/[0-9]+/.*x" : "/r%d/1/x", i % EACH)};
        routes[i] = (struct route){.match = &matches[i], .index = (uint32_t)i};
        list[i] = &routes[i];
    }
    size_t before = a.total;
    shadowed_routes_find(&a, list, (uint32_t)2 * EACH, by);
    for (int i = 0; i < EACH; i++) {
        assert_null(by[i]);
        assert_ptr_equal(by[EACH + i], list[i]);
    }
    assert_in_range(a.total - before, 1, (size_t)4 << 20);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(claims_hold),
                                       cmocka_unit_test(the_dead_never_win),
                                       cmocka_unit_test(few_and_many_are_judged_alike),
                                       cmocka_unit_test(many_regexes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
