// SPDX-License-Identifier: Apache-2.0
// `gatetop get VIEW` and `--once`.
#include "kube/base/text.h"

#include "tui/batch.h"
#include "tui/commands.h"
#include "tui/data.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int columns_of_terminal(void)
{
    struct winsize w;
    if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0) {
        return w.ws_col;
    }
    return 80;
}

static bool print(const struct options *o, const struct view *v, const struct snapshot *s,
                  struct batch_watch *w)
{
    struct arena arena;
    arena_init(&arena);
    struct view_options view_options = {.ascii = o->ascii};
    struct view_args a = {s, &arena, clock_now(), o->ns, NULL, &view_options};
    bool ok;
    if (w != NULL) {
        ok = batch_watch_print(w, stdout, &a);
    } else if (o->once) {
        ok = batch_once(stdout, v, &a, columns_of_terminal());
    } else {
        ok = batch_print(stdout, v, &a, o->output);
    }
    arena_release(&arena);
    return ok;
}

static int print_once(const struct options *o, const struct view *v, const struct snapshot *s,
                      bool bad)
{
    if (o->overlays.n != 0) {
        const struct snapshot *laid = data_overlay(s, &o->overlays, NULL, &bad);
        snapshot_unref(s);
        s = laid;
    }
    bool ok = print(o, v, s, NULL);
    snapshot_unref(s);
    return bad ? STATUS_CONFIG : (ok ? STATUS_OK : STATUS_BAD);
}

// What the rows of -w were made from; a lost connection is told once each time it is lost.
static void tell_connection(const struct snapshot *s, char *told, size_t size)
{
    const char *now = s->cluster.connected ? "" : s->cluster.connection;
    if (strcmp(now, told) != 0) {
        snprintf(told, size, "%s", now);
        fprintf(stderr, "gatetop: %s\n", now[0] != '\0' ? now : "connected");
    }
}

static int watch(const struct options *o, const struct view *v, struct data_link *d,
                 const struct snapshot *s)
{
    struct batch_watch *w = batch_watch_new(v, o->output);
    char told[256] = "";
    bool ok = true;
    while (ok) {
        tell_connection(s, told, sizeof told);
        ok = print(o, v, s, w);
        snapshot_unref(s);
        struct pollfd p[2] = {{d->wake[0], POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        while (poll(p, 2, -1) < 0 && errno == EINTR) {
        }
        data_drain(d);
        ok = ok && (p[1].revents & (POLLERR | POLLHUP)) == 0;
        s = live_latest(d->live);
    }
    snapshot_unref(s);
    batch_watch_free(w);
    return STATUS_OK; // whoever reads has closed the pipe
}

int command_get(const struct options *o)
{
    const struct view *v = view_find(o->view != NULL ? o->view : views[0]->name);
    bool bad = false;
    if (o->files.n != 0) {
        const struct snapshot *s =
            data_from_files(&o->files, o->ns != NULL ? o->ns : "default", NULL, &bad);
        return print_once(o, v, s, bad);
    }
    kind_set reads = v->needs | v->reads;
    struct data_wish wish = {
        &o->api, v == view_find("status") ? KIND_SET_ALL : reads, v->needs, o->watch, NULL, NULL};
    struct data_link d;
    int status;
    if (!data_open(&d, &wish, &status)) {
        return status;
    }
    const struct snapshot *s = data_wait(&d, v->needs, reads, &status);
    if (s != NULL) {
        status = o->watch ? watch(o, v, &d, s) : print_once(o, v, s, bad);
    }
    data_link_release(&d);
    return status;
}
