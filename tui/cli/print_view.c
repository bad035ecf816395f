// SPDX-License-Identifier: Apache-2.0
// The rows of a view as text.
#include "tui/cli/print_view.h"

#include "kube/base/arena.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/mesh/core/mesh_memo.h"

#include "views/view_list.h"

#include "tui/cli/output.h"
#include "tui/cli/output_list.h"

#include <stdlib.h>
#include <string.h>

static void put_padded(FILE *out, const char *text, int width, enum align align, bool last)
{
    int pad = width - text_width(text);
    pad = pad > 0 ? pad : 0;
    if (align == ALIGN_RIGHT) {
        fprintf(out, "%*s%s", pad, "", text);
    } else {
        fprintf(out, "%s%*s", text, last ? 0 : pad, "");
    }
}

static void print_cells(FILE *out, const struct view *v, const struct view_args *a, const void *row,
                        const int *width, int last)
{
    bool first = true;
    for (int c = 0; c < v->ncolumns; c++) {
        if (width[c] == 0) {
            continue;
        }
        fputs(first ? "" : "  ", out);
        first = false;
        const char *text = row != NULL ? v->columns[c].cell(a, row).text : v->columns[c].title;
        put_padded(out, text, width[c], v->columns[c].align, c == last);
    }
    fputc('\n', out);
}

// Prints each column as wide as its widest cell, as kubectl does.
static void print_table(FILE *out, const struct view *v, const struct view_args *a,
                        const struct table *t, bool wide)
{
    int *width = arena_calloc(a->arena, (size_t)v->ncolumns, sizeof *width), last = 0;
    for (int c = 0; c < v->ncolumns; c++) {
        width[c] = !wide && v->columns[c].wide ? 0 : text_width(v->columns[c].title);
        for (uint32_t i = 0; width[c] > 0 && i < t->n; i++) {
            int w = text_width(v->columns[c].cell(a, t->at[i]).text);
            width[c] = w > width[c] ? w : width[c];
        }
        last = width[c] > 0 ? c : last;
    }
    print_cells(out, v, a, NULL, width, last);
    for (uint32_t i = 0; i < t->n; i++) {
        print_cells(out, v, a, t->at[i], width, last);
    }
}

static void print_csv_field(FILE *out, const char *text, bool first)
{
    fputs(first ? "" : ",", out);
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            fputc('"', out);
        }
        fputc(*text, out);
    }
    fputc('"', out);
}

void print_view_csv_row(FILE *out, const struct view *v, const struct view_args *a, const void *row)
{
    for (int c = 0; c < v->ncolumns; c++) {
        print_csv_field(out, row != NULL ? v->columns[c].cell(a, row).text : v->columns[c].field,
                        c == 0);
    }
    fputs("\r\n", out);
}

static void print_csv(FILE *out, const struct view *v, const struct view_args *a,
                      const struct table *t)
{
    print_view_csv_row(out, v, a, NULL);
    for (uint32_t i = 0; i < t->n; i++) {
        print_view_csv_row(out, v, a, t->at[i]);
    }
}

void print_view_name(FILE *out, const struct view *v, const struct view_args *a, const void *row)
{
    if (v->called != NULL) {
        fprintf(out, "%s\n", v->called(a, row));
        return;
    }
    const struct object *o = v->object != NULL ? v->object(a, row) : NULL;
    if (o != NULL && v->host == NULL) {
        const struct kind_info *k = &kinds[o->kind];
        fprintf(out, "%s%s%s/%s\n", k->resource, k->groups[0].group[0] != '\0' ? "." : "",
                k->groups[0].group, object_id(a->arena, o));
    } else {
        const char *host = v->host != NULL ? v->host(a, row) : NULL;
        fprintf(out, "%s\n", host != NULL ? host : view_row_key(v, a, row));
    }
}

static void print_names(FILE *out, const struct view *v, const struct view_args *a,
                        const struct table *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        print_view_name(out, v, a, t->at[i]);
    }
}

static bool is_complete(const struct view *v, const struct snapshot *s, const char *ns)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if (((v->needs | v->reads) & KIND_BIT(k)) != 0 && state->state != SYNC_NOT_INSTALLED &&
            state->state != SYNC_OFF && !kind_complete_in(state, ns)) {
            return false;
        }
    }
    return true;
}

// What was computed for one row is dropped before the next, except for what rows share.
static void print_items(FILE *out, const struct view *v, const struct view_args *a,
                        const struct table *t)
{
    struct arena scratch;
    arena_init(&scratch);
    struct view_args of_row = *a;
    of_row.arena = &scratch;
    of_row.memo = mesh_memo_new(NULL, NULL);
    struct output_items items = output_items_begin(out);
    for (uint32_t i = 0; i < t->n; i++) {
        output_items_add(&items, v->json(&of_row, t->at[i]));
        arena_clear(&scratch);
        mesh_memo_trim(of_row.memo);
    }
    output_items_end(&items);
    mesh_memo_free(of_row.memo);
    arena_release(&scratch);
}

