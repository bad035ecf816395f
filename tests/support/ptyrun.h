// SPDX-License-Identifier: Apache-2.0
// Runs a function in a child on a pseudo-terminal and looks at what a terminal would show: real bytes,
// interpreted by libvterm. Nothing here sleeps: every wait is for an event, with a deadline.
//
// Between the test and the child there is a leader, which does what a shell does for a job: it gives the child the
// terminal, sees it stop, and continues it.
#ifndef GATETOP_TESTS_SUPPORT_PTYRUN_H
#define GATETOP_TESTS_SUPPORT_PTYRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#define PTY_WAIT_MS 20000 // of a machine under load; a condition that holds is seen at once

struct pty;
struct pty_options {
    int rows, columns;
    const char *term;        // NULL: xterm-256color
    int (*child)(void *arg); // its result is the exit status
    void *arg;
    const char *const *env; // further "NAME=value" and "NAME" (unset), NULL-terminated; NULL: none
    const char *stdin_file; // standard input of the child, NULL: the terminal
    int closed_in_child[4]; // the test's ends of pipes; the list ends with 0
};
struct pty *pty_start(const struct pty_options *o);
void pty_free(struct pty *p); // kills what still runs

pid_t pty_pid(const struct pty *p); // of the child
void pty_type(struct pty *p, const char *bytes);
void pty_resize(struct pty *p, int rows, int columns); // and the child gets its SIGWINCH
void pty_hang_up(struct pty *p);                       // the terminal dies

// Waits until the condition holds on the screen, reading what the child writes. False at the deadline.
bool pty_wait(struct pty *p, bool (*holds)(struct pty *p, const void *arg), const void *arg);
bool pty_wait_text(struct pty *p, const char *text); // somewhere in a row
bool pty_wait_gone(struct pty *p, const char *text);
bool pty_wait_row(struct pty *p, int row, const char *begins_with);
// The child's end: its wait status, -1 at the deadline.
int pty_wait_exit(struct pty *p);
bool pty_wait_stop(struct pty *p); // stopped by a signal
void pty_continue(struct pty *p);
// Waits for something to happen, and reads it; false where nothing did in this time (above 0). Then, whether the child
// has ended, and whether it is stopped.
bool pty_step(struct pty *p, int ms);
bool pty_has_ended(const struct pty *p);
bool pty_has_stopped(const struct pty *p);
// Reads everything that is there now.
void pty_drain(struct pty *p);

// A row as UTF-8 without the spaces at its end; valid until the next call.
const char *pty_row(struct pty *p, int row);
bool pty_has(struct pty *p, const char *text);
struct pty_look {
    bool bold, reverse, underline, italic, colored_fg, colored_bg;
    int fg, bg; // index of the colour, -1 default or none
};
struct pty_look pty_look(struct pty *p, int row, int column);
bool pty_alternate(const struct pty *p); // on the alternate screen
bool pty_cursor_visible(const struct pty *p);
bool pty_cursor_at(const struct pty *p, int row, int column);
struct termios pty_termios(const struct pty *p);
// What a program that has ended or stopped leaves in the terminal: words for it, NULL nothing.
const char *pty_left_behind(struct pty *p);
size_t pty_bytes(const struct pty *p); // that the child has written so far
// What the child wrote since it had written `from` bytes (NUL-terminated copy, heap).
char *pty_output(const struct pty *p, size_t from);
int pty_row_count(const struct pty *p);

#endif
