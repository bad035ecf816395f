// SPDX-License-Identifier: Apache-2.0
// Text panes.
#include "tui/screen/pane.h"

#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "tui/screen/line_wrap.h"

#include <stdlib.h>
#include <string.h>

void pane_init(struct pane *p)
{
    memset(p, 0, sizeof *p);
    arena_init(&p->arena[0]);
    arena_init(&p->arena[1]);
    block_init(&p->text, &p->arena[0]);
    p->hit = -1;
    p->wrap = true;
    p->folded = true;
}

void pane_release(struct pane *p)
{
    arena_release(&p->arena[0]);
    arena_release(&p->arena[1]);
    free(p->search);
    p->search = NULL;
}

struct text_block *pane_begin(struct pane *p)
{
    p->current = 1 - p->current;
    struct arena *a = &p->arena[p->current];
    arena_clear(a);
    block_init(&p->text, a);
    p->hidden = NULL;
    return &p->text;
}

static bool is_hidden(const struct pane *p, uint32_t line)
{
    return p->folded && p->hidden != NULL && p->hidden[line];
}

static const char *line_text(const struct text_line *l, struct arena *a)
{
    if (l->n == 1) {
        return l->at[0].text;
    }
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < l->n; i++) {
        buf_adds(&b, l->at[i].text);
    }
    return buf_take_arena(&b, a);
}

// Screen rows that a line takes.
static long line_rows(const struct pane *p, uint32_t line)
{
    if (is_hidden(p, line)) {
        return 0;
    }
    if (!p->wrap || p->width <= 0) {
        return 1;
    }
    struct arena a;
    arena_init(&a);
    struct wrap_line l = wrap_chars(&a, &p->text.at[line], NULL);
    long n = (long)wrap_rows_break(&a, &l, p->width).n;
    arena_release(&a);
    return n;
}

// The last position of the top: the text then ends at the bottom of the pane.
static void last_top(const struct pane *p, uint32_t *line, long *part)
{
    long room = p->height > 0 ? p->height : 1;
    *part = 0;
    for (*line = p->text.n; *line > 0; (*line)--) {
        long rows = line_rows(p, *line - 1);
        if (rows >= room) {
            (*line)--;
            *part = rows - room;
            return;
        }
        room -= rows;
    }
}

static void clamp(struct pane *p)
{
    uint32_t line;
    long part;
    last_top(p, &line, &part);
    if (p->top > line || (p->top == line && p->part > part)) {
        p->top = line;
        p->part = part;
    }
}

void pane_end(struct pane *p)
{
    clamp(p);
}

void pane_scroll(struct pane *p, long by)
{
    p->hit = -1;
    while (by > 0 && p->top < p->text.n) {
        long left = line_rows(p, p->top) - p->part; // rows of the line from there on
        if (by < left) {
            p->part += by;
            break;
        }
        by -= left > 0 ? left : 0;
        p->part = 0;
        p->top++;
    }
    while (by < 0 && (p->top > 0 || p->part > 0)) {
        if (-by <= p->part) {
            p->part += by;
            break;
        }
        by += p->part;
        p->part = 0;
        if (p->top > 0) {
            p->top--;
            p->part = line_rows(p, p->top);
        }
    }
    clamp(p);
}

// --- YAML

static size_t indent_of(const char *s)
{
    return strspn(s, " ");
}

// Appends a line of YAML; key and value get their roles, a comment or other line has one.
static void put_yaml_line(struct text_block *b, const char *line)
{
    size_t in = indent_of(line);
    while (line[in] == '-' && line[in + 1] == ' ') {
        in += 2;
    }
    size_t key = in;
    if (line[key] == '"') {
        const char *close = strchr(line + key + 1, '"');
        key = close != NULL ? (size_t)(close - line) + 1 : key;
    } else {
        key += strcspn(line + key, ": #\"'{}[]|>");
    }
    block_line(b);
    if (line[in] == '#') {
        block_put(b, ROLE_DIM, "%s", line);
    } else if (key > in && line[key] == ':' && (line[key + 1] == ' ' || line[key + 1] == '\0')) {
        block_put(b, ROLE_TEXT, "%.*s", (int)in, line);
        block_put(b, ROLE_NAME, "%.*s", (int)(key - in), line + in);
        block_put(b, ROLE_TEXT, "%s", line + key);
    } else {
        block_put(b, ROLE_TEXT, "%s", line);
    }
}

// Hides the lines under every `managedFields:` key.
static void fold_managed_fields(struct pane *p)
{
    bool *hidden = NULL;
    for (uint32_t i = 0; i < p->text.n; i++) {
        const char *line = line_text(&p->text.at[i], p->text.arena);
        size_t in = indent_of(line);
        if (!str_starts(line + in, "managedFields:")) {
            continue;
        }
        uint32_t end = i + 1;
        for (; end < p->text.n; end++) {
            const char *next = line_text(&p->text.at[end], p->text.arena);
            size_t deeper = indent_of(next);
            // A list may have the indent of its key.
            if (deeper < in || (deeper == in && next[in] != '-')) {
                break;
            }
        }
        if (end == i + 1) {
            continue;
        }
        if (hidden == NULL) {
            hidden = arena_calloc(p->text.arena, p->text.n, sizeof *hidden);
        }
        memset(hidden + i + 1, 1, end - i - 1);
        i = end - 1;
    }
    p->hidden = hidden;
}

