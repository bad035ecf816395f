// SPDX-License-Identifier: Apache-2.0
// What gives the terminal back, in whatever way the program ends.
#include "tui/screen/terminal_guard.h"

#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { STDERR_SHOWN = 65536 }; // bytes of standard error printed at the end

enum guard_state { OFF, ON, LENT };

static struct {
    // enum guard_state; lock-free: emergency() reads it in any thread and in signal handlers
    atomic_int state;
    int in_fd, out_fd;    // borrowed
    struct termios saved; // the modes that are restored
    char restore[256];
    size_t nrestore;
    int stderr_saved, stderr_kept; // -1: standard error is no terminal and is left alone
    // The same terminal once more, and what takes its place in in_fd and out_fd (-1: none).
    int own_in, own_out, nothing;
} guard = {.in_fd = -1,
           .out_fd = -1,
           .stderr_saved = -1,
           .stderr_kept = -1,
           .own_in = -1,
           .own_out = -1,
           .nothing = -1};

static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
static struct sigaction before_crash[ARRAY_COUNT(crashes)];
static char *crash_stack;

bool guard_write(int fd, const char *s, size_t n)
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

bool guard_is_on(void)
{
    return guard.state == ON;
}

bool guard_is_lent(void)
{
    return guard.state == LENT;
}

// --- standard error

void guard_keep_stderr(void)
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
    if (saved >= 0) {
        guard.stderr_saved = saved;
        guard.stderr_kept = kept;
        dup2(kept, STDERR_FILENO);
    } else if (kept >= 0) { // no descriptor is left: what is written spoils the screen, and is seen
        close(kept);
    }
}

// Copies what was written to standard error meanwhile to the real one, controls as '?'. Async-signal-safe.
static void show_kept_stderr(void)
{
    if (guard.stderr_kept < 0) {
        return;
    }
    dup2(guard.stderr_saved, STDERR_FILENO);
    off_t end = lseek(guard.stderr_kept, 0, SEEK_END);
    off_t at = end > STDERR_SHOWN ? end - STDERR_SHOWN : 0;
    lseek(guard.stderr_kept, at, SEEK_SET);
    char piece[1024];
    ssize_t n;
    while ((n = read(guard.stderr_kept, piece, sizeof piece)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)piece[i];
            if ((c < 32 && c != '\n' && c != '\t') || c == 127) {
                piece[i] = '?';
            }
        }
        guard_write(STDERR_FILENO, piece, (size_t)n);
    }
    if (ftruncate(guard.stderr_kept, 0) == 0) {
        lseek(guard.stderr_kept, 0, SEEK_SET);
    }
}

// --- ends that nobody planned

// For a signal handler, and for when the program gives up (fail.h): async-signal-safe, any thread, also when nothing is
// open.
static void emergency(void)
{
    int was = atomic_exchange(&guard.state, OFF);
    if (was == OFF) {
        return;
    }
    int in = guard.in_fd, out = guard.out_fd;
    if (guard.nothing >= 0) {
        // Another thread may be about to draw, or to set modes (docs/rules/terminal.md#failures-of-the-machine).
        dup2(guard.nothing, guard.out_fd);
        dup2(guard.nothing, guard.in_fd);
        in = guard.own_in;
        out = guard.own_out;
    }
    if (was == ON) {
        guard_write(out, guard.restore, guard.nrestore);
        tcsetattr(in, TCSANOW, &guard.saved);
    }
    show_kept_stderr();
}

_Noreturn void guard_give_up(int exit_status)
{
    if (guard.state != OFF) {
        // If even this blocks, the default action of SIGALRM ends the process.
        sigset_t alarms;
        signal(SIGALRM, SIG_DFL);
        sigemptyset(&alarms);
        sigaddset(&alarms, SIGALRM);
        pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
        alarm(2);
        // Output that Ctrl-S stopped continues when IXON is off.
        struct termios flowing = guard.saved;
        flowing.c_iflag &= ~(tcflag_t)IXON;
        tcflush(guard.out_fd, TCOFLUSH);
        tcsetattr(guard.in_fd, TCSANOW, &flowing);
    }
    emergency();
    _exit(exit_status);
}

static void on_crash(int sig)
{
    emergency();
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

// A library that calls exit(), as ncurses does without memory.
static void on_exit_by_library(void)
{
    static const char says[] =
        "gatetop: a library has ended the program, most likely for lack of memory\n";
    if (guard.state == ON) {
        emergency();
        guard_write(STDERR_FILENO, says, sizeof says - 1);
    }
}

// --- from the first byte to the last

void guard_open(int in_fd, int out_fd)
{
    guard.in_fd = in_fd;
    guard.out_fd = out_fd;
    guard.nrestore = 0;
    memset(&guard.saved, 0, sizeof guard.saved);
    tcgetattr(in_fd, &guard.saved);
    // If descriptors are out, only an end in an emergency is less safe.
    guard.own_in = fcntl(in_fd, F_DUPFD_CLOEXEC, 3);
    guard.own_out = fcntl(out_fd, F_DUPFD_CLOEXEC, 3);
    bool both = guard.own_in >= 0 && guard.own_out >= 0;
    guard.nothing = both ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
}

void guard_add(const char *text)
{
    size_t n = strlen(text);
    if (n < sizeof guard.restore - guard.nrestore) {
        memcpy(guard.restore + guard.nrestore, text, n);
        guard.nrestore += n;
    }
}

void guard_begin(void)
{
    static bool registered;
    registered = registered || atexit(on_exit_by_library) == 0;
    guard.state = ON;
    catch_crashes();
    fail_restore(emergency);
}

void guard_restore_modes(void)
{
    tcsetattr(guard.in_fd, TCSANOW, &guard.saved);
}

void guard_restore(void)
{
    guard_write(guard.out_fd, guard.restore, guard.nrestore);
    guard_restore_modes();
}

void guard_drop_typed(void)
{
    tcflush(guard.in_fd, TCIFLUSH);
}

void guard_lend(void)
{
    guard.state = LENT;
    show_kept_stderr();
}

void guard_take_back(void)
{
    if (guard.stderr_kept >= 0) {
        dup2(guard.stderr_kept, STDERR_FILENO);
    }
    tcgetattr(guard.in_fd, &guard.saved);
    guard.state = ON;
    fail_restore(emergency);
}

void guard_end(void)
{
    guard.state = OFF;
    fail_restore(NULL);
    release_crashes();
    show_kept_stderr();
}

void guard_close(void)
{
    int *const fds[] = {&guard.own_in, &guard.own_out, &guard.nothing, &guard.stderr_kept,
                        &guard.stderr_saved};
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
        *fds[i] = -1;
    }
    guard.in_fd = guard.out_fd = -1;
}