// Whether a row of the view `status` is about a kind that the view shows rows of; one row is about no kind.
static bool is_of_view(const struct view *v, const void *status_row)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if (status_row == &kinds[k]) {
            return ((v->needs | v->reads) & KIND_BIT(k)) != 0;
        }
    }
    return false;
}

static void print_json(FILE *out, const struct view *v, const struct view_args *a,
                       const struct table *t)
{
    const struct view *status = view_find("status");
    struct view_rows kinds_read = status->list(a);
    struct json *states = json_new_array();
    for (uint32_t i = 0; i < kinds_read.n; i++) {
        if (is_of_view(v, kinds_read.at[i])) {
            json_push(states, status->json(a, kinds_read.at[i]));
        }
    }
    output_list_begin(out, v->json_kind);
    output_list_field(out, "complete", json_new_bool(is_complete(v, a->snap, a->ns)));
    if (a->snap->cluster.skew != 0) {
        output_list_field(out, "clockSkewSeconds", json_new_int(a->snap->cluster.skew));
    }
    output_list_field(out, "kinds", states);
    print_items(out, v, a, t);
    output_list_end(out);
}

bool print_view(FILE *out, const struct view *v, const struct view_args *a,
                enum output_format format)
{
    struct table t = table_build(v, a, NULL, table_initial_order(v));
    switch (format) {
    case OUTPUT_JSON:
        print_json(out, v, a, &t);
        break;
    case OUTPUT_CSV:
        print_csv(out, v, a, &t);
        break;
    case OUTPUT_NAME:
        print_names(out, v, a, &t);
        break;
    default:
        if (t.n == 0) {
            const char *ns = str_or_empty(a->ns); // as it was typed
            fprintf(stderr, "no %s%s%s\n", v->name, a->ns != NULL ? " in namespace " : "",
                    text_clean(a->arena, ns, strlen(ns), 0));
        } else {
            print_table(out, v, a, &t, format == OUTPUT_WIDE);
        }
        break;
    }
    return output_done(out);
}

// --- the first screen

static void put_fitted(FILE *out, const char *text, int width, enum align align, const char *dots)
{
    if (text_width(text) <= width) {
        put_padded(out, text, width, align, false);
        return;
    }
    int room = width - text_width(dots);
    size_t fit = text_fit(text, room > 0 ? room : 0);
    char *cut = xasprintf("%.*s%s", (int)fit, text, room > 0 ? dots : "");
    put_padded(out, cut, width, align, false);
    free(cut);
}

bool print_view_screen(FILE *out, const struct view *v, const struct view_args *a, int columns)
{
    const struct cluster_info *c = &a->snap->cluster;
    const char *dots = a->options->ascii ? "~" : "\xE2\x80\xA6";
    struct table t = table_build(v, a, NULL, table_initial_order(v));
    char *head = c->from_files ? xasprintf("gatetop  files  %ld objects", a->snap->total)
                               : xasprintf("gatetop  %s  %s  %s  %ld objects%s%s", c->context,
                                           c->cluster, c->user, a->snap->total,
                                           c->connection[0] != '\0' ? "  " : "", c->connection);
    put_fitted(out, head, columns, ALIGN_LEFT, dots);
    free(head);
    char *counts =
        xasprintf("%s  %u rows: %u broken, %u warning, %u pending, %u ok, %u unknown", v->title,
                  t.n, t.counts.n[VERDICT_BROKEN], t.counts.n[VERDICT_WARNING],
                  t.counts.n[VERDICT_PENDING], t.counts.n[VERDICT_OK], t.counts.n[VERDICT_UNKNOWN]);
    fputc('\n', out);
    put_fitted(out, counts, columns, ALIGN_LEFT, dots);
    free(counts);
    fputc('\n', out);
    int *width = arena_calloc(a->arena, (size_t)v->ncolumns, sizeof *width);
    table_widths(v, a, t.at, t.n, columns, false, width);
    for (int64_t i = -1; i < (int64_t)t.n; i++) {
        bool first = true;
        for (int k = 0; k < v->ncolumns; k++) {
            if (width[k] == 0) {
                continue;
            }
            fputs(first ? "" : " ", out);
            first = false;
            put_fitted(out, i < 0 ? v->columns[k].title : v->columns[k].cell(a, t.at[i]).text,
                       width[k], v->columns[k].align, dots);
        }
        fputc('\n', out);
    }
    return output_done(out);
}
