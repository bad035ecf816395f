// SPDX-License-Identifier: Apache-2.0
// Lookups in lists and maps of strings.
#include "kube/object/str_list.h"

#include <string.h>

bool str_list_has(const struct str_list *l, const char *text)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (strcmp(l->at[i], text) == 0) {
            return true;
        }
    }
    return false;
}

const char *str_list_join(struct arena *a, const struct str_list *l, const char *separator)
{
    if (l->n == 0) {
        return "";
    }
    if (l->n == 1) {
        return l->at[0];
    }
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < l->n; i++) {
        buf_adds(&b, i == 0 ? "" : separator);
        buf_adds(&b, l->at[i]);
    }
    const char *text = arena_strndup(a, b.data, b.len);
    buf_release(&b);
    return text;
}

const char *str_map_get(const struct str_map *m, const char *key)
{
    for (uint32_t i = m->n; i-- > 0;) {
        if (strcmp(m->at[i].key, key) == 0) {
            return m->at[i].value;
        }
    }
    return NULL;
}
