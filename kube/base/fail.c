// SPDX-License-Identifier: Apache-2.0
// The two ways in which the program gives up.
#include "kube/base/fail.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*_Atomic restore_terminal)(void);
static atomic_bool ending;

void fail_restore(void (*restore)(void))
{
    atomic_store(&restore_terminal, restore);
    while (restore != NULL && atomic_load(&ending)) {
        pause(); // another thread has looked already, and ends the program
    }
}

// No heap: it may be what is broken.
static _Noreturn void end(const char *line)
{
    static _Thread_local bool mine;
    while (atomic_exchange(&ending, true) && !mine) {
        pause(); // another thread restores the terminal, and is not to be stopped in that
    }
    mine = true;
    void (*restore)(void) = atomic_exchange(&restore_terminal, NULL);
    if (restore != NULL) {
        restore();
    }
    ssize_t n = write(STDERR_FILENO, line, strlen(line));
    (void)n;
    abort();
}

_Noreturn void fail_bug(const char *file, int line, const char *fmt, ...)
{
    char what[512], text[768];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    snprintf(text, sizeof text, "gatetop: BUG at %.200s:%d: %s\n", file, line, what);
    end(text);
}

_Noreturn void fail_memory(void)
{
    end("gatetop: out of memory\n");
}
