// SPDX-License-Identifier: Apache-2.0
// Credentials: headers, token files that rotate, certificate files, exec plugins
// (docs/rules/kubernetes-client.md#token-file, docs/rules/kubernetes-client.md#exec-plugin-answer). Plugins are small
// shell scripts. Tests wait for their pipes, never for a time.
#define _DEFAULT_SOURCE // SYS_prlimit64
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"

#include "kube/api/credential.h"
#include "kube/api/credential_testing.h"
#include "kube/api/exec_credential.h"
#include "kube/api/exec_plugin.h"

#include "tests/support/ending.h"
#include "tests/support/file.h"
#include "tests/support/sandbox.h"
#include "tests/support/tempdir.h"
#include "tests/support/world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { T0 = 1000000 }; // the wall clock of these tests, ms

struct t {
    char *dir;
    struct api_config config;
    struct exec_config exec;
    char *path, *run; // PATH=..., RUN=<dir>
    char *environment[4];
    struct credential *c;
    struct credential_time now;
    struct err err;
};

static int setup(void **state)
{
    struct t *t = xcalloc(1, sizeof *t);
    t->dir = tempdir_new();
    t->config.server = unconst("https://h:6443");
    t->path = xasprintf("PATH=%s:/usr/bin:/bin", t->dir);
    t->run = xasprintf("RUN=%s", t->dir);
    t->environment[0] = t->path;
    t->environment[1] = t->run;
    t->now = (struct credential_time){0, T0};
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct t *t = *state;
    credential_free(t->c);
    tempdir_free(t->dir);
    free(t->exec.command);
    free(t->config.token_file);
    free(t->config.ca.file);
    free(t->config.client_cert.file);
    free(t->config.client_key.file);
    free(t->path);
    free(t->run);
    free(t);
    return 0;
}

static char *lit(const char *s) // config's strings are not changed by those who read them
{
    return unconst(s);
}

static enum credential_state check(struct t *t)
{
    err_clear(&t->err);
    return credential_check(t->c, t->now, &t->err);
}

static void later(struct t *t, int64_t ms)
{
    t->now.mono_ms += ms;
    t->now.wall_ms += ms;
}

static bool has_line(const struct t *t, const char *line)
{
    const struct auth_headers *h = credential_headers(t->c);
    for (size_t i = 0; i < h->count; i++) {
        if (strcmp(h->lines[i], line) == 0) {
            return true;
        }
    }
    return false;
}

static size_t line_count(const struct t *t)
{
    return credential_headers(t->c)->count;
}

static void test_static(void **state)
{
    struct t *t = *state;
    static char *groups[] = {NULL, NULL};
    groups[0] = lit("g1");
    groups[1] = lit("g2");
    struct name_value extra[] = {{lit("scopes/x%"), lit("view")}, {lit("k"), lit("a")}};
    t->config.token = lit("abc");
    t->config.as_user = lit("bob");
    t->config.as_uid = lit("7");
    t->config.as_groups = groups;
    t->config.as_group_count = 2;
    t->config.as_extra = extra;
    t->config.as_extra_count = 2;
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer abc"));
    assert_true(has_line(t, "Impersonate-User: bob"));
    assert_true(has_line(t, "Impersonate-Uid: 7"));
    assert_true(has_line(t, "Impersonate-Group: g1"));
    assert_true(has_line(t, "Impersonate-Group: g2"));
    assert_true(has_line(t, "Impersonate-Extra-scopes%2Fx%25: view"));
    assert_true(has_line(t, "Impersonate-Extra-k: a"));
    assert_int_equal(line_count(t), 7);
    assert_false(credential_unauthorized(t->c, credential_version(t->c), t->now));
    assert_true(credential_deadline(t->c) == INT64_MAX);
    credential_free(t->c);
    t->config.plain_http = true; // only impersonation goes over plain http
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_int_equal(line_count(t), 6);
    credential_free(t->c);
    t->config = (struct api_config){.username = lit("user"), .password = lit("pa:ss")};
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Basic dXNlcjpwYTpzcw=="));
}

