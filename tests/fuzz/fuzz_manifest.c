// SPDX-License-Identifier: Apache-2.0
// Manifests from any text, and `check` over what they hold: both end, whatever is written there.
#include "kube/base/arena.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/check/check.h"

#include "tests/fuzz/fuzz.h"

FUZZ_ENTRY(manifest)

static void on_object(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void on_bad(void *self, const char *file, int line, int column, const char *message)
{
    (void)self, (void)file, (void)line, (void)column, (void)message;
}

int fuzz_manifest(const uint8_t *data, size_t size)
{
    if (size > 20000) { // long inputs find nothing that short ones do not
        return 0;
    }
    struct store *s = store_new();
    struct manifest_sink sink = {.object = on_object, .bad = on_bad, .self = s};
    (void)!manifest_read_text("fuzz.yaml", (const char *)data, size, "default", &sink);
    store_files_read(s, size % 2 == 0);
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    struct arena a;
    arena_init(&a);
    struct mesh m = {.snap = snap, .arena = &a, .now = 1795000000};
    struct findings f = {NULL, 0, 0};
    check_run(&m, NULL, &f);
    arena_release(&a);
    snapshot_unref(snap);
    store_free(s);
    return 0;
}
