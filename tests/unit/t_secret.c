// SPDX-License-Identifier: Apache-2.0
// Secret memory: nothing of it is left anywhere in the process when it was freed, no core dump has it, and no swap.
#define _DEFAULT_SOURCE // WCOREDUMP, syscall
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"

#include "tests/support/ending.h"
#include "tests/support/memscan.h"
#include "tests/support/sandbox.h"
#include "tests/support/tempdir.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { LENGTH = 40, PATIENCE_MS = 20000 };

// Where it is, the scan must see it: else the zeroes below would prove nothing.
static void freed_memory_is_wiped(void **state)
{
    (void)state;
    struct memscan s;
    memscan_init(&s, LENGTH);
    assert_int_equal(memscan_count(&s), 0);
    char *p = secret_alloc(LENGTH + 1);
    assert_string_equal(p, "");
    memscan_text(&s, p);
    assert_int_equal(memscan_count(&s), 1);
    char *q = secret_strdup(p), *r = secret_strndup(p, LENGTH);
    assert_string_equal(q, r);
    assert_int_equal(memscan_count(&s), 3);
    secret_free(p);
    secret_free(q);
    secret_free(r);
    secret_free(NULL);
    assert_null(secret_strdup(NULL));
    assert_int_equal(memscan_count(&s), 0);
}

__attribute__((noinline)) static void use_the_stack(const struct memscan *s)
{
    char text[4096];
    memscan_text(s, text + 100);
    text[100 + LENGTH] = '\0';
    assert_int_equal(memscan_count(s), 1);
    secret_wipe(text, sizeof text);
}

static void stacks_are_wiped(void **state)
{
    (void)state;
    struct memscan s;
    memscan_init(&s, LENGTH);
    use_the_stack(&s);
    assert_int_equal(memscan_count(&s), 0);
    secret_wipe(NULL, 0);
}

// However often it grew, the text is there once; truncated, reset and released it is gone.
static void buffers_leave_nothing(void **state)
{
    (void)state;
    struct memscan s;
    memscan_init(&s, LENGTH);
    struct buf b;
    buf_init_secret(&b, 1 << 20);
    for (int round = 0; round < 3; round++) {
        buf_adds(&b, "token: ");
        size_t at = b.len;
        for (int i = 0; i < LENGTH; i++) {
            buf_addc(&b, 'x');
        }
        memscan_text(&s, b.data + at);
        for (int i = 0; i < 50000; i++) {
            buf_addc(&b, (char)('0' + i % 10));
        }
        assert_int_equal(memscan_count(&s), 1);
        if (round == 0) {
            buf_truncate(&b, 3);
            assert_string_equal(b.data, "tok");
        } else if (round == 1) {
            buf_reset(&b);
        } else {
            char *p = buf_take(&b);
            assert_int_equal(memscan_count(&s), 1);
            secret_free(p);
        }
        assert_int_equal(memscan_count(&s), 0);
    }
    buf_adds(&b, "1234567890123456789012345678901234567890");
    memscan_text(&s, b.data);
    buf_release(&b);
    assert_int_equal(memscan_count(&s), 0);
}

static void arenas_leave_nothing(void **state)
{
    (void)state;
    struct memscan s;
    memscan_init(&s, LENGTH);
    struct arena a;
    arena_init_secret(&a);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            memscan_text(&s, arena_alloc(&a, LENGTH));
            (void)!arena_alloc(&a, 20000); // another block
        }
        assert_int_equal(memscan_count(&s), 5);
        if (round == 0) {
            arena_clear(&a);
        } else {
            arena_release(&a);
        }
        assert_int_equal(memscan_count(&s), 0);
    }
}

#ifndef GATETOP_SANITIZED

// The flags of the pages at p as /proc/self/smaps has them, "rd wr lo dd ...", with a blank at both ends.
static void flags_of(const void *p, char *flags, size_t size)
{
    FILE *f = fopen("/proc/self/smaps", "r");
    char line[4096];
    bool here = false;
    assert_non_null(f);
    flags[0] = '\0';
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned long long from, to;
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
            here = (uintptr_t)p >= from && (uintptr_t)p < to;
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(flags, size, "%.200s ", line + 8);
        }
    }
    fclose(f);
}

static void pages_stay_out_of_swap_and_core_dumps(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 5000, 40000};
    struct rlimit locked;
    getrlimit(RLIMIT_MEMLOCK, &locked);
    bool may_lock = geteuid() == 0 || locked.rlim_cur >= 65536;
    if (!may_lock) {
        print_message("# this user may lock no memory\n");
    }
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        char flags[256], *p = secret_alloc(sizes[i]);
        flags_of(p + sizes[i] - 1, flags, sizeof flags);
        assert_non_null(strstr(flags, " dd "));
        assert_true(!may_lock || strstr(flags, " lo ") != NULL);
        secret_free(p);
    }
    char flags[256], *heap = xmalloc(100); // what the flags above would be if nothing were done
    flags_of(heap, flags, sizeof flags);
    assert_non_null(strstr(flags, " wr "));
    assert_null(strstr(flags, " dd "));
    assert_null(strstr(flags, " lo "));
    free(heap);
}

#endif

static void free_secret(void *p)
{
    secret_free(p);
}

// Where the compiler does not see it. (It sees secret_free(calloc(1, 200)).)
static void other_memory_is_a_bug(void **state)
{
    (void)state;
    static max_align_t other[20];
    assert_ends(free_secret, other + 10, "gatetop: BUG at kube/base/secret.c:");
}

// --- the process

static void raise_core_limit(void)
{
    struct rlimit all;
    getrlimit(RLIMIT_CORE, &all);
    all.rlim_cur = all.rlim_max;
    setrlimit(RLIMIT_CORE, &all);
}

