// SPDX-License-Identifier: Apache-2.0
// Requests on connections: the only file that sees libcurl.
#include "kube/api/http_transfer.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/secret.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/api/backoff.h"
#include "kube/api/environment.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { TCP_UNACKNOWLEDGED_MS = 45000 };

struct transfer_pool {
    CURLM *multi;
    const struct api_config *config;
    const struct http_address *at;
    const struct credential *credential;
    struct curl_slist connect_to; // a list of one
};

struct transfer {
    struct transfer_pool *pool;
    struct transfer_events events;
    CURL *easy;
    struct auth_headers *auth; // of the credential that it was sent with
    struct arena texts;        // lives as long as the transfer
    struct curl_slist *headers, **headers_end;
    const char *refused; // the first option that libcurl did not take
    CURLcode refused_why;
    size_t head_bytes;
    bool answered, head_too_large;
    char error[CURL_ERROR_SIZE];
};

// Without memory OpenSSL goes on with half-made objects and crashes. So the program ends here, with the message that
// gatetop's own allocations have.
static void *openssl_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return xmalloc(n);
}

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    void *to = secret_heap_realloc(p, n);
    if (to == NULL && n > 0) {
        fail_memory();
    }
    return to;
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    secret_heap_free(p);
}

bool transfer_global_init(struct err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    // libcurl would write the keys of every connection into it.
    unsetenv("SSLKEYLOGFILE"); // NOLINT(concurrency-mt-unsafe): before the first thread
    // libcurl copies header lines, proxy passwords and keys, OpenSSL what it makes of a key. OpenSSL takes other
    // functions only while it has allocated nothing; after that the call has no effect.
    (void)CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, secret_heap_free, secret_heap_realloc,
                             strdup, calloc) != CURLE_OK) {
        return err_set(err, ERR_INTERNAL, "libcurl cannot be started");
    }
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
    const int need = CURL_VERSION_HTTP2 | CURL_VERSION_SSL | CURL_VERSION_LIBZ;
    if (v->version_num < 0x075400 || (v->features & need) != need) { // curl_easy_header
        return err_set(
            err, ERR_INTERNAL,
            "libcurl %s cannot do what is needed: 7.84 or newer with TLS, HTTP/2 and zlib",
            v->version);
    }
    // docs/rules/kubernetes-client.md#body-cut.
    // libcurl's text of all versions is not used: making it would start the LDAP library with all of its plugins.
    log_line("api", LOG_INFO, "libcurl/%s %s nghttp2/%s%s", v->version, v->ssl_version,
             v->nghttp2_version,
             v->version_num < 0x080000 ? ": bodies cut without an error are possible before 8.0"
                                       : "");
    return true;
}

// --- the header of an answer

// The value of a header; the last one where it comes more than once. Headers of a 1xx do not count.
static const char *header(struct transfer *t, const char *name)
{
    struct curl_header *h;
    if (curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK) {
        return NULL;
    }
    if (h->amount > 1 &&
        curl_easy_header(t->easy, name, h->amount - 1, CURLH_HEADER, -1, &h) != CURLHE_OK) {
        return NULL;
    }
    // libcurl 7.88 leaves the line's end in a value that is empty.
    return strchr("\r\n", h->value[0]) == NULL ? h->value : NULL; // nor '\0', which ends the list
}

static int retry_after(const char *value)
{
    size_t n = value != NULL ? strlen(value) : 0;
    if (n == 0 || strspn(value, "0123456789") != n) {
        return 0;
    }
    int64_t s;
    return number_parse(value, n, RETRY_AFTER_MAX_S, &s) ? (int)s : RETRY_AFTER_MAX_S;
}

static bool is_http1(const struct transfer *t)
{
    long version = 0;
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
    return version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
}

static void answered(struct transfer *t, long status)
{
    t->answered = true;
    const char *date = header(t, "Date");
    time_t seconds = date != NULL ? curl_getdate(date, NULL) : -1;
    const struct http_head head = {
        .status = (int)status,
        .content_type = header(t, "Content-Type"),
        .etag = header(t, "ETag"),
        .location = header(t, "Location"),
        .warning = header(t, "Warning"),
        .retry_after_s = retry_after(header(t, "Retry-After")),
        .date = seconds != -1 ? (int64_t)seconds : TIME_NONE,
        .gzip = str_eq(header(t, "Content-Encoding"), "gzip"),
        .http1 = is_http1(t),
    };
    t->events.head(t->events.self, &head);
}

