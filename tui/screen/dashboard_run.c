// SPDX-License-Identifier: Apache-2.0
// The dashboard's start and end.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "kube/store/snapshot.h"

#include "views/view_list.h"

#include "tui/screen/bindings.h"
#include "tui/screen/dashboard.h"
#include "tui/screen/dashboard_internal.h"
#include "tui/screen/signals.h"
#include "tui/screen/terminal.h"

#include <stdlib.h>

static bool load_theme(const struct dashboard_options *o, struct theme *theme, struct err *err)
{
    bool ok = theme_load(theme, o->theme != NULL ? o->theme : "default", err);
    if (!ok) {
        err->code = ERR_CONFIG;
    }
    return ok;
}

// Runs the screen until it is left; the terminal is restored before anything else ends.
static bool run_screen(struct dashboard *d, int *sig, struct err *err)
{
    const struct dashboard_options *o = d->o;
    struct ui_options ui_options = {
        .view = o->view,
        .ns = o->ns,
        .options = {.ascii = o->ascii, .dns = o->dns, .instant = clock_local_text},
        .ascii = o->ascii,
        .sync_fd = o->sync_fd,
    };
    if (!bindings_check(bindings, binding_count, views, err) ||
        !load_theme(o, &ui_options.theme, err)) {
        return false;
    }
    struct ui_source source = dashboard_source(d);
    struct ui *ui = ui_new(&ui_options, &source, err);
    if (ui == NULL) {
        return false;
    }
    // Signals are taken before the first byte goes to the terminal, and given back after the last
    // (docs/rules/terminal.md#terminal-restored).
    struct term_options t = {.no_color = o->no_color};
    bool ok = signals_open(err) && term_open(&t, err);
    if (ok) {
        *sig = ui_run(ui);
        term_close();
    }
    signals_close();
    ui_free(ui);
    return ok;
}

bool dashboard_run(const struct dashboard_options *o, int *sig, struct buf *problems,
                   struct err *err)
{
    struct dashboard d = {.o = o, .api = *o->api};
    bool ok = false;
    *sig = 0;
    if (!cluster_init(&d.cluster, err)) {
        buf_adds(problems, err->msg);
        return false;
    }
    if (o->manifests != NULL || dashboard_connect(&d, NULL, problems, err)) {
        ok = run_screen(&d, sig, err);
        if (!ok) {
            buf_adds(problems, err->msg);
        }
    }
    cluster_release(&d.cluster);
    free(d.yaml.text);
    free(d.context);
    return ok;
}
