// SPDX-License-Identifier: Apache-2.0
// What goes over the wire: proxies, names, certificates and compression as the configuration says, no secret in
// the log, and an immediate end whatever hangs.
#define _GNU_SOURCE // RTLD_NEXT
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/client.h"
#include "kube/api/credential_testing.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/tempdir.h"
#include "tests/support/wireproxy.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { PATIENCE_MS = 20000 };

// The resolver that libcurl's thread calls, in place of the C library's. It has no answer for one name while
// resolver_hangs, and says of another at once that it does not exist, wherever the test runs.
#define UNKNOWN_NAME "kubernetes.default"
#define HANGING_NAME "name-that-takes-its-time.invalid"
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_moves = PTHREAD_COND_INITIALIZER;
static bool resolver_hangs;
static int resolver_waiting;

int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
    if (str_eq(name, UNKNOWN_NAME)) {
        return EAI_NONAME;
    }
    if (str_eq(name, HANGING_NAME)) {
        pthread_mutex_lock(&resolver_lock);
        resolver_waiting++;
        while (resolver_hangs) {
            pthread_cond_wait(&resolver_moves, &resolver_lock);
        }
        resolver_waiting--;
        pthread_cond_broadcast(&resolver_moves);
        pthread_mutex_unlock(&resolver_lock);
        return EAI_NONAME;
    }
    union { // ISO C has no cast from an object's pointer to a function's
        void *object;
        int (*call)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    } next = {.object = dlsym(RTLD_NEXT, "getaddrinfo")};
    return next.call(name, service, hints, out);
}

// One request of one configuration. The texts of config are borrowed by it.
struct wire {
    struct apisim *sim;
    struct api_config config;
    char context[8], host[64], path[8], *ca;
    // the answer
    bool done;
    int status;
    struct err err;
    // what the simulator saw of it last
    char user[40], encoding[40];
};

static void wire_up(struct wire *w, const struct apisim_options *o)
{
    struct err err;
    memset(w, 0, sizeof *w);
    w->sim = apisim_start(o, &err);
    assert_non_null(w->sim);
    const char *ca = apisim_ca_pem(w->sim);
    snprintf(w->context, sizeof w->context, "test");
    snprintf(w->host, sizeof w->host, "127.0.0.1");
    w->ca = ca != NULL ? xstrdup(ca) : NULL;
    w->config = (struct api_config){.context = w->context,
                                    .cluster = w->context,
                                    .user = w->context,
                                    .host = w->host,
                                    .path = w->path,
                                    .port = apisim_port(w->sim),
                                    .plain_http = ca == NULL,
                                    .ca = {.data = w->ca, .len = ca != NULL ? strlen(ca) : 0}};
}

static void wire_down(struct wire *w)
{
    apisim_stop(w->sim);
    free(w->ca);
}

static void on_response(void *self, const struct http_response *r)
{
    ((struct wire *)self)->status = r->status;
}

static void on_bytes(void *self, const char *bytes, size_t n)
{
    (void)self;
    (void)bytes;
    (void)n;
}

static void on_done(void *self, const struct err *err, bool lost)
{
    struct wire *w = self;
    (void)lost;
    w->done = true;
    w->err = err != NULL ? *err : (struct err){0};
}

static void on_seen(void *self, const struct apisim_seen *r)
{
    struct wire *w = self;
    snprintf(w->user, sizeof w->user, "%s", r->user);
    snprintf(w->encoding, sizeof w->encoding, "%s", str_or_empty(r->accept_encoding));
}

static const struct http_events events = {on_response, on_bytes, on_done};

// The result is in w.
static void ask_for(struct wire *w, const struct http_request *r)
{
    struct err err;
    struct credential *credential = credential_new(&w->config, NULL);
    struct http *h = http_new(&w->config, credential, NULL, NULL, NULL, &err);
    assert_non_null(h);
    w->done = false;
    w->status = 0;
    w->user[0] = w->encoding[0] = '\0';
    apisim_requests_clear(w->sim);
    http_start(h, r, &events, w);
    for (int64_t end = clock_mono_ms() + PATIENCE_MS; !w->done && clock_mono_ms() < end;) {
        http_step(h, 50);
    }
    assert_true(w->done);
    http_free(h);
    credential_free(credential);
    apisim_requests(w->sim, on_seen, w);
}

static void ask(struct wire *w)
{
    const struct http_request r = {.path = "/api/v1/namespaces?limit=1"};
    ask_for(w, &r);
}

static void answered_as(struct wire *w, const char *user)
{
    if (w->status != 200) {
        print_error("status %d: %s\n", w->status, w->err.msg);
    }
    assert_int_equal(w->status, 200);
    assert_string_equal(w->user, user);
}

static void failed(struct wire *w, enum err_code code, const char *part)
{
    if (w->err.code != code || strstr(w->err.msg, part) == NULL) {
        print_error("status %d, error %d: %s\n", w->status, (int)w->err.code, w->err.msg);
    }
    assert_int_equal(w->status, 0);
    assert_int_equal(w->err.code, code);
    assert_non_null(strstr(w->err.msg, part));
    assert_null(strstr(w->err.msg, "hush")); // the password of the proxy
}

static void set(char *out, size_t size, const char *scheme, const struct wireproxy *p)
{
    snprintf(out, size, "%s://me:hush@127.0.0.1:%d", scheme, wireproxy_port(p));
}

