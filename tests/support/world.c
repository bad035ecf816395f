// SPDX-License-Identifier: Apache-2.0
// Snapshots for tests, made from manifests as `-f` makes them.
#include "tests/support/world.h"

#include "kube/base/fail.h"

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

static const struct snapshot *finish(struct store *s, bool complete)
{
    store_files_read(s, complete);
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    store_free(s);
    return snap;
}

void world_put(struct store *s, const char *text)
{
    struct manifest_sink sink = {.object = put, .bad = bad, .self = s};
    if (!manifest_read_text("world.yaml", text, strlen(text), "default", &sink)) {
        abort();
    }
}

void world_put_path(struct store *s, const char *path)
{
    struct manifest_sink sink = {.object = put, .bad = bad, .self = s};
    if (!manifest_read(path, "default", &sink)) {
        abort();
    }
}

const struct snapshot *world_from_yaml(const char *text)
{
    struct store *s = store_new();
    world_put(s, text);
    return finish(s, true);
}

static void take(void *self, const struct object *o)
{
    const struct object **only = self;
    ASSERT(*only == NULL);
    *only = o;
}

const struct object *world_object(const char *text)
{
    const struct object *only = NULL;
    struct manifest_sink sink = {.object = take, .bad = bad, .self = &only};
    if (!manifest_read_text("object.yaml", text, strlen(text), "default", &sink) || only == NULL) {
        abort();
    }
    return only;
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

void world_open_excerpt(struct world *w, const char *yaml, int64_t now)
{
    struct store *s = store_new();
    world_put(s, yaml);
    world_open_snapshot(w, finish(s, false), now);
}

void world_close(struct world *w)
{
    arena_release(&w->arena);
    snapshot_unref(w->snap);
}

struct str_list world_list(struct arena *a, const char *one, const char *two)
{
    struct str_array l = {.n = 0};
    if (one != NULL) {
        str_array_add(a, &l, one);
    }
    if (two != NULL) {
        str_array_add(a, &l, two);
    }
    return str_array_list(&l);
}
