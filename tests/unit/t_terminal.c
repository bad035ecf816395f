// SPDX-License-Identifier: Apache-2.0
// The terminal is taken and given back: by every key, signal, death, suspend and crash; on every kind of
// terminal; and no more bytes go to it than have to.
#include "kube/base/clock.h"

#include "tests/support/tuichild.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// The dashboard on a terminal, with the modes the terminal had before.
struct scene {
    struct tui_run run;
    struct termios before;
};

static void begin_on(struct scene *s, const char *term, const char *const *env)
{
    s->run.rows_of_data = s->run.rows_of_data > 0 ? s->run.rows_of_data : 100;
    tui_start(&s->run, 24, 80, term, env);
    struct pty *p = s->run.pty;
    assert_true(tui_wait_generation(&s->run, 1));
    assert_true(pty_wait_text(p, "row-000000"));
}

static void begin(struct scene *s)
{
    memset(s, 0, sizeof *s);
    begin_on(s, NULL, NULL);
    assert_true(pty_alternate(s->run.pty));
    assert_false(pty_cursor_visible(s->run.pty));
    struct termios t = pty_termios(s->run.pty);
    assert_int_equal(t.c_lflag & (tcflag_t)(ICANON | ECHO), 0);
    assert_true((t.c_lflag & ISIG) != 0); // Ctrl-C, Ctrl-Z, Ctrl-\ stay the terminal's
}

static void check_given_back(struct scene *s)
{
    struct pty *p = s->run.pty;
    assert_false(pty_alternate(p));
    assert_true(pty_cursor_visible(p));
    struct termios t = pty_termios(p);
    assert_true((t.c_lflag & ICANON) != 0);
    assert_true((t.c_lflag & ECHO) != 0);
    assert_true((t.c_oflag & ONLCR) != 0);
    assert_true((t.c_iflag & ICRNL) != 0);
    char *out = pty_output(p, 0);
    assert_non_null(strstr(out, "\033[?1049l"));
    assert_non_null(strstr(out, "\033[?1l\033>")); // keypad mode off
    free(out);
}

static int ends(struct scene *s)
{
    int status = pty_wait_exit(s->run.pty);
    assert_int_not_equal(status, -1);
    return status;
}

static void ends_well(struct scene *s, int exit_status)
{
    int status = ends(s);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), exit_status);
    check_given_back(s);
    tui_end(&s->run);
}

static void quits_by_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"q", "Q", ":q\r", ":quit\r", "\003", "jj\rQ", "?qq"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct scene s;
        begin(&s);
        pty_type(s.run.pty, keys[i]);
        ends_well(&s, 0);
    }
}

// Ctrl-S must not freeze the screen, and the terminal's other editing keys must not swallow the key after them.
static void no_control_key_stops_the_screen(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    pty_type(s.run.pty, "\x13\x16\x0f"); // Ctrl-S, Ctrl-V, Ctrl-O
    pty_type(s.run.pty, "?");
    assert_true(pty_wait_gone(s.run.pty, "row-000000"));
    pty_type(s.run.pty, "q");
    assert_true(pty_wait_text(s.run.pty, "row-000000"));
    kill(pty_pid(s.run.pty), SIGTSTP);
    assert_true(pty_wait_stop(s.run.pty));
    assert_true((pty_termios(s.run.pty).c_iflag & IXON) != 0); // the shell has it back
    pty_continue(s.run.pty);
    assert_true(pty_wait_text(s.run.pty, "row-000000"));
    pty_type(s.run.pty, "\x13?");
    assert_true(pty_wait_gone(s.run.pty, "row-000000"));
    pty_type(s.run.pty, "Q");
    ends_well(&s, 0);
}

static void quits_by_signals(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct scene s;
        begin(&s);
        kill(pty_pid(s.run.pty), signals[i]);
        ends_well(&s, signals[i]); // ui_run says which
    }
    struct scene s;
    begin(&s);
    pty_type(s.run.pty, "\034"); // Ctrl-\ is the terminal's, which sends SIGQUIT
    ends_well(&s, SIGQUIT);
    begin(&s);
    kill(pty_pid(s.run.pty), SIGINT);
    ends_well(&s, 0);
}

static void ends_when_the_terminal_dies(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    pty_hang_up(s.run.pty);
    int status = ends(&s);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SIGHUP);
    tui_end(&s.run);
}

