// SPDX-License-Identifier: Apache-2.0
// The man pages are what their templates and the program's tables make, and name everything there is.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/mesh/check/finding_codes.h"

#include "views/view_list.h"

#include "tui/cli/cli_manual.h"
#include "tui/cli/completion.h"
#include "tui/cli/option_table.h"
#include "tui/cli/subcommands.h"
#include "tui/screen/bindings.h"
#include "tui/screen/screen_manual.h"

#include "tests/support/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct mdoc_section *const sections[] = {cli_manual, screen_manual, NULL};

static void check_page(const char *template, const char *page)
{
    char *in = file_read(template, NULL), *want = file_read(page, NULL);
    struct buf out;
    buf_init(&out, 0);
    struct err err = {0};
    assert_true(mdoc_fill(in, sections, &out, &err));
    if (strcmp(out.data, want) != 0) {
        fail_msg("%s is not what its template and the tables make: run 'make docs'", page);
    }
    buf_release(&out);
    free(in);
    free(want);
}

static void test_pages_are_made_from_the_tables(void **state)
{
    (void)state;
    check_page("man/gatetop.1.in", "man/gatetop.1");
    check_page("man/gatetop-theme.5.in", "man/gatetop-theme.5");
}

static void test_an_unknown_section_is_reported(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 0);
    struct err err = {0};
    assert_false(mdoc_fill("@NONSENSE@\n", sections, &out, &err));
    assert_non_null(strstr(err.msg, "NONSENSE"));
    buf_release(&out);
}

// Hyphens are written "\-" on the page.
static bool has(const char *page, const char *text)
{
    struct buf b;
    buf_init(&b, 0);
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '-') {
            buf_addc(&b, '\\');
        }
        buf_addc(&b, *s);
    }
    bool found = strstr(page, str_or_empty(b.data)) != NULL;
    buf_release(&b);
    return found;
}

static void test_everything_there_is_stands_on_the_page(void **state)
{
    (void)state;
    char *page = file_read("man/gatetop.1", NULL);
    for (size_t i = 0; i < option_count; i++) {
        if (option_table[i].section != NULL) {
            char name[80];
            snprintf(name, sizeof name, "--%s", option_table[i].name);
            assert_true(has(page, name));
        }
    }
    for (const struct view *const *v = views; *v != NULL; v++) {
        assert_true(has(page, (*v)->name));
        assert_true(has(page, (*v)->json_kind));
        for (int c = 0; c < (*v)->ncolumns; c++) {
            assert_true(has(page, (*v)->columns[c].field));
        }
    }
    for (int i = SUBCOMMAND_GET; i < SUBCOMMAND_COUNT; i++) {
        assert_true(has(page, subcommands[i].help + 1));
    }
    for (int i = 0; i < LOG_AREA_COUNT; i++) {
        assert_true(has(page, log_areas[i].help + 1));
    }
    for (size_t i = 0; i < finding_code_count; i++) {
        assert_true(has(page, finding_codes[i].code));
    }
    free(page);
}

// The page as a reader sees it, without the backspaces that make letters bold.
static char *read_rendered(const char *path)
{
    char *command = xasprintf("mandoc -T ascii %s", path);
    FILE *f = popen(command, "r");
    free(command);
    assert_non_null(f);
    struct buf b;
    buf_init(&b, 0);
    for (int c; (c = getc(f)) != EOF;) {
        if (c == '\b') {
            b.len -= b.len > 0;
        } else {
            buf_addc(&b, (char)c);
        }
    }
    assert_int_equal(pclose(f), 0);
    return buf_take(&b);
}

static void test_keys_are_readable_on_the_page(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    char *page = read_rendered("man/gatetop.1");
    for (size_t i = 0; i < binding_count; i++) {
        const char *keys = arena_printf(&a, "\n     %s", binding_keys(&a, &bindings[i]));
        if (strstr(page, keys) == NULL) {
            fail_msg("the page does not show the keys '%s'", keys + 1);
        }
    }
    free(page);
    arena_release(&a);
}

static void test_completions_name_every_option_and_view(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t s = 0; s < 3; s++) {
        struct buf b;
        buf_init(&b, 0);
        assert_true(completion_print(shells[s], subcommands, &b));
        for (size_t i = 0; i < option_count; i++) {
            if (option_table[i].section != NULL) {
                assert_non_null(strstr(b.data, option_table[i].name));
            }
        }
        for (const struct view *const *v = views; *v != NULL; v++) {
            assert_non_null(strstr(b.data, (*v)->name));
        }
        // The words that --debug takes, as a list.
        assert_non_null(strstr(b.data, "client watch store mesh screen probe all"));
        buf_release(&b);
    }
    struct buf b;
    buf_init(&b, 0);
    assert_false(completion_print("tcsh", subcommands, &b));
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_made_from_the_tables),
        cmocka_unit_test(test_an_unknown_section_is_reported),
        cmocka_unit_test(test_everything_there_is_stands_on_the_page),
        cmocka_unit_test(test_keys_are_readable_on_the_page),
        cmocka_unit_test(test_completions_name_every_option_and_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
