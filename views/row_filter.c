// SPDX-License-Identifier: Apache-2.0
// Which rows the words of a filter leave.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "views/row_filter_internal.h"

#include <string.h>

struct row_filter row_filter_parse(struct arena *a, const char *text)
{
    size_t most = strlen(text) / 2 + 1; // words of one letter, a blank between two
    struct row_filter f = {arena_calloc(a, most, sizeof *f.words), 0};
    char *copy = arena_strdup(a, text), *save = NULL;
    for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        f.words[f.n++] = w;
    }
    return f;
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

bool row_filter_passes(const struct row_filter *f, const struct view *v, const struct view_args *a,
                       const void *row)
{
    for (size_t i = 0; i < f->n; i++) {
        bool negated = f->words[i][0] == '!' && f->words[i][1] != '\0';
        if (row_has(v, a, row, f->words[i] + negated) == negated) {
            return false;
        }
    }
    return true;
}
