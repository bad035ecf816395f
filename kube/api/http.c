// SPDX-License-Identifier: Apache-2.0
// HTTP to one API server: the only file that sees curl.
#include "kube/api/http.h"

#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/secret.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/api/gunzip.h"
#include "kube/api/http_address.h"
#include "kube/api/http_header.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SECOND = 1000,
    SLEEP_MS = 30 * SECOND,     // how far the clocks may part before the machine was asleep
    SLEEP_LOOK_MS = 2 * SECOND, // how often they are compared: the time asleep does not count
    TIMEOUTS_MAX = 2,           // time-outs in a row on one generation
    REFUSED_MAX = 3,            // times that a request refused by a GOAWAY is sent again
};

struct http_call {
    struct http_call *next;
    struct http *http;
    struct http_events events;
    void *self;
    CURL *easy;
    struct curl_slist *headers;
    char *path, *accept, *body, *etag;
    bool is_watch, is_stream, is_probe;
    bool added, cancelled, answered;
    int refused; // how often a GOAWAY refused it
    long port;   // local, of its connection; 0: not known
    int64_t sent;
    uint64_t version; // of the credential it was sent with

    struct http_head head;
    bool header_limit;
    struct gunzip *zip; // of a stream whose answer is compressed
    struct err zip_err;
    char error[CURL_ERROR_SIZE];
};

struct connection {
    long port;     // local
    int64_t heard; // when its last byte came
    bool asked;    // a probe was sent for it since
    bool logged;
};

struct http {
    const struct api_config *config;
    struct credential *credential;
    struct http_limits limits;
    void (*restarted)(void *self, const struct err *err);
    void *self;
    CURLM *multi;
    unsigned generation;
    uint64_t tls_generation;
    int64_t born, last_rx, asleep; // asleep: boot clock minus monotonic clock
    int timeouts;
    bool http1;              // the newest answer came so
    struct http_call *calls; // all, newest first
    struct http_call *probe;
    int wake[2];
    struct http_address at;
    struct curl_slist *connect_to;
    struct connection *connections; // those that were heard of
    size_t connection_count, connection_cap;
    bool restart_due, restart_planned;
    struct err restart_err;
};

// --- small things ----------------------------------------------------------------------------------

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return secret_heap_realloc(p, n);
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    secret_heap_free(p);
}

bool http_global_init(struct err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    // libcurl copies header lines, proxy passwords and keys, OpenSSL what it makes of a key. OpenSSL takes other
    // functions only while it has allocated nothing; later this changes nothing.
    (void)CRYPTO_set_mem_functions(NULL, openssl_realloc, openssl_free);
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, secret_heap_free, secret_heap_realloc,
                             strdup, calloc) != CURLE_OK) {
        return err_set(err, ERR_INTERNAL, "libcurl cannot be started");
    }
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
    const int need = CURL_VERSION_HTTP2 | CURL_VERSION_SSL | CURL_VERSION_LIBZ;
    if (v->version_num < 0x074d00 || (v->features & need) != need) {
        return err_set(
            err, ERR_INTERNAL,
            "libcurl %s cannot do what is needed: 7.77 or newer with TLS, HTTP/2 and zlib",
            v->version);
    }
    if (v->version_num < 0x080000) {
        log_line("api", LOG_INFO, "libcurl %s: bodies cut without an error are possible before 8.0",
                 v->version);
    }
    return true;
}

static int64_t or_default(int64_t v, int64_t standard)
{
    return v > 0 ? v : standard;
}

static int64_t clock_gap(void)
{
    return clock_boot_ms() - clock_mono_ms();
}

static void clean(char *out, size_t size, const char *s)
{
    struct arena a;
    arena_init(&a);
    snprintf(out, size, "%s", text_clean(&a, s, strlen(s), size - 1));
    arena_release(&a);
}

