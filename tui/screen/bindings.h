// SPDX-License-Identifier: Apache-2.0
// The table of keys: each row has what the key does. Help screen, footer and man page read it.
#ifndef GATETOP_TUI_SCREEN_BINDINGS_H
#define GATETOP_TUI_SCREEN_BINDINGS_H

#include "kube/base/attr.h"

#include "views/view.h"

#include "tui/screen/prompt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ui;

// Where a key has a meaning.
enum key_context {
    IN_TABLE = 1 << 0,
    IN_TEXT = 1 << 1, // detail, YAML, trace and help panes
    IN_PROMPT = 1 << 2,
};

struct binding {
    const char *keys;           // names (key_parse) with spaces between: "j down"
    unsigned contexts;          // enum key_context, or-ed
    void (*act)(struct ui *ui); // actions.h; NULL if `edit` is set
    prompt_fn *edit;            // IN_PROMPT
    const char *hint;           // one or two words for the footer, NULL: not there
    bool hint_in_search;        // there only while a text is searched
    const char *shown;          // the keys for people, NULL: made from `keys`
    const char *help;           // one line of the help screen
};
extern const struct binding bindings[];
extern const size_t binding_count;

// The row of a key in a context, NULL if it means nothing there.
const struct binding *binding_find(enum key_context context, uint32_t key);
// The keys of a row for people: "j, Down". In the arena or static.
const char *binding_keys(struct arena *a, const struct binding *b);
// Whether every key has a name that exists and one meaning in a context at most, and no column of a
// view in `all` (ends with NULL; may be NULL) sorts by a letter that is bound in tables.
// ERR_INTERNAL names both (docs/rules/terminal.md#keys-once).
bool bindings_check(const struct binding *table, size_t n, const struct view *const *all,
                    struct err *err) MUST_USE;

// Does to the line what the key is bound to in prompts; another key is inserted.
enum prompt_event prompt_key(struct prompt *p, uint32_t key);

#endif
