// SPDX-License-Identifier: Apache-2.0
// Theme files: what they may say, where an error is reported, and that the themes we ship are whole.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "tui/screen/theme.h"

#include "tests/support/file.h"
#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static bool parse(struct theme *t, const char *text, struct err *err)
{
    return theme_parse(t, text, strlen(text), "my.theme", err);
}

static void colours_and_attributes(void **state)
{
    (void)state;
    struct theme t;
    struct err err;
    assert_true(parse(&t,
                      "# mine\n\n[256]\nok = 71\nbroken = #ff0000 default bold underline\r\n"
                      "cursor = default 236\n[8]\n  ok=green\nname = blue default bold\n"
                      "[mono]\nok = default default dim",
                      &err));
    struct style s = theme_cell(&t, DEPTH_256, ROLE_OK, ROLE_TEXT);
    assert_int_equal(s.fg, 71);
    assert_int_equal(s.bg, -1);
    assert_int_equal(s.attrs, 0);
    s = theme_cell(&t, DEPTH_256, ROLE_BROKEN, ROLE_TEXT);
    assert_int_equal(s.fg, 196);
    assert_int_equal(s.attrs, STYLE_BOLD | STYLE_UNDERLINE);
    assert_int_equal(theme_cell(&t, DEPTH_16, ROLE_OK, ROLE_TEXT).fg, 2);    // from [8]
    assert_int_equal(theme_cell(&t, DEPTH_256, ROLE_NAME, ROLE_TEXT).fg, 4); // too
    assert_int_equal(theme_cell(&t, DEPTH_MONO, ROLE_OK, ROLE_TEXT).attrs, STYLE_DIM);
    assert_int_equal(theme_cell(&t, DEPTH_MONO, ROLE_NAME, ROLE_TEXT).fg,
                     -1); // mono takes nothing from colours
    assert_int_equal(theme_cell(&t, DEPTH_8, ROLE_BROKEN, ROLE_TEXT).fg,
                     -1); // nor 8 from mono or 256
}

static void errors_have_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"ok = red\n",
         "my.theme:1: 'ok' comes before any depth: begin with [256], [16], [8] or [mono]"},
        {"[256]\n[300]\n",
         "my.theme:2: no depth is called '300': write [256], [16], [8] or [mono]"},
        {"[8]\n\n# x\nokay = red\n",
         "my.theme:4: no role is called 'okay'; gatetop-theme(5) lists them"},
        {"[8]\nok = bright-red\n",
         "my.theme:2: 'bright-red' is not a colour of [8]: write 'default', "
         "a name such as 'red', or a "
         "number below 8"},
        {"[8]\nok = 8\n", "my.theme:2: '8' is not a colour of [8]"},
        {"[256]\nok = 256\n", "my.theme:2: '256' is not a colour"},
        {"[16]\nok = #ff0000\n", "my.theme:2: '#ff0000' is not a colour of [16]"},
        {"[256]\nok = #ff00zz\n", "my.theme:2: '#ff00zz' is not a colour"},
        {"[256]\nok = -1\n", "my.theme:2: '-1' is not a colour"},
        {"[mono]\nok = red\n", "my.theme:2: 'red' is not a colour of [mono]"},
        {"[256]\nok = red blue shiny\n", "my.theme:2: 'shiny' is not an attribute"},
        {"[256]\nok = bold\n", "my.theme:2: 'bold' needs a colour before it; write 'default bold'"},
        {"[256]\nok = red bold blue\n", "my.theme:2: 'blue' is not an attribute"},
        {"[256]\nok =\n", "my.theme:2: there is no colour after '='; write one, or 'default'"},
        {"[256]\nok\n", "my.theme:2: 'ok' is not a line of a theme: write 'role = colour'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct theme t;
        struct err err;
        assert_false(parse(&t, cases[i].text, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        if (!str_starts(err.msg, cases[i].message)) {
            assert_string_equal(err.msg, cases[i].message);
        }
    }
}

static void laying_over(void **state)
{
    (void)state;
    struct theme t;
    struct err err;
    assert_true(
        parse(&t,
              "[256]\nok = 71 default underline\ncursor = default 236 bold\nmatch = 16 222\n"
              "header = 250 235\n",
              &err));
    struct style s = theme_cell(&t, DEPTH_256, ROLE_OK, ROLE_CURSOR);
    assert_int_equal(s.fg, 71); // the state's colour stays readable under the cursor
    assert_int_equal(s.bg, 236);
    assert_int_equal(s.attrs, STYLE_BOLD | STYLE_UNDERLINE);
    assert_int_equal(theme_cell(&t, DEPTH_256, ROLE_OK, ROLE_MATCH).fg, 16);
    s = theme_cell(&t, DEPTH_256, ROLE_OK, ROLE_HEADER);
    assert_int_equal(s.fg, 71);
    assert_int_equal(s.bg, 235);
    assert_int_equal(theme_cell(&t, DEPTH_256, ROLE_TEXT, ROLE_HEADER).fg, 250);
    assert_int_equal(theme_cell(&t, DEPTH_256, ROLE_OK, ROLE_TEXT).bg, -1);
}

static void shipped_themes_are_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"default", "light", "mono"};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "themes/%s.theme", names[i]);
        struct theme t;
        struct err err;
        err_clear(&err);
        if (!theme_load(&t, path, &err)) {
            fail_msg("%s", err.msg);
        }
        assert_string_equal(t.name, names[i]);
        for (int d = 0; d < DEPTH_COUNT; d++) {
            // The cursor, a search's hit, the broken state and the bars must differ from plain text.
            static const enum role seen[] = {ROLE_CURSOR, ROLE_MATCH, ROLE_BROKEN, ROLE_HEADER,
                                             ROLE_SORT};
            for (size_t r = 0; r < sizeof seen / sizeof *seen; r++) {
                struct style s = theme_cell(&t, (enum depth)d, seen[r], ROLE_TEXT);
                assert_true(s.fg >= 0 || s.bg >= 0 || s.attrs != 0);
            }
            for (int r = 0; r < ROLE_COUNT;
                 r++) { // backgrounds stay the terminal's but on bars and marks
                struct style s = theme_cell(&t, (enum depth)d, (enum role)r, ROLE_TEXT);
                if (r <= ROLE_TITLE) {
                    assert_int_equal(s.bg, -1);
                }
                if (i == 2 || d == DEPTH_MONO) {
                    assert_true(s.fg == -1 && s.bg == -1);
                }
            }
        }
    }
}