static char token[] = "admin-token";

// The name goes to the proxy unresolved; neither the environment nor a list of exceptions counts
// (docs/rules/kubernetes-client.md#proxy-url).
static void socks_carries_the_name(void **state)
{
    (void)state;
    struct wire w;
    char url[80], name[] = UNKNOWN_NAME, elsewhere[] = "name.invalid", expect[80];
    wire_up(&w, NULL);
    struct wireproxy *p = wireproxy_start(WIREPROXY_SOCKS5, apisim_port(w.sim));
    snprintf(url, sizeof url, "socks5://127.0.0.1:%d", wireproxy_port(p));
    w.config.proxy_url = url;
    w.config.token = token;
    static const char *const vars[] = {"NO_PROXY", "no_proxy", "HTTPS_PROXY", "ALL_PROXY"};
    for (size_t i = 0; i < 4; i++) {
        setenv(vars[i], i < 2 ? "*" : "http://127.0.0.1:9", 1);
    }
    w.config.host = name; // which only the proxy can find
    ask(&w);
    answered_as(&w, "admin");
    char *asked = wireproxy_asked(p);
    snprintf(expect, sizeof expect, "socks5 name kubernetes.default:%d", apisim_port(w.sim));
    assert_string_equal(asked, expect);
    free(asked);
    // with a name for TLS, the proxy still gets the server's
    w.config.host = elsewhere;
    w.config.tls_server_name = name;
    ask(&w);
    answered_as(&w, "admin");
    asked = wireproxy_asked(p);
    snprintf(expect, sizeof expect, "socks5 name name.invalid:%d", apisim_port(w.sim));
    assert_string_equal(asked, expect);
    free(asked);
    for (size_t i = 0; i < 4; i++) {
        unsetenv(vars[i]);
    }
    wireproxy_stop(p);
    wire_down(&w);
}

static void http_and_https_proxies_make_a_tunnel(void **state)
{
    (void)state;
    for (int secure = 0; secure < 2; secure++) {
        struct wire w;
        char url[80], name[] = UNKNOWN_NAME, elsewhere[] = "name.invalid", expect[80];
        wire_up(&w, NULL);
        struct wireproxy *p =
            wireproxy_start(secure ? WIREPROXY_HTTPS : WIREPROXY_HTTP, apisim_port(w.sim));
        set(url, sizeof url, secure ? "https" : "http", p);
        w.config.proxy_url = url;
        w.config.token = token;
        w.config.host = name;
        if (secure) { // as kubectl: the cluster's authority is also what verifies the proxy
            ask(&w);
            failed(&w, ERR_TLS, "proxy");
            char *both = xasprintf("%s%s", w.ca, wireproxy_ca(p));
            free(w.ca);
            w.ca = both;
            w.config.ca = (struct pem_source){.data = w.ca, .len = strlen(w.ca)};
        }
        ask(&w);
        answered_as(&w, "admin");
        char *asked = wireproxy_asked(p);
        snprintf(expect, sizeof expect, "CONNECT kubernetes.default:%d HTTP/1.1\r\n",
                 apisim_port(w.sim));
        assert_int_equal(strncmp(asked, expect, strlen(expect)), 0);
        assert_non_null(strstr(asked, "Proxy-Authorization: Basic bWU6aHVzaA=="));
        assert_null(strstr(asked, "admin-token")); // the proxy sees nothing of the user
        free(asked);
        // A name for TLS does not change where the tunnel leads (docs/rules/kubernetes-client.md#tls-server-name).
        w.config.host = elsewhere;
        w.config.tls_server_name = name;
        ask(&w);
        answered_as(&w, "admin");
        asked = wireproxy_asked(p);
        snprintf(expect, sizeof expect, "CONNECT name.invalid:%d HTTP/1.1\r\n", apisim_port(w.sim));
        assert_int_equal(strncmp(asked, expect, strlen(expect)), 0);
        assert_null(strstr(asked, "admin-token"));
        free(asked);
        wireproxy_stop(p);
        wire_down(&w);
    }
}

// Go has one TLS configuration for both, and so has gatetop.
static void a_proxy_with_tls_is_shown_the_certificate(void **state)
{
    (void)state;
    struct wire w;
    char url[80];
    wire_up(&w, NULL);
    char *cert = xstrdup(apisim_client_cert_pem(w.sim)),
         *key = xstrdup(apisim_client_key_pem(w.sim));
    struct wireproxy *p = wireproxy_start(WIREPROXY_HTTPS, apisim_port(w.sim));
    set(url, sizeof url, "https", p);
    w.config.proxy_url = url;
    char *both = xasprintf("%s%s", w.ca, wireproxy_ca(p));
    free(w.ca);
    w.ca = both;
    w.config.ca = (struct pem_source){.data = w.ca, .len = strlen(w.ca)};
    w.config.token = token;
    ask(&w);
    answered_as(&w, "admin");
    assert_int_equal(wireproxy_certificates(p), 0);
    w.config.token = NULL;
    w.config.client_cert = (struct pem_source){.data = cert, .len = strlen(cert)};
    w.config.client_key = (struct pem_source){.data = key, .len = strlen(key)};
    ask(&w);
    answered_as(&w, "cert-admin");
    assert_int_equal(wireproxy_certificates(p), 1);
    wireproxy_stop(p);
    free(cert);
    free(key);
    wire_down(&w);
}

