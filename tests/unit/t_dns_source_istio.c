// SPDX-License-Identifier: Apache-2.0
// Which hosts of VirtualServices external-dns thinks that a Gateway serves.
#include "kube/mesh/dns/dns_source_istio.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
