// SPDX-License-Identifier: Apache-2.0
// Runs the program itself in a shell, for tests of what it prints and of its exit status.
#include "tests/support/shell.h"

#include "kube/base/mem.h"

#include "tests/support/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char *shell_built(const char *name)
{
    char self[300]; // BUILD/tests/t_NAME
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    for (int up = 0; n > 0 && up < 2; up++) {
        while (n > 0 && self[--n] != '/') {
        }
    }
    if (n <= 0) {
        fprintf(stderr, "the folder of this program is not known\n");
        exit(1);
    }
    return xasprintf("%.*s/%s", (int)n, self, name);
}

const char *shell_program(void)
{
    static char program[400];
    char *path = shell_built("gatetop");
    snprintf(program, sizeof program, "LC_ALL=C.UTF-8 '%s'", path);
    free(path);
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
    *said = file_read(path, NULL);
    free(path);
    free(line);
    return WEXITSTATUS(status);
}
