// SPDX-License-Identifier: Apache-2.0
// Grid, text panes and the prompt's line: clipping, wide and combining characters, scrolling, searching,
// folding, editing; and what source files may not call.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include "tui/screen/bindings.h"
#include "tui/screen/grid.h"
#include "tui/screen/keys.h"
#include "tui/screen/line_wrap.h"
#include "tui/screen/pane.h"
#include "tui/screen/prompt.h"

#include "tests/support/griddump.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void shows(const struct grid *g, const char *expect)
{
    struct buf b;
    buf_init(&b, 0);
    dump_text(g, &b);
    assert_string_equal(b.data, expect);
    buf_release(&b);
}

static void text_is_clipped(void **state)
{
    (void)state;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 3, 8);
    assert_int_equal(grid_put(&g, 0, 2, 4, ROLE_TEXT, "abcdefgh"), 4);
    assert_int_equal(grid_put_cut(&g, 1, 0, 5, ROLE_TEXT, "abcdefgh"), 5);
    assert_int_equal(grid_put(&g, 2, 6, 99, ROLE_TEXT, "xyz"), 2);
    assert_int_equal(grid_put(&g, 3, 0, 9, ROLE_TEXT, "out"), 0);
    assert_int_equal(grid_put(&g, -1, 0, 9, ROLE_TEXT, "out"), 0);
    assert_int_equal(grid_put(&g, 0, 8, 9, ROLE_TEXT, "out"), 0);
    assert_int_equal(grid_put_cut(&g, 0, 0, 0, ROLE_TEXT, "out"), 0);
    shows(&g, "  abcd\nabcd…\n      xy\n");
    grid_fill(&g, 0, -3, 99, ROLE_HEADER);
    grid_over(&g, 1, 6, 99, ROLE_CURSOR);
    struct buf b;
    buf_init(&b, 0);
    dump_roles(&g, &b);
    assert_string_equal(b.data, "HHHHHHHH\n......CC\n........\n");
    buf_release(&b);
    grid_release(&g);
}

static void wide_and_combining_characters(void **state)
{
    (void)state;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 4, 6);
    assert_int_equal(grid_put(&g, 0, 0, 6, ROLE_TEXT, "日本語x"), 6); // the x has no room
    assert_int_equal(grid_put(&g, 1, 0, 5, ROLE_TEXT, "日本語"), 4);  // half a character is none
    assert_int_equal(grid_put(&g, 2, 0, 6, ROLE_TEXT, "e\xcc\x81t"), 2);
    shows(&g, "日本語\n日本\ne\xcc\x81t\n\n");
    grid_put(&g, 0, 1, 2, ROLE_TEXT, "ab"); // over the right and the left half of two
    shows(&g, " ab 語\n日本\ne\xcc\x81t\n\n");
    grid_put(&g, 1, 1, 2, ROLE_TEXT, "界"); // a wide one over two halves
    shows(&g, " ab 語\n 界\ne\xcc\x81t\n\n");
    grid_put(&g, 3, 0, 6, ROLE_TEXT, "\xcc\x81z"); // a mark with nothing before it
    shows(&g, " ab 語\n 界\ne\xcc\x81t\nz\n");
    grid_blank(&g);
    g.ascii = true;
    grid_put(&g, 0, 0, 6, ROLE_TEXT, "日é\xcc\x81+");
    grid_put_cut(&g, 1, 0, 3, ROLE_TEXT, "abcdef");
    shows(&g, "???+\nab~\n\n\n");
    grid_release(&g);
}

static void no_control_becomes_a_cell(void **state)
{
    (void)state;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 1, 20);
    grid_put(&g, 0, 0, 20, ROLE_TEXT,
             "a\033[2J\t\n\xc2\x9b\xe2\x80\xae"
             "b\xff");
    for (int c = 0; c < 20; c++) {
        assert_false(text_is_control(grid_at(&g, 0, c)->cp));
    }
    shows(&g, "a?[2J????b\xef\xbf\xbd\n");
    grid_release(&g);
}

