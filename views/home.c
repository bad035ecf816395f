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
    .json_kind = "CauseList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE),
    .reads = KIND_SET_DASHBOARD,
    .chains = true,
    .columns = home_columns,
    .ncolumns = CAUSE_COLUMNS,
    .list = list,
    .key = cause_row_key,
    .verdict = cause_row_verdict,
    .object = cause_row_object,
    .ns = cause_row_ns,
    .host = cause_row_host,
    .called = cause_row_called,
    .explain = cause_row_explain,
    .panels = panels,
    .npanels = 2,
    .detail = cause_row_detail,
    .json = cause_row_json,
};
