// SPDX-License-Identifier: Apache-2.0
// Sends what turns the screen that the terminal shows into the next one.
#include "tui/screen/painter.h"

#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/utf8.h"

#include "tui/screen/line_scroll.h"
#include "tui/screen/pen.h"

#include <stdlib.h>
#include <string.h>

enum {
    UNKNOWN = -1,
    SCROLL_CELLS = 40, // that a scroll must save: it takes some 30 bytes
};

// One cell of the screen as it is seen: a space has no attributes but those that spaces show.
struct painted_cell {
    uint32_t cp, mark[2];
    struct style look;
    uint8_t width; // 1 or 2; 0 in the right half of a wide character
};

struct painter {
    const struct terminal_codes *codes;
    struct theme theme;
    enum depth depth;
    // Looks of (role, over), made on demand; known[] says which are.
    struct style look[ROLE_COUNT][ROLE_COUNT];
    bool known[ROLE_COUNT][ROLE_COUNT];

    int rows, columns;
    struct painted_cell *shown, *next; // row by row
    struct style pen;                  // what the terminal has set
    int row, column;                   // of the cursor, UNKNOWN
    bool cursor;                       // it is visible
};

static const struct painted_cell SPACE = {.cp = ' ', .look = {.fg = -1, .bg = -1}, .width = 1};

struct painter *painter_new(const struct terminal_codes *t)
{
    struct painter *p = xcalloc(1, sizeof *p);
    p->codes = t;
    p->row = p->column = UNKNOWN;
    return p;
}

void painter_free(struct painter *p)
{
    if (p != NULL) {
        free(p->shown);
        free(p->next);
        free(p);
    }
}

void painter_theme(struct painter *p, const struct theme *t, enum depth d)
{
    p->theme = *t;
    p->depth = d;
    memset(p->known, 0, sizeof p->known);
}

void painter_cleared(struct painter *p, int rows, int columns)
{
    size_t n = (size_t)rows * (size_t)columns;
    p->rows = rows;
    p->columns = columns;
    free(p->shown);
    free(p->next);
    p->shown = xcalloc(n, sizeof *p->shown);
    p->next = xcalloc(n, sizeof *p->next);
    for (size_t i = 0; i < n; i++) {
        p->shown[i] = SPACE;
    }
    p->pen = STYLE_PLAIN;
    p->row = p->column = UNKNOWN;
    p->cursor = false;
}

// --- cells

static struct painted_cell *line(const struct painter *p, struct painted_cell *cells, int row)
{
    return &cells[(size_t)row * (size_t)p->columns];
}

static bool same(const struct painted_cell *a, const struct painted_cell *b)
{
    return a->cp == b->cp && a->width == b->width && a->mark[0] == b->mark[0] &&
           a->mark[1] == b->mark[1] && style_equal(a->look, b->look);
}

// A space that shows only its background.
static bool is_blank(const struct painted_cell *c)
{
    return c->cp == ' ' && c->mark[0] == 0 && (c->look.attrs & STYLE_OF_SPACES) == 0;
}

static struct style look(struct painter *p, const struct grid_cell *cell)
{
    struct style *s = &p->look[cell->role][cell->over];
    if (!p->known[cell->role][cell->over]) {
        *s = pen_possible(p->codes, theme_cell(&p->theme, p->depth, (enum role)cell->role,
                                               (enum role)cell->over));
        p->known[cell->role][cell->over] = true;
    }
    if (!cell->underline) {
        return *s;
    }
    struct style underlined = *s;
    underlined.attrs |= STYLE_UNDERLINE;
    return pen_possible(p->codes, underlined);
}

static void take_cell(struct painter *p, const struct grid *g, int row, int column)
{
    const struct grid_cell *cell = grid_at(g, row, column);
    struct painted_cell *out = &line(p, p->next, row)[column];
    if (column + cell->width > p->columns) {
        return; // half of a wide character
    }
    *out = (struct painted_cell){.cp = cell->cp,
                                 .mark = {cell->mark[0], cell->mark[1]},
                                 .look = look(p, cell),
                                 .width = cell->width};
    if (is_blank(out)) {
        out->look = (struct style){.fg = -1, .bg = out->look.bg};
    }
    if (cell->width == 0 && column > 0) {
        out->look = out[-1].look;
    }
}