// Of a request with one answer, and only where it is shorter than gatetop's own limit; no watch ends of it.
static void the_time_of_a_request_is_the_users(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    wire_up(&w, NULL);
    w.config.token = token;
    w.config.request_timeout_ms = 200;
    assert_true(apisim_fault(w.sim, "delay=60000 path=/version", &err) >= 0);
    const struct http_request one = {.path = "/version"};
    ask_for(&w, &one);
    assert_int_equal(w.err.code, ERR_TIMEOUT);
    struct credential *credential = credential_new(&w.config, NULL);
    struct http *h = http_new(&w.config, credential, NULL, NULL, NULL, &err);
    assert_non_null(h);
    const struct http_request watch = {.path = "/api/v1/namespaces?watch=1&resourceVersion=1000",
                                       .is_watch = true};
    w.done = false;
    w.status = 0;
    http_start(h, &watch, &events, &w);
    for (int64_t end = clock_mono_ms() + PATIENCE_MS; w.status == 0;) {
        assert_true(clock_mono_ms() < end);
        http_step(h, 20);
    }
    for (int64_t end = clock_mono_ms() + 3 * w.config.request_timeout_ms; clock_mono_ms() < end;) {
        http_step(h, 20);
    }
    assert_int_equal(w.status, 200);
    assert_false(w.done);
    http_free(h);
    w.config.request_timeout_ms = 3600000;
    const struct http_limits limits = {.answer_ms = 200};
    h = http_new(&w.config, credential, &limits, NULL, NULL, &err);
    assert_non_null(h);
    http_start(h, &one, &events, &w);
    for (int64_t end = clock_mono_ms() + PATIENCE_MS; !w.done;) {
        assert_true(clock_mono_ms() < end);
        http_step(h, 20);
    }
    assert_int_equal(w.err.code, ERR_TIMEOUT);
    http_free(h);
    credential_free(credential);
    wire_down(&w);
}

static void a_proxy_that_refuses_is_named_with_the_stage(void **state)
{
    (void)state;
    struct wire w;
    char url[80], peer[40];
    wire_up(&w, NULL);
    w.config.token = token;
    struct wireproxy *p = wireproxy_start(WIREPROXY_REFUSES, apisim_port(w.sim));
    set(url, sizeof url, "http", p);
    snprintf(peer, sizeof peer, "127.0.0.1:%d", wireproxy_port(p));
    w.config.proxy_url = url;
    ask(&w);
    failed(&w, ERR_NET, "proxy: ");
    assert_non_null(strstr(w.err.msg, peer));
    assert_non_null(strstr(w.err.msg, "403"));
    wireproxy_stop(p); // and now nobody listens there
    ask(&w);
    failed(&w, ERR_NET, "proxy: ");
    assert_non_null(strstr(w.err.msg, peer));
    assert_non_null(strstr(w.err.msg, "refused the connection"));
    snprintf(url, sizeof url, "http://no-such-proxy.invalid:1");
    ask(&w);
    failed(&w, ERR_NET, "proxy: the name of 'no-such-proxy.invalid:1'");
    wire_down(&w);
}

// From the process's environment to the wire: upper case before lower, NO_PROXY by name, address and port
// (docs/rules/kubernetes-client.md#proxy-environment).
static void the_environment_names_the_proxy(void **state)
{
    (void)state;
    struct wire w;
    wire_up(&w, NULL);
    struct wireproxy *p = wireproxy_start(WIREPROXY_HTTP, apisim_port(w.sim));
    char *dir = tempdir_new(), *config = xasprintf("%s/config", dir);
    char *server = xasprintf("https://" UNKNOWN_NAME ":%d", apisim_port(w.sim)), url[80];
    struct err err;
    assert_true(apisim_write_kubeconfig(w.sim, config, "admin", &err));
    set(url, sizeof url, "http", p);
    static const struct {
        const char *var, *no_var, *no; // the one that names the proxy; exceptions
        bool proxied;
    } cases[] = {
        {"HTTPS_PROXY", "NO_PROXY", "", true},
        {"https_proxy", "no_proxy", "", true},
        {"HTTP_PROXY", "NO_PROXY", "", false}, // for another scheme
        {"ALL_PROXY", "NO_PROXY", "", false},  // curl's, not Go's
        {"HTTPS_PROXY", "NO_PROXY", "other.test,.default", false},
        {"https_proxy", "no_proxy", "kubernetes.default", false},
        {"HTTPS_PROXY", "NO_PROXY", "kubernetes.default:1", true},
        {"HTTPS_PROXY", "NO_PROXY", "*", false},
    };
    struct wireproxy *other = wireproxy_start(WIREPROXY_REFUSES, 0);
    char refusing[80];
    set(refusing, sizeof refusing, "http", other);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv(cases[i].var, url, 1);
        if (i == 0) {
            setenv("https_proxy", refusing, 1); // the other one goes before it
        }
        setenv(cases[i].no_var, cases[i].no, 1);
        struct api_flags flags = {.kubeconfig = config, .server = server};
        struct api_config *loaded = api_config_load(&flags, &PROCESS_ENVIRONMENT, NULL, &err);
        assert_non_null(loaded);
        assert_int_equal(loaded->proxy_from_env, cases[i].proxied);
        struct api_config own = w.config;
        int before = wireproxy_accepted(p);
        w.config = *loaded;
        ask(&w);
        w.config = own;
        assert_int_equal(wireproxy_accepted(p) - before, cases[i].proxied);
        if (cases[i].proxied) {
            answered_as(&w, "admin");
            char *asked = wireproxy_asked(p),
                 *expect = xasprintf("CONNECT kubernetes.default:%d ", apisim_port(w.sim));
            assert_int_equal(strncmp(asked, expect, strlen(expect)), 0);
            free(asked);
            free(expect);
        } else {
            failed(&w, ERR_NET, "DNS: the name of '" UNKNOWN_NAME);
        }
        api_config_free(loaded);
        unsetenv(cases[i].var);
        unsetenv(cases[i].no_var);
        unsetenv("https_proxy");
    }
    assert_int_equal(wireproxy_accepted(other), 0);
    // The server itself, on loopback, is never asked for through a proxy.
    setenv("HTTPS_PROXY", refusing, 1);
    struct api_flags flags = {.kubeconfig = config};
    struct api_config *loaded = api_config_load(&flags, &PROCESS_ENVIRONMENT, NULL, &err);
    assert_non_null(loaded);
    struct api_config own = w.config;
    w.config = *loaded;
    ask(&w);
    w.config = own;
    answered_as(&w, "admin");
    api_config_free(loaded);
    unsetenv("HTTPS_PROXY");
    wireproxy_stop(other);
    wireproxy_stop(p);
    free(server);
    free(config);
    tempdir_free(dir);
    wire_down(&w);
}

