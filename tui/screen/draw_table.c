// SPDX-License-Identifier: Apache-2.0
// The table: titles, rows, the cursor; and why it is empty.
#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "tui/screen/ui_internal.h"

#include <string.h>

static void draw_titles(struct ui *ui, struct grid *g, int row, const struct page *p,
                        const int *width)
{
    int at = 1;
    for (int c = 0; c < p->view->ncolumns; c++) {
        if (width[c] <= 0) {
            continue;
        }
        const struct column *col = &p->view->columns[c];
        bool sorts = p->order.column == c;
        int w = text_width(col->title), room = width[c];
        const char *arrow =
            sorts ? glyph_text(p->order.descending ? GLYPH_DOWN : GLYPH_UP, ui->o.ascii) : "";
        int total = w + (sorts && w < room ? 1 : 0);
        int start = at + (col->align == ALIGN_RIGHT && total < room ? room - total : 0);
        int n = grid_put_cut(g, row, start, room, sorts ? ROLE_SORT : ROLE_TITLE, col->title);
        const char *letter = col->key != 0 ? strchr(col->title, col->key) : NULL;
        if (letter != NULL && letter - col->title < n) { // titles are ASCII
            grid_underline(g, row, start + (int)(letter - col->title));
        }
        if (n < room) {
            grid_put(g, row, start + n, 1, ROLE_SORT, arrow);
        }
        at += room + 1;
    }
}

// Highlights the words of the filter in a cell.
static void mark_words(struct grid *g, int row, int column, int width, const char *text,
                       const char *filter, struct arena *a)
{
    const char *low = str_lower(a, text);
    for (const char *w = filter; *w != '\0';) {
        size_t n = strcspn(w, " ");
        const char *word = n > 0 && w[0] != '!' ? str_lower(a, arena_strndup(a, w, n)) : NULL;
        for (const char *hit = word != NULL ? strstr(low, word) : NULL; hit != NULL;
             hit = strstr(hit + n, word)) {
            int begin = text_width(arena_strndup(a, low, (size_t)(hit - low)));
            int wide = text_width(word);
            if (begin < width) {
                grid_over(g, row, column + begin, wide < width - begin ? wide : width - begin,
                          ROLE_MATCH);
            }
        }
        w += n;
        w += strspn(w, " ");
    }
}

static void draw_row(struct grid *g, int row, const struct view *v, const struct view_args *args,
                     const void *r, const int *width, const char *filter)
{
    int at = 1;
    for (int c = 0; c < v->ncolumns; c++) {
        if (width[c] <= 0) {
            continue;
        }
        struct cell cell = v->columns[c].cell(args, r);
        int w = text_width(cell.text);
        int start = at + (v->columns[c].align == ALIGN_RIGHT && w < width[c] ? width[c] - w : 0);
        int room = at + width[c] - start;
        grid_put_cut(g, row, start, room, cell.role, cell.text);
        if (filter != NULL) {
            mark_words(g, row, start, room, cell.text, filter, args->arena);
        }
        at += width[c] + 1;
    }
}

// Chooses the first row shown such that the cursor's row is on the screen.
static void place_top(struct page *p, int height)
{
    uint32_t n = p->rows->table.n, h = (uint32_t)(height > 0 ? height : 0);
    p->height = height;
    if (h == 0) {
        return;
    }
    if (p->follow && !p->lost) {
        uint32_t line = p->follow_line < 0 ? 0 : (uint32_t)p->follow_line;
        line = line >= h ? h - 1 : line;
        p->top = p->index > line ? p->index - line : 0;
    }
    if (p->index < p->top) {
        p->top = p->index;
    }
    if (p->index >= p->top + h) {
        p->top = p->index - h + 1;
    }
    if (p->top + h > n) {
        p->top = n > h ? n - h : 0;
    }
}

