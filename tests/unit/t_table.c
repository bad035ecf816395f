// SPDX-License-Identifier: Apache-2.0
// The table of every view over the sample platform and over awkward text: widths, order, filter.
#include "kube/base/arena.h"
#include "kube/base/text.h"

#include "views/table.h"
#include "views/view_list.h"

#include "tests/support/platform.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// What is shown fits the screen at every width, the first column always is, and each column stays between
// its bounds where there is room for them.
static void columns_fit_every_width(void **state)
{
    (void)state;
    static const int wide_enough[] = {80, 120, 200, 400};
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct platform_look l;
        platform_look(&l);
        struct table t = table_build(v, &l.args, NULL, (struct table_order){-1, false});
        assert_true(t.n > 0);
        for (int i = 1; i <= 44; i++) {
            int columns = i <= 40 ? i : wide_enough[i - 41];
            for (int wide = 0; wide < 2; wide++) {
                int width[64], used = 0, shown = 0;
                table_widths(v, &l.args, t.at, t.n, columns, wide, width);
                for (int c = 0; c < v->ncolumns; c++) {
                    assert_true(width[c] >= 0);
                    assert_true(wide || !v->columns[c].wide || width[c] == 0);
                    used += width[c] > 0 ? width[c] + (shown > 0) : 0;
                    shown += width[c] > 0;
                    assert_true(v->columns[c].max == 0 || width[c] <= v->columns[c].max ||
                                width[c] <= text_width(v->columns[c].title));
                }
                assert_true(width[0] > 0);
                if (used > columns) {
                    fail_msg("%s: %d of %d columns", v->name, used, columns);
                }
            }
        }
        arena_release(&l.arena);
    }
}

// The host is what a row is about: a small screen shows it cut, not the links without it.
static void a_small_screen_shows_hosts(void **state)
{
    (void)state;
    struct platform_look l;
    platform_look(&l);
    const struct view *v = view_find("apps");
    struct table t = table_build(v, &l.args, NULL, (struct table_order){-1, false});
    for (int columns = 28; columns <= 80; columns++) {
        int width[64], host = 0;
        table_widths(v, &l.args, t.at, t.n, columns, false, width);
        while (strcmp(v->columns[host].field, "host") != 0) {
            host++;
        }
        if (width[host] < 12) {
            fail_msg("%d columns: host has %d", columns, width[host]);
        }
    }
    arena_release(&l.arena);
}

static struct cell one_letter(const struct view_args *a, const void *row)
{
    (void)a, (void)row;
    return (struct cell){.text = "x"};
}

// A view may have any number of columns: a thousand fit if there is room, and no width is lost.
static void a_table_may_have_any_number_of_columns(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static struct column columns[MANY];
    for (int c = 0; c < MANY; c++) {
        columns[c] = (struct column){.title = "X", .cell = one_letter, .min = 1, .max = 1};
    }
    const struct view many = {.columns = columns, .ncolumns = MANY};
    struct platform_look l;
    platform_look(&l);
    static const char row[] = "row";
    const void *rows[] = {row};
    int width[MANY];
    table_widths(&many, &l.args, rows, 1, 2 * MANY, false, width);
    for (int c = 0; c < MANY; c++) {
        assert_int_equal(width[c], 1);
    }
    arena_release(&l.arena);
}

// By each column, both ways: in order, no row lost, equals in the natural order.
static void every_column_sorts_both_ways(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct platform_look l;
        platform_look(&l);
        uint32_t n = v->list(&l.args).n;
        for (int c = 0; c < v->ncolumns; c++) {
            for (int down = 0; down < 2; down++) {
                struct table t = table_build(v, &l.args, NULL, (struct table_order){c, down != 0});
                assert_int_equal(t.n, n);
                for (uint32_t i = 1; i < n; i++) {
                    struct cell x = v->columns[c].cell(&l.args, t.at[i - 1]);
                    struct cell y = v->columns[c].cell(&l.args, t.at[i]);
                    int order = v->columns[c].sort == SORT_NUMBER
                                    ? (x.sort > y.sort) - (x.sort < y.sort)
                                    : strcmp(x.text, y.text);
                    if (down ? order < 0 : order > 0) {
                        fail_msg("%s by %s: '%s' before '%s'", v->name, v->columns[c].field, x.text,
                                 y.text);
                    }
                }
            }
        }
        arena_release(&l.arena);
    }
}

// The name of a state filters by state: 'ok' is part of 'broken' in no one's mind, but of its letters.
static void a_state_is_no_word(void **state)
{
    (void)state;
    struct platform_look l;
    platform_look(&l);
    const struct view *v = view_find("apps");
    const struct table_order natural = {-1, false};
    const struct table all = table_build(v, &l.args, NULL, natural);
    static const struct {
        const char *filter;
        enum verdict verdict;
        bool negated;
    } cases[] = {
        {"ok", VERDICT_OK, false},           {"!ok", VERDICT_OK, true},
        {"OK", VERDICT_OK, false},           {"state:ok", VERDICT_OK, false},
        {"broken", VERDICT_BROKEN, false},   {"!state:broken", VERDICT_BROKEN, true},
        {"warning", VERDICT_WARNING, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct table t = table_build(v, &l.args, cases[i].filter, natural);
        const uint32_t n = all.counts.n[cases[i].verdict];
        assert_int_equal(t.n, cases[i].negated ? all.n - n : n);
        assert_true(n > 0);
    }
    const struct table ns = table_build(v, &l.args, "ns:payments host:fee", natural);
    assert_true(ns.n > 0 && ns.n < all.n);
    for (uint32_t i = 0; i < ns.n; i++) {
        assert_string_equal(view_row_ns(v, &l.args, ns.at[i]), "payments-production");
        assert_non_null(strstr(v->host(&l.args, ns.at[i]), "fee"));
    }
    assert_int_equal(table_build(v, &l.args, "!ns:payments", natural).n +
                         table_build(v, &l.args, "ns:payments", natural).n,
                     all.n);
    arena_release(&l.arena);
}

// A word and its negation part the rows; what is counted is what is shown.
static void a_filter_parts_the_rows(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct platform_look l;
        platform_look(&l);
        struct table_order natural = {-1, false};
        uint32_t n = v->list(&l.args).n;
        static const char *const words[][2] = {
            {"prod", "!prod"}, {"PROD", "!PROD"}, {"\xE7\xBD\x91", "!\xE7\xBD\x91"}};
        for (size_t i = 0; i < 3; i++) {
            struct table with = table_build(v, &l.args, words[i][0], natural);
            struct table without = table_build(v, &l.args, words[i][1], natural);
            assert_int_equal(with.n + without.n, n);
            uint32_t counted = 0;
            for (int k = 0; k <= VERDICT_BROKEN; k++) {
                counted += with.counts.n[k];
            }
            assert_int_equal(counted, with.n);
        }
        assert_int_equal(table_build(v, &l.args, "prod !prod", natural).n, 0);
        assert_int_equal(table_build(v, &l.args, "nosuchword", natural).n, 0);
        static const char many[] = "a a a a a a a a a a a a a a a a a a a a nosuchword";
        assert_int_equal(table_build(v, &l.args, many, natural).n, 0);
        arena_release(&l.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_fit_every_width),
        cmocka_unit_test(a_small_screen_shows_hosts),
        cmocka_unit_test(a_table_may_have_any_number_of_columns),
        cmocka_unit_test(every_column_sorts_both_ways),
        cmocka_unit_test(a_filter_parts_the_rows),
        cmocka_unit_test(a_state_is_no_word),
    };
    return cmocka_run_group_tests(tests, platform_open, platform_close);
}
