// SPDX-License-Identifier: Apache-2.0
// The rows of the apps view gathered by what they share, for views that sum them up.
#ifndef GATETOP_VIEWS_APP_GROUPS_H
#define GATETOP_VIEWS_APP_GROUPS_H

#include "kube/mesh/chain/app_row.h"

#include "views/view.h"

struct app_rows {
    const struct app_row *const *at;
    uint32_t n;
};

typedef const char *(*app_key)(const struct app_row *r);
const char *app_key_ns(const struct app_row *r);
const char *app_key_gateway(const struct app_row *r); // "" where there is none

// All rows sorted by the key, then by host.
struct app_rows app_rows_sorted(const struct view_args *a, app_key key);
// Those of one key in a sorted set; n is 0 where there are none.
struct app_rows app_rows_of(const struct app_rows *sorted, app_key key, const char *value);

#endif
