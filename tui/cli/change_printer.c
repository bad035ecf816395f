// SPDX-License-Identifier: Apache-2.0
// The rows of a view as they change.
#include "tui/cli/change_printer.h"

#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "views/table.h"

#include "tui/cli/output.h"
#include "tui/cli/print_view.h"

#include <stdlib.h>
#include <string.h>

// A row as it was printed last.
struct printed_row {
    char *key;
    char *json; // OUTPUT_JSON only, else NULL
    uint64_t hash;
    bool present; // still in the view
};

struct change_printer {
    const struct view *view;
    enum output_format format;
    struct printed_row *at; // sorted by key
    size_t n;
    bool begun;
};

struct change_printer *change_printer_new(const struct view *v, enum output_format format)
{
    struct change_printer *p = xcalloc(1, sizeof *p);
    p->view = v;
    p->format = format;
    return p;
}

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct printed_row *)x)->key, ((const struct printed_row *)y)->key);
}

static void print_change(const struct change_printer *p, FILE *out, const struct view_args *a,
                         const char *type, const void *row, const struct printed_row *printed)
{
    const struct view *v = p->view;
    if (p->format == OUTPUT_JSON) {
        fprintf(out, "{\"type\":\"%s\",\"object\":%s}\n", type, printed->json);
        return;
    }
    if (row == NULL) {
        fprintf(out, "DELETED  %s\n", printed->key);
        return;
    }
    fprintf(out, "%-8s ", type);
    bool first = true;
    for (int c = 0; c < v->ncolumns; c++) {
        if (p->format == OUTPUT_WIDE || !v->columns[c].wide) {
            fprintf(out, "%s%s", first ? "" : "  ", v->columns[c].cell(a, row).text);
            first = false;
        }
    }
    fputc('\n', out);
}

static struct printed_row printed_row(const struct change_printer *p, const struct view_args *a,
                                      const void *row)
{
    struct buf b;
    buf_init(&b, 0);
    struct json *j = p->view->json(a, row);
    json_print(j, false, &b);
    json_free(j);
    struct printed_row s = {
        .key = xstrdup(view_row_key(p->view, a, row)), .hash = str_hash(b.data), .present = true};
    if (p->format == OUTPUT_JSON) {
        s.json = buf_take(&b);
    }
    buf_release(&b);
    return s;
}

// Takes the rows that are there now as those printed last, and frees the ones before.
static void remember(struct change_printer *p, struct printed_row *rows, size_t n)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->at[i].key);
        free(p->at[i].json);
    }
    free(p->at);
    if (n > 1) {
        qsort(rows, n, sizeof *rows, by_key);
    }
    p->at = rows;
    p->n = n;
}

void change_printer_free(struct change_printer *p)
{
    if (p != NULL) {
        remember(p, NULL, 0);
        free(p);
    }
}

// What was printed of the row last, NULL: nothing; notes that it is still there.
static const struct printed_row *find_printed(struct change_printer *p,
                                              const struct printed_row *row)
{
    struct printed_row *found = p->n == 0 ? NULL : bsearch(row, p->at, p->n, sizeof *row, by_key);
    if (found != NULL) {
        found->present = true;
    }
    return found;
}

bool change_printer_print(struct change_printer *p, FILE *out, const struct view_args *a)
{
    struct table t = table_build(p->view, a, NULL, table_initial_order(p->view));
    bool first = !p->begun;
    if (first && !print_view(out, p->view, a, p->format)) {
        return false;
    }
    p->begun = true;
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].present = false;
    }
    struct printed_row *rows = xcalloc(t.n, sizeof *rows);
    for (uint32_t i = 0; i < t.n; i++) {
        rows[i] = printed_row(p, a, t.at[i]);
        const struct printed_row *old = find_printed(p, &rows[i]);
        if (!first && (old == NULL || old->hash != rows[i].hash)) {
            print_change(p, out, a, old == NULL ? "ADDED" : "MODIFIED", t.at[i], &rows[i]);
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        if (!p->at[i].present) {
            print_change(p, out, a, "DELETED", NULL, &p->at[i]);
        }
    }
    remember(p, rows, t.n);
    return output_done(out);
}
