// SPDX-License-Identifier: Apache-2.0
// Manifests from files into the simulator.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"

#include "tests/apisim/apisim_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct loading {
    struct apisim *s;
    const char *path;
    bool ok;
    struct err *err;
};

static void apply(struct loading *l, const struct json *object, int line)
{
    const struct json *items = json_get(object, "items");
    if (items != NULL && str_ends(json_get_string(object, "kind"), "List")) {
        for (const struct json *i = json_first(items); i != NULL && l->ok; i = json_next(i)) {
            apply(l, i, line);
        }
        return;
    }
    pthread_mutex_lock(&l->s->lock);
    l->ok = sim_apply(l->s, object, l->err) != 0;
    pthread_mutex_unlock(&l->s->lock);
    if (!l->ok) {
        err_prefix(l->err, "%s:%d: ", l->path, line);
    }
}

static bool on_doc(void *self, struct yaml_doc *doc)
{
    struct loading *l = self;
    if (doc->root != NULL && l->ok) {
        apply(l, doc->root, doc->first_line);
    }
    yaml_doc_clear(doc);
    return l->ok;
}

static void on_bad(void *self, struct yaml_mark at, const char *message)
{
    struct loading *l = self;
    if (l->ok) {
        l->ok = err_set(l->err, ERR_PARSE, "%s:%d:%d: %s", l->path, at.line, at.column, message);
    }
}

static bool load_file(struct apisim *s, const char *path, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return err_sys(err, ERR_CONFIG, "cannot open \"%s\"", path);
    }
    struct buf b;
    buf_init(&b, 0);
    char chunk[65536];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) {
        buf_add(&b, chunk, n);
    }
    fclose(f);
    struct loading l = {.s = s, .path = path, .ok = true, .err = err};
    struct yaml_handler h = {.doc = on_doc, .bad = on_bad, .self = &l};
    yaml_each(b.data, b.len, &YAML_MANIFEST_LIMITS, &h);
    buf_release(&b);
    return l.ok;
}

static int is_manifest(const struct dirent *e)
{
    return str_ends(e->d_name, ".yaml") || str_ends(e->d_name, ".yml") ||
           str_ends(e->d_name, ".json");
}

bool apisim_load(struct apisim *s, const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return err_sys(err, ERR_CONFIG, "cannot open \"%s\"", path);
    }
    if (!S_ISDIR(st.st_mode)) {
        return load_file(s, path, err);
    }
    struct dirent **names;
    int n = scandir(path, &names, is_manifest, alphasort);
    if (n < 0) {
        return err_sys(err, ERR_CONFIG, "cannot read \"%s\"", path);
    }
    bool ok = true;
    for (int i = 0; i < n; i++) {
        char *file = xasprintf("%s/%s", path, names[i]->d_name);
        ok = ok && load_file(s, file, err);
        free(file);
        free(names[i]);
    }
    free(names);
    return ok;
}
