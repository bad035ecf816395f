// SPDX-License-Identifier: Apache-2.0
// Signals as bytes in a pipe, for the event loop.
#ifndef GATETOP_TUI_SCREEN_SIGNALS_H
#define GATETOP_TUI_SCREEN_SIGNALS_H

#include "kube/base/err.h"

// Catches SIGWINCH SIGTERM SIGHUP SIGINT SIGQUIT SIGTSTP SIGCONT (UI thread; other threads block all
// signals). A SIGHUP that was ignored at the start (nohup) stays ignored.
bool signals_open(struct err *err) MUST_USE;
void signals_close(void); // puts the former handlers back
int signals_fd(void);     // readable when signals_next has something
int signals_next(void);   // the next signal, 0 where there is none
// Stops the process as SIGTSTP does by itself; returns when it is continued (or where the kernel does not
// stop it because nobody could resume it).
void signals_stop_self(void);
// While another program has the terminal (begin), its keys' signals are that program's: Ctrl-C and Ctrl-\ do
// nothing here, Ctrl-Z stops both as one job.
void signals_lend(bool begin);
// Blocks all signals but those of faults for the calling thread until signals_unblock: put around
// pthread_create, so that every other thread leaves signals to the UI thread.
void signals_block_all(void);
void signals_unblock(void);

#endif
