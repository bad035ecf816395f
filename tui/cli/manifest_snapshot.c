// SPDX-License-Identifier: Apache-2.0
// Snapshots of manifests.
#include "tui/cli/manifest_snapshot.h"

#include "kube/base/clock.h"
#include "kube/base/log.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/apps_once.h"

#include "tui/cli/output.h"

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
    if (line > 0 && column > 0) {
        output_problem("%s:%d:%d: %s", file, line, column, message);
    } else if (line > 0) {
        output_problem("%s:%d: %s", file, line, message);
    } else {
        output_problem("%s: %s", file, message);
    }
}

// Loads the files into the store; false if one was bad.
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

// Publishes the store, with its chains where they are wanted, and frees it.
static const struct snapshot *publish(struct store *s, const struct manifest_chains *chains)
{
    const void *rows = NULL;
    long made = 0;
    if (chains->wanted) {
        rows = apps_once(store_view(s), chains->dns, clock_now(), &made);
    }
    const struct snapshot *snap = store_publish(s, rows, app_rows_unref);
    log_debug(LOG_AREA_STORE, "snapshot of manifests: %ld objects", snap->total);
    log_debug(LOG_AREA_MESH, "%ld chains evaluated", made);
    store_free(s);
    return snap;
}

const struct snapshot *manifest_snapshot(const struct string_list *files, const char *default_ns,
                                         const struct manifest_chains *chains, bool *bad)
{
    struct store *store = store_new();
    *bad = !load(store, files, default_ns) || *bad;
    store_all_live(store);
    store_cluster(store)->from_files = true;
    return publish(store, chains);
}

const struct snapshot *manifest_overlay(const struct snapshot *base,
                                        const struct string_list *files,
                                        const struct manifest_chains *chains, bool *bad)
{
    struct store *store = store_new();
    store_copy(store, base);
    *bad = !load(store, files, "default") || *bad;
    return publish(store, chains);
}
