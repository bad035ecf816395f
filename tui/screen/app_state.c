// SPDX-License-Identifier: Apache-2.0
// The dashboard's state: accessors and messages.
#include "kube/base/attr.h"
#include "kube/base/clock.h"
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tui/screen/app_internal.h"

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

struct page *app_page(struct app *a)
{
    ASSERT(a->depth > 0);
    return a->stack[a->depth - 1];
}

struct text_page *app_text(struct app *a)
{
    return a->ntexts > 0 ? a->texts[a->ntexts - 1] : NULL;
}

bool app_text_has_keys(struct app *a)
{
    struct text_page *t = app_text(a);
    return t != NULL && !(a->table_focus && t->kind == TEXT_DETAIL);
}

struct pane *app_pane_with_keys(struct app *a)
{
    if (a->help) {
        return &a->help_pane;
    }
    return app_text_has_keys(a) ? &app_text(a)->pane : NULL;
}

int64_t app_now(const struct app *a)
{
    return a->paused ? a->paused_at : clock_now();
}

PRINTF_LIKE(3, 0)
static void show_message(struct app *a, enum role role, const char *fmt, va_list ap)
{
    vsnprintf(a->message, sizeof a->message, fmt, ap);
    a->message_role = role;
    a->message_until = clock_mono_ms() + MESSAGE_MS;
}

void app_say(struct app *a, enum role role, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    show_message(a, role, fmt, ap);
    va_end(ap);
    log_debug(LOG_AREA_SCREEN, "message: %s", a->message);
}

void app_say_typed(struct app *a, enum role role, const char *logged, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    show_message(a, role, fmt, ap);
    va_end(ap);
    log_debug(LOG_AREA_SCREEN, "message: %s", logged);
}

bool app_ended(const struct app *a)
{
    return a->ended;
}
