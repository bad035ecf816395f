// SPDX-License-Identifier: Apache-2.0
// `gatetop get VIEW` and `--once`.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "views/view_list.h"

#include "tui/cli/answer_snapshot.h"
#include "tui/cli/change_printer.h"
#include "tui/cli/cluster_wait.h"
#include "tui/cli/exit_status.h"
#include "tui/cli/external_dns_options.h"
#include "tui/cli/output.h"
#include "tui/cli/print_view.h"
#include "tui/cli/subcommand.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
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

struct get_output {
    const struct options *o;
    const struct view *view;
    const struct dns_settings *dns;
    struct change_printer *changes; // -w; NULL: the whole, once
};

static bool print(const struct get_output *g, const struct snapshot *s)
{
    struct arena arena;
    arena_init(&arena);
    struct view_options options = {.ascii = g->o->ascii, .dns = g->dns};
    struct view_args a = {
        .snap = s, .arena = &arena, .now = clock_now(), .ns = g->o->ns, .options = &options};
    bool ok;
    if (g->changes != NULL) {
        ok = change_printer_print(g->changes, stdout, &a);
    } else if (g->o->once) {
        ok = print_view_screen(stdout, g->view, &a, columns_of_terminal());
    } else {
        ok = print_view(stdout, g->view, &a, g->o->output);
    }
    arena_release(&arena);
    return ok;
}

// Reports on standard error that the connection was lost, or that it is back: once each time.
// `last` is what was reported last.
static void report_connection(const struct snapshot *s, char *last, size_t size)
{
    const char *now = s->cluster.connected ? "" : s->cluster.connection;
    if (strcmp(now, last) != 0) {
        snprintf(last, size, "%s", now);
        fprintf(stderr, "gatetop: %s\n", now[0] != '\0' ? now : "connected");
    }
}

// Prints this snapshot (whose reference it takes over) and the changes of all that follow, until
// nobody reads them.
static int follow(struct get_output *g, struct cluster *c, const struct snapshot *s)
{
    g->changes = change_printer_new(g->view, g->o->output);
    char last[256] = "";
    bool ok = true, gone = false;
    while (ok && !gone) {
        report_connection(s, last, sizeof last);
        ok = print(g, s);
        snapshot_unref(s);
        struct pollfd fds[2] = {{c->wake[0], POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        while (poll(fds, 2, -1) < 0 && errno == EINTR) {
        }
        cluster_drain(c);
        gone = (fds[1].revents & (POLLERR | POLLHUP)) != 0;
        s = session_latest(c->session);
    }
    snapshot_unref(s);
    change_printer_free(g->changes);
    return gone || output_reader_gone(stdout) ? STATUS_OK : STATUS_BAD;
}

static int get_and_follow(struct get_output *g, kind_set reads)
{
    const struct options *o = g->o;
    struct cluster_options wanted = {.api = &o->api,
                                     .kinds = reads,
                                     .first = g->view->needs,
                                     .chains = g->view->chains,
                                     .watch = true,
                                     .dns = g->dns,
                                     .probe_dns = o->probe && !o->no_probe,
                                     .authoritative = o->authoritative,
                                     .resolver = o->resolver,
                                     .probe_tls = o->probe_tls};
    int status;
    struct cluster cluster;
    if (!cluster_open(&cluster, &wanted, &status)) {
        return status;
    }
    const struct snapshot *s = cluster_wait(&cluster, o, g->view->needs, reads, &status);
    if (s != NULL) {
        status = follow(g, &cluster, s);
    }
    cluster_release(&cluster);
    return status;
}

static int get(struct get_output *g)
{
    const struct options *o = g->o;
    const struct view *v = g->view;
    kind_set reads = v == view_find("status") ? KIND_SET_DASHBOARD : v->needs | v->reads;
    if (o->probe_tls) { // which hosts a gateway serves with TLS, and where it is
        reads |= KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE) |
                 KIND_BIT(KIND_DEPLOYMENT);
    }
    if (o->watch && o->files.n == 0) {
        return get_and_follow(g, reads);
    }
    int status;
    const struct answer_wants wants = {v->needs, reads, v->chains, g->dns};
    const struct snapshot *s = answer_snapshot(o, &wants, &status);
    if (s == NULL) {
        return status;
    }
    bool ok = print(g, s);
    snapshot_unref(s);
    return ok ? status : STATUS_BAD;
}

int subcommand_get(const struct options *o)
{
    struct arena arena;
    arena_init(&arena);
    struct err err = {0};
    int status;
    struct get_output g = {.o = o, .view = view_find(o->view != NULL ? o->view : views[0]->name)};
    if (external_dns_options(o, &arena, &g.dns, &err)) {
        status = get(&g);
    } else {
        output_problems(err.msg);
        status = STATUS_USAGE;
    }
    external_dns_options_release(&arena);
    return status;
}
