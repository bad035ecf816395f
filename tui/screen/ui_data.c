// SPDX-License-Identifier: Apache-2.0
// Handles what comes from the source (snapshots, YAML, a plugin that wants the terminal), and what is due.
#include "kube/base/clock.h"
#include "kube/base/log.h"

#include "tui/screen/terminal_lend.h"
#include "tui/screen/ui_internal.h"

#include <unistd.h>

enum {
    REBUILD_SHARE = 1
}; // a rebuild for a new snapshot waits this many times the cost of the last one

static void lend_terminal(struct ui *ui)
{
    log_debug(LOG_AREA_SCREEN, "the terminal is lent to a credential plugin");
    terminal_lend(true);
    ui->source.terminal_lend(ui->source.self);
    terminal_lend(false);
    log_debug(LOG_AREA_SCREEN, "the terminal is back");
    ui->repaint = ui->resized = true;
}

static void drain(struct ui *ui)
{
    char bytes[256];
    ssize_t n = 1;
    while (ui->source.wake_fd >= 0 && (n = read(ui->source.wake_fd, bytes, sizeof bytes)) > 0) {
    }
    if (n == 0) { // closed: nothing more comes, and poll would return at once each time
        ui->source.wake_fd = -1;
    }
}

static void take_snapshot(struct ui *ui)
{
    const struct snapshot *s = ui->source.latest(ui->source.self);
    if (s == NULL || s == ui->snap) {
        snapshot_unref(s);
        return;
    }
    log_debug(LOG_AREA_SCREEN, "snapshot %llu, %ld objects", (unsigned long long)s->generation,
              s->total);
    bool first = ui->snap == NULL;
    snapshot_unref(ui->snap);
    ui->snap = s;
    ui->taken++;
    if (first || ui_page(ui)->rows == NULL) {
        ui_build(ui, "the first snapshot");
    } else {
        ui_build_later(ui, ui->built_at + ui->build_cost * REBUILD_SHARE, "a new snapshot");
    }
}

void ui_wake(struct ui *ui)
{
    struct yaml_answer yaml = {0};
    drain(ui);
    if (ui->source.terminal_wanted != NULL && ui->source.terminal_wanted(ui->source.self)) {
        lend_terminal(ui);
    }
    if (ui->source.yaml_take != NULL && ui->source.yaml_take(ui->source.self, &yaml)) {
        ui_take_yaml(ui, &yaml);
    }
    if (!ui->paused || ui->snap == NULL) {
        take_snapshot(ui);
    }
}

void ui_due(struct ui *ui, bool all)
{
    int64_t now = clock_mono_ms();
    if (ui->message[0] != '\0' && now >= ui->message_until) {
        ui->message[0] = '\0';
    }
    if (ui->want_build && (all || now >= ui->build_after) && !ui->paused) {
        ui_build(ui, ui->build_why);
        ui->awaited = false; // no key waits for it
    }
}

void ui_forget_cluster(struct ui *ui)
{
    ui_close_texts(ui);
    for (int i = 0; i < MAX_RECENT; i++) {
        set_str(&ui->recent[i], NULL);
    }
    set_str(&ui->ns, NULL);
    // Nothing of the old cluster may be shown as the new one's, not even a paused snapshot.
    snapshot_unref(ui->snap);
    ui->snap = NULL;
    ui->paused = false;
    ui_go(ui, ui_page(ui)->view, NULL, NULL);
    ui_wake(ui);
}
