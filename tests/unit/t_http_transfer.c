// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/http_transfer.c: what is sent, and what is read of an answer's header, against a server that sends
// what a test gives it.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"
#include "kube/base/time_text.h"

#include "kube/api/http_transfer.h"

#include "tests/support/ending.h"
#include "tests/support/tempdir.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { PATIENCE_MS = 20000 };

// Takes one connection, reads one request, answers and closes.
struct raw_server {
    int fd, port;
    pthread_t thread;
    const char *answer;
    size_t n;
    char request[8192];
};

static void *serve(void *self)
{
    struct raw_server *s = self;
    int fd = accept(s->fd, NULL, NULL);
    for (size_t n = 0; strstr(s->request, "\r\n\r\n") == NULL && n + 1 < sizeof s->request;) {
        ssize_t got = read(fd, s->request + n, sizeof s->request - 1 - n);
        if (got <= 0) {
            break;
        }
        n += (size_t)got;
        s->request[n] = '\0';
    }
    for (size_t at = 0; at < s->n;) {
        ssize_t put = send(fd, s->answer + at, s->n - at, MSG_NOSIGNAL);
        if (put <= 0) {
            break;
        }
        at += (size_t)put;
    }
    close(fd);
    return NULL;
}

static void raw_server_start(struct raw_server *s, const char *answer, size_t n)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    *s = (struct raw_server){.fd = socket(AF_INET, SOCK_STREAM, 0), .answer = answer, .n = n};
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 1), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &size), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

// What a transfer reported.
struct report {
    int heads, dones;
    struct http_head head; // its strings are copies
    struct buf body;
    bool failed;
    struct http_failure failure;
};

static const char *copy(const char *s)
{
    return s != NULL ? xstrdup(s) : NULL;
}

static void on_activity(void *self)
{
    (void)self;
}

static void on_head(void *self, const struct http_head *head)
{
    struct report *r = self;
    r->heads++;
    r->head = *head;
    r->head.content_type = copy(head->content_type);
    r->head.etag = copy(head->etag);
    r->head.location = copy(head->location);
    r->head.warning = copy(head->warning);
}

static bool on_body(void *self, const char *bytes, size_t n)
{
    return buf_add(&((struct report *)self)->body, bytes, n);
}

static void on_done(void *self, const struct http_failure *failure)
{
    struct report *r = self;
    r->dones++;
    r->failed = failure != NULL;
    if (failure != NULL) {
        r->failure = *failure;
    }
}

static void finish(struct transfer_pool *pool, struct report *r)
{
    int64_t give_up = clock_mono_ms() + PATIENCE_MS;
    while (r->dones == 0 && clock_mono_ms() < give_up) {
        transfer_pool_perform(pool);
        transfer_pool_finish(pool);
        transfer_pool_wait(pool, NULL, 0, r->dones == 0 ? 100 : 0);
    }
    assert_int_equal(r->dones, 1);
}

// One GET, answered by these bytes.
static void get_bytes(struct report *r, const char *answer, size_t n)
{
    struct raw_server server;
    raw_server_start(&server, answer, n);
    *r = (struct report){.heads = 0};
    buf_init(&r->body, 0);
    char host[] = "127.0.0.1", path[] = "";
    const struct api_config config = {
        .host = host, .path = path, .port = server.port, .plain_http = true};
    struct credential *credential = credential_new(&config, NULL);
    struct http_address at;
    http_address_init(&at, &config);
    struct transfer_pool *pool = transfer_pool_new(&config, &at, credential);
    const struct transfer_request request = {
        .path = "/x", .accept = "*/*", .connect_ms = PATIENCE_MS, .total_ms = PATIENCE_MS};
    const struct transfer_events events = {r, on_activity, on_head, on_body, on_done};
    struct err err;
    struct transfer *t = transfer_start(pool, &request, &events, &err);
    assert_non_null(t);
    finish(pool, r);
    transfer_free(t);
    transfer_pool_free(pool);
    http_address_release(&at);
    credential_free(credential);
    pthread_join(server.thread, NULL);
    close(server.fd);
}

static void get(struct report *r, const char *answer)
{
    get_bytes(r, answer, strlen(answer));
}

