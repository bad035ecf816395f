// SPDX-License-Identifier: Apache-2.0
// The dashboard in a child that takes orders.
#include "tests/support/tuichild.h"

#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/thread.h"

#include "tui/cli/utf8_locale.h"
#include "tui/screen/signals.h"
#include "tui/screen/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct child {
    struct tui_run *run;
    struct fake fake;
    int orders;
};

static void other_number(struct fake_row *r, int i)
{
    r->number = i == 0 ? 7777 : r->number;
}

static void hostile(struct fake_row *r, int i)
{
    snprintf(r->host, sizeof r->host, "%s%d",
             "\033]0;owned\007\033[2J\x9b"
             "31m\xe2\x80\xae",
             i);
}

static const char yaml[] = "apiVersion: networking.istio.io/v1\n"
                           "kind: VirtualService\n"
                           "metadata:\n"
                           "  managedFields:\n"
                           "  - manager: kubectl\n"
                           "    operation: Update\n"
                           "  name: row-000000\n"
                           "spec:\n"
                           "  hosts: [\"a.example.com\"]\n";

static void obey(struct child *c, char order)
{
    int n = c->run->rows_of_data;
    switch (order) {
    case ORDER_PUBLISH_SAME:
        fake_publish(&c->fake, n);
        break;
    case ORDER_PUBLISH_ONE:
        fake_publish_with(&c->fake, n, other_number);
        break;
    case ORDER_PUBLISH_FEWER:
        fake_publish(&c->fake, n / 2);
        break;
    case ORDER_PUBLISH_HOSTILE:
        fake_publish_with(&c->fake, n, hostile);
        break;
    case ORDER_YAML:
        fake_answer_yaml(&c->fake, yaml, false);
        break;
    case ORDER_STDERR:
        fprintf(stderr, "a library complains\033[2J\n");
        fflush(stderr);
        fake_wake(&c->fake);
        break;
    case ORDER_LEND:
        pthread_mutex_lock(&c->fake.lock);
        c->fake.want_terminal = true;
        pthread_mutex_unlock(&c->fake.lock);
        fake_wake(&c->fake);
        break;
    case ORDER_CRASH:
        raise(SIGSEGV);
        break;
    case ORDER_ABORT:
        abort();
    case ORDER_OOM:
        free(xmalloc(SIZE_MAX / 2));
        break;
    case ORDER_BUG:
        BUG("ordered with %d rows", n);
    case ORDER_SLOW:
        c->fake.list_delay_ms = 10000;
        fake_publish(&c->fake, n);
        break;
    default:
        break;
    }
}

static void *io_thread(void *self)
{
    struct child *c = self;
    char order;
    while (read(c->orders, &order, 1) == 1 && order != 'q') {
        obey(c, order);
    }
    return NULL;
}

static int run(void *arg)
{
    struct tui_run *t = arg;
    struct child c = {.run = t, .orders = t->order[0]};
    struct err err;
    err_clear(&err);
    if (t->stdout_file) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    }
    bool utf8 = utf8_locale_set();
    if (!t->live_clock) {
        clock_pin(1764000000);
    }
    fake_init(&c.fake);
    struct ui_options o = {.views = fake_views, .sync_fd = t->sync[1], .ascii = t->ascii || !utf8};
    struct term_options to = {.no_color = t->no_color || getenv("NO_COLOR") != NULL};
    if (!theme_load(&o.theme, t->theme != NULL ? t->theme : "default", &err) ||
        !signals_open(&err) || !term_open(&to, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 2;
    }
    fake_publish(&c.fake, t->rows_of_data);
    struct ui_source s = fake_source(&c.fake);
    struct ui *ui = ui_new(&o, &s, &err);
    pthread_t io;
    if (thread_start(&io, io_thread, &c) != 0) {
        abort();
    }
    int sig = ui_run(ui);
    term_close();
    signals_close();
    ui_free(ui);
    ssize_t n = write(t->order[1], "q", 1);
    (void)n;
    pthread_join(io, NULL);
    fake_release(&c.fake);
    return sig;
}

void tui_start(struct tui_run *t, int rows, int columns, const char *term, const char *const *env)
{
    if (pipe(t->order) != 0 || pipe(t->sync) != 0) {
        abort();
    }
    fcntl(t->sync[1], F_SETFL, O_NONBLOCK);
    t->pty = pty_start(&(struct pty_options){.rows = rows,
                                             .columns = columns,
                                             .term = term,
                                             .child = run,
                                             .arg = t,
                                             .env = env,
                                             .stdin_file = t->stdin_file,
                                             .closed_in_child = {t->sync[0]}});
}

void tui_end(struct tui_run *t)
{
    pty_free(t->pty);
    for (int i = 0; i < 2; i++) {
        close(t->order[i]);
        close(t->sync[i]);
    }
}

void tui_order(struct tui_run *t, enum tui_order o)
{
    char c = (char)o;
    ssize_t n = write(t->order[1], &c, 1);
    (void)n;
}

static bool next_turn(struct tui_run *t, uint64_t *generation)
{
    int64_t until = clock_mono_ms() + PTY_WAIT_MS;
    struct pollfd fds[] = {{.fd = t->sync[0], .events = POLLIN}};
    while (poll(fds, 1, 10) == 0) { // the child must not block on a full terminal meanwhile
        pty_drain(t->pty);
        if (clock_mono_ms() > until) {
            return false;
        }
    }
    bool ok = read(t->sync[0], generation, sizeof *generation) == (ssize_t)sizeof *generation;
    pty_drain(t->pty);
    return ok;
}

bool tui_wait_generation(struct tui_run *t, uint64_t generation)
{
    uint64_t seen = 0;
    while (seen < generation) {
        if (!next_turn(t, &seen)) {
            return false;
        }
    }
    return true;
}

bool tui_wait_turn(struct tui_run *t)
{
    uint64_t seen;
    return next_turn(t, &seen);
}
