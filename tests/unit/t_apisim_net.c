// SPDX-License-Identifier: Apache-2.0
// The simulator's transports, faults and recordings, seen by libcurl.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim.h"
#include "tests/support/corpus.h"
#include "tests/support/file.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

// One transfer: a handle, what it got, how it ended.
struct download {
    CURL *easy;
    struct curl_slist *headers;
    char *url;
    struct buf body, head;
    size_t chunks;
    long status, version;
    CURLcode rc;
    bool done;
};

static struct apisim *sim;
static CURLM *multi;

static size_t on_body(char *data, size_t size, size_t n, void *self)
{
    struct download *t = self;
    buf_add(&t->body, data, size * n);
    t->chunks++;
    return size * n;
}

static size_t on_head(char *data, size_t size, size_t n, void *self)
{
    struct download *t = self;
    buf_add(&t->head, data, size * n);
    return size * n;
}

static void begin(struct download *t, const char *path, const char *token)
{
    *t = (struct download){.easy = curl_easy_init(),
                           .url = xasprintf("%s%s", apisim_url(sim), path)};
    buf_init(&t->body, 0);
    buf_init(&t->head, 0);
    if (token != NULL) {
        char *h = xasprintf("Authorization: Bearer %s", token);
        t->headers = curl_slist_append(t->headers, h);
        free(h);
    }
    curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
    curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, 20000L);
    curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_head);
    curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
    if (apisim_ca_pem(sim) != NULL) {
        struct curl_blob ca = {.data = unconst(apisim_ca_pem(sim)),
                               .len = strlen(apisim_ca_pem(sim))};
        ca.flags = CURL_BLOB_COPY;
        curl_easy_setopt(t->easy, CURLOPT_CAINFO_BLOB, &ca);
    }
}

static void go(struct download *t)
{
    curl_multi_add_handle(multi, t->easy);
}

static void collect(void)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &left)) != NULL;) {
        struct download *t;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        t->rc = m->data.result;
        t->done = true;
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
        curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &t->version);
    }
}

// Runs until the transfer ended or its body holds `part` (NULL: the end).
static void run(struct download *t, const char *part)
{
    int64_t until = clock_mono_ms() + 20000;
    int running;
    while (!t->done &&
           !(part != NULL && t->body.data != NULL && strstr(t->body.data, part) != NULL)) {
        assert_true(clock_mono_ms() < until);
        curl_multi_perform(multi, &running);
        collect();
        if (!t->done) {
            curl_multi_poll(multi, NULL, 0, 100, NULL);
        }
    }
}

