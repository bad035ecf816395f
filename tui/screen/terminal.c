// SPDX-License-Identifier: Apache-2.0
// Curses set up and restored, what painter.h makes of grids sent, keys read.
#include "tui/screen/terminal.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/keys.h"
#include "tui/screen/painter.h"
#include "tui/screen/terminal_codes.h"
#include "tui/screen/terminal_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
// term.h makes macros of common words.
#undef columns
#undef lines

enum { ESC_WAIT_MS = 25 }; // for the rest of a key that begins with Esc

static struct {
    int in_fd, out_fd;
    FILE *in, *out;
    SCREEN *screen;
    WINDOW *keys; // a pad: reading keys from it never draws
    pthread_t thread;
    enum depth depth;
    struct terminal_codes codes;
    struct arena texts; // of the codes
    struct painter *painter;
    struct buf frame; // what the last term_show sent
    bool repaint;
} term = {.in_fd = -1, .out_fd = -1};

// Turns off the attributes that are set, before curses sends something: it does not know of them.
static void rest_pen(void)
{
    buf_reset(&term.frame);
    painter_rest(term.painter, &term.frame);
    guard_write(term.out_fd, term.frame.data, term.frame.len);
}

// What the terminal has under the name of a string capability, NULL: nothing.
static const char *capability(const char *name)
{
    const char *s = tigetstr(unconst(name));
    // NOLINTNEXTLINE(performance-no-int-to-ptr): terminfo's word for a name of no string
    return s == (const char *)-1 ? NULL : s;
}

// The same without its padding, which terminals of today do not need; in the arena.
static const char *unpadded(struct arena *a, const char *name)
{
    const char *s = capability(name);
    if (s == NULL) {
        return NULL;
    }
    char *out = arena_alloc(a, strlen(s) + 1);
    size_t n = 0;
    while (*s != '\0') {
        const char *close = str_starts(s, "$<") ? strchr(s, '>') : NULL;
        if (close != NULL) {
            s = close + 1;
        } else {
            out[n++] = *s++;
        }
    }
    out[n] = '\0';
    return out;
}

static const char *param(const char *code, int a, int b)
{
    return tiparm(code, a, b);
}

static void add_capability(const char *name)
{
    guard_add(str_or_empty(unpadded(&term.texts, name)));
}

// The sequences that undo everything that is ever sent, for a terminal of any height.
static void make_restore(void)
{
    enum { LAST_ROW = 998 }; // terminals take their own last row instead
    add_capability("sgr0");
    add_capability("op");
    if (str_starts(str_or_empty(capability("csr")), "\033[")) {
        guard_add("\033[r"); // the scrolling region: the whole screen
    }
    if (capability("rmcup") == NULL) {
        guard_add(param(unpadded(&term.texts, "cup"), LAST_ROW, 0));
    }
    add_capability("rmkx");
    add_capability("rmcup");
    // Some terminals take the cursor and the colours of the main screen from what smcup saved, and it may not have
    // been sent.
    add_capability("sgr0");
    add_capability("cnorm");
}

// sgr0 also leaves the alternate character set, which is never entered.
static const char *without_charset(char *s)
{
    static const char *const sets[] = {"\033(B", "\017"};
    for (size_t i = 0; i < ARRAY_COUNT(sets); i++) {
        size_t n = strlen(sets[i]);
        char *at = strstr(s, sets[i]);
        if (at != NULL) {
            memmove(at, at + n, strlen(at + n) + 1);
        }
    }
    return s;
}

// What the painter needs of the terminal.
static void load_codes(void)
{
    struct terminal_codes *t = &term.codes;
    struct arena *a = &term.texts;
    const char *sgr0 = unpadded(a, "sgr0");
    *t = (struct terminal_codes){
        .cup = unpadded(a, "cup"),
        .hpa = unpadded(a, "hpa"),
        .vpa = unpadded(a, "vpa"),
        .cuf = unpadded(a, "cuf"),
        .cud1 = unpadded(a, "cud1"),
        .el = unpadded(a, "el"),
        .csr = unpadded(a, "csr"),
        .ind = unpadded(a, "ind"),
        .ri = unpadded(a, "ri"),
        .civis = unpadded(a, "civis"),
        .cnorm = unpadded(a, "cnorm"),
        .bce = back_color_erase,
        .msgr = move_standout_mode,
        .ax = tigetflag("AX") > 0,
        .last_cell = !auto_right_margin || eat_newline_glitch,
        .ncv = no_color_video > 0 ? (unsigned)no_color_video : 0,
        .param = param,
    };
    // No attributes if they cannot be turned off, or if they take up cells.
    t->sgr0 = sgr0 != NULL ? without_charset(arena_strdup(a, sgr0)) : "";
    if (sgr0 != NULL && magic_cookie_glitch < 0) {
        t->bold = unpadded(a, "bold");
        t->dim = unpadded(a, "dim");
        t->sitm = unpadded(a, "sitm");
        t->smul = unpadded(a, "smul");
        t->rev = unpadded(a, "rev");
        t->setaf = unpadded(a, "setaf");
        t->setab = unpadded(a, "setab");
    }
}

