// SPDX-License-Identifier: Apache-2.0
// The line editor.
#include "tui/screen/prompt.h"

#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include "tui/screen/keys.h"

#include <stdlib.h>
#include <string.h>

void prompt_init(struct prompt *p)
{
    memset(p, 0, sizeof *p);
    p->older = -1;
    p->candidate = -1;
}

void prompt_release(struct prompt *p)
{
    for (int k = 0; k < PROMPT_KIND_COUNT; k++) {
        for (int i = 0; i < PROMPT_HISTORY; i++) {
            free(p->history[k][i]);
            p->history[k][i] = NULL;
        }
    }
}

static void set_line(struct prompt *p, const char *text)
{
    p->len = strlen(text);
    if (p->len >= PROMPT_MAX) {
        p->len = text_fit(text, PROMPT_MAX / 8);
    }
    memmove(p->text, text, p->len);
    p->text[p->len] = '\0';
    p->at = p->len;
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
    p->kind = kind;
    p->older = -1;
    p->candidate = -1;
    set_line(p, str_or_empty(text));
}

void prompt_close(struct prompt *p, bool keep)
{
    char **h = p->history[p->kind];
    if (keep && p->len > 0 && !str_eq(h[0], p->text)) {
        free(h[PROMPT_HISTORY - 1]);
        memmove(h + 1, h, (PROMPT_HISTORY - 1) * sizeof *h);
        h[0] = xstrdup(p->text);
    }
    p->kind = PROMPT_NONE;
}

static size_t left_of(const struct prompt *p, size_t at)
{
    while (at > 0) {
        at--;
        if (((unsigned char)p->text[at] & 0xc0) != 0x80) {
            break;
        }
    }
    return at;
}

static size_t right_of(const struct prompt *p, size_t at)
{
    uint32_t cp;
    return at < p->len ? at + utf8_next(p->text + at, p->len - at, &cp) : at;
}

static enum prompt_event cut(struct prompt *p, size_t from, size_t to)
{
    if (from == to) {
        return PROMPT_SAME;
    }
    memmove(p->text + from, p->text + to, p->len - to + 1);
    p->len -= to - from;
    p->at = from;
    return PROMPT_CHANGED;
}

enum prompt_event prompt_insert(struct prompt *p, uint32_t cp)
{
    char u[4];
    if (cp >= K_SPECIAL || text_is_control(cp)) {
        return PROMPT_SAME;
    }
    size_t n = utf8_put(cp, u);
    if (p->len + n >= PROMPT_MAX) {
        return PROMPT_SAME;
    }
    memmove(p->text + p->at + n, p->text + p->at, p->len - p->at + 1);
    memcpy(p->text + p->at, u, n);
    p->at += n;
    p->len += n;
    return PROMPT_CHANGED;
}

static enum prompt_event recall(struct prompt *p, int by)
{
    int older = p->older + by;
    if (older < -1 || older >= PROMPT_HISTORY ||
        (older >= 0 && p->history[p->kind][older] == NULL)) {
        return PROMPT_SAME;
    }
    p->older = older;
    set_line(p, older >= 0 ? p->history[p->kind][older] : "");
    return PROMPT_CHANGED;
}

static size_t word_left(const struct prompt *p)
{
    size_t at = p->at;
    while (at > 0 && p->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && p->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

// --- what keys do

enum prompt_event prompt_accept(struct prompt *p)
{
    (void)p;
    return PROMPT_ACCEPTED;
}

enum prompt_event prompt_cancel(struct prompt *p)
{
    (void)p;
    return PROMPT_CANCELLED;
}

enum prompt_event prompt_want_completion(struct prompt *p)
{
    (void)p;
    return PROMPT_COMPLETE;
}

enum prompt_event prompt_backspace(struct prompt *p)
{
    return p->len == 0 ? PROMPT_CANCELLED : cut(p, left_of(p, p->at), p->at);
}

enum prompt_event prompt_kill_word(struct prompt *p)
{
    return cut(p, word_left(p), p->at);
}

enum prompt_event prompt_kill_line(struct prompt *p)
{
    return cut(p, 0, p->at);
}

enum prompt_event prompt_delete(struct prompt *p)
{
    return cut(p, p->at, right_of(p, p->at));
}

static enum prompt_event move_to(struct prompt *p, size_t at)
{
    p->at = at;
    return PROMPT_SAME;
}

enum prompt_event prompt_left(struct prompt *p)
{
    return move_to(p, left_of(p, p->at));
}

enum prompt_event prompt_right(struct prompt *p)
{
    return move_to(p, right_of(p, p->at));
}

enum prompt_event prompt_line_start(struct prompt *p)
{
    return move_to(p, 0);
}

enum prompt_event prompt_line_end(struct prompt *p)
{
    return move_to(p, p->len);
}

enum prompt_event prompt_older_line(struct prompt *p)
{
    return recall(p, 1);
}

enum prompt_event prompt_newer_line(struct prompt *p)
{
    return recall(p, -1);
}

// --- completion

void prompt_end_completion(struct prompt *p)
{
    p->candidate = -1;
}

size_t prompt_word_start(const struct prompt *p)
{
    if (p->candidate >= 0) {
        return p->head_len;
    }
    size_t at = p->at;
    while (at > 0 && p->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

bool prompt_complete(struct prompt *p, const char *const *words, uint32_t n)
{
    if (p->candidate < 0) {
        p->head_len = prompt_word_start(p);
        memcpy(p->head, p->text, p->head_len);
        size_t stem = p->at - p->head_len;
        memcpy(p->stem, p->text + p->head_len, stem);
        p->stem[stem] = '\0';
    }
    int fits = 0, wanted = p->candidate + 1;
    const char *first = NULL, *pick = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (str_starts(words[i], p->stem)) {
            first = first == NULL ? words[i] : first;
            pick = fits == wanted ? words[i] : pick;
            fits++;
        }
    }
    if (first == NULL) {
        return false;
    }
    if (pick == NULL) {
        pick = first;
        wanted = 0;
    }
    size_t n_pick = strlen(pick);
    if (p->head_len + n_pick >= PROMPT_MAX) {
        return false;
    }
    memcpy(p->text, p->head, p->head_len);
    memcpy(p->text + p->head_len, pick, n_pick + 1);
    p->len = p->at = p->head_len + n_pick;
    p->candidate = fits == 1 ? -1 : wanted;
    return true;
}

void prompt_draw(const struct prompt *p, struct grid *g, int row, const char *label)
{
    grid_fill(g, row, 0, g->columns, ROLE_PROMPT);
    int at = grid_put(g, row, 0, g->columns / 2, ROLE_KEY, label);
    int room = g->columns - at - 1;
    if (room < 1) {
        return;
    }
    // Scrolls the line so that the cursor is visible.
    char head[PROMPT_MAX];
    memcpy(head, p->text, p->at);
    head[p->at] = '\0';
    const char *begin = p->text, *shown = head;
    while (text_width(shown) > room) {
        uint32_t cp;
        size_t used = utf8_next(begin, strlen(begin), &cp);
        begin += used;
        shown += used;
    }
    grid_put(g, row, at, room, ROLE_PROMPT, begin);
    g->cursor_row = row;
    g->cursor_column = at + text_width(shown);
}
