// SPDX-License-Identifier: Apache-2.0
// The name of a view as a word of the command line.
#include "tui/cli/view_name.h"

#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "views/view_list.h"

// The names of the views that begin with a word, ", " between them; "" if fewer than two do.
static const char *views_that_begin(struct arena *a, const char *word)
{
    const char *all = "";
    int n = 0;
    for (const struct view *const *v = views; *v != NULL; v++) {
        if (word[0] != '\0' && str_starts((*v)->name, word)) {
            all = arena_printf(a, "%s%s%s", all, n++ > 0 ? ", " : "", (*v)->name);
        }
    }
    return n > 1 ? all : "";
}

bool view_name_check(const char *word, const char *what, const char *program, struct err *err)
{
    if (view_find(word) != NULL) {
        return true;
    }
    struct arena a;
    arena_init(&a);
    const char *several = views_that_begin(&a, word);
    if (several[0] != '\0') {
        err_set(err, ERR_USAGE, "several views begin with '%s': %s", word, several);
    } else {
        err_set(err, ERR_USAGE, "unknown %s '%s'; '%s --help' lists them", what, word, program);
    }
    arena_release(&a);
    return false;
}
