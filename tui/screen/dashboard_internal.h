// SPDX-License-Identifier: Apache-2.0
// The dashboard's source: what it gets from a cluster or from manifests. UI thread.
#ifndef GATETOP_TUI_SCREEN_DASHBOARD_INTERNAL_H
#define GATETOP_TUI_SCREEN_DASHBOARD_INTERNAL_H

#include "kube/base/attr.h"

#include "tui/screen/dashboard.h"
#include "tui/screen/ui.h"
#include "tui/source/cluster.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct dashboard {
    const struct dashboard_options *o;
    struct cluster cluster;  // over manifests only its pipe
    struct api_flags api;    // of the context that was switched to
    char *context;           // its name, NULL: that of o->api; owned
    struct yaml_answer yaml; // from manifests, until it is taken
    bool yaml_ready;
    bool lend;          // the user wants another try of a plugin that needs the terminal
    uint64_t on_screen; // hash of the rows whose names were wanted last, and when: clock_mono_ms
    int64_t wanted_at;
};

// --- dashboard_connection.c

// Connects to the cluster of d->api; lend_terminal as in struct cluster_options, problems and
// *err as of cluster_connect.
bool dashboard_connect(struct dashboard *d, void (*lend_terminal)(bool), struct buf *problems,
                       struct err *err);
// The function `contexts` of struct ui_source; self is the dashboard, as below.
const char *const *dashboard_contexts(void *self, struct arena *a, uint32_t *n);
// The function `switch_context`.
bool dashboard_switch_context(void *self, const char *name, struct err *err) MUST_USE;

// --- dashboard_probe.c

// The function `probe` of struct ui_source.
const char *dashboard_probe(void *self, const struct view *v, const struct view_args *a,
                            const void *row);

// --- dashboard_source.c

// All functions of the source, over a cluster or over manifests.
struct ui_source dashboard_source(struct dashboard *d);

#endif
