// SPDX-License-Identifier: Apache-2.0
// The pseudo-terminal, the leader and the screen.
#define _GNU_SOURCE // environ
#include "tests/support/ptyrun.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

struct pty {
    int master, slave; // the slave stays open here, so that its modes can be looked at afterwards
    int events;        // from the leader: struct pty_event
    int control;       // to the leader: 'c' continues the child
    pid_t leader, child;
    struct termios before; // the modes at the start
    VTerm *vt;
    VTermScreen *screen;
    bool alternate, cursor, stopped, ended;
    int status;
    struct buf log;
    struct buf row;
    int rows, columns;
};

struct pty_event {
    int what; // 'p' its pid, 's' stopped, 'e' ended
    int value;
};

static void tell(int fd, int what, int value)
{
    struct pty_event e = {what, value};
    ssize_t n = write(fd, &e, sizeof e);
    (void)n;
}

// Whether "NAME=value" has the name of a setting, which is "NAME=value" or "NAME".
static bool has_name(const char *entry, const char *setting)
{
    size_t n = strcspn(setting, "=");
    return strncmp(entry, setting, n) == 0 && entry[n] == '=';
}

// The test's own environment changed by the settings, of which the last of a name counts. NULL-ended; the array is the
// caller's, the texts are borrowed.
static char **change_environment(const char *const *settings, size_t n)
{
    char **out = NULL;
    size_t count = 0, cap = 0;
    for (char **e = environ; *e != NULL; e++) {
        bool kept = true;
        for (size_t i = 0; i < n; i++) {
            kept = kept && !has_name(*e, settings[i]);
        }
        if (kept) {
            *ARRAY_PUSH(out, count, cap) = *e;
        }
    }
    for (size_t i = 0; i < n; i++) {
        bool last = strchr(settings[i], '=') != NULL; // else the name is taken out
        for (size_t later = i + 1; later < n; later++) {
            last = last && !has_name(settings[i], settings[later]);
        }
        if (last) {
            *ARRAY_PUSH(out, count, cap) = unconst(settings[i]);
        }
    }
    *ARRAY_PUSH(out, count, cap) = NULL;
    return out;
}

// What the child finds in its environment. It is made before the fork: a thread of the test may hold the allocator's
// lock at that moment, and for the child for ever.
struct child_environment {
    const char **settings;
    char *term, **entries;
};

static struct child_environment environment_new(const struct pty_options *o)
{
    struct child_environment e = {
        .term = xasprintf("TERM=%s", o->term != NULL ? o->term : "xterm-256color")};
    const char *const usual[] = {e.term,  "LC_ALL=C.UTF-8", "TZ=UTC",  "ESCDELAY=25",
                                 "LINES", "COLUMNS",        "NO_COLOR"};
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < ARRAY_COUNT(usual); i++) {
        *ARRAY_PUSH(e.settings, n, cap) = usual[i];
    }
    for (size_t i = 0; o->env != NULL && o->env[i] != NULL; i++) {
        *ARRAY_PUSH(e.settings, n, cap) = o->env[i];
    }
    e.entries = change_environment(e.settings, n);
    return e;
}

static void environment_free(struct child_environment *e)
{
    free(e->entries);
    free(e->settings);
    free(e->term);
}

static void run_child(const struct pty_options *o, char **environment, int events, int control)
{
    close(control);
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(STDIN_FILENO, getpid());
    signal(SIGTTOU, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGTSTP, SIG_DFL);
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}; // cmocka catches them
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        signal(faults[i], SIG_DFL);
    }
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (o->stdin_file != NULL) {
        int fd = open(o->stdin_file, O_RDONLY);
        dup2(fd, STDIN_FILENO);
        close(fd);
    }
    environ = environment;
    tell(events, 'p',
         (int)getpid()); // whoever knows it may send signals, which now do what they do
    close(events);
    int rc = o->child(o->arg);
    fflush(NULL);
    _exit(rc);
}

// The leader: waits for the child as a shell does.
static void run_leader(const struct pty_options *o, char **environment, int events, int control)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGTSTP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    for (int i = 0; i < 4 && o->closed_in_child[i] > 0; i++) {
        close(o->closed_in_child[i]);
    }
    pid_t child = fork();
    if (child == 0) {
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        run_child(o, environment, events, control);
    }
    setpgid(child, child);
    tcsetpgrp(STDIN_FILENO, child);
    for (;;) {
        int status;
        if (waitpid(child, &status, WUNTRACED) < 0) {
            if (errno == EINTR) {
                continue;
            }
            _exit(1);
        }
        if (WIFSTOPPED(status)) {
            tcsetpgrp(STDIN_FILENO, getpgrp());
            tell(events, 's', WSTOPSIG(status));
            char c;
            if (read(control, &c, 1) != 1) {
                kill(child, SIGKILL);
                continue;
            }
            tcsetpgrp(STDIN_FILENO, child);
            kill(-child, SIGCONT);
            continue;
        }
        tell(events, 'e', status);
        _exit(0);
    }
}

