// SPDX-License-Identifier: Apache-2.0
// What a terminal shows is what was drawn into the grid: at every size, after a storm of resizes, and
// for keys in the forms in which terminals send them.
#include "kube/base/buf.h"
#include "kube/base/clock.h"

#include "tui/screen/keys.h"

#include "tests/support/griddump.h"
#include "tests/support/scene.h"
#include "tests/support/tuichild.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// The grid that the dashboard draws at this size after these keys, computed here.
static char *expected(int data, int rows, int columns, const uint32_t *keys, size_t nkeys)
{
    struct fake f;
    clock_pin(1764000000);
    fake_init(&f);
    fake_publish(&f, data);
    struct ui *ui =
        scene_ui(&f, (struct ui_options){.views = fake_views}, "default", rows, columns);
    ui_draw(ui);
    for (size_t i = 0; i < nkeys; i++) {
        scene_press(ui, keys[i]);
        ui_draw(ui);
    }
    struct buf b;
    buf_init(&b, 0);
    dump_text(ui_draw(ui), &b);
    ui_free(ui);
    fake_release(&f);
    return buf_take(&b);
}

static bool screen_is(struct pty *p, const void *arg)
{
    const char *at = arg;
    for (int r = 0; r < pty_row_count(p); r++) {
        const char *row = pty_row(p, r);
        size_t n = strcspn(at, "\n");
        if (strlen(row) != n || memcmp(row, at, n) != 0) {
            return false;
        }
        at += n + 1;
    }
    return *at == '\0';
}

static void check(struct tui_run *t, int rows, int columns, const uint32_t *keys, size_t nkeys)
{
    char *expect = expected(t->rows_of_data, rows, columns, keys, nkeys);
    if (!pty_wait(t->pty, screen_is, expect)) {
        fail_msg("the terminal at %dx%d shows something else than\n%s", columns, rows, expect);
    }
    free(expect);
}

static void quit(struct tui_run *t)
{
    pty_type(t->pty, "Q");
    assert_int_equal(pty_wait_exit(t->pty), 0);
    tui_end(t);
}

static void every_size(void **state)
{
    (void)state;
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {5, 20}, {3, 10}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tui_run t = {.rows_of_data = 120};
        tui_start(&t, sizes[i][0], sizes[i][1], NULL, NULL);
        check(&t, sizes[i][0], sizes[i][1], NULL, 0);
        if (sizes[i][0] >= 5) {
            static const uint32_t keys[] = {'j', 'j', K_ENTER, 'j', K_TAB, 'j'};
            pty_type(t.pty, "jj\rj\tj");
            check(&t, sizes[i][0], sizes[i][1], keys, 6);
        }
        quit(&t);
    }
}

static void a_storm_of_resizes(void **state)
{
    (void)state;
    struct tui_run t = {.rows_of_data = 120};
    tui_start(&t, 24, 80, NULL, NULL);
    assert_true(pty_wait_text(t.pty, "row-000000"));
    size_t before = pty_bytes(t.pty);
    for (int i = 0; i < 200; i++) {
        pty_resize(t.pty, 5 + i % 40, 20 + i * 7 % 150);
        if (i % 50 == 0) {
            pty_type(t.pty, "jk");
        }
    }
    pty_resize(t.pty, 24, 80);
    pty_type(t.pty, "g");
    static const uint32_t top[] = {'g'};
    check(&t, 24, 80, top, 1);
    printf("# 200 resizes: %zu bytes\n", pty_bytes(t.pty) - before);
    // Coalesced: nowhere near two hundred screens.
    assert_in_range(pty_bytes(t.pty) - before, 0, 200 * 1000);
    pty_resize(t.pty, 2, 10);
    assert_true(pty_wait_row(t.pty, 0, "10x2: need"));
    pty_resize(t.pty, 40, 120);
    check(&t, 40, 120, top, 1);
    quit(&t);
}

