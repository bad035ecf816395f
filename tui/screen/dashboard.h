// SPDX-License-Identifier: Apache-2.0
// The dashboard over a cluster or over manifests: the one header of this room that the command line
// sees.
#ifndef GATETOP_TUI_SCREEN_DASHBOARD_H
#define GATETOP_TUI_SCREEN_DASHBOARD_H

#include "kube/base/attr.h"

#include "kube/api/config.h"

#include <stdbool.h>

struct buf;
struct err;
struct dns_settings;
struct snapshot;
struct view;

// Everything is borrowed and outlives dashboard_run.
struct dashboard_options {
    const struct view *view; // the first to show
    const char *ns;          // NULL: all namespaces
    const char *theme;       // a name or path, NULL: the default
    bool ascii, no_color;
    const struct snapshot *manifests; // shown instead of a cluster; NULL: the cluster of `api`
    const struct api_flags *api;
    const struct dns_settings *dns; // external-dns's settings, NULL: those that the cluster shows
    bool probe_dns, authoritative, probe_tls; // as in struct cluster_options
    const char *resolver;
    int sync_fd; // tests: gets the generation shown after each turn of the loop; -1: none
};

// Takes the terminal over and runs until the user quits or a signal ends it; the terminal is
// restored before anything else ends. *sig is that signal, else 0. False if it could not start:
// every problem in `problems`, a line each, and in err->code ERR_USAGE (an option, no terminal),
// ERR_CONFIG (kubeconfig, theme) or another (the server, the machine). UI thread, once at a time.
bool dashboard_run(const struct dashboard_options *o, int *sig, struct buf *problems,
                   struct err *err) MUST_USE;

#endif
