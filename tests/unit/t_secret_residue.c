// SPDX-License-Identifier: Apache-2.0
// After a configuration, a credential and a connection are freed, no token, password or client key is left in this
// process's memory: not in freed memory, not on a stack. A renewed token leaves nothing of the old one. What HTTP/2
// leaves is known, and is not to grow.
#include "kube/base/array.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"
#include "kube/base/str.h"

#include "kube/api/config.h"
#include "kube/api/credential.h"
#include "kube/api/credential_testing.h"
#include "kube/api/single_request.h"

#include "tests/apisim/apisim.h"
#include "tests/support/memscan.h"
#include "tests/support/tempdir.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { LENGTH = 48, T0 = 1000000 };

#define CONFIG(user) CONFIG_BY("", user)
#define CONFIG_BY(proxy, user)                                                                     \
    "apiVersion: v1\nkind: Config\ncurrent-context: x\n"                                           \
    "clusters: [{name: c, cluster: {server: \"https://c:1\"" proxy "}}]\n"                         \
    "contexts: [{name: x, context: {cluster: c, user: u}}]\nusers:\n- name: u\n  user:\n" user
#define ANSWER(status)                                                                             \
    "#!/bin/sh\ncat <<END\n{\"apiVersion\":\"client.authentication.k8s.io/v1\","                   \
    "\"kind\":\"ExecCredential\",\"status\":{" status "}}\nEND\n"
#define PLUGIN                                                                                     \
    "    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: " \
    "Never"

static char *dir;

// One text that is looked for, also within PEM and base64.
struct hidden {
    struct memscan plain, base64, pair;
};

static void add_plain(const struct memscan *s, struct buf *out)
{
    size_t at = out->len;
    for (size_t i = 0; i < s->n; i++) {
        buf_addc(out, 'x');
    }
    memscan_text(s, out->data + at);
}

static void add_pem(const struct memscan *s, const char *end_of_line, struct buf *out)
{
    buf_adds(out, "-----BEGIN PRIVATE KEY-----");
    buf_adds(out, end_of_line);
    add_plain(s, out);
    buf_adds(out, end_of_line);
    buf_adds(out, "-----END PRIVATE KEY-----");
    buf_adds(out, end_of_line);
}

// '~' in the text stands for the secret, '&' for a PEM text of it with "\n" in JSON's spelling, '%' for the base64
// of one, with so much before the secret that it is not in the half that libyaml may leave (kube/base/secret.h).
static void expand(const struct memscan *s, const char *text, struct buf *out)
{
    struct buf pem;
    for (; *text != '\0'; text++) {
        if (*text == '~') {
            add_plain(s, out);
        } else if (*text == '&') {
            add_pem(s, "\\n", out);
        } else if (*text == '%') {
            buf_init_secret(&pem, 0);
            for (int i = 0; i < 66; i++) {
                buf_addc(&pem, '#');
            }
            add_pem(s, "\n", &pem);
            base64_encode(pem.data, pem.len, out);
            buf_release(&pem);
        } else {
            buf_addc(out, *text);
        }
    }
}

static void put(const struct hidden *h, const char *name, const char *text)
{
    struct buf b;
    buf_init_secret(&b, 0);
    expand(&h->plain, text, &b);
    char *path = xasprintf("%s/%s", dir, name);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    assert_int_equal(write(fd, b.data, b.len), b.len);
    close(fd);
    free(path);
    buf_release(&b);
}

static void hide(struct hidden *h)
{
    struct buf b;
    memscan_init(&h->plain, LENGTH);
    buf_init_secret(&b, 0);
    expand(&h->plain, "%", &b);
    memscan_of(&h->base64, b.data + 136, 48); // all within the secret
    buf_reset(&b);
    buf_adds(&b, "user:");
    add_plain(&h->plain, &b);
    struct buf coded;
    buf_init_secret(&coded, 0);
    base64_encode(b.data, b.len, &coded);
    memscan_of(&h->pair, coded.data + 8, 56);
    buf_release(&coded);
    buf_release(&b);
}

