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

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
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

enum {
    ESC_WAIT_MS = 25,     // for the rest of a key that begins with Esc
    STDERR_SHOWN = 65536, // bytes of standard error printed at the end
};

enum term_state { CLOSED, ACTIVE, LEFT };

static struct {
    // An enum term_state. Lock-free: term_emergency() reads it in any thread and in signal handlers.
    atomic_int state;
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
    // What term_emergency needs, prepared beforehand.
    struct termios saved;
    char restore[256];
    size_t nrestore;
    int stderr_saved, stderr_kept; // -1: standard error is no terminal and is left alone
    // The same terminal once more, and what takes its place in in_fd and out_fd (-1: none).
    int own_in, own_out, nothing;
} term = {.in_fd = -1,
          .out_fd = -1,
          .stderr_saved = -1,
          .stderr_kept = -1,
          .own_in = -1,
          .own_out = -1,
          .nothing = -1};

static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
static struct sigaction before_crash[ARRAY_COUNT(crashes)];
static char *crash_stack;

// --- restoring

// Writes all of it, also where somebody else has made the terminal non-blocking and where one write fails; false where
// nothing is taken any longer. Async-signal-safe.
static bool write_all(int fd, const char *s, size_t n)
{
    enum { TRIES = 3, WAIT_MS = 1000 };
    for (int failed = 0; n > 0 && failed < TRIES;) {
        ssize_t w = write(fd, s, n);
        if (w > 0) {
            s += w;
            n -= (size_t)w;
        } else if (w < 0 && errno == EAGAIN) {
            failed += poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, WAIT_MS) <= 0;
        } else if (w == 0 || errno != EINTR) {
            failed++;
        }
    }
    return n == 0;
}

// Turns off the attributes that are set, before curses sends something: it does not know of them.
static void rest_pen(void)
{
    buf_reset(&term.frame);
    painter_rest(term.painter, &term.frame);
    write_all(term.out_fd, term.frame.data, term.frame.len);
}

// Copies what was written to standard error while curses ran to the real one, controls as '?'.
// Async-signal-safe.
static void show_kept_stderr(void)
{
    if (term.stderr_kept < 0) {
        return;
    }
    dup2(term.stderr_saved, STDERR_FILENO);
    off_t end = lseek(term.stderr_kept, 0, SEEK_END);
    off_t at = end > STDERR_SHOWN ? end - STDERR_SHOWN : 0;
    lseek(term.stderr_kept, at, SEEK_SET);
    char piece[1024];
    ssize_t n;
    while ((n = read(term.stderr_kept, piece, sizeof piece)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)piece[i];
            if ((c < 32 && c != '\n' && c != '\t') || c == 127) {
                piece[i] = '?';
            }
        }
        write_all(STDERR_FILENO, piece, (size_t)n);
    }
    if (ftruncate(term.stderr_kept, 0) == 0) {
        lseek(term.stderr_kept, 0, SEEK_SET);
    }
}

// term_close for a signal handler, and for when the program gives up (fail.h): async-signal-safe, any thread, also when
// nothing is open.
static void term_emergency(void)
{
    int was = atomic_exchange(&term.state, CLOSED);
    if (was == CLOSED) {
        return;
    }
    int in = term.in_fd, out = term.out_fd;
    if (term.nothing >= 0) {
        // Another thread may be about to draw, or to set modes (docs/rules/terminal.md#failures-of-the-machine).
        dup2(term.nothing, term.out_fd);
        dup2(term.nothing, term.in_fd);
        in = term.own_in;
        out = term.own_out;
    }
    if (was == ACTIVE) {
        write_all(out, term.restore, term.nrestore);
        tcsetattr(in, TCSANOW, &term.saved);
    }
    show_kept_stderr();
}

