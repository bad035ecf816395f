// SPDX-License-Identifier: Apache-2.0
// What a link to a cluster writes into the areas of --debug.
#include "tui/source/link_log.h"

#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/str.h"

// Groups named in one update. The first one of a large cluster evaluates ten thousand.
enum { GROUPS_NAMED = 100 };

void link_log_init(struct link_log *l)
{
    *l = (struct link_log){0};
    for (int k = 0; k < KIND_COUNT; k++) {
        l->states[k] = SYNC_OFF;
    }
}

void link_log_changed(struct link_log *l, const struct object *before, const struct object *after)
{
    const struct object *o = after != NULL ? after : before;
    l->objects++;
    if (l->states[o->kind] == SYNC_LIVE) {
        log_debug(LOG_AREA_STORE, "%s %s/%s %s, resourceVersion %s", kinds[o->kind].kind, o->ns,
                  o->name,
                  before == NULL  ? "added"
                  : after == NULL ? "deleted"
                                  : "modified",
                  str_or_empty(o->resource_version));
    }
}

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

static void log_states(struct link_log *l, const struct snapshot *view)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *s = &view->states[k];
        if (s->state == l->states[k]) {
            continue;
        }
        log_debug(LOG_AREA_WATCH, "%s: %s -> %s, %ld objects%s%s", kinds[k].resource,
                  sync_state_name(l->states[k]), sync_state_name(s->state), s->objects,
                  s->reason[0] != '\0' ? ": " : "", s->reason);
        l->states[k] = s->state;
    }
}

void link_log_end(struct link_log *l, const struct snapshot *view, long chains)
{
    long us = (long)(clock_thread_us() - l->begin_us);
    log_states(l, view);
    if (l->groups > 0) {
        log_debug(LOG_AREA_MESH, "%ld chains in %u groups evaluated in %ld us", chains,
                  (unsigned)l->groups, us);
    }
    log_debug(LOG_AREA_STORE,
              "snapshot %llu: %ld objects, %u changed, %zu probe results, its chains took %ld us",
              (unsigned long long)view->generation + 1, view->total, (unsigned)l->objects,
              view->probes.count, us);
    l->objects = 0;
}