static void crashes_give_it_back(void **state)
{
    (void)state;
    static const enum tui_order orders[] = {ORDER_CRASH, ORDER_ABORT, ORDER_OOM, ORDER_BUG};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct scene s;
        begin(&s);
        tui_order(&s.run, orders[i]);
        int status = ends(&s);
#ifdef GATETOP_SANITIZED // a sanitizer may end the program itself; its allocator does so without handlers
        assert_int_not_equal(status, 0);
        if (orders[i] == ORDER_OOM) {
            tui_end(&s.run);
            continue;
        }
#else
        assert_true(WIFSIGNALED(status)); // the parent learns which signal it was
#endif
        check_given_back(&s);
        if (orders[i] == ORDER_BUG) { // and what it says is to be read after the dashboard
            assert_true(pty_wait_text(s.run.pty, "gatetop: BUG at tests/support/tuichild.c:"));
            assert_true(pty_has(s.run.pty, ": ordered with 100 rows"));
        }
        tui_end(&s.run);
    }
}

static void stops_and_goes_on(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    for (int round = 0; round < 2; round++) {
        pty_type(p, "\032"); // Ctrl-Z is the terminal's
        assert_true(pty_wait_stop(p));
        check_given_back(&s);
        size_t from = pty_bytes(p);
        pty_continue(p);
        assert_true(tui_wait_turn(&s.run));
        assert_true(pty_wait_text(p, "row-000000"));
        assert_true(pty_alternate(p));
        assert_false(pty_cursor_visible(p));
        assert_int_equal(pty_termios(p).c_lflag & (tcflag_t)(ICANON | ECHO), 0);
        assert_true(pty_bytes(p) - from > 500); // everything was drawn anew
        pty_type(p, "j");
        assert_true(tui_wait_turn(&s.run));
    }
    // Resized while it was stopped.
    pty_type(p, "\032");
    assert_true(pty_wait_stop(p));
    pty_resize(p, 10, 40);
    pty_continue(p);
    assert_true(pty_wait_row(p, 9, " Enter open"));
    // Stopped by another process, without a warning.
    kill(pty_pid(p), SIGSTOP);
    assert_true(pty_wait_stop(p));
    pty_continue(p);
    assert_true(pty_wait_text(p, "row-000000"));
    pty_type(p, "q");
    ends_well(&s, 0);
}

static bool wrote_more(struct pty *p, const void *arg)
{
    return pty_bytes(p) > *(const size_t *)arg;
}

// A Ctrl-Z typed while the screen is being drawn counts as well.
static void stops_while_it_draws(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    for (int round = 0; round < 100; round++) {
        size_t from = pty_bytes(p);
        tui_order(&s.run, round % 2 == 0 ? ORDER_PUBLISH_HOSTILE : ORDER_PUBLISH_ONE);
        assert_true(pty_wait(p, wrote_more, &from)); // the first bytes of a drawing
        pty_type(p, "\032");
        assert_true(pty_wait_stop(p));
        pty_continue(p);
        // Wait until it is drawn, or the next publication may restore the old screen and draw nothing.
        assert_true(tui_wait_generation(&s.run, (uint64_t)round + 2));
    }
    pty_type(p, "q");
    ends_well(&s, 0);
}

static void keeps_standard_error(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    tui_order(&s.run, ORDER_STDERR);
    tui_order(&s.run, ORDER_PUBLISH_ONE);
    assert_true(pty_wait_text(p, "7777"));
    assert_false(pty_has(p, "complains"));
    pty_type(p, "q");
    assert_int_equal(ends(&s), 0);
    check_given_back(&s);
    assert_true(pty_has(p, "a library complains?[2J")); // shown afterwards, its controls taken away
    tui_end(&s.run);
}

static void lends_the_terminal(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    size_t from = pty_bytes(p);
    tui_order(&s.run, ORDER_LEND);
    tui_order(&s.run, ORDER_PUBLISH_ONE);
    assert_true(tui_wait_generation(&s.run, 2));
    assert_true(pty_wait_text(p, "7777"));
    assert_true(pty_alternate(p));
    char *out = pty_output(p, from);
    const char *left = strstr(out, "\033[?1049l"), *asks = strstr(out, "helper asks");
    assert_non_null(left);
    assert_non_null(asks);
    assert_true(left < asks);
    assert_non_null(strstr(asks, "\033[?1049h"));
    free(out);
    pty_type(p, "q");
    ends_well(&s, 0);
}

