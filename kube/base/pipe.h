// SPDX-License-Identifier: Apache-2.0
// A pipe that wakes a thread which waits in poll(): a byte in it says that there is something to do.
//
// Writing never waits: a full pipe wakes just as well. Any thread, and from a signal handler.
#ifndef GATETOP_BASE_PIPE_H
#define GATETOP_BASE_PIPE_H

#include "kube/base/attr.h"

#include <stdbool.h>

// Opens both ends, the readable one first; neither blocks, and both are closed on exec. False, with errno and both -1,
// where there are no more descriptors.
bool pipe_open(int ends[2]) MUST_USE;
// Closes both; nothing if they are -1, as they are afterwards.
void pipe_close(int ends[2]);
// Writes a byte to the writable end.
void pipe_wake(int end);
// Takes everything out of the readable end.
void pipe_drain(int end);

#endif
