// SPDX-License-Identifier: Apache-2.0
// Whenever a signal comes, the terminal is as it was before (docs/rules/terminal.md#terminal-restored): at each system
// call of the program's start, of some keys and of its end, and at random moments, also when it is only stopped.
//
// GATETOP_KILLS: how many of each (`make soak`: 10,000 random ones, and every system call with every signal).
// GATETOP_SEED repeats the random choices; which moment it is depends on the machine as well.
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/pick.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/signal_at.h"
#include "tests/support/tempdir.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { KILLS = 100, CALLS = 2000, START_MS = 150, END_MS = 30 };

static struct {
    char *program, *dir, *config;
    struct apisim *sim;
    struct termios before; // the modes of a new terminal
} world;

static const int signals[] = {SIGTERM, SIGINT, SIGTSTP, SIGQUIT, SIGHUP};

static long how_many(void)
{
    const char *n = getenv("GATETOP_KILLS");
    return n != NULL ? atol(n) : KILLS;
}

// --- the program on a terminal

struct run {
    long call; // at which system call it gets the signal, 0: not by itself
    int sig;
    struct pty *pty;
    char what[96]; // for messages
};

static int child(void *arg)
{
    const struct run *r = arg;
    char config[] = "--kubeconfig", quiet[] = "--no-probe";
    char *argv[] = {world.program, config, world.config, quiet, NULL};
    if (r->call > 0) {
        return signal_at(r->call, r->sig, argv);
    }
    execv(world.program, argv);
    return 127;
}

static void start(struct run *r)
{
    r->pty = pty_start(&(struct pty_options){.rows = 24, .columns = 100, .child = child, .arg = r});
}

static void nothing_left(struct run *r, const char *when)
{
    const char *left = pty_left_behind(r->pty);
    if (left != NULL) {
        char *out = pty_output(r->pty, 0);
        fail_msg("%s: when it %s it left %s behind, after %s", r->what, when, left, out);
    }
}

// The wait status is the end that this signal makes, or that of a program that was quit.
static bool is_an_end_by(int status, int sig)
{
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == sig;
    }
    return WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 128 + sig;
}

static void ends(struct run *r)
{
    int status = pty_wait_exit(r->pty);
    if (status == -1) {
        fail_msg("%s: it hangs", r->what);
    }
    if (!is_an_end_by(status, r->sig) && !is_an_end_by(status, SIGTERM)) {
        char *out = pty_output(r->pty, 0);
        fail_msg("%s: it ended with status %#x, after %s", r->what, (unsigned)status, out);
    }
    nothing_left(r, "ended");
    pty_free(r->pty);
}

static int make_world(void **state)
{
    (void)state;
    struct err err;
    (void)pick_from_environment();
    world.program = shell_built("gatetop");
    world.sim = apisim_start(NULL, &err);
    assert_non_null(world.sim);
    assert_true(apisim_load(world.sim, "tests/fixtures/platform", &err));
    world.dir = tempdir_new();
    world.config = xasprintf("%s/config", world.dir);
    assert_true(apisim_write_kubeconfig(world.sim, world.config, "admin", &err));
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); // it cannot look where another process traces
    return 0;
}

static int end_world(void **state)
{
    (void)state;
    apisim_stop(world.sim);
    tempdir_free(world.dir);
    free(world.config);
    free(world.program);
    return 0;
}

// What a terminal can be left with is seen.
static int leave_much(void *arg)
{
    fputs(arg, stdout);
    return 0;
}

static void what_is_left_is_seen(void **state)
{
    (void)state;
    static const char *const kinds[] = {"\033[?1049h", "\033[?25l",   "\033[31m", "\033[3;9r",
                                        "\033[?1002h", "\033[?2004h", "\033[?1h"};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        struct pty *p = pty_start(&(struct pty_options){
            .rows = 24, .columns = 100, .child = leave_much, .arg = unconst(kinds[i])});
        assert_int_equal(pty_wait_exit(p), 0);
        assert_non_null(pty_left_behind(p));
        pty_free(p);
    }
}