static void sends_little(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    uint64_t generation = 1;
    size_t at = pty_bytes(p);
    for (int i = 0; i < 20; i++) { // wake-ups that change nothing on the screen
        tui_order(&s.run, ORDER_PUBLISH_SAME);
        assert_true(tui_wait_generation(&s.run, ++generation));
    }
    assert_int_equal(pty_bytes(p) - at, 0);
    tui_order(&s.run, ORDER_PUBLISH_ONE);
    assert_true(tui_wait_generation(&s.run, ++generation));
    assert_true(pty_has(p, "7777"));
    printf("# one number changed: %zu bytes\n", pty_bytes(p) - at);
    assert_in_range(pty_bytes(p) - at, 1, 99);
    for (int i = 0; i < 4; i++) { // down and up
        at = pty_bytes(p);
        pty_type(p, i < 2 ? "j" : "k");
        assert_true(tui_wait_turn(&s.run));
        printf("# the cursor moved: %zu bytes\n", pty_bytes(p) - at);
        assert_in_range(pty_bytes(p) - at, 1, 299);
    }
    at = pty_bytes(p);
    pty_type(p, "\014"); // Ctrl-L sends everything
    assert_true(tui_wait_turn(&s.run));
    assert_true(pty_bytes(p) - at > 1000);
    pty_type(p, "q");
    ends_well(&s, 0);
}

static void a_second_passes_without_a_byte(void **state)
{
    (void)state;
    struct scene s = {.run = {.live_clock = true}};
    begin_on(&s, NULL, NULL);
    size_t at = pty_bytes(s.run.pty);
    int64_t since = clock_mono_ms();
    while (clock_mono_ms() - since < 1100) { // ages are looked at once a second
        assert_true(tui_wait_turn(&s.run));
    }
    assert_int_equal(pty_bytes(s.run.pty) - at, 0);
    pty_type(s.run.pty, "q");
    ends_well(&s, 0);
}

static void no_control_gets_through(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    size_t from = pty_bytes(p);
    tui_order(&s.run, ORDER_PUBLISH_HOSTILE);
    assert_true(tui_wait_generation(&s.run, 2));
    assert_true(pty_has(p, "?]0;owned??[2J"));
    char *out = pty_output(p, from);
    assert_null(strstr(out, "\033]"));
    assert_null(strchr(out, '\007'));
    assert_null(strstr(out, "\033[2J"));
    assert_null(strstr(out, "\xe2\x80\xae"));
    assert_null(strstr(out, "\x9b"
                            "31"));
    free(out);
    pty_type(p, "q");
    ends_well(&s, 0);
}

static void colours_as_the_terminal_has_them(void **state)
{
    (void)state;
    struct scene s = {0};
    begin_on(&s, NULL, NULL);
    // The second row of the table is ok; up to there it is ASCII.
    const char *row = pty_row(s.run.pty, 5), *ok = strstr(row, " ok ");
    assert_non_null(ok);
    int column = (int)(ok - row) + 1;
    struct pty_look l = pty_look(s.run.pty, 5, column);
    assert_true(l.colored_fg);
    assert_false(l.colored_bg);                             // the terminal's own background
    assert_true(pty_look(s.run.pty, 4, column).colored_bg); // the cursor
    pty_type(s.run.pty, "q");
    ends_well(&s, 0);

    static const char *const no_color[] = {"NO_COLOR=1", NULL};
    memset(&s, 0, sizeof s);
    begin_on(&s, NULL, no_color);
    for (int r = 0; r < 24; r++) {
        for (int c = 0; c < 80; c++) {
            l = pty_look(s.run.pty, r, c);
            assert_false(l.colored_fg || l.colored_bg);
        }
    }
    assert_true(pty_look(s.run.pty, 4, column).reverse);
    pty_type(s.run.pty, "q");
    ends_well(&s, 0);

    static const char *const terms[] = {"xterm", "linux", "screen", "tmux-256color", "vt220"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        memset(&s, 0, sizeof s);
        begin_on(&s, terms[i], NULL);
        pty_type(s.run.pty, "j");
        assert_true(tui_wait_turn(&s.run));
        pty_type(s.run.pty, "q");
        int status = ends(&s);
        assert_int_equal(status, 0);
        assert_true((pty_termios(s.run.pty).c_lflag & ECHO) != 0);
        tui_end(&s.run);
    }
}

