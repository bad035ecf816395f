// SPDX-License-Identifier: Apache-2.0
// The recorded answers of the real programs.
#include "tests/support/corpus.h"

#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *corpus_dir(void)
{
    static const char dir[] = "tests/fixtures/corpus";
    if (!is_dir(dir)) {
        fail_msg("%s is missing: run from the root of the tree", dir);
    }
    return dir;
}

static void collect(struct corpus_files *f, const char *dir, const char *head, const char *tail,
                    bool deep)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.') {
            continue;
        }
        char *path = xasprintf("%s/%s", dir, e->d_name);
        if (is_dir(path)) {
            if (deep) {
                collect(f, path, head, tail, false);
            }
        } else if (str_starts(e->d_name, head) && str_ends(e->d_name, tail)) {
            *ARRAY_PUSH(f->at, f->n, f->cap) = xstrdup(path);
        }
        free(path);
    }
    if (d != NULL) {
        closedir(d);
    }
}

struct corpus_files corpus_list(const char *sub, const char *head, const char *tail, bool deep)
{
    struct corpus_files f = {.n = 0};
    char *path = xasprintf("%s/%s", corpus_dir(), sub);
    collect(&f, path, head, tail, deep);
    if (f.n == 0) {
        fail_msg("%s holds no %s*%s", path, head, tail);
    }
    free(path);
    qsort(f.at, f.n, sizeof *f.at, str_order);
    return f;
}

void corpus_files_release(struct corpus_files *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->at[i]);
    }
    free(f->at);
    *f = (struct corpus_files){.n = 0};
}