_Noreturn void term_give_up(int exit_status)
{
    if (term.state != CLOSED) {
        // If even this blocks, the default action of SIGALRM ends the process.
        sigset_t alarms;
        signal(SIGALRM, SIG_DFL);
        sigemptyset(&alarms);
        sigaddset(&alarms, SIGALRM);
        pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
        alarm(2);
        // Output that Ctrl-S stopped continues when IXON is off.
        struct termios flowing = term.saved;
        flowing.c_iflag &= ~(tcflag_t)IXON;
        tcflush(term.out_fd, TCOFLUSH);
        tcsetattr(term.in_fd, TCSANOW, &flowing);
    }
    term_emergency();
    _exit(exit_status);
}

static void on_crash(int sig)
{
    term_emergency();
    // The handler that was there before (a sanitizer's, or the default that dumps core) goes on.
    for (size_t i = 0; i < ARRAY_COUNT(crashes); i++) {
        if (crashes[i] == sig) {
            sigaction(sig, &before_crash[i], NULL);
        }
    }
    raise(sig);
}

static void catch_crashes(void)
{
    size_t size = 64 * 1024;
    crash_stack = xmalloc(size);
    stack_t st = {.ss_sp = crash_stack, .ss_size = size};
    stack_t old;
    // A sanitizer may have its own alternate stack: leave that one.
    bool own = sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE) != 0;
    if (!own || sigaltstack(&st, NULL) != 0) {
        free(crash_stack);
        crash_stack = NULL;
    }
    struct sigaction sa = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < ARRAY_COUNT(crashes); i++) {
        sigaction(crashes[i], &sa, &before_crash[i]);
    }
}

