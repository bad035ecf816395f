// SPDX-License-Identifier: Apache-2.0
// Makes sure that standard input, output and error are open.
#ifndef GATETOP_TUI_CLI_STANDARD_STREAMS_H
#define GATETOP_TUI_CLI_STANDARD_STREAMS_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct err;

// Opens /dev/null where descriptor 0, 1 or 2 is closed, the wrong way round: reading from a closed
// standard input and writing to a closed standard output fail as before. Without this the next file
// that is opened (--log) would become standard output. Call before anything opens a file.
// ERR_INTERNAL.
bool standard_streams_open(struct err *err) MUST_USE;

#endif