static void test_token_file(void **state)
{
    struct t *t = *state;
    t->config.token_file = xasprintf("%s/token", t->dir);
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_FAILED);
    assert_int_equal(t->err.code, ERR_AUTH);
    assert_non_null(strstr(t->err.msg, "No such file"));
    tempdir_write(t->dir, "token", " \n", 0600);
    later(t, 2000);
    assert_int_equal(check(t), CREDENTIAL_FAILED);
    assert_non_null(strstr(t->err.msg, "empty"));
    tempdir_write(t->dir, "token", "token0\n", 0600);
    later(t, 2000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    // Replaced every 30 s, asked every 10 s: each token is in use at most 50 s after its change.
    int64_t written = t->now.mono_ms;
    char text[32] = "token0";
    for (int i = 1; i < 60; i++) {
        later(t, 10000);
        if (i % 3 == 0) {
            snprintf(text, sizeof text, "token%d", i);
            tempdir_write(t->dir, "token", text, 0600);
            written = t->now.mono_ms;
        }
        assert_int_equal(check(t), CREDENTIAL_READY);
        const char *line = credential_headers(t->c)->lines[0];
        int in_use = atoi(line + strlen("Authorization: Bearer token"));
        assert_true((i - i % 3) - in_use <= 6); // no older than two replacements
    }
    later(t, 50000 - (t->now.mono_ms - written));
    assert_int_equal(check(t), CREDENTIAL_READY);
    later(t, 50000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    char *line = xasprintf("Authorization: Bearer %s", text);
    assert_true(has_line(t, line));
    uint64_t version = credential_version(t->c);
    tempdir_write(t->dir, "token", "a b", 0600); // not fit for a header: the last good one stays
    later(t, 50000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, line));
    char *path = xasprintf("%s/token", t->dir);
    unlink(path);
    later(t, 50000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, line));
    assert_int_equal(credential_version(t->c), version);
    assert_false(credential_unauthorized(t->c, version, t->now));
    tempdir_write(t->dir, "token", "fresh", 0600);
    assert_true(credential_unauthorized(t->c, version, t->now)); // newer than what was refused
    assert_true(has_line(t, "Authorization: Bearer fresh"));
    free(path);
    free(line);
}

// 60 s less 10 s of leeway, as client-go.
static void test_token_file_period(void **state)
{
    struct t *t = *state;
    t->config.token_file = xasprintf("%s/token", t->dir);
    tempdir_write(t->dir, "token", "old", 0600);
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    tempdir_write(t->dir, "token", "new", 0600);
    later(t, 49999);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer old"));
    later(t, 1);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer new"));
}