static void end(struct download *t)
{
    curl_multi_remove_handle(multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    free(t->url);
    buf_release(&t->body);
    buf_release(&t->head);
}

// Runs until the server has the watch.
static void run_watching(const char *resource)
{
    int running;
    while (apisim_open_watches(sim, resource) == 0) {
        curl_multi_perform(multi, &running);
        curl_multi_poll(multi, NULL, 0, 10, NULL);
    }
}

// One whole request.
static void ask(struct download *t, const char *path)
{
    begin(t, path, "admin-token");
    go(t);
    run(t, NULL);
}

static void start(enum apisim_transport transport)
{
    struct apisim_options o = {.transport = transport};
    struct err err = {0};
    sim = apisim_start(&o, &err);
    if (sim == NULL) {
        fail_msg("%s", err.msg);
    }
    multi = curl_multi_init();
}

static void stop(void)
{
    curl_multi_cleanup(multi);
    apisim_stop(sim);
    sim = NULL;
}

static void cert(const char *name)
{
    char *text = xasprintf(
        "{\"apiVersion\":\"cert-manager.io/"
        "v1\",\"kind\":\"Certificate\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"n\"},"
        "\"spec\":{\"secretName\":\"z\xc3\xbcrich\"}}",
        name);
    assert_true(apisim_apply(sim, text, NULL) > 0);
    free(text);
}

static int fault(const char *rule)
{
    struct err err = {0};
    int id = apisim_fault(sim, rule, &err);
    if (id < 0) {
        fail_msg("%s", err.msg);
    }
    return id;
}

#define CERTS "/apis/cert-manager.io/v1/certificates"
static const char WATCH[] = CERTS "?watch=1&resourceVersion=1000&timeoutSeconds=60";

static void h2_serves_lists_and_watches_on_one_connection(void **state)
{
    (void)state;
    start(APISIM_H2_TLS);
    struct download t, w;
    ask(&t, "/version");
    assert_int_equal(t.rc, CURLE_OK);
    assert_int_equal(t.version, CURL_HTTP_VERSION_2_0);
    end(&t);
    begin(&w, WATCH, "admin-token");
    go(&w);
    cert("one");
    run(&w, "\"one\"");
    ask(&t, CERTS);
    assert_int_equal(t.status, 200);
    assert_non_null(strstr(t.body.data, "\"name\":\"one\""));
    end(&t);
    cert("two");
    run(&w, "\"two\"");
    assert_int_equal(apisim_open_watches(sim, "certificates"), 1);
    assert_int_equal(apisim_open_connections(sim), 1);
    assert_int_equal(apisim_request_count(sim, "watch", "certificates"), 1);
    assert_true(apisim_wait_requests(sim, "list", NULL, 1, 1000));
    assert_false(apisim_wait_requests(sim, "list", NULL, 2, 1));
    apisim_end_watches(sim, NULL);
    run(&w, NULL);
    assert_int_equal(w.rc, CURLE_OK);
    end(&w);
    stop();
}

static void h2_takes_a_client_certificate(void **state)
{
    (void)state;
    start(APISIM_H2_TLS);
    struct download t;
    begin(&t, CERTS, NULL);
    go(&t);
    run(&t, NULL);
    assert_int_equal(t.status, 401);
    end(&t);
    begin(&t, CERTS, NULL);
    struct curl_blob cert_blob = {unconst(apisim_client_cert_pem(sim)),
                                  strlen(apisim_client_cert_pem(sim)), CURL_BLOB_COPY};
    struct curl_blob key = {unconst(apisim_client_key_pem(sim)), strlen(apisim_client_key_pem(sim)),
                            CURL_BLOB_COPY};
    curl_easy_setopt(t.easy, CURLOPT_SSLCERT_BLOB, &cert_blob);
    curl_easy_setopt(t.easy, CURLOPT_SSLKEY_BLOB, &key);
    go(&t);
    run(&t, NULL);
    assert_int_equal(t.status, 200);
    end(&t);
    struct err err = {0};
    char path[] = "/tmp/gatetop-apisim-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_true(apisim_write_kubeconfig(sim, path, "admin", &err));
    size_t size;
    char *text = file_read(path, &size);
    assert_non_null(strstr(text, "certificate-authority-data: LS0t"));
    assert_non_null(strstr(text, "token: \"admin-token\""));
    free(text);
    unlink(path);
    stop();
}

static void a_large_list_is_whole_and_compressed_when_asked(void **state)
{
    (void)state;
    start(APISIM_H2_TLS);
    apisim_generate(sim, 500);
    struct download plain, zipped;
    ask(&plain, "/apis/networking.istio.io/v1/virtualservices");
    begin(&zipped, "/apis/networking.istio.io/v1/virtualservices", "admin-token");
    curl_easy_setopt(zipped.easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    go(&zipped);
    run(&zipped, NULL);
    assert_int_equal(plain.rc, CURLE_OK);
    assert_null(strstr(plain.head.data, "content-encoding"));
    assert_non_null(strstr(zipped.head.data, "content-encoding: gzip"));
    assert_true(plain.body.len > 128 * 1024);
    assert_int_equal(plain.body.len, zipped.body.len);
    assert_memory_equal(plain.body.data, zipped.body.data, plain.body.len);
    end(&plain);
    end(&zipped);
    // A streaming list: one gzip member for each flush (docs/rules/kubernetes-client.md#watch-list-gzip).
    struct download w;
    begin(&w,
          "/apis/networking.istio.io/v1/"
          "virtualservices?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
          "allowWatchBookmarks=true&timeoutSeconds=1",
          "admin-token");
    curl_easy_setopt(w.easy, CURLOPT_HTTPHEADER,
                     w.headers = curl_slist_append(w.headers, "Accept-Encoding: gzip"));
    go(&w);
    run(&w, NULL);
    struct buf text;
    buf_init(&text, 0);
    z_stream z = {.next_in = (Bytef *)w.body.data, .avail_in = (uInt)w.body.len};
    assert_int_equal(inflateInit2(&z, 15 + 32), Z_OK);
    size_t members = 0;
    while (z.avail_in > 0) {
        char chunk[65536];
        z.next_out = (Bytef *)chunk;
        z.avail_out = sizeof chunk;
        int rc = inflate(&z, Z_SYNC_FLUSH);
        assert_true(rc == Z_OK || rc == Z_STREAM_END);
        buf_add(&text, chunk, sizeof chunk - z.avail_out);
        if (rc == Z_STREAM_END) {
            members++;
            inflateReset(&z);
        }
    }
    inflateEnd(&z);
    assert_true(members > 1);
    assert_non_null(strstr(text.data, "initial-events-end"));
    buf_release(&text);
    end(&w);
    stop();
}

static void faults_break_what_they_say(void **state)
{
    (void)state;
    start(APISIM_H2_TLS);
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        cert(name);
    }
    static const struct {
        const char *rule;
        bool fails; // the transfer itself
        long status;
        size_t body; // its length, 0: any
    } cases[] = {
        {"status=503 retry-after=7 body=html verb=list", false, 503, 0},
        {"status=429 verb=list", false, 429, 0},
        {"status=500 message=boom verb=list resource=certificates.cert-manager.io", false, 500, 0},
        {"cut=100 how=fin", true, 200, 100},
        {"cut=100 how=eof", true, 200, 100},
        {"cut=100 how=rst", true, 200, 100},
        {"cut=100 how=stream code=2", true, 200, 100},
        {"cut=0 how=stream code=7", true, 200, 0},
        {"cut=100 how=refuse", true, 200, 100},
        {"cut=100 how=goaway", false, 200, 0},
        {"drop how=fin", true, 0, 0},
        {"drop how=stream code=7", true, 0, 0},
        {"rate=100000", false, 200, 0},
        {"delay=30", false, 200, 0},
        {"split=50", false, 200, 0},
        {"chunk=64", false, 200, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct download t;
        int id = fault(cases[i].rule);
        ask(&t, CERTS);
        // libcurl itself repeats a request that got no answer on a connection in use: at least once.
        if ((t.rc != CURLE_OK) != cases[i].fails ||
            (cases[i].status != 0 && t.status != cases[i].status) ||
            (cases[i].body != 0 && t.body.len != cases[i].body)) {
            fail_msg("%s: rc %d, status %ld, %zu bytes", cases[i].rule, (int)t.rc, t.status,
                     t.body.len);
        }
        assert_true(apisim_fault_count(sim, id) >= 1);
        if (str_starts(cases[i].rule, "chunk") || str_starts(cases[i].rule, "split")) {
            assert_true(t.chunks > 1);
        }
        if (str_starts(cases[i].rule, "status=503")) {
            assert_non_null(strstr(t.head.data, "retry-after: 7"));
            assert_non_null(strstr(t.head.data, "text/html"));
        }
        apisim_fault_remove(sim, id);
        end(&t);
        // After each of them the next request is whole again.
        ask(&t, CERTS);
        assert_int_equal(t.rc, CURLE_OK);
        assert_int_equal(t.status, 200);
        end(&t);
    }
    struct download t, clean;
    ask(&clean, CERTS);
    fault("corrupt=200 nth=2");
    ask(&t, CERTS);
    assert_memory_equal(t.body.data, clean.body.data, t.body.len); // the first is not the second
    end(&t);
    ask(&t, CERTS);
    assert_int_equal(t.body.len, clean.body.len);
    assert_true(t.body.data[200] != clean.body.data[200]);
    end(&t);
    end(&clean);
    apisim_fault_clear(sim);
    fault("expire times=1");
    ask(&t, CERTS);
    assert_int_equal(t.status, 401);
    end(&t);
    apisim_user(sim, "admin", "admin-token");
    ask(&t, CERTS);
    assert_int_equal(t.status, 200);
    end(&t);
    fault("end=10 verb=watch");
    ask(&t, WATCH); // ends by itself, cleanly, at a frame's end
    assert_int_equal(t.rc, CURLE_OK);
    assert_true(t.body.data[t.body.len - 1] == '\n');
    end(&t);
    fault("compact verb=watch");
    ask(&t, WATCH);
    assert_non_null(strstr(t.body.data, "\"code\":410"));
    end(&t);
    assert_int_equal(apisim_fault_total(sim, "cut"), 7);
    assert_int_equal(apisim_fault_total(sim, "corrupt"), 1);
    stop();
}

static void rules_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"",          "nope",         "cut",
                                      "cut=x",     "blackhole=3",  "cut=1 how=soft",
                                      "cut=1 p=2", "delay=5 verb", "status=500 a=b",
                                      "rate=-1",   "cut=rand:0",   "delay=1 nth=x"};
    sim = apisim_new(NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_int_equal(apisim_fault(sim, bad[i], &err), -1);
        assert_int_equal(err.code, ERR_PARSE);
    }
    // The same seed draws the same numbers.
    char drawn[2][65] = {"", ""};
    for (int round = 0; round < 2; round++) {
        struct apisim_options o = {.seed = 42};
        apisim_stop(sim);
        sim = apisim_new(&o);
        int id = fault("status=500 p=0.5");
        for (int i = 0; i < 64; i++) {
            struct apisim_request r = {
                .method = "GET", .target = CERTS, .authorization = "Bearer admin-token"};
            struct apisim_exchange *x = apisim_exchange_new(sim, &r, 0);
            drawn[round][i] = apisim_exchange_status(x) == 500 ? '1' : '0';
            apisim_exchange_free(x);
        }
        uint64_t n = apisim_fault_count(sim, id);
        assert_true(n > 16 && n < 48);
    }
    assert_string_equal(drawn[0], drawn[1]);
    apisim_stop(sim);
}

