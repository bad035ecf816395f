// SPDX-License-Identifier: Apache-2.0
// Which rows the words of a filter leave.
#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "views/row_filter_internal.h"

#include <string.h>

enum filter_on { ON_CELLS, ON_NAMESPACE, ON_HOST, ON_STATE };

struct filter_word {
    enum filter_on on;
    bool negated;
    const char *text;   // without '!' and what says where to look
    enum verdict state; // ON_STATE: of that name; its text is for views whose rows have none
};

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

static struct filter_word word_of(const char *text)
{
    struct filter_word w = {.negated = text[0] == '!' && text[1] != '\0'};
    w.text = text + w.negated;
    if (str_starts(w.text, "ns:")) {
        w.on = ON_NAMESPACE;
        w.text += strlen("ns:");
    } else if (str_starts(w.text, "host:")) {
        w.on = ON_HOST;
        w.text += strlen("host:");
    } else {
        w.text += str_starts(w.text, "state:") ? strlen("state:") : 0;
        w.on = is_state(w.text, &w.state) ? ON_STATE : ON_CELLS;
    }
    return w;
}

struct row_filter row_filter_parse(struct arena *a, const char *text)
{
    size_t most = strlen(text) / 2 + 1; // words of one letter, a blank between two
    struct row_filter f = {arena_calloc(a, most, sizeof *f.words), 0};
    char *copy = arena_strdup(a, text), *save = NULL;
    for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        f.words[f.n++] = word_of(w);
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

// Whether a word holds of a row: what stands behind "ns:", "host:" or "state:" of that alone, the name of a state of
// the row's state (where the view's rows have one), any other word of some cell.
static bool holds(const struct view *v, const struct view_args *a, const void *row,
                  const struct filter_word *w)
{
    switch (w->on) {
    case ON_NAMESPACE:
        return str_contains_case(view_row_ns(v, a, row), w->text);
    case ON_HOST:
        return str_contains_case(v->host != NULL ? str_or_empty(v->host(a, row)) : "", w->text);
    case ON_STATE:
        if (v->verdict != NULL) {
            return v->verdict(a, row) == w->state;
        }
        break;
    case ON_CELLS:
        break;
    }
    return row_has(v, a, row, w->text);
}

bool row_filter_passes(const struct row_filter *f, const struct view *v, const struct view_args *a,
                       const void *row)
{
    for (size_t i = 0; i < f->n; i++) {
        if (holds(v, a, row, &f->words[i]) == f->words[i].negated) {
            return false;
        }
    }
    return true;
}