static void ascii_where_nothing_else_can_be_drawn(void **state)
{
    (void)state;
    struct scene s = {.run = {.ascii = true}};
    begin_on(&s, NULL, NULL);
    char *out = pty_output(s.run.pty, 0);
    for (const char *c = out; *c != '\0'; c++) {
        assert_true((unsigned char)*c < 0x80);
    }
    free(out);
    pty_type(s.run.pty, "q");
    ends_well(&s, 0);
    // The C locale is no reason for ASCII: C.UTF-8 is there.
    static const char *const c_locale[] = {"LC_ALL=C", NULL};
    memset(&s, 0, sizeof s);
    begin_on(&s, NULL, c_locale);
    assert_true(pty_has(s.run.pty, "● connected"));
    pty_type(s.run.pty, "q");
    ends_well(&s, 0);
}

static void says_why_it_cannot(void **state)
{
    (void)state;
    static const struct {
        const char *term, *says;
    } cases[] = {{"no-such-terminal", "the terminal type 'no-such-terminal' (TERM) is not known"},
                 {"dumb", "a terminal of type 'dumb' (TERM) cannot move its cursor"},
                 {"", "the terminal type '' (TERM) is not known"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tui_run run = {.rows_of_data = 3};
        tui_start(&run, 24, 80, cases[i].term, NULL);
        int status = pty_wait_exit(run.pty);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 2);
        assert_true(pty_has(run.pty, cases[i].says));
        assert_true((pty_termios(run.pty).c_lflag & ECHO) != 0);
        tui_end(&run);
    }
}

static void keys_come_from_the_terminal_when_a_manifest_comes_from_stdin(void **state)
{
    (void)state;
    struct scene s = {.run = {.stdin_file = "themes/default.theme"}};
    begin_on(&s, NULL, NULL);
    pty_type(s.run.pty, "/row-00002");
    assert_true(pty_wait_text(s.run.pty, "10 of 100"));
    pty_type(s.run.pty, "\rq");
    ends_well(&s, 0);
    struct tui_run run = {.rows_of_data = 3, .stdout_file = true};
    tui_start(&run, 24, 80, NULL, NULL);
    int status = pty_wait_exit(run.pty);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_true(pty_has(run.pty, "standard output is not a terminal: use 'gatetop get'"));
    tui_end(&run);
}

static void ends_though_the_terminal_takes_nothing(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); // ThreadSanitizer puts handlers off while a thread is in write(2), which is what is tested here
#endif
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    pty_type(p, "\023"); // Ctrl-S is the terminal's: it stops its output
    for (int i = 0; i < 400; i++) {
        pty_type(p, "\014"); // more than a pty holds
    }
    kill(pty_pid(p), SIGTERM);
    int status = ends(&s);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 128 + SIGTERM || WEXITSTATUS(status) == SIGTERM);
    assert_true((pty_termios(p).c_lflag & (ICANON | ECHO)) == (ICANON | ECHO));
    tui_end(&s.run);
}

static void quits_fast_whatever_is_under_way(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    struct pty *p = s.run.pty;
    tui_order(&s.run, ORDER_SLOW); // the list now takes 10 s
    pty_type(p, "I");
    pty_type(p, ":help\r");
    assert_true(pty_wait_text(p, "Keys in tables")); // keys still work meanwhile
    int64_t since = clock_mono_ms();
    pty_type(p, "Q");
    int status = ends(&s);
    int64_t took = clock_mono_ms() - since;
    printf("# quit while a table is being built: %d ms\n", (int)took);
    assert_int_equal(status, 0);
#ifndef GATETOP_SANITIZED
    assert_in_range(took, 0, 3000); // the order of 50, with room for a loaded machine
#endif
    check_given_back(&s);
    tui_end(&s.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quits_by_keys),
        cmocka_unit_test(no_control_key_stops_the_screen),
        cmocka_unit_test(quits_by_signals),
        cmocka_unit_test(ends_when_the_terminal_dies),
        cmocka_unit_test(crashes_give_it_back),
        cmocka_unit_test(stops_and_goes_on),
        cmocka_unit_test(stops_while_it_draws),
        cmocka_unit_test(keeps_standard_error),
        cmocka_unit_test(lends_the_terminal),
        cmocka_unit_test(sends_little),
        cmocka_unit_test(a_second_passes_without_a_byte),
        cmocka_unit_test(no_control_gets_through),
        cmocka_unit_test(colours_as_the_terminal_has_them),
        cmocka_unit_test(ascii_where_nothing_else_can_be_drawn),
        cmocka_unit_test(says_why_it_cannot),
        cmocka_unit_test(keys_come_from_the_terminal_when_a_manifest_comes_from_stdin),
        cmocka_unit_test(ends_though_the_terminal_takes_nothing),
        cmocka_unit_test(quits_fast_whatever_is_under_way),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