static void connections_die_in_every_manner(void **state)
{
    (void)state;
    start(APISIM_H2_TLS);
    struct download w, t;
    for (int rst = 0; rst < 2; rst++) {
        begin(&w, WATCH, "admin-token");
        go(&w);
        cert(rst ? "b" : "a");
        run(&w, rst ? "\"b\"" : "\"a\"");
        apisim_drop_connections(sim, rst != 0);
        run(&w, NULL);
        assert_int_not_equal(w.rc, CURLE_OK);
        end(&w);
    }
    // GOAWAY: the stream goes on, the next request takes a new connection.
    begin(&w, WATCH, "admin-token");
    go(&w);
    run(&w, "\"b\"");
    apisim_goaway(sim);
    cert("c");
    run(&w, "\"c\"");
    ask(&t, CERTS);
    assert_int_equal(t.rc, CURLE_OK);
    end(&t);
    cert("d");
    run(&w, "\"d\"");
    end(&w);
    apisim_refuse(sim, true);
    apisim_drop_connections(sim, false);
    CURLM *old = multi;
    multi = curl_multi_init();
    do { // until the thread has seen it
        begin(&t, CERTS, "admin-token");
        go(&t);
        run(&t, NULL);
        int rc = (int)t.rc;
        end(&t);
        if (rc == CURLE_COULDNT_CONNECT) {
            break;
        }
    } while (true);
    apisim_refuse(sim, false);
    for (int tries = 0;; tries++) {
        ask(&t, CERTS);
        int rc = (int)t.rc;
        end(&t);
        if (rc == CURLE_OK) {
            break;
        }
        assert_true(tries < 1000);
    }
    // A black hole: no answer, no end; a new connection after it is healed.
    apisim_blackhole(sim, true);
    begin(&t, CERTS, "admin-token");
    curl_easy_setopt(t.easy, CURLOPT_TIMEOUT_MS, 300L);
    go(&t);
    run(&t, NULL);
    assert_int_equal(t.rc, CURLE_OPERATION_TIMEDOUT);
    end(&t);
    apisim_blackhole(sim, false);
    // The dead connection stays in the pool (docs/rules/kubernetes-client.md#connection-generation).
    begin(&t, CERTS, "admin-token");
    curl_easy_setopt(t.easy, CURLOPT_FRESH_CONNECT, 1L);
    go(&t);
    run(&t, NULL);
    assert_int_equal(t.rc, CURLE_OK);
    end(&t);
    fault("blackhole verb=get");
    begin(&t, CERTS "/x", "admin-token");
    curl_easy_setopt(t.easy, CURLOPT_TIMEOUT_MS, 300L);
    go(&t);
    run(&t, NULL);
    assert_int_equal(t.rc, CURLE_OPERATION_TIMEDOUT);
    end(&t);
    curl_multi_cleanup(old);
    stop();
}

