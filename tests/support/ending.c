// SPDX-License-Identifier: Apache-2.0
// What a program says when it ends itself by abort().
#include "tests/support/ending.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
// clang-format on

int run_apart(void (*f)(void *arg), void *arg, char *out, size_t size)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        // cmocka and the sanitizers catch these to report a failure; here they are the expected end.
        static const int ends[] = {SIGABRT, SIGSEGV, SIGBUS};
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            signal(ends[i], SIG_DFL);
        }
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        f(arg);
        _exit(0);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t n; len + 1 < size && (n = read(fds[0], out + len, size - 1 - len)) > 0;) {
        len += (size_t)n;
    }
    out[len] = '\0';
    close(fds[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

void assert_ends(void (*f)(void *arg), void *arg, const char *says)
{
    char text[4096];
    int status = run_apart(f, arg, text, sizeof text);
    if (strstr(text, says) == NULL) {
        fail_msg("it said \"%s\", not \"%s\"", text, says);
    }
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}
