// SPDX-License-Identifier: Apache-2.0
// HTTP/2 over TLS: one thread, one epoll loop, nghttp2 over OpenSSL.
#define _GNU_SOURCE
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OUT_ENOUGH = 128 * 1024, BODY_MAX = 4 << 20, CUT_GAP_MS = 25 };

struct stream {
    struct conn *conn;
    struct stream *next;
    int32_t id;
    char *method, *path, *accept, *accept_encoding, *authorization, *user_agent, *if_none_match,
        *content_type, *impersonate;
    struct buf body;
    struct apisim_exchange *x;
    bool head_sent, deferred;
    bool cut; // the plan says: break off, at cut_ms
    int64_t cut_ms;
    int64_t wake_ms;
};

struct conn {
    struct h2 *h2;
    struct conn *next;
    int fd;
    uint64_t id;
    SSL *ssl;
    nghttp2_session *session;
    struct stream *streams;
    struct buf out;
    size_t out_off;
    char *cn;
    bool ready;   // handshake done
    bool swallow; // accept bytes, never answer
    bool dead;
    enum apisim_cut closing; // once `out` is flushed
    uint32_t events;
};

struct h2 {
    struct sim_net net;
    SSL_CTX *ctx;
    nghttp2_session_callbacks *callbacks;
    struct conn *conns;
    bool refusing;
};

static void stream_free(struct stream *s)
{
    apisim_exchange_free(s->x);
    char *all[] = {s->method,          s->path,          s->accept,
                   s->accept_encoding, s->authorization, s->user_agent,
                   s->if_none_match,   s->content_type,  s->impersonate};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]);
    }
    buf_release(&s->body);
    free(s);
}

