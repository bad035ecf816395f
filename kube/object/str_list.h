// SPDX-License-Identifier: Apache-2.0
// Lists of strings and maps of strings, as objects hold them: immutable, a pointer and a count.
#ifndef GATETOP_OBJECT_STR_LIST_H
#define GATETOP_OBJECT_STR_LIST_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

// `at` may be NULL where n is 0. The strings are never NULL; they belong to whoever owns the list (an object,
// an arena).
struct str_list {
    const char *const *at;
    uint32_t n;
};

struct str_pair {
    const char *key, *value; // neither is NULL
};

// A mapping in the order in which it was written. A key may come more than once: the last one counts.
struct str_map {
    const struct str_pair *at;
    uint32_t n;
};

// Whether one of the strings equals `text`, byte for byte.
bool str_list_has(const struct str_list *l, const char *text);
// The strings with `separator` between them, "" for an empty list. In the arena, or the only string itself.
const char *str_list_join(struct arena *a, const struct str_list *l, const char *separator);
// The value of a key, borrowed from the map; NULL where the key is absent.
const char *str_map_get(const struct str_map *m, const char *key);

#endif
