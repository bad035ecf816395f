// SPDX-License-Identifier: Apache-2.0
// The answer to a traced request, in words.
#include "kube/mesh/trace/trace_result.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include <assert.h>

const char *trace_outcome_name(enum trace_outcome o)
{
    static const char *const names[] = {
        [TRACE_ROUTE] = "route",       [TRACE_REDIRECT] = "redirect",
        [TRACE_DIRECT] = "direct",     [TRACE_FAULT] = "fault",
        [TRACE_NO_ROUTE] = "no_route", [TRACE_NO_LISTENER] = "no_listener",
        [TRACE_REJECTED] = "rejected",
    };
    static_assert(ARRAY_COUNT(names) == TRACE_REJECTED + 1, "every outcome has a name");
    return names[o];
}

const char *trace_step_name(enum trace_step_kind k)
{
    static const char *const names[] = {
        [STEP_WORKLOAD] = "workload", [STEP_LISTENER] = "listener",
        [STEP_SERVER] = "server",     [STEP_VHOST] = "virtual host",
        [STEP_PASSED] = "passed",     [STEP_RULE] = "rule",
        [STEP_ACTION] = "action",     [STEP_DESTINATION] = "destination",
        [STEP_MIRROR] = "mirror",     [STEP_END] = "end",
    };
    static_assert(ARRAY_COUNT(names) == STEP_END + 1, "every step has a name");
    return names[k];
}

static bool no_destination(const struct trace_result *r)
{
    for (uint32_t i = 0; i < r->ndestinations; i++) {
        if (!destination_missing(&r->destinations[i].to)) {
            return false;
        }
    }
    return true;
}

bool trace_is_bad(const struct trace_result *r)
{
    if (r->outcome == TRACE_ROUTE) {
        return r->status == 503 || (r->passed_on && no_destination(r));
    }
    return r->outcome == TRACE_NO_ROUTE || r->outcome == TRACE_NO_LISTENER ||
           r->outcome == TRACE_REJECTED;
}

void trace_add_destinations(struct buf *b, const struct trace_destination *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct trace_destination *d = &at[i];
        buf_addf(b, "%s%s:%u%s%s %g%%%s", i > 0 ? ", " : "", d->to.host, d->to.port,
                 d->to.subset != NULL ? " subset " : "", str_or_empty(d->to.subset), d->percent,
                 d->to.fault == DEST_OK        ? ""
                 : destination_missing(&d->to) ? " (does not exist)"
                                               : " (not known to exist)");
    }
}

const char *trace_effect(struct arena *a, const struct trace_result *r)
{
    struct buf b;
    buf_init(&b, 0);
    switch (r->outcome) {
    case TRACE_ROUTE:
        trace_add_destinations(&b, r->destinations, r->ndestinations);
        break;
    case TRACE_REDIRECT:
        buf_addf(&b, "%d to %s", r->status, r->location);
        break;
    case TRACE_DIRECT:
        buf_addf(&b, "%d from the gateway", r->status);
        break;
    case TRACE_FAULT:
        buf_addf(&b, "%d by a fault", r->status);
        break;
    case TRACE_NO_ROUTE:
        buf_adds(&b, "404 (no route)");
        break;
    case TRACE_NO_LISTENER:
        buf_adds(&b, "no connection");
        break;
    case TRACE_REJECTED:
        buf_addf(&b, r->status == 403 ? "%d (denied)" : "%d (rejected)", r->status);
        break;
    }
    return buf_take_arena(&b, a);
}
