// SPDX-License-Identifier: Apache-2.0
// Runs the program itself in a shell, for tests of what it prints and of its exit status.
#include "tests/support/shell.h"

#include "kube/base/mem.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

const char *shell_program(void)
{
    static char program[300];
    const char *build = getenv("GATETOP_BUILD");
    snprintf(program, sizeof program, "LC_ALL=C.UTF-8 %s/gatetop",
             build != NULL ? build : "build/release");
    return program;
}

int shell_run(const char *dir, const char *words, const char *where, char **said)
{
    char *line = xasprintf("%s %s 2>%s/err %s", shell_program(), words, dir, where);
    int status = system(line);
    if (!WIFEXITED(status)) {
        fprintf(stderr, "%s: ended by a signal\n", line);
        exit(1);
    }
    char *path = xasprintf("%s/err", dir);
    *said = world_read_file(path);
    free(path);
    free(line);
    return WEXITSTATUS(status);
}
