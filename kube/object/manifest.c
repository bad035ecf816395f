// SPDX-License-Identifier: Apache-2.0
// Manifests: files, folders and standard input with objects in YAML or JSON.
#include "kube/object/manifest.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"

#include "kube/object/api_group.h"
#include "kube/object/decode.h"
#include "kube/object/json_fields_internal.h"
#include "kube/object/manifest_source.h"
#include "kube/object/manifest_text_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_DEPTH 64

// Standard input can be read once only; what it gave is kept for manifest_text.
// Written while manifests are read, before there are threads.
static struct buf stdin_text;
static bool stdin_taken;

struct manifest_reader {
    const char *file, *default_ns;
    const struct manifest_sink *sink;
    bool ok;
    bool template; // actions of Go templates are in the text
    bool reported; // that it must be rendered first
};

static void bad(struct manifest_reader *r, struct yaml_mark at, const char *message)
{
    r->ok = false;
    r->sink->bad(r->sink->self, r->file, at.line, at.column, message);
}

// --- one document

// Reports an apiVersion and kind that no API server has.
static bool api_exists(struct manifest_reader *r, struct yaml_mark at, const char *api_version,
                       const char *kind)
{
    ASSERT(api_version != NULL && kind != NULL);
    struct arena a;
    arena_init(&a);
    const char *problem =
        api_group_problem(&a, text_clean(&a, api_version, strlen(api_version), 80),
                          text_clean(&a, kind, strlen(kind), 80));
    if (problem != NULL) {
        bad(r, at, problem);
    }
    arena_release(&a);
    return problem == NULL;
}

// Where the object was written before; NULL: nowhere, or it is this very document, read twice.
static const struct object_source *earlier(struct manifest_reader *r, enum kind k,
                                           const struct json *j, int line)
{
    const struct json *metadata = json_get(j, "metadata");
    const char *name = json_get_string(metadata, "name");
    const char *ns = json_get_string(metadata, "namespace");
    if (r->sink->earlier == NULL || name == NULL) {
        return NULL;
    }
    ns = !kinds[k].namespaced ? "" : str_empty(ns) ? r->default_ns : ns;
    const struct object *o = r->sink->earlier(r->sink->self, k, ns, name);
    const struct object_source *s = o != NULL ? o->source : NULL;
    return s == NULL || (strcmp(s->file, r->file) == 0 && s->line == line) ? NULL : s;
}

// Items of a typed list as a server gives it (ServiceList) carry neither apiVersion nor kind: the list's.
static void one_object(struct manifest_reader *r, const struct yaml_doc *doc, const struct json *j,
                       const char *list_version, const char *list_kind, int last_line)
{
    struct yaml_mark at = yaml_value_mark(doc, j);
    if (at.line == 0) {
        at.line = doc->first_line;
    }
    if (json_type(j) != JSON_OBJECT) {
        struct err e;
        err_set(&e, ERR_PARSE, "an object was expected here, not %s", json_type_name(json_type(j)));
        bad(r, at, e.msg);
        return;
    }
    const char *api_version = json_get_string(j, "apiVersion");
    const char *kind = json_get_string(j, "kind");
    api_version = api_version != NULL ? api_version : list_version;
    kind = kind != NULL ? kind : list_kind;
    if (str_empty(api_version) || str_empty(kind)) {
        bad(r, at,
            str_empty(kind) ? "this document has no kind: write apiVersion and kind at its top"
                            : "this document has no apiVersion: write it at its top");
        return;
    }
    enum kind k = kind_find(api_version, kind);
    if (!api_exists(r, at, api_version, kind)) {
        return;
    }
    if (k == KIND_COUNT) {
        if (r->sink->left_out != NULL) {
            r->sink->left_out(r->sink->self, api_version, kind);
        }
        return;
    }
    struct decode_source source = {.file = r->file,
                                   .default_ns = r->default_ns,
                                   .doc = doc,
                                   .line = at.line,
                                   .last_line = last_line,
                                   .earlier = earlier(r, k, j, at.line)};
    struct err e;
    struct object *o = object_decode(k, api_version, j, &source, &e);
    if (o == NULL) {
        bad(r, at, e.msg);
        return;
    }
    r->sink->object(r->sink->self, o);
}

static bool is_list(const struct json *root)
{
    const char *kind = json_get_string(root, "kind");
    return kind != NULL && str_ends(kind, "List") && json_get(root, "items") != NULL;
}

