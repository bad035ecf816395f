// SPDX-License-Identifier: Apache-2.0
// What a link to a cluster writes into --debug mesh.
#include "tui/source/link_log.h"

#include "kube/base/clock.h"
#include "kube/base/log.h"

// Groups named in one update. The first one of a large cluster evaluates ten thousand.
enum { GROUPS_NAMED = 100 };

void link_log_begin(struct link_log *l)
{
    l->groups = 0;
    l->begin_us = clock_thread_us();
}

void link_log_evaluated(void *self, enum kind k, const char *ns, const char *name, uint32_t rows)
{
    struct link_log *l = self;
    if (l->groups++ < GROUPS_NAMED) {
        log_debug(LOG_AREA_MESH, "%s %s/%s evaluated: %u rows", kinds[k].kind, ns, name,
                  (unsigned)rows);
    }
}

void link_log_end(const struct link_log *l, long chains)
{
    if (l->groups > 0) {
        log_debug(LOG_AREA_MESH, "%ld chains in %u groups evaluated in %ld us", chains,
                  (unsigned)l->groups, (long)(clock_thread_us() - l->begin_us));
    }
}
