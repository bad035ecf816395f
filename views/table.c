// SPDX-License-Identifier: Apache-2.0
// Filter, order and column widths of a view's rows.
#include "views/table.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "views/row_filter_internal.h"
#include "views/row_order_internal.h"

#include <stdlib.h>

struct table_order table_initial_order(const struct view *v)
{
    for (int c = 0; c < v->ncolumns; c++) {
        if (v->columns[c].initial) {
            return (struct table_order){c, v->columns[c].descending};
        }
    }
    return (struct table_order){-1, false};
}

struct table table_build(const struct view *v, const struct view_args *a, const char *filter,
                         struct table_order order)
{
    struct table t = {.rows = v->list(a)};
    struct row_filter f = row_filter_parse(a->arena, str_or_empty(filter));
    // The keys are on the heap: they are only needed here.
    struct row_order_key *keys = xcalloc(t.rows.n, sizeof *keys);
    bool ordered = order.column >= 0 && order.column < v->ncolumns;
    // Cells of the filter are needed for one row at a time, those of the order until all are sorted.
    struct arena of_row, of_order;
    arena_init(&of_row);
    arena_init(&of_order);
    struct view_args row_args = *a, order_args = *a;
    row_args.arena = &of_row;
    order_args.arena = &of_order;
    for (uint32_t i = 0; i < t.rows.n; i++) {
        const void *row = t.rows.at[i];
        arena_clear(&of_row);
        if (!row_filter_passes(&f, v, &row_args, row)) {
            continue;
        }
        struct row_order_key *k = &keys[t.n++];
        *k = (struct row_order_key){.row = row, .index = i};
        if (ordered) {
            struct cell c = v->columns[order.column].cell(&order_args, row);
            k->text = c.text;
            k->number = c.sort;
        }
        t.counts.n[v->verdict != NULL ? v->verdict(&row_args, row) : VERDICT_OK]++;
    }
    if (ordered) {
        row_order_sort(keys, t.n, v->columns[order.column].sort, order.descending);
    }
    const void **at = arena_calloc(a->arena, t.n, sizeof *at);
    for (uint32_t i = 0; i < t.n; i++) {
        at[i] = keys[i].row;
    }
    t.at = at;
    free(keys);
    arena_release(&of_row);
    arena_release(&of_order);
    return t;
}

// --- widths

// A column without a bound (the reason why) grows up to this width, that of a short sentence, together with the
// others, and further only once those have what they want.
#define OPEN_WIDTH 40
// A column that is cut shows at least this much.
#define CUT_WIDTH 8

// The width of title and cells, within the column's bounds.
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

// Gives every column its least, from the left while there is room, one space between two. Returns what is used.
static int give_least(const struct view *v, const int *want, int columns, int *width)
{
    int used = 0;
    for (int c = 0; c < v->ncolumns; c++) {
        if (want[c] == 0) {
            continue;
        }
        int least = v->columns[c].min < want[c] ? v->columns[c].min : want[c];
        int gap = used == 0 ? 0 : 1;
        int room = columns - used - gap;
        // A long column, such as the host, is cut rather than left out: narrow ones after it say nothing
        // without it.
        if (least > room && used > 0 && (room < CUT_WIDTH || room * 2 < least)) {
            continue;
        }
        width[c] = least > room ? room : least;
        used += gap + width[c];
    }
    return used;
}

// Gives what is left to columns in need, evenly: those with a bound first, open ones take part up to OPEN_WIDTH,
// then the open ones share the rest.
static void give_rest(const struct view *v, const int *want, int left, int *width)
{
    for (int pass = 0; pass < 2; pass++) {
        for (bool gave = true; gave && left > 0;) {
            gave = false;
            for (int c = 0; c < v->ncolumns && left > 0; c++) {
                bool open = v->columns[c].max == 0;
                bool turn = open ? pass == 1 || width[c] < OPEN_WIDTH : pass == 0;
                if (width[c] > 0 && width[c] < want[c] && turn) {
                    width[c]++;
                    left--;
                    gave = true;
                }
            }
        }
    }
}

void table_widths(const struct view *v, const struct view_args *a, const void *const *rows,
                  uint32_t n, int columns, bool wide, int *width)
{
    int *want = arena_calloc(a->arena, (size_t)v->ncolumns, sizeof *want);
    for (int c = 0; c < v->ncolumns; c++) {
        width[c] = 0;
        want[c] = !wide && v->columns[c].wide ? 0 : wanted(v, a, rows, n, c);
    }
    int used = give_least(v, want, columns, width);
    give_rest(v, want, columns - used, width);
}
