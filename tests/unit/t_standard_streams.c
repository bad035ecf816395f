// SPDX-License-Identifier: Apache-2.0
// Closed standard streams: nothing else takes their place, and using one is an error.
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tui/cli/standard_streams.h"

#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static char *dir;

// `gatetop WORDS --log DIR/log` in a shell, where `where` closes streams; its status. *log is what
// the log has (heap).
static int run(const char *words, const char *where, char **said, char **log)
{
    char *path = xasprintf("%s/log", dir), *line = xasprintf("%s --log '%s'", words, path);
    int status = shell_run(dir, line, where, said);
    *log = access(path, F_OK) == 0 ? file_read(path, NULL) : xstrdup("(there is no log)");
    (void)remove(path);
    free(path);
    free(line);
    return status;
}

static void closed_streams_of_the_program(void **state)
{
    (void)state;
    static const struct {
        const char *what, *words, *where;
        int status;
        const char *says; // in a message; NULL: standard error is closed
    } cases[] = {
        {"an answer", "get namespaces -f tests/fixtures/platform", ">&-", 1,
         "cannot write the answer: Bad file descriptor"},
        {"JSON", "check -o json -f tests/fixtures/platform", ">&-", 1, "cannot write the answer"},
        {"an answer, with input closed, too", "get namespaces -f tests/fixtures/platform",
         "<&- >&-", 1, "cannot write the answer"},
        {"a message", "get namespaces -f nothing.yaml", ">/dev/null 2>&-", 4, NULL},
        {"all", "get namespaces -f tests/fixtures/platform", "<&- >&- 2>&-", 1, NULL},
        {"manifests of standard input", "get namespaces -f -", "<&- >/dev/null", 4,
         "cannot read '-'"},
        {"requests of standard input", "trace --batch - -f tests/fixtures/platform", "<&-", 4,
         "cannot read '-'"},
        {"no input is needed", "get namespaces -f tests/fixtures/platform", "<&- >/dev/null", 0,
         ""},
        {"the role", "auth --print-role", ">&-", 1, "cannot write the answer"},
        {"the role on a full disk", "auth --print-role", ">/dev/full", 1,
         "cannot write the answer"},
        {"no terminal", "", ">&-", 2, "not a terminal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *said, *log;
        int status = run(cases[i].words, cases[i].where, &said, &log);
        // Nothing but its first line is in the log.
        const char *end = strstr(log, " info gatetop ") != NULL ? strchr(log, '\n') : NULL;
        if (status != cases[i].status || end == NULL || end[1] != '\0' ||
            (cases[i].says != NULL && strstr(said, cases[i].says) == NULL)) {
            fail_msg("%s: status %d, log '%.200s', said '%.200s'", cases[i].what, status, log,
                     said);
        }
        free(said);
        free(log);
    }
}

// What a child with closed descriptors finds after standard_streams_open: exit status 0, or the
// number of what is wrong.
static int look(int closed)
{
    pid_t pid = fork();
    if (pid == 0) {
        close(closed);
        struct err err;
        if (!standard_streams_open(&err)) {
            _exit(1);
        }
        int next = open("/dev/null", O_RDWR);
        char byte = 'x';
        bool fails =
            closed == STDIN_FILENO ? read(closed, &byte, 1) < 0 : write(closed, &byte, 1) < 0;
        _exit(next <= STDERR_FILENO ? 2 : fails && errno == EBADF ? 0 : 3);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void each_descriptor(void **state)
{
    (void)state;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        assert_int_equal(look(fd), 0);
    }
    struct err err; // where all are open nothing happens
    int before = dup(STDERR_FILENO), after;
    assert_true(standard_streams_open(&err));
    after = dup(STDERR_FILENO);
    assert_int_equal(after, before + 1);
    close(before);
    close(after);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_streams_of_the_program),
        cmocka_unit_test(each_descriptor),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
