// SPDX-License-Identifier: Apache-2.0
// The dashboard's state: accessors and messages.
#include "kube/base/attr.h"
#include "kube/base/clock.h"
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/ui_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_MS = 5000 };

void set_str(char **to, const char *s)
{
    char *copy = str_empty(s) ? NULL : xstrdup(s); // s may lie in *to
    free(*to);
    *to = copy;
}

struct page *ui_page(struct ui *ui)
{
    ASSERT(ui->depth > 0);
    return ui->stack[ui->depth - 1];
}

const struct view *ui_view(const struct ui *ui, const char *name)
{
    for (const struct view *const *at = ui->views; *at != NULL; at++) {
        if (strcmp((*at)->name, name) == 0) {
            return *at;
        }
    }
    return NULL;
}

struct text_page *ui_text(struct ui *ui)
{
    return ui->ntexts > 0 ? ui->texts[ui->ntexts - 1] : NULL;
}

bool ui_text_has_keys(struct ui *ui)
{
    struct text_page *t = ui_text(ui);
    return t != NULL && !(ui->table_focus && t->kind == TEXT_DETAIL);
}

struct pane *ui_pane_with_keys(struct ui *ui)
{
    if (ui->help) {
        return &ui->help_pane;
    }
    return ui_text_has_keys(ui) ? &ui_text(ui)->pane : NULL;
}

int64_t ui_now(const struct ui *ui)
{
    return ui->paused ? ui->paused_at : clock_now();
}

PRINTF_LIKE(3, 0)
static void show_message(struct ui *ui, enum role role, const char *fmt, va_list ap)
{
    vsnprintf(ui->message, sizeof ui->message, fmt, ap);
    ui->message_role = role;
    ui->message_until = clock_mono_ms() + MESSAGE_MS;
}

void ui_say(struct ui *ui, enum role role, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    show_message(ui, role, fmt, ap);
    va_end(ap);
    log_debug(LOG_AREA_SCREEN, "message: %s", ui->message);
}

void ui_say_typed(struct ui *ui, enum role role, const char *logged, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    show_message(ui, role, fmt, ap);
    va_end(ap);
    log_debug(LOG_AREA_SCREEN, "message: %s", logged);
}

bool ui_ended(const struct ui *ui)
{
    return ui->ended;
}
