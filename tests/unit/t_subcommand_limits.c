// SPDX-License-Identifier: Apache-2.0
// Subcommands against servers that fail, or answer without end: each ends, with what there is, and says what is missing
// (docs/rules/kubernetes-client.md#subcommand-limits).
#include "kube/base/mem.h"

#include "tests/support/subcommand.h"
#include "tests/support/tempdir.h"

#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static char *dir; // of this test program

static void lists_without_end(void **state)
{
    (void)state;
    static const struct {
        const char *token, *item, *words, *says;
    } cases[] = {
        {"same", "", "get services", "'continue' leads to the same page again"},
        {"t@N@", "", "get services", "pages in a row are empty"},
        {"t@N@",
         "{\"metadata\":{\"name\":\"a@N@\",\"namespace\":\"n\",\"uid\":\"@N@\"},\"spec\":{}}",
         "get services --request-timeout 2", "the list did not end in time after "},
        {"t@N@",
         "{\"metadata\":{\"name\":\"a@N@\",\"namespace\":\"n\",\"uid\":\"@N@\"},\"spec\":{}}",
         "check --request-timeout 2", "the list did not end in time after "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct apisim *sim = subcommand_server(NULL);
        char *text = xasprintf("{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{"
                               "\"resourceVersion\":\"1000\",\"continue\":\"%s\"},\"items\":[%s]}",
                               cases[i].token, cases[i].item);
        tempdir_write(dir, "page.json", text, 0600);
        char *rule = xasprintf("status=200 file=%s/page.json verb=list resource=services", dir);
        subcommand_fault(sim, rule);
        struct said s = subcommand_run(sim, dir, "admin", cases[i].words);
        assert_int_equal(s.status, 3);
        said_has(&s, s.err, "gatetop: services: ");
        said_has(&s, s.err, cases[i].says);
        assert_true(s.ms < 10000);
        said_free(&s);
        free(rule);
        free(text);
        apisim_stop(sim);
    }
}

// The whole has a limit, and what was read by then is there, with the state of each kind.
static void answers_that_drip(void **state)
{
    (void)state;
    struct apisim *sim = subcommand_server(NULL);
    subcommand_fault(sim, "drip=200 verb=list resource=virtualservices");
    subcommand_fault(sim, "drip=200 verb=list resource=secrets");
    struct said s = subcommand_run(sim, dir, "admin", "get gateways -o json --request-timeout 2");
    assert_int_equal(s.status, 3);
    assert_true(s.ms < 5000);
    said_has(&s, s.out, "app-00000-gateway");
    said_has(&s, s.out, "\"complete\":false");
    // The request and the subcommand time out at the same moment, and either may come first.
    said_has(&s, s.err, "gatetop: virtualservices: ");
    said_has(&s, s.err, "did not end in time");
    said_has(&s, s.err, "gatetop: secrets: ");
    said_has(&s, s.err, "in time");
    said_free(&s);
    apisim_stop(sim);
}

// --- one bad kind

static void kinds_that_fail(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *needs, *other, *says;
        int most_ms; // of the subcommand that needs it
    } cases[] = {
        // definite
        {"status=200 body=html verb=list resource=virtualservices", "get routes", "get gateways",
         "gatetop: virtualservices: the answer is not JSON but 'text/html': is this an API server? "
         "(HTTP 200)",
         5000},
        {"status=400 verb=list resource=virtualservices", "get routes", "get gateways",
         "gatetop: virtualservices: simulated (HTTP 400)", 5000},
        {"status=429 retry-after=60 verb=list resource=virtualservices", "get routes",
         "get gateways", "gatetop: virtualservices: Too many requests", 5000},
        // that may pass
        {"status=503 verb=list resource=virtualservices", "get routes", "get gateways",
         "gatetop: virtualservices: simulated (HTTP 503)", 14000},
    };
    struct apisim *unknown = subcommand_server(NULL); // what it serves
    subcommand_fault(unknown, "status=503 path=/apis verb=discovery");
    struct running_subcommand discovery = subcommand_start(unknown, dir, "admin", "get gateways");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct apisim *sim = subcommand_server(NULL);
        subcommand_fault(sim, cases[i].rule);
        struct running_subcommand needs = subcommand_start(sim, dir, "admin", cases[i].needs),
                                  other = subcommand_start(sim, dir, "admin", cases[i].other);
        struct said s = subcommand_end(&needs);
        assert_int_equal(s.status, 3);
        said_has(&s, s.err, cases[i].says);
        assert_string_equal(s.out, "");
        assert_true(s.ms < cases[i].most_ms);
        said_free(&s);
        s = subcommand_end(&other);
        assert_int_equal(s.status, 5);
        said_has(&s, s.err, cases[i].says);
        said_has(&s, s.err, "what depends on them is unknown");
        said_has(&s, s.out, "app-00000-gateway");
        said_free(&s);
        apisim_stop(sim);
    }
    struct said s = subcommand_end(&discovery);
    assert_int_equal(s.status, 3);
    said_has(&s, s.err, "/apis: simulated (HTTP 503)");
    said_free(&s);
    apisim_stop(unknown);
}

