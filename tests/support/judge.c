// SPDX-License-Identifier: Apache-2.0
// Runs judge_cases.py and compares the cases that fail with those that may.
#include "tests/support/judge.h"

#include "kube/base/mem.h"

#include "tests/support/corpus.h"
#include "tests/support/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#include <cmocka.h>
// clang-format on

// The one that a line "FAIL CASE: why" is about; `n`: none of them.
static size_t find(const char *line, const char *const *open, size_t nopen)
{
    const char *name = line + strlen("FAIL ");
    for (size_t i = 0; i < nopen; i++) {
        size_t len = strlen(open[i]);
        if (strncmp(name, open[i], len) == 0 && name[len] == ':') {
            return i;
        }
    }
    return nopen;
}

void judge_cases(const char *table, const char *folder, const char *const *open, size_t nopen)
{
    char *program = shell_built("gatetop");
    char *command = xasprintf("python3 %s/reports/judge_cases.py %s/reports/%s %s/reports/%s '%s'",
                              corpus_dir(), corpus_dir(), table, corpus_dir(), folder, program);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    bool *failed = xcalloc(nopen + 1, sizeof *failed);
    unsigned bad = 0, passed = 0, all = 0;
    char line[1024];
    while (fgets(line, sizeof line, out) != NULL) {
        if (strncmp(line, "FAIL ", 5) == 0) {
            size_t i = find(line, open, nopen);
            failed[i] = true;
            if (i == nopen) {
                print_error("%s", line);
                bad++;
            }
        }
        char *at = line;
        if (strncmp(line, "cases ", 6) == 0) {
            passed = (unsigned)strtoul(line + 6, &at, 10);
            all = *at == '/' ? (unsigned)strtoul(at + 1, NULL, 10) : 0;
        }
    }
    int status = pclose(out);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    for (size_t i = 0; i < nopen; i++) {
        if (!failed[i]) {
            print_error("%s is no case of %s, or passes now: take it out of the list\n", open[i],
                        table);
            bad++;
        }
    }
    printf("# %s: %u of %u cases\n", table, passed, all);
    free(failed);
    free(command);
    free(program);
    assert_true(all > 0);
    assert_int_equal(bad, 0);
}
