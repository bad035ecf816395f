// SPDX-License-Identifier: Apache-2.0
// The program itself, seen from outside: while it holds a token, no other process of the same user reads its memory,
// and when it is killed it leaves no core file (kube/base/secret.h). Without a secret it is a program like any other.
#define _DEFAULT_SOURCE // WCOREDUMP, setgroups
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { NOBODY = 65534, PATIENCE_MS = 60000 };

static char *dir, *program;
static struct apisim *sim;

// The superuser reads everything: a test that it runs becomes somebody else.
static void drop_rights(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
        _exit(99);
    }
}

struct running {
    pid_t pid;
    int in, out; // ends of its pipes
};

// Starts the program with core files allowed.
static struct running start(char *const argv[])
{
    int in[2], out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit all;
        getrlimit(RLIMIT_CORE, &all);
        all.rlim_cur = all.rlim_max;
        setrlimit(RLIMIT_CORE, &all);
        if (chdir(dir) != 0 || dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0) {
            _exit(99);
        }
        close(in[1]);
        close(out[0]);
        drop_rights();
        execve(program, argv,
               (char *[]){NULL}); // whoever it is now may not read what the environment names
        _exit(99);
    }
    close(in[0]);
    close(out[1]);
    return (struct running){pid, in[1], out[0]};
}

static void wait_for_output(const struct running *r)
{
    struct pollfd fd = {.fd = r->out, .events = POLLIN};
    char c;
    assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
    assert_int_equal(read(r->out, &c, 1), 1);
}

// errno of another process of the same user that opens /proc/PID/NAME for reading; 0 if it can.
static int open_as_neighbour(pid_t pid, const char *name)
{
    char *path = xasprintf("/proc/%d/%s", (int)pid, name);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        drop_rights();
        int fd = open(path, O_RDONLY);
        _exit(fd >= 0 ? 0 : errno);
    }
    free(path);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

// The soft limit of core files as the system shows it, "0" or "unlimited".
static char *core_limit(pid_t pid)
{
    static const char title[] = "Max core file size";
    char *path = xasprintf("/proc/%d/limits", (int)pid), line[200], limit[40] = "";
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, title, sizeof title - 1) == 0) {
            assert_int_equal(sscanf(line + sizeof title - 1, "%39s", limit), 1);
        }
    }
    fclose(f);
    free(path);
    return xstrdup(limit);
}

// Ends it by SIGABRT; true if it left a core file.
static bool abort_it(struct running *r)
{
    int status;
    assert_int_equal(kill(r->pid, SIGABRT), 0);
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    close(r->in);
    close(r->out);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    return WCOREDUMP(status);
}

static char get[] = "get", status_view[] = "status", watch[] = "-w", files[] = "-f",
            from_in[] = "-", json[] = "-ojson", option[] = "--kubeconfig";

static void a_program_with_a_token_is_hidden(void **state)
{
    (void)state;
    char *config = xasprintf("%s/config", dir);
    char *argv[] = {program, get, status_view, watch, option, config, NULL};
    struct running r = start(argv);
    wait_for_output(&r); // it has asked the server, with the token
#ifndef GATETOP_SANITIZED
    assert_int_equal(open_as_neighbour(r.pid, "mem"), EACCES);
    assert_int_equal(open_as_neighbour(r.pid, "maps"), EACCES);
    assert_int_equal(open_as_neighbour(r.pid, "environ"), EACCES);
#endif
    char *limit = core_limit(r.pid);
    assert_string_equal(limit, "0");
    free(limit);
    assert_false(abort_it(&r));
    free(config);
}

// Shows that the test above sees a process that is not hidden.
static void a_program_without_a_secret_is_not(void **state)
{
    (void)state;
    char *argv[] = {program, get, status_view, json, files, from_in, NULL};
    struct running r = start(argv);
    // It waits for manifests: it reads more than the first of them before it says anything.
    char filler[65536];
    memset(filler, '#', sizeof filler);
    for (int i = 0; i < 4; i++) { // more than a pipe holds
        assert_int_equal(write(r.in, filler, sizeof filler), sizeof filler);
    }
    assert_int_equal(open_as_neighbour(r.pid, "maps"), 0);
    char *limit = core_limit(r.pid);
    if (strcmp(limit, "0") == 0) {
        print_message("# core files are off for all\n");
    }
    free(limit);
    if (!abort_it(&r)) {
        print_message("# this system writes no core files\n");
    }
}

// --- what an unprivileged user can read

static void copy_program(void)
{
    char *from = shell_built("gatetop");
    program = xasprintf("%s/gatetop", dir);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(program, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    static char piece[1 << 16];
    ssize_t n;
    while ((n = read(in, piece, sizeof piece)) > 0) {
        if (write(out, piece, (size_t)n) != n) {
            break;
        }
    }
    if (n != 0 || close(in) != 0 || close(out) != 0) {
        perror(program);
        exit(1);
    }
    free(from);
}

static int setup(void **state)
{
    (void)state;
    struct err err;
    dir = tempdir_new();
    copy_program();
    sim = apisim_start(NULL, &err);
    char *config = xasprintf("%s/config", dir);
    bool ok = sim != NULL && apisim_write_kubeconfig(sim, config, "admin", &err);
    if (ok && geteuid() == 0) {
        ok = chown(dir, NOBODY, NOBODY) == 0 && chown(config, NOBODY, NOBODY) == 0;
    }
    free(config);
    return ok ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    apisim_stop(sim);
    tempdir_free(dir);
    free(program);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_with_a_token_is_hidden),
        cmocka_unit_test(a_program_without_a_secret_is_not),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, setup, teardown);
}
