// SPDX-License-Identifier: Apache-2.0
// Lists of strings and maps of strings, as objects hold them: immutable, a pointer and a count.
#ifndef GATETOP_OBJECT_STR_LIST_H
#define GATETOP_OBJECT_STR_LIST_H

#include "kube/base/string_map.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

// `at` may be NULL if n is 0. The strings are never NULL; they belong to whoever owns the list (an object,
// an arena).
struct str_list {
    const char *const *at;
    uint32_t n;
};

// A list that grows in an arena, zero at first. Its strings are borrowed.
struct str_array {
    const char **at;
    uint32_t n, cap;
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
// The first `most` strings for a sentence: "a, b and 3 more", "" for an empty list. In the arena.
const char *str_list_summary(struct arena *a, const struct str_list *l, uint32_t most);
// The parts of a text between separators, without empty ones. In the arena.
struct str_list str_list_split(struct arena *a, const char *text, char separator);
// The strings of x, then those of y. In the arena.
struct str_list str_list_concat(struct arena *a, const struct str_list *x,
                                const struct str_list *y);

// Adds a string at the end. The array is always given the same arena.
void str_array_add(struct arena *a, struct str_array *l, const char *text);
// Adds every string of a list, in its order.
void str_array_add_list(struct arena *a, struct str_array *l, const struct str_list *more);
// Sorts by bytes (strcmp) and keeps one of each.
void str_array_sort_unique(struct str_array *l);

// An array in which no string comes twice.
struct str_set {
    struct str_array array;
    struct string_map seen;
};
// An empty one, which grows in the arena.
void str_set_init(struct str_set *s, struct arena *a);
// Adds the string at the end where none of them equals it. Strings are borrowed.
void str_set_add(struct str_set *s, const char *text);

// The array as a list, which shares its memory: valid until the array grows or is sorted.
struct str_list str_array_list(const struct str_array *l);

// The value of a key, borrowed from the map; NULL if the key is absent.
const char *str_map_get(const struct str_map *m, const char *key);
// The pairs in the order of their keys (strcmp). In the arena.
struct str_map str_map_sorted(struct arena *a, const struct str_map *m);

#endif