static void list_items(struct manifest_reader *r, const struct yaml_doc *doc)
{
    const struct json *root = doc->root;
    const char *version = json_get_string(root, "apiVersion");
    char *kind = xstrdup(json_get_string(root, "kind"));
    kind[strlen(kind) - strlen("List")] = '\0';
    bool typed = kind[0] != '\0' && !str_eq(kind, "PartialObjectMetadata");
    const struct json *items = json_get(root, "items");
    EACH_ITEM(c, items)
    {
        struct yaml_mark next = yaml_value_mark(doc, json_next(c));
        one_object(r, doc, c, typed ? version : NULL, typed ? kind : NULL,
                   next.line > 0 ? next.line - 1 : doc->last_line);
    }
    free(kind);
}

static bool on_doc(void *self, struct yaml_doc *doc)
{
    struct manifest_reader *r = self;
    if (is_list(doc->root)) {
        list_items(r, doc);
    } else if (!field_is_null(doc->root)) { // nothing but comments is no object
        one_object(r, doc, doc->root, NULL, NULL, doc->last_line);
    }
    yaml_doc_clear(doc);
    return true;
}

static void on_bad(void *self, struct yaml_mark at, const char *message)
{
    struct manifest_reader *r = self;
    if (!r->template) {
        bad(r, at, message);
    } else if (!r->reported) { // what else is no YAML is no news
        r->reported = true;
        bad(r, at,
            "this is a template of Helm, no YAML: render it first: helm template CHART | gatetop "
            "... -f -");
    }
}

bool manifest_read_text(const char *file, const char *text, size_t n, const char *default_ns,
                        const struct manifest_sink *sink)
{
    struct manifest_reader r = {.file = file,
                                .default_ns = default_ns,
                                .sink = sink,
                                .ok = true,
                                .template = manifest_is_template(text, n)};
    struct yaml_handler h = {on_doc, on_bad, &r};
    if (manifest_is_utf16(text, n)) {
        bad(&r, (struct yaml_mark){.line = 1, .column = 1},
            "this is UTF-16 without a byte order mark: save it as UTF-8");
        return false;
    }
    struct buf quoted;
    buf_init(&quoted, 0);
    bool changed = manifest_quote_addresses(text, n, &quoted);
    bool ok = yaml_each(changed ? quoted.data : text, changed ? quoted.len : n,
                        &YAML_MANIFEST_LIMITS, &h);
    buf_release(&quoted);
    return ok && r.ok;
}

// --- files and folders

static bool read_all(int fd, struct buf *out)
{
    char chunk[65536];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0;
        }
        if (!buf_add(out, chunk, (size_t)n)) {
            errno = EFBIG;
            return false;
        }
    }
}

static bool read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool ok = read_all(fd, out);
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

static bool fail(const char *path, const char *what, const struct manifest_sink *sink)
{
    struct err e;
    err_sys(&e, ERR_CONFIG, "cannot %s '%s'", what, path);
    sink->bad(sink->self, path, 0, 0, e.msg);
    return false;
}

static bool read_stdin(const char *default_ns, const struct manifest_sink *sink)
{
    if (!stdin_taken) {
        buf_init(&stdin_text, YAML_MANIFEST_LIMITS.bytes);
        if (!read_all(STDIN_FILENO, &stdin_text)) {
            bool ok = fail("-", "read", sink); // says errno
            buf_release(&stdin_text);
            return ok;
        }
        stdin_taken = true;
    }
    return manifest_read_text("-", stdin_text.data, stdin_text.len, default_ns, sink);
}

static bool read_one(const char *path, const char *default_ns, const struct manifest_sink *sink)
{
    const char *slash = strrchr(path, '/');
    if (manifest_is_kustomization(slash != NULL ? slash + 1 : path)) {
        if (sink->note != NULL) {
            sink->note(
                sink->self, path,
                "this is a kustomization, no manifest: kustomize build DIR | gatetop ... -f -");
        }
        return true;
    }
    struct buf text;
    buf_init(&text, YAML_MANIFEST_LIMITS.bytes);
    bool ok = read_file(path, &text)
                  ? manifest_read_text(path, text.data, text.len, default_ns, sink)
                  : fail(path, "read", sink);
    buf_release(&text);
    return ok;
}

struct paths {
    char **at;
    size_t n, cap;
};

static bool is_manifest_name(const char *name)
{
    return str_ends(name, ".yaml") || str_ends(name, ".yml") || str_ends(name, ".json");
}

static void add_path(struct paths *p, char *path)
{
    *ARRAY_PUSH(p->at, p->n, p->cap) = path;
}

// --- folders that are more than manifests

static bool holds(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    struct stat st;
    bool there = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    free(path);
    return there;
}

