// SPDX-License-Identifier: Apache-2.0
// Cells that many views have. What is made lies in the arena of args.
#ifndef GATETOP_VIEWS_CELL_INTERNAL_H
#define GATETOP_VIEWS_CELL_INTERNAL_H

#include "views/view.h"

#include <stdint.h>

// Text as it is, borrowed; NULL shows as "".
struct cell cell_text(const char *text, enum role role);
// A whole number, sorted by its value.
struct cell cell_number(const struct view_args *a, int64_t n);
// How long ago an instant (seconds) was, as kubectl shows ages: "5m". TIME_NONE: empty, and sorted last.
struct cell cell_age(const struct view_args *a, int64_t since);
// Mark and word of a verdict, "✓ ok"; sorted from unknown to broken.
struct cell cell_verdict(const struct view_args *a, enum verdict v);

// The mark of a verdict, one terminal column wide: a check mark, in ASCII '+'. Static.
const char *verdict_mark(const struct view_args *a, enum verdict v);

#endif
