// SPDX-License-Identifier: Apache-2.0
// The log file: levels, areas, one escaped line for each event, nothing if it is off.
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"

#include "tests/support/file.h"
#include "tests/support/tempdir.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static char *dir, *path;

// What the log holds; it is empty afterwards. Heap.
static char *take_log(void)
{
    log_close();
    char *text = file_read(path, NULL);
    assert_int_equal(remove(path), 0);
    struct err err;
    assert_true(log_open(path, &err));
    return text;
}

static int evaluated;

static int count(void)
{
    return ++evaluated;
}

static void areas_are_off_by_default(void **state)
{
    (void)state;
    struct err err;
    assert_true(log_open(path, &err));
    for (int a = 0; a < LOG_AREA_COUNT; a++) {
        assert_false(log_area_on((enum log_area)a));
        log_debug((enum log_area)a, "line %d", count());
    }
    assert_int_equal(evaluated, 0); // not even the arguments
    char *text = take_log();
    assert_string_equal(text, "");
    free(text);
}

static void each_area_alone(void **state)
{
    (void)state;
    for (int a = 0; a < LOG_AREA_COUNT; a++) {
        unsigned areas;
        struct err err;
        assert_true(log_areas_parse(log_areas[a].name, &areas, &err));
        assert_int_equal(areas, 1U << a);
        log_areas_set(areas);
        for (int b = 0; b < LOG_AREA_COUNT; b++) {
            log_debug((enum log_area)b, "a\nb\x1b[1m\xff %s", log_areas[b].name);
        }
        char *text = take_log(), *wanted = xasprintf("Z debug %s a\\nb\\x1b[1m\\xff %s\n",
                                                     log_areas[a].name, log_areas[a].name);
        assert_int_equal(strcspn(text, "\n"), strlen(text) - 1); // one line
        assert_string_equal(strchr(text, 'Z'), wanted);
        free(text);
        free(wanted);
    }
    log_areas_set(0);
}

static void lists_of_areas(void **state)
{
    (void)state;
    unsigned areas;
    struct err err;
    assert_true(log_areas_parse("store,client", &areas, &err));
    assert_int_equal(areas, 1U << LOG_AREA_STORE | 1U << LOG_AREA_CLIENT);
    assert_true(log_areas_parse("all", &areas, &err));
    assert_int_equal(areas, (1U << LOG_AREA_COUNT) - 1U);
    static const char *const wrong[][2] = {
        {"", "''"}, {"stor", "'stor'"}, {"store,", "''"}, {"all,x", "'x'"}, {"Store", "'Store'"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(log_areas_parse(wrong[i][0], &areas, &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.msg, wrong[i][1]));
        for (int a = 0; a < LOG_AREA_COUNT; a++) { // the message lists what there is
            assert_non_null(strstr(err.msg, log_areas[a].name));
        }
    }
}

static void each_level_has_its_word(void **state)
{
    (void)state;
    free(take_log());
    log_line("test", LOG_WARN, "one");
    log_line("test", LOG_INFO, "two");
    char *text = take_log();
    assert_non_null(strstr(text, "Z warn test one\n"));
    assert_non_null(strstr(text, "Z info test two\n"));
    free(text);
}

static void nothing_without_a_file(void **state)
{
    (void)state;
    log_areas_set((1U << LOG_AREA_COUNT) - 1U);
    char *text = take_log();
    free(text);
    log_close();
    log_debug(LOG_AREA_STORE, "nowhere");
    log_line("test", LOG_WARN, "nowhere");
    text = take_log();
    assert_string_equal(text, "");
    free(text);
    log_areas_set(0);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    char *text = take_log(), *x = xmalloc(20001);
    free(text);
    memset(x, 'x', 20000);
    x[20000] = '\0';
    log_areas_set(1U << LOG_AREA_MESH);
    log_debug(LOG_AREA_MESH, "%s", x);
    log_areas_set(0);
    text = take_log();
    assert_int_equal(strlen(text), 4096);
    assert_int_equal(text[4095], '\n');
    free(text);
    free(x);
}

// A file that may not grow, as on a disk that is full.
static void what_a_full_disk_cuts_ends_before_the_next_line(void **state)
{
    (void)state;
    free(take_log());
    assert_int_equal(log_first_failure(), 0);
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    signal(SIGXFSZ, SIG_IGN);
    log_line("test", LOG_INFO, "one");
    small.rlim_cur = 60;
    setrlimit(RLIMIT_FSIZE, &small);
    log_line("test", LOG_INFO, "a line with more than the rest of sixty bytes");
    log_line("test", LOG_INFO, "nothing of this");
    setrlimit(RLIMIT_FSIZE, &before);
    log_line("test", LOG_INFO, "two");
    log_line("test", LOG_INFO, "three");
    assert_int_equal(log_first_failure(), ENOSPC); // the first one, of which a part was written
    char *text = take_log();
    int lines = 0;
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_non_null(strstr(line, "Z"));
        lines++;
    }
    assert_int_equal(lines, 4);
    assert_non_null(strstr(text, " info test two\n"));
    assert_null(strstr(text, "nothing"));
    free(text);
}

int main(void)
{
    dir = tempdir_new();
    path = xasprintf("%s/log", dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_off_by_default),
        cmocka_unit_test(each_area_alone),
        cmocka_unit_test(lists_of_areas),
        cmocka_unit_test(each_level_has_its_word),
        cmocka_unit_test(nothing_without_a_file),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(what_a_full_disk_cuts_ends_before_the_next_line),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(path);
    tempdir_free(dir);
    return failed;
}