static void test_certificate_files(void **state)
{
    struct t *t = *state;
    tempdir_write(t->dir, "c.pem", "cert1", 0600);
    tempdir_write(t->dir, "k.pem", "key1", 0600);
    t->config.client_cert.file = xasprintf("%s/c.pem", t->dir);
    t->config.client_key.file = xasprintf("%s/k.pem", t->dir);
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    struct credential_tls one = credential_tls_material(t->c);
    assert_string_equal(one.cert, "cert1");
    assert_string_equal(one.key, "key1");
    assert_null(one.ca);
    credential_free(t->c);
    tempdir_write(t->dir, "ca.pem", "ca1", 0600);
    t->config.ca.file = xasprintf("%s/ca.pem", t->dir);
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    one = credential_tls_material(t->c);
    assert_string_equal(one.ca, "ca1");
    tempdir_write(t->dir, "c.pem", "cert2", 0600);
    assert_int_equal(check(t), CREDENTIAL_READY); // at most one look a second
    assert_int_equal(credential_tls_material(t->c).generation, one.generation);
    later(t, 1000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    struct credential_tls two = credential_tls_material(t->c);
    assert_string_equal(two.cert, "cert2");
    assert_true(two.generation > one.generation);
    assert_true(credential_deadline(t->c) == t->now.mono_ms + 300000);
    tempdir_write(t->dir, "k.pem", "key3", 0600);
    later(t, 300000);
    credential_step(t->c, t->now); // polled without a request
    assert_string_equal(credential_tls_material(t->c).key, "key3");
    assert_true(credential_tls_material(t->c).generation > two.generation);
    char *path = xasprintf("%s/c.pem", t->dir);
    unlink(path);
    free(path);
    later(t, 1000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_string_equal(credential_tls_material(t->c).cert, "cert2");
    uint64_t before = credential_tls_material(t->c).generation;
    tempdir_write(t->dir, "ca.pem", "ca2", 0600);
    later(t, 1000);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_string_equal(credential_tls_material(t->c).ca, "ca2");
    assert_true(credential_tls_material(t->c).generation > before);
}

// --- plugins

#define V1 "client.authentication.k8s.io/v1"
#define ANSWER(status)                                                                             \
    "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":" status "}'\n"

static void plugin(struct t *t, const char *script)
{
    char *text = xasprintf("#!/bin/sh\necho run >>\"$RUN/runs\"\n%s", script);
    tempdir_write(t->dir, "plugin", text, 0700);
    free(text);
    if (t->c == NULL) {
        t->exec.command = t->exec.command != NULL ? t->exec.command : xstrdup("plugin");
        t->exec.api_version = lit(V1);
        if (t->exec.interactive_mode == NULL) {
            t->exec.interactive_mode = lit("Never");
        }
        t->config.exec = &t->exec;
        t->c = credential_new(&t->config, t->environment);
    }
}

// Steps by the real readiness of the pipes while the test's clock stands still; only the checks of the process are made
// due.
static enum credential_state settle(struct t *t)
{
    int64_t end = clock_mono_ms() + 20000;
    (void)check(t);
    while (credential_running(t->c)) {
        assert_true(clock_mono_ms() < end);
        struct pollfd fds[2];
        size_t n = credential_fds(t->c, fds);
        poll(fds, (nfds_t)n, n > 0 ? 1000 : 1);
        struct credential_time now = t->now;
        if (n == 0) {
            now.mono_ms = credential_deadline(t->c);
        }
        credential_step(t->c, now);
    }
    return check(t);
}

static void test_exec_token(void **state)
{
    struct t *t = *state;
    plugin(
        t,
        ANSWER("{\"token\":\"tok1\",\"expirationTimestamp\":\"1970-01-01T01:00:00Z\",\"more\":1}"));
    assert_int_equal(check(t), CREDENTIAL_PENDING);
    (void)check(t); // one run for all who ask, whether or not it has ended by now
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer tok1"));
    assert_int_equal(tempdir_lines(t->dir, "runs"), 1);
    // 2600 s of life at the start: renewed 60 s before the end, which is later than 80 %.
    plugin(t, ANSWER("{\"token\":\"tok2\"}"));
    t->now.wall_ms = 3600000 - 60001;
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 1);
    t->now.wall_ms = 3600000 - 60000;
    assert_int_equal(check(t), CREDENTIAL_READY); // the old one still serves
    assert_true(has_line(t, "Authorization: Bearer tok1"));
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer tok2"));
    later(t, 365LL * 86400 * 1000); // without an expiry it stays
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 2);
}

static void test_short_lived(void **state)
{
    struct t *t = *state;
    plugin(t,
           ANSWER("{\"token\":\"a\",\"expirationTimestamp\":\"1970-01-01T00:18:20Z\"}")); // 100 s
    assert_int_equal(settle(t), CREDENTIAL_READY);
    later(t, 79999); // 80 % is later than 60 s before the end
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 1);
    later(t, 1);
    plugin(t, "exit 3\n");
    assert_int_equal(settle(t), CREDENTIAL_READY); // a failed refresh leaves the old one
    assert_int_equal(tempdir_lines(t->dir, "runs"), 2);
    later(t, 20000);
    assert_int_equal(settle(t), CREDENTIAL_FAILED); // expired
    assert_non_null(strstr(t->err.msg, "exec: executable plugin failed with exit code 3"));
    assert_int_equal(settle(t), CREDENTIAL_FAILED); // and no run for every request
    assert_int_equal(tempdir_lines(t->dir, "runs"), 3);
    static const int pauses[] = {4000, 8000, 16000, 32000, 60000, 60000}; // the first was of 2 s
    for (int i = 0; i < (int)(sizeof pauses / sizeof pauses[0]); i++) {
        later(t, pauses[i] - 1);
        assert_int_equal(settle(t), CREDENTIAL_FAILED);
        assert_int_equal(tempdir_lines(t->dir, "runs"), 3 + i);
        later(t, 1900); // a pause begins when the end of the run is seen
        assert_int_equal(settle(t), CREDENTIAL_FAILED);
        assert_int_equal(tempdir_lines(t->dir, "runs"), 4 + i);
    }
    plugin(t, ANSWER("{\"token\":\"b\",\"expirationTimestamp\":\"1970-01-01T00:00:01Z\"}"));
    credential_retry(t->c);
    assert_int_equal(settle(t),
                     CREDENTIAL_READY); // born expired: serves for a while, not a run a request
    later(t, 29999);
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 10);
    later(t, 1);
    assert_int_equal(check(t), CREDENTIAL_PENDING);
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 11);
}

