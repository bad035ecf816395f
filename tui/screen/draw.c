// SPDX-License-Identifier: Apache-2.0
// The screen, drawn into the grid: header, breadcrumb, table, panes, footer.
#include "kube/base/text.h"

#include "tui/screen/app_internal.h"
#include "tui/screen/command_line.h"

#include <stdio.h>
#include <string.h>

#define SPLIT_MIN_ROWS 16 // of the body, for a detail pane below the table
#define HELP_WIDTH 78

// A bar is written from the left and, with the rest, from the right.
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

// Two columns of space, where something follows.
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

// --- header

static bool looks_like_production(const char *context)
{
    return str_contains_case(context, "prod") && !str_contains_case(context, "nonprod") &&
           !str_contains_case(context, "non-prod") && !str_contains_case(context, "preprod") &&
           !str_contains_case(context, "pre-prod");
}

static void put_connection(struct app *a, struct bar *b, bool right)
{
    const struct cluster_info *c = a->snap != NULL ? &a->snap->cluster : NULL;
    enum role role = ROLE_PENDING;
    const char *text;
    bool ascii = a->o.ascii;
    struct arena *f = &a->frame;
    if (c != NULL && c->from_files) {
        role = ROLE_OK;
        text = "from files";
    } else if (c != NULL && c->connected && c->connection[0] == '\0') {
        role = ROLE_OK;
        text = arena_printf(f, "%s connected", glyph(GLYPH_ON, ascii));
    } else if (c != NULL && c->connection[0] != '\0') {
        role = c->connected ? ROLE_WARNING : ROLE_BROKEN;
        text = arena_printf(f, "%s %s", glyph(GLYPH_BROKEN, ascii), c->connection);
    } else {
        text = arena_printf(f, "%s connecting", glyph(GLYPH_OFF, ascii));
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

static void draw_cluster(struct app *a, struct grid *g, int row)
{
    struct bar b = bar_begin(g, row, ROLE_HEADER);
    bar_put(&b, ROLE_HEADER_TEXT, "gatetop");
    const struct cluster_info *c = a->snap != NULL ? &a->snap->cluster : NULL;
    if (c != NULL && c->context[0] != '\0') {
        bar_gap(&b);
        bar_put(&b, looks_like_production(c->context) ? ROLE_CONTEXT_PROD : ROLE_HEADER_TEXT,
                c->context);
    }
    // What is wrong with the connection goes before the rest.
    put_connection(a, &b, c == NULL || c->connection[0] == '\0');
    if (c != NULL && g->columns >= 60) {
        if (strcmp(c->cluster, c->context) != 0) {
            put_labelled(&b, "cluster ", ROLE_HEADER_TEXT, c->cluster);
        }
        put_labelled(&b, "user ", ROLE_HEADER_TEXT, c->user);
        put_labelled(&b, "", ROLE_HEADER, c->version);
    }
}

// "loading virtualservices 400/10,000 +3"; what is stale or may not be read.
static void put_sync(struct app *a, struct bar *b)
{
    int loading = 0, stale = 0, forbidden = 0;
    const char *first = NULL;
    for (int k = 0; a->snap != NULL && k < KIND_COUNT; k++) {
        const struct kind_state *s = &a->snap->states[k];
        loading += s->state == SYNC_SYNCING;
        stale += s->state == SYNC_STALE;
        forbidden += s->state == SYNC_FORBIDDEN;
        if (s->state == SYNC_SYNCING && first == NULL) {
            first = s->expected >= 0
                        ? arena_printf(&a->frame, "loading %s %s of %s", kinds[k].resource,
                                       count_text(&a->frame, s->objects),
                                       count_text(&a->frame, s->expected))
                        : arena_printf(&a->frame, "loading %s %s", kinds[k].resource,
                                       count_text(&a->frame, s->objects));
        }
    }
    if (first != NULL) {
        bar_gap(b);
        bar_put(b, ROLE_PENDING, first);
        if (loading > 1) {
            bar_put(b, ROLE_PENDING, arena_printf(&a->frame, " +%d", loading - 1));
        }
    }
    if (stale > 0) {
        bar_gap(b);
        bar_put(b, ROLE_WARNING, str_plural(&a->frame, stale, "kind stale", "kinds stale"));
    }
    if (forbidden > 0) {
        bar_gap(b);
        bar_put(b, ROLE_WARNING,
                str_plural(&a->frame, forbidden, "kind forbidden", "kinds forbidden"));
    }
}

static void put_counts(struct app *a, struct bar *b)
{
    const struct page *p = app_page(a);
    static const enum verdict order[] = {VERDICT_BROKEN, VERDICT_WARNING, VERDICT_PENDING,
                                         VERDICT_OK, VERDICT_UNKNOWN};
    for (size_t i = 0; p->rows != NULL && i < sizeof order / sizeof *order; i++) {
        uint32_t n = p->rows->table.counts.n[order[i]];
        if (n > 0) {
            bar_gap(b);
            bar_put(
                b, role_of_verdict(order[i]),
                arena_printf(&a->frame, "%s %s", count_text(&a->frame, n), verdict_name(order[i])));
        }
    }
}

static void put_flags(struct app *a, struct bar *b)
{
    const struct page *p = app_page(a);
    if (a->paused) {
        bar_put_right(b, ROLE_WARNING, "PAUSED");
    }
    if (p->follow) {
        bar_put_right(b, ROLE_HEADER_TEXT, p->lost ? "FOLLOW (gone)" : "FOLLOW");
    }
}

static void draw_state(struct app *a, struct grid *g, int row)
{
    struct bar b = bar_begin(g, row, ROLE_HEADER);
    put_flags(a, &b);
    long n = a->snap != NULL ? a->snap->total : 0;
    bar_put(&b, ROLE_HEADER_TEXT, count_text(&a->frame, n));
    bar_put(&b, ROLE_HEADER, n == 1 ? " object" : " objects");
    put_counts(a, &b);
    put_sync(a, &b);
}

// "Applications ▸ shop.example.com", then what narrows the rows, and how many they are.
static void draw_crumbs(struct app *a, struct grid *g, int row, bool header)
{
    struct bar b = bar_begin(g, row, ROLE_TEXT);
    const struct page *p = app_page(a);
    if (!header) {
        put_flags(a, &b);
    }
    if (p->rows != NULL) {
        uint32_t n = p->rows->table.n, all = p->rows->table.rows.n;
        bar_put_right(&b, ROLE_DIM,
                      n == all ? count_text(&a->frame, n)
                               : arena_printf(&a->frame, "%s of %s", count_text(&a->frame, n),
                                              count_text(&a->frame, all)));
    }
    for (int i = 0; i < a->depth; i++) {
        if (i > 0) {
            bar_put(&b, ROLE_DIM, arena_printf(&a->frame, " %s ", glyph(GLYPH_CRUMB, a->o.ascii)));
        }
        bool last = i + 1 == a->depth;
        bar_put(&b, last ? ROLE_TITLE : ROLE_DIM, a->stack[i]->view->title);
        if (a->stack[i]->subject != NULL) {
            bar_put(&b, ROLE_DIM, " ");
            const char *label = a->stack[i]->label;
            bar_put(&b, last ? ROLE_NAME : ROLE_DIM, label != NULL ? label : a->stack[i]->subject);
        }
    }
    if (a->ns != NULL) {
        bar_gap(&b);
        bar_put(&b, ROLE_DIM, "ns ");
        bar_put(&b, ROLE_NAME, a->ns);
    }
    if (p->filter != NULL) {
        bar_gap(&b);
        bar_put(&b, ROLE_DIM, "/");
        bar_put(&b, ROLE_MATCH, p->filter);
    }
    if (p->nmarks > 0) {
        bar_gap(&b);
        bar_put(&b, ROLE_MARK, arena_printf(&a->frame, "%u marked", (unsigned)p->nmarks));
    }
}

// --- table

static void draw_titles(struct app *a, struct grid *g, int row, const struct page *p,
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
            sorts ? glyph(p->order.descending ? GLYPH_DOWN : GLYPH_UP, a->o.ascii) : "";
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

// Lays the look of a hit over the words of the filter, where they stand in a cell.
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

// Puts the cursor's row on the screen.
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

static const char *empty_reason(struct app *a, const struct page *p)
{
    if (p->rows == NULL || a->snap == NULL) {
        return "loading";
    }
    if (p->filter != NULL) {
        return "no row has these words; Esc clears the filter";
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *s = &a->snap->states[k];
        bool needed = (p->view->needs & KIND_BIT(k)) != 0;
        if (needed && s->state == SYNC_FORBIDDEN) {
            return arena_printf(&a->frame, "%s may not be read%s%s", kinds[k].resource,
                                s->reason[0] != '\0' ? ": " : "", s->reason);
        }
        if (needed && s->state == SYNC_NOT_INSTALLED) {
            return arena_printf(&a->frame, "%s are not installed in this cluster",
                                kinds[k].resource);
        }
        if (needed && !s->synced && s->state == SYNC_STALE) {
            return arena_printf(&a->frame, "%s could not be listed%s%s", kinds[k].resource,
                                s->reason[0] != '\0' ? ": " : "", s->reason);
        }
        if (needed && s->state == SYNC_SYNCING) {
            return "loading";
        }
    }
    return a->ns != NULL ? "nothing in this namespace; 0 shows all" : "nothing to show";
}

static void draw_table(struct app *a, struct grid *g, int row, int height)
{
    struct page *p = app_page(a);
    if (height < 1) {
        return;
    }
    int *width = arena_alloc(&a->frame, ((size_t)p->view->ncolumns + 1) * sizeof *width);
    if (p->rows == NULL || p->rows->table.n == 0) {
        p->height = height - 1;
        grid_put_cut(g, row, 1, g->columns - 1, ROLE_DIM, empty_reason(a, p));
        return;
    }
    place_top(p, height - 1);
    struct view_args args = rows_args(p->rows, &a->frame, app_now(a));
    const struct table *t = &p->rows->table;
    uint32_t shown =
        t->n - p->top < (uint32_t)(height - 1) ? t->n - p->top : (uint32_t)(height - 1);
    table_widths(p->view, &args, t->at + p->top, shown, g->columns - 1, a->wide, width);
    p->unseen = 0;
    for (int c = 0; c < p->view->ncolumns; c++) {
        p->unseen += width[c] == 0 && (a->wide || !p->view->columns[c].wide);
    }
    draw_titles(a, g, row, p, width);
    bool focus = !app_text_has_keys(a);
    for (uint32_t i = 0; i < shown; i++) {
        int at = row + 1 + (int)i;
        const void *r = t->at[p->top + i];
        draw_row(g, at, p->view, &args, r, width, p->filter);
        const char *key = p->nmarks > 0 ? view_row_key(p->view, &args, r) : NULL;
        if (key != NULL && page_marked(p, key)) {
            grid_over(g, at, 0, g->columns, ROLE_MARK);
            grid_put(g, at, 0, 1, ROLE_MARK, glyph(GLYPH_MARK, a->o.ascii));
        }
        if (p->top + i == p->index && !p->lost) {
            grid_over(g, at, focus ? 0 : 0, g->columns, ROLE_CURSOR);
            if (!focus) { // the cursor's row stays visible but steps back
                grid_over(g, at, 1, g->columns, ROLE_TEXT);
                grid_put(g, at, 0, 1, ROLE_CURSOR, glyph(GLYPH_CRUMB, a->o.ascii));
            }
        }
    }
}

// --- panes

static void draw_rule(struct app *a, struct grid *g, int row, int column, int width, enum role role,
                      const char *title)
{
    for (int c = 0; c < width; c++) {
        grid_put(g, row, column + c, 1, ROLE_BORDER, glyph(GLYPH_LINE, a->o.ascii));
    }
    if (width > 6) {
        grid_put(g, row, column + 1, 1, ROLE_BORDER, " ");
        int n = grid_put_cut(g, row, column + 2, width - 4, role, title);
        grid_put(g, row, column + 2 + n, 1, ROLE_BORDER, " ");
    }
}

static const char *text_title(struct app *a, const struct text_page *t)
{
    static const char *const what[] = {"details", "yaml", "trace", "contexts"};
    const char *title = t->title != NULL
                            ? arena_printf(&a->frame, "%s of %s", what[t->kind], t->title)
                            : what[t->kind];
    if (t->gone) {
        title = arena_printf(&a->frame, "%s (gone)", title);
    }
    if (t->pane.search != NULL) {
        uint32_t n = pane_hits(&t->pane);
        title = arena_printf(&a->frame, "%s  /%s: %u line%s", title, t->pane.search, (unsigned)n,
                             n == 1 ? "" : "s");
    }
    return title;
}

static void draw_text(struct app *a, struct grid *g, int row, int height)
{
    struct text_page *t = app_text(a);
    app_refresh_text(a, t);
    bool focus = app_text_has_keys(a);
    draw_rule(a, g, row, 0, g->columns, focus ? ROLE_TITLE : ROLE_DIM, text_title(a, t));
    if (t->pending) {
        grid_put(g, row + 1, 1, g->columns - 1, ROLE_DIM, "asking the server");
    } else {
        pane_draw(&t->pane, g, row + 1, 1, height - 1, g->columns - 1);
    }
}

void draw_help_text(struct app *a)
{
    static const struct {
        enum key_context context;
        const char *title;
    } parts[] = {{IN_TABLE, "Keys in tables"},
                 {IN_TEXT, "Keys in details, YAML, traces and this help"},
                 {IN_PROMPT, "Keys while typing a line"}};
    struct text_block *b = pane_begin(&a->help_pane);
    const struct view *v = app_page(a)->view;
    block_line(b);
    block_put(b, ROLE_TITLE, "%s", v->title);
    block_line(b);
    block_put(b, ROLE_TEXT, "%s", v->help);
    block_line(b);
    block_line(b);
    block_put(b, ROLE_TITLE, "Columns, and the letter that sorts by each");
    for (int c = 0; c < v->ncolumns; c++) {
        block_line(b);
        char letter[2] = {v->columns[c].key, '\0'};
        block_put(b, ROLE_KEY, "  %-1s ", letter);
        block_put(b, ROLE_NAME, "%-15s ", v->columns[c].title);
        block_put(b, ROLE_TEXT, "%s", v->columns[c].help);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        block_line(b);
        block_line(b);
        block_put(b, ROLE_TITLE, "%s", parts[i].title);
        for (int k = 0; k < nbindings; k++) {
            if ((bindings[k].contexts & (unsigned)parts[i].context) != 0) {
                block_line(b);
                block_put(b, ROLE_KEY, "  %-17s ", binding_keys(&a->frame, &bindings[k]));
                block_put(b, ROLE_TEXT, "%s", bindings[k].help);
            }
        }
    }
    block_line(b);
    block_line(b);
    block_put(b, ROLE_TITLE, "After ':'");
    for (const struct view *const *at = a->views; *at != NULL; at++) {
        block_line(b);
        block_put(b, ROLE_KEY, "  %-17s ", (*at)->name);
        block_put(b, ROLE_TEXT, "%s", (*at)->help);
    }
    for (int i = 0; i < ncommands; i++) {
        block_line(b);
        block_put(b, ROLE_KEY, "  %-17s ",
                  arena_printf(&a->frame, "%s %s", commands[i].name, commands[i].args));
        block_put(b, ROLE_TEXT, "%s", commands[i].help);
    }
    pane_end(&a->help_pane);
}

// A box over the middle of the screen; what is behind goes on.
static void draw_help(struct app *a, struct grid *g, int row, int height)
{
    draw_help_text(a);
    int width = g->columns < HELP_WIDTH + 4 ? g->columns : HELP_WIDTH;
    int left = (g->columns - width) / 2;
    int tall = height > 6 ? height - 2 : height;
    int top = row + (height - tall) / 2;
    const char *side = glyph(GLYPH_BAR, a->o.ascii);
    for (int r = top; r < top + tall; r++) {
        grid_fill(g, r, left, width, ROLE_TEXT);
        grid_put(g, r, left, 1, ROLE_BORDER, side);
        grid_put(g, r, left + width - 1, 1, ROLE_BORDER, side);
    }
    draw_rule(a, g, top, left, width, ROLE_TITLE, "help: q closes");
    int last = tall > 4 ? 1 : 0;
    if (last > 0) {
        draw_rule(a, g, top + tall - 1, left, width, ROLE_DIM, "j k Space scroll, / searches");
    }
    pane_draw(&a->help_pane, g, top + 1, left + 2, tall - 1 - last, width - 4);
}

// --- footer

static void draw_hints(struct app *a, struct grid *g, int row)
{
    struct bar b = bar_begin(g, row, ROLE_FOOTER);
    enum key_context context = a->help || app_text_has_keys(a) ? IN_TEXT : IN_TABLE;
    bool searching = a->help ? a->help_pane.search != NULL
                             : app_text(a) != NULL && app_text(a)->pane.search != NULL;
    int unseen = app_page(a)->unseen;
    if (a->wide && unseen > 0 && context == IN_TABLE) { // 'w' has shown nothing new, or not all
        bar_put(&b, ROLE_DIM,
                str_plural(&a->frame, unseen, "column without room", "columns without room"));
        bar_gap(&b);
    }
    for (int i = 0; i < nbindings; i++) {
        if ((bindings[i].contexts & (unsigned)context) == 0 || bindings[i].hint == NULL ||
            (bindings[i].command == CMD_NEXT_HIT && !searching)) {
            continue;
        }
        const char *k = bindings[i].keys;
        const char *key = key_text(&a->frame, key_parse(k, strcspn(k, " ")));
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

static void draw_footer(struct app *a, struct grid *g, int row)
{
    static const char *const labels[] = {"", ":", "/", "/", "trace "};
    if (a->prompt.kind != PROMPT_NONE && a->message[0] == '\0') {
        prompt_draw(&a->prompt, g, row, labels[a->prompt.kind]);
    } else if (a->message[0] != '\0') {
        struct bar b = bar_begin(g, row, ROLE_FOOTER);
        bar_put(&b, a->message_role, a->message);
    } else {
        draw_hints(a, g, row);
    }
}

void draw_screen(struct app *a, struct grid *g)
{
    grid_blank(g);
    if (g->rows < SCREEN_MIN_ROWS || g->columns < SCREEN_MIN_COLUMNS) {
        grid_put(g, 0, 0, g->columns, ROLE_TEXT,
                 arena_printf(&a->frame, "%dx%d: needs 20x5", g->columns, g->rows));
        return;
    }
    int row = 0;
    if (!a->header_hidden && g->rows >= 12) {
        draw_cluster(a, g, row++);
        draw_state(a, g, row++);
    } else if (!a->header_hidden && g->rows >= 8) {
        draw_cluster(a, g, row++);
    }
    draw_crumbs(a, g, row, row > 1);
    row++;
    int body = g->rows - row - 1;
    const struct text_page *t = app_text(a);
    if (t == NULL) {
        draw_table(a, g, row, body);
    } else if (t->kind == TEXT_DETAIL && body >= SPLIT_MIN_ROWS) {
        int below = body / 2 + 1;
        draw_table(a, g, row, body - below);
        draw_text(a, g, row + body - below, below);
    } else {
        draw_text(a, g, row, body);
    }
    if (a->help) {
        draw_help(a, g, row, body);
    }
    draw_footer(a, g, g->rows - 1);
}