static void crash(void *secret)
{
    raise_core_limit();
    if (secret != NULL) {
        (void)!secret_alloc(1);
    }
    abort();
}

static void show_process(void *unused)
{
    (void)unused;
    raise_core_limit();
    struct rlimit before, after;
    getrlimit(RLIMIT_CORE, &before);
    int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    char *p = secret_alloc(1);
    getrlimit(RLIMIT_CORE, &after);
    dprintf(STDERR_FILENO, "%d to %d, core files %d, hard limit %s", dumpable,
            prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), after.rlim_cur != 0,
            before.rlim_max == after.rlim_max ? "kept" : "changed");
    secret_free(p);
}

static void the_first_secret_hides_the_process(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(run_apart(show_process, NULL, text, sizeof text), 0);
#ifdef GATETOP_SANITIZED
    assert_string_equal(text, "1 to 1, core files 0, hard limit kept");
#else
    assert_string_equal(text, "1 to 0, core files 0, hard limit kept");
#endif
}

static const struct sandbox_call set_limit = {.number = SYS_prlimit64, .index = 2, .other = true};

#ifndef GATETOP_SANITIZED

static const struct sandbox_call set_dumpable = {.number = SYS_prctl, .value = PR_SET_DUMPABLE};

static _Atomic pid_t second;
static _Atomic int dumpable = -1; // as the second thread saw it with its secret

static void *take_first(void *unused)
{
    (void)unused;
    secret_free(secret_alloc(1));
    return NULL;
}

static void *take_second(void *unused)
{
    (void)unused;
    second = (pid_t)syscall(SYS_gettid);
    char *p = secret_alloc(1);
    dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    secret_free(p);
    return NULL;
}

static bool sleeps(pid_t thread)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *f = fopen(path, "r");
    bool asleep = f != NULL && fgets(text, sizeof text, f) != NULL && strstr(text, ") S ") != NULL;
    if (f != NULL) {
        fclose(f);
    }
    return asleep;
}

static void take_while_another_hides(void *unused)
{
    (void)unused;
    pthread_t threads[2];
    int fd = sandbox_hold(&set_limit);
    if (fd < 0 || pthread_create(&threads[0], NULL, take_first, NULL) != 0) {
        _exit(2);
    }
    uint64_t held = sandbox_held(fd); // the first thread is just hiding the process
    if (pthread_create(&threads[1], NULL, take_second, NULL) != 0) {
        _exit(2);
    }
    int64_t give_up = clock_mono_ms() + PATIENCE_MS;
    while (dumpable < 0 && (second == 0 || !sleeps(second)) && clock_mono_ms() < give_up) {
        sched_yield();
    }
    if (!sandbox_let_go(fd, held)) {
        _exit(2);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    _exit(dumpable == 0 ? 0 : 1);
}

// No thread has a secret before the process is hidden, also where another one is just hiding it.
static void the_second_thread_waits(void **state)
{
    (void)state;
    char text[4096];
    int status = run_apart(take_while_another_hides, NULL, text, sizeof text);
    assert_string_equal(text, "");
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) {
        print_message("# this system holds up no calls\n");
    } else {
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

#endif

static void hide_in_a_sandbox(void *call)
{
    struct err err[2];
    if (!sandbox_refuse(call)) {
        _exit(2);
    }
    for (int i = 0; i < 2; i++) {
        if (secret_hide_process(&err[i])) {
            _exit(1);
        }
    }
    char *p = secret_strdup(err[0].msg);
    dprintf(STDERR_FILENO, "%s", strcmp(p, err[1].msg) == 0 ? p : "another message");
    _exit(0);
}

static void what_the_system_refuses_is_known(void **state)
{
    (void)state;
    static const struct {
        const struct sandbox_call *call;
        const char *says;
    } cases[] = {
        {&set_limit, "core dumps cannot be turned off: Operation not permitted"},
#ifndef GATETOP_SANITIZED
        {&set_dumpable, "other programs can read this one's memory: Operation not permitted"},
#endif
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[4096];
        int status = run_apart(hide_in_a_sandbox, unconst(cases[i].call), text, sizeof text);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 2) {
            print_message("# this system refuses no calls\n");
        } else {
            assert_int_equal(WEXITSTATUS(status), 0);
            assert_string_equal(text, cases[i].says);
        }
    }
}

static void no_core_is_left(void **state)
{
    (void)state;
    char text[4096], *dir = tempdir_new(), here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(dir), 0);
    int open = run_apart(crash, NULL, text, sizeof text);
    int held = run_apart(crash, text, text, sizeof text);
    assert_int_equal(chdir(here), 0);
    tempdir_free(dir);
    assert_true(WIFSIGNALED(open) && WIFSIGNALED(held));
    if (!WCOREDUMP(open)) {
        printf("# this system writes no core files\n");
    }
    assert_false(WCOREDUMP(held));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_secret_hides_the_process), // before this process has one
#ifndef GATETOP_SANITIZED
        cmocka_unit_test(the_second_thread_waits),
#endif
        cmocka_unit_test(what_the_system_refuses_is_known),
        cmocka_unit_test(no_core_is_left),
#ifndef GATETOP_SANITIZED
        cmocka_unit_test(pages_stay_out_of_swap_and_core_dumps),
#endif
        cmocka_unit_test(freed_memory_is_wiped),
        cmocka_unit_test(stacks_are_wiped),
        cmocka_unit_test(buffers_leave_nothing),
        cmocka_unit_test(arenas_leave_nothing),
        cmocka_unit_test(other_memory_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
