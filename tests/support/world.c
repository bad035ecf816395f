// SPDX-License-Identifier: Apache-2.0
// Snapshots for tests, made from manifests as `-f` makes them.
#include "tests/support/world.h"

#include "kube/base/buf.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void bad(void *self, const char *file, int line, int column, const char *message)
{
    (void)self;
    (void)fprintf(stderr, "%s:%d:%d: %s\n", file, line, column, message);
    abort();
}

static const struct snapshot *finish(struct store *s)
{
    store_cluster(s)->from_files = true;
    for (int k = 0; k < KIND_COUNT; k++) {
        struct kind_state *state = store_state(s, (enum kind)k);
        state->state = SYNC_LIVE;
        state->synced = true;
    }
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    store_free(s);
    return snap;
}

const struct snapshot *world_from_yaml(const char *text)
{
    struct store *s = store_new();
    struct manifest_sink sink = {put, bad, s};
    if (!manifest_read_text("world.yaml", text, strlen(text), "default", &sink)) {
        abort();
    }
    return finish(s);
}

void world_open_snapshot(struct world *w, const struct snapshot *snap, int64_t now)
{
    memset(w, 0, sizeof *w);
    w->snap = snap;
    arena_init(&w->arena);
    w->mesh = (struct mesh){.snap = snap, .arena = &w->arena, .now = now};
}

void world_open(struct world *w, const char *yaml, int64_t now)
{
    world_open_snapshot(w, world_from_yaml(yaml), now);
}

void world_close(struct world *w)
{
    arena_release(&w->arena);
    snapshot_unref(w->snap);
}

char *world_read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b;
    char part[65536];
    size_t n;
    if (f == NULL) {
        perror(path);
        abort();
    }
    buf_init(&b, 0);
    while ((n = fread(part, 1, sizeof part, f)) > 0) {
        buf_add(&b, part, n);
    }
    (void)fclose(f);
    return buf_take(&b);
}
