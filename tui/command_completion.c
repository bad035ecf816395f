// SPDX-License-Identifier: Apache-2.0
// `gatetop completion SHELL`.
#include "tui/commands.h"
#include "tui/data.h"
#include "tui/gendoc.h"

#include <stdio.h>

int command_completion(const struct options *o)
{
    struct buf b;
    buf_init(&b, 0);
    bool ok = gendoc_completion(o->args.at[0], &b);
    if (ok) {
        fputs(b.data, stdout);
    } else {
        data_tell("completion takes bash, zsh or fish");
    }
    buf_release(&b);
    return ok ? STATUS_OK : STATUS_USAGE;
}
