// SPDX-License-Identifier: Apache-2.0
// The body of the screen: a table, the panels of its view below it, the explanation of the row under the cursor, and
// on a wide screen another table beside them.
#include "kube/base/arena.h"
#include "kube/base/array.h"

#include "tui/screen/line_wrap.h"
#include "tui/screen/ui_internal.h"

#include <string.h>

enum {
    EXPLAIN_AGAIN_S =
        10,          // the explanation of a row holds for so long, unless its rows are built anew
    TABLE_MIN = 5,   // lines that a table keeps, its titles included
    PANEL_ROWS = 16, // lines of the lists for each line that a panel has at least
    MARGIN = 1,      // columns
};

// --- the explanation

static const struct text_block *explanation(struct ui *ui)
{
    struct explained *x = &ui->explained;
    const struct page *p = ui_page(ui);
    if (p->view->explain == NULL || p->rows == NULL || p->index >= p->rows->table.n || p->lost) {
        return NULL;
    }
    const int64_t now = ui_now(ui);
    if (x->rows == p->rows && x->index == p->index && now < x->until &&
        now >= x->until - EXPLAIN_AGAIN_S) {
        return &x->text;
    }
    arena_clear(&x->arena);
    block_init(&x->text, &x->arena);
    const struct view_args args = built_rows_args(p->rows, &x->arena, now);
    p->view->explain(&args, p->rows->table.at[p->index], &x->text);
    x->rows = p->rows;
    x->index = p->index;
    x->until = now + EXPLAIN_AGAIN_S;
    return &x->text;
}

// A text with its lines broken into rows.
struct wrapped_text {
    struct wrap_line *line;
    struct wrap_rows *rows;
    uint32_t n;
    int height; // rows of all lines
};

static struct wrapped_text wrap_text(struct arena *a, const struct text_block *b, int width)
{
    struct wrapped_text t = {.line = arena_calloc(a, b->n, sizeof *t.line),
                             .rows = arena_calloc(a, b->n, sizeof *t.rows),
                             .n = b->n};
    for (uint32_t i = 0; i < b->n; i++) {
        t.line[i] = wrap_chars(a, &b->at[i], NULL);
        t.rows[i] = wrap_rows_break(a, &t.line[i], width);
        t.height += (int)t.rows[i].n;
    }
    return t;
}

// Draws the first `height` rows of a text.
static void draw_wrapped(const struct wrapped_text *t, struct grid *g, int row, int height)
{
    int at = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        for (uint32_t k = 0; k < t->rows[i].n && at < height; k++, at++) {
            const struct wrap_row *r = &t->rows[i].at[k];
            wrap_draw(&t->line[i], r->from, r->to, g, row + at, MARGIN + r->indent,
                      g->columns - MARGIN - r->indent);
        }
    }
}

// --- panels

static void draw_spans(struct grid *g, int row, const struct text_line *l)
{
    int at = MARGIN;
    for (uint32_t i = 0; i < l->n; i++) {
        at += grid_put_cut(g, row, at, g->columns - at, l->at[i].role, l->at[i].text);
    }
}

