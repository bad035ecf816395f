// SPDX-License-Identifier: Apache-2.0
// The first line of the log.
#define _DEFAULT_SOURCE // struct winsize
#include "tui/cli/log_header.h"

#include "kube/base/buf.h"
#include "kube/base/log.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include "tui/cli/option_table.h"
#include "tui/cli/subcommand.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

static void add_system(struct buf *b)
{
    struct utsname u;
    if (uname(&u) == 0) {
        buf_addf(b, ", %s %s %s", u.sysname, u.release, u.machine);
    }
}

static void add_terminal(struct buf *b)
{
    const char *term = getenv("TERM"), *locale = setlocale(LC_CTYPE, NULL);
    struct winsize size;
    buf_addf(b, ", TERM %s, ", term != NULL ? term : "not set");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        buf_addf(b, "%dx%d", size.ws_col, size.ws_row);
    } else {
        buf_adds(b, "output is no terminal");
    }
    buf_addf(b, ", locale %s", locale != NULL ? locale : "not known");
}

// A word may be the URL of a trace: without user and password, query and fragment.
static void add_word(struct buf *b, const char *word)
{
    struct url_parts p = url_parts_of(word);
    size_t path = strcspn(p.rest, "?#");
    buf_addf(b, " %.*s%s%.*s%.*s%s", (int)p.scheme_len, str_or_empty(p.scheme),
             p.scheme != NULL ? "://" : "", (int)p.host_len, p.host, (int)path, p.rest,
             p.rest[path] != '\0' ? "?..." : "");
}

static void add_command_line(struct buf *b, const struct options *o)
{
    buf_adds(b, ", command line: gatetop");
    if (o->subcommand->name[0] != '\0') {
        buf_addf(b, " %s", o->subcommand->name);
    }
    for (size_t i = 0; i < o->words.n; i++) {
        add_word(b, o->words.at[i]);
    }
    for (size_t i = 0; i < o->given.n; i++) {
        const struct given_option *g = &o->given.at[i];
        buf_addf(b, " --%s%s%s", g->row->name, g->arg != NULL ? "=" : "",
                 g->arg == NULL    ? ""
                 : g->row->private ? "(not logged)"
                                   : g->arg);
    }
}

void log_header(const struct options *o)
{
    if (!log_is_open()) {
        return;
    }
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, GATETOP_VERSION);
    add_system(&b);
    add_terminal(&b);
    add_command_line(&b, o);
    log_line("gatetop", LOG_INFO, "%s", b.data);
    buf_release(&b);
}