// Nothing but the configuration decides: libcurl's own reading of the environment is off.
static void without_a_proxy_the_environment_has_no_say(void **state)
{
    (void)state;
    struct wire w;
    wire_up(&w, NULL);
    w.config.token = token;
    setenv("https_proxy", "http://127.0.0.1:9", 1);
    setenv("all_proxy", "http://127.0.0.1:9", 1);
    ask(&w);
    answered_as(&w, "admin");
    unsetenv("https_proxy");
    unsetenv("all_proxy");
    wire_down(&w);
}

static void a_name_for_tls_is_what_is_verified(void **state)
{
    (void)state;
    struct wire w;
    char good[] = "kubernetes", bad[] = "elsewhere.test";
    wire_up(&w, NULL);
    w.config.token = token;
    w.config.tls_server_name = good;
    ask(&w);
    answered_as(&w, "admin");
    w.config.tls_server_name = bad;
    ask(&w);
    failed(&w, ERR_TLS, "set tls-server-name");
    wire_down(&w);
}

// A load balancer whose server is away ends the handshake: no word of certificates, and worth another try.
static void a_handshake_that_is_cut_is_no_matter_of_certificates(void **state)
{
    (void)state;
    static const enum wireproxy_kind kinds_of_end[] = {WIREPROXY_ENDS, WIREPROXY_RESETS};
    for (size_t i = 0; i < 2; i++) {
        struct wire w;
        wire_up(&w, NULL);
        struct wireproxy *p = wireproxy_start(kinds_of_end[i], 0);
        w.config.port = wireproxy_port(p);
        ask(&w);
        failed(&w, ERR_LOST, "ended the connection within the handshake");
        wireproxy_stop(p);
        wire_down(&w);
    }
}

// docs/rules/kubernetes-client.md#tls-common-name
static void a_common_name_is_no_name(void **state)
{
    (void)state;
    static char name[] = "apisim.test";
    struct wire w;
    wire_up(&w, &(struct apisim_options){.common_name_only = true});
    w.config.tls_server_name = name;
    w.config.token = token;
    ask(&w);
    failed(&w, ERR_TLS, "no subject alternative name");
    w.config.insecure = true;
    w.config.ca = (struct pem_source){0};
    ask(&w);
    answered_as(&w, "admin");
    wire_down(&w);
}

// docs/rules/kubernetes-client.md#ca-environment
static void the_environment_names_authorities_and_no_file_of_keys(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    char *dir = tempdir_new(), *file = xasprintf("%s/ca.pem", dir),
         *keys = xasprintf("%s/keys", dir);
    wire_up(&w, NULL);
    w.config.token = token;
    w.config.ca = (struct pem_source){0};
    ask(&w);
    failed(&w, ERR_TLS, "does not verify");
    tempdir_write(dir, "ca.pem", w.ca, 0600);
    setenv("SSL_CERT_FILE", file, 1);
    setenv("SSLKEYLOGFILE", keys, 1);
    assert_true(http_global_init(&err));
    ask(&w);
    answered_as(&w, "admin");
    assert_int_equal(access(keys, F_OK), -1);
    unsetenv("SSL_CERT_FILE");
    wire_down(&w);
    free(file);
    free(keys);
    tempdir_free(dir);
}

// Two authorities with one name: OpenSSL finds the issuer and then a signature that is not the issuer's.
static void an_authority_of_the_same_name_is_reported(void **state)
{
    (void)state;
    struct wire w, other;
    wire_up(&w, NULL);
    wire_up(&other, NULL);
    w.config.ca = other.config.ca;
    w.config.token = token;
    ask(&w);
    failed(&w, ERR_TLS, "another authority of the same name");
    wire_down(&other);
    wire_down(&w);
}