// What the terminal is to show.
static void take_grid(struct painter *p, const struct grid *g)
{
    for (int r = 0; r < p->rows; r++) {
        struct painted_cell *cells = line(p, p->next, r);
        for (int c = 0; c < p->columns; c++) {
            cells[c] = SPACE;
            if (r < g->rows && c < g->columns) {
                take_cell(p, g, r, c);
            }
        }
    }
    if (!p->codes->last_cell) {
        struct painted_cell *last = line(p, p->next, p->rows - 1) + p->columns - 1;
        *last = last->width == 0 ? *last : SPACE;
    }
}

// --- the pen

static void set_pen(struct painter *p, struct style s, struct buf *out)
{
    pen_change(p->codes, p->pen, s, out);
    p->pen = s;
}

// Whether a cell can be written with the attributes that are set.
static bool pen_suits(const struct painter *p, const struct painted_cell *c)
{
    return is_blank(c) ? p->pen.bg == c->look.bg && (p->pen.attrs & STYLE_OF_SPACES) == 0
                       : style_equal(p->pen, c->look);
}

// The look in which a cell is written: a space takes that of the text after it, if the difference is invisible.
static struct style look_to_write(const struct painted_cell *cells, int column, int columns)
{
    const struct style s = cells[column].look;
    if (!is_blank(&cells[column])) {
        return s;
    }
    for (int c = column; c < columns && cells[c].look.bg == s.bg; c++) {
        if (!is_blank(&cells[c])) {
            return (cells[c].look.attrs & STYLE_OF_SPACES) == 0 ? cells[c].look : s;
        }
    }
    return s;
}

static void put_cell(struct painter *p, const struct painted_cell *c, struct buf *out)
{
    char u[4];
    buf_add(out, u, utf8_put(c->cp, u));
    for (int i = 0; i < 2 && c->mark[i] != 0; i++) {
        buf_add(out, u, utf8_put(c->mark[i], u));
    }
    p->column += c->width;
    if (p->column >= p->columns) { // at the edge or in the next line, as the terminal has it
        p->row = p->column = UNKNOWN;
    }
}

// --- motions

struct motion {
    char text[64];
    size_t n; // MOTION_NONE: not possible in this way
};
#define MOTION_NONE SIZE_MAX

static void add_bytes(struct motion *m, const char *bytes, size_t n)
{
    if (m->n == MOTION_NONE || n >= sizeof m->text - m->n) {
        m->n = MOTION_NONE;
        return;
    }
    memcpy(m->text + m->n, bytes, n);
    m->n += n;
}

// A sequence with its parameters; NULL: there is no such way.
static void add_code(const struct painter *p, struct motion *m, const char *code, int a, int b)
{
    const char *s = code != NULL ? p->codes->param(code, a, b) : NULL;
    add_bytes(m, s, s != NULL ? strlen(s) : sizeof m->text);
}

static void choose(struct motion *best, const struct motion *other)
{
    if (other->n < best->n) {
        *best = *other;
    }
}

// Writes the cells between two columns again, if that needs no other attributes.
static void add_rewrite(const struct painter *p, struct motion *m, int row, int from, int to)
{
    const struct painted_cell *cells = line(p, p->next, row);
    for (int c = from; c < to && m->n != MOTION_NONE; c++) {
        char u[4];
        bool plain = cells[c].width == 1 && cells[c].mark[0] == 0 && pen_suits(p, &cells[c]);
        add_bytes(m, u, plain ? utf8_put(cells[c].cp, u) : sizeof m->text);
    }
}

static void add_forward(const struct painter *p, struct motion *m, int row, int from, int to)
{
    if (from == to) {
        return;
    }
    struct motion again = *m, column = *m;
    add_rewrite(p, &again, row, from, to);
    add_code(p, &column, p->codes->hpa, to, 0);
    add_code(p, m, p->codes->cuf, to - from, 0);
    choose(m, &column);
    choose(m, &again);
}

static void add_horizontal(const struct painter *p, struct motion *m, int row, int from, int to)
{
    struct motion start = *m;
    add_bytes(&start, "\r", 1);
    add_forward(p, &start, row, 0, to);
    if (from <= to) {
        add_forward(p, m, row, from, to);
    } else {
        add_code(p, m, p->codes->hpa, to, 0);
    }
    choose(m, &start);
}