static void test_plain_http(void **state)
{
    struct t *t = *state;
    tempdir_write(t->dir, "c.pem", "cert", 0600);
    tempdir_write(t->dir, "token", "tok", 0600);
    t->config.plain_http = true;
    plugin(t, ANSWER("{\"token\":\"tok1\"}"));
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 0);
    assert_int_equal(line_count(t), 0);
    credential_free(t->c);
    t->config = (struct api_config){.server = t->config.server, .plain_http = true};
    t->config.username = lit("user");
    t->config.password = lit("pass");
    t->config.token_file = xasprintf("%s/token", t->dir);
    t->config.client_cert.file = xasprintf("%s/c.pem", t->dir);
    t->config.client_key.file = xasprintf("%s/c.pem", t->dir);
    t->c = credential_new(&t->config, t->environment);
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_int_equal(line_count(t), 0);
    assert_null(credential_tls_material(t->c).cert);
}

static void test_unauthorized(void **state)
{
    struct t *t = *state;
    plugin(t, ANSWER("{\"token\":\"tok1\"}"));
    assert_int_equal(settle(t), CREDENTIAL_READY);
    uint64_t version = credential_version(t->c);
    uint64_t generation = credential_tls_material(t->c).generation;
    plugin(t, ANSWER("{\"token\":\"tok2\"}"));
    assert_true(credential_unauthorized(t->c, version, t->now));
    assert_true(credential_unauthorized(t->c, version, t->now)); // read before the plugin starts
    for (int i = 0; i < 3; i++) {                                // while it runs or after
        enum credential_state now = check(t);
        assert_true(now == CREDENTIAL_PENDING || (i > 0 && now == CREDENTIAL_READY));
        assert_true(credential_unauthorized(t->c, version, t->now));
    }
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 2);
    assert_true(has_line(t, "Authorization: Bearer tok2"));
    assert_true(credential_unauthorized(t->c, version, t->now)); // late: a newer one is there
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 2);
    assert_false(
        credential_unauthorized(t->c, credential_version(t->c), t->now)); // the fresh one refused
    later(t, 9999);
    assert_false(credential_unauthorized(t->c, credential_version(t->c), t->now));
    later(t, 1);
    assert_true(credential_unauthorized(t->c, credential_version(t->c), t->now));
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 3);
    assert_int_equal(credential_tls_material(t->c).generation,
                     generation); // a new token closes no connection
}

static void test_exec_certificate(void **state)
{
    struct t *t = *state;
    const char *one = ANSWER("{\"clientCertificateData\":\"-----BEGIN CERTIFICATE-----1\","
                             "\"clientKeyData\":\"-----BEGIN KEY-----\"}");
    plugin(t, one);
    assert_int_equal(settle(t), CREDENTIAL_READY);
    struct credential_tls tls = credential_tls_material(t->c);
    assert_string_equal(tls.cert, "-----BEGIN CERTIFICATE-----1");
    assert_int_equal(line_count(t), 0);
    assert_true(credential_unauthorized(t->c, credential_version(t->c), t->now));
    assert_int_equal(settle(t), CREDENTIAL_READY); // the same certificate: connections stay
    assert_int_equal(credential_tls_material(t->c).generation, tls.generation);
    plugin(t, ANSWER("{\"clientCertificateData\":\"-----BEGIN CERTIFICATE-----2\","
                     "\"clientKeyData\":\"-----BEGIN KEY-----\"}"));
    later(t, 10000);
    assert_true(credential_unauthorized(t->c, credential_version(t->c), t->now));
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_true(credential_tls_material(t->c).generation > tls.generation);
}

static void plugin_fails(struct t *t, const char *script, const char *text)
{
    plugin(t, script);
    credential_retry(t->c);
    assert_int_equal(settle(t), CREDENTIAL_FAILED);
    if (strstr(t->err.msg, text) == NULL) {
        fail_msg("expected '%s' in: %s", text, t->err.msg);
    }
    assert_null(strstr(t->err.msg, "s3cret"));
}

