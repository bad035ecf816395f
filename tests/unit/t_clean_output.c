// SPDX-License-Identifier: Apache-2.0
// Whatever escape sequences file names, arguments and variables have, and whatever a credential plugin writes: what is
// printed is clean (docs/rules/terminal.md#clean-output).
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/text.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

// A title, colours, C1's CSI, an order of reading from right to left.
#define ODD                                                                                        \
    "\033]0;owned\007\033[31m\xc2\x9b"                                                             \
    "2J\xe2\x80\xaex"

static char *dir;

static void must_be_clean(const char *what, const char *text)
{
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n\t");
        if (!text_is_clean(line, n)) {
            fail_msg("%s: %s", what, text);
        }
        line += n + (line[n] != '\0');
    }
}

static void arguments_and_file_names(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "get apps -f none'" ODD "'",
        "get apps -f bad",
        "check -f bad",
        "check -f bad -o json",
        "get findings -f . -o wide",
        "check -f .",
        "get view'" ODD "'",
        "'" ODD "'",
        "--option'" ODD "'",
        "get apps -'" ODD "'",
        "get apps -f good.yaml -n '" ODD "'",
        "get apps -f good.yaml -o '" ODD "'",
        "get apps -f good.yaml --theme '" ODD "'",
        "get apps -f good.yaml --log none/'" ODD "'",
        "get apps -f good.yaml --log l --debug '" ODD "'",
        "get apps --kubeconfig none'" ODD "'",
        "get apps --kubeconfig /dev/null --context '" ODD "'",
        "get apps --server 'http://" ODD "'",
        "get apps --server '" ODD "'",
        "get apps --server https://127.0.0.1:1 --certificate-authority '" ODD "'",
        "trace -f good.yaml 'http://" ODD "/'",
        "trace -f good.yaml '" ODD "'",
        "trace -f good.yaml -H '" ODD "' http://a/",
        "trace -f good.yaml -H 'host: " ODD "' http://a/",
        "trace -f good.yaml --gateway '" ODD "' http://a/",
        "trace -f good.yaml --sni '" ODD "' https://a/",
        "trace -f good.yaml -X '" ODD "' https://a.example.org/",
        "trace -f good.yaml --batch '" ODD "'",
        "trace -f good.yaml --batch batch'" ODD "'",
        "check -f good.yaml --ignore '" ODD "'",
        "check -f good.yaml --fail-on '" ODD "'",
        "check -f good.yaml --expiring '" ODD "'",
        "get apps -f good.yaml --as-of '" ODD "'",
        "completion '" ODD "'",
        "diff -f good.yaml none'" ODD "'",
        "diff -f good.yaml bad",
        "get apps -f good.yaml --overlay '" ODD "'",
        "get apps -f good.yaml --dns-sources '" ODD "'",
        "get dns -f good.yaml --txt-prefix '" ODD "'",
        "get apps -f good.yaml --probe --resolver '" ODD "'"};
    tempdir_write(
        dir, "good.yaml",
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: a}\n"
        "spec: {selector: {istio: x}, servers: [{hosts: ['*'], port: {number: 443, name: "
        "https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}\n",
        0600);
    tempdir_write(dir, "bad/" ODD ".yaml", "a: [\n", 0600);
    tempdir_write(dir, "finds" ODD ".yaml",
                  "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, "
                  "namespace: a}\nspec: {hosts: [a], gateways: [none]}\n",
                  0600);
    tempdir_write(dir, "batch" ODD, "{\"url\":\"\\u001b[31m\"}\nnonsense\033[2J\n", 0600);
    char *before = getcwd(NULL, 0);
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        char *words = xasprintf("%s", lines[i]), *said;
        assert_int_equal(chdir(dir), 0);
        (void)shell_run(dir, words, ">out", &said);
        assert_int_equal(chdir(before), 0);
        char *path = xasprintf("%s/out", dir), *out = file_read(path, NULL);
        must_be_clean(lines[i], said);
        must_be_clean(lines[i], out);
        if (strstr(lines[i], "-o json") == NULL && said[0] == '\0' && out[0] == '\0') {
            fail_msg("%s: not a word", lines[i]);
        }
        free(path);
        free(out);
        free(said);
        free(words);
    }
    free(before);
}

static void what_a_plugin_says_is_clean(void **state)
{
    (void)state;
    struct err err;
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    tempdir_write(dir, "ca.crt", apisim_ca_pem(sim), 0600);
    tempdir_write(
        dir, "plugin",
        "#!/bin/sh\nprintf 'Sign in at https://login.example.org \\303\\274\\033[2J\\n' >&2\n"
        "printf '\\033]0;owned\\007the token has \\033[31mexpired\\n' >&2\nexit 3\n",
        0700);
    char *config = xasprintf(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        "clusters: [{name: s, cluster: {server: \"%s\", certificate-authority: ca.crt}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "
        "./plugin, interactiveMode: Never}}}]\n"
        "contexts: [{name: c, context: {cluster: s, user: u}}]\n",
        apisim_url(sim));
    tempdir_write(dir, "config", config, 0600);
    char *words = xasprintf("get gateways --kubeconfig %s/config", dir), *said;
    assert_int_equal(shell_run(dir, words, "</dev/null >/dev/null", &said), 3);
    must_be_clean("plugin", said);
    assert_non_null(strstr(said, "Sign in at https://login.example.org \xc3\xbc")); // as it came
    assert_non_null(strstr(said, "failed with exit code 3: "));
    assert_non_null(strstr(strstr(said, "exit code 3: "), "the token has expired"));
    free(said);
    free(words);
    free(config);
    apisim_stop(sim);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_and_file_names),
        cmocka_unit_test(what_a_plugin_says_is_clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
