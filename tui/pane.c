// SPDX-License-Identifier: Apache-2.0
// Text panes.
#include "tui/pane.h"

#include "kube/base/text.h"

#include <stdio.h>
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
    buf_adds(&b, "");
    for (uint32_t i = 0; i < l->n; i++) {
        buf_adds(&b, l->at[i].text);
    }
    const char *s = arena_strndup(a, b.data, b.len);
    buf_release(&b);
    return s;
}

static int line_width(const struct text_line *l)
{
    int w = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        w += text_width(l->at[i].text);
    }
    return w;
}

// Screen rows that a line takes.
static long line_rows(const struct pane *p, uint32_t line)
{
    if (is_hidden(p, line)) {
        return 0;
    }
    int w = p->wrap && p->width > 0 ? line_width(&p->text.at[line]) : 0;
    return w <= p->width ? 1 : (w + p->width - 1) / p->width;
}

// The last place that may stand at the top: the end of the text stays at the bottom of the pane.
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
        long left = line_rows(p, p->top) - p->part; // rows of the line that stand below
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

// Key, colon and value get their roles; a comment or a plain line is one piece.
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

// Hides the lines under every `managedFields:` key and says on its line how many.
static void fold_managed_fields(struct pane *p)
{
    bool *hidden = NULL;
    for (uint32_t i = 0; i < p->text.n; i++) {
        const char *line = line_text(&p->text.at[i], p->text.arena);
        size_t in = indent_of(line);
        if (strncmp(line + in, "managedFields:", 14) != 0) {
            continue;
        }
        uint32_t end = i + 1;
        for (; end < p->text.n; end++) {
            const char *next = line_text(&p->text.at[end], p->text.arena);
            size_t deeper = indent_of(next);
            // A list may stand at the indent of its key.
            if (deeper < in || (deeper == in && next[in] != '-')) {
                break;
            }
        }
        if (end == i + 1) {
            continue;
        }
        if (hidden == NULL) {
            hidden = arena_alloc(p->text.arena, p->text.n * sizeof *hidden);
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
    buf_adds(&clean, "");
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

// Draws columns [from, from + width) of a line.
static void draw_piece(struct grid *g, int row, int column, int width, const struct text_line *l,
                       int from)
{
    int at = 0; // column of the line
    for (uint32_t i = 0; i < l->n && at < from + width; i++) {
        const char *s = l->at[i].text;
        size_t n = strlen(s);
        while (n > 0 && at < from) { // skip what lies to the left
            uint32_t cp;
            size_t used = utf8_next(s, n, &cp);
            at += text_cp_width(cp);
            s += used;
            n -= used;
        }
        if (n > 0) {
            at += grid_put(g, row, column + at - from, width - (at - from), l->at[i].role, s);
            if (at - from >= width) {
                return;
            }
        }
    }
}

static void mark_hits(const struct pane *p, struct grid *g, int row, int column, int width,
                      const struct text_line *l, int from)
{
    struct arena a;
    arena_init(&a);
    const char *s = str_lower(&a, line_text(l, &a)), *needle = str_lower(&a, p->search);
    for (const char *hit = strstr(s, needle); hit != NULL; hit = strstr(hit + 1, needle)) {
        char *head = arena_strndup(&a, s, (size_t)(hit - s));
        int begin = text_width(head) - from, end = begin + text_width(needle);
        begin = begin < 0 ? 0 : begin;
        end = end > width ? width : end;
        if (begin < end) {
            grid_over(g, row, column + begin, end - begin, ROLE_MATCH);
        }
    }
    arena_release(&a);
}

void pane_draw(struct pane *p, struct grid *g, int row, int column, int height, int width)
{
    p->height = height;
    p->width = width;
    clamp(p);
    int at = 0;
    for (uint32_t i = p->top; i < p->text.n && at < height; i++) {
        if (is_hidden(p, i)) {
            continue;
        }
        const struct text_line *l = &p->text.at[i];
        long parts = line_rows(p, i);
        for (long part = i == p->top ? p->part : 0; part < parts && at < height; part++, at++) {
            int from = p->wrap ? (int)part * width : (int)p->left;
            draw_piece(g, row + at, column, width, l, from);
            if (p->search != NULL) {
                mark_hits(p, g, row + at, column, width, l, from);
            }
        }
        if (p->folded && p->hidden != NULL && i + 1 < p->text.n && p->hidden[i + 1]) {
            uint32_t end = i + 1;
            while (end < p->text.n && p->hidden[end]) {
                end++;
            }
            char note[64];
            snprintf(note, sizeof note, " %s %u lines folded, Enter unfolds",
                     glyph(GLYPH_FOLDED, g->ascii), (unsigned)(end - i - 1));
            int w = line_width(l);
            grid_put(g, row + at - 1, column + w, width - w, ROLE_DIM, note);
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
    // The hit of the search before may stand below the top, where the text ends.
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