static int on_property(VTermProp prop, VTermValue *val, void *user)
{
    struct pty *p = user;
    if (prop == VTERM_PROP_ALTSCREEN) {
        p->alternate = val->boolean != 0;
    } else if (prop == VTERM_PROP_CURSORVISIBLE) {
        p->cursor = val->boolean != 0;
    }
    return 1;
}
static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

struct pty *pty_start(const struct pty_options *o)
{
    struct pty *p = xcalloc(1, sizeof *p);
    int events[2], control[2];
    struct winsize size = {.ws_row = (unsigned short)o->rows, .ws_col = (unsigned short)o->columns};
    if (pipe(events) != 0 || pipe(control) != 0 ||
        openpty(&p->master, &p->slave, NULL, NULL, &size) != 0) {
        abort();
    }
    tcgetattr(p->slave, &p->before);
    struct child_environment environment = environment_new(o);
    fflush(NULL);
    p->leader = fork();
    if (p->leader == 0) {
        close(events[0]);
        close(control[1]);
        close(p->master);
        login_tty(p->slave);
        run_leader(o, environment.entries, events[1], control[0]);
    }
    environment_free(&environment);
    close(events[1]);
    close(control[0]);
    p->events = events[0];
    p->control = control[1];
    fcntl(p->master, F_SETFL, O_NONBLOCK);
    p->rows = o->rows;
    p->columns = o->columns;
    p->cursor = true;
    p->vt = vterm_new(o->rows, o->columns);
    vterm_set_utf8(p->vt, 1);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_reset(p->screen, 1);
    buf_init(&p->log, 0);
    buf_init(&p->row, 0);
    struct pty_event e;
    if (read(p->events, &e, sizeof e) == (ssize_t)sizeof e) {
        p->child = (pid_t)e.value;
    }
    return p;
}

void pty_free(struct pty *p)
{
    if (!p->ended && p->child > 0) {
        kill(p->child, SIGKILL);
    }
    close(p->control);
    if (p->master >= 0) {
        close(p->master);
        close(p->slave);
    }
    waitpid(p->leader, NULL, 0);
    close(p->events);
    vterm_free(p->vt);
    buf_release(&p->log);
    buf_release(&p->row);
    free(p);
}

pid_t pty_pid(const struct pty *p)
{
    return p->child;
}

void pty_drain(struct pty *p)
{
    char piece[4096];
    ssize_t n;
    while (p->master >= 0 && (n = read(p->master, piece, sizeof piece)) > 0) {
        buf_add(&p->log, piece, (size_t)n);
        vterm_input_write(p->vt, piece, (size_t)n);
    }
}

// Waits for bytes or an event of the leader; false at the deadline.
static bool step(struct pty *p, int64_t until)
{
    int64_t left = until - clock_mono_ms();
    if (left <= 0) {
        return false;
    }
    struct pollfd fds[] = {{.fd = p->events, .events = p->ended ? 0 : POLLIN},
                           {.fd = p->master, .events = POLLIN}};
    if (p->ended) {
        fds[0].fd = -1;
    }
    if (poll(fds, 2, (int)left) < 0 && errno != EINTR) {
        return false;
    }
    pty_drain(p);
    if (fds[0].fd >= 0 && fds[0].revents != 0) {
        struct pty_event e;
        if (read(p->events, &e, sizeof e) != (ssize_t)sizeof e) {
            p->ended = true;
            p->status = -1;
        } else if (e.what == 's') {
            p->stopped = true;
        } else if (e.what == 'e') {
            p->ended = true;
            p->status = e.value;
        }
        pty_drain(p);
    }
    return true;
}

bool pty_step(struct pty *p, int ms)
{
    return step(p, clock_mono_ms() + ms);
}

bool pty_has_ended(const struct pty *p)
{
    return p->ended;
}

bool pty_has_stopped(const struct pty *p)
{
    return p->stopped;
}

void pty_type(struct pty *p, const char *bytes)
{
    size_t n = strlen(bytes);
    while (n > 0) {
        ssize_t w = write(p->master, bytes, n);
        if (w > 0) {
            bytes += w;
            n -= (size_t)w;
        } else if ((errno != EAGAIN && errno != EINTR) || !step(p, clock_mono_ms() + PTY_WAIT_MS)) {
            return;
        }
    }
}