// Where libcurl sees the end of the header: by the first byte alone.
static bool is_blank(const char *line, size_t n)
{
    return n > 0 && (line[0] == '\r' || line[0] == '\n');
}

// libcurl keeps the lines. Here they are only bounded, and their end is noticed.
static size_t on_header_line(char *line, size_t size, size_t n, void *self)
{
    struct transfer *t = self;
    n *= size;
    t->events.activity(t->events.self);
    t->head_bytes += n;
    if (t->head_bytes > HTTP_HEAD_MAX) {
        t->head_too_large = true;
        return 0;
    }
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    // Not that of a 1xx, nor of trailers. After a 101 that nobody asked for libcurl takes what follows as the body.
    if (is_blank(line, n) && (status >= 200 || status == 101) && !t->answered) {
        answered(t, status);
    }
    return n;
}

// Never pauses the stream: docs/rules/kubernetes-client.md#watch-history.
static size_t on_body(char *bytes, size_t size, size_t n, void *self)
{
    struct transfer *t = self;
    n *= size;
    t->events.activity(t->events.self);
    return t->events.body(t->events.self, bytes, n) ? n : 0;
}

// --- the request

// A request is sent only where libcurl took each of its options: it would go out without a proxy, without its body, or
// verified by the authorities of the system. Out of memory ends the program, as everywhere.
#define SET(t, option, value)                                                                      \
    check_set(t, #option, curl_easy_setopt((t)->easy, CURLOPT_##option, value))

static void check_set(struct transfer *t, const char *option, CURLcode code)
{
    if (code == CURLE_OUT_OF_MEMORY) {
        fail_memory();
    }
    if (code != CURLE_OK && t->refused == NULL) {
        t->refused = option;
        t->refused_why = code;
    }
}

static int on_socket(void *self, curl_socket_t fd, curlsocktype purpose)
{
    (void)self;
    if (purpose == CURLSOCKTYPE_IPCXN) {
#ifdef TCP_USER_TIMEOUT
        int ms = TCP_UNACKNOWLEDGED_MS; // by the peer
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
#endif
    }
    return CURL_SOCKOPT_OK;
}

#define SET_BLOB(t, option, text, n)                                                               \
    SET(t, option,                                                                                 \
        (&(struct curl_blob){.data = unconst(text), .len = (n), .flags = CURL_BLOB_COPY}))

// A proxy with TLS is verified as the server is, and is shown the same certificate: Go's transport, and so kubectl, has
// one TLS configuration for both.
static void set_proxy_tls(struct transfer *t)
{
    const struct api_config *config = t->pool->config;
    struct credential_tls tls = credential_tls_material(t->pool->credential);
    SET(t, PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(t, PROXY_KEYPASSWD, "");
    SET(t, PROXY_SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    SET(t, PROXY_SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    if (tls.ca != NULL) {
        SET_BLOB(t, PROXY_CAINFO_BLOB, tls.ca, tls.ca_len);
        SET(t, PROXY_CAPATH, NULL);
    }
    if (tls.cert != NULL && tls.key != NULL) {
        SET(t, PROXY_SSLCERTTYPE, "PEM");
        SET(t, PROXY_SSLKEYTYPE, "PEM");
        SET_BLOB(t, PROXY_SSLCERT_BLOB, tls.cert, tls.cert_len);
        SET_BLOB(t, PROXY_SSLKEY_BLOB, tls.key, tls.key_len);
    }
}

// Go's verifier requires a subject alternative name; libcurl would accept the common name
// (docs/rules/kubernetes-client.md#tls-common-name).
static int on_verify(int ok, X509_STORE_CTX *store)
{
    if (ok == 0 || X509_STORE_CTX_get_error_depth(store) > 0) {
        return ok;
    }
    bool named = false;
    const X509 *cert = X509_STORE_CTX_get_current_cert(store);
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !named; i++) { // -1 where there are none
        int type = sk_GENERAL_NAME_value(names, i)->type;
        named = type == GEN_DNS || type == GEN_IPADD;
    }
    GENERAL_NAMES_free(names);
    if (!named) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    }
    return named;
}

static CURLcode on_ssl_context(CURL *easy, void *context, void *self)
{
    SSL_CTX *ctx = context;
    (void)easy;
    (void)self;
    SSL_CTX_set_verify(ctx, SSL_CTX_get_verify_mode(ctx), on_verify);
    return CURLE_OK;
}

// The system's authorities, or those that the environment names, as Go reads it
// (docs/rules/kubernetes-client.md#ca-environment).
static void set_system_authorities(struct transfer *t)
{
    const struct environment *e = &PROCESS_ENVIRONMENT;
    const char *file = e->get(e->self, "SSL_CERT_FILE"), *folder = e->get(e->self, "SSL_CERT_DIR");
    if (!str_empty(file)) {
        SET(t, CAINFO, file);
    }
    if (!str_empty(folder)) {
        SET(t, CAPATH, folder);
    }
}

// The cluster's authority and the user's certificate (docs/rules/kubernetes-client.md#tls-options).
static void set_tls(struct transfer *t)
{
    const struct api_config *config = t->pool->config;
    struct credential_tls tls = credential_tls_material(t->pool->credential);
    SET(t, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(t, KEYPASSWD, ""); // else OpenSSL would ask on the terminal
    SET(t, SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    SET(t, SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    if (tls.ca != NULL) {
        SET_BLOB(t, CAINFO_BLOB, tls.ca, tls.ca_len);
        SET(t, CAPATH, NULL); // otherwise the distribution's CAs stay trusted
    } else {
        set_system_authorities(t);
    }
    if (!config->insecure) {
        SET(t, SSL_CTX_FUNCTION, on_ssl_context);
    }
    if (tls.cert != NULL && tls.key != NULL) {
        SET(t, SSLCERTTYPE, "PEM");
        SET(t, SSLKEYTYPE, "PEM");
        SET_BLOB(t, SSLCERT_BLOB, tls.cert, tls.cert_len);
        SET_BLOB(t, SSLKEY_BLOB, tls.key, tls.key_len);
    }
}

// To an https server through a tunnel (docs/rules/kubernetes-client.md#proxy-tunnel).
static void set_proxy(struct transfer *t)
{
    const struct api_config *config = t->pool->config;
    const char *url = config->proxy_url;
    SET(t, NOPROXY, "");
    if (str_empty(url)) {
        SET(t, PROXY, "");
    } else if (str_starts(url, "socks5://")) { // the name is resolved at the proxy
        struct buf remote;
        buf_init_secret(&remote, 0); // it may hold a password
        buf_adds(&remote, "socks5h://");
        buf_adds(&remote, url + strlen("socks5://"));
        SET(t, PROXY, remote.data);
        buf_release(&remote);
    } else {
        SET(t, PROXY, url);
        SET(t, HTTPPROXYTUNNEL, config->plain_http ? 0L : 1L);
    }
    if (!str_empty(url) && str_starts(url, "https://")) {
        set_proxy_tls(t);
    }
    SET(t, SUPPRESS_CONNECT_HEADERS, 1L);
}

// The list is made here, not by curl_slist_append: that would copy the credential's lines for each request.
static void add_line(struct transfer *t, const char *line)
{
    struct curl_slist *l = arena_alloc(&t->texts, sizeof *l);
    l->data = unconst(line); // libcurl only reads it
    *t->headers_end = l;
    t->headers_end = &l->next;
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
    add_line(t, arena_printf(&t->texts, "%s: %s", name, value));
}

static void set_headers(struct transfer *t, const struct transfer_request *r)
{
    t->auth = auth_headers_ref(credential_headers(t->pool->credential));
    for (size_t i = 0; i < t->auth->count; i++) {
        add_line(t, t->auth->lines[i]);
    }
    add_header(t, "Accept", r->accept);
    add_line(t, "Expect:");
    if (t->pool->at->host_header != NULL) {
        add_header(t, "Host", t->pool->at->host_header);
    }
    if (r->etag != NULL) {
        add_header(t, "If-None-Match", r->etag);
    }
    if (r->body != NULL) {
        add_header(t, "Content-Type", "application/json");
    }
    if (r->accept_encoding != NULL) {
        add_header(t, "Accept-Encoding", r->accept_encoding);
    }
    SET(t, HTTPHEADER, t->headers);
}

static void set_times(struct transfer *t, const struct transfer_request *r)
{
    SET(t, CONNECTTIMEOUT_MS, (long)r->connect_ms);
    SET(t, TCP_KEEPALIVE, 1L);
    SET(t, TCP_KEEPIDLE, 30L);
    SET(t, TCP_KEEPINTVL, 15L);
    SET(t, SOCKOPTFUNCTION, on_socket);
    if (r->total_ms > 0) {
        SET(t, TIMEOUT_MS, (long)r->total_ms);
    }
    if (r->silent_ms > 0) {
        SET(t, LOW_SPEED_LIMIT, 1L);
        SET(t, LOW_SPEED_TIME, (long)((r->silent_ms + 999) / 1000));
    }
}

static void set_url(struct transfer *t, const char *path)
{
    SET(t, URL, arena_printf(&t->texts, "%s%s", t->pool->at->base, path));
    SET(t, PATH_AS_IS, 1L);
    SET(t, FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(t, PROTOCOLS_STR, "http,https");
#else
    SET(t, PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_callbacks(struct transfer *t)
{
    SET(t, PRIVATE, t);
    SET(t, ERRORBUFFER, t->error);
    SET(t, HEADERFUNCTION, on_header_line);
    SET(t, HEADERDATA, t);
    SET(t, WRITEFUNCTION, on_body);
    SET(t, WRITEDATA, t);
}

static void set_options(struct transfer *t, const struct transfer_request *r)
{
    set_url(t, r->path);
    set_callbacks(t);
    SET(t, NOSIGNAL, 1L);
    SET(t, HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(t, PIPEWAIT, 1L);
    // libcurl 7.88 hangs, or loses the beginning, where a header over HTTP/2 is larger than this.
    SET(t, BUFFERSIZE, 2L * (long)HTTP_HEAD_MAX);
    SET(t, USERAGENT, t->pool->at->agent);
#if LIBCURL_VERSION_NUM >= 0x075700
    (void)curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT,
                           1L); // unknown to an older library that is loaded
#endif
    if (r->inflate) {
        SET(t, ACCEPT_ENCODING, "gzip");
    }
    if (t->pool->connect_to.data != NULL) {
        SET(t, CONNECT_TO, &t->pool->connect_to);
    }
    if (r->body != NULL) {
        SET(t, POST, 1L);
        SET(t, POSTFIELDSIZE, (long)strlen(r->body));
        SET(t, POSTFIELDS, arena_strdup(&t->texts, r->body));
    }
    set_times(t, r);
    set_headers(t, r);
    set_proxy(t);
    if (!t->pool->config->plain_http) {
        set_tls(t);
    }
}

static bool add_to_pool(struct transfer *t, struct err *err)
{
    CURLMcode code = curl_multi_add_handle(t->pool->multi, t->easy);
    if (code == CURLM_OUT_OF_MEMORY) {
        fail_memory();
    }
    return code == CURLM_OK ||
           err_set(err, ERR_INTERNAL, "HTTP: libcurl: %s", curl_multi_strerror(code));
}

struct transfer *transfer_start(struct transfer_pool *p, const struct transfer_request *r,
                                const struct transfer_events *events, struct err *err)
{
    struct transfer *t = xcalloc(1, sizeof *t);
    t->pool = p;
    t->events = *events;
    t->headers_end = &t->headers;
    t->easy = curl_easy_init();
    if (t->easy == NULL) {
        fail_memory(); // there is no other reason
    }
    set_options(t, r);
    if (t->refused != NULL) {
        err_set(err, ERR_INTERNAL, "HTTP: libcurl %s does not take its option %s: %s",
                curl_version_info(CURLVERSION_NOW)->version, t->refused,
                curl_easy_strerror(t->refused_why));
    } else if (add_to_pool(t, err)) {
        return t;
    }
    transfer_free(t);
    return NULL;
}

void transfer_free(struct transfer *t)
{
    if (t == NULL) {
        return;
    }
    curl_multi_remove_handle(t->pool->multi, t->easy); // does nothing if it was not added
    curl_easy_cleanup(t->easy);
    auth_headers_unref(t->auth);
    arena_release(&t->texts);
    free(t);
}

// --- its connection and its end

long transfer_port(const struct transfer *t)
{
    long port = 0;
    curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port);
    return port;
}

bool transfer_has_connection(const struct transfer *t)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    return sent > 0;
}

static enum http_failure_kind kind_of(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_PROXY_NOT_RESOLVED;
    case CURLE_COULDNT_RESOLVE_HOST:
        return HTTP_SERVER_NOT_RESOLVED;
    case CURLE_PROXY:
        return HTTP_PROXY_FAILED;
    case CURLE_COULDNT_CONNECT:
        return HTTP_NOT_CONNECTED;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMED_OUT;
    case CURLE_PEER_FAILED_VERIFICATION:
        return HTTP_NOT_VERIFIED;
    case CURLE_SSL_CONNECT_ERROR:
        return HTTP_HANDSHAKE_FAILED;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
        return HTTP_NOT_CONFIGURED;
    case CURLE_HTTP2:
        return HTTP_HTTP2_ERROR;
    default:
        return HTTP_CONNECTION_ENDED;
    }
}

static struct http_failure failure_of(const struct transfer *t, CURLcode code)
{
    long sys = 0, proxy_verify = 0, proxy_status = 0;
    double sent = 0;
    curl_easy_getinfo(t->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy_verify);
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &sys);
    curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME, &sent);
    struct http_failure f = {
        // libcurl has a bound of its own for a line, and calls that out of memory.
        .kind = t->head_too_large || (code == CURLE_OUT_OF_MEMORY && !t->answered)
                    ? HTTP_HEADER_TOO_LARGE
                    : kind_of(code),
        .sys = (int)sys,
        .proxy_status = (int)proxy_status,
        .proxy_not_verified = proxy_verify > 1, // 1: libcurl's own, before any verification
        .connected = sent > 0,
        .answered = t->answered,
    };
    struct arena a;
    arena_init(&a);
    const char *why = t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
    snprintf(f.why, sizeof f.why, "%s", text_clean(&a, why, strlen(why), sizeof f.why - 1));
    arena_release(&a);
    return f;
}

// --- the pool

void transfer_pool_wait(struct transfer_pool *p, struct pollfd *fds, size_t n, int64_t timeout_ms)
{
    ASSERT(n <= TRANSFER_FDS_MAX);
    struct curl_waitfd extra[TRANSFER_FDS_MAX];
    for (size_t i = 0; i < n; i++) {
        extra[i] = (struct curl_waitfd){.fd = fds[i].fd, .events = CURL_WAIT_POLLIN};
    }
    curl_multi_poll(p->multi, extra, (unsigned)n, (int)timeout_ms, NULL);
    for (size_t i = 0; i < n; i++) {
        fds[i].revents = extra[i].revents;
    }
}

void transfer_pool_perform(struct transfer_pool *p)
{
    int running = 0;
    curl_multi_perform(p->multi, &running);
}

void transfer_pool_finish(struct transfer_pool *p)
{
    int left = 0;
    for (CURLMsg *m = curl_multi_info_read(p->multi, &left); m != NULL;
         m = curl_multi_info_read(p->multi, &left)) {
        if (m->msg != CURLMSG_DONE) {
            continue;
        }
        struct transfer *t = NULL;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        const struct http_failure f =
            code != CURLE_OK ? failure_of(t, code) : (struct http_failure){.sys = 0};
        t->events.done(t->events.self, code != CURLE_OK ? &f : NULL);
    }
}

struct transfer_pool *transfer_pool_new(const struct api_config *config,
                                        const struct http_address *at,
                                        const struct credential *credential)
{
    struct transfer_pool *p = xcalloc(1, sizeof *p);
    p->config = config;
    p->at = at;
    p->credential = credential;
    p->multi = curl_multi_init();
    if (p->multi == NULL) {
        fail_memory(); // there is no other reason
    }
    CURLMcode code = curl_multi_setopt(p->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    ASSERT(code == CURLM_OK);
    p->connect_to.data = at->connect_to;
    return p;
}

void transfer_pool_free(struct transfer_pool *p)
{
    curl_multi_cleanup(p->multi);
    free(p);
}
