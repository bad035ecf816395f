// SPDX-License-Identifier: Apache-2.0
// A credential plugin that asks on the terminal, with the program itself on a pseudo-terminal: before the first
// screen, when the user asks for another try or chooses a context; never by itself
// (docs/rules/kubernetes-client.md#exec-plugin-terminal).
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/ptyrun.h"
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

static char *program;

// A server and a configuration with two contexts: "plain" with a token, "asks" with a plugin.
struct scene {
    struct apisim *sim;
    char *dir, *config;
    struct pty *pty;
};

#define ANSWER                                                                                     \
    "printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","     \
    "\"status\":{\"token\":\"%s\"}}' \"$word\"\n"
#define QUESTION "printf \"Word $(wc -l <\"${0%/*}/runs\") for the cluster: \" >&2\nread -r word\n"

static int start(void *arg)
{
    char first[] = "gatetop", option[] = "--kubeconfig", view[] = "status", probe[] = "--no-probe";
    char *argv[] = {first, view, option, arg, probe, NULL};
    execv(program, argv);
    return 127;
}

static void scene_begin(struct scene *s, const char *context, const char *mode, const char *script)
{
    struct err err;
    s->dir = tempdir_new();
    s->sim = apisim_start(NULL, &err);
    assert_non_null(s->sim);
    s->config = xasprintf("%s/config", s->dir);
    char *plugin = xasprintf("#!/bin/sh\necho run >>\"${0%%/*}/runs\"\n%s", script);
    tempdir_write(s->dir, "ca.crt", apisim_ca_pem(s->sim), 0600);
    tempdir_write(s->dir, "runs", "", 0600);
    tempdir_write(s->dir, "plugin", plugin, 0700);
    struct buf b;
    buf_init(&b, 0);
    buf_addf(
        &b,
        "apiVersion: v1\nkind: Config\ncurrent-context: %s\n"
        "clusters: [{name: c, cluster: {server: \"%s\", certificate-authority: ca.crt}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "
        "./plugin, interactiveMode: %s}}}, {name: t, user: {token: admin-token}}]\n"
        "contexts: [{name: asks, context: {cluster: c, user: u}}, "
        "{name: plain, context: {cluster: c, user: t}}]\n",
        context, apisim_url(s->sim), mode);
    tempdir_write(s->dir, "config", b.data, 0600);
    buf_release(&b);
    free(plugin);
    const struct pty_options o = {.rows = 40, .columns = 150, .child = start, .arg = s->config};
    s->pty = pty_start(&o);
}

// Quits; the terminal is as it was before.
static void scene_end(struct scene *s)
{
    pty_type(s->pty, "q");
    assert_int_equal(pty_wait_exit(s->pty), 0);
    assert_false(pty_alternate(s->pty));
    assert_int_equal(pty_termios(s->pty).c_lflag & (tcflag_t)(ICANON | ECHO), ICANON | ECHO);
    pty_free(s->pty);
    apisim_stop(s->sim);
    free(s->config);
    tempdir_free(s->dir);
}

// The plugin asks in its run of this number, with the screen left as for a suspend.
static void asked(struct scene *s, int run)
{
    char *text = xasprintf("Word %d for the cluster:", run);
    assert_true(pty_wait_text(s->pty, text));
    assert_false(pty_alternate(s->pty));
    assert_int_equal(tempdir_lines(s->dir, "runs"), run);
    free(text);
}

// The dashboard is back and shows this.
static void shows(struct scene *s, const char *text)
{
    assert_true(pty_wait_gone(s->pty, "for the cluster:"));
    assert_true(pty_wait_text(s->pty, text));
    assert_true(pty_alternate(s->pty));
}

static void the_plugin_asks_when_it_may(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, "asks", "Always", QUESTION ANSWER);
    asked(&s, 1); // before the first screen
    pty_type(s.pty, "admin-token\n");
    shows(&s, "live");
    assert_true(pty_wait_gone(s.pty, "syncing"));

    apisim_user(s.sim, "admin", "second-token"); // what the plugin gave is refused from now on
    apisim_end_watches(s.sim, NULL);
    assert_true(pty_wait_text(s.pty, "needs the terminal"));
    assert_int_equal(tempdir_lines(s.dir, "runs"), 1); // never by itself
    assert_true(pty_alternate(s.pty));

    pty_type(s.pty, "\x12"); // Ctrl-R: another try
    asked(&s, 2);
    pty_type(s.pty, "second-token\n");
    shows(&s, "live");
    assert_true(pty_wait_gone(s.pty, "needs the terminal"));
    assert_int_equal(tempdir_lines(s.dir, "runs"), 2);
    scene_end(&s);
}

