// SPDX-License-Identifier: Apache-2.0
// The event loop: keys, signals, the source's wake-ups, built rows and the clock.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"

#include "tui/screen/signals.h"
#include "tui/screen/terminal.h"
#include "tui/screen/ui_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    RESIZE_MS = 50,     // between two resizes
    SETTLE_MS = 8,      // how long a drawing waits for rows that a key wants
    KEYS_A_TURN = 256,  // at most
    SILENT_TURNS = 100, // readable without a byte so often, the terminal counts as dead
    MAX_FAILED = 100,   // failures of poll() in succession, this far apart
    FAILED_MS = 10,
    SYNC_FAR_MS = 5000, // a rebuild due later only updates ages: it is not under way
};

struct loop {
    int64_t resize_at; // clock_mono_ms before which the size is not taken again
    int silent;        // turns in which the terminal was readable and had nothing
    int failed;        // calls of poll() in succession
};

static void show(struct ui *ui)
{
    int64_t begin = clock_thread_us();
    const struct grid *g = ui_draw(ui);
    if (ui->repaint) {
        term_repaint();
        term_theme(&ui->o.theme);
    }
    size_t sent = term_show(g);
    if (sent > 0) {
        log_debug(LOG_AREA_SCREEN, "%dx%d drawn in %ld us, %zu bytes%s", g->columns, g->rows,
                  (long)(clock_thread_us() - begin), sent, ui->repaint ? ", whole" : "");
    }
    ui->repaint = false;
}

static void resize_now(struct ui *ui)
{
    int rows, columns;
    term_size(&rows, &columns);
    if (rows != ui->screen.rows || columns != ui->screen.columns) {
        ui_resize(ui, rows, columns);
    }
}

static void end_by_signal(struct ui *ui, int sig)
{
    ui->ended = true;
    ui->end_signal = sig;
}

static void take_signals(struct ui *ui)
{
    for (int sig; (sig = signals_next()) != 0;) {
        log_debug(LOG_AREA_SCREEN, "signal %d", sig);
        switch (sig) {
        case SIGWINCH:
            ui->resized = true;
            break;
        case SIGTSTP:
        case SIGCONT: // another process stopped us: the shell may have changed the terminal
            term_leave();
            if (sig == SIGTSTP) {
                signals_stop_self();
            }
            term_enter();
            ui->repaint = ui->resized = true;
            break;
        case SIGINT:
            ui->ended = true;
            break;
        default:
            end_by_signal(ui, sig);
            break;
        }
    }
}

static bool take_keys(struct ui *ui)
{
    uint32_t key;
    int n = 0;
    arena_clear(&ui->frame);
    while (n < KEYS_A_TURN && !ui_ended(ui) && term_key(&key)) {
        ui_key(ui, key);
        n++;
    }
    return n > 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < 0 || b < a ? b : a;
}

// Milliseconds until something is due, -1 if nothing is.
static int next_timeout(const struct ui *ui, int64_t resize_at)
{
    int64_t now = clock_mono_ms(), due = -1;
    if (ui->message[0] != '\0') {
        due = earlier(due, ui->message_until);
    }
    if (ui->want_build && !ui->paused && ui->snap != NULL) {
        due = earlier(due, ui->build_after);
    }
    if (ui->resized) {
        due = earlier(due, resize_at);
    }
    if (!ui->paused && !clock_is_pinned()) { // ages
        due = earlier(due, now + 1000);
    }
    return due < 0 ? -1 : due <= now ? 0 : (int)(due - now);
}

// Waits once for rows that a key wants, so that they are drawn with the key.
static bool settle(struct ui *ui)
{
    int wait = ui->awaited ? SETTLE_MS : 0;
    ui->awaited = false;
    return ui_settle(ui, wait);
}

// Reports to a test which rows are on the screen.
static void report_sync(struct ui *ui)
{
    const struct built_rows *r = ui_page(ui)->rows;
    if (ui->o.sync_fd >= 0) {
        uint64_t generation = r != NULL ? r->job.snap->generation : 0;
        ssize_t n = write(ui->o.sync_fd, &generation, sizeof generation);
        (void)n;
    }
}

// Ends the loop where the terminal is dead: poll says so, or it is readable again and again and has
// nothing (an end of file that poll does not call a hang-up): docs/rules/terminal.md#terminal-gone.
static void check_terminal(struct ui *ui, struct loop *l, short revents, bool typed)
{
    l->silent = (revents & POLLIN) != 0 && !typed ? l->silent + 1 : 0;
    bool dead = (revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 || l->silent > SILENT_TURNS;
    if (dead && !ui_ended(ui)) {
        end_by_signal(ui, SIGHUP);
    }
}

static void take_size(struct ui *ui, struct loop *l)
{
    int64_t now = clock_mono_ms();
    if (ui->resized && now >= l->resize_at) {
        ui->resized = false;
        // Even at the same size: the terminal may have changed its contents.
        ui->repaint = true;
        resize_now(ui);
        l->resize_at = now + RESIZE_MS;
    }
}

// Draws, and reports to tests if nothing is under way.
static void finish_turn(struct ui *ui)
{
    bool settled = settle(ui);
    show(ui);
    bool far = !ui->want_build || ui->build_after > clock_mono_ms() + SYNC_FAR_MS;
    if (settled && !ui->resized && far) {
        report_sync(ui);
    }
}

// poll() fails only for lack of memory, which may pass.
static void note_failure(struct ui *ui, struct loop *l)
{
    char text[ERRNO_TEXT_SIZE];
    const char *why = errno_text(errno, text);
    l->failed++;
    log_line("screen", LOG_WARN, "poll: %s", why);
    if (l->failed >= MAX_FAILED) {
        fprintf(stderr, "gatetop: cannot wait for keys: %s\n",
                why); // kept until the end
        end_by_signal(ui, SIGHUP);
    } else {
        nanosleep(&(struct timespec){.tv_nsec = FAILED_MS * 1000000L}, NULL);
    }
}

// Waits for something to do, and does it.
static void turn(struct ui *ui, struct loop *l)
{
    struct pollfd fds[] = {{.fd = term_fd(), .events = POLLIN},
                           {.fd = signals_fd(), .events = POLLIN},
                           {.fd = ui->source.wake_fd, .events = POLLIN},
                           {.fd = row_builder_fd(ui->builder), .events = POLLIN}};
    int n = poll(fds, ARRAY_COUNT(fds), next_timeout(ui, l->resize_at));
    if (n < 0 && errno != EINTR) {
        note_failure(ui, l);
    } else {
        l->failed = 0;
    }
    take_signals(ui);
    bool typed = take_keys(ui);
    check_terminal(ui, l, n > 0 ? fds[0].revents : 0, typed);
    if (ui_ended(ui)) {
        return;
    }
    if (n > 0 && fds[2].revents != 0) {
        ui_wake(ui);
    }
    ui_due(ui, false);
    take_size(ui, l);
    finish_turn(ui);
}

int ui_run(struct ui *ui)
{
    struct loop l = {.silent = 0};
    term_theme(&ui->o.theme);
    ui->repaint = true;
    resize_now(ui);
    finish_turn(ui);
    while (!ui_ended(ui)) {
        turn(ui, &l);
    }
    log_debug(LOG_AREA_SCREEN, "ended%s", ui->end_signal != 0 ? " by a signal" : "");
    return ui->end_signal;
}