void pane_set_yaml(struct pane *p, const char *text, size_t n)
{
    struct buf clean;
    buf_init(&clean, 0);
    text_clean_lines(&clean, text, n);
    struct text_block *b = pane_begin(p);
    for (char *line = clean.data; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        bool last = line[len] == '\0';
        line[len] = '\0';
        for (char *tab = strchr(line, '\t'); tab != NULL; tab = strchr(tab, '\t')) {
            *tab = ' ';
        }
        put_yaml_line(b, line);
        line += len + (last ? 0 : 1);
    }
    buf_release(&clean);
    fold_managed_fields(p);
    pane_end(p);
}

bool pane_has_fold(const struct pane *p)
{
    return p->hidden != NULL;
}

void pane_toggle_fold(struct pane *p)
{
    p->folded = !p->folded;
    p->part = 0;
    clamp(p);
}

// --- drawing

// Draws a line from its row `part` on; returns the rows drawn.
static int draw_line(const struct pane *p, struct grid *g, int row, int column, int height,
                     int width, uint32_t line, long part)
{
    struct arena a;
    arena_init(&a);
    struct wrap_line l = wrap_chars(&a, &p->text.at[line], p->search);
    int drawn = 0;
    if (p->wrap) {
        struct wrap_rows rows = wrap_rows_break(&a, &l, width);
        for (uint32_t i = (uint32_t)part; i < rows.n && drawn < height; i++, drawn++) {
            int in = rows.at[i].indent;
            wrap_draw(&l, rows.at[i].from, rows.at[i].to, g, row + drawn, column + in, width - in);
        }
    } else {
        uint32_t from = 0;
        for (uint32_t skipped = 0; from < l.n && skipped < p->left; from++) {
            skipped += l.at[from].width;
        }
        wrap_draw(&l, from, l.n, g, row, column, width);
        drawn = 1;
    }
    arena_release(&a);
    return drawn;
}

static void draw_fold(const struct pane *p, struct grid *g, int row, int column, int width,
                      uint32_t line)
{
    uint32_t end = line + 1;
    while (end < p->text.n && p->hidden[end]) {
        end++;
    }
    struct arena a;
    arena_init(&a);
    int w = text_width(line_text(&p->text.at[line], &a));
    grid_put(g, row, column + w, width - w, ROLE_DIM,
             arena_printf(&a, " %s %u lines folded, Enter unfolds",
                          glyph_text(GLYPH_FOLDED, g->ascii), (unsigned)(end - line - 1)));
    arena_release(&a);
}

void pane_draw(struct pane *p, struct grid *g, int row, int column, int height, int width)
{
    if (p->width != width) {
        p->part = 0; // the line at the top is wrapped differently now
    }
    p->height = height;
    p->width = width;
    clamp(p);
    int at = 0;
    for (uint32_t i = p->top; i < p->text.n && at < height; i++) {
        if (is_hidden(p, i)) {
            continue;
        }
        at += draw_line(p, g, row + at, column, height - at, width, i, i == p->top ? p->part : 0);
        if (p->folded && p->hidden != NULL && i + 1 < p->text.n && p->hidden[i + 1]) {
            draw_fold(p, g, row + at - 1, column, width, i);
        }
    }
}

// --- searching

void pane_set_search(struct pane *p, const char *text)
{
    free(p->search);
    p->search = str_empty(text) ? NULL : xstrdup(text);
    p->hit = -1;
}

static bool hit_at(const struct pane *p, uint32_t line)
{
    struct arena a;
    arena_init(&a);
    bool hit =
        !is_hidden(p, line) && str_contains_case(line_text(&p->text.at[line], &a), p->search);
    arena_release(&a);
    return hit;
}

uint32_t pane_hits(const struct pane *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; p->search != NULL && i < p->text.n; i++) {
        n += hit_at(p, i);
    }
    return n;
}

bool pane_find(struct pane *p, bool forward, bool from_here)
{
    if (p->search == NULL || p->text.n == 0) {
        return false;
    }
    // Near the end of the text the last hit may be below the top.
    uint32_t n = p->text.n;
    uint32_t begin = p->hit >= 0 && (uint32_t)p->hit < n ? (uint32_t)p->hit : p->top;
    for (uint32_t step = from_here || p->hit < 0 ? 0 : 1; step <= n; step++) {
        uint32_t i = forward ? (begin + step) % n : (begin + n - step % n) % n;
        if (hit_at(p, i)) {
            p->hit = (long)i;
            p->top = i;
            p->part = 0;
            clamp(p);
            return true;
        }
    }
    return false;
}