static void keys_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t key;
    } forms[] = {
        {"\033OB", K_DOWN},    {"\033[B", K_DOWN},  {"\033OA", K_UP},       {"\033[A", K_UP},
        {"\033[6~", K_PGDN},   {"\033[5~", K_PGUP}, {"\033OF", K_END},      {"\033[F", K_END},
        {"\033[H", K_HOME},    {"\033OH", K_HOME},  {"\033[4~", K_END},     {"\033[1~", K_HOME},
        {"\033OP", K_F1},      {"\033", K_ESC},     {"\033[17~", K_F1 + 5}, {"\r", K_ENTER},
        {"\177", K_BACKSPACE}, {"\n", K_ENTER},     {"\010", K_BACKSPACE},  {"\033[15~", K_F1 + 4},
        {"\033", K_ESC},       {"/", '/'},          {"w\xc3\xb6", 0xf6},    {"\033[3~", K_DELETE},
    };
    struct tui_run t = {.rows_of_data = 120};
    tui_start(&t, 30, 100, NULL, NULL);
    assert_true(pty_wait_text(t.pty, "row-000000"));
    uint32_t keys[64];
    size_t n = 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].bytes[0] == 'w') {
            keys[n++] = 'w';
        }
        keys[n++] = forms[i].key;
        pty_type(t.pty, forms[i].bytes);
        check(&t, 30, 100, keys, n);
    }
    pty_type(t.pty, "\033");
    assert_true(pty_wait_gone(t.pty, "w\xc3\xb6"));
    quit(&t);
}

static void a_paste_is_not_lost(void **state)
{
    (void)state;
    struct tui_run t = {.rows_of_data = 120};
    tui_start(&t, 24, 80, NULL, NULL);
    assert_true(pty_wait_text(t.pty, "row-000000"));
    char keys[2001];
    memset(keys, 'j', sizeof keys - 1);
    memset(keys + 1000, 'k', 990);
    keys[2000] = '\0';
    memset(keys + 1990, 'w', 10); // an even number
    pty_type(t.pty, keys);
    // 1000 down (119 is the last), 990 up: the first row.
    uint32_t top[] = {'g'};
    check(&t, 24, 80, top, 1);
    quit(&t);
}

static void the_prompt_has_a_cursor(void **state)
{
    (void)state;
    struct tui_run t = {.rows_of_data = 12};
    tui_start(&t, 24, 80, NULL, NULL);
    assert_true(pty_wait_text(t.pty, "row-000000"));
    pty_type(t.pty, ":app");
    assert_true(pty_wait_row(t.pty, 23, ":app"));
    assert_true(pty_cursor_visible(t.pty));
    pty_type(t.pty, "\033");
    assert_true(pty_wait_row(t.pty, 23, " Enter open"));
    assert_false(pty_cursor_visible(t.pty));
    pty_type(t.pty, "y");
    assert_true(pty_wait_text(t.pty, "waiting for the server"));
    tui_order(&t, ORDER_YAML);
    assert_true(pty_wait_text(t.pty, "managedFields: ▸ 2 lines folded"));
    quit(&t);
}

static bool header_is_reversed(struct pty *p, const void *arg)
{
    (void)arg;
    return pty_look(p, 0, 1).reverse && !pty_look(p, 0, 1).colored_bg;
}

static void themes_can_be_changed(void **state)
{
    (void)state;
    struct tui_run t = {.rows_of_data = 12};
    tui_start(&t, 24, 80, NULL, NULL);
    assert_true(pty_wait_text(t.pty, "row-000000"));
    assert_true(pty_look(t.pty, 0, 1).colored_bg);
    pty_type(t.pty, ":theme ./themes/mono.theme\r");
    assert_true(pty_wait(t.pty, header_is_reversed, NULL));
    quit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size),
        cmocka_unit_test(a_storm_of_resizes),
        cmocka_unit_test(keys_in_every_form),
        cmocka_unit_test(a_paste_is_not_lost),
        cmocka_unit_test(the_prompt_has_a_cursor),
        cmocka_unit_test(themes_can_be_changed),
    };
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
