// SPDX-License-Identifier: Apache-2.0
// Keys: their codes and names, and the one table that binds them. The help screen, the footer and the
// check of the man page all read that table.
#ifndef GATETOP_TUI_SCREEN_KEYS_H
#define GATETOP_TUI_SCREEN_KEYS_H

#include "kube/base/mem.h"

#include "views/view.h"

#include <stdint.h>

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

// Where a key means something.
enum key_context {
    IN_TABLE = 1 << 0,
    IN_TEXT = 1 << 1, // detail, YAML, trace and help panes
    IN_PROMPT = 1 << 2,
};

enum command_id {
    CMD_NONE,
    CMD_DOWN,
    CMD_UP,
    CMD_TOP,
    CMD_BOTTOM,
    CMD_HALF_DOWN,
    CMD_HALF_UP,
    CMD_PAGE_DOWN,
    CMD_PAGE_UP,
    CMD_LEFT,
    CMD_RIGHT,
    CMD_MARK,
    CMD_OPEN,
    CMD_BACK,
    CMD_CLOSE,
    CMD_QUIT,
    CMD_PROMPT,
    CMD_FILTER,
    CMD_CLEAR_FILTER,
    CMD_SEARCH,
    CMD_NEXT_HIT,
    CMD_PREVIOUS_HIT,
    CMD_SORT_NAME,
    CMD_SORT_LEFT,
    CMD_SORT_RIGHT,
    CMD_SORT_INVERT,
    CMD_HELP,
    CMD_NEXT_PANE,
    CMD_NS_ALL,
    CMD_NS_RECENT,
    CMD_HISTORY_BACK,
    CMD_HISTORY_FORWARD,
    CMD_LAST_VIEW,
    CMD_TRACE,
    CMD_FOLLOW,
    CMD_PAUSE,
    CMD_YAML,
    CMD_DETAILS,
    CMD_EVENTS,
    CMD_RELATED,
    CMD_PROBE,
    CMD_WIDE,
    CMD_WRAP,
    CMD_FOLD,
    CMD_HEADER,
    CMD_RELIST,
    CMD_REPAINT,
    // of the prompt's line
    CMD_ACCEPT,
    CMD_CANCEL,
    CMD_COMPLETE,
    CMD_RUB_OUT,
    CMD_RUB_WORD,
    CMD_RUB_LINE,
    CMD_DELETE_CHAR,
    CMD_CHAR_LEFT,
    CMD_CHAR_RIGHT,
    CMD_LINE_START,
    CMD_LINE_END,
    CMD_OLDER,
    CMD_NEWER,
};

struct binding {
    const char *keys;  // names with spaces between: "j down"
    unsigned contexts; // enum key_context, or-ed
    enum command_id command;
    const char *hint; // one or two words for the footer, NULL: not there
    const char *help; // one line of the help screen
};
extern const struct binding bindings[];
extern const int nbindings;

// "ctrl-d", "space", "f5", "j": the code of a key's name, 0 where there is none such.
uint32_t key_parse(const char *name, size_t n);
const char *key_text(struct arena *a, uint32_t key);
// For people: "j, Down"; of a binding's key list.
const char *binding_keys(struct arena *a, const struct binding *b);
// The binding of a key in a context, NULL none.
const struct binding *key_find(enum key_context context, uint32_t key);
// Every key has a name that exists and at most one meaning in a context, in `table`; no column of `all`
// sorts by a letter that is bound in tables. ERR_INTERNAL names both. Called at start.
bool keys_check(const struct binding *table, int n, const struct view *const *all,
                struct err *err) MUST_USE;

#endif
