// SPDX-License-Identifier: Apache-2.0
// Lines of text with roles: what a detail pane shows.
#ifndef GATETOP_VIEWS_TEXT_BLOCK_H
#define GATETOP_VIEWS_TEXT_BLOCK_H

#include "kube/base/attr.h"

#include "views/theme_role.h"

#include <stdint.h>

struct text_span {
    const char *text; // clean, without line breaks, never NULL
    enum role role;
};
struct text_line {
    struct text_span *at; // from left to right
    uint32_t n, cap;
};
struct text_block {
    struct arena *arena; // borrowed; lines and spans lie in it
    struct text_line *at;
    uint32_t n, cap;
};

// An empty block whose text will lie in the arena. It needs no release.
void block_init(struct text_block *b, struct arena *a);
// Begins a new line, empty until something is put into it.
void block_line(struct text_block *b);
// Appends a span to the last line, which it begins where there is none. The text must be clean.
void block_put(struct text_block *b, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
