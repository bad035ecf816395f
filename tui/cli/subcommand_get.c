// SPDX-License-Identifier: Apache-2.0
// `gatetop get VIEW` and `--once`.
#include "kube/base/text.h"

#include "tui/cli/data_source.h"
#include "tui/cli/output.h"
#include "tui/cli/print_view.h"
#include "tui/cli/subcommand.h"
#include "tui/screen/probe_requests.h"

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

struct printing {
    const struct options *o;
    const struct view *v;
    const struct dns_settings *dns;
    struct batch_watch *watch; // NULL: once
};

static bool print(const struct printing *p, const struct snapshot *s)
{
    struct arena arena;
    arena_init(&arena);
    struct view_options view_options = {.ascii = p->o->ascii, .dns = p->dns};
    struct view_args a = {s, &arena, clock_now(), p->o->ns, NULL, &view_options};
    bool ok;
    if (p->watch != NULL) {
        ok = batch_watch_print(p->watch, stdout, &a);
    } else if (p->o->once) {
        ok = batch_once(stdout, p->v, &a, columns_of_terminal());
    } else {
        ok = batch_print(stdout, p->v, &a, p->o->output);
    }
    arena_release(&arena);
    return ok;
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

static int watch(struct printing *p, struct data_link *d, const struct snapshot *s)
{
    p->watch = batch_watch_new(p->v, p->o->output);
    char told[256] = "";
    bool ok = true, gone = false;
    while (ok && !gone) {
        tell_connection(s, told, sizeof told);
        ok = print(p, s);
        snapshot_unref(s);
        struct pollfd fds[2] = {{d->wake[0], POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        while (poll(fds, 2, -1) < 0 && errno == EINTR) {
        }
        data_drain(d);
        gone = (fds[1].revents & (POLLERR | POLLHUP)) != 0;
        s = session_latest(d->session);
    }
    snapshot_unref(s);
    batch_watch_free(p->watch);
    return gone || out_reader_gone(stdout) ? STATUS_OK : STATUS_BAD;
}

static int get(const struct options *o, const struct view *v, const struct dns_settings *dns)
{
    struct printing p = {o, v, dns, NULL};
    kind_set reads = v == view_find("status") ? KIND_SET_DASHBOARD : v->needs | v->reads;
    if (o->probe_tls) { // which hosts a gateway serves with TLS, and where it is
        reads |= KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE) |
                 KIND_BIT(KIND_DEPLOYMENT);
    }
    int status;
    if (!o->watch || o->files.n != 0) {
        const struct snapshot *s = data_snapshot(o, v->needs, reads, dns, &status);
        if (s == NULL) {
            return status;
        }
        bool ok = print(&p, s);
        snapshot_unref(s);
        return ok ? status : STATUS_BAD;
    }
    struct data_wish wish = {.api = &o->api,
                             .kinds = reads,
                             .first = v->needs,
                             .watch = true,
                             .dns = dns,
                             .probe = o->probe && !o->no_probe,
                             .authoritative = o->authoritative,
                             .resolver = o->resolver,
                             .probe_tls = o->probe_tls};
    struct data_link d;
    if (!data_open(&d, &wish, &status)) {
        return status;
    }
    const struct snapshot *s = data_wait(&d, v->needs, reads, &status);
    if (s != NULL) {
        status = watch(&p, &d, s);
    }
    data_link_release(&d);
    return status;
}

int subcommand_get(const struct options *o)
{
    struct arena arena;
    arena_init(&arena);
    struct err err = {0};
    const struct dns_settings *dns;
    int status = STATUS_USAGE;
    if (asker_settings(o, &arena, &dns, &err)) {
        status = get(o, view_find(o->view != NULL ? o->view : views[0]->name), dns);
    } else {
        data_tell(err.msg);
    }
    arena_release(&arena);
    return status;
}