static void add_vertical(const struct painter *p, struct motion *m, int from, int to)
{
    if (from == to) {
        return;
    }
    struct motion steps = *m;
    for (int i = from; i < to; i++) {
        add_code(p, &steps, p->codes->cud1, 0, 0);
    }
    add_code(p, m, p->codes->vpa, to, 0);
    if (from < to) {
        choose(m, &steps);
    }
}

static void go(struct painter *p, int row, int column, struct buf *out)
{
    if (p->row == row && p->column == column) {
        return;
    }
    if (!p->codes->msgr) {
        set_pen(p, STYLE_PLAIN, out);
    }
    struct motion best = {.n = 0};
    add_code(p, &best, p->codes->cup, row, column);
    if (p->row != UNKNOWN) {
        struct motion relative = {.n = 0};
        add_vertical(p, &relative, p->row, row);
        add_horizontal(p, &relative, row, p->column, column);
        choose(&best, &relative);
    }
    ASSERT(best.n != MOTION_NONE);
    buf_add(out, best.text, best.n);
    p->row = row;
    p->column = column;
}

// --- lines

// Where the spaces begin with which a line ends, such that they can be erased; `columns` where they cannot.
static int erasable_from(const struct painter *p, const struct painted_cell *cells)
{
    const struct painted_cell *last = &cells[p->columns - 1];
    if (p->codes->el == NULL || !is_blank(last) || (last->look.bg >= 0 && !p->codes->bce)) {
        return p->columns;
    }
    int c = p->columns - 1;
    while (c > 0 && same(&cells[c - 1], last)) {
        c--;
    }
    return c;
}

static bool differs(const struct painted_cell *a, const struct painted_cell *b, int column,
                    int columns)
{
    bool wide = a[column].width == 2 && column + 1 < columns;
    return !same(&a[column], &b[column]) || (wide && !same(&a[column + 1], &b[column + 1]));
}

// How many cells from a column on are others than those that are shown.
static int count_differing(const struct painter *p, const struct painted_cell *shown,
                           const struct painted_cell *next, int from)
{
    int n = 0;
    for (int c = from; c < p->columns; c++) {
        n += !same(&shown[c], &next[c]);
    }
    return n;
}

static void set_pen_for(struct painter *p, const struct painted_cell *cells, int column,
                        struct buf *out)
{
    if (!pen_suits(p, &cells[column])) {
        set_pen(p, look_to_write(cells, column, p->columns), out);
    }
}

// Erases from a column on, or from the cursor if that is between the first of the spaces and the column.
static void erase(struct painter *p, const struct painted_cell *next, int row, int column,
                  int erasable, struct buf *out)
{
    bool here = p->row == row && p->column >= erasable && p->column < column;
    if (!here) {
        go(p, row, column, out);
    }
    set_pen_for(p, next, column, out);
    buf_adds(out, p->codes->el);
}

static void paint_line(struct painter *p, int row, struct buf *out)
{
    const struct painted_cell *shown = line(p, p->shown, row), *next = line(p, p->next, row);
    int erasable = erasable_from(p, next);
    for (int c = 0; c<p->columns; c += next[c].width> 0 ? next[c].width : 1) {
        if (next[c].width == 0 || !differs(next, shown, c, p->columns)) {
            continue;
        }
        if (c >= erasable && count_differing(p, shown, next, c) >= (int)strlen(p->codes->el)) {
            erase(p, next, row, c, erasable, out);
            return;
        }
        go(p, row, c, out);
        set_pen_for(p, next, c, out);
        put_cell(p, &next[c], out);
    }
}

// --- scrolling

static uint64_t hash_line(const struct painter *p, const struct painted_cell *cells)
{
    uint64_t h = 0;
    for (int c = 0; c < p->columns; c++) {
        const struct painted_cell *x = &cells[c];
        uint64_t colours = (uint64_t)(uint16_t)x->look.fg << 16 | (uint16_t)x->look.bg;
        uint64_t attrs = (uint64_t)x->look.attrs << 8 | x->width;
        h = hash_mix(hash_mix(h, colours << 16 | attrs), (uint64_t)x->mark[0] << 32 | x->cp);
    }
    return h;
}

