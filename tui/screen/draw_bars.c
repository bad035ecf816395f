// SPDX-License-Identifier: Apache-2.0
// The lines above and below the table: header, breadcrumb, footer.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "tui/screen/bindings.h"
#include "tui/screen/keys.h"
#include "tui/screen/ui_internal.h"

#include <stdio.h>
#include <string.h>

// One line, filled from both ends.
struct bar {
    struct grid *g;
    int row, left, right; // next free column; first taken one
    enum role over;
};

static struct bar bar_begin(struct grid *g, int row, enum role fill)
{
    grid_fill(g, row, 0, g->columns, fill);
    grid_over(g, row, 0, g->columns, fill);
    return (struct bar){g, row, 1, g->columns, fill};
}

static void bar_put(struct bar *b, enum role role, const char *text)
{
    int room = b->right - b->left - 1;
    int n = grid_put_cut(b->g, b->row, b->left, room, role, text);
    grid_over(b->g, b->row, b->left, n, role_is_bar(b->over) ? b->over : ROLE_TEXT);
    b->left += n;
}

// Two columns of space before what follows.
static void bar_gap(struct bar *b)
{
    b->left += 2;
}

static void bar_put_right(struct bar *b, enum role role, const char *text)
{
    int w = text_width(text);
    if (b->right - w - 2 < b->left) {
        return;
    }
    b->right -= w + 1;
    grid_put(b->g, b->row, b->right, w, role, text);
    grid_over(b->g, b->row, b->right, w, role_is_bar(b->over) ? b->over : ROLE_TEXT);
}

// 35000 as "35,000".
static const char *count_text(struct arena *a, long n)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%ld", n);
    size_t len = strlen(digits);
    char *out = arena_alloc(a, len * 2 + 1), *at = out;
    for (size_t i = 0; i < len; i++) {
        *at++ = digits[i];
        if ((len - i - 1) % 3 == 0 && i + 1 < len && digits[i] != '-') {
            *at++ = ',';
        }
    }
    return out;
}

void draw_rule(struct ui *ui, struct grid *g, int row, int column, int width, enum role role,
               const char *title)
{
    for (int c = 0; c < width; c++) {
        grid_put(g, row, column + c, 1, ROLE_BORDER, glyph_text(GLYPH_LINE, ui->o.ascii));
    }
    if (width > 6) {
        grid_put(g, row, column + 1, 1, ROLE_BORDER, " ");
        int n = grid_put_cut(g, row, column + 2, width - 4, role, title);
        grid_put(g, row, column + 2 + n, 1, ROLE_BORDER, " ");
    }
}

// --- header

static bool looks_like_production(const char *context)
{
    return str_contains_case(context, "prod") && !str_contains_case(context, "nonprod") &&
           !str_contains_case(context, "non-prod") && !str_contains_case(context, "preprod") &&
           !str_contains_case(context, "pre-prod");
}

static void put_connection(struct ui *ui, struct bar *b, bool right)
{
    const struct cluster_info *c = ui->snap != NULL ? &ui->snap->cluster : NULL;
    enum role role = ROLE_PENDING;
    const char *text;
    bool ascii = ui->o.ascii;
    struct arena *f = &ui->frame;
    if (c != NULL && c->from_files) {
        role = ROLE_OK;
        text = "from files";
    } else if (c != NULL && c->connected && c->connection[0] == '\0' && c->working[0] != '\0') {
        text = arena_printf(f, "%s working: %s", glyph_text(GLYPH_OFF, ascii), c->working);
    } else if (c != NULL && c->connected && c->connection[0] == '\0') {
        role = ROLE_OK;
        text = arena_printf(f, "%s connected", glyph_text(GLYPH_ON, ascii));
    } else if (c != NULL && c->connection[0] != '\0') {
        role = c->connected ? ROLE_WARNING : ROLE_BROKEN;
        text = arena_printf(f, "%s %s", glyph_text(GLYPH_BROKEN, ascii), c->connection);
    } else {
        text = arena_printf(f, "%s connecting", glyph_text(GLYPH_OFF, ascii));
    }
    if (right) {
        bar_put_right(b, role, text);
    } else {
        bar_gap(b);
        bar_put(b, role, text);
    }
}

static void put_labelled(struct bar *b, const char *label, enum role role, const char *text)
{
    if (text[0] != '\0') {
        bar_gap(b);
        bar_put(b, ROLE_HEADER, label);
        bar_put(b, role, text);
    }
}