static void grids_compare_and_copy(void **state)
{
    (void)state;
    struct grid a, b;
    grid_init(&a);
    grid_init(&b);
    grid_resize(&a, 2, 5);
    grid_put(&a, 0, 0, 5, ROLE_OK, "hello");
    assert_false(grid_equal(&a, &b));
    grid_copy(&b, &a);
    assert_true(grid_equal(&a, &b));
    grid_over(&b, 0, 0, 1, ROLE_CURSOR);
    assert_false(grid_equal(&a, &b));
    grid_copy(&b, &a);
    b.cursor_row = 1;
    assert_false(grid_equal(&a, &b));
    grid_release(&a);
    grid_release(&b);
}

// Only those of docs/rules/terminal.md#glyphs, whose width all terminals agree about.
static void glyphs_are_one_column(void **state)
{
    (void)state;
    static const char agreed[] = "│ ─ ● ○ ▸ ▾ ▲ ▼ … ✗";
    for (int i = 0; i < GLYPH_COUNT; i++) {
        assert_int_equal(text_width(glyph_text((enum glyph)i, false)), 1);
        assert_non_null(strstr(agreed, glyph_text((enum glyph)i, false)));
        assert_int_equal(strlen(glyph_text((enum glyph)i, true)), 1);
    }
}

// --- panes

static void fill_lines(struct pane *p, int n)
{
    struct text_block *b = pane_begin(p);
    for (int i = 0; i < n; i++) {
        block_line(b);
        block_put(b, ROLE_NAME, "line ");
        block_put(b, ROLE_NUMBER, "%d", i);
    }
    pane_end(p);
}

static void panes_scroll(void **state)
{
    (void)state;
    struct pane p;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 3, 10);
    pane_init(&p);
    fill_lines(&p, 10);
    pane_draw(&p, &g, 0, 0, 3, 10);
    shows(&g, "line 0\nline 1\nline 2\n");
    pane_scroll(&p, 2);
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 3, 10);
    shows(&g, "line 2\nline 3\nline 4\n");
    pane_scroll(&p, 1000000);
    assert_int_equal(p.top, 7); // the end stays at the bottom
    pane_scroll(&p, -1);
    assert_int_equal(p.top, 6);
    fill_lines(&p, 4); // shorter now
    assert_int_equal(p.top, 1);
    fill_lines(&p, 0);
    pane_draw(&p, &g, 0, 0, 3, 10);
    pane_scroll(&p, 1);
    pane_scroll(&p, -1);
    pane_release(&p);
    grid_release(&g);
}

static void panes_wrap(void **state)
{
    (void)state;
    struct pane p;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 4, 5);
    pane_init(&p);
    struct text_block *b = pane_begin(&p);
    block_line(b);
    block_put(b, ROLE_NAME, "abc");
    block_put(b, ROLE_TEXT, "defghijk");
    block_line(b);
    block_put(b, ROLE_TEXT, "end");
    pane_end(&p);
    pane_draw(&p, &g, 0, 0, 4, 5);
    shows(&g, "abcde\nfghij\nk\nend\n");
    // A line longer than the pane is walked through, not jumped over.
    grid_resize(&g, 2, 5);
    pane_draw(&p, &g, 0, 0, 2, 5);
    shows(&g, "abcde\nfghij\n");
    pane_scroll(&p, 1);
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 2, 5);
    shows(&g, "fghij\nk\n");
    pane_scroll(&p, 1);
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 2, 5);
    shows(&g, "k\nend\n");
    pane_scroll(&p, PANE_FAR);
    pane_scroll(&p, -2);
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 2, 5);
    shows(&g, "abcde\nfghij\n");
    grid_resize(&g, 4, 5);
    p.wrap = false;
    p.left = 2;
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 4, 5);
    shows(&g, "cdefg\nd\n\n\n");
    pane_release(&p);
    grid_release(&g);
}

