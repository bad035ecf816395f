// SPDX-License-Identifier: Apache-2.0
// `gatetop` without a subcommand: the dashboard, started with what the options say.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"

#include "kube/store/snapshot.h"

#include "views/view_list.h"

#include "tui/cli/exit_status.h"
#include "tui/cli/external_dns_options.h"
#include "tui/cli/manifest_snapshot.h"
#include "tui/cli/options.h"
#include "tui/cli/output.h"
#include "tui/cli/subcommand.h"
#include "tui/screen/dashboard.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Standard output and, unless manifests come by it, standard input must be a terminal.
static bool check_terminal(const struct options *o, struct err *err)
{
    if (isatty(STDOUT_FILENO) != 1) {
        return err_set(err, ERR_USAGE,
                       "standard output is not a terminal; use 'gatetop get VIEW' or --once");
    }
    for (size_t i = 0; i < o->files.n; i++) {
        if (strcmp(o->files.at[i], "-") == 0) {
            return true; // keys come from /dev/tty
        }
    }
    return isatty(STDIN_FILENO) == 1 ||
           err_set(err, ERR_USAGE,
                   "standard input is not a terminal; use 'gatetop get VIEW' or --once");
}

// The snapshot of -f with the overlays; NULL without -f.
static const struct snapshot *read_manifests(const struct options *o,
                                             const struct dns_settings *dns, bool *bad)
{
    if (o->files.n == 0) {
        return NULL;
    }
    const struct manifest_chains chains = {true, dns};
    const struct snapshot *s =
        manifest_snapshot(&o->files, o->ns != NULL ? o->ns : "default", o->complete, &chains, bad);
    if (o->overlays.n != 0) {
        const struct snapshot *with = manifest_overlay(s, &o->overlays, &chains, bad);
        snapshot_unref(s);
        s = with;
    }
    return s;
}

static int run(const struct options *o, const struct dns_settings *dns)
{
    bool bad = false;
    const struct snapshot *manifests = read_manifests(o, dns, &bad);
    const char *no_color = getenv("NO_COLOR");
    struct dashboard_options dashboard = {
        .view = o->view != NULL ? view_find(o->view) : view_find("home"),
        .ns = o->ns,
        .theme = o->theme,
        .ascii = o->ascii,
        .no_color = o->no_color || (no_color != NULL && no_color[0] != '\0'),
        .manifests = manifests,
        .api = &o->api,
        .dns = dns,
        .probe_dns = !o->no_probe,
        .authoritative = o->authoritative,
        .resolver = o->resolver,
        .probe_tls = o->probe_tls,
        .sync_fd = o->sync_fd,
    };
    struct err err = {0};
    struct buf problems;
    buf_init(&problems, 0);
    int status = bad ? STATUS_CONFIG : STATUS_OK, sig;
    if (!dashboard_run(&dashboard, &sig, &problems, &err)) {
        output_problems(problems.data);
        status = output_status(&err);
    } else if (sig != 0) {
        status = 128 + sig;
    }
    buf_release(&problems);
    snapshot_unref(manifests);
    return status;
}

int subcommand_dashboard(const struct options *o)
{
    if (o->once) {
        return subcommand_get(o);
    }
    struct err err = {0};
    struct arena arena;
    arena_init(&arena);
    const struct dns_settings *dns;
    int status = STATUS_USAGE;
    if (check_terminal(o, &err) && external_dns_options(o, &arena, &dns, &err)) {
        status = run(o, dns);
    } else {
        output_problems(err.msg);
    }
    external_dns_options_release(&arena);
    return status;
}
