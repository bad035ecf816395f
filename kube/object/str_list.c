// SPDX-License-Identifier: Apache-2.0
// Lists and maps of strings: lookups, and lists that grow.
#include "kube/object/str_list.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include <stdlib.h>
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
    return buf_take_arena(&b, a);
}

const char *str_list_summary(struct arena *a, const struct str_list *l, uint32_t most)
{
    const struct str_list shown = {l->at, l->n < most ? l->n : most};
    const char *text = str_list_join(a, &shown, ", ");
    return l->n > most ? arena_printf(a, "%s and %u more", text, l->n - most) : text;
}

struct str_list str_list_split(struct arena *a, const char *text, char separator)
{
    struct str_array out = {0};
    for (const char *p = text; *p != '\0';) {
        const char *end = strchr(p, separator);
        size_t n = end != NULL ? (size_t)(end - p) : strlen(p);
        if (n > 0) {
            str_array_add(a, &out, arena_strndup(a, p, n));
        }
        p += n + (end != NULL ? 1 : 0);
    }
    return str_array_list(&out);
}

struct str_list str_list_concat(struct arena *a, const struct str_list *x, const struct str_list *y)
{
    const char **at = arena_calloc(a, (size_t)x->n + y->n, sizeof *at);
    for (uint32_t i = 0; i < x->n; i++) {
        at[i] = x->at[i];
    }
    for (uint32_t i = 0; i < y->n; i++) {
        at[x->n + i] = y->at[i];
    }
    return (struct str_list){at, x->n + y->n};
}

void str_array_add(struct arena *a, struct str_array *l, const char *text)
{
    *ARENA_PUSH(a, l->at, l->n, l->cap) = text;
}

void str_array_add_list(struct arena *a, struct str_array *l, const struct str_list *more)
{
    for (uint32_t i = 0; i < more->n; i++) {
        str_array_add(a, l, more->at[i]);
    }
}

void str_array_sort_unique(struct str_array *l)
{
    if (l->n < 2) {
        return;
    }
    qsort(l->at, l->n, sizeof *l->at, str_order);
    uint32_t k = 1;
    for (uint32_t i = 1; i < l->n; i++) {
        if (strcmp(l->at[i], l->at[k - 1]) != 0) {
            l->at[k++] = l->at[i];
        }
    }
    l->n = k;
}

enum { FEW = 8 }; // strings that are compared one by one; most sets have no more, and need no map

void str_set_init(struct str_set *s, struct arena *a)
{
    *s = (struct str_set){.array = {NULL, 0, 0}};
    string_map_init(&s->seen, a);
}

// Whether the string is new to the set.
static bool is_new(struct str_set *s, const char *text)
{
    const struct str_list list = str_array_list(&s->array);
    if (list.n < FEW) {
        return !str_list_has(&list, text);
    }
    for (uint32_t i = s->seen.n; i < list.n; i++) {
        (void)string_map_add(&s->seen, list.at[i]);
    }
    return string_map_add(&s->seen, text);
}

void str_set_add(struct str_set *s, const char *text)
{
    if (is_new(s, text)) {
        str_array_add(s->seen.arena, &s->array, text);
    }
}

struct str_list str_array_list(const struct str_array *l)
{
    return (struct str_list){l->at, l->n};
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

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct str_pair *)x)->key, ((const struct str_pair *)y)->key);
}

struct str_map str_map_sorted(struct arena *a, const struct str_map *m)
{
    struct str_pair *at = arena_calloc(a, m->n, sizeof *at);
    if (m->n > 0) {
        memcpy(at, m->at, m->n * sizeof *at);
        qsort(at, m->n, sizeof *at, by_key);
    }
    return (struct str_map){at, m->n};
}
