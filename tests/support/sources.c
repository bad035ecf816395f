// SPDX-License-Identifier: Apache-2.0
// Reading the sources, and reporting what is wrong with them.
#include "tests/support/sources.h"

#include "kube/base/array.h"

#include "tests/support/file.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

void sources_each(const char *more, void (*see)(void *self, const char *path, const char *text),
                  void *self)
{
    const char *const patterns[] = {
        "kube/*.[ch]",    "kube/*/*.[ch]", "kube/*/*/*.[ch]", "kube/*/*/*/*.[ch]", "views/*.[ch]",
        "views/*/*.[ch]", "tui/*.[ch]",    "tui/*/*.[ch]",    "tui/*/*/*.[ch]",    more};
    size_t files = 0;
    for (size_t i = 0; i < ARRAY_COUNT(patterns) && patterns[i] != NULL; i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) != 0) {
            continue;
        }
        for (size_t k = 0; k < found.gl_pathc; k++, files++) {
            char *text = file_read(found.gl_pathv[k], NULL);
            see(self, found.gl_pathv[k], text);
            free(text);
        }
        globfree(&found);
    }
    assert_true(files > 200); // else this is not the root of the tree
}

void report_init(struct report *r)
{
    *r = (struct report){.wrong = 0};
    buf_init(&r->text, 0);
}

void report_add(struct report *r, const char *path, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_addf(&r->text, "%s:%d: ", path, line);
    buf_vaddf(&r->text, fmt, ap);
    buf_addc(&r->text, '\n');
    va_end(ap);
    r->wrong++;
}

void report_end(struct report *r)
{
    const size_t wrong = r->wrong;
    if (wrong > 0) { // more than print_error takes
        printf("%s%zu places are wrong\n", r->text.data, wrong);
    }
    buf_release(&r->text);
    assert_int_equal(wrong, 0);
}

int line_of(const char *text, const char *at)
{
    int line = 1;
    for (; text < at; text++) {
        line += *text == '\n';
    }
    return line;
}
