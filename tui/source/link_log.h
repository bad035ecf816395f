// SPDX-License-Identifier: Apache-2.0
// What a link to a cluster writes into --debug mesh: which chains are evaluated. The mesh itself is pure and has no log. I/O
// thread.
#ifndef GATETOP_TUI_SOURCE_LINK_LOG_H
#define GATETOP_TUI_SOURCE_LINK_LOG_H

#include "kube/object/kind.h"

#include <stdint.h>

struct link_log {
    uint32_t groups;  // evaluated since link_log_begin
    int64_t begin_us; // clock_thread_us
};

// An update begins.
void link_log_begin(struct link_log *l);
// Names what was evaluated, up to a bound. Has the shape of apps_evaluated_fn; self is the link_log.
void link_log_evaluated(void *self, enum kind k, const char *ns, const char *name, uint32_t rows);
// The update ends; chains is the number evaluated in it.
void link_log_end(const struct link_log *l, long chains);

#endif