static void lines_break_at_spaces(void **state)
{
    (void)state;
    static const struct {
        int width;
        const char *text, *rows;
    } cases[] = {
        {10, "one two three four", "one two\nthree four\n"},
        {10, "onetwothreefour", "onetwothre\nefour\n"},
        {10, "one  two", "one  two\n"},
        {10, "", "\n"},
        {40, "  ok  dns       the record is there, and nothing is wrong",
         "  ok  dns       the record is there, and\n                nothing is wrong\n"},
        {40, "    deep words that go on and on behind the end of it",
         "    deep words that go on and on behind\n    the end of it\n"},
        {20, "                    all of it was indent", "\nall of it was indent\n"},
        {10, "日本語日本語日本語", "日本語日本\n語日本語\n"},
        {9, "日本語日本語", "日本語日\n本語\n"}, // half a character has no room
        {10, "aaaaaaaaaa bbb", "aaaaaaaaaa\nbbb\n"},
        {10, "a aaaaaaaaaaaaaaa", "a\naaaaaaaaaa\naaaaa\n"},
        {1, "abcd", "ab\ncd\n"},
        {10, "e\xcc\x81 tude", "e\xcc\x81 tude\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        arena_init(&a);
        struct text_block b;
        block_init(&b, &a);
        block_line(&b);
        block_put(&b, ROLE_TEXT, "%s", cases[i].text);
        struct wrap_line l = wrap_chars(&a, &b.at[0], NULL);
        struct wrap_rows rows = wrap_rows_break(&a, &l, cases[i].width);
        struct grid g;
        grid_init(&g);
        grid_resize(&g, (int)rows.n, cases[i].width < 2 ? 2 : cases[i].width);
        for (uint32_t r = 0; r < rows.n; r++) {
            int in = rows.at[r].indent;
            wrap_draw(&l, rows.at[r].from, rows.at[r].to, &g, (int)r, in, g.columns - in);
        }
        shows(&g, cases[i].rows);
        grid_release(&g);
        arena_release(&a);
    }
}

static void hits_are_marked_across_pieces(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct text_block b;
    block_init(&b, &a);
    block_line(&b);
    block_put(&b, ROLE_NAME, "ü abc");
    block_put(&b, ROLE_TEXT, "def ABCDEF abc");
    struct wrap_line l = wrap_chars(&a, &b.at[0], "cDe");
    char hits[32];
    for (uint32_t i = 0; i < l.n; i++) {
        hits[i] = l.at[i].hit ? 'x' : '.';
    }
    hits[l.n] = '\0';
    assert_string_equal(hits, "....xxx....xxx.....");
    arena_release(&a);
}

static void panes_search(void **state)
{
    (void)state;
    struct pane p;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 4, 12);
    pane_init(&p);
    fill_lines(&p, 20);
    pane_draw(&p, &g, 0, 0, 4, 12);
    assert_false(pane_find(&p, true, true));
    pane_set_search(&p, "LINE 1"); // lines 1 and 10 to 19
    assert_int_equal(pane_hits(&p), 11);
    assert_true(pane_find(&p, true, true));
    assert_int_equal(p.hit, 1);
    assert_true(pane_find(&p, true, false));
    assert_int_equal(p.hit, 10);
    for (int i = 11; i <= 19; i++) { // also where the screen cannot scroll any further
        assert_true(pane_find(&p, true, false));
        assert_int_equal(p.hit, i);
    }
    assert_true(pane_find(&p, true, false)); // around
    assert_int_equal(p.hit, 1);
    assert_true(pane_find(&p, false, false));
    assert_int_equal(p.hit, 19);
    pane_scroll(&p, -1000);
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 4, 12);
    struct buf b;
    buf_init(&b, 0);
    dump_roles(&g, &b);
    assert_string_equal(b.data, "nnnnn9......\nmmmmmm......\nnnnnn9......\nnnnnn9......\n");
    buf_release(&b);
    pane_set_search(&p, "nowhere");
    assert_false(pane_find(&p, true, true));
    pane_release(&p);
    grid_release(&g);
}