static void release(struct report *r)
{
    free(unconst(r->head.content_type));
    free(unconst(r->head.etag));
    free(unconst(r->head.location));
    free(unconst(r->head.warning));
    buf_release(&r->body);
}

static void what_matters_is_read(void **state)
{
    (void)state;
    struct report r;
    get(&r, "HTTP/1.1 429 \r\n"
            "Content-Type:application/json\r\n"
            "ETAG: \t\"abc\" \r\n"
            "location: https://other.test/\r\n"
            "Warning: 299 - \"old\"\r\n"
            "Retry-After: 7\r\n"
            "Date: Mon, 23 Nov 2026 18:00:00 GMT\r\n"
            "content-encoding: gzip\r\n"
            "content-typed: no\r\n"
            "Content-Length: 2\r\n\r\nhi");
    assert_false(r.failed);
    assert_int_equal(r.heads, 1);
    assert_int_equal(r.head.status, 429);
    assert_string_equal(r.head.content_type, "application/json");
    assert_string_equal(r.head.etag, "\"abc\"");
    assert_string_equal(r.head.location, "https://other.test/");
    assert_string_equal(r.head.warning, "299 - \"old\"");
    assert_int_equal(r.head.retry_after_s, 7);
    assert_int_equal(r.head.date, time_parse("2026-11-23T18:00:00Z"));
    assert_true(r.head.gzip);
    assert_true(r.head.http1);
    assert_string_equal(r.body.data, "hi");
    release(&r);
}

// Nothing listens for another connection.
static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    struct report r;
    get(&r, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nhi");
    assert_false(r.failed);
    assert_int_equal(r.heads, 1);
    assert_int_equal(r.head.status, 302);
    assert_string_equal(r.head.location, "/elsewhere");
    assert_string_equal(r.body.data, "hi");
    release(&r);
}

static void what_is_not_there_is_null(void **state)
{
    (void)state;
    struct report r;
    get(&r, "HTTP/1.1 200 OK\r\nETag:\r\nDate: yesterday\r\nContent-Encoding: br\r\n"
            "Content-Length: 0\r\n\r\n");
    assert_int_equal(r.head.status, 200);
    assert_null(r.head.content_type);
    assert_null(r.head.etag);
    assert_null(r.head.location);
    assert_null(r.head.warning);
    assert_int_equal(r.head.retry_after_s, 0);
    assert_int_equal(r.head.date, TIME_NONE);
    assert_false(r.head.gzip);
    release(&r);
}

// After a 1xx comes the header that counts; what comes after the body is none.
static void hints_and_trailers_do_not_count(void **state)
{
    (void)state;
    struct report r;
    get(&r,
        "HTTP/1.1 103 Early Hints\r\netag: 1\r\nretry-after: 3\r\ncontent-encoding: gzip\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: ETag\r\n\r\n"
        "2\r\nhi\r\n0\r\nETag: 2\r\n\r\n");
    assert_false(r.failed);
    assert_int_equal(r.heads, 1);
    assert_int_equal(r.head.status, 200);
    assert_null(r.head.etag);
    assert_int_equal(r.head.retry_after_s, 0);
    assert_false(r.head.gzip);
    assert_string_equal(r.body.data, "hi");
    release(&r);
}

// The last of a header that comes more than once.
static void the_last_counts(void **state)
{
    (void)state;
    struct report r;
    get(&r, "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nETag: \"2\"\r\nContent-Length: 0\r\n\r\n");
    assert_string_equal(r.head.etag, "\"2\"");
    release(&r);
}

static void retry_after_is_a_bounded_number(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int seconds;
    } cases[] = {
        {"Mon, 23 Nov 2026 18:00:00 GMT", 0}, {"-5", 0}, {"0", 0}, {"5s", 0}, {"3600", 3600},
        {"99999999999999999999", 3600},       {"", 0}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char answer[200];
        snprintf(answer, sizeof answer,
                 "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", cases[i].value);
        struct report r;
        get(&r, answer);
        assert_int_equal(r.head.status, 503);
        assert_int_equal(r.head.retry_after_s, cases[i].seconds);
        release(&r);
    }
}

