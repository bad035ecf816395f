// SPDX-License-Identifier: Apache-2.0
// Which kubeconfig files, and how they are merged.
#include "kube/api/kubeconfig.h"

#include "kube/base/secret.h"
#include "kube/base/text.h"

#include "kube/api/kubeconfig_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void kube_problem(struct buf *problems, struct kube_origin at, const char *fmt, ...)
{
    struct buf line;
    buf_init(&line, 0);
    if (at.file != NULL) {
        buf_adds(&line, at.file);
        if (at.line > 0) {
            buf_addf(&line, ":%d", at.line);
        }
        buf_adds(&line, ": ");
    }
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&line, fmt, ap);
    va_end(ap);
    struct arena a;
    arena_init(&a);
    buf_adds(problems, text_clean(&a, line.data, line.len, 2048));
    buf_addc(problems, '\n');
    arena_release(&a);
    buf_release(&line);
}

const char *kube_path(struct arena *a, const char *base, const char *path)
{
    char cwd[PATH_MAX];
    const char *whole = path;
    if (*path != '/') {
        if (base == NULL) {
            base = getcwd(cwd, sizeof cwd) != NULL ? cwd : "/";
        }
        whole = arena_printf(a, "%s/%s", base, path);
    }
    char *out = arena_alloc(a, strlen(whole) + 2);
    size_t len = 0;
    for (const char *p = whole; *p != '\0';) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            while (len > 0 && out[--len] != '/') {
            }
        } else if (n > 0 && !(n == 1 && *p == '.')) {
            out[len++] = '/';
            memcpy(out + len, p, n);
            len += n;
        }
        p += n + (p[n] == '/');
    }
    if (len == 0) {
        out[len++] = '/';
    }
    out[len] = '\0';
    return out;
}

bool kube_read_file(const char *path, struct buf *out, char why[ERRNO_TEXT_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t n = fd >= 0 ? 0 : -1;
    char piece[16384];
    while (fd >= 0 && !out->over && (n = read(fd, piece, sizeof piece)) != 0) {
        if (n < 0 && errno != EINTR) {
            break;
        }
        buf_add(out, piece, n > 0 ? (size_t)n : 0);
    }
    int sys = errno;
    secret_wipe(piece, sizeof piece); // it may be a token or a key
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        (void)errno_text(sys, why);
    } else if (out->over) {
        snprintf(why, ERRNO_TEXT_SIZE, "larger than %zu bytes", out->max);
    }
    return n >= 0 && !out->over;
}

// --- one file

struct first_document {
    struct kubeconfig *k;
    const char *file;
    struct buf *problems;
    bool bad;
};

// Only the first document counts.
static bool on_document(void *self, struct yaml_doc *d)
{
    struct first_document *f = self;
    if (f->bad) { // the first one was bad, this is a later one
        yaml_doc_clear(d);
        return false;
    }
    struct kubeconfig *k = f->k;
    struct yaml_doc *doc = ARRAY_PUSH(k->docs, k->doc_count, k->doc_cap);
    *doc = *d;
    kubeconfig_decode(k, f->file, doc, f->problems);
    return false;
}

static void on_bad(void *self, struct yaml_mark at, const char *message)
{
    struct first_document *f = self;
    if (!f->bad) {
        kube_problem(f->problems, (struct kube_origin){f->file, at.line}, "%s", message);
    }
    f->bad = true;
}

void kubeconfig_parse(struct kubeconfig *k, const char *file, const char *text, size_t n,
                      struct buf *problems)
{
    struct first_document f = {k, file, problems, false};
    struct yaml_handler h = {on_document, on_bad, &f};
    k->current_context = k->current_context != NULL ? k->current_context : "";
    (void)!yaml_each(text, n, &YAML_CONFIG_LIMITS, &h);
}

// --- the list of files

static void read_one(struct kubeconfig *k, const char *file, struct buf *problems)
{
    struct buf text;
    char why[ERRNO_TEXT_SIZE];
    buf_init_secret(&text, YAML_CONFIG_LIMITS.bytes);
    if (!kube_read_file(file, &text, why)) {
        kube_problem(problems, (struct kube_origin){file, 0}, "cannot read: %s", why);
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

static void read_list(struct kubeconfig *k, const char *list, struct buf *problems,
                      struct buf *warnings)
{
    struct arena *a = &k->arena;
    size_t seen_count = 0, cap = strlen(list) + 1;
    const char **seen = arena_alloc(a, cap * sizeof *seen), *absent = "";
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
        kube_problem(warnings, (struct kube_origin){NULL, 0},
                     "KUBECONFIG names no existing file: %s", absent);
    }
}

void kubeconfig_load(struct kubeconfig *k, const char *explicit_file, const struct api_env *env,
                     struct buf *problems, struct buf *warnings)
{
    memset(k, 0, sizeof *k);
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
    memset(k, 0, sizeof *k);
}

// clang-format off
#define LOOKUP(kind)                                                                               \
    const struct kube_##kind *kubeconfig_##kind(const struct kubeconfig *k, const char *name)      \
    {                                                                                              \
        for (size_t i = 0; i < k->kind##_count; i++) {                                             \
            if (str_eq(k->kind##s[i].name, name)) {                                                \
                return &k->kind##s[i];                                                             \
            }                                                                                      \
        }                                                                                          \
        return NULL;                                                                               \
    }
// clang-format on
LOOKUP(cluster)
LOOKUP(user)
LOOKUP(context)