static void h1_does_the_same(void **state)
{
    (void)state;
    for (int tls = 0; tls < 2; tls++) {
        start(tls ? APISIM_H1_TLS : APISIM_H1_PLAIN);
        struct download t, w;
        begin(&w, WATCH, "admin-token");
        go(&w);
        cert("one");
        run(&w, "\"one\"");
        cert("two");
        run(&w, "\"two\"");
        ask(&t, CERTS "?limit=1");
        assert_int_equal(t.status, 200);
        assert_int_equal(t.version, CURL_HTTP_VERSION_1_1);
        assert_non_null(strstr(t.body.data, "\"remainingItemCount\":1"));
        end(&t);
        int id = fault("drop how=fin verb=list");
        begin(&t, CERTS,
              "admin-token"); // a fresh one: libcurl repeats what an old one did not answer
        curl_easy_setopt(t.easy, CURLOPT_FRESH_CONNECT, 1L);
        go(&t);
        run(&t, NULL);
        assert_int_equal(t.rc, CURLE_GOT_NOTHING);
        end(&t);
        apisim_fault_remove(sim, id);
        id = fault("cut=100 verb=list");
        ask(&t, CERTS);
        assert_int_not_equal(t.rc, CURLE_OK);
        assert_int_equal(t.body.len, 100);
        end(&t);
        apisim_fault_remove(sim, id);
        fault("delay=30 verb=list");
        ask(&t, CERTS);
        assert_int_equal(t.rc, CURLE_OK);
        end(&t);
        fault("status=429 retry-after=2 verb=list");
        ask(&t, CERTS);
        assert_int_equal(t.status, 429);
        end(&t);
        apisim_end_watches(sim, NULL);
        run(&w, NULL);
        assert_int_equal(w.rc, CURLE_OK);
        end(&w);
        begin(&w, WATCH, "admin-token"); // open while the server stops
        go(&w);
        run(&w, "\"two\"");
        apisim_stop(sim);
        sim = NULL;
        run(&w, NULL);
        assert_int_not_equal(w.rc, CURLE_OK);
        end(&w);
        curl_multi_cleanup(multi);
    }
}

