// SPDX-License-Identifier: Apache-2.0
// The sample platform as every view sees it, for tests of views: with its chains, and with names that are hard to draw.
#ifndef GATETOP_TESTS_SUPPORT_PLATFORM_H
#define GATETOP_TESTS_SUPPORT_PLATFORM_H

#include "kube/base/arena.h"

#include "views/view.h"

// The instant at which it is looked at.
#define PLATFORM_NOW INT64_C(1763920800)

// Group fixtures of cmocka: the snapshot is there between them.
int platform_open(void **state);
int platform_close(void **state);

// Arguments for views of the platform, with an arena of their own; arena_release(&l->arena) at the end.
struct platform_look {
    struct arena arena;
    struct view_args args;
};
void platform_look(struct platform_look *l);

#endif