static void test_exec_failures(void **state)
{
    struct t *t = *state;
    plugin_fails(
        t,
        "echo "
        "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\","
        "\"status\":{\"token\":\"s3cret\"}}'",
        "apiVersion \"client.authentication.k8s.io/v1beta1\", the kubeconfig asks for \"" V1 "\"");
    plugin_fails(
        t, "printf '\\033[31mone\\033[0m\\n\\033]0;x\\007two\\nthree\\n\\nfour\\n' >&2; exit 1\n",
        "exec: executable plugin failed with exit code 1: two / three / four");
    plugin_fails(t, "kill -9 $$\n", "exec: executable plugin was ended by signal 9");
    plugin_fails(t, "echo s3cret\n", "did not print an ExecCredential");
    plugin_fails(t, "true\n", "did not print an ExecCredential");
    plugin_fails(t, "echo '{\"kind\":\"Status\"}'\n", "kind \"Status\"");
    plugin_fails(t, ANSWER("{}"), "neither a token nor a client certificate");
    plugin_fails(t, ANSWER("null"), "no status");
    plugin_fails(t, ANSWER("{\"token\":1}"), "status.token is a number");
    plugin_fails(t, ANSWER("{\"token\":\"s3cret x\"}"), "space or control character");
    plugin_fails(t, ANSWER("{\"clientKeyData\":\"s3cret\"}"), "only one of");
    plugin_fails(t, ANSWER("{\"token\":\"s3cret\",\"expirationTimestamp\":\"soon\"}"), "RFC 3339");
    plugin_fails(t, "head -c 2000000 /dev/zero | tr '\\0' ' '\n", "more than 1 MiB");
    plugin_fails(t, "head -c 1048577 /dev/zero | tr '\\0' ' '\n", "more than 1 MiB");
    plugin_fails(t, "head -c 1048576 /dev/zero | tr '\\0' ' '\n",
                 "did not print an ExecCredential");
    plugin_fails(t,
                 "{ echo begun; head -c 4000 /dev/zero | tr '\\0' '\\n'; echo end; } >&2; exit 1\n",
                 "failed with exit code 1: begun / end");
    plugin_fails(t,
                 "{ echo begun; head -c 9000 /dev/zero | tr '\\0' '\\n'; echo end; } >&2; exit 1\n",
                 "failed with exit code 1: end");
    plugin(t, "printf 'kind: ExecCredential\\napiVersion: " V1 "\\nstatus:\\n  token: yaml\\n'\n");
    credential_retry(t->c);
    assert_int_equal(settle(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer yaml"));
}

static void test_not_found(void **state)
{
    struct t *t = *state;
    t->exec.command = xstrdup("no-such-plugin");
    t->exec.install_hint = lit("get it at\nhttps://x\x1b[1m");
    plugin(t, "");
    assert_int_equal(check(t), CREDENTIAL_FAILED);
    assert_int_equal(t->err.code, ERR_CONFIG);
    assert_non_null(
        strstr(t->err.msg, "exec: executable no-such-plugin not found: get it at https://x"));
    assert_null(strchr(t->err.msg, 27));
    tempdir_write(t->dir, "no-such-plugin", "#!/bin/sh\n" ANSWER("{\"token\":\"ok\"}"), 0700);
    later(t, 1999);
    assert_int_equal(check(t), CREDENTIAL_FAILED); // not for every request
    later(t, 1);
    assert_int_equal(settle(t), CREDENTIAL_READY);
    credential_free(t->c);
    t->c = NULL;
    free(t->exec.command);
    t->exec.command = xasprintf("%s/missing/p", t->dir);
    plugin(t, "");
    assert_int_equal(check(t), CREDENTIAL_FAILED);
    assert_non_null(strstr(t->err.msg, "not found"));
}

static void test_never_from_the_working_folder(void **state)
{
    struct t *t = *state;
    char cwd[4096];
    assert_non_null(getcwd(cwd, sizeof cwd));
    tempdir_write(t->dir, "here/only-here", "#!/bin/sh\n", 0700);
    char *folder = xasprintf("%s/here", t->dir);
    assert_int_equal(chdir(folder), 0);
    t->environment[0] = lit("PATH=:.::");
    t->exec.command = xstrdup("only-here");
    plugin(t, "");
    assert_int_equal(check(t), CREDENTIAL_FAILED);
    assert_non_null(strstr(t->err.msg, "not found"));
    assert_int_equal(chdir(cwd), 0);
    free(folder);
}

// The plugin proves what it was given: it fails with the number of the check that does not hold.
static void test_environment(void **state)
{
    struct t *t = *state;
    struct name_value env[] = {{lit("A"), lit("one")},
                               {lit("A"), lit("two")},
                               {lit("RUN2"), lit("x y")},
                               {lit("KUBERNETES_EXEC_INFO"), lit("{}")},
                               {lit("INHERITED"), lit("mine")}};
    char *args[] = {lit("./rel"), lit("$A; b")};
    t->exec.env = env;
    t->exec.env_count = 5;
    t->environment[2] = lit("INHERITED=theirs");
    t->exec.args = args;
    t->exec.arg_count = 2;
    t->exec.provide_cluster_info = true;
    t->exec.cluster_config = lit("{\"aud\":\"x\"}");
    t->config.ca.data = lit("PEM");
    t->config.ca.len = 3;
    t->config.tls_server_name = lit("sni");
    t->config.proxy_url = lit("http://p");
    plugin(t,
           "[ \"$A\" = two ] || exit 1\n[ \"$RUN2\" = 'x y' ] || exit 2\n"
           "[ \"$1|$2|$#\" = './rel|$A; b|2' ] || exit 3\n"
           "read x && exit 4\n" // stdin is empty
           "[ \"$KUBERNETES_EXEC_INFO\" = '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
           "\",\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://h:6443\","
           "\"tls-server-name\":\"sni\",\"certificate-authority-data\":\"UEVN\",\"proxy-url\":"
           "\"http://p\","
           "\"config\":{\"aud\":\"x\"}}}}' ] || { echo \"$KUBERNETES_EXEC_INFO\" >&2; exit 5; }\n"
           "[ \"$(env | grep -c ^A=)\" = 1 ] || exit 6\n"
           "[ \"$(env | grep -c ^KUBERNETES_EXEC_INFO=)\" = 1 ] || exit 7\n"
           "[ \"$INHERITED\" = mine ] || exit 8\n" ANSWER("{\"token\":\"ok\"}"));
    if (settle(t) != CREDENTIAL_READY) {
        fail_msg("%s", t->err.msg);
    }
}

static void test_exec_info(void **state)
{
    struct t *t = *state;
    t->exec.api_version = lit(V1);
    t->config.exec = &t->exec;
    t->config.insecure = t->config.disable_compression = true;
    t->config.proxy_url = lit("http://env");
    t->config.proxy_from_env = true; // no field of the kubeconfig
    t->config.ca.file = xstrdup("/ca.pem");
    static const char head[] =
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"spec\":{\"interactive\":true";
    for (int whole = 0; whole < 2; whole++) {
        t->exec.provide_cluster_info = whole != 0;
        char *info = exec_info(&t->config, true, "PEM", 3); // what was read from that file
        char *expect = xasprintf("%s%s}}", head,
                                 whole == 0 ? ""
                                            : ",\"cluster\":{\"server\":\"https://h:6443\","
                                              "\"insecure-skip-tls-verify\":true,"
                                              "\"certificate-authority-data\":\"UEVN\","
                                              "\"disable-compression\":true}");
        assert_string_equal(info, expect);
        free(info);
        free(expect);
    }
}

static bool group_gone(pid_t pid)
{
    return kill(pid, 0) != 0;
}

static pid_t written_pid(struct t *t)
{
    char *path = xasprintf("%s/pid", t->dir);
    int64_t end = clock_mono_ms() + 20000;
    long pid = 0;
    while (pid == 0 && clock_mono_ms() < end) { // the script writes it in one step, after its start
        FILE *f = fopen(path, "r");
        if (f != NULL) {
            if (fscanf(f, "%ld", &pid) != 1) {
                pid = 0;
            }
            fclose(f);
        } else {
            poll(NULL, 0, 1);
        }
    }
    free(path);
    assert_true(pid > 0);
    return (pid_t)pid;
}

#define HANG "sleep 1000 & echo $! >\"$RUN/pid.new\"; mv \"$RUN/pid.new\" \"$RUN/pid\"; wait\n"

static void wait_gone(pid_t pid)
{
    int64_t end = clock_mono_ms() + 20000;
    while (!group_gone(pid) && clock_mono_ms() < end) {
        poll(NULL, 0, 1); // killed already; init has to collect it
    }
    assert_true(group_gone(pid));
}

static void test_time_limit(void **state)
{
    struct t *t = *state;
    plugin(t, HANG);
    assert_int_equal(check(t), CREDENTIAL_PENDING);
    pid_t pid = written_pid(t);
    later(t, 59999);
    assert_int_equal(check(t), CREDENTIAL_PENDING);
    later(t, 1);
    assert_true(credential_deadline(t->c) <= t->now.mono_ms + 100);
    assert_int_equal(check(t), CREDENTIAL_FAILED);
    assert_int_equal(t->err.code, ERR_TIMEOUT);
    wait_gone(pid); // its children too
}

static void test_free_ends_a_plugin(void **state)
{
    struct t *t = *state;
    plugin(t, HANG);
    assert_int_equal(check(t), CREDENTIAL_PENDING);
    pid_t pid = written_pid(t);
    int64_t before = clock_mono_ms();
    credential_free(t->c); // at the end of the program
    t->c = NULL;
    printf("# free with a running plugin: %d ms\n", (int)(clock_mono_ms() - before));
    wait_gone(pid);
}

// A daemon that the plugin leaves behind holds the pipes open: the answer counts all the same.
static void test_pipe_held_open(void **state)
{
    struct t *t = *state;
    plugin(t, "sleep 1000 & echo $! >\"$RUN/pid\"\n" ANSWER("{\"token\":\"ok\"}"));
    assert_int_equal(check(t), CREDENTIAL_PENDING);
    pid_t pid = written_pid(t);
    int64_t end = clock_mono_ms() + 20000;
    while (credential_running(t->c) && clock_mono_ms() < end) {
        poll(NULL, 0, 1);
        struct credential_time now = t->now;
        now.mono_ms = credential_deadline(t->c) < 59000 ? credential_deadline(t->c) : 59000;
        credential_step(t->c, now);
    }
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer ok"));
    kill(pid, SIGKILL);
}

static void test_interactive(void **state)
{
    struct t *t = *state;
    t->exec.interactive_mode = lit("Always");
    plugin(t,
           "case $KUBERNETES_EXEC_INFO in *'\"interactive\":true'*) ;; *) exit 9;; esac\n" ANSWER(
               "{\"token\":\"ok\",\"expirationTimestamp\":\"1970-01-01T01:00:00Z\"}"));
    assert_int_equal(check(t), CREDENTIAL_TERMINAL); // never by itself
    assert_int_equal(tempdir_lines(t->dir, "runs"), 0);
    assert_false(credential_run_interactive(t->c, false, t->now, &t->err));
    assert_non_null(strstr(t->err.msg, "needs a terminal"));
    assert_true(credential_run_interactive(t->c, true, t->now, &t->err));
    assert_int_equal(check(t), CREDENTIAL_READY);
    assert_true(has_line(t, "Authorization: Bearer ok"));
    assert_true(
        credential_run_interactive(t->c, true, t->now, &t->err)); // still good: nothing to do
    assert_int_equal(tempdir_lines(t->dir, "runs"), 1);
    t->now.wall_ms = 3600000 - 1; // due, but it still serves
    assert_int_equal(check(t), CREDENTIAL_READY);
    t->now.wall_ms = 3600000;
    assert_int_equal(check(t), CREDENTIAL_TERMINAL);
    assert_int_equal(tempdir_lines(t->dir, "runs"), 1);
    credential_free(t->c);
    t->c = NULL;
    t->exec.interactive_mode = lit("Never");
    plugin(t,
           "case $KUBERNETES_EXEC_INFO in *'\"interactive\":false'*) ;; *) exit 9;; esac\n" ANSWER(
               "{\"token\":\"ok\"}"));
    assert_true(credential_run_interactive(t->c, true, t->now, &t->err));
}

static void test_if_available(void **state)
{
    struct t *t = *state;
    t->exec.interactive_mode = lit("IfAvailable");
    plugin(t, "case $KUBERNETES_EXEC_INFO in *'\"interactive\":true'*) "
              "i=true;; *) i=false; read x && exit 9;; esac\n"
              "echo \"{\\\"kind\\\":\\\"ExecCredential\\\",\\\"apiVersion\\\":\\\"" V1
              "\\\",\\\"status\\\":{\\\"token\\\":\\\"$i\\\"}}\"\n");
    assert_int_equal(settle(t), CREDENTIAL_READY); // in the background
    assert_true(has_line(t, "Authorization: Bearer false"));
    for (int tty = 0; tty < 2; tty++) {
        credential_free(t->c);
        t->c = credential_new(&t->config, t->environment);
        assert_true(credential_run_interactive(t->c, tty != 0, t->now, &t->err));
        assert_true(
            has_line(t, tty != 0 ? "Authorization: Bearer true" : "Authorization: Bearer false"));
    }
}

// A person may think as long as it takes, and Ctrl-C and Ctrl-Z reach the plugin as they reach gatetop.
static void test_terminal_run(void **state)
{
    struct t *t = *state;
    static const enum exec_plugin_mode modes[] = {EXEC_TERMINAL, EXEC_FOREGROUND, EXEC_BACKGROUND};
    plugin(t, "cut -d' ' -f5 /proc/$$/stat\n");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct exec_plugin p;
        struct pollfd fds[2];
        assert_true(exec_plugin_start(&p, &t->exec, "{}", t->environment, modes[i], 0, &t->err));
        int64_t end = clock_mono_ms() + 20000;
        // The last moment before the limit, and a day after it.
        int64_t now = modes[i] == EXEC_TERMINAL ? 86400000 : 59999;
        while (!exec_plugin_step(&p, now)) {
            assert_true(clock_mono_ms() < end);
            size_t n = exec_plugin_fds(&p, fds);
            poll(fds, (nfds_t)n, n > 0 ? 100 : 1);
        }
        assert_false(p.timed_out);
        assert_int_equal(p.status, 0);
        bool ours = strtol(p.stdout_text.data, NULL, 10) == (long)getpgrp();
        assert_int_equal(ours, modes[i] == EXEC_TERMINAL);
        exec_plugin_release(&p);
    }
}

// Nothing secret is in the log of all that.
static void test_log(void **state)
{
    struct t *t = *state;
    char *path = xasprintf("%s/log", t->dir);
    assert_true(log_open(path, &t->err));
    log_areas_set((1U << LOG_AREA_COUNT) - 1U);
    char *args[] = {lit("s3cret-arg")};
    t->exec.args = args;
    t->exec.arg_count = 1;
    plugin(t, ANSWER("{\"token\":\"s3cret-token\"}"));
    assert_int_equal(settle(t), CREDENTIAL_READY);
    log_line("test", LOG_INFO, "a\nb\x1b[1m\xff \xC3\xA4");
    log_areas_set(0);
    log_close();
    log_line("test", LOG_INFO, "after");
    char *text = file_read(path, NULL);
    assert_non_null(strstr(text, "info credential exec plugin 'plugin' started\n"));
    assert_non_null(strstr(text, "info test a\\nb\\x1b[1m\\xff \xC3\xA4\n"));
    assert_null(strstr(text, "s3cret"));
    assert_null(strstr(text, "after"));
    free(text);
    assert_false(log_open("/nonexistent/x", &t->err));
    assert_int_equal(t->err.code, ERR_USAGE);
    free(path);
}

static void begin_where_core_dumps_stay_on(void *self)
{
    struct t *t = self;
    char *path = xasprintf("%s/log", t->dir);
    if (!log_open(path, &t->err)) {
        _exit(2);
    }
    const struct sandbox_call set_limit = {.number = SYS_prlimit64, .index = 2, .other = true};
    if (!sandbox_refuse(&set_limit)) {
        _exit(1);
    }
    _exit(credential_new(&t->config, t->environment) != NULL ? 0 : 2);
}

// A sandbox that keeps the process from hiding its memory does not keep the user from knowing.
static void test_not_hidden(void **state)
{
    struct t *t = *state;
    char said[4096];
    t->config.token = lit("abc");
    int status = run_apart(begin_where_core_dumps_stay_on, t, said, sizeof said);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 1) {
        print_message("# this system refuses no calls\n");
        return;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    char *path = xasprintf("%s/log", t->dir);
    char *log = file_read(path, NULL);
    assert_non_null(strstr(log, " warn credential core dumps cannot be turned off: "));
    free(log);
    free(path);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_not_hidden), // before this process has a secret
        CASE(test_static),
        CASE(test_token_file),
        CASE(test_token_file_period),
        CASE(test_certificate_files),
        CASE(test_exec_token),
        CASE(test_short_lived),
        CASE(test_plain_http),
        CASE(test_unauthorized),
        CASE(test_exec_certificate),
        CASE(test_exec_failures),
        CASE(test_not_found),
        CASE(test_never_from_the_working_folder),
        CASE(test_environment),
        CASE(test_exec_info),
        CASE(test_time_limit),
        CASE(test_free_ends_a_plugin),
        CASE(test_pipe_held_open),
        CASE(test_interactive),
        CASE(test_if_available),
        CASE(test_terminal_run),
        CASE(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
