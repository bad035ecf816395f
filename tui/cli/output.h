// SPDX-License-Identifier: Apache-2.0
// The end of what a command prints.
#ifndef GATETOP_TUI_CLI_OUTPUT_H
#define GATETOP_TUI_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

// Writes out what is buffered and says whether everything that was printed on `out` has arrived. Where it
// has not, stderr says why; nothing is said where the reader of a pipe has gone (`| head`), which is no fault.
bool out_done(FILE *out);
// Whether the reader of a pipe has gone.
bool out_reader_gone(FILE *out);

#endif