static void conn_free(struct conn *c)
{
    bool rst = c->closing == CUT_RST;
    if (rst) {
        struct linger l = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    } else if (c->ready && !c->swallow && c->closing != CUT_EOF) {
        SSL_shutdown(c->ssl);
    }
    nghttp2_session_del(c->session);
    while (c->streams != NULL) {
        struct stream *s = c->streams;
        c->streams = s->next;
        stream_free(s);
    }
    SSL_free(c->ssl);
    ERR_clear_error();
    if (!rst) {
        shutdown(c->fd, SHUT_WR);
    }
    // A child that is just being started may still hold the descriptor: closing alone would leave the
    // connection in the poll set.
    epoll_ctl(c->h2->net.epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    buf_release(&c->out);
    free(c->cn);
    free(c);
}

// ---- nghttp2's callbacks

static int on_begin(nghttp2_session *session, const nghttp2_frame *f, void *user)
{
    struct conn *c = user;
    if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    struct stream *s = xcalloc(1, sizeof *s);
    s->conn = c;
    s->id = f->hd.stream_id;
    s->wake_ms = INT64_MAX;
    buf_init(&s->body, BODY_MAX);
    s->next = c->streams;
    c->streams = s;
    nghttp2_session_set_stream_user_data(session, s->id, s);
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *f, const uint8_t *name,
                     size_t nlen, const uint8_t *value, size_t vlen, uint8_t flags, void *user)
{
    struct stream *s = nghttp2_session_get_stream_user_data(session, f->hd.stream_id);
    (void)flags;
    (void)user;
    if (s == NULL) {
        return 0;
    }
    struct {
        const char *name;
        char **to;
    } keep[] = {{":method", &s->method},
                {":path", &s->path},
                {"accept", &s->accept},
                {"accept-encoding", &s->accept_encoding},
                {"authorization", &s->authorization},
                {"user-agent", &s->user_agent},
                {"if-none-match", &s->if_none_match},
                {"content-type", &s->content_type},
                {"impersonate-user", &s->impersonate}};
    for (size_t i = 0; i < sizeof keep / sizeof *keep; i++) {
        if (str_is((const char *)name, nlen, keep[i].name)) {
            free(*keep[i].to);
            *keep[i].to = xstrndup((const char *)value, vlen);
        }
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t len, void *user)
{
    struct stream *s = nghttp2_session_get_stream_user_data(session, id);
    (void)flags;
    (void)user;
    if (s != NULL) {
        buf_add(&s->body, data, len);
    }
    return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *buf, size_t length,
                         uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct stream *s = source->ptr;
    size_t n = 0;
    (void)session;
    (void)id;
    (void)user;
    s->wake_ms = INT64_MAX;
    switch (s->cut ? APISIM_CUT
                   : apisim_exchange_read(s->x, clock_mono_ms(), (char *)buf, length, &n,
                                          &s->wake_ms)) {
    case APISIM_DATA:
        return (ssize_t)n;
    case APISIM_END:
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return 0;
    case APISIM_CUT:
        // A reset in the same read as the bytes before it makes clients drop those: let them arrive.
        s->cut_ms = s->cut ? s->cut_ms : clock_mono_ms() + CUT_GAP_MS;
        s->wake_ms = s->cut_ms;
        s->cut = true;
        break;
    case APISIM_WAIT:
        break;
    }
    s->deferred = true;
    return NGHTTP2_ERR_DEFERRED;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *f, void *user)
{
    struct conn *c = user;
    struct stream *s = nghttp2_session_get_stream_user_data(session, f->hd.stream_id);
    bool ends = (f->hd.type == NGHTTP2_HEADERS || f->hd.type == NGHTTP2_DATA) &&
                (f->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (s == NULL || !ends || s->x != NULL) {
        return 0;
    }
    struct apisim_request r = {
        .method = s->method != NULL ? s->method : "GET",
        .target = s->path != NULL ? s->path : "/",
        .accept = s->accept,
        .accept_encoding = s->accept_encoding,
        .authorization = s->authorization,
        .user_agent = s->user_agent,
        .if_none_match = s->if_none_match,
        .content_type = s->content_type,
        .impersonate_user = s->impersonate,
        .client_cn = c->cn,
        .body = s->body.data,
        .body_len = s->body.len,
        .conn = c->id,
    };
    s->x = apisim_exchange_new(c->h2->net.sim, &r, clock_mono_ms());
    s->wake_ms = 0; // the head is due
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
    struct conn *c = user;
    (void)session;
    (void)code;
    for (struct stream **p = &c->streams; *p != NULL; p = &(*p)->next) {
        if ((*p)->id == id) {
            struct stream *s = *p;
            *p = s->next;
            stream_free(s);
            break;
        }
    }
    return 0;
}

// ---- a connection

// Running streams continue, new ones use another connection.
static void goaway(struct conn *c)
{
    nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(c->session), NGHTTP2_NO_ERROR,
                          NULL, 0);
}

static void respond(struct conn *c, struct stream *s)
{
    const struct apisim_header *h;
    size_t n = apisim_exchange_headers(s->x, &h);
    nghttp2_nv nv[24];
    char status[16];
    snprintf(status, sizeof status, "%d", apisim_exchange_status(s->x));
    // nghttp2 copies names and values; its type is only not const.
    nv[0] = (nghttp2_nv){unconst(":status"), (uint8_t *)status, 7, strlen(status),
                         NGHTTP2_NV_FLAG_NONE};
    for (size_t i = 0; i < n && i < 23; i++) {
        nv[i + 1] = (nghttp2_nv){unconst(h[i].name), unconst(h[i].value), strlen(h[i].name),
                                 strlen(h[i].value), NGHTTP2_NV_FLAG_NONE};
    }
    nghttp2_data_provider body = {.source.ptr = s, .read_callback = read_body};
    nghttp2_submit_response(c->session, s->id, nv, n + 1, &body);
    s->head_sent = true;
    if (apisim_exchange_status(s->x) == 401) {
        // As a real server since 1.29: who is not authenticated gets no further request on this connection.
        goaway(c);
    }
}

static void break_off(struct conn *c, struct stream *s)
{
    uint32_t code;
    switch (apisim_exchange_cut(s->x, &code)) {
    case CUT_STREAM:
        nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, s->id, code);
        break;
    case CUT_REFUSE:
        nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, s->id > 2 ? s->id - 2 : 0,
                              NGHTTP2_NO_ERROR, NULL, 0);
        break;
    case CUT_GOAWAY: // this stream continues
        goaway(c);
        sim_exchange_go_on(s->x);
        s->cut = false;
        s->deferred = false;
        if (s->head_sent) {
            nghttp2_session_resume_data(c->session, s->id);
        } else {
            s->wake_ms = 0;
        }
        break;
    case CUT_BLACKHOLE:
        c->swallow = true;
        break;
    case CUT_RST:
        c->closing = CUT_RST;
        break;
    case CUT_EOF:
        c->closing = CUT_EOF;
        break;
    default:
        c->closing = CUT_FIN;
        break;
    }
}