// What failed, at which stage and with which peer (docs/rules/kubernetes-client.md#transport-messages).
static void transport_error(const struct http_call *c, CURLcode code, struct err *err)
{
    const struct http *h = c->http;
    char why[256];
    clean(why, sizeof why, c->error[0] != '\0' ? c->error : curl_easy_strerror(code));
    char text[ERRNO_TEXT_SIZE];
    long sys = 0, proxy_verify = 0, proxy_answer = 0;
    double connected = 0;
    curl_easy_getinfo(c->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy_verify);
    curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_answer);
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &sys);
    curl_easy_getinfo(c->easy, CURLINFO_APPCONNECT_TIME, &connected);
    if (h->at.proxy_peer != NULL && proxy_answer >= 300) {
        err_set(err, ERR_NET, "proxy: '%s' answered %ld and does not connect to '%s'%s",
                h->at.proxy_peer, proxy_answer, h->at.peer,
                proxy_answer == 407 ? "; give user and password in proxy-url" : "");
        return;
    }
    if (h->at.proxy_peer != NULL && proxy_verify > 1) { // 1: libcurl's own, before any verification
        err_set(err, ERR_TLS,
                "proxy: TLS: the certificate of '%s' does not verify (%s); it is checked with "
                "certificate-authority of cluster '%s'",
                h->at.proxy_peer, why, h->config->cluster != NULL ? h->config->cluster : "");
        return;
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
        err_set(err, ERR_NET, "proxy: the name of '%s' cannot be resolved", h->at.proxy_peer);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        err_set(err, ERR_NET,
                "DNS: the name of '%s' cannot be resolved; check the network or the VPN",
                h->at.peer);
        break;
    case CURLE_PROXY:
        err_set(err, ERR_NET, "proxy: '%s' does not connect to '%s': %s", h->at.proxy_peer,
                h->at.peer, why);
        break;
    case CURLE_COULDNT_CONNECT:
        if (h->at.proxy_peer != NULL) {
            err_set(err, ERR_NET, "proxy: '%s' refused the connection (is it, or ssh -D, running?)",
                    h->at.proxy_peer);
        } else if (sys == ECONNREFUSED) {
            err_set(err, ERR_NET,
                    "connect: '%s' refused the connection; is the API server running?", h->at.peer);
        } else {
            err_set(err, ERR_NET, "connect: no way to '%s': %s", h->at.peer,
                    sys != 0 ? errno_text((int)sys, text) : why);
        }
        break;
    case CURLE_OPERATION_TIMEDOUT:
        err_set(err, ERR_TIMEOUT, "%s: no answer from '%s' in time",
                connected > 0 ? "HTTP" : "connect", h->at.peer);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        if (strstr(why, "subject name") != NULL || strstr(why, "does not match") != NULL) {
            err_set(err, ERR_TLS,
                    "TLS: the certificate of '%s' is for another name (%s); set tls-server-name",
                    h->at.peer, why);
        } else {
            err_set(err, ERR_TLS,
                    "TLS: the certificate of '%s' does not verify (%s); check "
                    "certificate-authority of cluster '%s'",
                    h->at.peer, why, h->config->cluster != NULL ? h->config->cluster : "");
        }
        break;
    case CURLE_SSL_CONNECT_ERROR:
        if (strstr(why, "asn1 encoding") != NULL || strstr(why, "rsa routines") != NULL) {
            err_set(err, ERR_TLS,
                    "TLS: the certificate of '%s' was signed by another authority of the same "
                    "name; check "
                    "certificate-authority of cluster '%s'",
                    h->at.peer, h->config->cluster != NULL ? h->config->cluster : "");
            break;
        }
        // The words of libcurl and OpenSSL for a FIN or RST, as of a load balancer whose server is away.
        if (strstr(why, "in connection to") != NULL || strstr(why, "unexpected eof") != NULL ||
            strstr(why, " failure: ") != NULL) {
            err_set(err, ERR_NET, "TLS: '%s' ended the connection within the handshake",
                    h->at.peer);
            break;
        }
        err_set(err, ERR_TLS, "TLS: no secure connection to '%s': %s", h->at.peer, why);
        break;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
        err_set(err, ERR_TLS, "TLS: no secure connection to '%s': %s", h->at.peer, why);
        break;
    default:
        err_set(err, ERR_NET, "HTTP: the connection to '%s' ended: %s", h->at.peer,
                code == CURLE_HTTP2 && !c->answered ? "it takes no more requests (GOAWAY)" : why);
        break;
    }
}

// --- connections ----------------------------------------------------------------------------------

static struct connection *find_connection(struct http *h, long port)
{
    for (size_t i = 0; i < h->connection_count; i++) {
        if (h->connections[i].port == port) {
            return &h->connections[i];
        }
    }
    return NULL;
}

// since: of one that is new here
static struct connection *get_connection(struct http *h, long port, int64_t since)
{
    struct connection *k = find_connection(h, port);
    if (k == NULL) {
        if (h->connection_count == h->connection_cap) {
            h->connection_cap = h->connection_cap > 0 ? 2 * h->connection_cap : 4;
            h->connections = xrealloc(h->connections, h->connection_cap * sizeof *k);
        }
        k = &h->connections[h->connection_count++];
        *k = (struct connection){.port = port, .heard = since};
    }
    return k;
}

