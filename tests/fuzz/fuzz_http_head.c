// SPDX-License-Identifier: Apache-2.0
// The bytes that a server sends, as libcurl and the transfer take them: each transfer ends once, with at most one
// header, whose values are not empty, and within a line.
#include "kube/base/err.h"
#include "kube/base/fail.h"

#include "kube/api/http_transfer.h"

#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

FUZZ_ENTRY(http_head)

struct seen {
    int heads, dones;
    size_t body;
};

static void on_activity(void *self)
{
    (void)self;
}

static void must_be_a_value(const char *s)
{
    ASSERT(s == NULL || (*s != '\0' && *s != '\r' && strchr(s, '\n') == NULL));
}

static void on_head(void *self, const struct http_head *head)
{
    ((struct seen *)self)->heads++;
    ASSERT((head->status >= 200 && head->status <= 999) || head->status == 101);
    ASSERT(head->retry_after_s >= 0 && head->retry_after_s <= 3600);
    ASSERT(head->http1);
    must_be_a_value(head->content_type);
    must_be_a_value(head->etag);
    must_be_a_value(head->location);
    must_be_a_value(head->warning);
}

static bool on_body(void *self, const char *bytes, size_t n)
{
    struct seen *s = self;
    ASSERT(s->heads == 1 && bytes != NULL);
    s->body += n;
    return true;
}

static void on_done(void *self, const struct http_failure *failure)
{
    struct seen *s = self;
    (void)failure;
    s->dones++;
}

// Listens once, at a port that stays.
static int listen_here(int *port)
{
    static int fd = -1, at;
    if (fd < 0) {
        struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof a;
        struct err err;
        ASSERT(transfer_global_init(&err));
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ASSERT(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 8) == 0);
        ASSERT(getsockname(fd, (struct sockaddr *)&a, &size) == 0);
        at = ntohs(a.sin_port);
    }
    *port = at;
    return fd;
}

// The server's side of one connection: reads the request, then says it all and ends.
struct peer {
    int listener, fd;
    char request[4096];
    size_t n, said;
};

static void step(struct peer *p, const uint8_t *data, size_t size)
{
    if (p->fd < 0) {
        p->fd = accept(p->listener, NULL, NULL);
        if (p->fd < 0) {
            return;
        }
        fcntl(p->fd, F_SETFL, O_NONBLOCK);
    }
    ssize_t got = recv(p->fd, p->request + p->n, sizeof p->request - 1 - p->n, 0);
    p->n += got > 0 ? (size_t)got : 0;
    if (strstr(p->request, "\r\n\r\n") == NULL || p->said > size) {
        return;
    }
    ssize_t put = send(p->fd, data + p->said, size - p->said, MSG_NOSIGNAL);
    p->said += put > 0 ? (size_t)put : 0;
    if (p->said == size) {
        shutdown(p->fd, SHUT_WR);
        p->said = size + 1;
    }
}

static void run(struct transfer_pool *pool, struct peer *p, struct seen *seen, const uint8_t *data,
                size_t size)
{
    enum { TURNS = 20000 };
    for (int i = 0; i < TURNS && seen->dones == 0; i++) {
        transfer_pool_perform(pool);
        step(p, data, size);
        transfer_pool_perform(pool);
        transfer_pool_finish(pool);
        if (seen->dones == 0 && i > 100) { // the loopback is not that slow
            transfer_pool_wait(pool, NULL, 0, 1);
        }
    }
    ASSERT(seen->dones == 1 && seen->heads <= 1);
}

int fuzz_http_head(const uint8_t *data, size_t size)
{
    int port;
    struct peer p = {.listener = listen_here(&port), .fd = -1};
    struct seen seen = {0};
    char host[] = "127.0.0.1", path[] = "";
    const struct api_config config = {.host = host, .path = path, .port = port, .plain_http = true};
    struct credential *credential = credential_new(&config, NULL);
    struct http_address at;
    http_address_init(&at, &config);
    struct transfer_pool *pool = transfer_pool_new(&config, &at, credential);
    const struct transfer_request request = {.path = "/x",
                                             .accept = "*/*",
                                             .connect_ms = 5000,
                                             .total_ms = 5000,
                                             .inflate = size % 2 == 0};
    const struct transfer_events events = {&seen, on_activity, on_head, on_body, on_done};
    struct err err;
    struct transfer *t = transfer_start(pool, &request, &events, &err);
    ASSERT(t != NULL);
    run(pool, &p, &seen, data, size);
    transfer_free(t);
    transfer_pool_free(pool);
    http_address_release(&at);
    credential_free(credential);
    if (p.fd >= 0) {
        close(p.fd);
    }
    return 0;
}
