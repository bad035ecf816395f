// SPDX-License-Identifier: Apache-2.0
// The rows of a view as they change.
#include "tui/cli/change_printer.h"

#include "kube/base/buf.h"
#include "kube/base/fail.h"
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
    char *uid;  // of its object, "" if it has none
    char *text; // of OUTPUT_JSON, OUTPUT_CSV and OUTPUT_NAME: what is printed of it; else NULL
    uint64_t hash;
    bool present; // still in the view, as the same object
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

// The row is gone if row is NULL.
static void print_change(const struct change_printer *p, FILE *out, const struct view_args *a,
                         const char *type, const void *row, const struct printed_row *printed)
{
    const struct view *v = p->view;
    switch (p->format) {
    case OUTPUT_JSON:
        fprintf(out, "{\"type\":\"%s\",", type);
        if (printed->uid[0] != '\0') {
            fputs("\"uid\":", out);
            output_json(out, json_new_string(printed->uid));
            fputc(',', out);
        }
        fprintf(out, "\"object\":%s}\n", printed->text);
        return;
    case OUTPUT_CSV:
        fprintf(out, "%s,%s", type, printed->text);
        return;
    case OUTPUT_NAME:
        fputs(printed->text, out);
        return;
    default:
        break;
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

// The row as CSV or a name. Heap.
static char *text_of(const struct change_printer *p, const struct view_args *a, const void *row)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    if (f == NULL) {
        fail_memory();
    }
    if (p->format == OUTPUT_CSV) {
        print_view_csv_row(f, p->view, a, row);
    } else {
        print_view_name(f, p->view, a, row);
    }
    if (fclose(f) != 0) {
        fail_memory();
    }
    return text;
}

static struct printed_row printed_row(const struct change_printer *p, const struct view_args *a,
                                      const void *row)
{
    struct buf b;
    buf_init(&b, 0);
    struct json *j = p->view->json(a, row);
    json_print(j, false, &b);
    json_free(j);
    const struct object *o = p->view->object != NULL ? p->view->object(a, row) : NULL;
    struct printed_row s = {.key = xstrdup(view_row_key(p->view, a, row)),
                            .uid = xstrdup(o != NULL ? str_or_empty(o->uid) : ""),
                            .hash = str_hash(b.data)};
    if (p->format == OUTPUT_JSON) {
        s.text = buf_take(&b);
    } else if (p->format == OUTPUT_CSV || p->format == OUTPUT_NAME) {
        s.text = text_of(p, a, row);
    }
    buf_release(&b);
    return s;
}

// Takes the rows that are there now as those printed last, and frees the ones before.
static void remember(struct change_printer *p, struct printed_row *rows, size_t n)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->at[i].key);
        free(p->at[i].uid);
        free(p->at[i].text);
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

// What was last printed of the row; NULL if nothing, or if that was of an earlier object of the same name.
static struct printed_row *find_printed(const struct change_printer *p,
                                        const struct printed_row *row)
{
    struct printed_row *found = p->n == 0 ? NULL : bsearch(row, p->at, p->n, sizeof *row, by_key);
    return found != NULL && str_eq(found->uid, row->uid) ? found : NULL;
}

// Prints the whole view.
static bool print_first(const struct change_printer *p, FILE *out, const struct view_args *a,
                        const struct table *t)
{
    if (p->format != OUTPUT_CSV) {
        return print_view(out, p->view, a, p->format);
    }
    fputs("change,", out);
    print_view_csv_row(out, p->view, a, NULL);
    for (uint32_t i = 0; i < t->n; i++) {
        fputs("ADDED,", out);
        print_view_csv_row(out, p->view, a, t->at[i]);
    }
    return output_done(out);
}

bool change_printer_print(struct change_printer *p, FILE *out, const struct view_args *a)
{
    struct table t = table_build(p->view, a, NULL, table_initial_order(p->view));
    bool first = !p->begun;
    if (first && !print_first(p, out, a, &t)) {
        return false;
    }
    p->begun = true;
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].present = false;
    }
    struct printed_row *rows = xcalloc(t.n, sizeof *rows);
    for (uint32_t i = 0; i < t.n; i++) {
        rows[i] = printed_row(p, a, t.at[i]);
        struct printed_row *old = find_printed(p, &rows[i]);
        if (old != NULL) {
            old->present = true;
        }
    }
    // Deleted rows come first: a reader who keys rows by name would else lose one that was deleted and made again.
    for (size_t i = 0; i < p->n; i++) {
        if (!p->at[i].present) {
            print_change(p, out, a, "DELETED", NULL, &p->at[i]);
        }
    }
    for (uint32_t i = 0; i < t.n; i++) {
        const struct printed_row *old = find_printed(p, &rows[i]);
        if (!first && (old == NULL || old->hash != rows[i].hash)) {
            print_change(p, out, a, old == NULL ? "ADDED" : "MODIFIED", t.at[i], &rows[i]);
        }
    }
    remember(p, rows, t.n);
    return output_done(out);
}
