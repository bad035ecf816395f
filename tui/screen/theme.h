// SPDX-License-Identifier: Apache-2.0
// Themes: what each role looks like at each colour depth, from plain data files.
#ifndef GATETOP_TUI_SCREEN_THEME_H
#define GATETOP_TUI_SCREEN_THEME_H

#include "kube/base/attr.h"

#include "views/theme_role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_COUNT };

enum style_attr {
    STYLE_BOLD = 1 << 0,
    STYLE_DIM = 1 << 1,
    STYLE_ITALIC = 1 << 2,
    STYLE_UNDERLINE = 1 << 3,
    STYLE_REVERSE = 1 << 4,
};

struct style {
    short fg, bg;  // colour number, -1 the terminal's own
    uint8_t attrs; // enum style_attr, or-ed
};

struct theme {
    char name[64];
    // By depth; where `set` is false, theme_cell goes down to the next lower depth.
    struct style style[DEPTH_COUNT][ROLE_COUNT];
    bool set[DEPTH_COUNT][ROLE_COUNT];
};

// What a role is for, one line.
const char *role_help(enum role r);

// The text of themes/default.theme; the Makefile makes it into C.
extern const char theme_default_text[];

// Parses a theme file's text:
//     # comment
//     [256]                    or [16] [8] [mono]: what follows is for that depth
//     role = fg [bg] [attrs]   a colour is a name (red, bright-red), a number below the depth, #rrggbb
//                              (256 only) or `default`; attributes: bold dim italic underline reverse
// What a depth does not set it takes from the next lower one (256, 16, 8); mono takes nothing from
// the others. ERR_CONFIG with file and line. For tests.
bool theme_parse(struct theme *t, const char *text, size_t n, const char *file,
                 struct err *err) MUST_USE;
// Loads by name ("light": looked for in ~/.config/gatetop/themes, the data folder, and themes/
// beside the program) or by path (with a '/'). "default" is compiled in, for where no such file is
// found. ERR_CONFIG (ERR_LIMIT: a file over 64 KiB) names the file and line, or the places looked
// at.
bool theme_load(struct theme *t, const char *name, struct err *err) MUST_USE;
struct theme_list {
    const char **at;
    uint32_t n, cap;
};
// Names of the themes that theme_load would find, sorted, each once. In the arena.
struct theme_list theme_names(struct arena *a);

// What a role looks like, the terminal's own colours where the theme does not say; with another laid over it, unless
// that is ROLE_TEXT: colours of `over` where it sets them, attributes of both. On a bar
// (header, footer) the text keeps its own colour and takes the bar's background.
struct style theme_cell(const struct theme *t, enum depth d, enum role r, enum role over);
// Whether a role is that of a bar: header or footer.
bool role_is_bar(enum role r);

#endif
