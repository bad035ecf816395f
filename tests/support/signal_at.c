// SPDX-License-Identifier: Apache-2.0
// Sends a program a signal at a chosen system call.
#define _DEFAULT_SOURCE // ptrace
#include "tests/support/signal_at.h"

#include "kube/base/array.h"

#include <signal.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

// What keys send is for the program alone.
static const int keys[] = {SIGINT, SIGQUIT, SIGTSTP, SIGWINCH};

// A number as ptrace() takes it, in the place of an address.
static void *number(int n)
{
    return (void *)(intptr_t)n; // NOLINT(performance-no-int-to-ptr): it never is one
}

static pid_t start_traced(char *const *argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
            signal(keys[i], SIG_DFL);
        }
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(126);
        }
        raise(SIGSTOP);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

bool signal_at_works(void)
{
    char name[] = "/bin/true";
    char *argv[] = {name, NULL};
    int status = 0;
    pid_t pid = start_traced(argv);
    bool stopped = waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status);
    bool works =
        stopped && ptrace(PTRACE_SETOPTIONS, pid, NULL, number(PTRACE_O_TRACESYSGOOD)) == 0;
    if (stopped) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    return works;
}

static int status_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Lets the program go on to its system call of this number, and detaches from it. False where it ended before; *status
// is then how.
static bool go_to_call(pid_t pid, long call, int *status)
{
    enum { OF_A_CALL = SIGTRAP | 0x80 };
    ptrace(PTRACE_SETOPTIONS, pid, NULL,
           number(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC));
    bool running = false, inside = false; // the program itself, after execv(); a call has begun
    int pass_on = 0;
    for (long n = 0;;) {
        ptrace(PTRACE_SYSCALL, pid, NULL, number(pass_on));
        pass_on = 0;
        if (waitpid(pid, status, 0) != pid || !WIFSTOPPED(*status)) {
            return false;
        }
        int sig = WSTOPSIG(*status);
        if (sig == OF_A_CALL) {
            inside = !inside;
            n += running && inside;
            if (n == call) {
                return true;
            }
        } else if (sig == SIGTRAP) {
            running = true; // execv() ends as a call that began before
        } else if (sig != SIGSTOP) {
            pass_on = sig;
        }
    }
}

int signal_at(long call, int sig, char *const *argv)
{
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        signal(keys[i], SIG_IGN);
    }
    int status = 0;
    pid_t pid = start_traced(argv);
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
        !go_to_call(pid, call, &status)) {
        return status_of(status);
    }
    kill(pid, sig);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
        raise(SIGSTOP); // whoever waits for us continues both
    }
    return status_of(status);
}
