// SPDX-License-Identifier: Apache-2.0
// Whatever was drawn before, a terminal shows the grid that is drawn now: grids that look random, one after another,
// through the real output into a terminal emulator, under the names of several terminals.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"

#include "tui/screen/terminal.h"

#include "tests/support/griddump.h"
#include "tests/support/pick.h"
#include "tests/support/ptyrun.h"

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

// What the grids take under xterm-256color, 119,455 bytes when it was measured, and 3 % more.
enum { BYTES_MAX = 123038 };

enum { ROWS = 24, COLUMNS = 80, FRAMES = 400 };

static const char theme_text[] =
    "[256]\nok = 71\nbroken = 203 default bold\ncursor = default 239 bold\n"
    "header = 250 236\nkey = 75 236 bold\nmatch = 16 222 italic\n"
    "name = 3\nhost = 12 1 underline\ntitle = default default reverse\n"
    "mark = 213 default reverse\nstrong = default default bold\nborder = default default bold dim\nwarning = default 4\n"
    "[8]\nok = green\nbroken = red default bold\n"
    "cursor = default blue bold\nheader = default default reverse\n"
    "match = black yellow underline\nname = blue default underline\n"
    "[mono]\nok = default default bold\ncursor = default default reverse\n"
    "name = default default underline\nheader = default default reverse\n";

struct named_terminal {
    const char *name;
    enum depth depth;
    uint8_t lacks, lacks_with_colours; // enum style_attr, as terminfo says
    bool no_last_cell;                 // it scrolls when the last cell is written
    bool cursor_always;                // it cannot be hidden
};

static const struct named_terminal terminals[] = {
    {.name = "xterm-256color", .depth = DEPTH_256},
    {.name = "tmux-256color", .depth = DEPTH_256},
    {.name = "screen-256color", .depth = DEPTH_256, .lacks = STYLE_ITALIC},
    {.name = "linux",
     .depth = DEPTH_8,
     .lacks = STYLE_ITALIC,
     .lacks_with_colours = STYLE_UNDERLINE | STYLE_DIM},
    {.name = "vt100",
     .depth = DEPTH_MONO,
     .lacks = STYLE_ITALIC | STYLE_DIM,
     .cursor_always = true},
    {.name = "ansi",
     .depth = DEPTH_8,
     .lacks = STYLE_ITALIC,
     .lacks_with_colours = STYLE_UNDERLINE,
     .no_last_cell = true,
     .cursor_always = true},
};

// --- the grids

static void put_words(struct grid *g, int row)
{
    static const char *const words[] = {"app-00042.team-0004",
                                        "✓ ok",
                                        "✗ broken",
                                        "  ",
                                        "日本語",
                                        "…",
                                        "e\xcc\x81t\xcc\xa7\xcc\x81",
                                        "1,000",
                                        "─│●",
                                        "x",
                                        "                ",
                                        "a rather long piece of text"};
    int at = (int)pick(COLUMNS);
    for (uint32_t n = 1 + pick(6); n > 0; n--) {
        at += grid_put(g, row, at, COLUMNS, (enum role)pick(ROLE_COUNT), PICK(words));
        at += (int)pick(5);
    }
}

static void move_rows(struct grid *g)
{
    int top = (int)pick(ROWS), bottom = top + (int)pick((uint32_t)(ROWS - top)), by = (int)pick(6);
    by = by > bottom - top ? bottom - top : by;
    size_t row = (size_t)g->columns * sizeof *g->cells, n = (size_t)(bottom - top + 1 - by) * row;
    struct grid_cell *lower = by + top < ROWS ? grid_at(g, top + by, 0) : NULL;
    if (by == 0 || lower == NULL) {
        return;
    }
    if (pick(2) == 0) {
        memmove(grid_at(g, top, 0), lower, n);
    } else {
        memmove(lower, grid_at(g, top, 0), n);
    }
}

// Changes the grid as a dashboard does: some cells, the rest of a row, rows that move, the cursor, everything.
static void change(struct grid *g)
{
    int row = (int)pick(ROWS), column = (int)pick(COLUMNS);
    switch (pick(9)) {
    case 0:
        grid_blank(g);
        for (int r = 0; r < ROWS; r++) {
            put_words(g, r);
        }
        break;
    case 1:
        grid_over(g, row, 0, COLUMNS, (enum role)pick(ROLE_COUNT));
        break;
    case 2:
        grid_fill(g, row, column, COLUMNS, (enum role)pick(ROLE_COUNT));
        break;
    case 3:
        grid_over(g, row, column, (int)pick(10), (enum role)pick(ROLE_COUNT));
        grid_underline(g, row, column);
        break;
    case 4:
    case 5:
        move_rows(g);
        break;
    case 6:
        g->cursor_row = pick(2) == 0 ? -1 : row;
        g->cursor_column = column;
        break;
    case 7:
        for (uint32_t n = pick(30); n > 0; n--) {
            char letter[2] = {(char)('a' + pick(26)), '\0'};
            grid_put(g, (int)pick(ROWS), (int)pick(COLUMNS), 1, ROLE_TEXT, letter);
        }
        break;
    default:
        put_words(g, row);
        break;
    }
}

