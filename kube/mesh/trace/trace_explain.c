// SPDX-License-Identifier: Apache-2.0
// A trace as a small tree of text lines.
#include "kube/mesh/trace/trace_explain.h"

#include "kube/base/buf.h"

static int depth_of(enum trace_step_kind k)
{
    switch (k) {
    case STEP_WORKLOAD:
        return 0;
    case STEP_LISTENER:
        return 1;
    case STEP_SERVER:
        return 2;
    case STEP_VHOST:
        return 3;
    case STEP_PASSED:
    case STEP_RULE:
        return 4;
    case STEP_ACTION:
    case STEP_DESTINATION:
    case STEP_MIRROR:
        return 5;
    case STEP_END:
        return 0;
    }
    return 0;
}

// Is there a later step of the same depth before one that is less deep?
static bool has_sibling(const struct trace_result *r, uint32_t i, int depth)
{
    for (uint32_t j = i + 1; j < r->nsteps && r->steps[j].kind != STEP_END; j++) {
        int d = depth_of(r->steps[j].kind);
        if (d <= depth) {
            return d == depth;
        }
    }
    return false;
}

void trace_explain(const struct trace_result *r, const struct trace_request *q, bool ascii,
                   struct buf *out)
{
    buf_addf(out, "%s %s://%s%s\n", q->method, q->scheme, q->host, q->path);
    for (uint32_t i = 0; i < r->nsteps; i++) {
        const struct trace_step *s = &r->steps[i];
        int depth = depth_of(s->kind);
        if (s->kind == STEP_END) {
            buf_addf(out, "%s %s\n", ascii ? "=>" : "→", s->text);
            continue;
        }
        for (int d = 1; d < depth; d++) {
            buf_adds(out, has_sibling(r, i, d) ? (ascii ? "|  " : "│  ") : "   ");
        }
        if (depth > 0) {
            bool more = has_sibling(r, i, depth);
            buf_adds(out, ascii ? (more ? "+- " : "`- ") : more ? "├─ " : "└─ ");
        }
        const char *mark = s->bad                   ? (ascii ? "! " : "✗ ")
                           : s->kind == STEP_PASSED ? (ascii ? "- " : "○ ")
                           : s->kind == STEP_RULE   ? (ascii ? "* " : "● ")
                                                    : "";
        const char *label =
            s->kind == STEP_PASSED || s->kind == STEP_RULE ? "" : trace_step_name(s->kind);
        buf_addf(out, "%s%s%s%s\n", mark, label, *label != '\0' ? ": " : "", s->text);
    }
    for (uint32_t i = 0; i < r->nassumptions; i++) {
        buf_addf(out, "%s assumed: %s\n", ascii ? "?" : "⚠", r->assumptions[i]);
    }
}