// --- opening

static bool open_fds(struct err *err)
{
    if (!isatty(STDOUT_FILENO)) {
        return err_set(err, ERR_USAGE,
                       "standard output is not a terminal: use 'gatetop get' or 'gatetop --once'");
    }
    term.out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (isatty(STDIN_FILENO)) {
        term.in_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    } else {
        term.in_fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    }
    if (term.in_fd < 0 || term.out_fd < 0) {
        return err_set(
            err, ERR_USAGE,
            "there is no terminal to read keys from: use 'gatetop get' or 'gatetop --once'");
    }
    term.in = fdopen(term.in_fd, "r");
    term.out = fdopen(term.out_fd, "w");
    if (term.in == NULL || term.out == NULL) {
        return err_sys(err, ERR_INTERNAL, "cannot use the terminal");
    }
    return true;
}

static void close_fds(void)
{
    guard_close();
    if (term.in != NULL) {
        fclose(term.in);
    } else if (term.in_fd >= 0) {
        close(term.in_fd);
    }
    if (term.out != NULL) {
        fclose(term.out);
    } else if (term.out_fd >= 0) {
        close(term.out_fd);
    }
    term.in = term.out = NULL;
    term.in_fd = term.out_fd = -1;
}

static void set_depth(bool no_color)
{
    term.depth = DEPTH_MONO;
    if (no_color || !has_colors() || start_color() == ERR) {
        return;
    }
    use_default_colors();
    term.depth = COLORS >= 256  ? DEPTH_256
                 : COLORS >= 16 ? DEPTH_16
                 : COLORS >= 8  ? DEPTH_8
                                : DEPTH_MONO;
}

// Terminals in keypad mode send ESC O A for Up; some send ESC [ A all the same
// (docs/rules/terminal.md#cursor-key-forms).
static void define_cursor_keys(void)
{
    static const struct {
        char final;
        int key;
    } cursor[] = {{'A', KEY_UP},   {'B', KEY_DOWN}, {'C', KEY_RIGHT},
                  {'D', KEY_LEFT}, {'H', KEY_HOME}, {'F', KEY_END}};
    for (size_t i = 0; i < ARRAY_COUNT(cursor); i++) {
        char form[4] = {'\033', '[', cursor[i].final, '\0'};
        define_key(form, cursor[i].key);
        form[1] = 'O';
        define_key(form, cursor[i].key);
    }
    define_key("\033[1~", KEY_HOME);
    define_key("\033[4~", KEY_END);
}

// Reads what TERM says of the terminal, and from it how to restore it.
static bool read_terminal_type(struct err *err)
{
    const char *name = getenv("TERM");
    int found = 0;
    if (str_empty(name) || setupterm(name, term.out_fd, &found) != OK) {
        return err_set(err, ERR_USAGE,
                       "the terminal type '%.40s' (TERM) is not known: set TERM, or use 'gatetop "
                       "get' or 'gatetop --once'",
                       str_or_empty(name));
    }
    bool moves = capability("cup") != NULL;
    if (moves) {
        make_restore();
    }
    del_curterm(cur_term); // newterm() makes its own
    return moves || err_set(err, ERR_USAGE,
                            "a terminal of type '%.40s' (TERM) cannot move its cursor: use "
                            "'gatetop get' or 'gatetop --once'",
                            name);
}

// Takes Ctrl-S, Ctrl-Q, Ctrl-V and Ctrl-O from the terminal's driver: the first would freeze the screen. Those that
// make signals stay with it (docs/rules/terminal.md#keys-of-the-terminal).
static void take_control_keys(void)
{
    struct termios t;
    if (tcgetattr(term.in_fd, &t) == 0) {
        t.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
        t.c_lflag &= ~(tcflag_t)IEXTEN;
        // Ctrl-C, Ctrl-Z and Ctrl-\ would drop what is on its way to the screen.
        t.c_lflag |= NOFLSH;
        tcsetattr(term.in_fd, TCSANOW, &t);
        def_prog_mode(); // what reset_prog_mode() restores after a stop
    }
}

static bool open_screen(struct err *err)
{
    if (!open_fds(err)) {
        return false;
    }
    guard_open(term.in_fd, term.out_fd);
    if (!read_terminal_type(err)) {
        return false;
    }
    set_escdelay(ESC_WAIT_MS);
    guard_begin();
    term.screen = newterm(NULL, term.out, term.in);
    if (term.screen == NULL) {
        guard_end();
        return err_set(err, ERR_INTERNAL, "cannot use the terminal: not enough memory");
    }
    return true;
}

