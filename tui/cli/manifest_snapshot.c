// SPDX-License-Identifier: Apache-2.0
// Snapshots of manifests.
#include "tui/cli/manifest_snapshot.h"

#include "kube/base/clock.h"
#include "kube/base/log.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_updater.h"

#include <stdio.h>

struct manifest_loader {
    struct store *store;
    bool bad;
};

static void take_object(void *self, const struct object *o)
{
    store_put(((struct manifest_loader *)self)->store, o);
}

static void report_problem(void *self, const char *file, int line, int column, const char *message)
{
    ((struct manifest_loader *)self)->bad = true;
    fprintf(stderr, "gatetop: %s", file);
    if (line > 0) {
        fprintf(stderr, ":%d", line);
    }
    if (line > 0 && column > 0) {
        fprintf(stderr, ":%d", column);
    }
    fprintf(stderr, ": %s\n", message);
}

// Loads the files into the store; false where one was bad.
static bool load(struct store *s, const struct string_list *files, const char *default_ns)
{
    struct manifest_loader loader = {.store = s};
    struct manifest_sink sink = {take_object, report_problem, &loader};
    for (size_t i = 0; i < files->n; i++) {
        if (!manifest_read(files->at[i], default_ns, &sink)) {
            loader.bad = true;
        }
    }
    return !loader.bad;
}

// Publishes the store with its chains and frees both.
static const struct snapshot *publish(struct store *s, struct app_updater *apps)
{
    const void *rows = app_updater_run(apps, store_view(s), clock_now());
    const struct snapshot *snap = store_publish(s, rows, app_rows_unref);
    log_debug(LOG_AREA_STORE, "snapshot of manifests: %ld objects", snap->total);
    log_debug(LOG_AREA_MESH, "%ld chains evaluated", app_updater_made(apps));
    app_updater_free(apps);
    store_free(s);
    return snap;
}

const struct snapshot *manifest_snapshot(const struct string_list *files, const char *default_ns,
                                         const struct dns_settings *dns, bool *bad)
{
    struct store *store = store_new();
    struct app_updater *apps = app_updater_new(dns);
    store_on_change(store, app_updater_changed, apps);
    *bad = !load(store, files, default_ns) || *bad;
    store_all_live(store);
    store_cluster(store)->from_files = true;
    return publish(store, apps);
}

const struct snapshot *manifest_overlay(const struct snapshot *base,
                                        const struct string_list *files,
                                        const struct dns_settings *dns, bool *bad)
{
    struct store *store = store_new();
    struct app_updater *apps = app_updater_new(dns);
    store_on_change(store, app_updater_changed, apps);
    store_copy(store, base);
    *bad = !load(store, files, "default") || *bad;
    return publish(store, apps);
}