// 64 KiB of all lines together, those of a 1xx among them.
static void the_bound_is_of_all_lines(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (int i = 0; b.len + 1024 + 2 <= HTTP_HEAD_MAX; i++) {
        buf_addf(&b, "X-%04d: %01014d\r\n", i, 0);
    }
    size_t room = HTTP_HEAD_MAX - b.len - 2;
    assert_true(room > 10 && room < 2000);
    buf_addf(&b, "Y: %0*d\r\n\r\n", (int)room - 5, 0);
    assert_int_equal(b.len, HTTP_HEAD_MAX);
    struct report r;
    get_bytes(&r, b.data, b.len);
    assert_false(r.failed);
    assert_int_equal(r.head.status, 200);
    release(&r);
    buf_truncate(&b, b.len - 4);
    buf_adds(&b, "0\r\n\r\n"); // a byte more
    get_bytes(&r, b.data, b.len);
    assert_true(r.failed);
    assert_int_equal(r.failure.kind, HTTP_HEADER_TOO_LARGE);
    assert_int_equal(r.heads, 0);
    release(&r);
    buf_release(&b);
}

static void no_answer_is_a_failure(void **state)
{
    (void)state;
    struct report r;
    get(&r, "");
    assert_true(r.failed);
    assert_int_equal(r.failure.kind, HTTP_CONNECTION_ENDED);
    assert_false(r.failure.answered);
    assert_true(r.failure.why[0] != '\0');
    release(&r);
    get(&r, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi"); // the body is cut
    assert_true(r.failed);
    assert_true(r.failure.answered);
    assert_string_equal(r.body.data, "hi");
    release(&r);
}

// --- what is sent

// A token that is renewed meanwhile takes the old header lines away from the credential, not from the request.
static void a_request_keeps_the_lines_it_began_with(void **state)
{
    (void)state;
    struct raw_server server;
    raw_server_start(&server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    struct report r = {.heads = 0};
    struct err err;
    buf_init(&r.body, 0);
    char *dir = tempdir_new(), *token_file = xasprintf("%s/token", dir), host[] = "127.0.0.1",
         path[] = "", user[] = "bob";
    tempdir_write(dir, "token", "the-first-token", 0600);
    struct api_config config = {
        .host = host, .path = path, .port = server.port, .plain_http = true};
    struct http_address at;
    http_address_init(&at, &config);
    config.plain_http = false; // over a connection that the test can read
    config.token_file = token_file;
    config.as_user = user;
    struct credential *credential = credential_new(&config, NULL);
    struct credential_time now = {1000, 1000};
    assert_int_equal(credential_check(credential, now, &err), CREDENTIAL_READY);
    struct transfer_pool *pool = transfer_pool_new(&config, &at, credential);
    const struct transfer_request request = {.path = "/x",
                                             .accept = "text/a",
                                             .etag = "\"7\"",
                                             .body = "{}",
                                             .connect_ms = PATIENCE_MS,
                                             .total_ms = PATIENCE_MS};
    const struct transfer_events events = {&r, on_activity, on_head, on_body, on_done};
    struct transfer *t = transfer_start(pool, &request, &events, &err);
    assert_non_null(t);
    tempdir_write(dir, "token", "the-second-token", 0600);
    now.mono_ms += 60000;
    assert_true(credential_unauthorized(credential, credential_version(credential), now));
    assert_string_equal(credential_headers(credential)->lines[0],
                        "Authorization: Bearer the-second-token");
    finish(pool, &r);
    pthread_join(server.thread, NULL);
    static const char *const lines[] = {
        "POST /x HTTP/1.1",      "Authorization: Bearer the-first-token",
        "Impersonate-User: bob", "Accept: text/a",
        "If-None-Match: \"7\"",  "Content-Type: application/json",
        "Content-Length: 2"};
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        char *line = xasprintf("%s\r\n", lines[i]);
        if (strstr(server.request, line) == NULL) {
            fail_msg("no '%s' in:\n%s", lines[i], server.request);
        }
        free(line);
    }
    assert_null(strstr(server.request, "Expect:"));
    transfer_free(t);
    transfer_pool_free(pool);
    credential_free(credential);
    http_address_release(&at);
    close(server.fd);
    release(&r);
    free(token_file);
    tempdir_free(dir);
}

// libcurl's memory; the allocation with this number (from 0) gets none. Less than 0: each gets some.
static int failing = -1;

static bool fails(void)
{
    return failing >= 0 && failing-- == 0;
}

static void *scarce_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

static void *scarce_calloc(size_t n, size_t size)
{
    return fails() ? NULL : calloc(n, size);
}

static void *scarce_realloc(void *p, size_t n)
{
    return fails() ? NULL : secret_heap_realloc(p, n);
}

static char *scarce_strdup(const char *s)
{
    return fails() ? NULL : strdup(s);
}

// Exits with 1 where the request is to be sent, and with 2 where it is, although one allocation failed.
static void start_without_memory(void *number)
{
    struct err err;
    char host[] = "server.example", path[] = "", proxy[] = "https://proxy.example:3128",
         token[] = "token", name[] = "other.example", ca[] = "CA", key[] = "KEY";
    const struct api_config config = {.host = host,
                                      .path = path,
                                      .port = 443,
                                      .proxy_url = proxy,
                                      .token = token,
                                      .tls_server_name = name,
                                      .ca = {.data = ca, .len = 2},
                                      .client_cert = {.data = key, .len = 3},
                                      .client_key = {.data = key, .len = 3}};
    struct http_address at;
    http_address_init(&at, &config);
    struct credential *credential = credential_new(&config, NULL);
    struct transfer_pool *pool = transfer_pool_new(&config, &at, credential);
    const struct transfer_request request = {.path = "/x",
                                             .accept = "*/*",
                                             .etag = "7",
                                             .body = "{}",
                                             .accept_encoding = "gzip",
                                             .connect_ms = 1000};
    const struct transfer_events events = {NULL, on_activity, on_head, on_body, on_done};
    failing = *(int *)number;
    struct transfer *t = transfer_start(pool, &request, &events, &err);
    _exit(t == NULL ? 0 : failing >= 0 ? 1 : 2);
}

// A request without its Authorization, its proxy or its authorities is worse than none.
static void without_memory_nothing_is_sent(void **state)
{
    (void)state;
    int n = 0;
    for (;; n++) {
        char said[4096];
        int status = run_apart(start_without_memory, &n, said, sizeof said);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
            break;
        }
        if (!WIFSIGNALED(status) || strcmp(said, "gatetop: out of memory\n") != 0) {
            fail_msg("allocation %d: status %x, it says '%s'", n, (unsigned)status, said);
        }
    }
    assert_in_range(n, 10, 200);
}

