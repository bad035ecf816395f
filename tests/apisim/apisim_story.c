// SPDX-License-Identifier: Apache-2.0
// placeholder replaced below
#include "tests/apisim/apisim_int.h"
void sim_story_free(struct sim_story *st)
{
    (void)st;
}
int64_t sim_story_tick(struct apisim *s, int64_t now_ms)
{
    (void)s;
    (void)now_ms;
    return INT64_MAX;
}
bool apisim_story(struct apisim *s, int step_ms, struct err *err)
{
    (void)s;
    (void)step_ms;
    return err_set(err, ERR_INTERNAL, "x");
}
