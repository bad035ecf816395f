// SPDX-License-Identifier: Apache-2.0
// What a subcommand writes: the end of its answer on standard output, problems on standard error.
#ifndef GATETOP_TUI_CLI_OUTPUT_H
#define GATETOP_TUI_CLI_OUTPUT_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stdio.h>

struct err;
struct json;

// Writes out what is buffered. False if anything that was printed on `out` has not arrived;
// standard error then says why, but not where the reader of a pipe has gone (`| head`), which is no
// fault.
bool output_done(FILE *out) MUST_USE;

// Whether the reader of a pipe has gone.
bool output_reader_gone(FILE *out);

// Prints JSON on one line, without its end, and frees it.
void output_json(FILE *out, struct json *j);

// Prints problems on standard error, each line after "gatetop: ". They may hold file names and arguments as they are:
// what a terminal would obey is replaced (docs/rules/terminal.md#clean-output).
void output_problems(const char *lines);
// The same of one problem.
void output_problem(const char *fmt, ...) PRINTF_LIKE(1, 2);

// The exit status of a subcommand, from those of its input (answer_snapshot) and its answer: an input that
// was not read to its end counts more than a bad answer, and a bad answer more than something left out.
int output_worse(int input, int answer);

// The exit status (enum exit_status) for an error that leaves a subcommand without an answer.
int output_status(const struct err *err);

#endif