static size_t places(const struct hidden *h)
{
    return memscan_count(&h->plain) + memscan_count(&h->base64) + memscan_count(&h->pair);
}

static char *https_proxy; // secret memory

static const char *variable(void *self, const char *name)
{
    (void)self;
    return strcmp(name, "HTTPS_PROXY") == 0 ? https_proxy : NULL;
}

static struct api_config *load(const char *name, struct err *err)
{
    char *path = xasprintf("%s/%s", dir, name);
    struct environment env = {.get = variable, .in_cluster_dir = dir};
    struct api_flags flags = {.kubeconfig = path};
    struct api_config *c = api_config_load(&flags, &env, NULL, err);
    free(path);
    return c;
}

// Steps until a plugin that runs has ended; the looks at its process are made due.
static enum credential_state settle(struct credential *c, struct credential_time now,
                                    struct err *err)
{
    int64_t end = clock_mono_ms() + 20000;
    (void)credential_check(c, now, err);
    while (credential_running(c)) {
        assert_true(clock_mono_ms() < end);
        struct pollfd fds[2];
        size_t n = credential_fds(c, fds);
        poll(fds, (nfds_t)n, n > 0 ? 1000 : 1);
        struct credential_time at = now;
        at.mono_ms = n > 0 ? now.mono_ms : credential_deadline(c);
        credential_step(c, at);
    }
    return credential_check(c, now, err);
}

// What a configuration and the files beside it say. State: that the credential ends in (READY: 0).
struct source {
    const char *what, *config, *plugin, *token;
    const char *proxy; // HTTPS_PROXY
    enum credential_state state;
};
#define CERTIFICATE "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
// clang-format off
static const struct source sources[] = {
    {.what = "a token",
     .config = CONFIG("    token: ~\n")},
    {.what = "a token that begins like a number",
     .config = CONFIG("    token: 4~\n")},
    {.what = "a token in quotes",
     .config = CONFIG("    token: \"~\"\n")},
    {.what = "a token file",
     .config = CONFIG("    tokenFile: token\n"),
     .token = "~\n"},
    {.what = "a token file that is refused",
     .config = CONFIG("    tokenFile: token\n"),
     .token = "~ ~\n",
     .state = CREDENTIAL_FAILED},
    {.what = "a password",
     .config = CONFIG("    username: user\n    password: ~\n")},
    {.what = "a client key",
     .config = CONFIG("    client-certificate: token\n    client-key-data: %\n"),
     .token = CERTIFICATE},
    {.what = "a client key's file",
     .config = CONFIG("    client-certificate: token\n    client-key: key\n"),
     .token = CERTIFICATE},
    {.what = "an id token",
     .config = CONFIG("    auth-provider: {name: oidc, config: {id-token: ~, refresh-token: ~}}\n")},
    {.what = "a plugin's token",
     .config = CONFIG(PLUGIN "}\n"),
     .plugin = ANSWER("\"token\":\"~\"")},
    {.what = "a plugin's key",
     .config = CONFIG(PLUGIN "}\n"),
     .plugin = ANSWER("\"clientCertificateData\":\"&\",\"clientKeyData\":\"&\"")},
    {.what = "a plugin's YAML",
     .config = CONFIG(PLUGIN "}\n"),
     .plugin = "#!/bin/sh\n"
               "echo '{apiVersion: client.authentication.k8s.io/v1, kind: ExecCredential, status: {token: ~}}'\n"},
    {.what = "a plugin's answer that is refused",
     .config = CONFIG(PLUGIN "}\n"),
     .plugin = ANSWER("\"token\":[\"~\"]"),
     .state = CREDENTIAL_FAILED},
    {.what = "a plugin's answer that is cut",
     .config = CONFIG(PLUGIN "}\n"),
     .plugin = "#!/bin/sh\necho '{\"status\":{\"token\":\"~\"}'\n",
     .state = CREDENTIAL_FAILED},
    {.what = "a plugin that fails",
     .config = CONFIG(PLUGIN "}\n"),
     .plugin = "#!/bin/sh\necho ~\nexit 1\n",
     .state = CREDENTIAL_FAILED},
    {.what = "a plugin's environment",
     .config = CONFIG(PLUGIN ", env: [{name: PASSWORD, value: \"~\"}]}\n"),
     .plugin = ANSWER("\"token\":\"$PASSWORD\"")},
    {.what = "a plugin's arguments",
     .config = CONFIG(PLUGIN ", args: [\"~\"]}\n"),
     .plugin = ANSWER("\"token\":\"$1\"")},
    {.what = "a proxy's password",
     .config = CONFIG_BY(", proxy-url: \"socks5://user:~@p:1\"", "    token: t\n")},
    {.what = "a password of HTTPS_PROXY",
     .config = CONFIG("    token: t\n"),
     .proxy = "user:~@p:1"},
};
// clang-format on

