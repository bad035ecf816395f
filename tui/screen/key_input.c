// SPDX-License-Identifier: Apache-2.0
// Runs the action of a key.
#include "kube/base/arena.h"
#include "kube/base/log.h"

#include "tui/screen/actions.h"
#include "tui/screen/bindings.h"
#include "tui/screen/commands.h"
#include "tui/screen/keys.h"
#include "tui/screen/ui_internal.h"

static void accept_line(struct ui *ui)
{
    char *line = arena_strdup(&ui->frame, ui->prompt.text);
    enum prompt_kind kind = ui->prompt.kind;
    prompt_close(&ui->prompt, true);
    switch (kind) {
    case PROMPT_COMMAND:
        command_run(ui, line);
        break;
    case PROMPT_SEARCH:
        search_text(ui, line);
        break;
    case PROMPT_TRACE:
        open_trace(ui, line);
        break;
    default: // the filter holds already
        break;
    }
}

static void key_in_prompt(struct ui *ui, uint32_t key)
{
    enum prompt_kind kind = ui->prompt.kind;
    switch (prompt_key(&ui->prompt, key)) {
    case PROMPT_CHANGED:
        if (kind == PROMPT_FILTER) {
            filter_rows(ui, ui->prompt.text);
        }
        break;
    case PROMPT_ACCEPTED:
        accept_line(ui);
        break;
    case PROMPT_CANCELLED:
        prompt_close(&ui->prompt, false);
        if (kind == PROMPT_FILTER && ui_page(ui)->filter != NULL) {
            filter_rows(ui, NULL);
        }
        break;
    case PROMPT_COMPLETE:
        if (kind == PROMPT_COMMAND && !command_complete(ui)) {
            ui_say(ui, ROLE_WARNING, "nothing completes this");
        }
        break;
    case PROMPT_SAME:
        break;
    }
}

static bool is_text(uint32_t key)
{
    return key >= K_SPACE && key < K_SPECIAL && key != 0x7F;
}

static const char *row_for_log(struct ui *ui)
{
    struct view_args args;
    const void *row = ui_row(ui, &args);
    if (row == NULL) {
        return "no row";
    }
    const char *key = view_row_key(ui_page(ui)->view, &args, row);
    return arena_printf(&ui->frame, "row %s", ui_row_title(ui, &args, row, key));
}

// What is typed into a prompt may be a secret (a header of a trace): only keys with a meaning are
// named there.
static void log_key(struct ui *ui, uint32_t key, const struct binding *b)
{
    bool typing = ui->prompt.kind != PROMPT_NONE;
    const char *does = b != NULL ? b->help : "not bound";
    if (!typing) {
        log_debug(LOG_AREA_SCREEN, "key '%s': %s; %s of %s", key_text(&ui->frame, key), does,
                  row_for_log(ui), ui_page(ui)->view->name);
    } else if (b != NULL) {
        log_debug(LOG_AREA_SCREEN, "key '%s' in the prompt: %s", key_text(&ui->frame, key), does);
    } else {
        log_debug(LOG_AREA_SCREEN, "key in the prompt: %s", is_text(key) ? "text" : does);
    }
}

void ui_key(struct ui *ui, uint32_t key)
{
    bool typing = ui->prompt.kind != PROMPT_NONE;
    enum key_context context = typing                          ? IN_PROMPT
                               : ui_pane_with_keys(ui) != NULL ? IN_TEXT
                                                               : IN_TABLE;
    const struct binding *b = binding_find(context, key);
    ui->message[0] = '\0';
    ui->key = key;
    if (log_area_on(LOG_AREA_SCREEN)) {
        log_key(ui, key, b);
    }
    if (b != NULL && b->act != NULL) {
        b->act(ui);
    } else if (typing) {
        key_in_prompt(ui, key);
    } else if (context == IN_TABLE) {
        action_sort_letter(ui);
    }
}
