// SPDX-License-Identifier: Apache-2.0
// What detail panes have in common. Text lies in the block's arena and must be clean.
#ifndef GATETOP_VIEWS_DETAIL_INTERNAL_H
#define GATETOP_VIEWS_DETAIL_INTERNAL_H

#include "kube/base/attr.h"

#include "views/view.h"

// A heading on a line of its own, an empty line before it unless it is the first.
void detail_heading(struct text_block *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
// A line "name  value", the values of all fields below each other. An empty name continues the field above.
void detail_field(struct text_block *b, const char *name, enum role role, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
// Fields of one name, one for each string; nothing for an empty list.
void detail_list(struct text_block *b, const char *name, enum role role, const struct str_list *l);
// An instant as view_options says, in the arena of args.
const char *detail_instant(const struct view_args *a, int64_t t);
// The head of an object's page: what it is called; its age, newest writer, file and deletion where they are known.
void detail_object(const struct view_args *a, struct text_block *b, const struct object *o);

#endif
