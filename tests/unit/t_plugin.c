// SPDX-License-Identifier: Apache-2.0
// A credential plugin that asks on the terminal, with the program itself on a pseudo-terminal: before the first
// screen, and when the user asks for another try; never by itself (kube-client.md §1.6).
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/ptyrun.h"
#include "tests/support/tempdir.h"
#include "tests/support/world.h"

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

static char *program;

static int start(void *arg)
{
    char first[] = "gatetop", option[] = "--kubeconfig", view[] = "status", probe[] = "--no-probe";
    char *argv[] = {first, view, option, arg, probe, NULL};
    execv(program, argv);
    return 127;
}

static int runs_of(const char *dir)
{
    char *path = xasprintf("%s/runs", dir), *text = world_read_file(path);
    int n = 0;
    for (const char *p = text; *p != '\0'; p++) {
        n += *p == '\n';
    }
    free(path);
    free(text);
    return n;
}

static void the_plugin_asks_when_it_may(void **state)
{
    (void)state;
    struct err err;
    char *dir = tempdir_new();
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    char *config = xasprintf("%s/config", dir), *ca = xasprintf("%s/ca.crt", dir);
    tempdir_write(dir, "ca.crt", apisim_ca_pem(sim), 0600);
    tempdir_write(dir, "runs", "", 0600);
    tempdir_write(
        dir, "plugin",
        "#!/bin/sh\necho run >>\"${0%/*}/runs\"\nprintf 'Word for the cluster: ' >&2\n"
        "read -r word\nprintf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":"
        "\"ExecCredential\",\"status\":{\"token\":\"%s\"}}' \"$word\"\n",
        0700);
    struct buf b;
    buf_init(&b, 0);
    buf_addf(
        &b,
        "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
        "clusters: [{name: c, cluster: {server: \"%s\", certificate-authority: ca.crt}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "
        "./plugin, interactiveMode: Always}}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n",
        apisim_url(sim));
    tempdir_write(dir, "config", b.data, 0600);
    buf_release(&b);
    const struct pty_options o = {.rows = 40, .columns = 150, .child = start, .arg = config};
    struct pty *p = pty_start(&o);
    assert_true(pty_wait_text(p, "Word for the cluster:")); // before the first screen
    assert_false(pty_alternate(p));
    pty_type(p, "admin-token\n");
    assert_true(pty_wait_text(p, "live"));
    assert_true(pty_alternate(p));
    assert_int_equal(runs_of(dir), 1);

    apisim_user(sim, "admin", "second-token"); // what the plugin gave is refused from now on
    apisim_end_watches(sim, NULL);
    assert_true(pty_wait_text(p, "needs the terminal"));
    assert_int_equal(runs_of(dir), 1); // never by itself
    assert_true(pty_alternate(p));

    pty_type(p, "\x12"); // Ctrl-R: another try
    assert_true(pty_wait_text(p, "Word for the cluster:"));
    assert_false(pty_alternate(p)); // the screen was left, as for a suspend
    pty_type(p, "second-token\n");
    assert_true(pty_wait_gone(p, "Word for the cluster:"));
    assert_true(pty_wait_gone(p, "needs the terminal"));
    assert_true(pty_wait_text(p, "live"));
    assert_true(pty_alternate(p));
    assert_int_equal(runs_of(dir), 2);
    pty_type(p, "q");
    assert_int_equal(pty_wait_exit(p), 0);
    pty_free(p);
    apisim_stop(sim);
    free(config);
    free(ca);
    tempdir_free(dir);
}

int main(int argc, char **argv)
{
    (void)argc;
    const char *slash = strrchr(argv[0], '/');
    int n = slash != NULL ? (int)(slash - argv[0]) : 0;
    program = xasprintf("%.*s/../gatetop", n, argv[0]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_plugin_asks_when_it_may)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(program);
    return failed;
}
