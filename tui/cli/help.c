// SPDX-License-Identifier: Apache-2.0
// The text of --help, made from the tables.
#include "tui/cli/help.h"

#include "kube/base/buf.h"
#include "kube/base/log.h"
#include "kube/base/str.h"

#include "views/view_list.h"

#include "tui/cli/option_table.h"
#include "tui/cli/subcommand.h"

#include <stdio.h>

static void put_subcommands(const struct subcommand *table, struct buf *out)
{
    for (int i = 0; i < SUBCOMMAND_COUNT; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "gatetop%s%s [options] %s", i == 0 ? "" : " ", table[i].name,
                 table[i].synopsis);
        buf_addf(out, "  %-42s %s\n", usage, table[i].help);
    }
}

static void put_option(const struct option_row *row, struct buf *out)
{
    char name[64];
    snprintf(name, sizeof name, "%c%c%s--%s%s%s", row->letter != 0 ? '-' : ' ',
             row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ", " : "  ", row->name,
             row->arg != NULL ? " " : "", str_or_empty(row->arg));
    buf_addf(out, "  %-34s %s\n", name, row->help);
}

static void put_options(unsigned wanted, struct buf *out)
{
    const char *section = NULL;
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];
        if (row->section == NULL || (row->subcommands & wanted) == 0) {
            continue;
        }
        if (section != row->section) {
            section = row->section;
            buf_addf(out, "\n%s:\n", section);
        }
        put_option(row, out);
    }
}

void help_print(const struct options *o, struct buf *out)
{
    const struct subcommand *s = o->subcommand;
    bool all = s == &o->subcommands[SUBCOMMAND_DASHBOARD];
    if (all) {
        buf_adds(out, "gatetop: everything between a DNS name and a service, live.\n\n");
        put_subcommands(o->subcommands, out);
    } else {
        buf_addf(out, "gatetop %s [options] %s: %s\n", s->name, s->synopsis, s->help);
    }
    if (all || s == &o->subcommands[SUBCOMMAND_GET]) {
        buf_adds(out, "\nViews:\n");
        for (const struct view *const *v = views; *v != NULL; v++) {
            buf_addf(out, "  %-14s %s\n", (*v)->name, (*v)->help);
        }
    }
    put_options(all ? FOR_ALL : FOR(s - o->subcommands), out);
    if (all) {
        buf_adds(out, "\nAreas of --debug:\n");
        for (int a = 0; a < LOG_AREA_COUNT; a++) {
            buf_addf(out, "  %-14s %s\n", log_areas[a].name, log_areas[a].help);
        }
    }
    buf_adds(out, "\nThe manual page gatetop(1) has the rest.\n");
}
