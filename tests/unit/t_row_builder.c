// SPDX-License-Identifier: Apache-2.0
// The thread that builds tables: while one job follows another without a pause, tables that are no longer wanted do not
// pile up.
#include "kube/base/arena.h"
#include "kube/base/err.h"

#include "kube/store/store.h"

#include "tui/screen/row_builder.h"

#include "tests/support/work_count.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { JOBS = 300, ROWS = 4000, TIMES_MAX = 24 };

static const struct view_options options;
static struct row_builder *builder;
static struct row_job job;
static int built;
static size_t most;

static struct cell cell(const struct view_args *a, const void *row)
{
    (void)a;
    (void)row;
    return (struct cell){.text = "x"};
}

// On the builder's thread: while it builds, the next job is there already.
static struct view_rows list(const struct view_args *a)
{
    static const char row;
    const void **at = arena_calloc(a->arena, ROWS, sizeof *at);
    for (int i = 0; i < ROWS; i++) {
        at[i] = &row;
    }
    size_t held = work_bytes_held();
    most = held > most ? held : most;
    if (++built < JOBS) {
        struct row_job next = job;
        next.snap = snapshot_ref(job.snap);
        row_builder_submit(builder, &next);
    }
    return (struct view_rows){at, ROWS};
}

static const struct column columns[] = {{.title = "X", .field = "x", .cell = cell, .min = 1}};
static const struct view view = {
    .name = "x", .title = "X", .columns = columns, .ncolumns = 1, .list = list};

#ifndef GATETOP_SANITIZED // a sanitizer needs all addresses
// No more memory than the process has, and 1 MiB; a thread's stack is larger.
static void hold_memory(struct rlimit *old)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu", &pages), 1);
    (void)fclose(f);
    assert_int_equal(getrlimit(RLIMIT_AS, old), 0);
    struct rlimit few = {pages * (unsigned long)sysconf(_SC_PAGESIZE) + (1UL << 20), old->rlim_max};
    assert_int_equal(setrlimit(RLIMIT_AS, &few), 0);
}

static int open_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++) {
        n += fcntl(fd, F_GETFD) >= 0;
    }
    return n;
}
#endif

// Runs first: later the C library has the stack of an ended thread.
static void no_pipe_and_no_thread(void **state)
{
    (void)state;
    struct err err;
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    struct rlimit few = {0, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    builder = row_builder_new(&err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_null(builder);
    assert_non_null(strstr(err.msg, "cannot make a pipe"));
#ifndef GATETOP_SANITIZED
    int descriptors = open_descriptors();
    hold_memory(&old);
    builder = row_builder_new(&err);
    assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
    assert_null(builder);
    assert_non_null(strstr(err.msg, "cannot start a thread"));
    assert_int_equal(open_descriptors(), descriptors); // the pipe is closed
#endif
}

static void tables_do_not_pile_up(void **state)
{
    (void)state;
    struct err err;
    struct store *store = store_new();
    const struct snapshot *snap = store_publish(store, NULL, NULL);
    builder = row_builder_new(&err);
    assert_non_null(builder);
    job = (struct row_job){
        .snap = snap, .view = &view, .order = {.column = -1}, .options = &options, .why = "a test"};
    size_t before = work_bytes_held();
    struct row_job first = job;
    first.snap = snapshot_ref(snap);
    row_builder_submit(builder, &first);
    struct built_rows *r =
        row_builder_take(builder, 60000); // of the last job: no other ends without a next one
    assert_non_null(r);
    assert_int_equal(r->table.n, ROWS);
    assert_int_equal(built, JOBS);
    row_builder_discard(builder, r);
    row_builder_free(builder);
    size_t tables = (most - before) / (ROWS * sizeof(void *));
    printf("# %zu times the rows of a table at most\n", tables);
#ifndef GATETOP_SANITIZED
    assert_in_range(tables, 1, TIMES_MAX);
#endif
    snapshot_unref(snap);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pipe_and_no_thread),
        cmocka_unit_test(tables_do_not_pile_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
