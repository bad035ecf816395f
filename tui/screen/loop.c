// SPDX-License-Identifier: Apache-2.0
// The event loop: keys, signals, the source's wake-ups, built rows and the clock.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"

#include "tui/screen/app_internal.h"
#include "tui/screen/signals.h"
#include "tui/screen/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum {
    RESIZE_MS = 50,    // between two resizes
    SETTLE_MS = 8,     // how long a drawing waits for rows that a key wants
    KEYS_A_TURN = 256, // at most
    SILENT_TURNS =
        100, // in which the terminal is readable and has nothing, before it counts as dead
    SYNC_FAR_MS = 5000, // a rebuild due later is only for the ages: it is not under way
};

struct loop {
    int64_t resize_at; // clock_mono_ms before which the size is not taken again
    int silent;        // turns in which the terminal was readable and had nothing
};

static void show(struct app *a)
{
    int64_t begin = clock_thread_us();
    const struct grid *g = app_draw(a);
    if (a->repaint) {
        term_repaint();
        term_theme(&a->o.theme);
    }
    if (a->repaint || !grid_equal(g, &a->shown)) {
        term_show(g);
        grid_copy(&a->shown, g);
        log_debug(LOG_AREA_SCREEN, "%dx%d drawn in %ld us%s", g->columns, g->rows,
                  (long)(clock_thread_us() - begin), a->repaint ? ", whole" : "");
    }
    a->repaint = false;
}

static void resize_now(struct app *a)
{
    int rows, columns;
    term_size(&rows, &columns);
    if (rows != a->screen.rows || columns != a->screen.columns) {
        app_resize(a, rows, columns);
    }
}

static void end_by_signal(struct app *a, int sig)
{
    a->ended = true;
    a->end_signal = sig;
}

static void take_signals(struct app *a)
{
    for (int sig; (sig = signals_next()) != 0;) {
        log_debug(LOG_AREA_SCREEN, "signal %d", sig);
        switch (sig) {
        case SIGWINCH:
            a->resized = true;
            break;
        case SIGTSTP:
        case SIGCONT: // somebody else stopped us: the shell may have changed the terminal
            term_leave();
            if (sig == SIGTSTP) {
                signals_stop_self();
            }
            term_enter();
            a->repaint = a->resized = true;
            break;
        case SIGINT:
            a->ended = true;
            break;
        default:
            end_by_signal(a, sig);
            break;
        }
    }
}

static bool take_keys(struct app *a)
{
    uint32_t key;
    int n = 0;
    arena_clear(&a->frame);
    while (n < KEYS_A_TURN && !app_ended(a) && term_key(&key)) {
        app_key(a, key);
        n++;
    }
    return n > 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < 0 || b < a ? b : a;
}

// Milliseconds until something is due, -1 where nothing is.
static int next_timeout(const struct app *a, int64_t resize_at)
{
    int64_t now = clock_mono_ms(), due = -1;
    if (a->message[0] != '\0') {
        due = earlier(due, a->message_until);
    }
    if (a->want_build && !a->paused && a->snap != NULL) {
        due = earlier(due, a->build_after);
    }
    if (a->resized) {
        due = earlier(due, resize_at);
    }
    if (!a->paused && !clock_is_pinned()) { // ages
        due = earlier(due, now + 1000);
    }
    return due < 0 ? -1 : due <= now ? 0 : (int)(due - now);
}

// Waits once for rows that a key wants, so that they are drawn with the key.
static bool settle(struct app *a)
{
    int wait = a->awaited ? SETTLE_MS : 0;
    a->awaited = false;
    return app_settle(a, wait);
}

// Tells a test which rows are on the screen.
static void report_sync(struct app *a)
{
    const struct built_rows *r = app_page(a)->rows;
    if (a->o.sync_fd >= 0) {
        uint64_t generation = r != NULL ? r->job.snap->generation : 0;
        ssize_t n = write(a->o.sync_fd, &generation, sizeof generation);
        (void)n;
    }
}

// Ends the loop where the terminal is dead: poll says so, or it is readable again and again and has
// nothing (an end of file that poll does not call a hang-up): docs/rules/terminal.md#terminal-gone.
static void check_terminal(struct app *a, struct loop *l, short revents, bool typed)
{
    l->silent = (revents & POLLIN) != 0 && !typed ? l->silent + 1 : 0;
    bool dead = (revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 || l->silent > SILENT_TURNS;
    if (dead && !app_ended(a)) {
        end_by_signal(a, SIGHUP);
    }
}

static void take_size(struct app *a, struct loop *l)
{
    int64_t now = clock_mono_ms();
    if (a->resized && now >= l->resize_at) {
        a->resized = false;
        // Even at the same size: what the terminal made of its contents is unknown.
        a->repaint = true;
        resize_now(a);
        l->resize_at = now + RESIZE_MS;
    }
}

// Draws, and reports to tests if nothing is under way.
static void finish_turn(struct app *a)
{
    bool settled = settle(a);
    show(a);
    bool far = !a->want_build || a->build_after > clock_mono_ms() + SYNC_FAR_MS;
    if (settled && !a->resized && far) {
        report_sync(a);
    }
}

// Waits for something to do, and does it. False where poll fails.
static bool turn(struct app *a, struct loop *l)
{
    struct pollfd fds[] = {{.fd = term_fd(), .events = POLLIN},
                           {.fd = signals_fd(), .events = POLLIN},
                           {.fd = a->source.wake_fd, .events = POLLIN},
                           {.fd = row_builder_fd(a->builder), .events = POLLIN}};
    int n = poll(fds, ARRAY_COUNT(fds), next_timeout(a, l->resize_at));
    if (n < 0 && errno != EINTR) {
        return false;
    }
    take_signals(a);
    bool typed = take_keys(a);
    check_terminal(a, l, n > 0 ? fds[0].revents : 0, typed);
    if (app_ended(a)) {
        return true;
    }
    if (n > 0 && fds[2].revents != 0) {
        app_wake(a);
    }
    app_due(a, false);
    take_size(a, l);
    finish_turn(a);
    return true;
}

int app_run(struct app *a)
{
    struct err err;
    struct loop l = {.silent = 0};
    if (!signals_open(&err)) {
        app_say(a, ROLE_BROKEN, "%s", err.msg);
    }
    term_theme(&a->o.theme);
    a->repaint = true;
    resize_now(a);
    finish_turn(a);
    while (!app_ended(a) && turn(a, &l)) {
    }
    signals_close();
    log_debug(LOG_AREA_SCREEN, "ended%s", a->end_signal != 0 ? " by a signal" : "");
    return a->end_signal;
}
