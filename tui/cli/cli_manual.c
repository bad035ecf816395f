// SPDX-License-Identifier: Apache-2.0
// The manual page's sections about the command line.
#include "tui/cli/cli_manual.h"

#include "kube/base/buf.h"
#include "kube/base/log.h"
#include "kube/base/str.h"

#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/check/finding_codes.h"

#include "views/view_list.h"

#include "tui/cli/option_table.h"
#include "tui/cli/subcommands.h"

static void put_subcommands(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width Ds\n");
    for (int i = 0; i < SUBCOMMAND_COUNT; i++) {
        struct buf head;
        buf_init(&head, 0);
        buf_addf(&head, "gatetop%s%s%s%s", i == 0 ? "" : " ", subcommands[i].name,
                 subcommands[i].synopsis[0] != '\0' ? " " : "", subcommands[i].synopsis);
        mdoc_item(b, "", head.data, subcommands[i].help);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_options(struct buf *b)
{
    const char *section = NULL;
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *o = &option_table[i];
        if (o->section == NULL) {
            continue;
        }
        if (o->section != section) {
            if (section != NULL) {
                buf_adds(b, ".El\n");
            }
            section = o->section;
            buf_addf(b, ".Ss %s\n.Bl -tag -width Ds\n", section);
        }
        struct buf head;
        buf_init(&head, 0);
        if (o->letter != 0) {
            buf_addf(&head, "-%c, ", o->letter);
        }
        buf_addf(&head, "--%s%s%s", o->name, o->arg != NULL ? " " : "", str_or_empty(o->arg));
        mdoc_item(b, "", head.data, o->help);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_views(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width certificates\n");
    for (const struct view *const *v = views; *v != NULL; v++) {
        mdoc_item(b, "Cm ", (*v)->name, (*v)->help);
    }
    buf_adds(b, ".El\n");
}

static void put_columns(struct buf *b)
{
    for (const struct view *const *v = views; *v != NULL; v++) {
        buf_addf(b, ".Ss %s\n.Bl -tag -width VIRTUALSERVICE\n", (*v)->name);
        for (int c = 0; c < (*v)->ncolumns; c++) {
            const struct column *k = &(*v)->columns[c];
            struct buf text;
            buf_init(&text, 0);
            buf_adds(&text, k->help);
            buf_addf(&text, " (CSV: %s", k->field);
            if (k->key != 0) {
                buf_addf(&text, "; sorted by %c", k->key);
            }
            buf_adds(&text, k->wide ? "; wide only)" : ")");
            mdoc_item(b, "", k->title, text.data);
            buf_release(&text);
        }
        buf_adds(b, ".El\n");
    }
}

static void put_codes(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width GT0101\n");
    for (size_t i = 0; i < finding_code_count; i++) {
        const struct finding_code *c = &finding_codes[i];
        struct buf head;
        buf_init(&head, 0);
        buf_addf(&head, "%s (%s): %s", c->code, severity_name(c->severity), c->title);
        mdoc_item(b, "", head.data, c->text);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_states(struct buf *b)
{
    buf_adds(b, ".Bl -column \"NOT PICKED UP\" \"warning\"\n.It Sy State Ta Sy Link\n");
    for (int s = 0; s < CERTIFICATE_STATE_COUNT; s++) {
        buf_addf(b, ".It %s Ta %s\n", certificate_state_name((enum certificate_state)s),
                 verdict_name(certificate_state_verdict((enum certificate_state)s)));
    }
    buf_adds(b, ".El\n");
}

static void put_areas(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width screen\n");
    for (int i = 0; i < LOG_AREA_COUNT; i++) {
        mdoc_item(b, "Cm ", log_areas[i].name, log_areas[i].help);
    }
    buf_adds(b, ".El\n");
}

const struct mdoc_section cli_manual[] = {
    {"SUBCOMMANDS", put_subcommands},
    {"OPTIONS", put_options},
    {"AREAS", put_areas},
    {"VIEWS", put_views},
    {"COLUMNS", put_columns},
    {"CODES", put_codes},
    {"STATES", put_states},
    {NULL, NULL},
};