// ---- recordings

static void a_recording_is_served_byte_for_byte(void **state)
{
    (void)state;
    char *dir = xasprintf("%s/certs/wildcard-dns01-ok", corpus_dir());
    struct err err = {0};
    start(APISIM_H2_TLS);
    if (!apisim_replay_open(sim, dir, &err)) {
        fail_msg("%s", err.msg);
    }
    static const char *const kinds[][2] = {
        {"certificates", "/apis/cert-manager.io/v1/certificates"},
        {"challenges", "/apis/acme.cert-manager.io/v1/challenges"},
        {"events", "/api/v1/events"},
        {"virtualservices", "/apis/networking.istio.io/v1/virtualservices"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct download t, w;
        char *name = xasprintf("%s/list-%s.json", dir, kinds[i][0]);
        size_t size;
        char *want = file_read(name, &size);
        free(name);
        apisim_replay_open(sim, dir, &err);
        ask(&t, kinds[i][1]);
        assert_string_equal(t.body.data, want);
        free(want);
        end(&t);
        char *path =
            xasprintf("%s?watch=1&resourceVersion=525&allowWatchBookmarks=true&timeoutSeconds=60",
                      kinds[i][1]);
        begin(&w, path, "admin-token");
        go(&w);
        name = xasprintf("%s/watch-%s.jsonl", dir, kinds[i][0]);
        want = file_read(name, &size);
        run_watching(kinds[i][0]);
        for (int seq = 1; seq <= apisim_replay_last(sim); seq++) {
            assert_true(apisim_replay_step(sim, seq));
        }
        assert_false(apisim_replay_step(sim, apisim_replay_last(sim) + 1));
        apisim_end_watches(sim, NULL);
        run(&w, NULL);
        assert_string_equal(w.body.data, want);
        end(&w);
        // A relist in the end is what the lines made of it.
        ask(&t, kinds[i][1]);
        assert_null(strstr(t.body.data, "BOOKMARK"));
        char *dump =
            apisim_dump(sim, str_eq(kinds[i][0], "certificates") ? "certificates" : "challenges");
        assert_true(!str_eq(kinds[i][0], "certificates") ||
                    str_starts(dump, "istio-system/ns-wildcard 8a16ed0e-"));
        free(dump);
        end(&t);
        free(want);
        free(path);
        free(name);
    }
    free(dir);
    stop();
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h2_serves_lists_and_watches_on_one_connection),
        cmocka_unit_test(h2_takes_a_client_certificate),
        cmocka_unit_test(a_large_list_is_whole_and_compressed_when_asked),
        cmocka_unit_test(faults_break_what_they_say),
        cmocka_unit_test(rules_are_read_strictly),
        cmocka_unit_test(connections_die_in_every_manner),
        cmocka_unit_test(h1_does_the_same),
        cmocka_unit_test(a_recording_is_served_byte_for_byte),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return rc;
}
