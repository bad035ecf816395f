// SPDX-License-Identifier: Apache-2.0
// The end of what a command prints.
#include "tui/cli/output.h"

#include "kube/base/err.h"

#include <errno.h>
#include <poll.h>

bool out_reader_gone(FILE *out)
{
    struct pollfd p = {fileno(out), 0, 0};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

bool out_done(FILE *out)
{
    errno = 0;
    // A flush with nothing left to write succeeds, also after an earlier write has failed.
    if (fflush(out) == 0 && ferror(out) == 0) {
        return true;
    }
    int why = errno;
    if (why != EPIPE && !out_reader_gone(out)) {
        char text[ERRNO_TEXT_SIZE];
        fprintf(stderr, "gatetop: cannot write the answer%s%s\n", why != 0 ? ": " : "",
                why != 0 ? errno_text(why, text) : "");
    }
    return false;
}