// Looks at every stream: heads that are due, bodies that may continue.
static void pump_streams(struct conn *c, int64_t now)
{
    for (struct stream *s = c->streams, *next; s != NULL; s = next) {
        next = s->next;
        if (s->x == NULL) {
            continue;
        }
        if (s->cut) {
            if (now >= s->cut_ms && s->deferred) {
                s->wake_ms = INT64_MAX;
                s->deferred = false;
                break_off(c, s);
            }
            continue;
        }
        if (!s->head_sent) {
            enum apisim_io io = apisim_exchange_head(s->x, now, &s->wake_ms);
            if (io == APISIM_DATA) {
                s->wake_ms = INT64_MAX;
                respond(c, s);
            } else if (io == APISIM_CUT) {
                s->wake_ms = INT64_MAX;
                break_off(c, s);
            }
        } else if (s->deferred) {
            s->deferred = false;
            nghttp2_session_resume_data(c->session, s->id);
        }
    }
}

// Frames into c->out, at most some OUT_ENOUGH bytes.
static void produce(struct conn *c)
{
    while (!c->dead && c->out.len - c->out_off < OUT_ENOUGH && c->closing == CUT_NONE &&
           !c->swallow) {
        const uint8_t *data;
        ssize_t n = nghttp2_session_mem_send(c->session, &data);
        if (n < 0) {
            c->dead = true;
            return;
        }
        if (n == 0) {
            return;
        }
        buf_add(&c->out, data, (size_t)n);
    }
}

static void flush(struct conn *c)
{
    while (!c->dead) {
        produce(c);
        size_t left = c->out.len - c->out_off;
        if (left == 0 || c->swallow) {
            break;
        }
        int n = SSL_write(c->ssl, c->out.data + c->out_off, (int)(left > 1 << 20 ? 1 << 20 : left));
        if (n <= 0) {
            int e = SSL_get_error(c->ssl, n);
            c->dead = e != SSL_ERROR_WANT_WRITE && e != SSL_ERROR_WANT_READ;
            ERR_clear_error();
            break;
        }
        c->out_off += (size_t)n;
        if (c->out_off == c->out.len) {
            buf_reset(&c->out);
            c->out_off = 0;
        }
    }
    bool empty = c->out.len == c->out_off;
    if (c->closing != CUT_NONE && empty) {
        c->dead = true;
    }
    if (!c->swallow && empty && c->session != NULL && !nghttp2_session_want_read(c->session) &&
        !nghttp2_session_want_write(c->session)) {
        c->dead = true;
    }
}

static void handshake(struct conn *c)
{
    int rc = SSL_accept(c->ssl);
    if (rc != 1) {
        int e = SSL_get_error(c->ssl, rc);
        c->dead = e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE;
        ERR_clear_error();
        return;
    }
    const unsigned char *alpn = NULL;
    unsigned n = 0;
    SSL_get0_alpn_selected(c->ssl, &alpn, &n);
    if (n != 2 || memcmp(alpn, "h2", 2) != 0) {
        c->dead = true;
        return;
    }
    X509 *peer = SSL_get1_peer_certificate(c->ssl);
    if (peer != NULL) {
        char cn[128] = "";
        X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, cn, sizeof cn);
        c->cn = cn[0] != '\0' ? xstrdup(cn) : NULL;
        X509_free(peer);
    }
    c->ready = true;
    nghttp2_option *option;
    nghttp2_option_new(&option);
    nghttp2_option_set_max_send_header_block_length(option,
                                                    256 * 1024); // a fault may make one so long
    nghttp2_session_server_new2(&c->session, c->h2->callbacks, c, option);
    nghttp2_option_del(option);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100},
                                         {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20}};
    nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, 2);
}