bool term_open(const struct term_options *o, struct err *err)
{
    term.thread = pthread_self();
    arena_init(&term.texts);
    if (!open_screen(err)) {
        close_fds();
        arena_release(&term.texts);
        return false;
    }
    cbreak();
    noecho();
    nonl();
    take_control_keys();
    curs_set(0);
    set_depth(o->no_color);
    load_codes();
    term.painter = painter_new(&term.codes);
    buf_init(&term.frame, 0);
    term.repaint = true;
    typeahead(-1); // curses only clears
    term.keys = newpad(1, 1);
    keypad(term.keys, TRUE);
    nodelay(term.keys, TRUE);
    define_cursor_keys();
    guard_keep_stderr();
    return true;
}

// Curses leaves the screen, and does not look whether its bytes arrive.
static void leave_screen(void)
{
    rest_pen();
    endwin();
    guard_restore();
}

void term_close(void)
{
    if (!guard_is_on() && !guard_is_lent()) {
        return;
    }
    if (guard_is_on()) {
        leave_screen();
        guard_drop_typed(); // it must not reach the shell as a command
    }
    alarm(0); // set by signals.c for an end that hangs
    guard_end();
    painter_free(term.painter);
    term.painter = NULL;
    buf_release(&term.frame);
    arena_release(&term.texts);
    delwin(term.keys);
    delscreen(term.screen);
    term.screen = NULL;
    close_fds();
}

void term_leave(void)
{
    if (guard_is_on()) {
        leave_screen();
        guard_lend();
    }
}

void term_enter(void)
{
    if (!guard_is_lent()) {
        return;
    }
    guard_take_back(); // first, so that every end from here on restores it
    reset_prog_mode();
    term.repaint = true;
    curs_set(0);
}

void term_take_back(void)
{
    if (!guard_is_lent()) {
        return;
    }
    guard_drop_typed();
    guard_restore_modes();
    term_enter();
}

int term_fd(void)
{
    return term.in_fd;
}

void term_theme(const struct theme *t)
{
    painter_theme(term.painter, t, term.depth);
}

void term_size(int *rows, int *columns)
{
    struct winsize w;
    if (ioctl(term.out_fd, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0 &&
        (w.ws_row != LINES || w.ws_col != COLS)) {
        resizeterm(w.ws_row, w.ws_col);
    }
    *rows = LINES;
    *columns = COLS;
}

// --- painting

// curses is not thread-safe: only one thread may call it.
static void check_thread(void)
{
    ASSERT(pthread_equal(term.thread, pthread_self()));
}

// Has curses clear the screen, and take the terminal over again after term_leave. All of its own screen is empty.
static void clear_terminal(void)
{
    rest_pen(); // what is cleared gets the background that is set
    clearok(curscr, TRUE);
    doupdate();
    // A frame that scrolled while the size changed left the region of the old one.
    if (term.codes.csr != NULL) {
        const char *whole = param(term.codes.csr, 0, LINES - 1);
        guard_write(term.out_fd, whole, strlen(whole));
    }
    painter_cleared(term.painter, LINES, COLS);
}

size_t term_show(const struct grid *g)
{
    check_thread();
    if (!guard_is_on()) {
        return 0;
    }
    if (term.repaint) {
        clear_terminal();
        term.repaint = false;
    }
    buf_reset(&term.frame);
    painter_show(term.painter, g, &term.frame);
    if (!guard_write(term.out_fd, term.frame.data, term.frame.len)) {
        term.repaint = true; // or the terminal is gone, as the event loop will find
    }
    return term.frame.len;
}

void term_repaint(void)
{
    term.repaint = true;
}

// --- keys

static uint32_t special_key(wint_t key)
{
    // clang-format off
    static const struct { int curses; uint32_t key; } map[] = {
        {KEY_UP, K_UP}, {KEY_DOWN, K_DOWN}, {KEY_LEFT, K_LEFT}, {KEY_RIGHT, K_RIGHT},
        {KEY_HOME, K_HOME}, {KEY_END, K_END}, {KEY_PPAGE, K_PGUP}, {KEY_NPAGE, K_PGDN},
        {KEY_BACKSPACE, K_BACKSPACE}, {KEY_DC, K_DELETE}, {KEY_BTAB, K_BACKTAB}, {KEY_ENTER, K_ENTER},
    };
    // clang-format on
    for (size_t i = 0; i < ARRAY_COUNT(map); i++) {
        if ((wint_t)map[i].curses == key) {
            return map[i].key;
        }
    }
    if (key >= KEY_F(1) && key <= KEY_F(12)) {
        return K_F1 + (uint32_t)(key - KEY_F(1));
    }
    return 0;
}

bool term_key(uint32_t *key)
{
    check_thread();
    if (!guard_is_on()) {
        return false;
    }
    for (;;) {
        wint_t w;
        int got = wget_wch(term.keys, &w);
        if (got == ERR) {
            return false;
        }
        if (got == KEY_CODE_YES) {
            *key = special_key(w); // resizeterm queues KEY_RESIZE: passed over
            if (*key == 0) {
                continue;
            }
            return true;
        }
        if (w == '\n') {
            w = K_ENTER;
        }
        *key = w == 127 || w == 8 ? K_BACKSPACE : (uint32_t)w;
        return true;
    }
}
