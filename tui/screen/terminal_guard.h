// SPDX-License-Identifier: Apache-2.0
// What gives the terminal back, in whatever way the program ends (docs/rules/terminal.md#terminal-restored): prepared
// before anything is sent to it. Keeps standard error back meanwhile. UI thread, unless a function says otherwise. One
// terminal at a time.
#ifndef GATETOP_TUI_SCREEN_TERMINAL_GUARD_H
#define GATETOP_TUI_SCREEN_TERMINAL_GUARD_H

#include <stdbool.h>
#include <stddef.h>

// Writes all of it, also if another process has made the terminal non-blocking, and if one write fails; false if
// nothing is taken any longer. Async-signal-safe.
bool guard_write(int fd, const char *s, size_t n);

// Notes the terminal (both descriptors are borrowed until guard_close) and its modes. There is no text that restores
// it.
void guard_open(int in_fd, int out_fd);
// Appends to the text that undoes all that is ever sent; what does not fit is left out.
void guard_add(const char *text);
// From here on every end restores the terminal: crashes, the end of memory, a library that calls exit(). Does not
// return if another thread is ending the program.
void guard_begin(void);
// Keeps standard error back, if it is a terminal and descriptors are left, until guard_lend or guard_end.
void guard_keep_stderr(void);
// Sends the text, and sets the modes that the terminal had.
void guard_restore(void);
// Sets the modes alone.
void guard_restore_modes(void);
// Drops what was typed and not read.
void guard_drop_typed(void);
// The terminal is somebody else's for a while, who has it as guard_restore made it; what was kept of standard error is
// shown.
void guard_lend(void);
// It is ours again, with the modes that it has now to be restored.
void guard_take_back(void);
// Nothing is restored any longer, and what was kept of standard error is shown.
void guard_end(void);
// Closes what guard_open and guard_keep_stderr opened.
void guard_close(void);

// Whether it is between guard_begin and guard_end, and not lent.
bool guard_is_on(void);
// Whether it is lent.
bool guard_is_lent(void);

// Drops what the terminal has not taken, restores it and ends the process. Async-signal-safe, any thread.
_Noreturn void guard_give_up(int exit_status);

#endif
