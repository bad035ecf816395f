// SPDX-License-Identifier: Apache-2.0
// The names of keys.
#include "tui/screen/keys.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include <string.h>

// clang-format off
static const struct {
    const char *name, *shown;
    uint32_t key;
} names[] = {
    {"up", "Up", K_UP},          {"down", "Down", K_DOWN},       {"left", "Left", K_LEFT},
    {"right", "Right", K_RIGHT}, {"home", "Home", K_HOME},       {"end", "End", K_END},
    {"pgup", "PgUp", K_PGUP},    {"pgdn", "PgDn", K_PGDN},       {"tab", "Tab", K_TAB},
    {"enter", "Enter", K_ENTER}, {"esc", "Esc", K_ESC},          {"space", "Space", K_SPACE},
    {"backspace", "Backspace", K_BACKSPACE}, {"delete", "Del", K_DELETE}, {"backtab", "Shift-Tab", K_BACKTAB},
};
// clang-format on

// The key of "1" to "12", 0 for other text.
static uint32_t function_key(const char *digits, size_t n)
{
    unsigned f = 0;
    for (size_t i = 0; i < n; i++) {
        if (digits[i] < (i == 0 ? '1' : '0') || digits[i] > '9') {
            return 0;
        }
        f = f * 10 + (unsigned)(digits[i] - '0');
    }
    return f <= 12 ? K_F1 + f - 1 : 0;
}

uint32_t key_parse(const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (str_is(name, n, names[i].name)) {
            return names[i].key;
        }
    }
    if (n == 6 && memcmp(name, "ctrl-", 5) == 0 && name[5] >= 'a' && name[5] <= 'z') {
        return K_CTRL(name[5]);
    }
    if ((n == 2 || n == 3) && name[0] == 'f') {
        return function_key(name + 1, n - 1);
    }
    uint32_t cp;
    if (n == 0 || utf8_next(name, n, &cp) != n || text_is_control(cp)) {
        return 0;
    }
    return cp;
}

const char *key_text(struct arena *a, uint32_t key)
{
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (names[i].key == key) {
            return names[i].shown;
        }
    }
    if (key >= K_F1 && key <= K_F12) {
        return arena_printf(a, "F%u", (unsigned)(key - K_F1 + 1));
    }
    if (key < 32) {
        return arena_printf(a, "Ctrl-%c", (int)(key + 'A' - 1));
    }
    char u[5] = "";
    if (key < K_SPECIAL) {
        u[utf8_put(key, u)] = '\0';
    }
    return arena_strdup(a, u);
}