// A request that a GOAWAY says was not processed is sent again, three times at most.
static void a_refused_stream_is_sent_again(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    wire_up(&w, NULL);
    w.config.token = token;
    assert_true(apisim_fault(w.sim, "drop how=refuse times=3", &err) >= 0);
    ask(&w);
    answered_as(&w, "admin");
    assert_true(apisim_fault(w.sim, "drop how=refuse times=4", &err) >= 0);
    ask(&w);
    failed(&w, ERR_LOST, "takes no more requests");
    wire_down(&w);
}

static void a_client_certificate_says_who_asks(void **state)
{
    (void)state;
    struct wire w;
    wire_up(&w, NULL);
    char *cert = xstrdup(apisim_client_cert_pem(w.sim)),
         *key = xstrdup(apisim_client_key_pem(w.sim));
    w.config.client_cert = (struct pem_source){.data = cert, .len = strlen(cert)};
    w.config.client_key = (struct pem_source){.data = key, .len = strlen(key)};
    ask(&w);
    answered_as(&w, "cert-admin");
    // a key that is none: said without a look at it
    char junk[] = "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n";
    w.config.client_key = (struct pem_source){.data = junk, .len = strlen(junk)};
    ask(&w);
    failed(&w, ERR_TLS, "TLS: ");
    free(cert);
    free(key);
    wire_down(&w);
}

static void compression_is_asked_for_unless_disabled(void **state)
{
    (void)state;
    struct wire w;
    wire_up(&w, NULL);
    w.config.token = token;
    ask(&w);
    answered_as(&w, "admin");
    assert_string_equal(w.encoding, "gzip");
    w.config.disable_compression = true;
    ask(&w);
    answered_as(&w, "admin");
    assert_string_equal(w.encoding, "");
    wire_down(&w);
}

// A streaming list is inflated here: what ends within a member did not end well, whatever curl says.
static void a_cut_or_damaged_member_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *fault, *text;
        enum err_code code;
    } cases[] = {{"cut=200 how=stream code=0 verb=watch", "compressed answer was cut", ERR_LOST},
                 {"corrupt=0 verb=watch", "compressed answer is damaged", ERR_PARSE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire w;
        struct err err;
        wire_up(&w, NULL);
        apisim_generate(w.sim, 100);
        w.config.token = token;
        assert_true(apisim_fault(w.sim, cases[i].fault, &err) >= 0);
        const struct http_request r = {
            .path = "/api/v1/services?watch=1&sendInitialEvents=true&"
                    "resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            .is_watch = true,
            .is_stream = true};
        ask_for(&w, &r);
        answered_as(&w, "admin");
        assert_string_equal(w.encoding, "gzip");
        assert_int_equal(w.err.code, cases[i].code);
        assert_non_null(strstr(w.err.msg, cases[i].text));
        wire_down(&w);
    }
}

// --- the log

static void no_secret_in_the_log(void **state)
{
    (void)state;
    struct err err;
    struct wire w;
    char *dir = tempdir_new(), *log = xasprintf("%s/log", dir);
    assert_true(log_open(log, &err));
    log_areas_set((1U << LOG_AREA_COUNT) - 1U);
    wire_up(&w, NULL);
    char *cert = xstrdup(apisim_client_cert_pem(w.sim)),
         *key = xstrdup(apisim_client_key_pem(w.sim));
    struct wireproxy *p = wireproxy_start(WIREPROXY_HTTP, apisim_port(w.sim));
    const struct api_config plain = w.config;
    char url[80], user[] = "front", password[] = "pass-8d1f", wrong[] = "wrong-77aa";
    char mode[] = "Never", v1[] = "client.authentication.k8s.io/v1";
    char *token_file = xasprintf("%s/token", dir), *command = xasprintf("%s/plugin", dir);
    tempdir_write(dir, "token", "admin-token\n", 0600);
    tempdir_write(
        dir, "plugin",
        "#!/bin/sh\necho 'noise of the plugin' >&2\nprintf '%s' "
        "'{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
        "\"status\":{\"token\":\"admin-token\"}}'\n",
        0700);
    struct exec_config exec = {.api_version = v1, .command = command, .interactive_mode = mode};
    set(url, sizeof url, "http", p);
    for (int kind = 0; kind < 7; kind++) {
        w.config = plain;
        bool known = kind != 3 && kind != 6;
        switch (kind) {
        case 0:
            w.config.token = token;
            break;
        case 1:
            w.config.token_file = token_file;
            break;
        case 2:
            w.config.exec = &exec;
            break;
        case 3:
            w.config.username = user;
            w.config.password = password;
            break;
        case 4:
            w.config.client_cert = (struct pem_source){.data = cert, .len = strlen(cert)};
            w.config.client_key = (struct pem_source){.data = key, .len = strlen(key)};
            break;
        case 5:
            w.config.token = token;
            w.config.proxy_url = url;
            break;
        default:
            w.config.token = wrong;
            break;
        }
        ask(&w);
        assert_int_equal(w.status, known ? 200 : 401);
    }
    wireproxy_stop(p);
    w.config = plain;
    w.config.token = token;
    w.config.proxy_url = url;
    ask(&w); // nobody listens: an error that names the proxy
    log_areas_set(0);
    log_close();
    char *text = file_read(log, NULL);
    assert_non_null(strstr(text, "a new token was read"));
    assert_non_null(strstr(text, "gave a credential"));
    assert_non_null(strstr(text, "refused the connection"));
    assert_non_null(strstr(text, "connected to")); // each connection's life
    static const char *const secrets[] = {"admin-token", "pass-8d1f", "wrong-77aa", "hush",
                                          "PRIVATE KEY", "ZnJvbnQ6",  "bWU6aHVzaA"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        assert_null(strstr(text, secrets[i]));
    }
    // the key's own letters
    char line[33];
    snprintf(line, sizeof line, "%.32s", strchr(key, '\n') + 1);
    assert_null(strstr(text, line));
    free(text);
    free(cert);
    free(key);
    free(token_file);
    free(command);
    free(log);
    wire_down(&w);
    tempdir_free(dir);
}

