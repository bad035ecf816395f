// SPDX-License-Identifier: Apache-2.0
// Fills a documentation template from the program's tables: gendoc TEMPLATE > PAGE.
#include "kube/base/mem.h"

#include "tui/cli/generated_docs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (f == NULL) {
        char why[ERRNO_TEXT_SIZE];
        fprintf(stderr, "gendoc: %s\n",
                argc == 2 ? errno_text(errno, why) : "usage: gendoc TEMPLATE");
        return 2;
    }
    struct buf in, out;
    buf_init(&in, 0);
    buf_init(&out, 0);
    char bytes[4096];
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, f)) > 0;) {
        buf_add(&in, bytes, n);
    }
    fclose(f);
    struct err err;
    bool ok = gendoc_fill(in.data != NULL ? in.data : "", &out, &err);
    if (ok) {
        fputs(out.data, stdout);
    } else {
        fprintf(stderr, "gendoc: %s\n", err.msg);
    }
    buf_release(&in);
    buf_release(&out);
    return ok ? 0 : 1;
}
