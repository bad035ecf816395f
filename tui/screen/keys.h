// SPDX-License-Identifier: Apache-2.0
// Keys: their codes and their names.
#ifndef GATETOP_TUI_SCREEN_KEYS_H
#define GATETOP_TUI_SCREEN_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct arena;

// A key is a code point (control characters included) or one of these.
enum key_code {
    K_TAB = 9,
    K_ENTER = 13,
    K_ESC = 27,
    K_SPACE = 32,
    K_SPECIAL = 0x110000,
    K_UP = K_SPECIAL,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PGUP,
    K_PGDN,
    K_BACKSPACE,
    K_DELETE,
    K_BACKTAB,
    K_F1, // K_F1 + n - 1
    K_F12 = K_F1 + 11,
};
#define K_CTRL(letter) ((uint32_t)((letter)&0x1f))

// The code of a key by its name of n bytes ("ctrl-d", "space", "f5", "j"), 0 if no key has it.
uint32_t key_parse(const char *name, size_t n);
// The name of a key for people ("Ctrl-D", "Space", "F5", "j"), in the arena or static.
const char *key_text(struct arena *a, uint32_t key);

#endif
