// SPDX-License-Identifier: Apache-2.0
// gatetop: the program a person runs.
//
// The files of tui/, from the outside in:
//   main.c      the command line to a command        options.c   the tables of commands and options
//   command_*.c one command each                     data_source.c      objects from files or a cluster
//   print_view.c     rows as text, JSON, CSV              dashboard.c the dashboard's source: live or files
//   app.c       the dashboard's state and loop       terminal.c, draw.c, keys.c the three that see curses
#include "kube/base/clock.h"
#include "kube/base/log.h"

#include "tui/cli/options.h"
#include "tui/cli/output.h"
#include "tui/cli/subcommand.h"
#include "tui/screen/terminal.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage(const char *text)
{
    fprintf(stderr, "gatetop: %s\n", text);
    return STATUS_USAGE;
}

static int print_help(enum subcommand_id c)
{
    struct buf b;
    buf_init(&b, 0);
    options_help(c, &b);
    fputs(b.data, stdout);
    buf_release(&b);
    return out_done(stdout) ? STATUS_OK : STATUS_BAD;
}

int main(int argc, char **argv)
{
    struct options o;
    struct err err = {0};
    // `gatetop ... | head` ends the same way from files and from a cluster, where curl needs it too.
    signal(SIGPIPE, SIG_IGN);
    if (!options_parse(argc, argv, &o, &err)) {
        options_release(&o);
        return usage(err.msg);
    }
    if (o.version) {
        printf("gatetop %s\n", GATETOP_VERSION);
        options_release(&o);
        return out_done(stdout) ? STATUS_OK : STATUS_BAD;
    }
    if (o.help) {
        enum subcommand_id c = o.subcommand;
        options_release(&o);
        return print_help(c);
    }
    const char *now = getenv("GATETOP_NOW");
    if (now != NULL && now[0] != '\0' && !clock_is_pinned()) {
        if (time_parse(now) == TIME_NONE) {
            options_release(&o);
            return usage("GATETOP_NOW is no time; write it as 2026-11-23T18:37:11Z");
        }
        clock_pin(time_parse(now));
    }
    if (!term_locale()) {
        o.ascii = true; // nothing else can be drawn
    }
    setlocale(LC_NUMERIC, "C"); // numbers in JSON and CSV
    if (o.log != NULL && !log_open(o.log, LOG_INFO, &err)) {
        options_release(&o);
        return usage(err.msg);
    }
    static int (*const run[SUBCOMMAND_COUNT])(const struct options *) = {
        [SUBCOMMAND_DASHBOARD] = subcommand_dashboard,
        [SUBCOMMAND_GET] = subcommand_get,
        [SUBCOMMAND_TRACE] = subcommand_trace,
        [SUBCOMMAND_CHECK] = subcommand_check,
        [SUBCOMMAND_DIFF] = subcommand_diff,
        [SUBCOMMAND_AUTH] = subcommand_auth,
        [SUBCOMMAND_COMPLETION] = subcommand_completion,
    };
    int status = run[o.subcommand](&o);
    options_release(&o);
    return status;
}
