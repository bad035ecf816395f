// SPDX-License-Identifier: Apache-2.0
// From a key to what it does.
#include "kube/base/arena.h"
#include "kube/base/log.h"

#include "tui/screen/actions.h"
#include "tui/screen/app_internal.h"
#include "tui/screen/bindings.h"
#include "tui/screen/command_line.h"
#include "tui/screen/keys.h"

static void accept_line(struct app *a)
{
    char *line = arena_strdup(&a->frame, a->prompt.text);
    enum prompt_kind kind = a->prompt.kind;
    prompt_close(&a->prompt, true);
    switch (kind) {
    case PROMPT_COMMAND:
        command_run(a, line);
        break;
    case PROMPT_SEARCH:
        search_text(a, line);
        break;
    case PROMPT_TRACE:
        open_trace(a, line);
        break;
    default: // the filter holds already
        break;
    }
}

static void key_in_prompt(struct app *a, uint32_t key)
{
    enum prompt_kind kind = a->prompt.kind;
    switch (prompt_key(&a->prompt, key)) {
    case PROMPT_CHANGED:
        if (kind == PROMPT_FILTER) {
            filter_rows(a, a->prompt.text);
        }
        break;
    case PROMPT_ACCEPTED:
        accept_line(a);
        break;
    case PROMPT_CANCELLED:
        prompt_close(&a->prompt, false);
        if (kind == PROMPT_FILTER && app_page(a)->filter != NULL) {
            filter_rows(a, NULL);
        }
        break;
    case PROMPT_COMPLETE:
        if (kind == PROMPT_COMMAND && !command_complete(a)) {
            app_say(a, ROLE_WARNING, "nothing completes this");
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

static const char *row_for_log(struct app *a)
{
    struct view_args args;
    const void *row = app_row(a, &args);
    if (row == NULL) {
        return "no row";
    }
    const char *key = view_row_key(app_page(a)->view, &args, row);
    return arena_printf(&a->frame, "row %s", app_row_title(a, &args, row, key));
}

// What is typed into a prompt may be a secret (a header of a trace): only keys with a meaning are
// named there.
static void log_key(struct app *a, uint32_t key, const struct binding *b)
{
    bool typing = a->prompt.kind != PROMPT_NONE;
    const char *does = b != NULL ? b->help : "not bound";
    if (!typing) {
        log_debug(LOG_AREA_SCREEN, "key '%s': %s; %s of %s", key_text(&a->frame, key), does,
                  row_for_log(a), app_page(a)->view->name);
    } else if (b != NULL) {
        log_debug(LOG_AREA_SCREEN, "key '%s' in the prompt: %s", key_text(&a->frame, key), does);
    } else {
        log_debug(LOG_AREA_SCREEN, "key in the prompt: %s", is_text(key) ? "text" : does);
    }
}

void app_key(struct app *a, uint32_t key)
{
    bool typing = a->prompt.kind != PROMPT_NONE;
    enum key_context context = typing                          ? IN_PROMPT
                               : app_pane_with_keys(a) != NULL ? IN_TEXT
                                                               : IN_TABLE;
    const struct binding *b = binding_find(context, key);
    a->message[0] = '\0';
    a->key = key;
    if (log_area_on(LOG_AREA_SCREEN)) {
        log_key(a, key, b);
    }
    if (b != NULL && b->act != NULL) {
        b->act(a);
    } else if (typing) {
        key_in_prompt(a, key);
    } else if (context == IN_TABLE) {
        action_sort_letter(a);
    }
}