// One kind is given up, another one still comes: the subcommand sleeps meanwhile.
static void patience_costs_no_time_of_the_processor(void **state)
{
    (void)state;
    struct apisim *sim = subcommand_server(NULL);
    subcommand_fault(sim, "status=503 verb=list resource=virtualservices");
    subcommand_fault(sim, "drip=200 verb=list resource=secrets");
    struct said s = subcommand_run(sim, dir, "admin", "get gateways --request-timeout 13");
    assert_int_equal(s.status, 3);
    said_has(&s, s.err, "gatetop: virtualservices: simulated (HTTP 503)");
    said_has(&s, s.err, "gatetop: secrets: ");
    said_has(&s, s.err, "in time");
    said_has(&s, s.out, "app-00000-gateway");
    assert_true(s.ms >= 13000 && s.ms < 16000);
#ifndef GATETOP_SANITIZED
    assert_true(s.cpu_ms < 250);
#endif
    said_free(&s);
    apisim_stop(sim);
}

static void a_group_whose_server_is_down(void **state)
{
    (void)state;
    static const enum apisim_discovery forms[] = {APISIM_DISCOVERY_V2, APISIM_DISCOVERY_LEGACY};
    for (size_t i = 0; i < 2; i++) {
        struct apisim *sim = subcommand_server(&(struct apisim_options){.discovery = forms[i]});
        assert_true(apisim_stale(sim, "cert-manager.io", true));
        struct said s = subcommand_run(sim, dir, "admin", "get certificates");
        assert_int_equal(s.status, 3);
        said_has(&s, s.err, "gatetop: certificates: discovery calls 'cert-manager.io' stale");
        assert_true(s.ms < 5000);
        said_free(&s);
        s = subcommand_run(sim, dir, "admin", "get gateways");
        assert_int_equal(s.status, 5);
        said_has(&s, s.err, "gatetop: certificates: discovery calls 'cert-manager.io' stale");
        said_has(&s, s.out, "app-00000-gateway");
        assert_true(s.ms < 5000);
        said_free(&s);
        // The state of each kind has the time of the next try, also of one that waits for it.
        s = subcommand_run(sim, dir, "admin", "get status");
        assert_int_equal(s.status, 5);
        assert_true(s.ms < 5000);
        said_has(&s, s.out, "in ");
        said_has(&s, s.err, "gatetop: events: waits for certificates: discovery calls");
        said_free(&s);
        apisim_stop(sim);
    }
    // A version that gatetop does not know.
    struct apisim *sim = subcommand_server(NULL);
    tempdir_write(
        dir, "apis.json",
        "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/v2\","
        "\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"networking.istio.io\"},"
        "\"versions\":[{\"version\":\"v7\",\"freshness\":\"Current\",\"resources\":[]}]}]}",
        0600);
    char *rule = xasprintf("status=200 file=%s/apis.json path=/apis verb=discovery", dir);
    subcommand_fault(sim, rule);
    free(rule);
    struct said s = subcommand_run(sim, dir, "admin", "get gateways");
    assert_int_equal(s.status, 5);
    said_has(&s, s.err, "the server has 'networking.istio.io' in version 'v7', which is not known");
    said_free(&s);
    apisim_stop(sim);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_without_end),
        cmocka_unit_test(answers_that_drip),
        cmocka_unit_test(kinds_that_fail),
        cmocka_unit_test(patience_costs_no_time_of_the_processor),
        cmocka_unit_test(a_group_whose_server_is_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
