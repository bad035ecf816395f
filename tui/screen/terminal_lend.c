// SPDX-License-Identifier: Apache-2.0
// The terminal lent to a credential plugin.
#include "tui/screen/terminal_lend.h"

#include "tui/screen/signals.h"
#include "tui/screen/terminal.h"

#include <stdio.h>

void terminal_lend(bool begin)
{
    if (begin) {
        term_leave();
        signals_lend(true);
        fputs("gatetop: the credential plugin has the terminal; Ctrl-C ends it\n", stderr);
    } else {
        signals_lend(false);
        term_take_back();
    }
}
