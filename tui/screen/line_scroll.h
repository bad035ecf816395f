// SPDX-License-Identifier: Apache-2.0
// Lines of the screen that are those of the screen before, only further up or down.
#ifndef GATETOP_TUI_SCREEN_LINE_SCROLL_H
#define GATETOP_TUI_SCREEN_LINE_SCROLL_H

#include <stdint.h>

// The lines from `top` to `bottom`, of which most stood `by` lines further down (above, where it is negative). by 0:
// none.
struct line_scroll {
    int by, top, bottom;
};
// The move that puts the most lines into place, two at least, by the hashes of the lines before and now.
struct line_scroll line_scroll_find(const uint64_t *before, const uint64_t *now, int rows);

#endif
