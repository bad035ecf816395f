// SPDX-License-Identifier: Apache-2.0
// Reading files.
#include "tests/support/file.h"

#include "kube/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *file_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        abort();
    }
    struct buf b;
    buf_init(&b, 0);
    char part[65536];
    for (size_t got; (got = fread(part, 1, sizeof part, f)) > 0;) {
        buf_add(&b, part, got);
    }
    (void)fclose(f);
    if (n != NULL) {
        *n = b.len;
    }
    return buf_take(&b);
}

size_t file_lines(const char *path)
{
    if (access(path, F_OK) != 0) {
        return 0;
    }
    size_t lines = 0;
    char *text = file_read(path, NULL);
    for (const char *p = text; *p != '\0'; p++) {
        lines += *p == '\n';
    }
    free(text);
    return lines;
}
