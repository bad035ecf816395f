// SPDX-License-Identifier: Apache-2.0
// `gatetop completion SHELL`.
#include "tui/cli/data_source.h"
#include "tui/cli/generated_docs.h"
#include "tui/cli/output.h"
#include "tui/cli/subcommand.h"

#include <stdio.h>

int subcommand_completion(const struct options *o)
{
    struct buf b;
    buf_init(&b, 0);
    int status = STATUS_USAGE;
    if (gendoc_completion(o->args.at[0], &b)) {
        fputs(b.data, stdout);
        status = out_done(stdout) ? STATUS_OK : STATUS_BAD;
    } else {
        data_tell("completion takes bash, zsh or fish");
    }
    buf_release(&b);
    return status;
}