static struct line_scroll find_scroll(const struct painter *p)
{
    uint64_t *shown = xcalloc((size_t)p->rows * 2, sizeof *shown), *next = shown + p->rows;
    for (int r = 0; r < p->rows; r++) {
        shown[r] = hash_line(p, line(p, p->shown, r));
        next[r] = hash_line(p, line(p, p->next, r));
    }
    const struct line_scroll s = line_scroll_find(shown, next, p->rows);
    free(shown);
    return s;
}

// Moves the lines of what is shown; those that come in are empty.
static void move_lines(struct painter *p, int top, int bottom, int by)
{
    const size_t width = (size_t)p->columns * sizeof *p->shown;
    const int stay = bottom - top + 1 - abs(by), from = by > 0 ? top + by : top;
    const int to = by > 0 ? top : top - by, empty = by > 0 ? bottom + 1 - by : top;
    memmove(line(p, p->shown, to), line(p, p->shown, from), (size_t)stay * width);
    for (int r = empty; r < empty + abs(by); r++) {
        for (int c = 0; c < p->columns; c++) {
            line(p, p->shown, r)[c] = SPACE;
        }
    }
}

static int count_in_lines(const struct painter *p, int top, int bottom)
{
    int n = 0;
    for (int r = top; r <= bottom; r++) {
        n += count_differing(p, line(p, p->shown, r), line(p, p->next, r), 0);
    }
    return n;
}

static void send_scroll(struct painter *p, int top, int bottom, int by, struct buf *out)
{
    const struct terminal_codes *t = p->codes;
    set_pen(p, STYLE_PLAIN, out); // lines that come in would get the background
    buf_adds(out, t->param(t->csr, top, bottom));
    buf_adds(out, t->param(t->cup, by > 0 ? bottom : top, 0));
    for (int i = 0; i < abs(by); i++) {
        buf_adds(out, by > 0 ? t->ind : t->ri);
    }
    buf_adds(out, t->param(t->csr, 0, p->rows - 1));
    p->row = p->column = UNKNOWN;
}

// Moves lines of the terminal where that saves drawing them.
static void scroll(struct painter *p, struct buf *out)
{
    const struct terminal_codes *t = p->codes;
    if (t->csr == NULL || t->ind == NULL || t->ri == NULL) {
        return;
    }
    const struct line_scroll s = find_scroll(p);
    if (s.by == 0) {
        return;
    }
    const int top = s.by > 0 ? s.top : s.top + s.by;
    const int bottom = s.by > 0 ? s.bottom + s.by : s.bottom;
    const size_t n = (size_t)(bottom - top + 1) * (size_t)p->columns;
    struct painted_cell *before = xcalloc(n, sizeof *before);
    memcpy(before, line(p, p->shown, top), n * sizeof *before);
    int drawn = count_in_lines(p, top, bottom);
    move_lines(p, top, bottom, s.by);
    if (drawn - count_in_lines(p, top, bottom) > SCROLL_CELLS) {
        send_scroll(p, top, bottom, s.by, out);
    } else {
        memcpy(line(p, p->shown, top), before, n * sizeof *before);
    }
    free(before);
}

// --- frames

static void place_cursor(struct painter *p, const struct grid *g, struct buf *out)
{
    const struct terminal_codes *t = p->codes;
    bool visible = g->cursor_row >= 0 && g->cursor_row < p->rows && g->cursor_column >= 0 &&
                   g->cursor_column < p->columns;
    if (visible) {
        go(p, g->cursor_row, g->cursor_column, out);
    }
    if (visible != p->cursor) {
        buf_adds(out, str_or_empty(visible ? t->cnorm : t->civis));
        p->cursor = visible;
    }
}

void painter_show(struct painter *p, const struct grid *g, struct buf *out)
{
    if (p->rows == 0 || p->columns == 0) {
        return;
    }
    take_grid(p, g);
    if (count_in_lines(p, 0, p->rows - 1) > SCROLL_CELLS) {
        scroll(p, out);
    }
    for (int r = 0; r < p->rows; r++) {
        paint_line(p, r, out);
    }
    place_cursor(p, g, out);
    struct painted_cell *old = p->shown;
    p->shown = p->next;
    p->next = old;
}

void painter_rest(struct painter *p, struct buf *out)
{
    set_pen(p, STYLE_PLAIN, out);
}
