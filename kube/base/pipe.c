// SPDX-License-Identifier: Apache-2.0
// Pipes that wake threads.
#include "kube/base/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool pipe_open(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (fcntl(ends[i], F_SETFL, O_NONBLOCK) != 0 || fcntl(ends[i], F_SETFD, FD_CLOEXEC) != 0) {
            int why = errno;
            pipe_close(ends);
            errno = why;
            return false;
        }
    }
    return true;
}

void pipe_close(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
        }
        ends[i] = -1;
    }
}

void pipe_wake(int end)
{
    while (write(end, "", 1) < 0 && errno == EINTR) {
    }
}

void pipe_drain(int end)
{
    char bytes[256];
    ssize_t n;
    do {
        n = read(end, bytes, sizeof bytes);
    } while (n > 0 || (n < 0 && errno == EINTR));
}
