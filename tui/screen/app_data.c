// SPDX-License-Identifier: Apache-2.0
// What comes from the source (snapshots, YAML, a terminal that is wanted) and from time.
#include "kube/base/clock.h"
#include "kube/base/log.h"

#include "tui/screen/app_internal.h"
#include "tui/screen/terminal_lend.h"

#include <unistd.h>

enum {
    REBUILD_SHARE = 1
}; // a rebuild for a new snapshot waits this many times what the last one took

static void lend_terminal(struct app *a)
{
    log_debug(LOG_AREA_SCREEN, "the terminal is lent to a credential plugin");
    terminal_lend(true);
    a->source.terminal_lend(a->source.self);
    terminal_lend(false);
    log_debug(LOG_AREA_SCREEN, "the terminal is back");
    a->repaint = a->resized = true;
}

static void drain(struct app *a)
{
    char bytes[256];
    ssize_t n = 1;
    while (a->source.wake_fd >= 0 && (n = read(a->source.wake_fd, bytes, sizeof bytes)) > 0) {
    }
    if (n == 0) { // closed: nothing comes any more, and poll would return at once for ever
        a->source.wake_fd = -1;
    }
}

static void take_snapshot(struct app *a)
{
    const struct snapshot *s = a->source.latest(a->source.self);
    if (s == NULL || s == a->snap) {
        snapshot_unref(s);
        return;
    }
    log_debug(LOG_AREA_SCREEN, "snapshot %llu, %ld objects", (unsigned long long)s->generation,
              s->total);
    bool first = a->snap == NULL;
    snapshot_unref(a->snap);
    a->snap = s;
    a->taken++;
    if (first || app_page(a)->rows == NULL) {
        app_build(a, "the first snapshot");
    } else {
        app_build_later(a, a->built_at + a->build_cost * REBUILD_SHARE, "a new snapshot");
    }
}

void app_wake(struct app *a)
{
    struct yaml_answer yaml = {0};
    drain(a);
    if (a->source.terminal_wanted != NULL && a->source.terminal_wanted(a->source.self)) {
        lend_terminal(a);
    }
    if (a->source.yaml_take != NULL && a->source.yaml_take(a->source.self, &yaml)) {
        app_take_yaml(a, &yaml);
    }
    if (!a->paused || a->snap == NULL) {
        take_snapshot(a);
    }
}

void app_due(struct app *a, bool all)
{
    int64_t now = clock_mono_ms();
    if (a->message[0] != '\0' && now >= a->message_until) {
        a->message[0] = '\0';
    }
    if (a->want_build && (all || now >= a->build_after) && !a->paused) {
        app_build(a, a->build_why);
        a->awaited = false; // nobody waits for it
    }
}

void app_forget_cluster(struct app *a)
{
    app_close_texts(a);
    for (int i = 0; i < MAX_RECENT; i++) {
        set_str(&a->recent[i], NULL);
    }
    set_str(&a->ns, NULL);
    // Nothing of the old cluster is shown as if it were the new one's, not even what Z held.
    snapshot_unref(a->snap);
    a->snap = NULL;
    a->paused = false;
    app_go(a, app_page(a)->view, NULL, NULL);
    app_wake(a);
}