void pty_resize(struct pty *p, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    pty_drain(p);
    vterm_set_size(p->vt, rows, columns);
    p->rows = rows;
    p->columns = columns;
    ioctl(p->master, TIOCSWINSZ, &size); // the kernel sends SIGWINCH
}

void pty_hang_up(struct pty *p)
{
    pty_drain(p);
    close(p->slave);
    close(p->master);
    p->master = p->slave = -1;
}

bool pty_wait(struct pty *p, bool (*holds)(struct pty *p, const void *arg), const void *arg)
{
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    pty_drain(p);
    while (!holds(p, arg)) {
        if (!step(p, until)) {
            fprintf(stderr, "pty: waited in vain; the screen:\n");
            for (int r = 0; r < p->rows; r++) {
                fprintf(stderr, "|%s\n", pty_row(p, r));
            }
            return false;
        }
        if (p->ended && !holds(p, arg)) {
            return false;
        }
    }
    return true;
}

static bool has_text(struct pty *p, const void *arg)
{
    return pty_has(p, arg);
}

static bool lacks_text(struct pty *p, const void *arg)
{
    return !pty_has(p, arg);
}

bool pty_wait_text(struct pty *p, const char *text)
{
    return pty_wait(p, has_text, text);
}

bool pty_wait_gone(struct pty *p, const char *text)
{
    return pty_wait(p, lacks_text, text);
}

struct row_head {
    int row;
    const char *head;
};

static bool row_begins(struct pty *p, const void *arg)
{
    const struct row_head *h = arg;
    return str_starts(pty_row(p, h->row), h->head);
}

bool pty_wait_row(struct pty *p, int row, const char *begins_with)
{
    struct row_head h = {row, begins_with};
    return pty_wait(p, row_begins, &h);
}

int pty_wait_exit(struct pty *p)
{
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    while (!p->ended && step(p, until)) {
    }
    pty_drain(p);
    return p->ended ? p->status : -1;
}

bool pty_wait_stop(struct pty *p)
{
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    while (!p->stopped && !p->ended && step(p, until)) {
    }
    pty_drain(p);
    return p->stopped;
}

void pty_continue(struct pty *p)
{
    p->stopped = false;
    ssize_t n = write(p->control, "c", 1);
    (void)n;
}

const char *pty_row(struct pty *p, int row)
{
    buf_reset(&p->row);
    buf_adds(&p->row, "");
    size_t keep = 0;
    for (int c = 0; c < p->columns; c++) {
        VTermScreenCell cell;
        vterm_screen_get_cell(p->screen, (VTermPos){row, c}, &cell);
        if (cell.chars[0] == (uint32_t)-1) {
            continue; // the right half of a wide character
        }
        if (cell.chars[0] == 0 || cell.chars[0] == ' ') {
            buf_addc(&p->row, ' ');
            continue;
        }
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++) {
            char u[4];
            buf_add(&p->row, u, utf8_put(cell.chars[i], u));
        }
        keep = p->row.len;
    }
    buf_truncate(&p->row, keep);
    return p->row.data;
}

bool pty_has(struct pty *p, const char *text)
{
    for (int r = 0; r < p->rows; r++) {
        if (strstr(pty_row(p, r), text) != NULL) {
            return true;
        }
    }
    return false;
}

struct pty_look pty_look(struct pty *p, int row, int column)
{
    VTermScreenCell cell;
    vterm_screen_get_cell(p->screen, (VTermPos){row, column}, &cell);
    struct pty_look l = {.bold = cell.attrs.bold != 0,
                         .reverse = cell.attrs.reverse != 0,
                         .underline = cell.attrs.underline != 0,
                         .italic = cell.attrs.italic != 0,
                         .fg = -1,
                         .bg = -1};
    if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg)) {
        l.colored_fg = true;
        l.fg = VTERM_COLOR_IS_INDEXED(&cell.fg) ? cell.fg.indexed.idx : -1;
    }
    if (!VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)) {
        l.colored_bg = true;
        l.bg = VTERM_COLOR_IS_INDEXED(&cell.bg) ? cell.bg.indexed.idx : -1;
    }
    return l;
}

bool pty_alternate(const struct pty *p)
{
    return p->alternate;
}

bool pty_cursor_visible(const struct pty *p)
{
    return p->cursor;
}

bool pty_cursor_at(const struct pty *p, int row, int column)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(p->vt), &at);
    return at.row == row && at.col == column;
}