static bool nothing_is_left_of(const struct source *s)
{
    struct hidden h;
    struct err err = {0};
    char *environment[] = {NULL};
    hide(&h);
    put(&h, "config", s->config);
    put(&h, "plugin", str_or_empty(s->plugin));
    put(&h, "token", str_or_empty(s->token));
    put(&h, "key", "-----BEGIN PRIVATE KEY-----\n~\n-----END PRIVATE KEY-----\n");
    assert_int_equal(places(&h), 0);
    if (s->proxy != NULL) {
        struct buf b;
        buf_init_secret(&b, 0);
        expand(&h.plain, s->proxy, &b);
        https_proxy = buf_take(&b);
    }
    struct api_config *config = load("config", &err);
    if (config == NULL) {
        fail_msg("%s: %s", s->what, err.msg);
    }
    struct credential *c = credential_new(config, environment);
    enum credential_state state = settle(c, (struct credential_time){0, T0}, &err);
    if (state != s->state) {
        fail_msg("%s: state %d: %s", s->what, state, err.msg);
    }
    if (s->state == CREDENTIAL_READY) {
        assert_true(places(&h) > 0);
    }
    credential_free(c);
    api_config_free(config);
    secret_free(https_proxy);
    https_proxy = NULL;
    size_t left = places(&h);
    if (left > 0) {
        print_error("%s: in %zu places, as base64 in %zu, as user and password in %zu\n", s->what,
                    memscan_count(&h.plain), memscan_count(&h.base64), memscan_count(&h.pair));
    }
    return left == 0;
}

static void nothing_is_left_of_a_credential(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < ARRAY_COUNT(sources); i++) {
        wrong += !nothing_is_left_of(&sources[i]);
    }
    assert_int_equal(wrong, 0);
}

// --- a token that is renewed

static void write_token(const struct hidden *h)
{
    put(h, "token", "~\n");
}

static void nothing_is_left_of_an_older_token(void **state)
{
    (void)state;
    struct hidden h[2];
    struct err err;
    struct credential_time now = {0, T0};
    char *environment[] = {NULL};
    static const char *const configs[] = {CONFIG("    tokenFile: token\n"), CONFIG(PLUGIN "}\n")};
    for (size_t i = 0; i < ARRAY_COUNT(configs); i++) {
        hide(&h[0]);
        hide(&h[1]);
        put(&h[0], "config", configs[i]);
        put(&h[0], "plugin", ANSWER("\"token\":\"~\""));
        write_token(&h[0]);
        struct api_config *config = load("config", &err);
        assert_non_null(config);
        struct credential *c = credential_new(config, environment);
        assert_int_equal(settle(c, now, &err), CREDENTIAL_READY);
        uint64_t version = credential_version(c);
        assert_true(places(&h[0]) > 0);
        put(&h[1], "plugin", ANSWER("\"token\":\"~\""));
        write_token(&h[1]);
        assert_true(credential_unauthorized(c, version, now));
        assert_int_equal(settle(c, now, &err), CREDENTIAL_READY);
        assert_true(credential_version(c) != version);
        assert_int_equal(places(&h[0]), 0);
        assert_true(places(&h[1]) > 0);
        credential_free(c);
        api_config_free(config);
        assert_int_equal(places(&h[1]), 0);
    }
}