static void yaml_is_coloured_and_folded(void **state)
{
    (void)state;
    static const char text[] = "kind: Secret\n"
                               "metadata:\n"
                               "  managedFields:\n"
                               "  - manager: kubectl\n"
                               "    fieldsV1: {}\n"
                               "  name: web # the name\n"
                               "data:\n"
                               "\t- \033[2Jx\n";
    struct pane p;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 8, 60);
    pane_init(&p);
    pane_set_yaml(&p, text, strlen(text));
    pane_draw(&p, &g, 0, 0, 8, 60);
    shows(&g, "kind: Secret\nmetadata:\n  managedFields: ▸ 2 lines folded, Enter unfolds\n"
              "  name: web # the name\ndata:\n - \xef\xbf\xbd[2Jx\n\n\n");
    assert_true(pane_has_fold(&p));
    pane_set_search(&p, "kubectl");
    assert_false(pane_find(&p, true, true)); // what is folded away is not searched
    pane_toggle_fold(&p);
    assert_true(pane_find(&p, true, true));
    pane_set_search(&p, NULL);
    pane_scroll(&p, -100);
    grid_blank(&g);
    pane_draw(&p, &g, 0, 0, 8, 60);
    shows(&g, "kind: Secret\nmetadata:\n  managedFields:\n  - manager: kubectl\n    fieldsV1: {}\n"
              "  name: web # the name\ndata:\n - \xef\xbf\xbd[2Jx\n");
    struct buf b;
    buf_init(&b, 0);
    dump_roles(&g, &b);
    assert_memory_equal(b.data, "nnnn........", 12);
    buf_release(&b);
    pane_set_yaml(&p, "", 0);
    assert_int_equal(p.text.n, 0);
    pane_release(&p);
    grid_release(&g);
}

// --- the line

static void type(struct prompt *p, const char *s)
{
    for (size_t n = strlen(s); n > 0;) {
        uint32_t cp;
        size_t used = utf8_next(s, n, &cp);
        prompt_key(p, cp);
        s += used;
        n -= used;
    }
}

static void lines_are_edited(void **state)
{
    (void)state;
    struct prompt p;
    prompt_init(&p);
    prompt_open(&p, PROMPT_FILTER, NULL);
    type(&p, "one twö");
    assert_string_equal(p.text, "one twö");
    assert_int_equal(prompt_key(&p, K_BACKSPACE), PROMPT_CHANGED);
    assert_string_equal(p.text, "one tw");
    prompt_key(&p, K_HOME);
    assert_int_equal(prompt_key(&p, K_DELETE), PROMPT_CHANGED);
    assert_string_equal(p.text, "ne tw");
    prompt_key(&p, K_RIGHT);
    type(&p, "é");
    prompt_key(&p, K_LEFT);
    type(&p, "x");
    assert_string_equal(p.text, "nxée tw");
    prompt_key(&p, K_END);
    assert_int_equal(prompt_key(&p, K_CTRL('w')), PROMPT_CHANGED);
    assert_string_equal(p.text, "nxée ");
    assert_int_equal(prompt_key(&p, K_CTRL('u')), PROMPT_CHANGED);
    assert_string_equal(p.text, "");
    assert_int_equal(prompt_key(&p, K_F1), PROMPT_SAME);   // no character
    assert_int_equal(prompt_key(&p, 0x202e), PROMPT_SAME); // a control is none either
    assert_int_equal(prompt_key(&p, K_BACKSPACE), PROMPT_CANCELLED);
    for (int i = 0; i < PROMPT_MAX + 50; i++) {
        prompt_key(&p, 'y');
    }
    assert_int_equal(p.len, PROMPT_MAX - 1);
    assert_int_equal(prompt_key(&p, K_ENTER), PROMPT_ACCEPTED);
    assert_int_equal(prompt_key(&p, K_ESC), PROMPT_CANCELLED);
    prompt_release(&p);
}