// --- a dead connection (docs/rules/kubernetes-client.md#connection-probe)

enum { WATCHES = 14, IDLE_MS = 400, PROBE_MS = 400 };

struct idle {
    struct http *http;
    int answered, ended, lost, restarts;
};

static void idle_response(void *self, const struct http_response *r)
{
    assert_int_equal(r->status, 200);
    ((struct idle *)self)->answered++;
}

static void idle_done(void *self, const struct err *err, bool lost)
{
    struct idle *i = self;
    assert_non_null(err);
    assert_true(!lost || strstr(err->msg, "dead") != NULL);
    i->ended++;
    i->lost += lost;
}

static void idle_restarted(void *self, const struct err *err)
{
    assert_non_null(err);
    ((struct idle *)self)->restarts++;
}

static void watch_all(struct idle *i)
{
    static const struct http_events watching = {idle_response, on_bytes, idle_done};
    const struct http_request r = {.path = "/api/v1/namespaces?watch=1&resourceVersion=1000",
                                   .is_watch = true};
    for (int k = 0; k < WATCHES; k++) {
        http_start(i->http, &r, &watching, i);
    }
}

static void step_until_answered(struct idle *i, int n)
{
    int64_t give_up = clock_mono_ms() + PATIENCE_MS;
    while (i->answered < n && clock_mono_ms() < give_up) {
        http_step(i->http, 20);
    }
    assert_int_equal(i->answered, n);
}

// After GOAWAY, which --goaway-chance makes routine, the next requests open one connection, not one each
// (docs/rules/kubernetes-client.md#one-connection).
static void requests_at_once_open_one_connection(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    struct apisim_options o = {.bookmark_ms = 3600000};
    char url[40];
    wire_up(&w, &o);
    w.config.token = token;
    struct wireproxy *p = wireproxy_start(WIREPROXY_SOCKS5, apisim_port(w.sim)); // which counts
    snprintf(url, sizeof url, "socks5://127.0.0.1:%d", wireproxy_port(p));
    w.config.proxy_url = url;
    struct credential *credential = credential_new(&w.config, NULL);
    struct idle i = {0};
    i.http = http_new(&w.config, credential, NULL, idle_restarted, &i, &err);
    assert_non_null(i.http);
    for (int connections = 1; connections <= 4; connections++) {
        watch_all(&i);
        step_until_answered(&i, connections * WATCHES);
        assert_int_equal(wireproxy_accepted(p), connections);
        apisim_goaway(w.sim);
        for (int steps = 0; steps < 10; steps++) { // it arrives
            http_step(i.http, 10);
        }
    }
    assert_int_equal(i.ended, 0); // running streams continue
    http_free(i.http);
    credential_free(credential);
    wireproxy_stop(p);
    wire_down(&w);
}

// One answer that does not come may be the server's fault; with the second one the connection is given up
// (docs/rules/kubernetes-client.md#connection-generation).
static void two_time_outs_in_a_row_end_a_connection(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    wire_up(&w, NULL);
    w.config.token = token;
    struct credential *credential = credential_new(&w.config, NULL);
    const struct http_limits limits = {.answer_ms = 200};
    struct idle i = {0};
    i.http = http_new(&w.config, credential, &limits, idle_restarted, &i, &err);
    assert_non_null(i.http);
    static const struct http_events answered = {idle_response, on_bytes, idle_done};
    const struct http_request r = {.path = "/version"};
    assert_true(apisim_fault(w.sim, "blackhole path=/version times=2", &err) >= 0);
    for (int n = 1; n <= 2; n++) {
        http_start(i.http, &r, &answered, &i);
        int64_t give_up = clock_mono_ms() + PATIENCE_MS;
        while (i.ended < n) {
            assert_true(clock_mono_ms() < give_up);
            assert_int_equal(i.restarts, 0);
            http_step(i.http, 20);
        }
    }
    for (int64_t give_up = clock_mono_ms() + PATIENCE_MS; i.restarts == 0;) {
        assert_true(clock_mono_ms() < give_up);
        http_step(i.http, 20);
    }
    assert_int_equal(i.restarts, 1);
    http_free(i.http);
    credential_free(credential);
    wire_down(&w);
}

static int occurrences(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        n++;
    }
    return n;
}

