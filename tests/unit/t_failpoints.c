// SPDX-License-Identifier: Apache-2.0
// Failures of the machine: every allocation, read, write, poll, open, pipe, socket, connection, thread and fcntl fails
// once, at each point of a start, a sync, some keys and an end (docs/rules/terminal.md#failures-of-the-machine).
// Whatever fails, the program ends by itself or goes on, says what it was, gives the terminal back and leaves a log of
// whole lines.
//
// GATETOP_FAILPOINTS: how many of a kind, spread over all of them (`make soak`: all). A point is a call with a stack
// that no call before it had. GATETOP_FAILPOINT="memory 123" looks at one, and keeps its stack in
// build/failpoint.trace.
#define _GNU_SOURCE // struct rlimit's RLIMIT_AS
#include "kube/base/attr.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/failpoint/failpoint.h"
#include "tests/support/file.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { POINTS = 10, SLOW_MS = 5000 };

static struct {
    char *program, *library, *dir, *config, *shared_path;
    struct apisim *sim;
    struct failpoint_shared *shared;
    long wrong, late;
} world;

struct run {
    const char *kind; // NULL: nothing fails
    long at;
    const char *log;            // file, NULL: in the folder
    rlim_t descriptors, memory; // limits, 0 none
    struct pty *pty;
    char what[96];
};

static int child(void *arg)
{
    const struct run *r = arg;
    char config[] = "--kubeconfig", log[] = "--log", quiet[] = "--no-probe", debug[] = "--debug",
         all[] = "all";
    char *file = r->log != NULL ? xstrdup(r->log) : xasprintf("%s/log", world.dir);
    char *argv[] = {world.program, config, world.config, log, file, quiet, debug, all, NULL};
    if (r->kind != NULL) {
        char number[32];
        snprintf(number, sizeof number, "%ld", r->at);
        setenv("LD_PRELOAD", world.library, 1);
        setenv("FAILPOINT", r->kind, 1);
        setenv("FAILPOINT_AT", number, 1);
        setenv("FAILPOINT_SHARED", world.shared_path, 1);
    }
    if (r->descriptors > 0) {
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){r->descriptors, r->descriptors});
    }
    if (r->memory > 0) {
        setrlimit(RLIMIT_AS, &(struct rlimit){r->memory, r->memory});
    }
    execv(world.program, argv);
    return 127;
}

// Types the keys when everything is there, or nothing comes for a while, and waits for the end. Returns the wait
// status.
static int drive(struct run *r)
{
    r->pty = pty_start(&(struct pty_options){.rows = 24, .columns = 100, .child = child, .arg = r});
    int64_t typed = 0, begun = clock_mono_ms();
    while (!pty_has_ended(r->pty) && (typed == 0 || clock_mono_ms() < typed + PTY_WAIT_MS)) {
        pty_step(r->pty, 100);
        bool late = clock_mono_ms() > begun + SLOW_MS;
        if (typed == 0 && (late || pty_has(r->pty, "connected"))) {
            world.late += late;
            typed = clock_mono_ms();
            pty_type(r->pty, "jd?qq:ctx admin\rQ");
        }
    }
    return pty_wait_exit(r->pty);
}

// --- judging

// All that is wrong is reported, not only the first.
PRINTF_LIKE(2, 3)
static void complain(const struct run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    print_error("%s: ", r->what);
    vprint_error(fmt, ap);
    print_error("\n");
    va_end(ap);
    world.wrong++;
}

// The log is whole lines, each of which begins with a time.
static void whole_lines(struct run *r)
{
    char *path = xasprintf("%s/log", world.dir);
    if (access(path, F_OK) != 0) { // it could not be opened
        free(path);
        return;
    }
    size_t n;
    char *text = file_read(path, &n);
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        int year;
        if (end == NULL || sscanf(line, "%4d-%*2d-%*2dT", &year) != 1) {
            complain(r, "a torn line in the log: %.200s", line);
            break;
        }
        line = end + 1;
    }
    free(text);
    unlink(path);
    free(path);
}

// Ended well, or with a status of its own or for lack of memory and said why.
static void judge(struct run *r, int status)
{
    char *out = pty_output(r->pty, 0);
    const char *left = pty_left_behind(r->pty);
    bool no_memory = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
                     strstr(out, "gatetop: out of memory") != NULL;
    bool refused = WIFEXITED(status) && WEXITSTATUS(status) < 10 &&
                   (WEXITSTATUS(status) == 0 || strstr(out, "gatetop: ") != NULL);
    // The loader itself needs memory and files, and says so.
    bool not_loaded = WIFEXITED(status) && WEXITSTATUS(status) == 127 &&
                      strstr(out, "error while loading shared libraries") != NULL;
    if (status == -1) {
        complain(r, "it hangs");
    }
    if (status != -1 && !no_memory && !refused && !not_loaded) {
        complain(r, "status %#x, after:\n%s", (unsigned)status, out);
    }
    if (left != NULL) {
        complain(r, "it left %s behind after:\n%s", left, out);
    }
    free(out);
    pty_free(r->pty);
}

