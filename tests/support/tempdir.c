// SPDX-License-Identifier: Apache-2.0
// Folders of tests.
#include "tests/support/tempdir.h"

#include "kube/base/mem.h"

#include "tests/support/file.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void need(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(99);
    }
}

char *tempdir_new(void)
{
    const char *base = getenv("TMPDIR");
    char *dir = xasprintf("%s/gatetop-test-XXXXXX", base != NULL && *base != '\0' ? base : "/tmp");
    need(mkdtemp(dir) != NULL, "mkdtemp");
    return dir;
}

void tempdir_write(const char *dir, const char *name, const char *text, unsigned mode)
{
    char *path = xasprintf("%s/%s", dir, name), *fresh = xasprintf("%s.new", path);
    for (char *slash = strchr(path + strlen(dir) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(fresh, "w");
    need(f != NULL, fresh);
    need(fputs(text, f) >= 0 && fclose(f) == 0, fresh);
    need(chmod(fresh, (mode_t)mode) == 0, fresh);
    need(rename(fresh, path) == 0, path);
    free(path);
    free(fresh);
}

size_t tempdir_lines(const char *dir, const char *name)
{
    size_t lines = 0;
    char *path = xasprintf("%s/%s", dir, name);
    if (access(path, F_OK) == 0) {
        char *text = file_read(path, NULL);
        for (const char *p = text; *p != '\0'; p++) {
            lines += *p == '\n';
        }
        free(text);
    }
    free(path);
    return lines;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void tempdir_free(char *dir)
{
    nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
    free(dir);
}
