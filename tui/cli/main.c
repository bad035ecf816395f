// SPDX-License-Identifier: Apache-2.0
// gatetop: the program a person runs.
//
// The rooms of tui/, from the bottom up:
//   source/   the connection to a cluster, and the questions to DNS and gateways that its objects raise
//   manual/   the manual pages' text from tables
//   screen/   the dashboard: terminal, keys, panes, drawing
//   cli/      the command line: options, and a file subcommand_NAME.c for each subcommand
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/thread.h"
#include "kube/base/time_text.h"

#include "tui/cli/exit_status.h"
#include "tui/cli/help.h"
#include "tui/cli/log_header.h"
#include "tui/cli/option_parser.h"
#include "tui/cli/output.h"
#include "tui/cli/standard_streams.h"
#include "tui/cli/subcommands.h"
#include "tui/cli/utf8_locale.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int print_help(const struct options *o)
{
    struct buf b;
    buf_init(&b, 0);
    help_print(o, &b);
    fputs(b.data, stdout);
    buf_release(&b);
    return output_done(stdout) ? STATUS_OK : STATUS_BAD;
}

static int print_version(void)
{
    printf("gatetop %s\n", GATETOP_VERSION);
    return output_done(stdout) ? STATUS_OK : STATUS_BAD;
}

// The value of an environment variable; NULL if it is not set or empty.
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

// --as-of, else GATETOP_NOW.
static bool set_clock(const struct options *o, struct err *err)
{
    int64_t when = o->as_of;
    const char *now = variable("GATETOP_NOW");
    if (when == TIME_NONE && now != NULL) {
        when = time_parse(now);
        if (when == TIME_NONE) {
            return err_set(err, ERR_USAGE,
                           "GATETOP_NOW '%s' is not a time; write it as 2026-11-23T18:37:11Z", now);
        }
    }
    if (when != TIME_NONE) {
        clock_pin(when);
    }
    return true;
}

// --log, and --debug or GATETOP_TRACE. The variable may be set for all that a user starts, so it is no error if a
// subcommand has no use for it.
static bool open_log(const struct options *o, struct err *err)
{
    unsigned areas = o->debug_areas;
    const char *trace = variable("GATETOP_TRACE");
    if (o->log == NULL && areas != 0) {
        return err_set(err, ERR_USAGE, "--debug writes to the log file; name one with --log FILE");
    }
    if (o->log == NULL) {
        bool completion = o->subcommand == &subcommands[SUBCOMMAND_COMPLETION]; // it has no log
        if (trace != NULL && !completion) {
            output_problems("GATETOP_TRACE has no effect without --log FILE");
        }
        return true;
    }
    if (areas == 0 && trace != NULL && !log_areas_parse(trace, &areas, err)) {
        err_prefix(err, "GATETOP_TRACE");
        return false;
    }
    log_areas_set(areas);
    return log_open(o->log, err);
}

// Says that lines are missing: the reader of a log must know.
static void report_log(const char *path)
{
    struct err err;
    if (log_first_failure() != 0) {
        errno = log_first_failure();
        err_sys(&err, ERR_INTERNAL, "the log '%s' is incomplete", path);
        output_problems(err.msg);
    }
}

static int run(struct options *o)
{
    struct err err = {0};
    if (!set_clock(o, &err) || !open_log(o, &err)) {
        output_problems(err.msg);
        return STATUS_USAGE;
    }
    if (!utf8_locale_set()) {
        o->ascii = true; // nothing else can be drawn
    }
    log_header(o);
    return o->subcommand->exec(o);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (!standard_streams_open(&err)) {
        output_problems(err.msg);
        return STATUS_SERVER;
    }
    mem_return_large_blocks();
    // A reader that goes away (`gatetop ... | head`) must be an error of write(2); libcurl needs this, too.
    signal(SIGPIPE, SIG_IGN);
    struct options o;
    int status;
    if (!options_parse(argc, argv, subcommands, &o, &err)) {
        output_problems(err.msg);
        status = STATUS_USAGE;
    } else if (o.version) {
        status = print_version();
    } else if (o.help) {
        status = print_help(&o);
    } else {
        status = run(&o);
    }
    report_log(o.log);
    if (thread_any_left_behind()) { // it may use anything, so nothing is freed and no library is closed
        fflush(stdout);
        _exit(status);
    }
    options_release(&o);
    log_close();
    return status;
}
