// SPDX-License-Identifier: Apache-2.0
// The simulator as a program: it says when it listens, serves what its kubeconfig says, ends on SIGTERM.
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "tests/support/file.h"
#include "tests/support/shell.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *program(void)
{
    char *path = shell_built("apisim");
    if (access(path, X_OK) != 0) {
        free(path);
        skip();  // this test alone was built
        abort(); // skip() does not come back
    }
    return path;
}

// Starts it with its stdout on *out and descriptor 3 as the ready pipe.
static pid_t run(char **argv, int *out, int *ready)
{
    int o[2], r[2];
    assert_int_equal(pipe(o), 0);
    assert_int_equal(pipe(r), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = dup(r[1]); // above 3, so that the copies do not meet
        dup2(o[1], 1);
        dup2(fd, 3);
        execv(argv[0], argv);
        _exit(127);
    }
    close(o[1]);
    close(r[1]);
    *out = o[0];
    *ready = r[0];
    return pid;
}

static char *all_of(int fd)
{
    struct buf b;
    buf_init(&b, 0);
    char chunk[65536];
    for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;) {
        buf_add(&b, chunk, (size_t)n);
    }
    close(fd);
    return buf_take(&b);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void it_serves_until_it_is_ended(void **state)
{
    (void)state;
    char *path = program(), byte = 0, config[] = "/tmp/gatetop-apisim-XXXXXX";
    int fd = mkstemp(config), out, ready;
    assert_true(fd >= 0);
    close(fd);
    char *argv[] = {path,
                    (char[]){"--fixtures"},
                    (char[]){"tests/fixtures/platform"},
                    (char[]){"--story"},
                    (char[]){"--kubeconfig-out"},
                    config,
                    (char[]){"--ready-fd"},
                    (char[]){"3"},
                    NULL};
    pid_t pid = run(argv, &out, &ready);
    assert_int_equal(read(ready, &byte, 1), 1);
    size_t n;
    char *text = file_read(config, &n);
    assert_non_null(strstr(text, "server: https://127.0.0.1:"));
    free(text);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(wait_for(pid), 0);
    text = all_of(out);
    assert_true(str_starts(text, "https://127.0.0.1:"));
    free(text);
    close(ready);
    unlink(config);
    free(path);
}

static void it_prints_a_manifest(void **state)
{
    (void)state;
    char *path = program();
    int out, ready;
    char *argv[] = {path, (char[]){"--fixtures"}, (char[]){"tests/fixtures/platform"},
                    (char[]){"--print"}, NULL};
    pid_t pid = run(argv, &out, &ready);
    char *text = all_of(out);
    assert_int_equal(wait_for(pid), 0);
    struct json *j = json_parse(text, strlen(text), NULL);
    assert_true(json_count(json_get(j, "items")) > 100);
    assert_null(strstr(text, "\"@"));
    json_free(j);
    free(text);
    close(ready);
    free(path);
}

static void it_refuses_nonsense(void **state)
{
    (void)state;
    char *path = program();
    int out, ready;
    char *argv[] = {path, (char[]){"--nope"}, NULL};
    pid_t pid = run(argv, &out, &ready);
    free(all_of(out));
    assert_int_equal(wait_for(pid), 2);
    close(ready);
    char *missing[] = {path, (char[]){"--fixtures"}, (char[]){"/nonexistent"}, NULL};
    pid = run(missing, &out, &ready);
    free(all_of(out));
    assert_int_equal(wait_for(pid), 1);
    close(ready);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_serves_until_it_is_ended),
        cmocka_unit_test(it_prints_a_manifest),
        cmocka_unit_test(it_refuses_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