// The theme that is compiled in is themes/default.theme.
static void the_default_is_compiled_in(void **state)
{
    (void)state;
    char *text = file_read("themes/default.theme", NULL);
    assert_string_equal(text, theme_default_text);
    free(text);
}

static void found_by_name(void **state)
{
    (void)state;
    static const char mine_theme[] = "gatetop/themes/mine.theme";
    char *dir = tempdir_new(), text[512];
    tempdir_write(dir, mine_theme, "[8]\nok = magenta\n", 0600);
    setenv("XDG_CONFIG_HOME", dir, 1);
    struct theme t;
    struct err err;
    assert_true(theme_load(&t, "mine", &err));
    assert_int_equal(theme_cell(&t, DEPTH_8, ROLE_OK, ROLE_TEXT).fg, 5);
    assert_true(theme_load(&t, "default", &err)); // compiled in
    assert_int_equal(theme_cell(&t, DEPTH_256, ROLE_OK, ROLE_TEXT).fg, 71);
    assert_false(theme_load(&t, "nosuch", &err));
    snprintf(text, sizeof text, "no theme is called 'nosuch'; looked in %s/gatetop/themes, ", dir);
    assert_true(str_starts(err.msg, text));
    assert_false(theme_load(&t, "./nosuch.theme", &err));
    assert_non_null(strstr(err.msg, "'./nosuch.theme'"));
    tempdir_write(dir, mine_theme, "[8]\n\nok = mauve\n", 0600);
    assert_false(theme_load(&t, "mine", &err));
    snprintf(text, sizeof text, "%s/%s:3: 'mauve' is not a colour of [8]", dir, mine_theme);
    assert_true(str_starts(err.msg, text));
    struct arena a;
    arena_init(&a);
    struct theme_list names = theme_names(&a);
    bool mine = false;
    for (uint32_t i = 0; i < names.n; i++) {
        mine = mine || strcmp(names.at[i], "mine") == 0;
        assert_true(i == 0 || strcmp(names.at[i - 1], names.at[i]) < 0);
    }
    assert_true(mine);
    arena_release(&a);
    tempdir_free(dir);
}

static void every_role_is_explained(void **state)
{
    (void)state;
    for (int r = 0; r < ROLE_COUNT; r++) {
        assert_true(strlen(role_help((enum role)r)) > 3);
        assert_true(strlen(role_name((enum role)r)) > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_and_attributes),
        cmocka_unit_test(errors_have_file_and_line),
        cmocka_unit_test(laying_over),
        cmocka_unit_test(shipped_themes_are_whole),
        cmocka_unit_test(the_default_is_compiled_in),
        cmocka_unit_test(found_by_name),
        cmocka_unit_test(every_role_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
