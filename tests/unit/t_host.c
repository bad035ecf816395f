// SPDX-License-Identifier: Apache-2.0
// Host rules against the tables of docs/rules/istio.md#host-overlap,
// docs/rules/istio.md#gateway-server-host-intersection.
#include "kube/base/arena.h"
#include "kube/base/buf.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void overlap_and_within(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool overlap, within;
    } t[] = {
        {"*.shop.io", "shop.io", false, false},
        {"*.shop.io", "a.b.shop.io", true, false},
        {"*.eu.shop.io", "*.shop.io", true, true},
        {"*.shop.io", "*.eu.shop.io", true, false},
        {"*shop.io", "myshop.io", true, false},
        {"*shop.io", "shop.io", true, false},
        {"Shop.io", "shop.io", false, false},
        {"shop.io", "shop.io", true, true},
        {"a.b.shop.io", "*.shop.io", true, true},
        {"shop.io", "*", true, true},
        {"*.shop.io", "*", true, true},
        {"*", "*", true, true},
        {"*.a.io", "*.b.io", false, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        assert_int_equal(host_overlap(t[i].a, t[i].b), t[i].overlap);
        assert_int_equal(host_overlap(t[i].b, t[i].a), t[i].overlap);
        assert_int_equal(host_within(t[i].a, t[i].b), t[i].within);
    }
}

static void check_vhosts(const char *const *server, uint32_t ns, const char *gw_ns,
                         const char *vs_ns, const char *const *vs, uint32_t nvs, const char *want)
{
    struct arena a;
    arena_init(&a);
    const struct server servers[] = {{.hosts = {server, ns}}};
    const struct gateway gw = {.o = {.ns = gw_ns, .name = "g"}, .servers = servers, .nservers = 1};
    const struct virtualservice v = {.o = {.ns = vs_ns, .name = "v"}, .hosts = {vs, nvs}};
    const struct mesh m = {.arena = &a};
    struct str_list out = vs_hosts_domains(vs_hosts_find(&m, &v), gateway_hosts_find(&m, &gw), &a);
    struct str_set once;
    str_set_init(&once, &a);
    for (uint32_t i = 0; i < out.n; i++) {
        str_set_add(&once, out.at[i]);
    }
    out = str_array_list(&once.array);
    assert_string_equal(str_list_join(&a, &out, ","), want);
    arena_release(&a);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__})

static void server_hosts(void **state)
{
    (void)state;
    check_vhosts(LIST("*.shop.io"), 1, "infra", "apps", LIST("www.shop.io", "shop.io"), 2,
                 "www.shop.io");
    check_vhosts(LIST("www.shop.io", "api.shop.io"), 2, "infra", "apps", LIST("*.shop.io"), 1,
                 "www.shop.io,api.shop.io");
    check_vhosts(LIST("./*.shop.io"), 1, "infra", "apps", LIST("www.shop.io"), 1, "");
    // the same, found from the side of the server, which has fewer
    check_vhosts(LIST("./*.shop.io"), 1, "infra", "apps", LIST("www.shop.io", "*.io"), 2, "");
    check_vhosts(LIST("./*.shop.io"), 1, "apps", "apps", LIST("www.shop.io", "*.io"), 2,
                 "www.shop.io,*.shop.io");
    check_vhosts(LIST("apps/*"), 1, "infra", "apps", LIST("a.io", "*.b.io"), 2, "a.io,*.b.io");
    check_vhosts(LIST("*.eu.shop.io"), 1, "infra", "apps", LIST("*.shop.io"), 1, "*.eu.shop.io");
    check_vhosts(LIST("a.io", "*/*"), 2, "infra", "apps", LIST("b.io"), 1, "b.io");
    check_vhosts(LIST("*/a.io"), 1, "infra", "apps", LIST("a.io"), 1, "a.io");
    check_vhosts(LIST("lower.test"), 1, "infra", "apps", LIST("LOWER.test"), 1, "");
    check_vhosts(LIST("*"), 1, "infra", "apps", LIST("LOWER.test", "lower.test"), 2, "lower.test");
    // any depth; a namespace before the slash
    check_vhosts(LIST("prod/*.d.io"), 1, "istio-system", "prod", LIST("a.b.d.io"), 1, "a.b.d.io");
    check_vhosts(LIST("./*.d.io"), 1, "istio-system", "prod", LIST("a.d.io"), 1, "");
    check_vhosts(LIST("*.d.io"), 1, "istio-system", "prod", LIST("d.io"), 1, "");
}

// docs/rules/istio.md#server-host-rewrite
static void rewritten_server_hosts(void **state)
{
    (void)state;
    const struct {
        struct str_list hosts;
        const char *want;
    } t[] = {
        {{LIST("./a.io", "b.io", "*/c.io"), 3}, "infra/a.io b.io c.io"},
        {{LIST("apps/a.io", "./*", "*"), 3}, "apps/a.io infra/* *"},
        {{LIST("a.io", "*/*", "b.io"), 3}, "*"},
        {{LIST("./a.io", "*/*"), 2}, "*"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct arena a;
        arena_init(&a);
        struct str_list r = host_server_hosts(&a, &t[i].hosts, "infra");
        struct buf got;
        buf_init(&got, 0);
        for (uint32_t k = 0; k < r.n; k++) {
            assert_non_null(r.at[k]);
            buf_addf(&got, "%s%s", k > 0 ? " " : "", r.at[k]);
        }
        assert_string_equal(got.data, t[i].want);
        buf_release(&got);
        arena_release(&a);
    }
}

static void request_hosts(void **state)
{
    (void)state;
    assert_true(host_matches("*.a.io", "x.a.io"));
    assert_true(host_matches("*.a.io", "y.x.a.io"));
    assert_false(host_matches("*.a.io", ".a.io"));
    assert_false(host_matches("*.a.io", "a.io"));
    assert_true(host_matches("*", ""));
    assert_true(host_matches("a.io", "a.io"));
    assert_false(host_matches("a.io", "a.io."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_and_within),
        cmocka_unit_test(server_hosts),
        cmocka_unit_test(rewritten_server_hosts),
        cmocka_unit_test(request_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
