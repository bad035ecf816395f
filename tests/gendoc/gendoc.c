// SPDX-License-Identifier: Apache-2.0
// Fills a template of a manual page from the program's tables: gendoc TEMPLATE > PAGE.
#include "kube/base/buf.h"
#include "kube/base/err.h"

#include "tui/cli/cli_manual.h"
#include "tui/screen/screen_manual.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static const struct mdoc_section *const lists[] = {cli_manual, screen_manual, NULL};
    if (argc != 2) {
        fputs("usage: gendoc TEMPLATE\n", stderr);
        return 2;
    }
    FILE *f = fopen(argv[1], "r");
    if (f == NULL) {
        perror(argv[1]);
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
    bool ok = mdoc_fill(in.data, lists, &out, &err);
    if (ok) {
        fwrite(out.data, 1, out.len, stdout);
    } else {
        fprintf(stderr, "gendoc: %s\n", err.msg);
    }
    buf_release(&in);
    buf_release(&out);
    return ok ? 0 : 1;
}
