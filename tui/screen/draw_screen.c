// SPDX-License-Identifier: Apache-2.0
// The screen, drawn into the grid: bars, table, text panes, help.
#include "kube/base/arena.h"

#include "tui/screen/ui_internal.h"

enum {
    SPLIT_MIN_ROWS = 16, // of the body, for details below the table
    HELP_WIDTH = 78,
};

// --- panes

static const char *text_title(struct ui *ui, const struct text_page *t)
{
    static const char *const what[] = {[TEXT_DETAIL] = "details",
                                       [TEXT_YAML] = "yaml",
                                       [TEXT_TRACE] = "trace",
                                       [TEXT_CONTEXTS] = "contexts"};
    const char *title = t->title != NULL
                            ? arena_printf(&ui->frame, "%s of %s", what[t->kind], t->title)
                            : what[t->kind];
    if (t->gone) {
        title = arena_printf(&ui->frame, "%s (gone)", title);
    }
    if (t->pane.search != NULL) {
        uint32_t n = pane_hits(&t->pane);
        title = arena_printf(&ui->frame, "%s  /%s: %u line%s", title, t->pane.search, (unsigned)n,
                             n == 1 ? "" : "s");
    }
    return title;
}

static void draw_text(struct ui *ui, struct grid *g, int row, int height)
{
    struct text_page *t = ui_text(ui);
    ui_refresh_text(ui, t);
    bool focus = ui_text_has_keys(ui);
    draw_rule(ui, g, row, 0, g->columns, focus ? ROLE_TITLE : ROLE_DIM, text_title(ui, t));
    if (t->pending) {
        grid_put(g, row + 1, 1, g->columns - 1, ROLE_DIM, "waiting for the server");
    } else {
        pane_draw(&t->pane, g, row + 1, 1, height - 1, g->columns - 1);
    }
}

// Draws the help as a box over the middle of the screen; the screen behind it stays live.
static void draw_help(struct ui *ui, struct grid *g, int row, int height)
{
    help_pane_fill(ui);
    int width = g->columns < HELP_WIDTH + 4 ? g->columns : HELP_WIDTH;
    int left = (g->columns - width) / 2;
    int tall = height > 6 ? height - 2 : height;
    int top = row + (height - tall) / 2;
    const char *side = glyph_text(GLYPH_BAR, ui->o.ascii);
    for (int r = top; r < top + tall; r++) {
        grid_fill(g, r, left, width, ROLE_TEXT);
        grid_put(g, r, left, 1, ROLE_BORDER, side);
        grid_put(g, r, left + width - 1, 1, ROLE_BORDER, side);
    }
    draw_rule(ui, g, top, left, width, ROLE_TITLE, "help: q closes");
    int last = tall > 4 ? 1 : 0;
    if (last > 0) {
        draw_rule(ui, g, top + tall - 1, left, width, ROLE_DIM, "j k Space scroll, / searches");
    }
    pane_draw(&ui->help_pane, g, top + 1, left + 2, tall - 1 - last, width - 4);
}

void draw_screen(struct ui *ui, struct grid *g)
{
    grid_blank(g);
    if (g->rows < SCREEN_MIN_ROWS || g->columns < SCREEN_MIN_COLUMNS) {
        grid_put(g, 0, 0, g->columns, ROLE_TEXT,
                 arena_printf(&ui->frame, "%dx%d: needs 20x5", g->columns, g->rows));
        return;
    }
    int row = 0;
    if (!ui->header_hidden && g->rows >= 12) {
        draw_cluster(ui, g, row++);
        draw_state(ui, g, row++);
    } else if (!ui->header_hidden && g->rows >= 8) {
        draw_cluster(ui, g, row++);
    }
    draw_crumbs(ui, g, row, row > 1);
    row++;
    int body = g->rows - row - 1;
    const struct text_page *t = ui_text(ui);
    if (t == NULL) {
        draw_home(ui, g, row, body);
    } else if (t->kind == TEXT_DETAIL && body >= SPLIT_MIN_ROWS) {
        int below = body / 2 + 1;
        draw_table(ui, ui_page(ui), g, row, body - below);
        draw_text(ui, g, row + body - below, below);
    } else {
        draw_text(ui, g, row, body);
    }
    if (ui->help) {
        draw_help(ui, g, row, body);
    }
    draw_footer(ui, g, g->rows - 1);
}
