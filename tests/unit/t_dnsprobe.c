// SPDX-License-Identifier: Apache-2.0
// `--probe` from the command line, before a simulated resolver: each subcommand says the same about a host, a load
// balancer whose addresses change is no alarm, and a resolver that is none ends the subcommand.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"
#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static char *program, *dir, *world;
static struct apisim *sim;

// The arguments of external-dns are in its Deployment alone.
static const char HEAD[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: external-dns, namespace: dns}\nspec:\n"
    "  template:\n    spec:\n      containers:\n      - name: external-dns\n"
    "        image: registry.k8s.io/external-dns/external-dns:v0.22.0\n        args:\n"
    "        - --source=istio-gateway\n        - --source=istio-virtualservice\n"
    "        - --txt-owner-id=platform\n        - --txt-prefix=own-\n---\n"
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
    "apiVersion: v1\nkind: Service\nmetadata: {name: in, namespace: istio-system}\n"
    "spec: {type: LoadBalancer, selector: {istio: in}, ports: [{port: 80}]}\n"
    "status: {loadBalancer: {ingress: [{hostname: lb.example.net}]}}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: shop,\n"
    "  creationTimestamp: '2020-01-01T00:00:00Z'}\n"
    "spec:\n  selector: {istio: in}\n  servers:\n"
    "  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: ['shop/*']\n---\n";

// A host, what DNS says, and what has to be said about it. `target`: of an annotation, NULL the balancer.
static const struct host {
    const char *name, *target, *type, *value, *state, *words;
} hosts[] = {
    {"ok.shop.io", NULL, "CNAME", "lb.example.net", "ok", "leads to lb.example.net"},
    {"alias.shop.io", NULL, "A", "192.0.2.20", "ok", "answers 192.0.2.20"},
    {"turns.shop.io", "turning.example.net", "TURN", "192.0.2.32,192.0.2.31", "ok",
     "answers 192.0.2.31"},
    {"moved.shop.io", NULL, "A", "198.51.100.7", "elsewhere", "points elsewhere: 198.51.100.7"},
    {"gone.shop.io", NULL, NULL, NULL, "missing", "no DNS record for gone.shop.io"},
    {"theirs.shop.io", NULL, "A", "192.0.2.20", "foreign", "owned by external-dns \"other\""},
    {"mine.shop.io", NULL, "A", "192.0.2.20", "ok", "answers 192.0.2.20"},
    {"stale.shop.io", NULL, "A", "198.51.100.8", "stale", "left over from gateway shop/old"},
    {"dead.shop.io", NULL, "RCODE", "SERVFAIL", "unknown", "no answer: SERVFAIL"},
    {"inside.shop.io", "192.0.2.40", "A", "10.0.0.4", "unknown", "a zone for the inside?"},
};
enum { NHOSTS = sizeof hosts / sizeof *hosts };

static void set(const char *name, const char *type, const char *value)
{
    assert_true(apisim_dns_set(sim, name, type, value));
}

static int setup(void **state)
{
    (void)state;
    struct err err;
    dir = tempdir_new();
    sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    assert_true(apisim_dns_start(sim, NULL, 0, &err));
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, HEAD);
    for (size_t i = 0; i < NHOSTS; i++) {
        buf_addf(&b,
                 "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n"
                 "  name: v%zu\n  namespace: shop\n  creationTimestamp: '2020-01-01T00:00:00Z'\n",
                 i);
        if (hosts[i].target != NULL) {
            buf_addf(&b, "  annotations: {external-dns.kubernetes.io/target: %s}\n",
                     hosts[i].target);
        }
        buf_addf(&b,
                 "spec:\n  hosts: [%s]\n  gateways: [gw]\n  http:\n"
                 "  - route: [{destination: {host: web}}]\n---\n",
                 hosts[i].name);
    }
    tempdir_write(dir, "world.yaml", b.data, 0600);
    world = xasprintf("%s/world.yaml", dir);
    buf_release(&b);
    return 0;
}

// Each subcommand meets the resolver as new: also the turns of what turns.
static void set_zone(void)
{
    set("lb.example.net", "A", "192.0.2.20");
    set("turning.example.net", "TURN", "192.0.2.31,192.0.2.32");
    for (size_t i = 0; i < NHOSTS; i++) {
        set(hosts[i].name, hosts[i].type, hosts[i].value);
    }
    set("own-cname-theirs.shop.io", "TXT",
        "\"heritage=external-dns,external-dns/owner=other,external-dns/resource=gateway/shop/gw\"");
    set("own-cname-mine.shop.io", "TXT",
        "\"heritage=external-dns,external-dns/owner=platform,external-dns/resource=gateway/shop/"
        "gw\"");
    set("own-cname-stale.shop.io", "TXT",
        "\"heritage=external-dns,external-dns/owner=platform,external-dns/resource=gateway/shop/"
        "old\"");
}

static int teardown(void **state)
{
    (void)state;
    apisim_stop(sim);
    free(world);
    tempdir_free(dir);
    return 0;
}

