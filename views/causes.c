// SPDX-License-Identifier: Apache-2.0
// The view `causes`: what is wrong, one row for each cause, with all hosts that it hits.
#include "kube/mesh/cause/cause.h"

#include "views/all_views_internal.h"
#include "views/cause_rows_internal.h"
#include "views/findings.h"

static struct view_rows list(const struct view_args *a)
{
    struct findings found = {0};
    findings_all(a, NULL, &found);
    const struct mesh m = view_mesh(a);
    const struct causes all = causes_find(&m, &found, a->ns);
    return cause_rows(a, &all, VERDICT_PENDING);
}

const struct view view_causes = {
    .name = "causes",
    .title = "Causes",
    .help = "what is wrong, each cause once, with the hosts that it hits",
    CAUSE_VIEW,
    .columns = cause_columns,
    .list = list,
};
