// SPDX-License-Identifier: Apache-2.0
// Secret memory: nothing of it is left anywhere in the process when it was freed, and no core dump has it.
#define _DEFAULT_SOURCE // WCOREDUMP
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/secret.h"

#include "tests/support/ending.h"
#include "tests/support/memscan.h"
#include "tests/support/tempdir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { LENGTH = 40 };

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
        cmocka_unit_test(no_core_is_left),
        cmocka_unit_test(freed_memory_is_wiped),
        cmocka_unit_test(stacks_are_wiped),
        cmocka_unit_test(buffers_leave_nothing),
        cmocka_unit_test(arenas_leave_nothing),
        cmocka_unit_test(other_memory_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