static void heard(struct http_call *c)
{
    struct http *h = c->http;
    h->last_rx = clock_mono_ms();
    if (c->port > 0) {
        struct connection *k = get_connection(h, c->port, 0);
        k->heard = h->last_rx;
        k->asked = false;
    }
}

static long local_port(const struct http_call *c)
{
    long port = 0;
    curl_easy_getinfo(c->easy, CURLINFO_LOCAL_PORT, &port);
    return port;
}

// --- answers ---------------------------------------------------------------------------------------

static void on_inflated(void *self, const char *bytes, size_t n)
{
    struct http_call *c = self;
    if (!c->cancelled) {
        c->events.bytes(c->self, bytes, n);
    }
}

static const char *or_null(const char *s)
{
    return s[0] != '\0' ? s : NULL;
}

static void answered(struct http_call *c)
{
    struct http *h = c->http;
    long version = 0;
    curl_easy_getinfo(c->easy, CURLINFO_HTTP_VERSION, &version);
    c->port = local_port(c);
    c->answered = true;
    heard(c);
    h->timeouts = 0;
    h->http1 = version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
    struct connection *k = find_connection(h, c->port);
    if (k != NULL && !k->logged) {
        k->logged = true;
        log_line("api", LOG_INFO, "connection %u: connected to %s%s%s over HTTP/%s, local port %ld",
                 h->generation, h->at.peer, h->at.proxy_peer != NULL ? " by the proxy " : "",
                 h->at.proxy_peer != NULL ? h->at.proxy_peer : "",
                 version == CURL_HTTP_VERSION_2_0 ? "2" : "1.1", c->port);
    }
    if (c->is_stream && c->head.gzip) {
        c->zip = gunzip_new(0, on_inflated, c);
    }
    if (c->is_probe || c->events.response == NULL) {
        return;
    }
    const struct http_head *head = &c->head;
    time_t date = head->date[0] != '\0' ? curl_getdate(head->date, NULL) : -1;
    struct http_response r = {
        .status = head->status,
        .content_type = or_null(head->content_type),
        .etag = or_null(head->etag),
        .location = or_null(head->location),
        .warning = or_null(head->warning),
        .retry_after_s = head->retry_after_s,
        .date = date != -1 ? (int64_t)date : TIME_NONE,
        .http1 = h->http1,
        .credential_version = c->version,
    };
    c->events.response(c->self, &r);
}

static size_t on_header(char *line, size_t size, size_t n, void *self)
{
    struct http_call *c = self;
    n *= size;
    heard(c);
    if (c->cancelled) {
        return n;
    }
    switch (http_head_line(&c->head, line, n)) {
    case HTTP_HEAD_MORE:
        break;
    case HTTP_HEAD_END:
        if (c->head.status >= 200 && !c->answered) {
            answered(c);
        }
        break;
    case HTTP_HEAD_TOO_LARGE:
        c->header_limit = true;
        return 0;
    }
    return n;
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *self)
{
    struct http_call *c = self;
    n *= size;
    heard(c);
    if (c->cancelled || c->is_probe || c->events.bytes == NULL) {
        return n;
    }
    if (c->zip != NULL) {
        return gunzip_feed(c->zip, bytes, n, &c->zip_err) ? n : 0;
    }
    c->events.bytes(c->self, bytes, n);
    return n;
}

static int on_socket(void *self, curl_socket_t fd, curlsocktype purpose)
{
    (void)self;
    if (purpose == CURLSOCKTYPE_IPCXN) {
#ifdef TCP_USER_TIMEOUT
        int ms = 45000; // a peer that acknowledges nothing
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
#endif
    }
    return CURL_SOCKOPT_OK;
}

// --- requests --------------------------------------------------------------------------------------

#define SET(c, option, value) curl_easy_setopt((c)->easy, CURLOPT_##option, value)

static void set_blob(struct http_call *c, CURLoption option, const char *data, size_t n)
{
    struct curl_blob blob = {.data = unconst(data), .len = n, .flags = CURL_BLOB_COPY};
    curl_easy_setopt(c->easy, option, &blob);
}