void draw_cluster(struct ui *ui, struct grid *g, int row)
{
    struct bar b = bar_begin(g, row, ROLE_HEADER);
    bar_put(&b, ROLE_HEADER_TEXT, "gatetop");
    const struct cluster_info *c = ui->snap != NULL ? &ui->snap->cluster : NULL;
    if (c != NULL && c->context[0] != '\0') {
        bar_gap(&b);
        bar_put(&b, looks_like_production(c->context) ? ROLE_CONTEXT_PROD : ROLE_HEADER_TEXT,
                c->context);
    }
    // A fault of the connection is more important than the rest of the line.
    put_connection(ui, &b, c == NULL || (c->connection[0] == '\0' && c->working[0] == '\0'));
    if (c != NULL && g->columns >= 60) {
        if (strcmp(c->cluster, c->context) != 0) {
            put_labelled(&b, "cluster ", ROLE_HEADER_TEXT, c->cluster);
        }
        put_labelled(&b, "user ", ROLE_HEADER_TEXT, c->user);
        put_labelled(&b, "", ROLE_HEADER, c->version);
    }
}

// "loading virtualservices 400 of 10,000 +3"; how many kinds are stale or forbidden.
static void put_sync(struct ui *ui, struct bar *b)
{
    int loading = 0, stale = 0, forbidden = 0;
    const char *first = NULL;
    for (int k = 0; ui->snap != NULL && k < KIND_COUNT; k++) {
        const struct kind_state *s = &ui->snap->states[k];
        loading += s->state == SYNC_SYNCING;
        stale += s->state == SYNC_STALE;
        forbidden += s->state == SYNC_FORBIDDEN;
        if (s->state == SYNC_SYNCING && first == NULL) {
            first = s->expected >= 0
                        ? arena_printf(&ui->frame, "loading %s %s of %s", kinds[k].resource,
                                       count_text(&ui->frame, s->objects),
                                       count_text(&ui->frame, s->expected))
                        : arena_printf(&ui->frame, "loading %s %s", kinds[k].resource,
                                       count_text(&ui->frame, s->objects));
        }
    }
    if (first != NULL) {
        bar_gap(b);
        bar_put(b, ROLE_PENDING, first);
        if (loading > 1) {
            bar_put(b, ROLE_PENDING, arena_printf(&ui->frame, " +%d", loading - 1));
        }
    }
    if (stale > 0) {
        bar_gap(b);
        bar_put(b, ROLE_WARNING, str_plural(&ui->frame, stale, "kind stale", "kinds stale"));
    }
    if (forbidden > 0) {
        bar_gap(b);
        bar_put(b, ROLE_WARNING,
                str_plural(&ui->frame, forbidden, "kind forbidden", "kinds forbidden"));
    }
}

static void put_counts(struct ui *ui, struct bar *b)
{
    const struct page *p = ui_page(ui);
    static const enum verdict order[] = {VERDICT_BROKEN, VERDICT_WARNING, VERDICT_PENDING,
                                         VERDICT_OK, VERDICT_UNKNOWN};
    const struct verdict_counts *counts = p->rows == NULL        ? NULL
                                          : p->view->npanels > 0 ? &p->rows->apps
                                                                 : &p->rows->table.counts;
    if (counts != NULL && p->view->npanels > 0) {
        bar_gap(b);
        bar_put(b, ROLE_HEADER, "applications:");
    }
    for (size_t i = 0; counts != NULL && i < ARRAY_COUNT(order); i++) {
        uint32_t n = counts->n[order[i]];
        if (n > 0) {
            bar_gap(b);
            bar_put(b, role_of_verdict(order[i]),
                    arena_printf(&ui->frame, "%s %s", count_text(&ui->frame, n),
                                 verdict_name(order[i])));
        }
    }
}

static void put_flags(struct ui *ui, struct bar *b)
{
    const struct page *p = ui_page(ui);
    if (ui->paused) {
        bar_put_right(b, ROLE_WARNING, "PAUSED");
    }
    if (p->follow) {
        bar_put_right(b, ROLE_HEADER_TEXT, p->lost ? "FOLLOW (gone)" : "FOLLOW");
    }
}

void draw_state(struct ui *ui, struct grid *g, int row)
{
    struct bar b = bar_begin(g, row, ROLE_HEADER);
    put_flags(ui, &b);
    long n = ui->snap != NULL ? ui->snap->total : 0;
    bar_put(&b, ROLE_HEADER_TEXT, count_text(&ui->frame, n));
    bar_put(&b, ROLE_HEADER, n == 1 ? " object" : " objects");
    put_counts(ui, &b);
    put_sync(ui, &b);
}

