// SPDX-License-Identifier: Apache-2.0
// Signals as bytes in a pipe.
#include "tui/screen/signals.h"

#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/pipe.h"

#include "tui/screen/terminal_guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int caught[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
static struct sigaction former[ARRAY_COUNT(caught)];
static int pipe_fd[2] = {-1, -1}; // written by the handler, read by the UI thread

// The loop may be blocked in a write to a terminal that takes nothing (Ctrl-S, a dead line) and so
// never get to the signal. Then this ends the program from the handler; term_close calls it off.
enum { GIVE_UP_SECONDS = 2 };
static volatile sig_atomic_t ending;

static void on_alarm(int sig)
{
    (void)sig;
    guard_give_up(128 + (int)ending);
}

static void on_signal(int sig)
{
    int keep = errno;
    if (sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT || sig == SIGINT) {
        ending = sig;
        alarm(GIVE_UP_SECONDS);
    }
    unsigned char byte = (unsigned char)sig;
    // A full pipe drops the signal: it holds thousands, and the loop acts on the first of each
    // kind.
    while (write(pipe_fd[1], &byte, 1) < 0 && errno == EINTR) {
    }
    errno = keep;
}

static void take_signal(int sig, struct sigaction *old)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&sa.sa_mask);
    sigaction(sig, &sa, old);
}

bool signals_open(struct err *err)
{
    if (!pipe_open(pipe_fd)) {
        return err_sys(err, ERR_INTERNAL, "cannot make a pipe");
    }
#ifdef GATETOP_SANITIZED
    // ThreadSanitizer prepares a thread for signals in its first blocking call, and loses one that
    // arrives in the middle of that.
    (void)poll(NULL, 0, 0);
#endif
    struct sigaction late = {.sa_handler = on_alarm};
    sigemptyset(&late.sa_mask);
    sigaction(SIGALRM, &late, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(caught); i++) {
        take_signal(caught[i], &former[i]);
        if (caught[i] == SIGHUP && former[i].sa_handler == SIG_IGN) {
            sigaction(SIGHUP, &former[i], NULL);
        }
    }
    return true;
}

void signals_close(void)
{
    if (pipe_fd[0] < 0) {
        return;
    }
    for (size_t i = 0; i < ARRAY_COUNT(caught); i++) {
        sigaction(caught[i], &former[i], NULL);
    }
    pipe_close(pipe_fd);
}

int signals_fd(void)
{
    return pipe_fd[0];
}

int signals_next(void)
{
    unsigned char byte;
    ssize_t n;
    do {
        n = read(pipe_fd[0], &byte, 1);
    } while (n < 0 && errno == EINTR);
    return n == 1 ? (int)byte : 0;
}

void signals_stop_self(void)
{
    struct sigaction plain = {.sa_handler = SIG_DFL}, ours;
    sigemptyset(&plain.sa_mask);
    sigaction(SIGTSTP, &plain, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}

void signals_lend(bool begin)
{
    if (pipe_fd[0] < 0) {
        return;
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN}, plain = {.sa_handler = SIG_DFL};
    sigemptyset(&ignore.sa_mask);
    sigemptyset(&plain.sa_mask);
    static const int keys[] = {SIGINT, SIGQUIT, SIGTSTP};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (begin) {
            sigaction(keys[i], keys[i] == SIGTSTP ? &plain : &ignore, NULL);
        } else {
            take_signal(keys[i], NULL);
        }
    }
}