static void release_crashes(void)
{
    for (size_t i = 0; i < ARRAY_COUNT(crashes); i++) {
        sigaction(crashes[i], &before_crash[i], NULL);
    }
    if (crash_stack != NULL) {
        stack_t off = {.ss_flags = SS_DISABLE};
        sigaltstack(&off, NULL);
        free(crash_stack);
        crash_stack = NULL;
    }
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

// Appends a text to the restore string.
static void add_restore(const char *s)
{
    size_t n = strlen(s);
    if (n < sizeof term.restore - term.nrestore) {
        memcpy(term.restore + term.nrestore, s, n);
        term.nrestore += n;
    }
}

static void add_capability(const char *name)
{
    add_restore(str_or_empty(unpadded(&term.texts, name)));
}

// What undoes all that is ever sent, for a terminal of any height.
static void make_restore(void)
{
    enum { LAST_ROW = 998 }; // terminals take their own last row instead
    term.nrestore = 0;
    add_capability("sgr0");
    add_capability("op");
    if (str_starts(str_or_empty(capability("csr")), "\033[")) {
        add_restore(
            "\033[r"); // the scrolling region is the whole screen; the cursor goes to the first row
    }
    if (capability("rmcup") == NULL) {
        add_restore(param(unpadded(&term.texts, "cup"), LAST_ROW, 0));
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

static void keep_stderr(void)
{
    if (!isatty(STDERR_FILENO)) {
        return;
    }
    const char *dir = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/gatetop-XXXXXX", str_empty(dir) ? "/tmp" : dir);
    int kept = mkstemp(path);
    if (kept >= 0) {
        unlink(path);
        fcntl(kept, F_SETFD, FD_CLOEXEC);
    } else {
        kept = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    int saved = kept >= 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
    if (saved <
        0) { // no descriptor is left: what is written meanwhile spoils the screen, and is seen
        if (kept >= 0) {
            close(kept);
        }
        return;
    }
    term.stderr_saved = saved;
    term.stderr_kept = kept;
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

// Where descriptors are out, only the end in an emergency is less safe.
static void open_own(void)
{
    term.own_in = fcntl(term.in_fd, F_DUPFD_CLOEXEC, 3);
    term.own_out = fcntl(term.out_fd, F_DUPFD_CLOEXEC, 3);
    term.nothing =
        term.own_in >= 0 && term.own_out >= 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
}

static void close_own(void)
{
    int *const fds[] = {&term.own_in, &term.own_out, &term.nothing};
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
        *fds[i] = -1;
    }
}

static void close_fds(void)
{
    close_own();
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
    if (term.stderr_kept >= 0) {
        close(term.stderr_kept);
        close(term.stderr_saved);
    }
    term.in = term.out = NULL;
    term.in_fd = term.out_fd = term.stderr_kept = term.stderr_saved = -1;
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
        t.c_lflag |=
            NOFLSH; // Ctrl-C, Ctrl-Z and Ctrl-\ would drop what is on its way to the screen
        tcsetattr(term.in_fd, TCSANOW, &t);
        def_prog_mode(); // what reset_prog_mode() restores after a stop
    }
}

// A library that calls exit(), as ncurses does without memory.
static void on_exit_by_library(void)
{
    static const char says[] =
        "gatetop: a library has ended the program, most likely for lack of memory\n";
    if (term.state == ACTIVE) {
        term_emergency();
        write_all(STDERR_FILENO, says, sizeof says - 1);
    }
}

// From here on every end restores the terminal, also one in the middle of newterm().
static void guard(void)
{
    static bool registered;
    registered = registered || atexit(on_exit_by_library) == 0;
    term.state = ACTIVE;
    catch_crashes();
    fail_restore(term_emergency);
}

static void unguard(void)
{
    term.state = CLOSED;
    fail_restore(NULL);
    release_crashes();
}

static bool open_screen(struct err *err)
{
    if (!open_fds(err)) {
        return false;
    }
    open_own();
    tcgetattr(term.in_fd, &term.saved);
    if (!read_terminal_type(err)) {
        return false;
    }
    set_escdelay(ESC_WAIT_MS);
    guard();
    term.screen = newterm(NULL, term.out, term.in);
    if (term.screen == NULL) {
        unguard();
        return err_set(err, ERR_INTERNAL, "cannot use the terminal: not enough memory");
    }
    return true;
}

bool term_open(const struct term_options *o, struct err *err)
{
    memset(&term.saved, 0, sizeof term.saved);
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
    keep_stderr();
    if (term.stderr_kept >= 0) {
        dup2(term.stderr_kept, STDERR_FILENO);
    }
    return true;
}

void term_close(void)
{
    if (term.state == CLOSED) {
        return;
    }
    if (term.state == ACTIVE) {
        rest_pen();
        endwin();
        write_all(term.out_fd, term.restore,
                  term.nrestore); // curses does not look whether its bytes arrive
        // Whatever was typed and not read must not reach the shell as a command.
        tcflush(term.in_fd, TCIFLUSH);
        tcsetattr(term.in_fd, TCSANOW, &term.saved);
    }
    alarm(0); // set by signals.c for an end that hangs
    unguard();
    show_kept_stderr();
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
    if (term.state != ACTIVE) {
        return;
    }
    rest_pen();
    endwin();
    write_all(term.out_fd, term.restore, term.nrestore);
    tcsetattr(term.in_fd, TCSANOW, &term.saved);
    term.state = LEFT;
    show_kept_stderr();
}

void term_enter(void)
{
    if (term.state != LEFT) {
        return;
    }
    if (term.stderr_kept >= 0) {
        dup2(term.stderr_kept, STDERR_FILENO);
    }
    tcgetattr(term.in_fd, &term.saved);
    term.state = ACTIVE; // first, so that every end from here on restores it
    fail_restore(term_emergency);
    reset_prog_mode();
    term.repaint = true;
    curs_set(0);
}

void term_take_back(void)
{
    if (term.state != LEFT) {
        return;
    }
    tcflush(term.in_fd, TCIFLUSH);
    tcsetattr(term.in_fd, TCSANOW, &term.saved);
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
        write_all(term.out_fd, whole, strlen(whole));
    }
    painter_cleared(term.painter, LINES, COLS);
}

size_t term_show(const struct grid *g)
{
    check_thread();
    if (term.state != ACTIVE) {
        return 0;
    }
    if (term.repaint) {
        clear_terminal();
        term.repaint = false;
    }
    buf_reset(&term.frame);
    painter_show(term.painter, g, &term.frame);
    if (!write_all(term.out_fd, term.frame.data, term.frame.len)) {
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
    if (term.state != ACTIVE) {
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