// A proxy with TLS is verified as the server is, and is shown the same certificate: Go's transport, and so
// kubectl, has one TLS configuration for both.
static void set_proxy_tls(struct http_call *c)
{
    const struct api_config *config = c->http->config;
    struct credential_tls tls = credential_tls(c->http->credential);
    SET(c, PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(c, PROXY_KEYPASSWD, "");
    SET(c, PROXY_SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    SET(c, PROXY_SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    if (tls.ca != NULL) {
        set_blob(c, CURLOPT_PROXY_CAINFO_BLOB, tls.ca, tls.ca_len);
        SET(c, PROXY_CAPATH, NULL);
    }
    if (tls.cert != NULL && tls.key != NULL) {
        SET(c, PROXY_SSLCERTTYPE, "PEM");
        SET(c, PROXY_SSLKEYTYPE, "PEM");
        set_blob(c, CURLOPT_PROXY_SSLCERT_BLOB, tls.cert, tls.cert_len);
        set_blob(c, CURLOPT_PROXY_SSLKEY_BLOB, tls.key, tls.key_len);
    }
}

static void set_tls(struct http_call *c)
{
    const struct api_config *config = c->http->config;
    struct credential_tls tls = credential_tls(c->http->credential);
    SET(c, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(c, KEYPASSWD, ""); // else OpenSSL would ask on the terminal
    SET(c, SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    SET(c, SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    if (tls.ca != NULL) {
        set_blob(c, CURLOPT_CAINFO_BLOB, tls.ca, tls.ca_len);
        SET(c, CAPATH, NULL); // the distribution's CAs would stay trusted
    }
    if (tls.cert != NULL && tls.key != NULL) {
        SET(c, SSLCERTTYPE, "PEM");
        SET(c, SSLKEYTYPE, "PEM");
        set_blob(c, CURLOPT_SSLCERT_BLOB, tls.cert, tls.cert_len);
        set_blob(c, CURLOPT_SSLKEY_BLOB, tls.key, tls.key_len);
    }
}

static void set_proxy(struct http_call *c)
{
    const char *url = c->http->config->proxy_url;
    SET(c, NOPROXY, "");
    if (str_empty(url)) {
        SET(c, PROXY, "");
    } else if (str_starts(url, "socks5://")) { // the name is resolved at the proxy
        struct buf b;
        buf_init_secret(&b, 0); // it may hold a password
        buf_adds(&b, "socks5h://");
        buf_adds(&b, url + strlen("socks5://"));
        SET(c, PROXY, b.data);
        buf_release(&b);
    } else {
        SET(c, PROXY, url);
        SET(c, HTTPPROXYTUNNEL, c->http->config->plain_http ? 0L : 1L);
    }
    if (!str_empty(url) && str_starts(url, "https://")) {
        set_proxy_tls(c);
    }
    SET(c, SUPPRESS_CONNECT_HEADERS, 1L);
}

static void add_header(struct http_call *c, const char *name, const char *value)
{
    char *line = xasprintf("%s: %s", name, value);
    c->headers = curl_slist_append(c->headers, line);
    free(line);
}

static void set_headers(struct http_call *c)
{
    struct http *h = c->http;
    size_t n;
    const char *const *lines = credential_headers(h->credential, &n);
    for (size_t i = 0; i < n; i++) {
        c->headers = curl_slist_append(c->headers, lines[i]);
    }
    add_header(c, "Accept", c->accept);
    c->headers = curl_slist_append(c->headers, "Expect:");
    if (h->at.host_header != NULL) {
        add_header(c, "Host", h->at.host_header);
    }
    if (c->etag != NULL) {
        add_header(c, "If-None-Match", c->etag);
    }
    if (c->body != NULL) {
        add_header(c, "Content-Type", "application/json");
    }
    if (c->is_stream && !h->config->disable_compression) {
        add_header(c, "Accept-Encoding", "gzip"); // curl then passes the bytes on as they are
    }
    SET(c, HTTPHEADER, c->headers);
}

static void set_times(struct http_call *c)
{
    const struct http_limits *l = &c->http->limits;
    SET(c, CONNECTTIMEOUT_MS, (long)l->connect_ms);
    SET(c, TCP_KEEPALIVE, 1L);
    SET(c, TCP_KEEPIDLE, 30L);
    SET(c, TCP_KEEPINTVL, 15L);
    SET(c, SOCKOPTFUNCTION, on_socket);
    if (c->is_probe) {
        SET(c, TIMEOUT_MS, (long)l->probe_ms);
    } else if (!c->is_watch) {
        int64_t t = c->http->config->request_timeout_ms;
        t = t > 0 && t < l->unary_ms ? t : l->unary_ms;
        SET(c, TIMEOUT_MS, (long)t);
        SET(c, LOW_SPEED_LIMIT, 1L);
        SET(c, LOW_SPEED_TIME, (long)((l->silent_ms + SECOND - 1) / SECOND));
    }
}

static bool build(struct http_call *c)
{
    struct http *h = c->http;
    c->easy = curl_easy_init();
    if (c->easy == NULL) {
        return false;
    }
    char *url = xasprintf("%s%s", h->at.base, c->path);
    SET(c, URL, url);
    free(url);
    SET(c, NOSIGNAL, 1L);
    SET(c, PRIVATE, c);
    SET(c, ERRORBUFFER, c->error);
    SET(c, FOLLOWLOCATION, 0L);
    SET(c, HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(c, PIPEWAIT, 1L);
    // libcurl 7.88 hangs, or loses the beginning, where a header over HTTP/2 is larger than this.
    SET(c, BUFFERSIZE, 2L * (long)HTTP_HEAD_MAX);
    SET(c, USERAGENT, h->at.agent);
    SET(c, PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(c, PROTOCOLS_STR, "http,https");
#else
    SET(c, PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(c, QUICK_EXIT, 1L);
#endif
    SET(c, HEADERFUNCTION, on_header);
    SET(c, HEADERDATA, c);
    SET(c, WRITEFUNCTION, on_bytes);
    SET(c, WRITEDATA, c);
    if (!c->is_watch && !h->config->disable_compression) {
        SET(c, ACCEPT_ENCODING, "gzip");
    }
    if (h->connect_to != NULL) {
        SET(c, CONNECT_TO, h->connect_to);
    }
    if (c->body != NULL) {
        SET(c, POST, 1L);
        SET(c, POSTFIELDSIZE, (long)strlen(c->body));
        SET(c, POSTFIELDS, c->body);
    }
    set_times(c);
    set_headers(c);
    set_proxy(c);
    if (!h->config->plain_http) {
        set_tls(c);
    }
    c->version = credential_version(h->credential);
    return true;
}

static void take_off(struct http_call *c)
{
    if (c->easy != NULL) {
        if (c->added) {
            curl_multi_remove_handle(c->http->multi, c->easy);
        }
        curl_easy_cleanup(c->easy);
        c->easy = NULL;
        c->added = false;
    }
    curl_slist_free_all(c->headers);
    c->headers = NULL;
}

static void free_call(struct http_call *c)
{
    take_off(c);
    gunzip_free(c->zip);
    free(c->path);
    free(c->accept);
    free(c->etag);
    free(c->body);
    free(c);
}

// Ends a call with its last event; it is freed at the next reap.
static void finish(struct http_call *c, const struct err *err, bool lost)
{
    if (c->cancelled) {
        return;
    }
    c->cancelled = true;
    if (c->http->probe ==
        c) { // not sent for want of a credential: try again after another idle span
        c->http->probe = NULL;
        for (size_t i = 0; i < c->http->connection_count; i++) {
            c->http->connections[i].heard = clock_mono_ms();
            c->http->connections[i].asked = false;
        }
        return;
    }
    c->events.done(c->self, err, lost);
}

static void reap(struct http *h)
{
    for (struct http_call **at = &h->calls; *at != NULL;) {
        struct http_call *c = *at;
        if (c->cancelled) {
            *at = c->next;
            free_call(c);
        } else {
            at = &c->next;
        }
    }
}

struct http_call *http_start(struct http *h, const struct http_request *r,
                             const struct http_events *events, void *self)
{
    struct http_call *c = xcalloc(1, sizeof *c);
    c->http = h;
    c->events = *events;
    c->self = self;
    c->path = xstrdup(r->path);
    c->accept = xstrdup(r->accept != NULL ? r->accept : "application/json");
    c->body = r->body != NULL ? xstrdup(r->body) : NULL;
    c->etag = r->etag != NULL ? xstrdup(r->etag) : NULL;
    c->is_watch = r->is_watch;
    c->is_stream = r->is_stream;
    c->next = h->calls;
    h->calls = c;
    return c;
}

void http_cancel(struct http_call *c)
{
    if (c != NULL) {
        c->cancelled = true;
    }
}

// --- generations -----------------------------------------------------------------------------------

static void new_multi(struct http *h)
{
    h->multi = curl_multi_init();
    if (h->multi == NULL) {
        free(xmalloc(SIZE_MAX / 4)); // out of memory: end as xmalloc does
    }
    curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    h->generation++;
    h->born = h->last_rx = clock_mono_ms();
    h->asleep = clock_gap();
    h->timeouts = 0;
    h->connection_count = 0;
    h->tls_generation = credential_tls(h->credential).generation;
}

void http_restart(struct http *h, const struct err *err)
{
    // Within an event curl may not be touched: the next step does it.
    h->restart_planned = err == NULL && (!h->restart_due || h->restart_planned);
    h->restart_due = true;
    if (err != NULL) {
        h->restart_err = *err;
    }
}

static void restart(struct http *h)
{
    bool planned = h->restart_planned;
    struct err err = h->restart_err;
    h->restart_due = h->restart_planned = false;
    log_line("api", LOG_INFO, "connection %u to %s given up: %s", h->generation, h->at.peer,
             planned ? "planned" : err.msg);
    // Calls that were not sent yet go on in the new generation.
    struct http_call *old = NULL;
    for (struct http_call **at = &h->calls; *at != NULL;) {
        struct http_call *c = *at;
        if (c->added || c->cancelled) {
            *at = c->next;
            c->next = old;
            old = c;
            take_off(c);
        } else {
            at = &c->next;
        }
    }
    curl_multi_cleanup(h->multi);
    new_multi(h);
    h->http1 = false;
    for (struct http_call *c = old; c != NULL; c = old) {
        old = c->next;
        finish(c, planned ? NULL : &err, true);
        free_call(c);
    }
    if (h->restarted != NULL) {
        h->restarted(h->self, planned ? NULL : &err);
    }
}

// --- liveness (docs/rules/kubernetes-client.md#connection-probe)

static void start_probe(struct http *h)
{
    struct http_request r = {.path = "/livez", .accept = "*/*"};
    struct http_events none = {0};
    h->probe = http_start(h, &r, &none, NULL);
    h->probe->is_probe = true;
}

static void dead(struct http *h, const char *why)
{
    struct err err;
    err_set(&err, ERR_NET, "HTTP: the connection to '%s' is dead: %s; connecting again", h->at.peer,
            why);
    http_restart(h, &err);
}

static void probe_done(struct http_call *c, CURLcode code)
{
    struct http *h = c->http;
    h->probe = NULL;
    c->cancelled = true;
    if (c->answered || code == CURLE_OK) {
        return;
    }
    // Behind a full pipe an answer is late while bytes come; and where no connection could be had, those that
    // are there may still live.
    const struct connection *k = find_connection(h, local_port(c));
    int64_t last = k != NULL ? k->heard : h->last_rx;
    if (last <= c->sent) {
        char why[80];
        snprintf(why, sizeof why, "no byte for %lld s",
                 (long long)((clock_mono_ms() - last) / SECOND));
        dead(h, why);
    }
}

// Only watches count: the others have time-outs. One may wait for its header on a connection that died.
static bool is_watched(struct http *h, long port)
{
    for (const struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (c->port == port && c->is_watch && !c->cancelled) {
            return true;
        }
    }
    return false;
}

static void end_watches(struct http *h, long port)
{
    struct err err;
    err_set(&err, ERR_NET, "HTTP: an older connection to '%s' is silent", h->at.peer);
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (c->port == port && c->is_watch) {
            finish(c, &err, false);
        }
    }
}

// A connection that is silent is asked for by a probe, also beside a busy one. The probe takes the connection
// that new requests take: where it fails, that one is dead. Where it is answered on another, this one is one
// that new requests avoid (after a GOAWAY): its watches end when they are silent for as long as a probe may
// take, and resume where the probe was answered.
static void check_connections(struct http *h, int64_t now)
{
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (c->added && c->port <= 0 && (c->port = local_port(c)) > 0) {
            get_connection(h, c->port, c->sent);
        }
    }
    for (size_t i = 0; i < h->connection_count;) {
        struct connection *k = &h->connections[i];
        int64_t silent = now - k->heard;
        bool over =
            k->asked && h->probe == NULL && silent >= h->limits.idle_ms + h->limits.probe_ms;
        if (over) {
            end_watches(h, k->port);
        }
        if (over || (silent >= h->limits.idle_ms && !is_watched(h, k->port))) {
            *k = h->connections[--h->connection_count];
            continue;
        }
        if (silent >= h->limits.idle_ms && !k->asked) {
            k->asked = true;
            if (h->probe == NULL) {
                start_probe(h);
            }
        }
        i++;
    }
}

static void check_life(struct http *h)
{
    int64_t now = clock_mono_ms();
    if (h->restart_due) {
        return;
    }
    if (clock_gap() - h->asleep > SLEEP_MS) {
        h->asleep = clock_gap();
        dead(h, "the machine was asleep");
    } else if (now - h->born > h->limits.renew_ms ||
               credential_tls(h->credential).generation != h->tls_generation) {
        if (h->calls != NULL) {
            http_restart(h, NULL);
        }
    } else {
        check_connections(h, now);
    }
}

// --- the round -------------------------------------------------------------------------------------

static void fail_unsent(struct http *h, const struct err *err)
{
    for (struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (!c->added) {
            finish(c, err, false);
        }
    }
}

static bool any_unsent(const struct http *h)
{
    for (const struct http_call *c = h->calls; c != NULL; c = c->next) {
        if (!c->added && !c->cancelled) {
            return true;
        }
    }
    return false;
}

static bool has_connection(const struct http_call *c)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    return sent > 0;
}

// A request is under way that has no connection yet. The others wait for it: libcurl 7.88 would open one for
// each of them where the present connection takes no more requests, as after GOAWAY
// (docs/rules/kubernetes-client.md#one-connection). HTTP/1 needs one for each in any case.
static bool opening(const struct http *h)
{
    bool any = false;
    for (const struct http_call *c = h->calls; c != NULL && !h->http1; c = c->next) {
        any = any || (c->added && !c->cancelled && !c->is_probe && !has_connection(c));
    }
    return any;
}

// Sends what waits, oldest first.
static void send_queued(struct http *h)
{
    if (!any_unsent(h)) {
        return;
    }
    struct err err = {0};
    enum credential_state state = credential_check(h->credential, credential_clock(), &err);
    if (state == CREDENTIAL_PENDING) {
        return;
    }
    if (state != CREDENTIAL_READY) {
        fail_unsent(h, &err);
        return;
    }
    if (credential_tls(h->credential).generation != h->tls_generation) {
        restart(h); // new certificates want a new connection
    }
    for (;;) {
        struct http_call *c = NULL;
        for (struct http_call *o = h->calls; o != NULL; o = o->next) {
            c = !o->added && !o->cancelled ? o : c;
        }
        if (c == NULL || opening(h)) {
            return;
        }
        if (!build(c) || curl_multi_add_handle(h->multi, c->easy) != CURLM_OK) {
            err_set(&err, ERR_INTERNAL, "a request could not be made");
            finish(c, &err, false);
            continue;
        }
        c->added = true;
        c->sent = clock_mono_ms();
    }
}

static void call_done(struct http_call *c, CURLcode code)
{
    struct http *h = c->http;
    struct err err = {0};
    if (c->is_probe) {
        probe_done(c, code);
        return;
    }
    if (code == CURLE_HTTP2 && !c->answered && c->refused < REFUSED_MAX) {
        // Refused by a GOAWAY below its stream, as all requests of a connection are after a 401 of a
        // kube-apiserver. The server has not looked at it, so it is sent again on a new connection
        // (docs/rules/kubernetes-client.md#goaway): often enough that the 401 of another request, which
        // is reported only after a second 401, comes first.
        take_off(c);
        c->refused++;
        return;
    }
    if (c->header_limit) {
        err_set(&err, ERR_LIMIT, "the server's header is larger than %zu bytes", HTTP_HEAD_MAX);
    } else if (c->zip_err.code != ERR_NONE) {
        err = c->zip_err;
    } else if (code != CURLE_OK) {
        transport_error(c, code, &err);
    } else if (c->zip != NULL && !gunzip_complete(c->zip)) {
        err_set(&err, ERR_PARSE, "the server's compressed answer was cut");
    }
    if (code == CURLE_OPERATION_TIMEDOUT && ++h->timeouts >= TIMEOUTS_MAX) {
        dead(h, "requests time out");
    }
    if (code != CURLE_OK && log_enabled(LOG_INFO)) {
        char path[120];
        clean(path, sizeof path, c->path);
        log_line("api", LOG_INFO, "%s: %s", path, err.msg);
    }
    if (code != CURLE_OK && !has_connection(c)) {
        fail_unsent(h, &err); // they waited for this connection
    }
    finish(c, err.code != ERR_NONE ? &err : NULL, false);
}

static bool read_messages(struct http *h)
{
    bool any = false;
    int left = 0;
    for (CURLMsg *m = curl_multi_info_read(h->multi, &left); m != NULL;
         m = curl_multi_info_read(h->multi, &left)) {
        if (m->msg != CURLMSG_DONE) {
            continue;
        }
        struct http_call *c = NULL;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
        any = true;
        if (!c->cancelled) {
            call_done(c, code);
        }
    }
    return any;
}

static int64_t until(int64_t deadline, int64_t timeout)
{
    if (deadline == INT64_MAX) {
        return timeout;
    }
    int64_t left = deadline - clock_mono_ms();
    left = left < 0 ? 0 : left;
    return left < timeout ? left : timeout;
}

static int64_t wait_time(const struct http *h, int64_t timeout)
{
    if (h->restart_due) {
        return 0;
    }
    timeout = until(credential_deadline(h->credential), timeout);
    for (size_t i = 0; i < h->connection_count && h->probe == NULL; i++) {
        const struct connection *k = &h->connections[i];
        int64_t more = k->asked ? h->limits.probe_ms : 0;
        timeout = until(k->heard + h->limits.idle_ms + more, timeout);
    }
    return timeout < SLEEP_LOOK_MS ? timeout : SLEEP_LOOK_MS;
}

static void wait_io(struct http *h, int64_t timeout)
{
    struct pollfd fds[2];
    struct curl_waitfd extra[3] = {{.fd = h->wake[0], .events = CURL_WAIT_POLLIN}};
    size_t n = credential_fds(h->credential, fds);
    for (size_t i = 0; i < n && i < 2; i++) {
        extra[i + 1].fd = fds[i].fd;
        extra[i + 1].events = CURL_WAIT_POLLIN;
    }
    curl_multi_poll(h->multi, extra, (unsigned)(n + 1), (int)timeout, NULL);
    char drain[64];
    if (extra[0].revents != 0) {
        while (read(h->wake[0], drain, sizeof drain) > 0) {
        }
    }
    if (n > 0 || credential_deadline(h->credential) <= clock_mono_ms()) {
        credential_step(h->credential, credential_clock());
    }
}

void http_step(struct http *h, int64_t timeout_ms)
{
    if (h->restart_due) {
        restart(h);
    }
    send_queued(h);
    reap(h);
    int running = 0;
    wait_io(h, wait_time(h, timeout_ms < 0 ? 0 : timeout_ms));
    curl_multi_perform(h->multi, &running);
    read_messages(h);
    check_life(h);
    reap(h);
    if (h->restart_due) {
        restart(h);
    }
    send_queued(h);
}

void http_wakeup(struct http *h)
{
    ssize_t ignored = write(h->wake[1], "", 1); // a full pipe wakes just as well
    (void)ignored;
}

size_t http_calls(const struct http *h)
{
    size_t n = 0;
    for (const struct http_call *c = h->calls; c != NULL; c = c->next) {
        n += c->cancelled ? 0 : 1;
    }
    return n;
}

struct http_limits http_limits_of(const struct http *h)
{
    return h->limits;
}

unsigned http_generation(const struct http *h)
{
    return h->generation;
}

// --- life ------------------------------------------------------------------------------------------

struct http *http_new(const struct api_config *config, struct credential *credential,
                      const struct http_limits *limits,
                      void (*restarted)(void *self, const struct err *err), void *self,
                      struct err *err)
{
    const char *proxy = config->proxy_url;
    if (!str_empty(proxy) && strlen(proxy) > 255) { // CVE-2023-38545
        err_set(err, ERR_CONFIG, "proxy-url is longer than 255 bytes");
        return NULL;
    }
    struct http *h = xcalloc(1, sizeof *h);
    if (pipe(h->wake) != 0) {
        err_sys(err, ERR_INTERNAL, "no pipe for the network thread");
        free(h);
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(h->wake[i], F_SETFL, O_NONBLOCK);
        fcntl(h->wake[i], F_SETFD, FD_CLOEXEC);
    }
    h->config = config;
    h->credential = credential;
    h->restarted = restarted;
    h->self = self;
    struct http_limits l = limits != NULL ? *limits : (struct http_limits){0};
    h->limits = (struct http_limits){
        .connect_ms = or_default(l.connect_ms, 30 * SECOND),
        .unary_ms = or_default(l.unary_ms, 75 * SECOND),
        .silent_ms = or_default(l.silent_ms, 30 * SECOND),
        .idle_ms = or_default(l.idle_ms, 30 * SECOND),
        .probe_ms = or_default(l.probe_ms, 15 * SECOND),
        .renew_ms = or_default(l.renew_ms, 24 * 3600 * (int64_t)SECOND),
    };
    http_address_init(&h->at, config);
    if (h->at.connect_to != NULL) {
        h->connect_to = curl_slist_append(NULL, h->at.connect_to);
    }
    new_multi(h);
    return h;
}

void http_free(struct http *h)
{
    if (h == NULL) {
        return;
    }
    while (h->calls != NULL) {
        struct http_call *c = h->calls;
        h->calls = c->next;
        free_call(c);
    }
    curl_multi_cleanup(h->multi);
    curl_slist_free_all(h->connect_to);
    close(h->wake[0]);
    close(h->wake[1]);
    free(h->connections);
    http_address_release(&h->at);
    free(h);
}