// Why a kind that the table needs leaves it empty, NULL if it does not.
static const char *missing_kind(struct arena *a, enum kind k, const struct kind_state *s)
{
    const char *name = kinds[k].resource, *colon = s->reason[0] != '\0' ? ": " : "";
    switch (s->state) {
    case SYNC_FORBIDDEN:
        return arena_printf(a, "%s may not be read%s%s", name, colon, s->reason);
    case SYNC_NOT_INSTALLED:
        return arena_printf(a, "%s are not installed in this cluster", name);
    case SYNC_STALE:
        return s->synced ? NULL
                         : arena_printf(a, "%s could not be listed%s%s", name, colon, s->reason);
    case SYNC_SYNCING:
        return "loading";
    default:
        return NULL;
    }
}

static const char *empty_reason(struct ui *ui, const struct page *p)
{
    if (p->rows == NULL || ui->snap == NULL) {
        return "loading";
    }
    if (p->filter != NULL) {
        return "no row has these words; Esc clears the filter";
    }
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        bool needed = (p->view->needs & KIND_BIT(k)) != 0;
        const char *why = needed ? missing_kind(&ui->frame, k, &ui->snap->states[k]) : NULL;
        if (why != NULL) {
            return why;
        }
    }
    if (ui->ns != NULL) {
        return "nothing in this namespace; 0 shows all";
    }
    return p->view->npanels > 0 ? "nothing is wrong" : "nothing to show";
}

// Columns that had no room.
static int count_unseen(const struct ui *ui, const struct view *v, const int *width)
{
    int n = 0;
    for (int c = 0; c < v->ncolumns; c++) {
        n += width[c] == 0 && (ui->wide || !v->columns[c].wide);
    }
    return n;
}

static void lay_mark(struct ui *ui, struct grid *g, int row)
{
    grid_over(g, row, 0, g->columns, ROLE_MARK);
    grid_put(g, row, 0, 1, ROLE_MARK, glyph_text(GLYPH_MARK, ui->o.ascii));
}

// While a text pane has the focus the cursor is only a mark in the first column.
static void lay_cursor(struct ui *ui, struct grid *g, int row)
{
    grid_over(g, row, 0, g->columns, ROLE_CURSOR);
    if (ui_text_has_keys(ui)) {
        grid_over(g, row, 1, g->columns, ROLE_TEXT);
        grid_put(g, row, 0, 1, ROLE_CURSOR, glyph_text(GLYPH_CRUMB, ui->o.ascii));
    }
}

void draw_table(struct ui *ui, struct page *p, struct grid *g, int row, int height)
{
    if (height < 1) {
        return;
    }
    int *width = arena_calloc(&ui->frame, (size_t)p->view->ncolumns, sizeof *width);
    if (p->rows == NULL || p->rows->table.n == 0) {
        p->height = height - 1;
        grid_put_cut(g, row, 1, g->columns - 1, ROLE_DIM, empty_reason(ui, p));
        return;
    }
    place_top(p, height - 1);
    struct view_args args = built_rows_args(p->rows, &ui->frame, ui_now(ui));
    const struct table *t = &p->rows->table;
    uint32_t shown =
        t->n - p->top < (uint32_t)(height - 1) ? t->n - p->top : (uint32_t)(height - 1);
    table_widths(p->view, &args, t->at + p->top, shown, g->columns - 1, ui->wide, width);
    p->unseen = count_unseen(ui, p->view, width);
    draw_titles(ui, g, row, p, width);
    for (uint32_t i = 0; i < shown; i++) {
        int at = row + 1 + (int)i;
        const void *r = t->at[p->top + i];
        draw_row(g, at, p->view, &args, r, width, p->filter);
        const char *key = p->nmarks > 0 ? view_row_key(p->view, &args, r) : NULL;
        if (key != NULL && page_marked(p, key)) {
            lay_mark(ui, g, at);
        }
        if (p->top + i == p->index && !p->lost) {
            lay_cursor(ui, g, at);
        }
    }
}
