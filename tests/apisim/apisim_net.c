// SPDX-License-Identifier: Apache-2.0
// What both transports need: a listening socket and the time of the next timer.
#define _GNU_SOURCE
#include "kube/base/err.h"

#include "tests/apisim/apisim_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_on(int port, int *got)
{
    int one = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        int keep = errno;
        close(fd);
        errno = keep;
        return -1;
    }
    *got = ntohs(a.sin_port);
    return fd;
}

bool sim_listen(struct sim_net *n, int port, struct err *err)
{
    n->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    n->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    n->listen_fd = listen_on(port, &n->port);
    // A port that the kernel chose is given back when the socket stops listening (apisim_refuse); one
    // that was asked for stays ours. So what it chose is asked for.
    for (int tries = 0; port == 0 && n->listen_fd >= 0 && tries < 8; tries++) {
        int chosen = n->port;
        close(n->listen_fd);
        n->listen_fd = listen_on(chosen, &n->port);
        if (n->listen_fd >= 0) {
            break;
        }
        n->listen_fd = listen_on(0, &n->port);
    }
    if (n->listen_fd < 0 || n->epoll_fd < 0 || n->wake_fd < 0) {
        return err_sys(err, ERR_NET, "cannot listen on 127.0.0.1:%d", port);
    }
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &n->wake_fd};
    epoll_ctl(n->epoll_fd, EPOLL_CTL_ADD, n->wake_fd, &e);
    return true;
}

int sim_timeout(int64_t wake_ms, int64_t now_ms)
{
    if (wake_ms == INT64_MAX) {
        return -1;
    }
    int64_t d = wake_ms - now_ms;
    return d <= 0 ? 0 : d > 60000 ? 60000 : (int)d;
}

void sim_wake(struct apisim *s)
{
    if (s->net != NULL) {
        uint64_t one = 1;
        ssize_t n = write(s->net->wake_fd, &one, sizeof one); // full: it is awake already
        (void)n;
    }
}
