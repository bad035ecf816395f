// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1, plain or over TLS, by libmicrohttpd driven from one loop of ours: the fallback.
#define _GNU_SOURCE
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX ((size_t)256 * 1024) // a fault may make a header so long

struct h1;
// One request on one connection.
struct call {
    struct h1 *h1;
    struct call *next;
    struct MHD_Connection *conn;
    char *target;
    struct buf body;
    struct apisim_exchange *x;
    bool queued, suspended, dead;
    int64_t wake_ms;
    int fd;
};

struct h1 {
    struct sim_net net;
    struct MHD_Daemon *daemon;
    struct call *calls;
    bool refusing, ending;
};

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void suspend(struct call *c)
{
    c->suspended = true;
    MHD_suspend_connection(c->conn);
}

static void reset_on_close(const struct call *c)
{
    struct linger l = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

static ssize_t read_body(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct call *c = cls;
    size_t n = 0;
    uint32_t code;
    (void)pos;
    if (c->dead) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    c->wake_ms = INT64_MAX;
    switch (apisim_exchange_read(c->x, clock_mono_ms(), buf, max, &n, &c->wake_ms)) {
    case APISIM_DATA:
        return (ssize_t)n;
    case APISIM_END:
        return MHD_CONTENT_READER_END_OF_STREAM;
    case APISIM_WAIT:
        suspend(c);
        return 0;
    case APISIM_CUT:
        break;
    }
    enum apisim_cut how = apisim_exchange_cut(c->x, &code);
    if (how == CUT_BLACKHOLE) {
        c->wake_ms = INT64_MAX;
        suspend(c);
        return 0;
    }
    if (how == CUT_RST) {
        reset_on_close(c);
    }
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

// Queues the answer when its head is due. False: not yet.
static enum MHD_Result answer(struct call *c)
{
    if (c->dead) {
        return MHD_NO;
    }
    enum apisim_io io = apisim_exchange_head(c->x, clock_mono_ms(), &c->wake_ms);
    if (io == APISIM_CUT) {
        uint32_t code;
        enum apisim_cut how = apisim_exchange_cut(c->x, &code);
        if (how != CUT_BLACKHOLE) { // closed without an answer
            if (how == CUT_RST) {
                reset_on_close(c);
            }
            return MHD_NO;
        }
        c->wake_ms = INT64_MAX; // never
    }
    if (io != APISIM_DATA) {
        suspend(c);
        return MHD_YES;
    }
    const char *length = apisim_exchange_header(c->x, "content-length");
    uint64_t size = length != NULL ? strtoull(length, NULL, 10) : MHD_SIZE_UNKNOWN;
    struct MHD_Response *r = MHD_create_response_from_callback(size, 65536, read_body, c, NULL);
    const struct apisim_header *h;
    size_t n = apisim_exchange_headers(c->x, &h);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(h[i].name, "content-length") && !str_eq(h[i].name, "date")) {
            MHD_add_response_header(r, h[i].name, h[i].value);
        }
    }
    c->queued = true;
    enum MHD_Result rc = MHD_queue_response(c->conn, (unsigned)apisim_exchange_status(c->x), r);
    MHD_destroy_response(r);
    return rc;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **ptr)
{
    struct call *c = *ptr;
    struct h1 *h = cls;
    (void)url;
    (void)version;
    if (h->ending) {
        return MHD_NO;
    }
    if (*size > 0) {
        buf_add(&c->body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (c->conn == NULL) { // the headers alone
        c->conn = conn;
        return MHD_YES;
    }
    if (c->x == NULL) {
        struct apisim_request r = {
            .method = method,
            .target = c->target,
            .accept = header(conn, "Accept"),
            .accept_encoding = header(conn, "Accept-Encoding"),
            .authorization = header(conn, "Authorization"),
            .user_agent = header(conn, "User-Agent"),
            .if_none_match = header(conn, "If-None-Match"),
            .content_type = header(conn, "Content-Type"),
            .impersonate_user = header(conn, "Impersonate-User"),
            .body = c->body.data,
            .body_len = c->body.len,
        };
        c->fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        r.conn = (uint64_t)c->fd;
        c->x = apisim_exchange_new(h->net.sim, &r, clock_mono_ms());
        c->next = h->calls;
        h->calls = c;
    }
    return c->queued ? MHD_YES : answer(c);
}

// The target as sent: libmicrohttpd itself hands out only the decoded path.
static void *on_target(void *cls, const char *target, struct MHD_Connection *conn)
{
    struct call *c = xcalloc(1, sizeof *c);
    (void)conn;
    c->h1 = cls;
    c->target = xstrdup(target);
    c->wake_ms = INT64_MAX;
    buf_init(&c->body, 4 << 20);
    return c;
}

static void on_done(void *cls, struct MHD_Connection *conn, void **ptr,
                    enum MHD_RequestTerminationCode code)
{
    struct h1 *h = cls;
    struct call *c = *ptr;
    (void)conn;
    (void)code;
    for (struct call **p = &h->calls; c != NULL && *p != NULL; p = &(*p)->next) {
        if (*p == c) {
            *p = c->next;
            break;
        }
    }
    if (c != NULL) {
        apisim_exchange_free(c->x);
        buf_release(&c->body);
        free(c->target);
        free(c);
    }
    *ptr = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *conn, void **ptr,
                          enum MHD_ConnectionNotificationCode code)
{
    struct h1 *h = cls;
    (void)conn;
    (void)ptr;
    pthread_mutex_lock(&h->net.sim->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        h->net.connections++;
    } else {
        h->net.connections--;
    }
    pthread_mutex_unlock(&h->net.sim->lock);
}

static bool commands(struct h1 *h, bool *swallow)
{
    struct sim_net *n = &h->net;
    pthread_mutex_lock(&n->sim->lock);
    bool stop = n->stop, drop = n->drop_fin || n->drop_rst, rst = n->drop_rst, refuse = n->refuse;
    *swallow = n->sim->swallow;
    n->drop_fin = n->drop_rst = n->goaway = false;
    pthread_mutex_unlock(&n->sim->lock);
    for (struct call *c = h->calls; c != NULL && drop; c = c->next) {
        c->dead = true;
        if (rst) {
            reset_on_close(c);
        }
    }
    if (refuse != h->refusing) {
        h->refusing = refuse;
        if (refuse) {
            shutdown(n->listen_fd, SHUT_RD);
        } else {
            listen(n->listen_fd, 128);
        }
    }
    return !stop;
}

static void *loop(void *arg)
{
    struct h1 *h = arg;
    bool swallow = false;
    int mhd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = h};
    epoll_ctl(h->net.epoll_fd, EPOLL_CTL_ADD, mhd, &e);
    while (commands(h, &swallow)) {
        int64_t now = clock_mono_ms();
        int64_t wake = apisim_tick(h->net.sim, now);
        for (struct call *c = h->calls; c != NULL; c = c->next) {
            if (c->suspended && !swallow) { // try again: something changed, or its time came
                c->suspended = false;
                MHD_resume_connection(c->conn);
            }
        }
        if (!swallow) {
            MHD_run(h->daemon);
            MHD_run(h->daemon); // resumed connections are looked at in the round after
        }
        MHD_UNSIGNED_LONG_LONG ms;
        for (const struct call *c = h->calls; c != NULL; c = c->next) {
            wake = c->suspended && c->wake_ms < wake ? c->wake_ms : wake;
        }
        if (!swallow && MHD_get_timeout(h->daemon, &ms) == MHD_YES && (int64_t)ms + now < wake) {
            wake = now + (int64_t)ms;
        }
        struct epoll_event events[8];
        int n = epoll_wait(h->net.epoll_fd, events, 8, sim_timeout(wake, clock_mono_ms()));
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == &h->net.wake_fd) {
                uint64_t count;
                ssize_t got = read(h->net.wake_fd, &count, sizeof count);
                (void)got;
            }
        }
        if (swallow && n > 0) { // the sockets stay readable: look again in a while, do not spin
            struct timespec pause = {.tv_nsec = 20 * 1000000L};
            nanosleep(&pause, NULL);
        }
    }
    h->ending =
        true; // from here on nothing may be suspended: MHD_stop_daemon aborts on such connections
    for (struct call *c = h->calls; c != NULL; c = c->next) {
        c->dead = true;
        if (c->suspended) {
            c->suspended = false;
            MHD_resume_connection(c->conn);
        }
    }
    MHD_run(h->daemon);
    MHD_stop_daemon(h->daemon); // closes listen_fd
    return NULL;
}