static void it_asks_after_a_change_of_context(void **state)
{
    (void)state;
    static const char *const modes[] = {"IfAvailable", "Always"};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        scene_begin(&s, "plain", modes[i],
                    "case $KUBERNETES_EXEC_INFO in *'\"interactive\":true'*) ;; *) exit 9;; "
                    "esac\n" QUESTION ANSWER);
        shows(&s, "live");
        assert_int_equal(tempdir_lines(s.dir, "runs"), 0);
        pty_type(s.pty, ":ctx asks\r");
        asked(&s, 1);
        pty_type(s.pty, "admin-token\n");
        shows(&s, "gatetop  asks");
        shows(&s, "live");
        assert_int_equal(tempdir_lines(s.dir, "runs"), 1);
        scene_end(&s);
    }
}

// Ctrl-C is for the plugin: it ends, and the dashboard reports that and continues.
static void ctrl_c_ends_the_plugin_only(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(
        &s, "plain", "Always",
        "stty -echo -icanon\n[ $(wc -l <\"${0%/*}/runs\") = 1 ] || trap 'exit 7' INT\n" QUESTION
            ANSWER);
    shows(&s, "live");
    pty_type(s.pty, ":ctx asks\r");
    asked(&s, 1);
    assert_true(pty_has(s.pty, "the credential plugin has the terminal; Ctrl-C ends it"));
    pty_type(s.pty, "\003");
    shows(&s, "plugin was ended by signal 2");
    assert_true(pty_wait_text(s.pty, "gatetop  asks"));
    assert_int_equal(tempdir_lines(s.dir, "runs"), 1);
    pty_type(s.pty, "\x12"); // another try, on the other way that the terminal is lent
    asked(&s, 2);
    assert_int_equal(tempdir_lines(s.dir, "runs"), 2);
    pty_type(s.pty, "\003");
    shows(&s, "failed with exit code 7");
    pty_type(s.pty, ":ctx plain\r");
    shows(&s, "live");
    assert_int_equal(tempdir_lines(s.dir, "runs"), 2);
    scene_end(&s);
}

static void a_plugin_may_take_ctrl_c_itself(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, "plain", "IfAvailable",
                "trap 'echo not yet >&2' INT\nword=\nwhile [ -z \"$word\" ]; do\n" QUESTION
                "done\n" ANSWER);
    shows(&s, "live");
    pty_type(s.pty, ":ctx asks\r");
    asked(&s, 1);
    pty_type(s.pty, "\003");
    assert_true(pty_wait_text(s.pty, "not yet"));
    pty_type(s.pty, "admin-token\n");
    shows(&s, "live");
    assert_int_equal(tempdir_lines(s.dir, "runs"), 1);
    scene_end(&s);
}

// Ctrl-Z stops both, as a shell's job.
static void ctrl_z_stops_the_plugin_and_the_program(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, "plain", "IfAvailable", QUESTION ANSWER);
    shows(&s, "live");
    pty_type(s.pty, ":ctx asks\r");
    asked(&s, 1);
    pty_type(s.pty, "\032");
    assert_true(pty_wait_stop(s.pty));
    pty_continue(s.pty);
    pty_type(s.pty, "admin-token\n");
    shows(&s, "gatetop  asks");
    shows(&s, "live");
    pty_type(s.pty, "\032"); // and the program alone as before
    assert_true(pty_wait_stop(s.pty));
    assert_false(pty_alternate(s.pty));
    pty_continue(s.pty);
    shows(&s, "live");
    scene_end(&s);
}

// What was typed for the plugin and not read by it is no command of the dashboard.
static void what_the_plugin_did_not_read_is_dropped(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, "plain", "IfAvailable", QUESTION "exit 3\n");
    shows(&s, "live");
    pty_type(s.pty, ":ctx asks\r");
    asked(&s, 1);
    pty_type(s.pty, "wrong\nQQQ");
    shows(&s, "failed with exit code 3");
    scene_end(&s);
}

int main(void)
{
    program = shell_built("gatetop");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plugin_asks_when_it_may),
        cmocka_unit_test(it_asks_after_a_change_of_context),
        cmocka_unit_test(ctrl_c_ends_the_plugin_only),
        cmocka_unit_test(a_plugin_may_take_ctrl_c_itself),
        cmocka_unit_test(ctrl_z_stops_the_plugin_and_the_program),
        cmocka_unit_test(what_the_plugin_did_not_read_is_dropped),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(program);
    return failed;
}
