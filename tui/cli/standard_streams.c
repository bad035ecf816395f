// SPDX-License-Identifier: Apache-2.0
// Standard input, output and error.
#include "tui/cli/standard_streams.h"

#include "kube/base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool standard_streams_open(struct err *err)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) {
            continue;
        }
        // The lowest free descriptor is fd: those below it are open by now.
        int opened = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (opened != fd) {
            return err_sys(err, ERR_INTERNAL, "cannot open /dev/null");
        }
    }
    return true;
}
