// SPDX-License-Identifier: Apache-2.0
// Filter, order and column widths of a view's rows.
#include "views/table.h"

#include "kube/base/text.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_WIDTH 40
#define CUT_WIDTH 8 // less of a column tells nothing

struct keyed {
    const void *row;
    const char *text;
    int64_t number;
    uint32_t index; // in the natural order, which decides between equals
};

struct table_order table_initial_order(const struct view *v)
{
    for (int c = 0; c < v->ncolumns; c++) {
        if (v->columns[c].initial) {
            return (struct table_order){c, v->columns[c].descending};
        }
    }
    return (struct table_order){-1, false};
}

static int cmp_index(const struct keyed *x, const struct keyed *y)
{
    return (x->index > y->index) - (x->index < y->index);
}

static int by_text(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int c = strcmp(x->text, y->text);
    return c != 0 ? c : cmp_index(x, y);
}

static int by_text_down(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int c = strcmp(y->text, x->text);
    return c != 0 ? c : cmp_index(x, y);
}

static int by_number(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int c = (x->number > y->number) - (x->number < y->number);
    return c != 0 ? c : cmp_index(x, y);
}

static int by_number_down(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int c = (x->number < y->number) - (x->number > y->number);
    return c != 0 ? c : cmp_index(x, y);
}

static bool row_has(const struct view *v, const struct view_args *a, const void *row,
                    const char *word)
{
    for (int c = 0; c < v->ncolumns; c++) {
        if (str_contains_case(v->columns[c].cell(a, row).text, word)) {
            return true;
        }
    }
    return false;
}

struct filter {
    char **words;
    size_t n;
};

static struct filter split(struct arena *a, const char *text)
{
    size_t most = strlen(text) / 2 + 1; // a word and a blank
    struct filter f = {arena_alloc(a, most * sizeof *f.words), 0};
    char *copy = arena_strdup(a, text), *save = NULL;
    for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        f.words[f.n++] = w;
    }
    return f;
}

static bool passes(const struct view *v, const struct view_args *a, const void *row,
                   const struct filter *f)
{
    for (size_t i = 0; i < f->n; i++) {
        bool negated = f->words[i][0] == '!' && f->words[i][1] != '\0';
        if (row_has(v, a, row, f->words[i] + negated) == negated) {
            return false;
        }
    }
    return true;
}

struct table table_build(const struct view *v, const struct view_args *a, const char *filter,
                         struct table_order order)
{
    struct table t = {.rows = v->list(a)};
    struct filter f = split(a->arena, filter != NULL ? filter : "");
    struct keyed *k = arena_alloc(a->arena, ((size_t)t.rows.n + 1) * sizeof *k);
    bool ordered = order.column >= 0 && order.column < v->ncolumns;
    // Cells that only the filter looks at go at once, those that the order looks at after sorting.
    struct arena scratch, sorted;
    arena_init(&scratch);
    arena_init(&sorted);
    struct view_args low = *a, high = *a;
    low.arena = &scratch;
    high.arena = &sorted;
    for (uint32_t i = 0; i < t.rows.n; i++) {
        const void *row = t.rows.at[i];
        if (f.n != 0 && !passes(v, &low, row, &f)) {
            arena_clear(&scratch);
            continue;
        }
        k[t.n] = (struct keyed){.row = row, .index = i};
        if (ordered) {
            struct cell c = v->columns[order.column].cell(&high, row);
            k[t.n].text = c.text;
            k[t.n].number = c.sort;
        }
        t.counts.n[v->verdict != NULL ? v->verdict(&low, row) : VERDICT_OK]++;
        t.n++;
        arena_clear(&scratch);
    }
    if (ordered) {
        bool number = v->columns[order.column].sort == SORT_NUMBER;
        qsort(k, t.n, sizeof *k,
              number ? (order.descending ? by_number_down : by_number)
                     : (order.descending ? by_text_down : by_text));
    }
    const void **at = arena_alloc(a->arena, ((size_t)t.n + 1) * sizeof *at);
    for (uint32_t i = 0; i < t.n; i++) {
        at[i] = k[i].row;
    }
    t.at = at;
    arena_release(&scratch);
    arena_release(&sorted);
    return t;
}

static int wanted(const struct view *v, const struct view_args *a, const void *const *rows,
                  uint32_t n, int c)
{
    int w = text_width(v->columns[c].title);
    for (uint32_t i = 0; i < n; i++) {
        int x = text_width(v->columns[c].cell(a, rows[i]).text);
        w = x > w ? x : w;
    }
    int max = v->columns[c].max;
    w = max != 0 && w > max ? max : w;
    return w < v->columns[c].min ? v->columns[c].min : w;
}

void table_widths(const struct view *v, const struct view_args *a, const void *const *rows,
                  uint32_t n, int columns, bool wide, int *width)
{
    int *want = arena_alloc(a->arena, ((size_t)v->ncolumns + 1) * sizeof *want), used = 0;
    for (int c = 0; c < v->ncolumns; c++) {
        width[c] = 0;
        want[c] = !wide && v->columns[c].wide ? 0 : wanted(v, a, rows, n, c);
    }
    // First everything at its least, from the left while there is room (one space between columns).
    for (int c = 0; c < v->ncolumns; c++) {
        if (want[c] == 0) {
            continue;
        }
        int least = v->columns[c].min < want[c] ? v->columns[c].min : want[c];
        int gap = used == 0 ? 0 : 1;
        int room = columns - used - gap;
        // A long column, such as the host, is cut rather than left out: narrow ones behind it say nothing
        // without it.
        if (least > room && used > 0 && (room < CUT_WIDTH || room * 2 < least)) {
            continue;
        }
        width[c] = least > room ? room : least;
        used += gap + width[c];
    }
    // Then what is left goes to columns in need, evenly: an open one (the reason why) takes part until it
    // can hold a short sentence, then those with a bound go first and the open ones share the rest.
    for (int pass = 0; pass < 2; pass++) {
        for (bool gave = true; gave && used < columns;) {
            gave = false;
            for (int c = 0; c < v->ncolumns && used < columns; c++) {
                bool open = v->columns[c].max == 0;
                bool turn = open ? pass == 1 || width[c] < OPEN_WIDTH : pass == 0;
                if (width[c] > 0 && width[c] < want[c] && turn) {
                    width[c]++;
                    used++;
                    gave = true;
                }
            }
        }
    }
}
