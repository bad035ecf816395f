// SPDX-License-Identifier: Apache-2.0
// Signals as bytes in a pipe, for the event loop. UI thread, unless a function says otherwise.
#ifndef GATETOP_TUI_SCREEN_SIGNALS_H
#define GATETOP_TUI_SCREEN_SIGNALS_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct err;

// Catches SIGWINCH SIGTERM SIGHUP SIGINT SIGQUIT SIGTSTP SIGCONT (other threads block them: thread_start).
// A SIGHUP that was ignored at the start (nohup) stays ignored. ERR_INTERNAL.
bool signals_open(struct err *err) MUST_USE;
// Puts the former handlers back.
void signals_close(void);
// Readable when signals_next has something; -1 if signals are not caught.
int signals_fd(void);
// The next signal, 0 if there is none.
int signals_next(void);
// Stops the process as SIGTSTP does by itself. Returns when it is continued, or at once where the
// kernel does not stop it because nobody could continue it.
void signals_stop_self(void);
// While another program has the terminal (begin), the signals of keys are that program's: Ctrl-C
// and Ctrl-\ do nothing here, Ctrl-Z stops both as one job.
void signals_lend(bool begin);

#endif