struct kustomization {
    struct json *root; // of its document; NULL: the folder has none, or it cannot be read
    const char *dir;
    struct kustomization *outer; // of the folder that this one is in
    bool patches;                // some were met
};

static bool take_root(void *self, struct yaml_doc *doc)
{
    struct kustomization *k = self;
    k->root = doc->root;
    doc->root = NULL;
    yaml_doc_clear(doc);
    return false;
}

// That of a folder; what is wrong with it is kustomize's business.
static struct kustomization find_kustomization(const char *dir, struct kustomization *outer)
{
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
    struct kustomization k = {.dir = dir, .outer = outer};
    for (size_t i = 0; i < ARRAY_COUNT(names) && k.root == NULL; i++) {
        char *path = xasprintf("%s/%s", dir, names[i]);
        struct buf text;
        buf_init(&text, YAML_CONFIG_LIMITS.bytes);
        struct yaml_handler h = {.doc = take_root, .self = &k};
        if (holds(dir, names[i]) && read_file(path, &text)) {
            (void)yaml_each(text.data, text.len, &YAML_CONFIG_LIMITS, &h);
        }
        buf_release(&text);
        free(path);
    }
    return k;
}

// A file that kustomize reads, and that is no manifest: of its folder or of one around it.
static bool belongs_to_kustomize(struct kustomization *k, const char *path)
{
    if (manifest_is_kustomization(strrchr(path, '/') + 1)) {
        return true;
    }
    for (; k != NULL; k = k->outer) {
        const char *rest = path + strlen(k->dir);
        rest += *rest == '/';
        if (k->root != NULL && manifest_is_patch(k->root, rest)) {
            k->patches = true;
            return true;
        }
    }
    return false;
}

static void note_patches(const char *dir, const struct manifest_sink *sink)
{
    if (sink->note != NULL) {
        sink->note(sink->self, dir,
                   "the patches of its kustomization are left out: kustomize build DIR | gatetop "
                   "... -f - has them");
    }
}

// Folders behind symbolic links are not entered: a mounted ConfigMap would be read twice.
static bool collect(struct paths *p, const char *dir, int depth, struct kustomization *outer,
                    const struct manifest_sink *sink)
{
    if (holds(dir, "Chart.yaml")) {
        sink->bad(sink->self, dir, 0, 0,
                  "this is a chart of Helm: render it first: helm template DIR | gatetop ... -f -");
        return false;
    }
    DIR *d = depth < DIR_DEPTH ? opendir(dir) : NULL;
    if (d == NULL) {
        if (depth >= DIR_DEPTH) {
            errno = ELOOP;
        }
        return fail(dir, "read the folder", sink);
    }
    bool ok = true;
    struct kustomization k = find_kustomization(dir, outer);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has d
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        char *path = xasprintf("%s%s%s", dir, str_ends(dir, "/") ? "" : "/", e->d_name);
        struct stat st;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            ok = collect(p, path, depth + 1, &k, sink) && ok;
        } else if (!belongs_to_kustomize(&k, path) && is_manifest_name(e->d_name) &&
                   stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            add_path(p, path);
            continue;
        }
        free(path);
    }
    closedir(d);
    json_free(k.root);
    if (k.patches) {
        note_patches(dir, sink);
    }
    return ok;
}

static bool read_folder(const char *path, const char *default_ns, const struct manifest_sink *sink)
{
    struct paths p = {NULL, 0, 0};
    bool ok = collect(&p, path, 0, NULL, sink);
    if (ok && p.n == 0) { // a wrong path must not pass for manifests without a fault
        sink->bad(sink->self, path, 0, 0, "no *.yaml, *.yml or *.json file is in this folder");
        ok = false;
    }
    if (p.n > 1) {
        qsort(p.at, p.n, sizeof *p.at, str_order);
    }
    for (size_t i = 0; i < p.n; i++) {
        ok = read_one(p.at[i], default_ns, sink) && ok;
        free(p.at[i]);
    }
    free(p.at);
    return ok;
}

bool manifest_read(const char *path, const char *default_ns, const struct manifest_sink *sink)
{
    if (strcmp(path, "-") == 0) {
        return read_stdin(default_ns, sink);
    }
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail(path, "read", sink);
    }
    return S_ISDIR(st.st_mode) ? read_folder(path, default_ns, sink)
                               : read_one(path, default_ns, sink);
}

// --- the text again

bool manifest_text(const char *file, struct buf *out)
{
    if (strcmp(file, "-") == 0) {
        return stdin_taken && buf_add(out, stdin_text.data, stdin_text.len);
    }
    return read_file(file, out) && out->len > 0;
}