// --- at system calls

static void go_on_if_stopped(struct run *r)
{
    pty_drain(r->pty);
    if (pty_has_stopped(r->pty)) {
        nothing_left(r, "stopped");
        pty_continue(r->pty);
    }
}

static void go_on_while_stopped(struct run *r)
{
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    while (!pty_has_ended(r->pty) && clock_mono_ms() < until) {
        pty_step(r->pty, 100);
        go_on_if_stopped(r);
    }
}

static void kill_at_call(long call, int sig)
{
    struct run r = {.call = call, .sig = sig};
    snprintf(r.what, sizeof r.what, "signal %d at system call %ld", sig, call);
    start(&r);
    bool typed = false;
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    while (!pty_has_ended(r.pty) && clock_mono_ms() < until) {
        pty_step(r.pty, 100);
        go_on_if_stopped(&r);
        if (!typed && pty_has(r.pty, "connected")) {
            typed = true;
            pty_type(r.pty, "jd?qqQ");
        }
    }
    ends(&r);
}

static void at_system_calls(void **state)
{
    (void)state;
    if (!signal_at_works()) {
        print_message("# this system does not let a process trace its child\n");
        skip();
    }
    long n = how_many();
    for (long i = 0; i < n; i++) {
        kill_at_call(1 + i * CALLS / n, signals[i % (long)ARRAY_COUNT(signals)]);
    }
}

// --- at random moments

// The signals that a key of the terminal sends.
static const char *key_of(int sig)
{
    return sig == SIGINT ? "\003" : sig == SIGQUIT ? "\034" : sig == SIGTSTP ? "\032" : NULL;
}

static int64_t mono_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// Reads what comes for so long, or until the program ends or stops.
static void pass(struct run *r, int64_t us)
{
    int64_t until = mono_us() + us;
    while (mono_us() < until && !pty_has_ended(r->pty) && !pty_has_stopped(r->pty)) {
        pty_step(r->pty, 1);
    }
}

// Not with a program that ends: the terminal drops what it has not shown yet when such a key is typed.
static bool may_be_a_key(int sig, bool ending)
{
    return !ending && key_of(sig) != NULL && pick(2) == 0;
}

// Continues a program that stops, lets it run and stops it once more.
static void stop_twice(struct run *r)
{
    if (pty_wait_stop(r->pty)) {
        go_on_if_stopped(r);
        pass(r, pick(START_MS * 1000));
        kill(pty_pid(r->pty), SIGTSTP); // where it is not continued yet, that is forgotten
        pass(r, pick(START_MS * 1000));
        go_on_if_stopped(r);
        kill(pty_pid(r->pty), SIGTERM);
    }
}

static void kill_at_random(int sig)
{
    static const char *const keys[] = {"j", "?", "\033", "t", ":", "2", "d", "\r", "/a\r", "q"};
    struct run r = {.sig = sig};
    bool at_end = pick(3) == 0;
    snprintf(r.what, sizeof r.what, "signal %d at a random moment of the %s", sig,
             at_end ? "end" : "start");
    start(&r);
    if (at_end) {
        pty_wait_text(r.pty, "connected");
        pty_type(r.pty, "Q");
    }
    pass(&r, pick((uint32_t)(at_end ? END_MS : START_MS) * 1000));
    const char *typed = at_end || pick(2) == 0 ? "" : PICK(keys);
    pty_type(r.pty, typed);
    if (may_be_a_key(sig, at_end || typed[0] == 'q')) {
        pty_type(r.pty, key_of(sig));
    } else {
        kill(pty_pid(r.pty), sig);
    }
    if (sig == SIGTSTP) {
        stop_twice(&r);
        go_on_while_stopped(&r);
    }
    ends(&r);
}

static void at_random_moments(void **state)
{
    (void)state;
    for (long i = 0, n = how_many(); i < n; i++) {
        kill_at_random(signals[i % (long)ARRAY_COUNT(signals)]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_seen),
        cmocka_unit_test(at_system_calls),
        cmocka_unit_test(at_random_moments),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