static void h1_free(struct sim_net *n)
{
    struct h1 *h = (struct h1 *)(void *)n;
    close(n->epoll_fd);
    close(n->wake_fd);
    sim_tls_release(&n->tls);
    free(h);
}

struct sim_net *sim_h1_start(struct apisim *s, struct err *err)
{
    struct h1 *h = xcalloc(1, sizeof *h);
    struct sim_net *n = &h->net;
    bool tls = s->o.transport == APISIM_H1_TLS;
    n->sim = s;
    n->free = h1_free;
    n->listen_fd = n->epoll_fd = n->wake_fd = -1;
    if ((tls && !sim_tls_make(&n->tls, s->o.common_name_only, err)) ||
        !sim_listen(n, s->o.port, err)) {
        h1_free(n);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    snprintf(n->url, sizeof n->url, "%s://127.0.0.1:%d", tls ? "https" : "http", n->port);
    struct MHD_OptionItem with_tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, n->tls.cert},
                                        {MHD_OPTION_HTTPS_MEM_KEY, 0, n->tls.key},
                                        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem without[] = {{MHD_OPTION_END, 0, NULL}};
    h->daemon = MHD_start_daemon(
        (tls ? MHD_USE_TLS : 0u) | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        on_request, h, MHD_OPTION_LISTEN_SOCKET, n->listen_fd, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, h, MHD_OPTION_NOTIFY_COMPLETED, on_done, h, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, h, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MAX, MHD_OPTION_ARRAY,
        tls ? with_tls : without, MHD_OPTION_END);
    if (h->daemon == NULL) {
        err_set(err, ERR_NET, "libmicrohttpd does not start");
        close(n->listen_fd);
        h1_free(n);
        return NULL;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->net = n;
    int rc = pthread_create(&n->thread, NULL, loop, h);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        err_set(err, ERR_INTERNAL, "cannot start a thread");
        s->net = NULL;
        MHD_stop_daemon(h->daemon);
        h1_free(n);
        return NULL;
    }
    return n;
}
