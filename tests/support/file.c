// SPDX-License-Identifier: Apache-2.0
// Reading files.
#include "tests/support/file.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"

#include <stdio.h>
#include <stdlib.h>

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

struct json *file_json(const char *path)
{
    struct err err = {0};
    size_t n;
    char *text = file_read(path, &n);
    struct json *j = json_parse(text, n, &err);
    if (j == NULL) {
        fprintf(stderr, "%s: %s\n", path, err.msg);
        abort();
    }
    free(text);
    return j;
}
