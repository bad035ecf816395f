// SPDX-License-Identifier: Apache-2.0
// The rows of the apps view gathered by what they share, for views that sum them up.
#ifndef GATETOP_VIEWS_APP_GROUPS_INTERNAL_H
#define GATETOP_VIEWS_APP_GROUPS_INTERNAL_H

#include "kube/mesh/chain/app_row.h"

#include "views/view.h"

#include <stdint.h>

struct app_group {
    const struct app_row *const *at; // by key, then by host
    uint32_t n;
};

// What rows are gathered by: their namespace, or their Gateway as "ns/name" ("" if there is none).
enum app_group_key { APP_GROUP_NS, APP_GROUP_GATEWAY };

// All rows, whatever the namespace of args, in the order of a key and then of their hosts. In the arena of args.
struct app_group app_groups_sorted(const struct view_args *a, enum app_group_key key);
// The rows with one value of the key that all of them were sorted by; n is 0 if there are none.
struct app_group app_group_find(const struct app_group *sorted, enum app_group_key key,
                                const char *value);

// A line for each of the first `most` rows: mark, host and reason.
void app_group_detail(const struct view_args *a, struct text_block *b, const struct app_group *g,
                      uint32_t most);

#endif