static void an_option_that_is_not_taken_ends_the_request(void **state)
{
    (void)state;
    struct err err;
    char host[] = "127.0.0.1", path[] = "";
    const struct api_config config = {.host = host, .path = path, .port = 1, .plain_http = true};
    struct credential *credential = credential_new(&config, NULL);
    struct http_address at;
    http_address_init(&at, &config);
    struct transfer_pool *pool = transfer_pool_new(&config, &at, credential);
    enum { LONGER_THAN_LIBCURL_TAKES = 9000000 };
    char *long_path = xcalloc(1, LONGER_THAN_LIBCURL_TAKES + 1);
    memset(long_path, '/', LONGER_THAN_LIBCURL_TAKES);
    const struct transfer_request request = {.path = long_path, .accept = "*/*"};
    const struct transfer_events events = {NULL, on_activity, on_head, on_body, on_done};
    assert_null(transfer_start(pool, &request, &events, &err));
    assert_non_null(strstr(err.msg, " does not take its option URL: "));
    free(long_path);
    transfer_pool_free(pool);
    http_address_release(&at);
    credential_free(credential);
}

static int setup(void **state)
{
    (void)state;
    struct err err;
    // The first call counts; that of transfer_global_init keeps these functions.
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, scarce_malloc, secret_heap_free, scarce_realloc,
                             scarce_strdup, scarce_calloc) != CURLE_OK) {
        return -1;
    }
    return transfer_global_init(&err) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matters_is_read),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(what_is_not_there_is_null),
        cmocka_unit_test(hints_and_trailers_do_not_count),
        cmocka_unit_test(the_last_counts),
        cmocka_unit_test(retry_after_is_a_bounded_number),
        cmocka_unit_test(the_bound_is_of_all_lines),
        cmocka_unit_test(no_answer_is_a_failure),
        cmocka_unit_test(a_request_keeps_the_lines_it_began_with),
        cmocka_unit_test(without_memory_nothing_is_sent),
        cmocka_unit_test(an_option_that_is_not_taken_ends_the_request),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
