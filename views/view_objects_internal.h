// SPDX-License-Identifier: Apache-2.0
// The objects of one kind as rows.
#ifndef GATETOP_VIEWS_VIEW_OBJECTS_INTERNAL_H
#define GATETOP_VIEWS_VIEW_OBJECTS_INTERNAL_H

#include "views/view.h"

// The objects of a kind as rows, of the namespace of args where the kind has one, by namespace and name.
struct view_rows view_objects(const struct view_args *a, enum kind k);

#endif
