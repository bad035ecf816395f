// SPDX-License-Identifier: Apache-2.0
// tests/run itself, with shell scripts as test programs: a failure, a crash, a hang or a program without a test
// is never lost, and nothing that was started keeps running.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/support/file.h"
#include "tests/support/tempdir.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
// clang-format on

enum { PATIENCE_MS = 30000 };

static char *dir;

#define OK "echo '[       OK ] a'\n"

static const struct {
    const char *name, *body;
} scripts[] = {
    {"good", OK "echo '# 3 ms'; echo '[       OK ] b'"},
    {"skips", OK
     "echo '[  SKIPPED ] b'; echo '[  SKIPPED ] 1 test(s), listed below:'; echo '[  SKIPPED ] b'"},
    {"idle", "echo '[  SKIPPED ] a'"},
    {"crashes", OK "kill -SEGV $$"},
    {"fails", OK "exit 3"},
    {"empty", "true"},
    {"denies", "echo '[  FAILED  ] a'"},
    {"hangs", OK "echo half; trap '' TERM; sleep 1000 & echo $! >$0.pid; wait"},
    {"leaves", OK "sleep 1000 & echo $! >$0.pid"},
    {"interrupts",
     "sleep 1000 & echo $! >$0.pid; until [ -s hangs.pid ]; do :; done; kill -INT $PPID; wait"},
};

static void write_script(const char *name, const char *body)
{
    char *text = xasprintf("#!/bin/sh\n%s", body);
    tempdir_write(dir, name, text, 0700);
    free(text);
}

// What tests/run prints for these programs of `dir`, their seconds left out; *status is its exit status. `first`
// stands before the command. Heap.
static char *run(const char *first, const char *programs, int *status)
{
    char *line = xasprintf(
        "cd %s && env -u GATETOP_TEST -u V %s \"$OLDPWD\"/tests/run -j 2 . %s >out 2>&1; s=$?\n"
        "sed -E 's/ [0-9]+\\.[0-9] s$//; s/after [0-9]+ s/after N s/' out >shown\nexit $s",
        dir, first, programs);
    char *shown = xasprintf("%s/shown", dir);
    int rc = system(line);
    assert_true(WIFEXITED(rc));
    *status = WEXITSTATUS(rc);
    char *text = file_read(shown, NULL);
    free(shown);
    free(line);
    return text;
}

static void assert_run(const char *first, const char *programs, int status, const char *shown)
{
    int got;
    char *text = run(first, programs, &got);
    if (got != status || strcmp(text, shown) != 0) {
        fail_msg("%s: status %d, not %d; printed:\n%s", programs, got, status, text);
    }
    free(text);
}

static void what_passes_is_one_line(void **state)
{
    (void)state;
    assert_run("", "./good", 0, "ok    good (2)\n2 passed, 0 failed\n");
    assert_run("V=1", "./good", 0, "ok    good (2)\n# 3 ms\n2 passed, 0 failed\n");
    assert_run("", "./skips", 0, "ok    skips (1, 1 skipped)\n1 passed, 0 failed\n");
}

static void what_fails_shows_all_it_printed(void **state)
{
    (void)state;
    struct buf body, shown;
    buf_init(&body, 0);
    buf_init(&shown, 0);
    buf_adds(&shown, "FAIL  bad (exit 1)\n");
    for (int i = 0; i < 200; i++) {
        buf_addf(&body, "echo line %d\n", i);
        buf_addf(&shown, "    line %d\n", i);
    }
    buf_adds(&body, "echo '[       OK ] a'; echo '[  FAILED  ] b' >&2; echo '[  FAILED  ] 1 "
                    "test(s), listed below:'; "
                    "echo '[  FAILED  ] b'; exit 1");
    buf_adds(&shown,
             "    [       OK ] a\n    [  FAILED  ] b\n    [  FAILED  ] 1 test(s), listed below:\n"
             "    [  FAILED  ] b\n1 passed, 1 failed\n");
    write_script("bad", body.data);
    assert_run("", "./bad", 1, shown.data);
    buf_release(&shown);
    buf_release(&body);
}