// "Applications ▸ shop.example.com", then what narrows the rows, and how many there are.
void draw_crumbs(struct ui *ui, struct grid *g, int row, bool header)
{
    struct bar b = bar_begin(g, row, ROLE_TEXT);
    const struct page *p = ui_page(ui);
    if (!header) {
        put_flags(ui, &b);
    }
    if (p->rows != NULL) {
        uint32_t n = p->rows->table.n, all = p->rows->table.rows.n;
        bar_put_right(&b, ROLE_DIM,
                      n == all ? count_text(&ui->frame, n)
                               : arena_printf(&ui->frame, "%s of %s", count_text(&ui->frame, n),
                                              count_text(&ui->frame, all)));
    }
    for (int i = 0; i < ui->depth; i++) {
        if (i > 0) {
            bar_put(&b, ROLE_DIM,
                    arena_printf(&ui->frame, " %s ", glyph_text(GLYPH_CRUMB, ui->o.ascii)));
        }
        bool last = i + 1 == ui->depth;
        bar_put(&b, last ? ROLE_TITLE : ROLE_DIM, ui->stack[i]->view->title);
        if (ui->stack[i]->subject != NULL) {
            bar_put(&b, ROLE_DIM, " ");
            const char *label = ui->stack[i]->label;
            bar_put(&b, last ? ROLE_NAME : ROLE_DIM, label != NULL ? label : ui->stack[i]->subject);
        }
    }
    if (ui->ns != NULL) {
        bar_gap(&b);
        bar_put(&b, ROLE_DIM, "ns ");
        bar_put(&b, ROLE_NAME, ui->ns);
    }
    if (p->filter != NULL) {
        bar_gap(&b);
        bar_put(&b, ROLE_DIM, "/");
        bar_put(&b, ROLE_MATCH, p->filter);
    }
    if (p->nmarks > 0) {
        bar_gap(&b);
        bar_put(&b, ROLE_MARK, arena_printf(&ui->frame, "%u marked", (unsigned)p->nmarks));
    }
}

// --- footer

static void draw_hints(struct ui *ui, struct grid *g, int row)
{
    struct bar b = bar_begin(g, row, ROLE_FOOTER);
    enum key_context context = ui->help || ui_text_has_keys(ui) ? IN_TEXT : IN_TABLE;
    bool searching = ui->help ? ui->help_pane.search != NULL
                              : ui_text(ui) != NULL && ui_text(ui)->pane.search != NULL;
    int unseen = ui_page(ui)->unseen;
    if (ui->wide && unseen > 0 && context == IN_TABLE) { // 'w' could not show all columns
        bar_put(&b, ROLE_DIM,
                str_plural(&ui->frame, unseen, "column without room", "columns without room"));
        bar_gap(&b);
    }
    for (size_t i = 0; i < binding_count; i++) {
        if ((bindings[i].contexts & (unsigned)context) == 0 || bindings[i].hint == NULL ||
            (bindings[i].hint_in_search && !searching)) {
            continue;
        }
        const char *k = bindings[i].keys;
        const char *key = key_text(&ui->frame, key_parse(k, strcspn(k, " ")));
        int need = text_width(key) + 1 + text_width(bindings[i].hint);
        if (b.left + need >= g->columns) {
            continue;
        }
        bar_put(&b, ROLE_KEY, key);
        bar_put(&b, ROLE_FOOTER, " ");
        bar_put(&b, ROLE_FOOTER, bindings[i].hint);
        bar_gap(&b);
    }
}

void draw_footer(struct ui *ui, struct grid *g, int row)
{
    static const char *const labels[PROMPT_KIND_COUNT] = {
        [PROMPT_NONE] = "",    [PROMPT_COMMAND] = ":",    [PROMPT_FILTER] = "/",
        [PROMPT_SEARCH] = "/", [PROMPT_TRACE] = "trace ",
    };
    if (ui->prompt.kind != PROMPT_NONE && ui->message[0] == '\0') {
        prompt_draw(&ui->prompt, g, row, labels[ui->prompt.kind]);
    } else if (ui->message[0] != '\0') {
        struct bar b = bar_begin(g, row, ROLE_FOOTER);
        bar_put(&b, ui->message_role, ui->message);
    } else {
        draw_hints(ui, g, row);
    }
}
