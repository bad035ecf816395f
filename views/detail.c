// SPDX-License-Identifier: Apache-2.0
// Headings, fields and the head of an object in detail panes.
#include "kube/base/arena.h"
#include "kube/base/time_text.h"

#include "views/detail_internal.h"

void detail_heading(struct text_block *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    if (b->n != 0) {
        block_line(b);
    }
    block_line(b);
    block_put(b, ROLE_TITLE, "%s", text);
}

void detail_field(struct text_block *b, const char *name, enum role role, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    block_line(b);
    block_put(b, ROLE_DIM, "  %-16s ", name);
    block_put(b, role, "%s", text);
}

void detail_list(struct text_block *b, const char *name, enum role role, const struct str_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        detail_field(b, i == 0 ? name : "", role, "%s", l->at[i]);
    }
}

const char *detail_instant(const struct view_args *a, int64_t t)
{
    return a->options->instant != NULL ? a->options->instant(a->arena, t) : time_utc(a->arena, t);
}

void detail_object(const struct view_args *a, struct text_block *b, const struct object *o)
{
    block_line(b);
    block_put(b, ROLE_TITLE, "%s ", kinds[o->kind].kind);
    block_put(b, ROLE_NAME, "%s", object_id(a->arena, o));
    if (o->created != TIME_NONE) {
        detail_field(b, "created", ROLE_TEXT, "%s ago (%s)",
                     duration_short(a->arena, a->now - o->created), detail_instant(a, o->created));
    }
    if (o->writer != NULL) {
        detail_field(b, "last writer", ROLE_TEXT, "%s%s%s%s", o->writer,
                     o->written != TIME_NONE ? ", " : "",
                     o->written != TIME_NONE ? duration_short(a->arena, a->now - o->written) : "",
                     o->written != TIME_NONE ? " ago" : "");
    }
    if (o->deleted != TIME_NONE) {
        detail_field(b, "deleting", ROLE_PENDING, "for %s",
                     duration_short(a->arena, a->now - o->deleted));
    }
    if (o->source != NULL) {
        detail_field(b, "file", ROLE_TEXT, "%s:%d", o->source->file, o->source->line);
    }
}
