// SPDX-License-Identifier: Apache-2.0
// All views.
#ifndef GATETOP_VIEWS_VIEW_LIST_H
#define GATETOP_VIEWS_VIEW_LIST_H

#include "views/view.h"

// In the order of menus and help; the first one is what opens without an argument. Ends with NULL.
extern const struct view *const views[];

// The view of a name, or of the first letters of one name only; else NULL.
const struct view *view_find(const char *name);

#endif