static int begin_test(void **state)
{
    (void)state;
    world.wrong = world.late = 0;
    return 0;
}

static void fail_at(const char *kind, long at)
{
    struct run r = {.kind = kind, .at = at};
    snprintf(r.what, sizeof r.what, "%s %ld", kind, at);
    memset(world.shared, 0, sizeof *world.shared);
    int status = drive(&r);
    judge(&r, status);
    whole_lines(&r);
}

#ifndef GATETOP_SANITIZED
static const char *const names[] = FAILPOINT_NAMES;

static long how_many(void)
{
    const char *n = getenv("GATETOP_FAILPOINTS");
    return n != NULL ? atol(n) : POINTS;
}

static void each_kind(void **state)
{
    (void)state;
    static struct failpoint_shared points; // large
    fail_at("memory", 0);
    memcpy(&points, world.shared, sizeof points);
    for (size_t k = 0; k < FAILPOINT_KINDS; k++) {
        long all = points.stacks[k] < FAILPOINT_STACKS ? points.stacks[k] : FAILPOINT_STACKS;
        long n = all < how_many() ? all : how_many(), met = 0;
        for (long i = 0; i < n; i++) {
            fail_at(names[k], points.first[k][i * all / n]);
            met += world.shared->failed;
        }
        printf("# %s: %ld calls, %ld stacks, %ld of %ld failed, %ld not connected\n", names[k],
               points.calls[k], all, met, n, world.late);
        world.late = 0;
    }
    assert_int_equal(world.wrong, 0);
}

static void little_memory(void **state)
{
    (void)state;
    for (rlim_t mb = 8; mb <= 128; mb += 8) {
        struct run r = {.memory = mb << 20U};
        snprintf(r.what, sizeof r.what, "%d MB of memory", (int)mb);
        int status = drive(&r);
        judge(&r, status);
        whole_lines(&r);
    }
    assert_int_equal(world.wrong, 0);
}
#endif

static void few_descriptors(void **state)
{
    (void)state;
    for (rlim_t n = 3; n <= 32; n++) {
        struct run r = {.descriptors = n};
        snprintf(r.what, sizeof r.what, "%d descriptors", (int)n);
        int status = drive(&r);
        judge(&r, status);
        whole_lines(&r);
    }
    assert_int_equal(world.wrong, 0);
}

static void a_full_disk(void **state)
{
    (void)state;
    struct run r = {.log = "/dev/full", .what = "a full disk"};
    int status = drive(&r);
    assert_true(
        pty_has(r.pty, "gatetop: the log '/dev/full' is incomplete: No space left on device"));
    judge(&r, status);
    assert_int_equal(world.wrong, 0);
}

static void one(void **state)
{
    (void)state;
    char kind[32];
    long at;
    assert_int_equal(sscanf(getenv("GATETOP_FAILPOINT"), "%31s %ld", kind, &at), 2);
    setenv("FAILPOINT_TRACE", "build/failpoint.trace", 1);
    for (int i = 0; i < 50 && world.wrong == 0; i++) { // other threads may come first
        fail_at(kind, at);
    }
    assert_int_equal(world.wrong, 0);
}

static int make_world(void **state)
{
    (void)state;
    struct err err;
    world.program = shell_built("gatetop");
    world.library = shell_built("failpoint.so");
    world.sim = apisim_start(NULL, &err);
    assert_non_null(world.sim);
    assert_true(apisim_load(world.sim, "tests/fixtures/platform", &err));
    world.dir = tempdir_new();
    world.config = xasprintf("%s/config", world.dir);
    world.shared_path = xasprintf("%s/shared", world.dir);
    assert_true(apisim_write_kubeconfig(world.sim, world.config, "admin", &err));
    int fd = open(world.shared_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, sizeof *world.shared), 0);
    world.shared = mmap(NULL, sizeof *world.shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(world.shared != MAP_FAILED);
    close(fd);
    return 0;
}

static int end_world(void **state)
{
    (void)state;
    apisim_stop(world.sim);
    munmap(world.shared, sizeof *world.shared);
    tempdir_free(world.dir);
    free(world.config);
    free(world.shared_path);
    free(world.library);
    free(world.program);
    return 0;
}

int main(void)
{
    const struct CMUnitTest that[] = {cmocka_unit_test_setup(one, begin_test)};
    const struct CMUnitTest tests[] = {
#ifndef GATETOP_SANITIZED // whose allocator would have to be loaded first, and whose shadow needs terabytes
        cmocka_unit_test_setup(each_kind, begin_test),
        cmocka_unit_test_setup(little_memory, begin_test),
#endif
        cmocka_unit_test_setup(few_descriptors, begin_test),
        cmocka_unit_test_setup(a_full_disk, begin_test),
    };
    return getenv("GATETOP_FAILPOINT") != NULL
               ? cmocka_run_group_tests(that, make_world, end_world)
               : cmocka_run_group_tests(tests, make_world, end_world);
}
