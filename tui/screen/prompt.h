// SPDX-License-Identifier: Apache-2.0
// The line where one types: editing, history and Tab completion. What a line means is not known here.
#ifndef GATETOP_TUI_SCREEN_PROMPT_H
#define GATETOP_TUI_SCREEN_PROMPT_H

#include "tui/screen/grid.h"
#include "tui/screen/keys.h"

#define PROMPT_MAX 1024 // bytes of a line
#define PROMPT_HISTORY 50

enum prompt_kind { PROMPT_NONE, PROMPT_COMMAND, PROMPT_FILTER, PROMPT_SEARCH, PROMPT_TRACE };

enum prompt_event {
    PROMPT_SAME,
    PROMPT_CHANGED,
    PROMPT_ACCEPTED,
    PROMPT_CANCELLED,
    PROMPT_COMPLETE
};

struct prompt {
    enum prompt_kind kind; // PROMPT_NONE: closed
    char text[PROMPT_MAX];
    size_t len, at;                                  // bytes; the cursor's byte
    char *history[PROMPT_TRACE + 1][PROMPT_HISTORY]; // newest first
    int older;                                       // -1: the line being typed
    // Completion: Tab after Tab goes through the candidates of the word typed.
    char head[PROMPT_MAX]; // the line before its last word was completed
    size_t head_len;
    char stem[PROMPT_MAX]; // the word that was typed
    int candidate;         // -1: no completion under way
};

void prompt_init(struct prompt *p);
void prompt_release(struct prompt *p);
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);
void prompt_close(struct prompt *p, bool keep); // keep: the line goes into the history
enum prompt_event prompt_key(struct prompt *p, uint32_t key);
// After PROMPT_COMPLETE: candidates are all words that may stand at the place of the last word, sorted;
// those that begin with it are gone through. False where none fits.
bool prompt_complete(struct prompt *p, const char *const *words, uint32_t n);
// Where the word that is being completed begins.
size_t prompt_word_start(const struct prompt *p);
void prompt_draw(const struct prompt *p, struct grid *g, int row, const char *label);

#endif