// --- a connection

struct served {
    pid_t pid;
    int alive; // its end closes the server
};

// A server in a process of its own, so that what it knows is not in this one's memory; it takes the hidden token
// and writes "by-token" and "by-key".
static struct served serve(const struct hidden *h, enum apisim_transport transport)
{
    int ready[2], alive[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(alive), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct err err;
        char token[LENGTH + 1] = "", c = 0;
        close(ready[0]);
        close(alive[1]);
        memscan_text(&h->plain, token);
        struct apisim *sim = apisim_start(&(struct apisim_options){.transport = transport}, &err);
        char *by_token = xasprintf("%s/by-token", dir), *by_key = xasprintf("%s/by-key", dir);
        bool ok = sim != NULL;
        if (ok) {
            apisim_user(sim, "admin", token);
            ok = apisim_write_kubeconfig(sim, by_token, "admin", &err) &&
                 apisim_write_kubeconfig(sim, by_key, NULL, &err);
        }
        ok = ok && write(ready[1], "", 1) == 1 && read(alive[0], &c, 1) == 0;
        _exit(ok ? 0 : 1);
    }
    char c;
    close(ready[1]);
    close(alive[0]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return (struct served){pid, alive[1]};
}

static void end_server(struct served *s)
{
    int status;
    close(s->alive);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    assert_int_equal(status, 0);
}

static void on_answer(void *self, const struct single_response *a)
{
    int *status = self;
    *status = a->status;
}

// One request with the configuration; during it the text must be seen.
static void request(const char *name, const struct memscan *s)
{
    struct err err;
    struct api_config *config = load(name, &err);
    assert_non_null(config);
    struct credential *c = credential_new(config, NULL);
    struct http *http = http_new(config, c, NULL, NULL, NULL, &err);
    assert_non_null(http);
    int status = 0;
    struct http_request r = {.path = "/api/v1/namespaces"};
    single_request_start(http, c, &r, 1 << 20, on_answer, &status);
    int64_t end = clock_mono_ms() + 20000;
    while (status == 0 && clock_mono_ms() < end) {
        http_step(http, 100);
    }
    assert_int_equal(status, 200);
    assert_true(memscan_count(s) > 0);
    http_free(http);
    credential_free(c);
    api_config_free(config);
}

// The copy of a token that libnghttp2 makes: the table of its header compression, one for a connection. It is
// not wiped, so it stays in freed memory. secret.h, README.md, CHANGELOG.md and gatetop(1) say so.
enum { LEFT_BY_NGHTTP2 = 1 };

// Over HTTP/2, the usual transport.
static void one_copy_is_left_over_http2(void **state)
{
    (void)state;
    struct hidden h;
    hide(&h);
    struct served server = serve(&h, APISIM_H2_TLS);
    for (int i = 0; i < 3; i++) {
        request("by-token", &h.plain);
#ifndef GATETOP_SANITIZED // a sanitizer keeps what libnghttp2 has freed
        assert_in_range(places(&h), 0, (i + 1) * LEFT_BY_NGHTTP2);
#endif
    }
    end_server(&server);
}

static void on_response(void *self, const struct http_response *r)
{
    assert_int_equal(r->status, 200);
    ++*(size_t *)self;
}

static void on_end(void *self, const struct err *err, bool lost)
{
    (void)self, (void)err, (void)lost;
    fail_msg("a watch ended: %s", err != NULL ? err->msg : "");
}

// However many watches run, the token is in the configuration, in the header lines of the credential, and in
// libnghttp2.
static void watches_share_one_copy(void **state)
{
    (void)state;
    static const struct http_events events = {.response = on_response, .done = on_end};
    static const struct http_request r = {.path = "/api/v1/namespaces?watch=true",
                                          .is_watch = true};
    struct hidden h;
    struct err err;
    hide(&h);
    struct served server = serve(&h, APISIM_H2_TLS);
    struct api_config *config = load("by-token", &err);
    struct credential *c = credential_new(config, NULL);
    struct http *http = http_new(config, c, NULL, NULL, NULL, &err);
    assert_int_equal(places(&h), 2);
    size_t answered = 0;
    int64_t give_up = clock_mono_ms() + 20000;
    for (size_t n = 1; n <= 20; n++) {
        http_start(http, &r, &events, &answered);
        while (answered < n && clock_mono_ms() < give_up) {
            http_step(http, 100);
        }
        assert_int_equal(answered, n);
    }
#ifndef GATETOP_SANITIZED
    assert_in_range(places(&h), 2, 2 + LEFT_BY_NGHTTP2);
#endif
    http_free(http);
    credential_free(c);
    api_config_free(config);
#ifndef GATETOP_SANITIZED
    assert_in_range(places(&h), 0, LEFT_BY_NGHTTP2);
#endif
    end_server(&server);
}

// Over HTTP/1.1.
static void nothing_is_left_of_a_token_that_was_sent(void **state)
{
    (void)state;
    struct hidden h;
    hide(&h);
    struct served server = serve(&h, APISIM_H1_TLS);
    request("by-token", &h.plain);
    assert_int_equal(places(&h), 0);
    end_server(&server);
}

// The last 48 bytes of the private key's PEM text, and 32 bytes of the key itself (P-256, PKCS #8).
static void read_key(struct memscan *pem, struct memscan *number)
{
    struct buf text, decoded;
    size_t bad;
    buf_init_secret(&text, 0);
    buf_init_secret(&decoded, 0);
    char *path = xasprintf("%s/by-key", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    for (char c; read(fd, &c, 1) == 1;) {
        buf_addc(&text, c);
    }
    close(fd);
    const char *key = strstr(text.data, "client-key-data: ");
    assert_non_null(key);
    key += strlen("client-key-data: ");
    assert_true(base64_decode(key, strcspn(key, "\n"), &decoded, &bad));
    const char *end = strstr(decoded.data, "\n-----END ");
    assert_non_null(end);
    memscan_of(pem, end - 48, 48);
    const char *body = strchr(decoded.data, '\n') + 1;
    buf_reset(&text);
    assert_true(base64_decode(body, (size_t)(end - body), &text, &bad));
    assert_memory_equal(text.data + 34, "\x04\x20", 2); // an OCTET STRING of 32 bytes
    memscan_of(number, text.data + 36, 32);
    buf_release(&decoded);
    buf_release(&text);
}

static void nothing_is_left_of_a_key_that_was_used(void **state)
{
    (void)state;
    struct hidden h;
    hide(&h);
    struct served server = serve(&h, APISIM_H2_TLS);
    struct memscan pem, number;
    read_key(&pem, &number);
    assert_int_equal(memscan_count(&pem) + memscan_count(&number), 0);
    request("by-key", &pem);
    assert_int_equal(memscan_count(&pem), 0);
    assert_int_equal(memscan_count(&number), 0);
    end_server(&server);
}

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct err err;
    if (!http_global_init(&err)) {
        print_error("%s\n", err.msg);
        return 1;
    }
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_of_a_credential),
        cmocka_unit_test(nothing_is_left_of_an_older_token),
        cmocka_unit_test(nothing_is_left_of_a_token_that_was_sent),
        cmocka_unit_test(one_copy_is_left_over_http2),
        cmocka_unit_test(watches_share_one_copy),
        cmocka_unit_test(nothing_is_left_of_a_key_that_was_used),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
