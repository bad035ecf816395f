// SPDX-License-Identifier: Apache-2.0
// Which kubeconfig files, and how they are merged.
#include "kube/api/kubeconfig.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"

#include "kube/api/config_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// --- one file

struct first_document {
    struct kubeconfig *k;
    const char *file;
    struct buf *problems;
    bool bad;
};

// Only the first document counts (docs/rules/kubernetes-client.md#kubeconfig-documents).
static bool on_document(void *self, struct yaml_doc *d)
{
    struct first_document *f = self;
    if (f->bad) { // the first one was bad, this is a later one
        yaml_doc_clear(d);
        return false;
    }
    struct kubeconfig *k = f->k;
    struct yaml_doc *kept = ARRAY_PUSH(k->docs, k->doc_count, k->doc_cap);
    *kept = *d;
    kubeconfig_decode(k, f->file, kept, f->problems);
    return false;
}

static void on_bad(void *self, struct yaml_mark at, const char *message)
{
    struct first_document *f = self;
    if (!f->bad) {
        config_problem(f->problems, (struct config_origin){f->file, at.line}, "%s", message);
    }
    f->bad = true;
}

void kubeconfig_parse(struct kubeconfig *k, const char *file, const char *text, size_t n,
                      struct buf *problems)
{
    struct first_document f = {k, file, problems, false};
    struct yaml_handler h = {on_document, on_bad, &f};
    k->current_context = str_or_empty(k->current_context);
    (void)!yaml_each(text, n, &YAML_CONFIG_LIMITS, &h);
}

// --- the list of files

static void read_one(struct kubeconfig *k, const char *file, struct buf *problems)
{
    struct buf text;
    char why[ERRNO_TEXT_SIZE];
    buf_init_secret(&text, YAML_CONFIG_LIMITS.bytes);
    if (!config_file_read(file, &text, why)) {
        config_problem(problems, (struct config_origin){file, 0}, "cannot read: %s", why);
    } else {
        kubeconfig_parse(k, file, text.data, text.len, problems);
        k->files = arena_printf(&k->arena, "%s%s%s", k->files, *k->files != '\0' ? ", " : "", file);
    }
    buf_release(&text);
}

static bool missing(const char *file)
{
    struct stat st;
    return stat(file, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

// Files that do not exist are named only where none exists (docs/rules/kubernetes-client.md#kubeconfig-missing-files).
static void read_list(struct kubeconfig *k, const char *list, struct buf *problems,
                      struct buf *warnings)
{
    struct arena *a = &k->arena;
    size_t seen_count = 0, cap = strlen(list) + 1;
    const char **seen = arena_calloc(a, cap, sizeof *seen), *absent = "";
    while (*list != '\0') {
        size_t n = strcspn(list, ":");
        const char *file = arena_strndup(a, list, n);
        list += n + (list[n] == ':');
        bool again = n == 0;
        for (size_t i = 0; i < seen_count; i++) {
            again = again || strcmp(seen[i], file) == 0;
        }
        if (again) {
            continue;
        }
        seen[seen_count++] = file;
        if (missing(file)) {
            absent = arena_printf(a, "%s%s%s", absent, *absent != '\0' ? ", " : "", file);
        } else {
            read_one(k, file, problems);
        }
    }
    if (*absent != '\0' && *k->files == '\0' && problems->len == 0) {
        config_problem(warnings, (struct config_origin){NULL, 0},
                       "KUBECONFIG names no existing file: %s", absent);
    }
}

void kubeconfig_load(struct kubeconfig *k, const char *explicit_file, const struct environment *env,
                     struct buf *problems, struct buf *warnings)
{
    *k = (struct kubeconfig){0};
    arena_init_secret(&k->arena);
    k->files = k->current_context = "";
    const char *list = env->get(env->self, "KUBECONFIG");
    const char *home = env->get(env->self, "HOME");
    if (!str_empty(explicit_file)) {
        read_one(k, explicit_file, problems);
    } else if (!str_empty(list)) {
        read_list(k, list, problems, warnings);
    } else if (!str_empty(home)) {
        const char *file = arena_printf(&k->arena, "%s/.kube/config", home);
        if (!missing(file)) {
            read_one(k, file, problems);
        }
    }
}

void kubeconfig_release(struct kubeconfig *k)
{
    for (size_t i = 0; i < k->doc_count; i++) {
        yaml_doc_clear(&k->docs[i]);
    }
    free(k->docs);
    arena_release(&k->arena);
    *k = (struct kubeconfig){0};
}
