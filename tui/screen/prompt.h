// SPDX-License-Identifier: Apache-2.0
// The line that a person types into: editing, history and Tab completion. It does not know what a line means.
#ifndef GATETOP_TUI_SCREEN_PROMPT_H
#define GATETOP_TUI_SCREEN_PROMPT_H

#include "tui/screen/grid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROMPT_MAX = 1024,   // bytes of a line, with the final NUL
    PROMPT_HISTORY = 50, // lines remembered of each kind
};

enum prompt_kind {
    PROMPT_NONE, // closed
    PROMPT_COMMAND,
    PROMPT_FILTER,
    PROMPT_SEARCH,
    PROMPT_TRACE,
    PROMPT_KIND_COUNT
};

// What a key did to the line.
enum prompt_event {
    PROMPT_SAME,
    PROMPT_CHANGED,
    PROMPT_ACCEPTED,
    PROMPT_CANCELLED,
    PROMPT_COMPLETE // completion is wanted: prompt_complete
};

struct prompt {
    enum prompt_kind kind;
    char text[PROMPT_MAX];
    size_t len, at;                                   // bytes; the byte that the cursor is at
    char *history[PROMPT_KIND_COUNT][PROMPT_HISTORY]; // newest first, NULL: none
    int older; // the line of the history shown, -1: the one being typed
    // Completion: Tab after Tab goes through the candidates of the word typed.
    char head[PROMPT_MAX]; // the line before its last word was completed
    size_t head_len;
    char stem[PROMPT_MAX]; // the word that was typed
    int candidate;         // -1: no completion under way
};

// A closed prompt without history.
void prompt_init(struct prompt *p);
// Frees the history.
void prompt_release(struct prompt *p);
// Opens the line with a text (NULL: empty), the cursor at its end.
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);
// Closes it; keep: the line goes into the history.
void prompt_close(struct prompt *p, bool keep);

// What keys do (the table of keys names these functions).
typedef enum prompt_event prompt_fn(struct prompt *p);
prompt_fn prompt_accept, prompt_cancel, prompt_want_completion;
prompt_fn prompt_backspace; // cancels an empty line
prompt_fn prompt_delete, prompt_kill_word, prompt_kill_line;
prompt_fn prompt_left, prompt_right, prompt_line_start, prompt_line_end;
prompt_fn prompt_older_line, prompt_newer_line;
// Inserts a character at the cursor; anything else (a control, a special key) changes nothing.
enum prompt_event prompt_insert(struct prompt *p, uint32_t cp);

// Completes the word before the cursor: `words` are all that may be there, sorted; each call takes
// the next of those that begin like it. False if none does, or where it would not fit.
bool prompt_complete(struct prompt *p, const char *const *words, uint32_t n);
// Where the word that is being completed begins.
size_t prompt_word_start(const struct prompt *p);
// The next prompt_complete begins anew; for every other key.
void prompt_end_completion(struct prompt *p);

// Draws label and line into a row, scrolled so that the cursor is seen, and places the grid's
// cursor.
void prompt_draw(const struct prompt *p, struct grid *g, int row, const char *label);

#endif
