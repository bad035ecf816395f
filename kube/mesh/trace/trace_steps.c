// SPDX-License-Identifier: Apache-2.0
// Collects the steps and the end of a trace.
#include "kube/base/array.h"
#include "kube/base/fail.h"

#include "kube/mesh/trace/trace_steps_internal.h"

#include <string.h>

enum { MAX_ASSUMPTIONS = 16 };

void trace_add_step(struct tracing *t, enum trace_step_kind kind, bool bad, const char *text)
{
    *ARENA_PUSH(t->m->arena, t->steps, t->nsteps, t->steps_cap) =
        (struct trace_step){kind, text, bad};
}

void trace_assume(struct tracing *t, const char *text)
{
    if (text == NULL || t->nassumptions == MAX_ASSUMPTIONS) {
        return;
    }
    for (uint32_t i = 0; i < t->nassumptions; i++) {
        if (strcmp(t->assumptions[i], text) == 0) {
            return;
        }
    }
    *ARENA_PUSH(t->m->arena, t->assumptions, t->nassumptions, t->assumptions_cap) = text;
}

bool trace_has_ended(const struct tracing *t)
{
    return t->nsteps > 0 && t->steps[t->nsteps - 1].kind == STEP_END;
}

void trace_end(struct tracing *t, enum trace_outcome outcome, int status, const char *flags,
               bool bad, const char *text)
{
    ASSERT(!trace_has_ended(t)); // a request has one answer
    t->out.outcome = outcome;
    t->out.status = status;
    t->out.flags = flags;
    trace_add_step(t, STEP_END, bad, text);
}

void trace_end_closed(struct tracing *t, const char *why)
{
    t->out.no_listener = why;
    trace_end(t, TRACE_NO_LISTENER, 0, NULL, true, why);
}
