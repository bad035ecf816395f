// SPDX-License-Identifier: Apache-2.0
// The attributes and colours that a terminal has set, and the shortest sequence to others.
#ifndef GATETOP_TUI_SCREEN_PEN_H
#define GATETOP_TUI_SCREEN_PEN_H

#include "tui/screen/terminal_codes.h"
#include "tui/screen/theme.h"

#include <stdbool.h>

struct buf;

// How text looks in the terminal's own colours without attributes: what sgr0 sets.
#define STYLE_PLAIN ((struct style){.fg = -1, .bg = -1})
// The attributes that a space shows.
#define STYLE_OF_SPACES (STYLE_UNDERLINE | STYLE_REVERSE)

// Whether both look the same.
bool style_equal(struct style a, struct style b);
// What this terminal makes of a style: without the attributes that it does not have, or not together with colours.
struct style pen_possible(const struct terminal_codes *t, struct style s);
// Appends the shortest sequence that takes the terminal from one style to another, both possible.
void pen_change(const struct terminal_codes *t, struct style from, struct style to,
                struct buf *out);

#endif
