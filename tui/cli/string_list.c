// SPDX-License-Identifier: Apache-2.0
// A growing list of strings.
#include "tui/cli/string_list.h"

#include "kube/base/mem.h"

#include <stdlib.h>

void string_list_add(struct string_list *l, const char *s)
{
    l->at = xrealloc(l->at, (l->n + 1) * sizeof *l->at);
    l->at[l->n++] = s;
}

void string_list_release(struct string_list *l)
{
    free(l->at);
    *l = (struct string_list){NULL, 0};
}
