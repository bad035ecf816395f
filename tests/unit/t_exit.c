// SPDX-License-Identifier: Apache-2.0
// EXIT STATUS of gatetop(1), a row for each sentence of it that files can show.
#include "kube/base/buf.h"
#include "kube/base/mem.h"

#include "tests/support/shell.h"
#include "tests/support/tempdir.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static char *dir;

#define NAMESPACE                                                                                  \
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: enabled}}\n"
#define GATEWAY                                                                                    \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: a}\n"  \
    "spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, "         \
    "protocol: HTTP}, hosts: [a.example.com]}]}\n"
#define ROUTE(prefix, service)                                                                     \
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, "          \
    "namespace: a}\nspec: {hosts: [a.example.com], gateways: [g], http: [{match: [{uri: {prefix: " \
    "" prefix "}}], route: [{destination: {host: " service ", port: {number: 80}}}]}]}\n"
#define SERVICE                                                                                    \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a}\nspec: {ports: "        \
    "[{port: "                                                                                     \
    "80, name: http}], selector: {app: s}}\n"
#define INGRESS                                                                                    \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: istio-ingressgateway, namespace: "       \
    "istio-system}\nspec: {type: LoadBalancer, selector: {istio: ingressgateway}, ports: [{name: " \
    "http, port: 80, targetPort: 8080}]}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n"
#define WHOLE NAMESPACE GATEWAY ROUTE("/", "s") SERVICE INGRESS

static void statuses_of_files(void **state)
{
    (void)state;
    static const struct {
        const char *what, *yaml, *words; // @: the file
        int status;
    } cases[] = {
        {"get", WHOLE, "get apps -f @", 0},
        {"get of nothing", NAMESPACE, "get apps -f @", 0},
        {"check without a finding", NAMESPACE, "check -f @", 0},
        {"check with an info", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
         "check -f @", 0},
        {"check with an info at --fail-on info",
         "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "check -f @ --fail-on info", 1},
        {"the same, ignored", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
         "check -f @ --fail-on info --ignore IST0102", 0},
        {"the same, in lower case", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
         "check -f @ --fail-on info --ignore ist0102", 0},
        {"a code that no finding has", NAMESPACE, "check -f @ --ignore IST102", 2},
        {"check with an error", NAMESPACE ROUTE("/", "s") SERVICE, "check --complete -f @", 1},
        {"trace to a service", WHOLE, "trace http://a.example.com/ -f @", 0},
        {"trace to no route", NAMESPACE GATEWAY ROUTE("/x", "s") SERVICE INGRESS,
         "trace http://a.example.com/ -f @", 1},
        {"trace to no host", WHOLE, "trace http://b.example.com/ -f @", 1},
        {"trace to no listener", WHOLE, "trace https://a.example.com/ -f @", 1},
        {"trace to a service that is not there", NAMESPACE GATEWAY ROUTE("/", "gone") INGRESS,
         "trace --complete http://a.example.com/ -f @", 1},
        {"diff of the same", WHOLE, "diff @ -f @", 0},
        {"diff that adds", WHOLE, "diff @ -f tests/fixtures/platform/00-namespaces.yaml", 1},
        {"a manifest that is none", "a: [", "get apps -f @", 4},
        {"a manifest beside one that is none", "a: [",
         "get namespaces -f @ -f "
         "tests/fixtures/platform",
         4},
        {"a wrong option", NAMESPACE, "check -f @ --fail-on sometimes", 2},
        {"no terminal", NAMESPACE, "-f @ </dev/null", 2},
    };
    char *file = xasprintf("%s/x.yaml", dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf words;
        char *said;
        buf_init(&words, 0);
        for (const char *p = cases[i].words; *p != '\0'; p++) {
            buf_add(&words, *p == '@' ? file : p, *p == '@' ? strlen(file) : 1);
        }
        tempdir_write(dir, "x.yaml", cases[i].yaml, 0600);
        int status = shell_run(dir, words.data, ">/dev/null", &said);
        if (status != cases[i].status) {
            fail_msg("%s: %d, not %d: %s", cases[i].what, status, cases[i].status, said);
        }
        assert_true(status < 2 || said[0] != '\0'); // a failure has a message
        free(said);
        buf_release(&words);
    }
    free(file);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {cmocka_unit_test(statuses_of_files)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
