// SPDX-License-Identifier: Apache-2.0
// Which hosts of VirtualServices external-dns thinks that a Gateway serves.
#include "kube/base/mem.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_source_istio.h"

#include "tests/support/world.h"

#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define KEY "external-dns.kubernetes.io/"

static const struct { const char *server, *vs_ns, *gw_ns, *host; bool yes; } servers[] = {
    {"prod/*.d.io", "prod", "istio-system", "a.b.d.io", true},
    {"./*.d.io", "prod", "istio-system", "a.d.io", false},
    {"./*.d.io", "prod", "prod", "a.d.io", true},
    {"*/a.d.io", "x", "y", "a.d.io", true},
    {"*", "x", "y", "a.d.io", true},
    {"*.d.io", "x", "y", "d.io", false},
    {"*.d.io", "x", "y", "*.d.io", true},
    {"*.d.io", "x", "y", "*.io", false},
    {"a.d.io", "x", "y", "*.d.io", false},
    {"a.d.io", "x", "y", "A.d.io", false},
    {"x/*", "x", "y", "a.d.io", true},
    {"z/*", "x", "y", "a.d.io", false},
    {"/a.d.io", "x", "y", "a.d.io", false},
    {"x/y/a.d.io", "x", "y", "a.d.io", false},
    {"*/x/a.d.io", "x", "y", "x/a.d.io", false},
};
// clang-format on

static void test_server_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        if (dns_server_host_binds(servers[i].server, servers[i].vs_ns, servers[i].gw_ns,
                                  servers[i].host) != servers[i].yes) {
            fail_msg("%s for %s", servers[i].server, servers[i].host);
        }
    }
}

// The same of a Gateway with many hosts, which are looked up (docs/rules/dns.md#virtualservice-binding).
static void test_many_server_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct world w;
        struct dns_settings s;
        struct desired_records r;
        char *yaml = xasprintf(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\n"
            "metadata: {namespace: '%s', name: g, annotations: {" KEY "target: 192.0.2.1}}\n"
            "spec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: HTTP}, "
            "hosts: [f1.z.io, f2.z.io, f3.z.io, f4.z.io, f5.z.io, f6.z.io, f7.z.io, f8.z.io, "
            "'%s']}]}\n"
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
            "metadata: {namespace: '%s', name: v}\nspec: {hosts: ['%s', f8.z.io], gateways: ['%s/g']}\n",
            servers[i].gw_ns, servers[i].server, servers[i].vs_ns, servers[i].host,
            servers[i].gw_ns);
        world_open(&w, yaml, 0);
        dns_settings_default(&s);
        assert_int_equal(dns_settings_arg(&w.arena, &s, "--source=istio-virtualservice", NULL), 1);
        desired_records_find(&w.mesh, &s, &r);
        if (r.n != (servers[i].yes ? 2 : 1)) {
            fail_msg("%s for %s: %u records", servers[i].server, servers[i].host, r.n);
        }
        world_close(&w);
        free(yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_hosts),
        cmocka_unit_test(test_many_server_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