static void receive(struct conn *c)
{
    if (!c->ready && !c->swallow) {
        handshake(c);
    }
    char buf[16384];
    if (c->swallow) { // the raw bytes, whatever they are
        ssize_t n;
        while ((n = recv(c->fd, buf, sizeof buf, 0)) > 0) {
        }
        c->dead = n == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    while (c->ready && !c->dead && !c->swallow) {
        int n = SSL_read(c->ssl, buf, sizeof buf);
        if (n <= 0) {
            int e = SSL_get_error(c->ssl, n);
            c->dead = e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE;
            ERR_clear_error();
            return;
        }
        if (nghttp2_session_mem_recv(c->session, (const uint8_t *)buf, (size_t)n) < 0) {
            c->dead = true;
        }
    }
}

// ---- the loop

static void accept_all(struct h2 *h)
{
    // Read now: a client may connect right after a black hole ends, before the next turn of the loop.
    pthread_mutex_lock(&h->net.sim->lock);
    bool swallow = h->net.sim->swallow;
    pthread_mutex_unlock(&h->net.sim->lock);
    for (;;) {
        // cppcheck-suppress nullPointer ; accept4 takes no address
        int fd = accept4(h->net.listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct conn *c = xcalloc(1, sizeof *c);
        c->h2 = h;
        c->fd = fd;
        c->id = ++h->net.next_conn;
        c->swallow = swallow;
        c->ssl = SSL_new(h->ctx);
        SSL_set_fd(c->ssl, fd);
        SSL_set_accept_state(c->ssl);
        buf_init(&c->out, 0);
        c->next = h->conns;
        h->conns = c;
        c->events = EPOLLIN;
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(h->net.epoll_fd, EPOLL_CTL_ADD, fd, &e);
    }
}

static void reap(struct h2 *h, bool all)
{
    size_t n = 0;
    for (struct conn **p = &h->conns; *p != NULL;) {
        struct conn *c = *p;
        if (c->dead || all) {
            *p = c->next;
            conn_free(c);
        } else {
            p = &c->next;
            n++;
        }
    }
    pthread_mutex_lock(&h->net.sim->lock);
    h->net.connections = n;
    pthread_mutex_unlock(&h->net.sim->lock);
}

static void listen_or_not(struct h2 *h, bool refuse)
{
    if (refuse == h->refusing) {
        return;
    }
    h->refusing = refuse;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &h->net.listen_fd};
    if (refuse) { // the port stays ours, connects are refused
        epoll_ctl(h->net.epoll_fd, EPOLL_CTL_DEL, h->net.listen_fd, NULL);
        shutdown(h->net.listen_fd, SHUT_RD);
    } else {
        listen(h->net.listen_fd, 128);
        epoll_ctl(h->net.epoll_fd, EPOLL_CTL_ADD, h->net.listen_fd, &e);
    }
}

// What other threads asked for. False: stop.
static bool commands(struct h2 *h)
{
    struct sim_net *n = &h->net;
    pthread_mutex_lock(&n->sim->lock);
    bool stop = n->stop, fin = n->drop_fin, rst = n->drop_rst, say_goaway = n->goaway,
         refuse = n->refuse;
    bool swallow = n->sim->swallow;
    n->drop_fin = n->drop_rst = n->goaway = false;
    pthread_mutex_unlock(&n->sim->lock);
    listen_or_not(h, refuse);
    for (struct conn *c = h->conns; c != NULL; c = c->next) {
        if (swallow) {
            c->swallow = true;
        }
        if (fin || rst) {
            c->closing = rst ? CUT_RST : CUT_FIN;
            c->dead = true;
        } else if (say_goaway && c->session != NULL) {
            goaway(c);
        }
    }
    return !stop;
}

static int64_t advance(struct h2 *h, int64_t now)
{
    int64_t wake = INT64_MAX;
    for (struct conn *c = h->conns; c != NULL; c = c->next) {
        if (c->dead) {
            continue;
        }
        if (c->ready && !c->swallow) {
            pump_streams(c, now);
            flush(c);
        }
        for (const struct stream *s = c->streams; s != NULL && !c->swallow; s = s->next) {
            wake = s->wake_ms < wake ? s->wake_ms : wake;
        }
        uint32_t events = EPOLLIN | (c->out.len > c->out_off && !c->swallow ? EPOLLOUT : 0u);
        if (events != c->events && !c->dead) {
            struct epoll_event e = {.events = events, .data.ptr = c};
            epoll_ctl(h->net.epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
            c->events = events;
        }
    }
    return wake;
}

static void *loop(void *arg)
{
    struct h2 *h = arg;
    int64_t wake = 0;
    while (commands(h)) {
        int64_t now = clock_mono_ms();
        int64_t tick = apisim_tick(h->net.sim, now);
        wake = advance(h, now);
        reap(h, false);
        struct epoll_event events[64];
        int n =
            epoll_wait(h->net.epoll_fd, events, 64, sim_timeout(tick < wake ? tick : wake, now));
        for (int i = 0; i < n; i++) {
            void *p = events[i].data.ptr;
            if (p == &h->net.wake_fd) {
                uint64_t count;
                ssize_t got = read(h->net.wake_fd, &count, sizeof count);
                (void)got;
            } else if (p == &h->net.listen_fd) {
                accept_all(h);
            } else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                receive(p);
            }
        }
    }
    reap(h, true);
    return NULL;
}

// ---- set-up

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                       const unsigned char *in, unsigned inlen, void *arg)
{
    (void)ssl;
    (void)arg;
    for (unsigned i = 0; i + 1 < inlen; i += 1u + in[i]) {
        if (in[i] == 2 && memcmp(in + i + 1, "h2", 2) == 0) {
            *out = in + i + 1;
            *outlen = 2;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *make_ctx(const struct sim_tls *t)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    BIO *b = BIO_new_mem_buf(t->cert, -1);
    X509 *cert = PEM_read_bio_X509(b, NULL, NULL, NULL);
    BIO_free(b);
    b = BIO_new_mem_buf(t->key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
    BIO_free(b);
    b = BIO_new_mem_buf(t->ca, -1);
    X509 *ca = PEM_read_bio_X509(b, NULL, NULL, NULL);
    BIO_free(b);
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, key);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca);
    SSL_CTX_add_client_CA(ctx, ca);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL); // a client certificate is welcome, not needed
    static const unsigned char id[] = "apisim";     // sessions with verified clients need a context
    SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(key);
    return ctx;
}

