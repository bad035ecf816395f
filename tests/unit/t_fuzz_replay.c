// SPDX-License-Identifier: Apache-2.0
// Runs every fuzz target on each file of its corpus (tests/fuzz/README.md).
#include "kube/base/mem.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define FUZZ_TARGET(name) int fuzz_##name(const uint8_t *data, size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

struct target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
};

static const struct target targets[] = {
#define FUZZ_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

enum { COUNT = sizeof targets / sizeof targets[0] };

// The bytes in a block of just that size, so that a read past the end is seen.
static void run_file(const struct target *t, const char *path)
{
    size_t n;
    char *text = file_read(path, &n);
    uint8_t *exact = memcpy(xmalloc(n), text, n);
    assert_int_equal(t->run(exact, n), 0);
    free(exact);
    free(text);
}

static void replay(void **state)
{
    const struct target *t = *state;
    char *dir = xasprintf("tests/fuzz/corpus/%s", t->name);
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    if (n < 0) {
        fail_msg("no corpus folder %s", dir);
    }
    size_t files = 0;
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.') {
            char *path = xasprintf("%s/%s", dir, names[i]->d_name);
            run_file(t, path);
            free(path);
            files++;
        }
        free(names[i]);
    }
    free(names);
    free(dir);
    assert_true(files > 0);
    static const uint8_t nothing[1];
    assert_int_equal(t->run(nothing, 0), 0);
}

int main(void)
{
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct target *t = xmalloc(sizeof *t);
        *t = targets[i];
        tests[i] = (struct CMUnitTest){t->name, replay, NULL, NULL, t};
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < COUNT; i++) {
        free(tests[i].initial_state);
    }
    return failed;
}