static void first_grid(struct grid *g)
{
    pick_from(7);
    grid_init(g);
    grid_resize(g, ROWS, COLUMNS);
}

static void next_grid(struct grid *g)
{
    for (uint32_t n = pick(4); n > 0; n--) {
        change(g);
    }
    // libvterm drops a mark of the last column that comes with another read than its letter.
    for (int r = 0; r < ROWS; r++) {
        struct grid_cell *cell = grid_at(g, r, COLUMNS - 1);
        cell->mark[0] = cell->mark[1] = 0;
    }
}

// --- the child, which draws one grid for each key

static void wait_for_key(void)
{
    uint32_t key;
    while (!term_key(&key)) {
        poll(&(struct pollfd){.fd = term_fd(), .events = POLLIN}, 1, -1);
    }
}

static int draw_all(void *arg)
{
    const int *drawn = arg;
    struct err err;
    struct theme theme;
    struct grid g;
    if (!theme_parse(&theme, theme_text, strlen(theme_text), "test", &err) ||
        !term_open(&(struct term_options){0}, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 2;
    }
    first_grid(&g);
    term_theme(&theme);
    for (int i = 0; i < FRAMES; i++) {
        wait_for_key();
        next_grid(&g);
        term_show(&g);
        ssize_t n = write(*drawn, "x", 1);
        (void)n;
    }
    wait_for_key();
    term_close();
    grid_release(&g);
    return 0;
}

enum { TALLER = 30 };

// A text that differs from its neighbours' in all of its cells.
static void numbered_text(int number, char text[41])
{
    memset(text, 'a' + number % 26, 40);
    text[40] = '\0';
}

// Rows with the texts from `first` on.
static void numbered_grid(struct grid *g, int rows, int first)
{
    grid_resize(g, rows, COLUMNS);
    grid_blank(g);
    for (int r = 0; r < rows; r++) {
        char text[41];
        numbered_text(first + r, text);
        grid_put(g, r, 0, COLUMNS, ROLE_TEXT, text);
    }
    g->cursor_row = -1;
}

// Scrolls as if the size were still ROWS, and only then takes it.
static int scroll_too_late(void *arg)
{
    const int *drawn = arg;
    struct err err;
    struct grid g;
    if (!term_open(&(struct term_options){0}, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 2;
    }
    grid_init(&g);
    for (int step = 0; step < 3; step++) {
        wait_for_key();
        if (step == 2) {
            int rows, columns;
            term_size(&rows, &columns);
            term_repaint();
        }
        numbered_grid(&g, step == 2 ? TALLER : ROWS, step);
        term_show(&g);
        ssize_t n = write(*drawn, "x", 1);
        (void)n;
    }
    wait_for_key();
    term_close();
    grid_release(&g);
    return 0;
}

// --- the comparison

static struct style expected_look(const struct named_terminal *t, const struct theme *theme,
                                  const struct grid_cell *cell)
{
    struct style s = theme_cell(theme, t->depth, (enum role)cell->role, (enum role)cell->over);
    s.attrs |= cell->underline ? STYLE_UNDERLINE : 0;
    s.attrs &= (uint8_t)~t->lacks;
    if (s.fg >= 0 || s.bg >= 0) {
        s.attrs &= (uint8_t)~t->lacks_with_colours;
    }
    return s;
}

// Compares what can be seen: of a space neither its colour nor its weight.
static void check_cell(struct pty *p, const struct named_terminal *t, const struct theme *theme,
                       const struct grid *g, int row, int column)
{
    const struct grid_cell *cell = grid_at(g, row, column);
    bool last = row == ROWS - 1 && column == COLUMNS - 1;
    if (cell->width == 0 || (last && t->no_last_cell)) {
        return;
    }
    const struct style want = expected_look(t, theme, cell);
    const struct pty_look is = pty_look(p, row, column);
    bool ink = cell->cp != ' ' || cell->mark[0] != 0 ||
               (want.attrs & (STYLE_UNDERLINE | STYLE_REVERSE)) != 0;
    bool ok = is.bg == want.bg && is.reverse == ((want.attrs & STYLE_REVERSE) != 0) &&
              is.underline == ((want.attrs & STYLE_UNDERLINE) != 0);
    if (ink) {
        ok = ok && is.fg == want.fg && is.bold == ((want.attrs & STYLE_BOLD) != 0) &&
             is.italic == ((want.attrs & STYLE_ITALIC) != 0);
    }
    if (!ok) {
        fail_msg("%s: row %d, column %d has colours %d %d, attributes %d%d%d%d; want %d %d, %x",
                 t->name, row, column, is.fg, is.bg, is.bold, is.italic, is.underline, is.reverse,
                 want.fg, want.bg, want.attrs);
    }
}

static void check_screen(struct pty *p, const struct named_terminal *t, const struct theme *theme,
                         const struct grid *g, int frame)
{
    struct buf text;
    buf_init(&text, 0);
    dump_text(g, &text);
    const char *want = text.data;
    for (int r = 0; r < ROWS; r++) {
        size_t n = strcspn(want, "\n");
        const char *is = pty_row(p, r);
        bool cut = t->no_last_cell && r == ROWS - 1; // the last cell may be missing
        if (!cut && (strlen(is) != n || memcmp(is, want, n) != 0)) {
            fail_msg("%s: frame %d, row %d is\n|%s|, not\n|%.*s|", t->name, frame, r, is, (int)n,
                     want);
        }
        for (int c = 0; c < COLUMNS; c++) {
            check_cell(p, t, theme, g, r, c);
        }
        want += n + 1;
    }
    bool cursor = g->cursor_row >= 0;
    if (!t->cursor_always) {
        assert_int_equal(pty_cursor_visible(p), cursor);
    }
    if (cursor && !pty_cursor_at(p, g->cursor_row, g->cursor_column)) {
        fail_msg("%s: frame %d: the cursor is not at row %d, column %d", t->name, frame,
                 g->cursor_row, g->cursor_column);
    }
    buf_release(&text);
}

static void wait_for_frame(struct pty *p, int drawn)
{
    struct pollfd ready = {.fd = drawn, .events = POLLIN};
    for (int waited = 0; poll(&ready, 1, 1) == 0; waited++) {
        pty_drain(p); // the child must not block on a full terminal
        assert_true(waited < PTY_WAIT_MS);
    }
    char c;
    assert_int_equal(read(drawn, &c, 1), 1);
    pty_drain(p);
}

static void check_terminal(const struct named_terminal *t)
{
    int drawn[2];
    struct theme theme;
    struct grid g;
    struct err err;
    assert_int_equal(pipe(drawn), 0);
    assert_true(theme_parse(&theme, theme_text, strlen(theme_text), "test", &err));
    struct pty *p = pty_start(&(struct pty_options){.rows = ROWS,
                                                    .columns = COLUMNS,
                                                    .term = t->name,
                                                    .child = draw_all,
                                                    .arg = &drawn[1],
                                                    .closed_in_child = {drawn[0]}});
    first_grid(&g);
    for (int i = 0; i < FRAMES; i++) {
        pty_type(p, "n");
        wait_for_frame(p, drawn[0]);
        next_grid(&g);
        check_screen(p, t, &theme, &g, i);
    }
    size_t bytes = pty_bytes(p);
    pty_type(p, "q");
    assert_int_equal(pty_wait_exit(p), 0);
    if (t == terminals) {
        assert_in_range(bytes, 1, BYTES_MAX);
    }
    printf("# %s: %zu bytes for %d grids\n", t->name, bytes, FRAMES);
    pty_free(p);
    grid_release(&g);
    close(drawn[0]);
    close(drawn[1]);
}

static void every_grid_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(terminals); i++) {
        check_terminal(&terminals[i]);
    }
}

// A frame that scrolls after the terminal has become taller leaves the scrolling region of the old size, in which a
// step down from its last line would scroll.
static void a_taller_terminal_is_drawn_whole(void **state)
{
    (void)state;
    int drawn[2];
    assert_int_equal(pipe(drawn), 0);
    struct pty *p = pty_start(&(struct pty_options){.rows = ROWS,
                                                    .columns = COLUMNS,
                                                    .term = "xterm-256color",
                                                    .child = scroll_too_late,
                                                    .arg = &drawn[1],
                                                    .closed_in_child = {drawn[0]}});
    pty_type(p, "n");
    wait_for_frame(p, drawn[0]);
    pty_resize(p, TALLER, COLUMNS);
    for (int step = 1; step < 3; step++) {
        pty_type(p, "n");
        wait_for_frame(p, drawn[0]);
    }
    for (int r = 0; r < TALLER; r++) {
        char want[41];
        numbered_text(2 + r, want);
        assert_string_equal(pty_row(p, r), want);
    }
    pty_type(p, "q");
    assert_int_equal(pty_wait_exit(p), 0);
    pty_free(p);
    close(drawn[0]);
    close(drawn[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_grid_is_shown),
        cmocka_unit_test(a_taller_terminal_is_drawn_whole),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