static void lines_are_remembered(void **state)
{
    (void)state;
    struct prompt p;
    prompt_init(&p);
    for (int i = 0; i < PROMPT_HISTORY + 5; i++) {
        char line[24];
        snprintf(line, sizeof line, "line %d", i);
        prompt_open(&p, PROMPT_COMMAND, line);
        prompt_close(&p, true);
    }
    prompt_open(&p, PROMPT_COMMAND, "typed");
    assert_int_equal(prompt_key(&p, K_DOWN), PROMPT_SAME);
    prompt_key(&p, K_UP);
    assert_string_equal(p.text, "line 54");
    prompt_key(&p, K_UP);
    assert_string_equal(p.text, "line 53");
    prompt_key(&p, K_DOWN);
    assert_string_equal(p.text, "line 54");
    for (int i = 0; i < 100; i++) {
        prompt_key(&p, K_UP);
    }
    assert_string_equal(p.text, "line 5");
    prompt_open(&p, PROMPT_FILTER, ""); // each kind has its own
    assert_int_equal(prompt_key(&p, K_UP), PROMPT_SAME);
    prompt_release(&p);
}

static void words_are_completed(void **state)
{
    (void)state;
    static const char *const words[] = {"apps", "certificates", "changes", "context"};
    struct prompt p;
    prompt_init(&p);
    prompt_open(&p, PROMPT_COMMAND, "ns c");
    assert_true(prompt_complete(&p, words, 4));
    assert_string_equal(p.text, "ns certificates");
    assert_int_equal(prompt_word_start(&p), 3);
    assert_true(prompt_complete(&p, words, 4));
    assert_string_equal(p.text, "ns changes");
    assert_true(prompt_complete(&p, words, 4));
    assert_string_equal(p.text, "ns context");
    assert_true(prompt_complete(&p, words, 4)); // around
    assert_string_equal(p.text, "ns certificates");
    prompt_open(&p, PROMPT_COMMAND, "a");
    assert_true(prompt_complete(&p, words, 4));
    assert_string_equal(p.text, "apps");
    assert_false(prompt_complete(&p, words + 1, 3));
    assert_string_equal(p.text, "apps");
    prompt_release(&p);
}

static void long_lines_show_the_cursor(void **state)
{
    (void)state;
    struct prompt p;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 1, 10);
    prompt_init(&p);
    prompt_open(&p, PROMPT_FILTER, "0123456789abcdef");
    prompt_draw(&p, &g, 0, "/");
    shows(&g, "/89abcdef\n");
    assert_int_equal(g.cursor_column, 9);
    prompt_key(&p, K_HOME);
    prompt_draw(&p, &g, 0, "/");
    shows(&g, "/01234567\n");
    assert_int_equal(g.cursor_column, 1);
    prompt_release(&p);
    grid_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_clipped),
        cmocka_unit_test(wide_and_combining_characters),
        cmocka_unit_test(no_control_becomes_a_cell),
        cmocka_unit_test(grids_compare_and_copy),
        cmocka_unit_test(glyphs_are_one_column),
        cmocka_unit_test(panes_scroll),
        cmocka_unit_test(panes_wrap),
        cmocka_unit_test(lines_break_at_spaces),
        cmocka_unit_test(hits_are_marked_across_pieces),
        cmocka_unit_test(panes_search),
        cmocka_unit_test(yaml_is_coloured_and_folded),
        cmocka_unit_test(lines_are_edited),
        cmocka_unit_test(lines_are_remembered),
        cmocka_unit_test(words_are_completed),
        cmocka_unit_test(long_lines_show_the_cursor),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
