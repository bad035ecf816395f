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

// Whether a word is the name of a verdict; *v is it.
static bool is_state(const char *word, enum verdict *v)
{
    for (int i = VERDICT_UNKNOWN; i <= VERDICT_BROKEN; i++) {
        if (str_casecmp(word, verdict_name((enum verdict)i)) == 0) {
            *v = (enum verdict)i;
            return true;
        }
    }
    return false;
}

// Whether a word holds of a row: what stands behind "ns:", "host:" or "state:" of that alone, the name of a state of
// the row's state (where the view's rows have one), any other word of some cell.
static bool holds(const struct view *v, const struct view_args *a, const void *row,
                  const char *word)
{
    if (str_starts(word, "ns:")) {
        return str_contains_case(view_row_ns(v, a, row), word + strlen("ns:"));
    }
    if (str_starts(word, "host:")) {
        const char *host = v->host != NULL ? v->host(a, row) : NULL;
        return str_contains_case(str_or_empty(host), word + strlen("host:"));
    }
    enum verdict state;
    const char *rest = str_starts(word, "state:") ? word + strlen("state:") : word;
    if (v->verdict != NULL && is_state(rest, &state)) {
        return v->verdict(a, row) == state;
    }
    return row_has(v, a, row, rest);
}

bool row_filter_passes(const struct row_filter *f, const struct view *v, const struct view_args *a,
                       const void *row)
{
    for (size_t i = 0; i < f->n; i++) {
        bool negated = f->words[i][0] == '!' && f->words[i][1] != '\0';
        if (holds(v, a, row, f->words[i] + negated) == negated) {
            return false;
        }
    }
    return true;
}