static void h2_free(struct sim_net *n)
{
    struct h2 *h = (struct h2 *)(void *)n;
    close(n->listen_fd);
    close(n->epoll_fd);
    close(n->wake_fd);
    SSL_CTX_free(h->ctx);
    nghttp2_session_callbacks_del(h->callbacks);
    sim_tls_release(&n->tls);
    free(h);
}

struct sim_net *sim_h2_start(struct apisim *s, struct err *err)
{
    struct h2 *h = xcalloc(1, sizeof *h);
    struct sim_net *n = &h->net;
    n->sim = s;
    n->free = h2_free;
    n->listen_fd = n->epoll_fd = n->wake_fd = -1;
    if (!sim_tls_make(&n->tls, s->o.common_name_only, err) || !sim_listen(n, s->o.port, err)) {
        h2_free(n);
        return NULL;
    }
    snprintf(n->url, sizeof n->url, "https://127.0.0.1:%d", n->port);
    h->ctx = make_ctx(&n->tls);
    nghttp2_session_callbacks_new(&h->callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(h->callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(h->callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(h->callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(h->callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(h->callbacks, on_close);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &n->listen_fd};
    epoll_ctl(n->epoll_fd, EPOLL_CTL_ADD, n->listen_fd, &e);
    // Writes to a closed connection are an error code, not a signal; signals go to the main thread.
    signal(SIGPIPE, SIG_IGN);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->net = n; // before the thread, which reads it
    int rc = pthread_create(&n->thread, NULL, loop, h);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        err_set(err, ERR_INTERNAL, "cannot start a thread");
        s->net = NULL;
        h2_free(n);
        return NULL;
    }
    return n;
}
