// SPDX-License-Identifier: Apache-2.0
// Snapshots of manifests.
#include "tui/cli/manifest_snapshot.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"

#include "tui/cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KINDS = 32 }; // that are counted apart

// How many documents of one kind are not judged.
struct left_out_kind {
    const char *name;
    long n;
};

struct manifest_loader {
    struct store *store;
    bool bad;
    struct arena names;
    struct left_out_kind kinds[MOST_KINDS];
    size_t nkinds;
};

static void count_left_out(struct manifest_loader *l, const char *kind)
{
    for (size_t i = 0; i < l->nkinds; i++) {
        if (strcmp(l->kinds[i].name, kind) == 0) {
            l->kinds[i].n++;
            return;
        }
    }
    if (l->nkinds < MOST_KINDS) {
        bool last = l->nkinds == MOST_KINDS - 1;
        l->kinds[l->nkinds++] = (struct left_out_kind){last ? "of other kinds" : kind, 1};
    } else {
        l->kinds[MOST_KINDS - 1].n++;
    }
}

static void leave_out(void *self, const char *api_version, const char *kind)
{
    struct manifest_loader *l = self;
    log_debug(LOG_AREA_STORE, "a document of kind %s %s is left out", api_version, kind);
    count_left_out(l, text_clean(&l->names, kind, strlen(kind), 64));
}

// Kinds of which only one thing is read: they are named as left out all the same.
static const struct {
    enum kind kind;
    const char *why;
} half_read[] = {
    {KIND_INGRESS, "Ingress (read for DNS only)"},
    {KIND_K8S_GATEWAY, "Gateway of the Gateway API (read for references only)"},
    {KIND_AUTHORIZATIONPOLICY, "AuthorizationPolicy (read for trace only)"},
    {KIND_ENVOYFILTER, "EnvoyFilter"},
    {KIND_WASMPLUGIN, "WasmPlugin"},
};

static void take_object(void *self, const struct object *o)
{
    struct manifest_loader *l = self;
    for (size_t i = 0; i < ARRAY_COUNT(half_read); i++) {
        if (o->kind == half_read[i].kind) {
            count_left_out(l, half_read[i].why);
        }
    }
    log_debug(LOG_AREA_STORE, "%s %s%s%s from %s:%d", kinds[o->kind].kind, o->ns,
              str_empty(o->ns) ? "" : "/", o->name, o->source != NULL ? o->source->file : "",
              o->source != NULL ? o->source->line : 0);
    store_put(l->store, o);
}

static const struct object *find_earlier(void *self, enum kind k, const char *ns, const char *name)
{
    return store_get(((struct manifest_loader *)self)->store, k, ns, name);
}

static int by_name(const void *x, const void *y)
{
    const struct left_out_kind *a = x, *b = y;
    return strcmp(a->name, b->name);
}

// Says in one line which documents are not judged, and leaves it in the cluster for the view status.
static void report_left_out(struct manifest_loader *l)
{
    struct cluster_info *c = store_cluster(l->store);
    struct buf b;
    buf_init(&b, sizeof c->left_out_kinds - 1);
    if (l->nkinds > 1) {
        qsort(l->kinds, l->nkinds, sizeof *l->kinds, by_name);
    }
    long n = 0;
    for (size_t i = 0; i < l->nkinds; i++) {
        n += l->kinds[i].n;
        (void)buf_addf(&b, "%s%ld %s", i > 0 ? ", " : "", l->kinds[i].n, l->kinds[i].name);
    }
    c->left_out = n;
    (void)snprintf(c->left_out_kinds, sizeof c->left_out_kinds, "%s", b.len > 0 ? b.data : "");
    if (n > 0) {
        fprintf(stderr, "gatetop: %ld %s of kinds that gatetop does not judge: %s%s\n", n,
                n == 1 ? "document is" : "documents are", c->left_out_kinds, b.over ? ", ..." : "");
    }
    buf_release(&b);
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

static void report_note(void *self, const char *file, const char *message)
{
    (void)self;
    fprintf(stderr, "gatetop: %s: %s\n", file, message);
}

// Loads the files into the store, over: to lie over what is there; false if one was bad.
static bool load(struct store *s, const struct string_list *files, const char *default_ns,
                 bool over)
{
    struct manifest_loader loader = {.store = s};
    arena_init(&loader.names);
    struct manifest_sink sink = {.object = take_object,
                                 .bad = report_problem,
                                 .note = report_note,
                                 .left_out = leave_out,
                                 .earlier = over ? NULL : find_earlier,
                                 .self = &loader};
    for (size_t i = 0; i < files->n; i++) {
        if (!manifest_read(files->at[i], default_ns, &sink)) {
            loader.bad = true;
        }
    }
    report_left_out(&loader);
    arena_release(&loader.names);
    return !loader.bad;
}

// What was published: how many objects of each kind.
static void log_kinds(const struct snapshot *s)
{
    log_debug(LOG_AREA_STORE, "snapshot of manifests: %ld objects", s->total);
    for (int k = 0; k < KIND_COUNT && log_area_on(LOG_AREA_STORE); k++) {
        if (s->objects[k].count > 0) {
            log_debug(LOG_AREA_STORE, "%s: %zu objects", kinds[k].resource, s->objects[k].count);
        }
    }
}

// Publishes the store, with its chains where they are wanted, and frees it.
static const struct snapshot *publish(struct store *s, const struct manifest_chains *chains)
{
    const void *rows = NULL;
    long made = 0;
    if (chains->wanted) {
        rows = app_rows_build(store_view(s), chains->dns, clock_now(), &made);
    }
    const struct snapshot *snap = store_publish(s, rows, app_rows_unref);
    log_kinds(snap);
    log_debug(LOG_AREA_MESH, "%ld chains evaluated", made);
    store_free(s);
    return snap;
}

const struct snapshot *manifest_snapshot(const struct string_list *files, const char *default_ns,
                                         bool complete, const struct manifest_chains *chains,
                                         bool *bad)
{
    struct store *store = store_new();
    *bad = !load(store, files, default_ns, false) || *bad;
    store_files_read(store, complete);
    return publish(store, chains);
}

const struct snapshot *manifest_overlay(const struct snapshot *base,
                                        const struct string_list *files,
                                        const struct manifest_chains *chains, bool *bad)
{
    struct store *store = store_new();
    store_copy(store, base);
    *bad = !load(store, files, "default", true) || *bad;
    return publish(store, chains);
}
