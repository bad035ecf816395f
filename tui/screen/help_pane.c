// SPDX-License-Identifier: Apache-2.0
// The text of the help screen, from the tables of columns, keys and commands.
#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "tui/screen/bindings.h"
#include "tui/screen/commands.h"
#include "tui/screen/ui_internal.h"

void help_pane_fill(struct ui *ui)
{
    static const struct {
        enum key_context context;
        const char *title;
    } parts[] = {{IN_TABLE, "Keys in tables"},
                 {IN_TEXT, "Keys in details, YAML, traces and this help"},
                 {IN_PROMPT, "Keys while typing a line"}};
    struct text_block *b = pane_begin(&ui->help_pane);
    const struct view *v = ui_page(ui)->view;
    block_line(b);
    block_put(b, ROLE_TITLE, "%s", v->title);
    block_line(b);
    block_put(b, ROLE_TEXT, "%s", v->help);
    block_line(b);
    block_line(b);
    block_put(b, ROLE_TITLE, "Columns, and the letter that sorts by each");
    for (int c = 0; c < v->ncolumns; c++) {
        block_line(b);
        char letter[2] = {v->columns[c].key, '\0'};
        block_put(b, ROLE_KEY, "  %-1s ", letter);
        block_put(b, ROLE_NAME, "%-15s ", v->columns[c].title);
        block_put(b, ROLE_TEXT, "%s", v->columns[c].help);
    }
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        block_line(b);
        block_line(b);
        block_put(b, ROLE_TITLE, "%s", parts[i].title);
        for (size_t k = 0; k < binding_count; k++) {
            if ((bindings[k].contexts & (unsigned)parts[i].context) != 0) {
                block_line(b);
                block_put(b, ROLE_KEY, "  %-17s ", binding_keys(&ui->frame, &bindings[k]));
                block_put(b, ROLE_TEXT, "%s", bindings[k].help);
            }
        }
    }
    block_line(b);
    block_line(b);
    block_put(b, ROLE_TITLE, "After ':'");
    for (const struct view *const *at = ui->views; *at != NULL; at++) {
        block_line(b);
        block_put(b, ROLE_KEY, "  %-17s ", (*at)->name);
        block_put(b, ROLE_TEXT, "%s", (*at)->help);
    }
    for (size_t i = 0; i < command_count; i++) {
        block_line(b);
        block_put(b, ROLE_KEY, "  %-17s ",
                  arena_printf(&ui->frame, "%s %s", commands[i].name, commands[i].args));
        block_put(b, ROLE_TEXT, "%s", commands[i].help);
    }
    pane_end(&ui->help_pane);
}