static void a_black_hole_ends_all_idle_watches_after_one_probe(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    struct apisim_options o = {.bookmark_ms = 3600000};
    wire_up(&w, &o);
    w.config.token = token;
    struct credential *credential = credential_new(&w.config, NULL);
    const struct http_limits limits = {.idle_ms = IDLE_MS, .probe_ms = PROBE_MS};
    struct idle i = {0};
    i.http = http_new(&w.config, credential, &limits, idle_restarted, &i, &err);
    assert_non_null(i.http);
    watch_all(&i);
    int64_t give_up = clock_mono_ms() + PATIENCE_MS;
    while (i.answered < WATCHES && clock_mono_ms() < give_up) {
        http_step(i.http, 20);
    }
    assert_int_equal(i.answered, WATCHES);
    assert_int_equal(apisim_open_connections(w.sim), 1);
    char *dir = tempdir_new(), *log = xasprintf("%s/log", dir);
    assert_true(log_open(log, &err));
    log_areas_set(1U << LOG_AREA_CLIENT);
    apisim_blackhole(w.sim, true);
    int64_t start = clock_mono_ms();
    while (i.restarts == 0 && clock_mono_ms() < give_up) {
        http_step(i.http, 20);
    }
    int64_t took = clock_mono_ms() - start;
    log_areas_set(0);
    log_close();
    char *text = file_read(log, NULL);
    assert_int_equal(occurrences(text, "a connection is silent: probe #"), 1); // not one a watch
    assert_int_equal(occurrences(text, "given up: "), 1);
    free(text);
    free(log);
    tempdir_free(dir);
    assert_int_equal(i.lost, WATCHES);
    assert_int_equal(i.restarts, 1);
    assert_true(took >= PROBE_MS);
    printf("# %d idle watches given up %lld ms after the last byte, limits %d + %d ms\n", WATCHES,
           (long long)took, IDLE_MS, PROBE_MS);
#ifndef GATETOP_SANITIZED
    assert_true(took < IDLE_MS + PROBE_MS + 2000); // of 50 s where the limits are 30 + 15 s
#endif
    apisim_blackhole(w.sim, false);
    i.answered = 0;
    watch_all(&i);
    give_up = clock_mono_ms() + PATIENCE_MS;
    while (i.answered < WATCHES && clock_mono_ms() < give_up) {
        http_step(i.http, 20);
    }
    assert_int_equal(i.answered, WATCHES); // on a new connection
    assert_int_equal(i.restarts, 1);
    http_free(i.http);
    credential_free(credential);
    wire_down(&w);
}

// No probe can be sent without a credential, so silence then proves nothing
// (docs/rules/kubernetes-client.md#watch-outlives-credential).
static void a_watch_outlives_a_credential_that_is_not_renewed(void **state)
{
    (void)state;
    struct wire w;
    struct err err;
    struct apisim_options o = {.bookmark_ms = 3600000};
    wire_up(&w, &o);
    char *dir = tempdir_new(), *command = xasprintf("%s/plugin", dir);
    char mode[] = "Never", v1[] = "client.authentication.k8s.io/v1";
    tempdir_write(
        dir, "plugin",
        "#!/bin/sh\ncd \"${0%/*}\" || exit 1\n[ ! -e ran ] || exit 1\n: >ran\nprintf "
        "'{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
        "\"status\":{\"token\":\"admin-token\",\"expirationTimestamp\":\"%s\"}}' "
        "\"$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)\"\n",
        0700);
    struct exec_config exec = {.api_version = v1, .command = command, .interactive_mode = mode};
    w.config.exec = &exec;
    struct credential *credential = credential_new(&w.config, NULL);
    const struct http_limits limits = {.idle_ms = 200, .probe_ms = 200};
    struct http *h = http_new(&w.config, credential, &limits, NULL, NULL, &err);
    assert_non_null(h);
    const struct http_request r = {.path = "/api/v1/namespaces?watch=1&resourceVersion=1000",
                                   .is_watch = true};
    http_start(h, &r, &events, &w);
    struct err expired = {0};
    for (int64_t end = clock_mono_ms() + PATIENCE_MS;
         credential_check(credential, credential_clock(), &expired) != CREDENTIAL_FAILED;) {
        assert_true(clock_mono_ms() < end && !w.done);
        http_step(h, 20);
    }
    assert_int_equal(w.status, 200);
    for (int64_t end = clock_mono_ms() + 5 * (limits.idle_ms + limits.probe_ms);
         clock_mono_ms() < end;) {
        http_step(h, 20);
    }
    assert_false(w.done);
    assert_int_equal(apisim_open_watches(w.sim, "namespaces"), 1);
    http_free(h);
    credential_free(credential);
    free(command);
    tempdir_free(dir);
    wire_down(&w);
}

// 30 s of silence and 15 s for the probe: a dead connection is left within 50 s
// (docs/rules/kubernetes-client.md#connection-probe, docs/rules/kubernetes-client.md#time-limits).
static void the_standard_limits(void **state)
{
    (void)state;
    struct http_limits l = http_limits_complete(NULL);
    assert_int_equal(l.connect_ms, 30000);
    assert_int_equal(l.answer_ms, 75000);
    assert_int_equal(l.silent_ms, 30000);
    assert_int_equal(l.idle_ms, 30000);
    assert_int_equal(l.probe_ms, 15000);
    assert_int_equal(l.renew_ms, 24 * 3600 * 1000);
    l = http_limits_complete(&(struct http_limits){.connect_ms = 7, .idle_ms = -1, .probe_ms = 0});
    assert_int_equal(l.connect_ms, 7);
    assert_int_equal(l.idle_ms, 30000);
    assert_int_equal(l.probe_ms, 15000);
}

// --- an immediate end (docs/rules/kubernetes-client.md#quick-exit)

