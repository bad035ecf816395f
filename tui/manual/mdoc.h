// SPDX-License-Identifier: Apache-2.0
// Manual pages from templates: the mdoc text of a table's rows, and the filling in. Each room that
// has tables writes their sections (cli_manual.h, screen_manual.h); tests/gendoc puts them
// together.
#ifndef GATETOP_TUI_MANUAL_MDOC_H
#define GATETOP_TUI_MANUAL_MDOC_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct buf;
struct err;

// The section that a line "@NAME@" of a template becomes.
struct mdoc_section {
    const char *name;
    void (*put)(struct buf *b); // appends its mdoc
};

// Appends an item of a list: `head` after ".It MACRO" (macro may be "", else it ends with a
// blank), then the text as a sentence with a capital and a full stop. head and text are plain; what
// mdoc would take for its own is escaped.
void mdoc_item(struct buf *b, const char *macro, const char *head, const char *text);

// Appends the template, its lines "@NAME@" filled from the lists of sections (each ends with name
// NULL, the array with NULL). ERR_CONFIG names a section that none of them has.
// For tests/gendoc, which makes the pages, and t_man.
bool mdoc_fill(const char *template, const struct mdoc_section *const *lists, struct buf *out,
               struct err *err) MUST_USE;

#endif
