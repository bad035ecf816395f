// SPDX-License-Identifier: Apache-2.0
// `gatetop completion SHELL`.
#include "kube/base/buf.h"

#include "tui/cli/completion.h"
#include "tui/cli/exit_status.h"
#include "tui/cli/options.h"
#include "tui/cli/output.h"
#include "tui/cli/subcommand.h"

int subcommand_completion(const struct options *o)
{
    struct buf b;
    buf_init(&b, 0);
    int status = STATUS_USAGE;
    if (completion_print(o->words.at[0], o->subcommands, &b)) {
        fputs(b.data, stdout);
        status = output_done(stdout) ? STATUS_OK : STATUS_BAD;
    } else {
        output_problems("completion takes bash, zsh or fish");
    }
    buf_release(&b);
    return status;
}