// Runs "gatetop WORDS"; its exit status. Both outputs are heap.
static int run(char **out, char **errors, const char *words)
{
    char *command = xasprintf("'%s' %s >'%s/out' 2>'%s/err' </dev/null", program, words, dir, dir);
    int status = system(command);
    free(command);
    char *path = xasprintf("%s/out", dir);
    *out = file_read(path, NULL);
    free(path);
    path = xasprintf("%s/err", dir);
    *errors = file_read(path, NULL);
    free(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct json *items_of(const char *subcommand)
{
    char *out, *errors;
    struct err err = {0};
    char *words = xasprintf("%s -o json --complete -f '%s' --probe --resolver 127.0.0.1:%d",
                            subcommand, world, apisim_dns_port(sim));
    set_zone();
    int status = run(&out, &errors, words);
    free(words);
    struct json *j = json_parse(out, strlen(out), &err);
    if (j == NULL || status > 1) {
        fail_msg("%s: status %d: %s%s", subcommand, status, errors, err.msg);
    }
    free(out);
    free(errors);
    return j;
}

static const struct json *item(const struct json *list, const char *key, const char *value)
{
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x)) {
        if (str_eq(json_get_string(x, key), value)) {
            return x;
        }
    }
    return NULL;
}

static void each_subcommand_says_the_same(void **state)
{
    (void)state;
    struct json *dns = items_of("get dns"), *apps = items_of("get apps"),
                *check = items_of("check");
    for (size_t i = 0; i < NHOSTS; i++) {
        const struct host *h = &hosts[i];
        const struct json *record = item(json_get(dns, "items"), "host", h->name),
                          *app = item(json_get(apps, "items"), "host", h->name),
                          *link = item(json_get(app, "links"), "link", "dns");
        assert_non_null(record);
        assert_non_null(link);
        const char *reason = json_get_string(record, "reason");
        if (!str_eq(json_get_string(record, "state"), h->state) ||
            strstr(reason, h->words) == NULL) {
            fail_msg("%s: %s, expected %s: %s", h->name, json_get_string(record, "state"), h->state,
                     reason);
        }
        assert_string_equal(json_get_string(link, "reason"), reason);
        bool good = strcmp(h->state, "ok") == 0, open = strcmp(h->state, "unknown") == 0;
        const char *verdict = json_get_string(link, "state");
        assert_int_equal(good, strcmp(verdict, "ok") == 0);
        assert_int_equal(open, strcmp(verdict, "unknown") == 0);
        // A finding where, and only where, something is wrong; as bad as the link, in the same words.
        char *message =
            xasprintf("DNS of %s (%s): %s", h->name, json_get_string(record, "type"), reason);
        const struct json *finding = item(json_get(check, "items"), "message", message);
        if ((finding == NULL) != (good || open)) {
            fail_msg("%s: %s", finding == NULL ? "no finding" : "a finding", message);
        }
        if (finding != NULL) {
            assert_string_equal(json_get_string(finding, "code"), "GT0303");
            assert_int_equal(strcmp(verdict, "broken") == 0,
                             strcmp(json_get_string(finding, "severity"), "error") == 0);
        }
        free(message);
    }
    json_free(dns);
    json_free(apps);
    json_free(check);
}

// Without --probe nobody is asked, whatever else is given.
static void nobody_is_asked_unbidden(void **state)
{
    (void)state;
    char *out, *errors,
        *words = xasprintf("get dns -f '%s' --resolver 127.0.0.1:%d", world, apisim_dns_port(sim));
    assert_int_equal(run(&out, &errors, words), 0);
    assert_non_null(strstr(out, "unknown"));
    assert_null(strstr(out, "elsewhere"));
    free(out);
    free(errors);
    free(words);
}

static void a_resolver_that_is_none(void **state)
{
    (void)state;
    static const char *const none[] = {"nonsense", "127.0.0.1:99999", "[::1", "''"};
    static const char *const subcommands[] = {"get dns", "get apps", "check"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        for (size_t k = 0; k < sizeof subcommands / sizeof *subcommands; k++) {
            char *out, *errors,
                *words =
                    xasprintf("%s -f '%s' --probe --resolver %s", subcommands[k], world, none[i]);
            int status = run(&out, &errors, words);
            if (status != 2 || out[0] != '\0' || strstr(errors, "is no resolver") == NULL) {
                fail_msg("%s: status %d: %s", words, status, errors);
            }
            free(out);
            free(errors);
            free(words);
        }
    }
}

// The arguments of external-dns are read by every view that shows what follows from it.
static void views_read_the_deployment(void **state)
{
    (void)state;
    static const char *const all[] = {"apps", "dns", "gateways", "namespaces", "findings"};
    struct err err;
    char *config = xasprintf("%s/config", dir);
    assert_true(apisim_write_kubeconfig(sim, config, NULL, &err));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char *out, *errors, *words = xasprintf("get %s --kubeconfig '%s'", all[i], config);
        apisim_requests_clear(sim);
        int status = run(&out, &errors, words);
        if (status != 0 || apisim_request_count(sim, "list", "deployments") == 0) {
            fail_msg("get %s: status %d: %s", all[i], status, errors);
        }
        free(out);
        free(errors);
        free(words);
    }
    free(config);
}

int main(void)
{
    program = shell_built("gatetop");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_subcommand_says_the_same), cmocka_unit_test(nobody_is_asked_unbidden),
        cmocka_unit_test(a_resolver_that_is_none), cmocka_unit_test(views_read_the_deployment)};
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    free(program);
    return failed;
}
