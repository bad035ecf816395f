// SPDX-License-Identifier: Apache-2.0
// How long the dashboard takes to answer on a terminal of 30x120, in ms. One thread.
#ifndef GATETOP_TESTS_SUPPORT_DASHBOARD_TIMES_H
#define GATETOP_TESTS_SUPPORT_DASHBOARD_TIMES_H

#include "tests/support/ptyrun.h"

#include <stdint.h>

// Until it has drawn itself at 24x100. Afterwards the size is 30x120 again.
int64_t dashboard_resize_ms(struct pty *p);
// From Enter after ":ctx NAME" until its header names that context.
int64_t dashboard_context_ms(struct pty *p, const char *context);

#endif