static void draw_panel(struct ui *ui, struct grid *g, int row, int height,
                       const struct view_panel *panel, const struct text_block *text)
{
    const char *title =
        (int)text->n < height
            ? arena_concat(&ui->frame, panel->title, ": ", panel->note, NULL)
            : arena_printf(&ui->frame, "%s: %d of %u", panel->title, height - 1, (unsigned)text->n);
    draw_rule(ui, g, row, 0, g->columns, ROLE_TITLE, title);
    for (int i = 0; i + 1 < height && i < (int)text->n; i++) {
        draw_spans(g, row + 1 + i, &text->at[i]);
    }
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

// The lines of a panel that has n, where there is room for `room`: with its title, none without a line.
static int panel_height(uint32_t n, int room)
{
    const int height = smaller((int)n + 1, room);
    return n > 0 && height > 1 ? height : 0;
}

// Draws the table and its panels.
static void draw_lists(struct ui *ui, struct grid *g, int row, int height)
{
    struct page *p = ui_page(ui);
    const int npanels = p->rows != NULL ? p->view->npanels : 0;
    const int each = 2 + height / PANEL_ROWS;
    int least = 0; // what all panels are to have
    for (int i = 0; i < npanels; i++) {
        least += panel_height(p->rows->panels[i].n, each);
    }
    const int wanted = p->rows != NULL && p->rows->table.n > 0 ? (int)p->rows->table.n + 1 : 1;
    int table = height - least > TABLE_MIN ? height - least : smaller(height, TABLE_MIN);
    table = npanels > 0 ? smaller(wanted, table) : height;
    draw_table(ui, p, g, row, table);
    int left = height - table;
    for (int i = 0; i < npanels; i++) {
        least -= panel_height(p->rows->panels[i].n, each);
        const int room = left > least ? left - least : 0;
        const int h = panel_height(p->rows->panels[i].n, room);
        if (h > 0) {
            draw_panel(ui, g, row + height - left, h, &p->view->panels[i], &p->rows->panels[i]);
        }
        left -= h;
    }
}

// --- all of it

static void draw_column(struct ui *ui, struct grid *g, int row, int height)
{
    const struct text_block *why = explanation(ui);
    int below = 0;
    struct wrapped_text t = {0};
    if (why != NULL && why->n > 0 && height > TABLE_MIN + 2) {
        t = wrap_text(&ui->frame, why, g->columns - 2 * MARGIN);
        below = smaller(t.height + 1, height - TABLE_MIN);
    }
    draw_lists(ui, g, row, height - below);
    if (below > 0) {
        const struct page *p = ui_page(ui);
        const struct view_args args = built_rows_args(p->rows, &ui->frame, ui_now(ui));
        const void *r = p->rows->table.at[p->index];
        draw_rule(ui, g, row + height - below, 0, g->columns, ROLE_TITLE,
                  ui_row_title(ui, &args, r, view_row_key(p->view, &args, r)));
        draw_wrapped(&t, g, row + height - below + 1, below - 1);
    }
}

// Copies the part of the screen that was drawn aside.
static void put_part(const struct grid *part, struct grid *g, int row, int column)
{
    for (int r = 0; r < part->rows; r++) {
        memcpy(grid_at(g, row + r, column), grid_at(part, r, 0),
               (size_t)part->columns * sizeof(struct grid_cell));
    }
}

static void draw_beside(struct ui *ui, struct grid *g, struct built_rows *rows)
{
    struct page *p = ui->beside;
    *p = (struct page){.view = rows->job.view,
                       .order = rows->job.order,
                       .rows = rows,
                       .lost = true, // no cursor
                       .top = p->top};
    draw_rule(ui, g, 0, 0, g->columns, ROLE_TITLE, p->view->title);
    draw_table(ui, p, g, 1, g->rows - 1);
}

void draw_home(struct ui *ui, struct grid *g, int row, int height)
{
    struct built_rows *rows = ui_page(ui)->rows;
    if (g->columns < BESIDE_MIN_COLUMNS || rows == NULL || rows->beside == NULL || height < 1) {
        draw_column(ui, g, row, height);
        return;
    }
    const int left = g->columns * 11 / 20, right = g->columns - left - 1;
    ui->part.ascii = g->ascii;
    grid_resize(&ui->part, height, left);
    draw_column(ui, &ui->part, 0, height);
    put_part(&ui->part, g, row, 0);
    for (int r = 0; r < height; r++) {
        grid_put(g, row + r, left, 1, ROLE_BORDER, glyph_text(GLYPH_BAR, ui->o.ascii));
    }
    grid_resize(&ui->part, height, right);
    draw_beside(ui, &ui->part, rows->beside);
    put_part(&ui->part, g, row, left + 1);
}