static void nothing_that_goes_wrong_is_lost(void **state)
{
    (void)state;
    assert_run("", "./crashes", 1,
               "FAIL  crashes (Segmentation fault)\n    [       OK ] a\n1 passed, 1 failed\n");
    assert_run("", "./fails", 1, "FAIL  fails (exit 3)\n    [       OK ] a\n1 passed, 1 failed\n");
    assert_run("", "./empty", 1, "FAIL  empty (ran no test)\n0 passed, 1 failed\n");
    assert_run("", "./idle", 1,
               "FAIL  idle (skipped all its tests)\n    [  SKIPPED ] a\n0 passed, 1 failed\n");
    assert_run("GATETOP_TEST=a", "./idle", 0, "ok    idle (0, 1 skipped)\n0 passed, 0 failed\n");
    assert_run("", "./denies", 1,
               "FAIL  denies (exit 0)\n    [  FAILED  ] a\n0 passed, 1 failed\n");
    assert_run("", "./gone", 1,
               "FAIL  gone (not started: No such file or directory)\n0 passed, 1 failed\n");
    assert_run("GATETOP_TEST=x", "./empty", 1, "no test is named 'x'\n0 passed, 1 failed\n");
    int status;
    char *text = run("", "./crashes ./good ./fails ./skips", &status);
    assert_int_equal(status, 1);
    assert_true(str_ends(text, "\n5 passed, 2 failed\n"));
    free(text);
}

// The process whose id this script wrote to a file of its own has ended.
static void assert_ended(const char *script)
{
    char *path = xasprintf("%s/%s.pid", dir, script), *text = file_read(path, NULL);
    pid_t pid = (pid_t)strtol(text, NULL, 10);
    assert_true(pid > 1);
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    while (kill(pid, 0) == 0 && clock_mono_ms() < end) { // until init has collected it
        poll(NULL, 0, 5);
    }
    assert_true(kill(pid, 0) != 0 && errno == ESRCH);
    unlink(path);
    free(text);
    free(path);
}

static void what_hangs_is_ended_with_its_children(void **state)
{
    (void)state;
    assert_run(
        "GATETOP_TEST_TIMEOUT=1", "./hangs", 1,
        "FAIL  hangs (hung, ended after N s)\n    [       OK ] a\n    half\n1 passed, 1 failed\n");
    assert_ended("hangs");
}

static void what_a_program_leaves_behind_is_ended(void **state)
{
    (void)state;
    assert_run("", "./leaves", 0, "ok    leaves (1)\n1 passed, 0 failed\n");
    assert_ended("leaves");
}

// As Ctrl-C does it.
static void a_signal_ends_all(void **state)
{
    (void)state;
    assert_run("", "./interrupts ./hangs", 130, "");
    assert_ended("interrupts");
    assert_ended("hangs");
}

// A renamed program would silently run among the others.
static void what_runs_alone_is_there(void **state)
{
    (void)state;
    char *text = file_read("tests/run", NULL), *p = strstr(text, "ALONE = {\n");
    char name[64];
    int n = 0;
    assert_non_null(p);
    for (p = strchr(p, '\n'); sscanf(p, "\n \"%63[a-z0-9_]\"", name) == 1;
         p = strchr(p + 1, '\n')) {
        char *path = xasprintf("tests/unit/%s.c", name);
        if (access(path, R_OK) != 0) {
            fail_msg("%s is not there", path);
        }
        free(path);
        n++;
    }
    assert_true(n > 0);
    free(text);
}

int main(void)
{
    dir = tempdir_new();
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        write_script(scripts[i].name, scripts[i].body);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passes_is_one_line),
        cmocka_unit_test(what_fails_shows_all_it_printed),
        cmocka_unit_test(nothing_that_goes_wrong_is_lost),
        cmocka_unit_test(what_hangs_is_ended_with_its_children),
        cmocka_unit_test(what_a_program_leaves_behind_is_ended),
        cmocka_unit_test(a_signal_ends_all),
        cmocka_unit_test(what_runs_alone_is_there),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