static bool resolver_is_asked(void)
{
    pthread_mutex_lock(&resolver_lock);
    bool asked = resolver_waiting > 0;
    pthread_mutex_unlock(&resolver_lock);
    return asked;
}

static void resolver_hang(bool on)
{
    pthread_mutex_lock(&resolver_lock);
    resolver_hangs = on;
    pthread_cond_broadcast(&resolver_moves);
    while (!on && resolver_waiting > 0) {
        pthread_cond_wait(&resolver_moves, &resolver_lock);
    }
    pthread_mutex_unlock(&resolver_lock);
}

enum hang { HANG_TLS, HANG_HTTP_PROXY, HANG_SOCKS, HANG_DNS, HANG_PLUGIN, HANG_COUNT };

static void quits_at_once_whatever_hangs(void **state)
{
    (void)state;
    static const char *const names[HANG_COUNT] = {"TLS handshake", "HTTP proxy", "SOCKS proxy",
                                                  "DNS", "plugin"};
    static const char *const versions[] = {"v1", NULL};
    static const struct informer_source source = {"", "namespaces", versions};
    for (int hang = 0; hang < HANG_COUNT; hang++) {
        struct wire w;
        struct err err;
        wire_up(&w, NULL);
        struct wireproxy *p = wireproxy_start(WIREPROXY_HANGS, 0);
        char url[80], *dir = tempdir_new(), *command = xasprintf("%s/plugin", dir);
        char dns[] = HANGING_NAME;
        char mode[] = "Never", v1[] = "client.authentication.k8s.io/v1";
        struct exec_config exec = {.api_version = v1, .command = command, .interactive_mode = mode};
        tempdir_write(dir, "plugin", "#!/bin/sh\ntrap '' TERM\nsleep 300 & wait\nsleep 300\n",
                      0700);
        w.config.token = token;
        if (hang == HANG_TLS) {
            w.config.port = wireproxy_port(p);
        } else if (hang == HANG_HTTP_PROXY || hang == HANG_SOCKS) {
            set(url, sizeof url, hang == HANG_SOCKS ? "socks5" : "http", p);
            w.config.proxy_url = url;
        } else if (hang == HANG_DNS) {
            w.config.host = dns;
            resolver_hang(true);
        } else {
            w.config.token = NULL;
            w.config.exec = &exec;
        }
        const struct informer_spec want = {.id = 0, .sources = &source, .source_count = 1};
        const struct client_sink sink = {.self = &w};
        struct credential *credential = credential_new(&w.config, NULL);
        struct client *c = client_new(&w.config, credential, &want, 1, &sink, NULL, &err);
        assert_non_null(c);
        bool connects = hang == HANG_TLS || hang == HANG_HTTP_PROXY || hang == HANG_SOCKS;
        int64_t give_up = clock_mono_ms() + PATIENCE_MS;
        do {
            client_step(c, 5);
            assert_true(clock_mono_ms() < give_up);
        } while (connects              ? wireproxy_accepted(p) == 0
                 : hang == HANG_PLUGIN ? !credential_running(credential)
                                       : !resolver_is_asked());
        int64_t start = clock_mono_ms();
        client_free(c);
        credential_free(credential);
        int64_t took = clock_mono_ms() - start;
        assert_int_equal(resolver_is_asked(), hang == HANG_DNS); // still
        resolver_hang(false);
        printf("# quit while the %s hangs: %lld ms\n", names[hang], (long long)took);
#ifndef GATETOP_SANITIZED
        assert_true(took < 1000); // 100 ms on a machine that has nothing else to do
#endif
        wireproxy_stop(p);
        wire_down(&w);
        free(command);
        tempdir_free(dir);
    }
}

int main(void)
{
    struct err err;
    if (!http_global_init(&err)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(socks_carries_the_name),
        cmocka_unit_test(http_and_https_proxies_make_a_tunnel),
        cmocka_unit_test(a_proxy_with_tls_is_shown_the_certificate),
        cmocka_unit_test(the_time_of_a_request_is_the_users),
        cmocka_unit_test(a_proxy_that_refuses_is_named_with_the_stage),
        cmocka_unit_test(the_environment_names_the_proxy),
        cmocka_unit_test(without_a_proxy_the_environment_has_no_say),
        cmocka_unit_test(a_name_for_tls_is_what_is_verified),
        cmocka_unit_test(a_handshake_that_is_cut_is_no_matter_of_certificates),
        cmocka_unit_test(a_common_name_is_no_name),
        cmocka_unit_test(the_environment_names_authorities_and_no_file_of_keys),
        cmocka_unit_test(an_authority_of_the_same_name_is_reported),
        cmocka_unit_test(a_refused_stream_is_sent_again),
        cmocka_unit_test(a_client_certificate_says_who_asks),
        cmocka_unit_test(compression_is_asked_for_unless_disabled),
        cmocka_unit_test(a_cut_or_damaged_member_is_an_error),
        cmocka_unit_test(no_secret_in_the_log),
        cmocka_unit_test(requests_at_once_open_one_connection),
        cmocka_unit_test(two_time_outs_in_a_row_end_a_connection),
        cmocka_unit_test(a_black_hole_ends_all_idle_watches_after_one_probe),
        cmocka_unit_test(a_watch_outlives_a_credential_that_is_not_renewed),
        cmocka_unit_test(the_standard_limits),
        cmocka_unit_test(quits_at_once_whatever_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
