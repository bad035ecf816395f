// SPDX-License-Identifier: Apache-2.0
// The workloads of several Gateways, each once.
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/workload_set.h"

#include "tests/support/world.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#define POD(name, labels)                                                                          \
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " name ", namespace: gw, labels: {" labels   \
    "}}\nspec: {}\nstatus: {phase: Running}\n"
#define GATEWAY(name, selector)                                                                    \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: " name               \
    ", namespace: apps}\nspec: {selector: {" selector                                              \
    "}, servers: [{port: {number: 80, name: p, protocol: HTTP}, hosts: ['*']}]}\n"

static const char yaml[] =
    POD("first", "app: one, tier: edge") POD("second", "app: two, tier: edge")
        GATEWAY("a", "app: two") GATEWAY("b", "tier: edge") GATEWAY("c", "app: two");

// `b` selects both pods, `a` and `c` the same one.
static void each_comes_once(void **state)
{
    (void)state;
    struct world w;
    struct workload_set set;
    world_open(&w, yaml, 0);
    workload_set_init(&set, &w.mesh);
    assert_int_equal(set.n, 0);
    workload_set_add_all(&set);
    assert_int_equal(set.n, 2);
    assert_string_equal(workload_key(&w.arena, set.at[0]), "gw app=two,tier=edge");
    assert_string_equal(workload_key(&w.arena, set.at[1]), "gw app=one,tier=edge");
    workload_set_add_all(&set);
    assert_int_equal(set.n, 2);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_comes_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
