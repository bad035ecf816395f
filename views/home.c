// SPDX-License-Identifier: Apache-2.0
// The view `home`: what is wrong with hosts, what is moving, and what comes next.
#include "kube/mesh/cause/cause.h"

#include "views/all_views_internal.h"
#include "views/cause_rows_internal.h"
#include "views/home_panels_internal.h"

// Only what hits a host: the checks of all objects cost more than a screen that is always open may.
static struct view_rows list(const struct view_args *a)
{
    const struct mesh m = view_mesh(a);
    const struct causes all = causes_find(&m, NULL, a->ns);
    return cause_rows(a, &all, VERDICT_WARNING);
}

static const struct view_panel panels[] = {
    {.title = "Moving now", .note = "issuances by stage, weights", .fill = home_moving},
    {.title = "Coming up", .note = "tries, renewals, ends", .fill = home_coming},
};

const struct view view_home = {
    .name = "home",
    .title = "What is wrong",
    .help = "causes that hit hosts, what is moving now, and what comes next",
    CAUSE_VIEW,
    .columns = home_columns,
    .list = list,
    .panels = panels,
    .npanels = 2,
};
