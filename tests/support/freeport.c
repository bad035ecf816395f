// SPDX-License-Identifier: Apache-2.0
// A port for a server that cannot choose one itself.
#include "tests/support/freeport.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOWEST = 20000, COUNT = 12000 }; // Linux gives others those from 32768 on

static bool is_free(int type, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type, 0);
    bool is = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is;
}

int free_port(void)
{
    // Programs that ask at the same time begin at different places, and one never gets the same port again.
    static int next = -1;
    if (next < 0) {
        next = (int)((unsigned)getpid() * 97u % COUNT);
    }
    for (int i = 0; i < COUNT; i++) {
        int port = LOWEST + next;
        next = (next + 1) % COUNT;
        if (is_free(SOCK_STREAM, port) && is_free(SOCK_DGRAM, port)) {
            return port;
        }
    }
    fprintf(stderr, "no port of loopback is free\n");
    exit(1);
}