struct termios pty_termios(const struct pty *p)
{
    struct termios t;
    memset(&t, 0, sizeof t);
    tcgetattr(p->slave, &t);
    return t;
}

// The number at *at, 0 without one; *at goes behind it.
static int number_at(const char **at)
{
    int n = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        n = n < 10000 ? n * 10 + (**at - '0') : n;
    }
    return n;
}

// The scrolling region that was set last: whether it is the whole screen. The log of an hour has hundreds of megabytes,
// and the functions of the C library for strings look for its end each time, some under sanitizers only.
static bool region_is_whole(const struct pty *p)
{
    bool whole = true;
    const char *at = p->log.data, *end = at + p->log.len;
    while (at < end && (at = memchr(at, '\033', (size_t)(end - at))) != NULL) {
        at++;
        if (*at != '[') {
            continue;
        }
        at++;
        int top = number_at(&at), bottom = p->rows;
        if (*at == ';') {
            at++;
            bottom = number_at(&at);
        }
        whole = *at == 'r' ? top <= 1 && bottom >= p->rows : whole;
    }
    return whole;
}

// Whether the last setting of a private mode ("?1000") sets it.
static bool mode_is_set(const struct pty *p, const char *mode)
{
    bool set = false;
    size_t n = strlen(mode);
    for (const char *at = p->log.data; at != NULL && (at = strstr(at, mode)) != NULL; at += n) {
        set = at[n] == 'h' || (at[n] == 'l' ? false : set);
    }
    return set;
}

static bool pen_is_plain(const struct pty *p)
{
    static const VTermAttr attrs[] = {VTERM_ATTR_BOLD,  VTERM_ATTR_UNDERLINE, VTERM_ATTR_ITALIC,
                                      VTERM_ATTR_BLINK, VTERM_ATTR_REVERSE,   VTERM_ATTR_STRIKE};
    VTermState *state = vterm_obtain_state(p->vt);
    for (size_t i = 0; i < ARRAY_COUNT(attrs); i++) {
        VTermValue v;
        if (vterm_state_get_penattr(state, attrs[i], &v) == 1 && v.number != 0) {
            return false;
        }
    }
    VTermValue fg, bg;
    return vterm_state_get_penattr(state, VTERM_ATTR_FOREGROUND, &fg) == 1 &&
           vterm_state_get_penattr(state, VTERM_ATTR_BACKGROUND, &bg) == 1 &&
           VTERM_COLOR_IS_DEFAULT_FG(&fg.color) && VTERM_COLOR_IS_DEFAULT_BG(&bg.color);
}

// What was written before a process ended may still be on its way: it comes before this byte, which a terminal passes
// over.
static void read_all(struct pty *p)
{
    if (write(p->slave, "", 1) == 1) {
        int64_t until = clock_mono_ms() + PTY_WAIT_MS;
        while ((p->log.len == 0 || p->log.data[p->log.len - 1] != '\0') && step(p, until)) {
        }
        if (p->log.len > 0 && p->log.data[p->log.len - 1] == '\0') {
            buf_truncate(&p->log, p->log.len - 1);
        }
    }
}

const char *pty_left_behind(struct pty *p)
{
    read_all(p);
    static const char *const mice[] = {"?9",    "?1000", "?1001", "?1002",
                                       "?1003", "?1005", "?1006", "?1015"};
    const struct termios now = pty_termios(p);
    for (size_t i = 0; i < ARRAY_COUNT(mice); i++) {
        if (mode_is_set(p, mice[i])) {
            return "the mouse";
        }
    }
    return now.c_iflag != p->before.c_iflag || now.c_oflag != p->before.c_oflag ||
                   now.c_cflag != p->before.c_cflag || now.c_lflag != p->before.c_lflag ||
                   memcmp(now.c_cc, p->before.c_cc, sizeof now.c_cc) != 0
               ? "the terminal's modes"
           : p->alternate            ? "the alternate screen"
           : !p->cursor              ? "a hidden cursor"
           : !pen_is_plain(p)        ? "colours"
           : !region_is_whole(p)     ? "a scrolling region"
           : mode_is_set(p, "?2004") ? "bracketed paste"
           : mode_is_set(p, "?1")    ? "the keypad's mode"
                                     : NULL;
}

size_t pty_bytes(const struct pty *p)
{
    return p->log.len;
}

char *pty_output(const struct pty *p, size_t from)
{
    return from < p->log.len ? xstrndup(p->log.data + from, p->log.len - from) : xstrdup("");
}

int pty_row_count(const struct pty *p)
{
    return p->rows;
}
