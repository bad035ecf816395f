// SPDX-License-Identifier: Apache-2.0
// The dashboard over the made-up source, to be run on a pseudo-terminal. A thread takes the place of the I/O thread and
// does what the test orders through a pipe.
#ifndef GATETOP_TESTS_SUPPORT_TUICHILD_H
#define GATETOP_TESTS_SUPPORT_TUICHILD_H

#include "tests/support/fakeview.h"
#include "tests/support/ptyrun.h"

#include <stdbool.h>
#include <stdint.h>

// What the test may order, a byte each.
enum tui_order {
    ORDER_PUBLISH_SAME = 's',    // a new snapshot with the same rows
    ORDER_PUBLISH_ONE = 'o',     // with another number in the first row
    ORDER_PUBLISH_FEWER = 'f',   // without the last half of the rows
    ORDER_PUBLISH_HOSTILE = 'h', // hosts made of escape sequences that were not cleaned
    ORDER_YAML = 'y',            // answers with YAML
    ORDER_STDERR = 'e',          // writes to standard error
    ORDER_LEND = 'l',            // wants the terminal for a helper
    ORDER_CRASH = 'c',           // SIGSEGV
    ORDER_ABORT = 'a',
    ORDER_SLOW = 'w', // from now on a list takes 10 s
    ORDER_OOM = 'm',
    ORDER_BUG = 'b',
};

struct tui_run {
    int rows_of_data;
    bool ascii, no_color, live_clock;
    const char *theme;      // NULL default
    const char *stdin_file; // standard input, NULL the terminal
    bool stdout_file;       // standard output is no terminal
    int order[2], sync[2];  // pipes
    struct pty *pty;
};

// Starts the child and waits for its first rows.
void tui_start(struct tui_run *t, int rows, int columns, const char *term, const char *const *env);
void tui_end(struct tui_run *t);
void tui_order(struct tui_run *t, enum tui_order o);
// Waits until a turn of the loop showed rows of a snapshot of at least this generation, with nothing
// under way. The first snapshot has generation 1, every order to publish makes the next.
bool tui_wait_generation(struct tui_run *t, uint64_t generation);
// The next turn that ended with nothing under way.
bool tui_wait_turn(struct tui_run *t);

#endif
