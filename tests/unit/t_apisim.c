// SPDX-License-Identifier: Apache-2.0
// The simulator's API without a transport, against the rules (docs/rules/kubernetes-client.md#list-resource-version,
// docs/rules/kubernetes-client.md#watch-events, docs/rules/kubernetes-client.md#discovery-documents) and a
// real server's answers.
#include "kube/base/attr.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
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

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char META_LIST[] = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
static const char META[] = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
static const char CERTS[] = "/apis/cert-manager.io/v1/certificates";

// ---- asking

struct answer {
    int status;
    char *body, *type;
    enum apisim_io end; // END or CUT
    enum apisim_cut cut;
};
static struct answer last;

static void forget_last(void)
{
    free(last.body);
    free(last.type);
    last = (struct answer){0};
}

static struct apisim_request as_admin(const char *target)
{
    return (struct apisim_request){.method = "GET",
                                   .target = target,
                                   .accept = "application/json",
                                   .authorization = "Bearer admin-token"};
}

// Reads an answer to its end in virtual time. Its body and status stay in `last`.
static const char *ask_with(struct apisim *s, struct apisim_request r)
{
    forget_last();
    int64_t now = 1000, wake = 0;
    uint32_t code;
    struct buf b;
    buf_init(&b, 0);
    struct apisim_exchange *x = apisim_exchange_new(s, &r, now);
    enum apisim_io io;
    while ((io = apisim_exchange_head(x, now, &wake)) == APISIM_WAIT) {
        now = wake;
    }
    char chunk[8192];
    size_t n;
    while (io != APISIM_CUT &&
           (io = apisim_exchange_read(x, now, chunk, sizeof chunk, &n, &wake)) != APISIM_END) {
        if (io == APISIM_DATA) {
            buf_add(&b, chunk, n);
        } else if (io == APISIM_WAIT) {
            assert_true(wake != INT64_MAX);
            now = wake;
        }
    }
    const char *type = apisim_exchange_header(x, "content-type");
    last = (struct answer){
        .status = apisim_exchange_status(x), .end = io, .cut = apisim_exchange_cut(x, &code)};
    last.type = xstrdup(str_or_empty(type));
    last.body = buf_take(&b);
    apisim_exchange_free(x);
    return last.body;
}

static const char *ask(struct apisim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static const char *ask(struct apisim *s, const char *fmt, ...)
{
    struct buf b;
    buf_init(&b, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    const char *body = ask_with(s, as_admin(b.data));
    buf_release(&b);
    return body;
}

static struct json *ask_json(struct apisim *s, const char *target)
{
    const char *body = ask(s, "%s", target);
    struct json *j = json_parse(body, strlen(body), NULL);
    assert_non_null(j);
    return j;
}

// A watch that is read step by step in virtual time.
struct watch_reader {
    struct apisim_exchange *x;
    int64_t now;
    struct buf got;
    enum apisim_io io;
    int64_t wake;
};

static void reader_open_with(struct watch_reader *w, struct apisim *s, struct apisim_request r)
{
    *w = (struct watch_reader){.now = 1000};
    buf_init(&w->got, 0);
    w->x = apisim_exchange_new(s, &r, w->now);
    assert_int_equal(apisim_exchange_head(w->x, w->now, &w->wake), APISIM_DATA);
}

static void reader_open(struct watch_reader *w, struct apisim *s, const char *target)
{
    reader_open_with(w, s, as_admin(target));
}

// What comes until the stream waits or ends; the text since the last call.
static const char *reader_more(struct watch_reader *w)
{
    char chunk[4096];
    size_t n;
    buf_reset(&w->got);
    buf_adds(&w->got, "");
    while ((w->io = apisim_exchange_read(w->x, w->now, chunk, sizeof chunk, &n, &w->wake)) ==
           APISIM_DATA) {
        buf_add(&w->got, chunk, n);
    }
    return w->got.data;
}

static void reader_close(struct watch_reader *w)
{
    apisim_exchange_free(w->x);
    buf_release(&w->got);
}

static size_t lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += *text == '\n' ? 1 : 0;
    }
    return n;
}

static uint64_t cert(struct apisim *s, const char *name, const char *label)
{
    struct err err = {0};
    char *text = xasprintf("{\"apiVersion\":\"cert-manager.io/"
                           "v1\",\"kind\":\"Certificate\",\"metadata\":{\"name\":\"%s\","
                           "\"namespace\":\"istio-system\",\"labels\":{\"tier\":\"%s\"}},\"spec\":{"
                           "\"secretName\":\"%s\"}}",
                           name, label, name);
    uint64_t rv = apisim_apply(s, text, &err);
    assert_string_equal(err.msg, "");
    free(text);
    return rv;
}

static struct apisim *with_certs(int n)
{
    struct apisim *s = apisim_new(NULL);
    for (int i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "cert-%03d", i);
        cert(s, name, "a");
    }
    return s;
}

static void apply(struct apisim *s, const char *text)
{
    struct err err = {0};
    if (apisim_apply(s, text, &err) == 0) {
        fail_msg("%s", err.msg);
    }
}

#define CONTAINS(text, part)                                                                       \
    do {                                                                                           \
        if (strstr((text), (part)) == NULL) {                                                      \
            fail_msg("no \"%s\" in: %.2000s", (part), (text));                                     \
        }                                                                                          \
    } while (0)
#define LACKS(text, part) assert_null(strstr((text), (part)))

// ---- lists

static void lists_have_the_real_shapes(void **state)
{
    (void)state;
    struct apisim *s = with_certs(2);
    apply(s, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}");
    const char *b = ask(s, "/api/v1/namespaces");
    assert_true(str_starts(b, "{\"kind\":\"NamespaceList\",\"apiVersion\":\"v1\",\"metadata\":{"
                              "\"resourceVersion\":\"1003\"},"
                              "\"items\":[{\"metadata\":{\"name\":\"a\",\"uid\":\""));
    CONTAINS(b, "\"status\":{\"phase\":\"Active\"}");
    b = ask(s, "%s", CERTS);
    assert_true(str_starts(b, "{\"apiVersion\":\"cert-manager.io/"
                              "v1\",\"items\":[{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":"
                              "\"Certificate\",\"metadata\":{\"creationTimestamp\":"));
    assert_true(str_ends(b, "],\"kind\":\"CertificateList\",\"metadata\":{\"continue\":\"\","
                            "\"resourceVersion\":\"1003\"}}\n"));
    struct apisim_request r = as_admin(CERTS);
    r.accept = META_LIST;
    b = ask_with(s, r);
    assert_true(str_starts(b, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s."
                              "io/v1\",\"metadata\":{\"resourceVersion\":"));
    CONTAINS(b, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/"
                "v1\",\"metadata\":{\"creationTimestamp\"");
    LACKS(b, "\"secretName\":");
    assert_string_equal(last.type, "application/json");
    r.target = "/api/v1/secrets";
    CONTAINS(ask_with(s, r), "\"items\":null");
    // Every version of a group shows the same objects under its own name.
    apply(s, "{\"apiVersion\":\"networking.istio.io/"
             "v1alpha3\",\"kind\":\"Gateway\",\"metadata\":{\"name\":\"g\",\"namespace\":\"x\"},"
             "\"spec\":{\"servers\":[]}}");
    CONTAINS(ask(s, "/apis/networking.istio.io/v1beta1/gateways"),
             "{\"apiVersion\":\"networking.istio.io/v1beta1\",\"kind\":\"Gateway\"");
    apisim_stop(s);
}

static void pages_share_a_snapshot(void **state)
{
    (void)state;
    struct apisim *s = with_certs(25);
    char *token = xstrdup("");
    size_t seen = 0;
    for (int page = 0; page < 3; page++) {
        char *target =
            xasprintf("%s?limit=10%s%s", CERTS, token[0] != '\0' ? "&continue=" : "", token);
        struct json *j = ask_json(s, target);
        free(target);
        free(token);
        const struct json *m = json_get(j, "metadata");
        seen += json_count(json_get(j, "items"));
        assert_string_equal(json_get_string(m, "resourceVersion"), "1025");
        assert_int_equal(json_get_int(m, "remainingItemCount", 0), page == 0   ? 15
                                                                   : page == 1 ? 5
                                                                               : 0);
        token = xstrdup(json_get_string(m, "continue"));
        json_free(j);
        cert(s, "cert-999", page == 0 ? "a" : "b"); // after the snapshot: on no page
        apisim_delete(s, "certificates", "istio-system", "cert-024");
    }
    assert_string_equal(token, "");
    assert_int_equal(seen, 25);
    free(token);
    // With a selector there is no count.
    LACKS(ask(s, "%s?limit=10&labelSelector=tier%%3Da", CERTS), "remainingItemCount");
    apisim_stop(s);
}

static void an_expired_page_offers_an_inconsistent_rest(void **state)
{
    (void)state;
    struct apisim *s = with_certs(5);
    struct json *j = ask_json(s, "/apis/cert-manager.io/v1/certificates?limit=2");
    char *target = xasprintf("%s?limit=2&continue=%s", CERTS,
                             json_string(json_at(j, "metadata", "continue", NULL)));
    json_free(j);
    cert(s, "cert-100", "a");
    apisim_compact(s);
    j = ask_json(s, target);
    free(target);
    assert_int_equal(last.status, 410);
    assert_string_equal(json_get_string(j, "reason"), "Expired");
    const char *token = json_string(json_at(j, "metadata", "continue", NULL));
    assert_non_null(token);
    target = xasprintf("%s?continue=%s", CERTS, token);
    json_free(j);
    j = ask_json(s, target);
    assert_int_equal(last.status, 200);
    assert_int_equal(json_count(json_get(j, "items")), 4); // 002, 003, 004 and the new one
    assert_string_equal(json_string(json_at(j, "metadata", "resourceVersion", NULL)), "1006");
    json_free(j);
    free(target);
    ask(s, "%s?continue=AAAA", CERTS);
    assert_int_equal(last.status, 400);
    apisim_stop(s);
}

static int status_of(struct apisim *s, const char *query)
{
    ask(s, "%s?%s", CERTS, query);
    return last.status;
}

static size_t items_of(struct apisim *s, const char *query)
{
    char *target = xasprintf("%s?%s", CERTS, query);
    struct json *j = ask_json(s, target);
    size_t n = json_count(json_get(j, "items"));
    assert_int_equal(last.status, 200);
    json_free(j);
    free(target);
    return n;
}

static void resource_versions_mean_what_they_mean(void **state)
{
    (void)state;
    struct apisim *s = with_certs(10);
    assert_int_equal(items_of(s, "resourceVersion=0&limit=3"), 10);     // limit ignored
    assert_int_equal(items_of(s, "resourceVersion=1004"), 10);          // not older than
    assert_int_equal(items_of(s, "resourceVersion=1004&limit=100"), 4); // exactly: the trap
    assert_int_equal(items_of(s, "resourceVersion=1004&resourceVersionMatch=NotOlderThan&limit=3"),
                     3);
    assert_int_equal(items_of(s, "resourceVersion=1004&resourceVersionMatch=Exact"), 4);
    assert_int_equal(items_of(s, "limit=-1"), 10);
    assert_int_equal(status_of(s, "resourceVersion=0&resourceVersionMatch=Exact"), 422);
    assert_int_equal(status_of(s, "resourceVersionMatch=NotOlderThan"), 422);
    assert_int_equal(status_of(s, "sendInitialEvents=true"), 422);
    assert_int_equal(status_of(s, "resourceVersion=x"), 400);
    assert_int_equal(status_of(s, "watch=1&resourceVersion=x"), 500);
    LACKS(last.body, "\"reason\"");
    assert_int_equal(status_of(s, "fieldSelector=spec.nope%3D1"), 400);
    assert_int_equal(status_of(s, "resourceVersion=9999"), 504);
    CONTAINS(last.body, "\"reason\":\"ResourceVersionTooLarge\"");
    apisim_compact(s);
    assert_int_equal(status_of(s, "resourceVersion=1004&resourceVersionMatch=Exact"), 410);
    apisim_stop(s);
}

static void selectors_select(void **state)
{
    (void)state;
    struct apisim *s = with_certs(3);
    cert(s, "odd", "b");
    assert_int_equal(items_of(s, "labelSelector=tier%3Db"), 1);
    assert_int_equal(items_of(s, "labelSelector=tier%21%3Db"), 3);
    assert_int_equal(items_of(s, "labelSelector=tier%20in%20(b%2Cc)"), 1);
    assert_int_equal(items_of(s, "labelSelector=tier%20notin%20(b)%2Ctier"), 3);
    assert_int_equal(items_of(s, "labelSelector=%21tier"), 0);
    assert_int_equal(items_of(s, "fieldSelector=metadata.name%3Dodd"), 1);
    apply(s, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"t\","
             "\"namespace\":\"x\"},\"type\":\"kubernetes.io/tls\"}");
    apply(s, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"o\","
             "\"namespace\":\"x\"},\"type\":\"Opaque\"}");
    const char *b = ask(s, "/api/v1/secrets?fieldSelector=type%%3Dkubernetes.io%%2Ftls");
    CONTAINS(b, "\"name\":\"t\"");
    LACKS(b, "\"name\":\"o\"");
    apply(s, "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"e\",\"namespace\":"
             "\"x\"},\"involvedObject\":{\"apiVersion\":"
             "\"cert-manager.io/v1\",\"kind\":\"Certificate\"},\"type\":\"Normal\"}");
    CONTAINS(
        ask(s, "/api/v1/events?fieldSelector=involvedObject.apiVersion%%3Dcert-manager.io%%2Fv1"),
        "\"name\":\"e\"");
    LACKS(ask(s, "/api/v1/events?fieldSelector=type%%21%%3DNormal"), "\"name\":\"e\"");
    assert_int_equal(strlen(ask(s, "/apis/cert-manager.io/v1/namespaces/nope/certificates")) > 0,
                     1);
    LACKS(last.body, "cert-000");
    apisim_stop(s);
}

// ---- watches

static void a_watch_tells_each_change_once(void **state)
{
    (void)state;
    struct apisim *s = with_certs(2);
    struct watch_reader w;
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1002");
    assert_string_equal(reader_more(&w), "");
    assert_int_equal(w.io, APISIM_WAIT);
    cert(s, "cert-000", "b");
    cert(s, "cert-000", "b"); // no change
    cert(s, "new", "a");
    apisim_delete(s, "certificates", "istio-system", "cert-001");
    const char *t = reader_more(&w);
    assert_int_equal(lines(t), 3);
    assert_true(
        str_starts(t, "{\"type\":\"MODIFIED\",\"object\":{\"apiVersion\":\"cert-manager.io/v1\""));
    CONTAINS(t, "{\"type\":\"ADDED\"");
    CONTAINS(t, "{\"type\":\"DELETED\"");
    CONTAINS(strstr(t, "DELETED"), "\"resourceVersion\":\"1005\""); // the revision of the deletion
    reader_close(&w);
    // Resumed in the middle: the rest, in order.
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1003");
    assert_int_equal(lines(reader_more(&w)), 2);
    apisim_end_watches(s, "certificates");
    reader_more(&w);
    assert_int_equal(w.io, APISIM_END);
    reader_close(&w);
    apisim_stop(s);
}

static void a_selector_turns_changes_into_arrivals_and_departures(void **state)
{
    (void)state;
    struct apisim *s = with_certs(1);
    struct watch_reader w;
    reader_open(&w, s,
                "/apis/cert-manager.io/v1/"
                "certificates?watch=1&resourceVersion=1001&labelSelector=tier%3Db");
    cert(s, "cert-000", "b");
    cert(s, "cert-000", "c");
    cert(s, "cert-000", "d");
    const char *t = reader_more(&w);
    assert_int_equal(lines(t), 2);
    assert_true(str_starts(t, "{\"type\":\"ADDED\""));
    CONTAINS(t, "\n{\"type\":\"DELETED\"");
    reader_close(&w);
    apisim_stop(s);
}

static void bookmarks_come_when_the_version_moved(void **state)
{
    (void)state;
    struct apisim *s = with_certs(1);
    struct watch_reader w, e;
    reader_open(
        &w, s,
        "/apis/cert-manager.io/v1/"
        "certificates?watch=1&resourceVersion=1001&allowWatchBookmarks=true&timeoutSeconds=300");
    reader_open(
        &e, s,
        "/api/v1/events?watch=1&resourceVersion=1001&allowWatchBookmarks=true&timeoutSeconds=300");
    w.now += 61000;
    assert_string_equal(reader_more(&w), ""); // nothing moved
    apply(s, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}");
    w.now += 61000;
    assert_string_equal(reader_more(&w), "{\"type\":\"BOOKMARK\",\"object\":{\"apiVersion\":\"cert-"
                                         "manager.io/v1\",\"kind\":\"Certificate\","
                                         "\"metadata\":{\"resourceVersion\":\"1002\"}}}\n");
    apply(s, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\"}}");
    w.now = e.now = 1000 + 298500; // shortly before the end
    CONTAINS(reader_more(&w), "\"resourceVersion\":\"1003\"");
    assert_string_equal(reader_more(&e), ""); // Events have none
    w.now = 1000 + 300000;
    assert_string_equal(reader_more(&w), "");
    assert_int_equal(w.io, APISIM_END);
    reader_close(&w);
    reader_close(&e);
    apisim_stop(s);
}

static void a_streaming_list_ends_with_its_marker(void **state)
{
    (void)state;
    struct apisim *s = with_certs(300);
    struct watch_reader w;
    char *target = xasprintf(
        "%s?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=60",
        CERTS);
    char *marked = xasprintf("%s&allowWatchBookmarks=true", target);
    reader_open(&w, s, marked);
    const char *t = reader_more(&w);
    assert_int_equal(lines(t), 301);
    assert_true(str_ends(t, "{\"type\":\"BOOKMARK\",\"object\":{\"apiVersion\":\"cert-manager.io/"
                            "v1\",\"kind\":\"Certificate\",\"metadata\":{"
                            "\"annotations\":{\"k8s.io/"
                            "initial-events-end\":\"true\"},\"resourceVersion\":\"1300\"}}}\n"));
    cert(s, "late", "a");
    CONTAINS(reader_more(&w), "\"name\":\"late\"");
    reader_close(&w);
    reader_open(&w, s, target);
    assert_int_equal(lines(reader_more(&w)), 301); // `late` too, but no marker
    reader_close(&w);
    free(target);
    // Torn: the time is up before the marker.
    reader_open(&w, s, marked);
    char one[100];
    size_t n;
    assert_int_equal(apisim_exchange_read(w.x, w.now, one, sizeof one, &n, &w.wake), APISIM_DATA);
    w.now += 60000;
    t = reader_more(&w);
    assert_int_equal(w.io, APISIM_END);
    LACKS(t, "initial-events-end");
    reader_close(&w);
    apisim_stop(s);
    struct apisim_options o = {.watchlist_off = true};
    s = apisim_new(&o);
    ask(s, "%s", marked);
    assert_int_equal(last.status, 422);
    CONTAINS(last.body, "\"field\":\"sendInitialEvents\"");
    free(marked);
    apisim_stop(s);
}

static void old_and_future_versions(void **state)
{
    (void)state;
    struct apisim_options o = {.history = 10};
    struct apisim *s = apisim_new(&o);
    for (int i = 0; i < 100; i++) {
        cert(s, "c", i % 2 ? "a" : "b");
    }
    struct watch_reader w;
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1005");
    CONTAINS(reader_more(&w), "\"message\":\"too old resource version: 1005 (10");
    assert_int_equal(w.io, APISIM_END);
    reader_close(&w);
    // Of the future: silence, and what is below it is dropped.
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1103");
    cert(s, "d", "a");
    assert_string_equal(reader_more(&w), "");
    assert_int_equal(w.io, APISIM_WAIT);
    reader_close(&w);
    // A reader that sleeps through the history is ended.
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1101");
    for (int i = 0; i < 100; i++) {
        cert(s, "c", i % 2 ? "a" : "b");
    }
    assert_string_equal(reader_more(&w), "");
    assert_int_equal(w.io, APISIM_END);
    reader_close(&w);
    apisim_stop(s);
}

static void a_rollback_goes_back(void **state)
{
    (void)state;
    struct apisim *s = with_certs(3);
    char *before = apisim_dump(s, "certificates");
    cert(s, "cert-001", "z");
    cert(s, "later", "a");
    apisim_delete(s, "certificates", "istio-system", "cert-002");
    struct watch_reader w;
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1006");
    reader_more(&w);
    assert_true(apisim_rollback(s, 1003));
    reader_more(&w);
    assert_int_equal(w.io, APISIM_END);
    reader_close(&w);
    char *after = apisim_dump(s, "certificates");
    assert_string_equal(before, after);
    assert_int_equal(apisim_rv(s), 1003);
    cert(s, "again", "a");
    assert_int_equal(apisim_count(s, "certificates"), 4);
    free(before);
    free(after);
    apisim_stop(s);
}

// ---- who may what, and errors

static void accept_is_checked(void **state)
{
    (void)state;
    struct apisim *s = with_certs(1);
    struct apisim_request r = as_admin(CERTS);
    r.accept = META;
    ask_with(s, r);
    assert_int_equal(last.status, 406); // the watch's form on a list
    r.accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    CONTAINS(ask_with(s, r), "\"kind\":\"CertificateList\"");
    r.target = "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1000";
    r.accept = META_LIST;
    assert_string_equal(ask_with(s, r), "");
    assert_int_equal(last.status, 200);
    struct watch_reader w;
    r.accept = META;
    reader_open_with(&w, s, r);
    assert_true(str_starts(reader_more(&w),
                           "{\"type\":\"ADDED\",\"object\":{\"kind\":\"PartialObjectMetadata\","
                           "\"apiVersion\":\"meta.k8s.io/v1\","));
    reader_close(&w);
    r.target = "/apis/cert-manager.io/v1/namespaces/istio-system/certificates/cert-000";
    assert_true(str_starts(ask_with(s, r), "{\"kind\":\"PartialObjectMetadata\""));
    ask(s, "/apis/cert-manager.io/v1/namespaces/istio-system/certificates/nope");
    assert_int_equal(last.status, 404);
    CONTAINS(last.body, "\"message\":\"certificates.cert-manager.io \\\"nope\\\" not "
                        "found\",\"reason\":\"NotFound\",\"details\":{\"name\":\"nope\"");
    apisim_stop(s);
}

static void rights_are_per_verb_and_namespace(void **state)
{
    (void)state;
    struct apisim *s = with_certs(1);
    apisim_user(s, "bob", "b");
    assert_true(apisim_user_rule(s, "bob", "allow * certificates.cert-manager.io istio-system"));
    assert_true(apisim_user_rule(s, "bob", "deny list,watch certificates"));
    assert_false(apisim_user_rule(s, "bob", "maybe list certificates"));
    struct apisim_request r = as_admin(CERTS);
    r.authorization = "Bearer b";
    ask_with(s, r);
    assert_int_equal(last.status, 403);
    r.target = "/apis/cert-manager.io/v1/namespaces/istio-system/certificates";
    ask_with(s, r);
    assert_int_equal(last.status, 200);
    r.target = "/apis/cert-manager.io/v1/namespaces/other/certificates?watch=1";
    CONTAINS(ask_with(s, r), "cannot watch resource \\\"certificates\\\" in API group "
                             "\\\"cert-manager.io\\\" in the namespace \\\"other\\\"");
    r.target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    r.method = "POST";
    r.body = "{\"kind\":\"SelfSubjectAccessReview\",\"spec\":{\"resourceAttributes\":{\"verb\":"
             "\"list\",\"group\":\"cert-manager.io\",\"resource\":\"certificates\"}}}";
    r.body_len = strlen(r.body);
    CONTAINS(ask_with(s, r), "\"allowed\":false");
    assert_int_equal(last.status, 201);
    r.authorization = "Bearer admin-token";
    CONTAINS(ask_with(s, r), "\"allowed\":true");
    apisim_expire_token(s, "admin");
    ask_with(s, r);
    assert_int_equal(last.status, 401);
    r = (struct apisim_request){.method = "GET", .target = "/livez"};
    assert_string_equal(ask_with(s, r), "ok");
    apisim_stop(s);
}

static void a_crd_goes_and_comes_back(void **state)
{
    (void)state;
    struct apisim *s = with_certs(2);
    struct watch_reader w;
    reader_open(&w, s, "/apis/cert-manager.io/v1/certificates?watch=1&resourceVersion=1002");
    assert_true(apisim_crd(s, "certificates.cert-manager.io", false));
    assert_false(apisim_crd(s, "nope", false));
    const char *t = reader_more(&w);
    assert_int_equal(lines(t), 2);
    CONTAINS(t, "DELETED");
    assert_int_equal(w.io, APISIM_END);
    reader_close(&w);
    assert_string_equal(ask(s, "%s", CERTS), "404 page not found\n");
    assert_int_equal(last.status, 404);
    LACKS(ask(s, "/apis/cert-manager.io/v1"), "\"certificates\"");
    assert_true(apisim_crd(s, "certificates", true));
    ask(s, "%s", CERTS);
    assert_int_equal(last.status, 429);
    CONTAINS(last.body, "storage is (re)initializing");
    CONTAINS(ask(s, "%s", CERTS), "\"items\":[]");
    apisim_stop(s);
}

static void discovery_has_three_forms(void **state)
{
    (void)state;
    static const char both[] =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/"
        "json";
    for (int form = APISIM_DISCOVERY_V2; form <= APISIM_DISCOVERY_LEGACY; form++) {
        struct apisim_options o = {.discovery = (enum apisim_discovery)form};
        struct apisim *s = apisim_new(&o);
        struct apisim_request r = as_admin("/apis");
        r.accept = both;
        const char *b = ask_with(s, r);
        CONTAINS(b, form == APISIM_DISCOVERY_LEGACY ? "\"kind\":\"APIGroupList\""
                                                    : "\"kind\":\"APIGroupDiscoveryList\"");
        if (form != APISIM_DISCOVERY_LEGACY) {
            CONTAINS(last.type, form == APISIM_DISCOVERY_V2 ? ";v=v2;" : ";v=v2beta1;");
            CONTAINS(b, "\"freshness\":\"Current\"");
            struct apisim_exchange *x = apisim_exchange_new(s, &r, 0);
            char *etag = xstrdup(apisim_exchange_header(x, "etag"));
            apisim_exchange_free(x);
            r.if_none_match = etag;
            assert_string_equal(ask_with(s, r), "");
            assert_int_equal(last.status, 304);
            apisim_version(s, "networking.istio.io", "v1", false); // another answer, another tag
            LACKS(ask_with(s, r), "\"group\":\"networking.istio.io\",\"version\":\"v1\"");
            assert_int_equal(last.status, 200);
            apisim_stale(s, "flagger.app", true);
            CONTAINS(ask_with(s, r), "\"resources\":[],\"freshness\":\"Stale\"");
            free(etag);
        }
        CONTAINS(ask(s, "/apis/cert-manager.io"),
                 "\"preferredVersion\":{\"groupVersion\":\"cert-manager.io/v1\"");
        CONTAINS(ask(s, "/api/v1"), "{\"name\":\"services\"");
        apisim_stop(s);
    }
}

// ---- the recorded answers of a real server

// The text after the header.
static char *recorded(const char *name)
{
    char *path = xasprintf("%s/protocol/%s.http", corpus_dir(), name);
    size_t size;
    char *text = file_read(path, &size);
    free(path);
    char *body = strstr(text, "\r\n\r\n");
    size_t gap = 4;
    if (body == NULL) {
        body = strstr(text, "\n\n");
        gap = 2;
    }
    body = xstrdup(body + gap);
    free(text);
    return body;
}

// Versions, tokens and counts are made equal: they cannot be the recorded ones.
static char *masked(const char *text)
{
    static const char *const keys[] = {"\"resourceVersion\": \"", "\"resourceVersion\":\"",
                                       "\"continue\": \""};
    struct buf b;
    buf_init(&b, 0);
    while (*text != '\0') {
        size_t n = 0;
        for (size_t i = 0; i < 3 && n == 0; i++) {
            n = str_starts(text, keys[i]) ? strlen(keys[i]) : 0;
        }
        buf_add(&b, text, n > 0 ? n : 1);
        text += n > 0 ? n + strcspn(text + n, "\"") : 1;
    }
    return buf_take(&b);
}

static void errors_are_byte_for_byte_the_recorded_ones(void **state)
{
    (void)state;
    struct apisim *s = apisim_new(NULL);
    char *want = recorded("unauthorized-401");
    struct apisim_request r = as_admin(CERTS);
    r.user_agent = "curl/7.88.1"; // pretty-printed for it
    r.authorization = "Bearer wrong";
    assert_string_equal(ask_with(s, r), want);
    free(want);
    want = recorded("forbidden-403");
    apisim_user_rule(s, "viewer", "deny list certificates");
    r.authorization = "Bearer viewer-token";
    assert_string_equal(ask_with(s, r), want);
    assert_int_equal(last.status, 403);
    free(want);
    want = recorded("unknown-api-404");
    r.target = "/apis/unknown.example.com/v1/things";
    r.authorization = "Bearer admin-token";
    assert_true(str_starts(want, ask_with(s, r)));
    assert_string_equal(last.type, "text/plain; charset=utf-8");
    free(want);
    apisim_stop(s);
    struct apisim_options o = {.first_rv = 3};
    s = apisim_new(&o);
    want = recorded("list-exact-old-rv");
    r.target = "/api/v1/events?resourceVersion=3&resourceVersionMatch=Exact";
    assert_string_equal(ask_with(s, r), want);
    free(want);
    apisim_stop(s);
    o.first_rv = 493;
    s = apisim_new(&o);
    want = recorded("watch-old-rv");
    apisim_compact(s);
    CONTAINS(want, ask(s, "/api/v1/namespaces?watch=1&resourceVersion=2"));
    free(want);
    apisim_stop(s);
}

static void objects_and_pages_are_byte_for_byte_the_recorded_ones(void **state)
{
    (void)state;
    struct apisim *s = apisim_new(NULL);
    char *want = recorded("list-namespaces-limit2");
    struct json *list = json_parse(want, strlen(want), NULL);
    for (const struct json *i = json_first(json_get(list, "items")); i != NULL; i = json_next(i)) {
        struct json *o = json_dup(i);
        json_put_string(o, "kind", "Namespace");
        json_put_string(o, "apiVersion", "v1");
        struct buf b;
        buf_init(&b, 0);
        json_print(o, false, &b);
        apply(s, b.data);
        buf_release(&b);
        json_free(o);
    }
    json_free(list);
    static const char *const others[] = {"default", "istio-system", "kube-node-lease",
                                         "kube-public", "kube-system"};
    for (size_t i = 0; i < 5; i++) {
        char text[128];
        snprintf(text, sizeof text,
                 "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}",
                 others[i]);
        apply(s, text);
    }
    struct apisim_request r = as_admin("/api/v1/namespaces?limit=2");
    r.user_agent = "curl/7.88.1";
    char *a = masked(ask_with(s, r)), *b = masked(want);
    assert_string_equal(a, b);
    free(a);
    free(b);
    free(want);
    // The first frame and the marker of a streaming list.
    want = recorded("watchlist-certificates");
    char *object = strstr(want, "\"object\":") + strlen("\"object\":");
    char *end = strstr(object, "}\n");
    char *text = xstrndup(object, (size_t)(end - object));
    apply(s, text);
    free(text);
    struct watch_reader w;
    reader_open(&w, s,
                "/apis/cert-manager.io/v1/"
                "certificates?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
                "allowWatchBookmarks=true");
    a = masked(reader_more(&w));
    b = masked(want);
    assert_true(str_starts(b, "{\"type\":\"ADDED\""));
    assert_memory_equal(a, b, strcspn(b, "\n"));
    a[strlen(a) - 1] = '\0';
    CONTAINS(b, strrchr(a, '\n'));
    reader_close(&w);
    free(a);
    free(b);
    free(want);
    apisim_stop(s);
}

// ---- objects

static void the_server_fills_in_its_fields(void **state)
{
    (void)state;
    struct apisim *s = apisim_new(NULL);
    struct err err = {0};
    uint64_t a = cert(s, "x", "a");
    assert_int_equal(cert(s, "x", "a"), a); // nothing changed
    char *t = apisim_object(s, "certificates", "istio-system", "x");
    struct json *first = json_parse(t, strlen(t), NULL);
    free(t);
    assert_int_equal(json_int(json_at(first, "metadata", "generation", NULL), 0), 1);
    assert_int_equal(json_count(json_at(first, "metadata", "managedFields", NULL)), 1);
    assert_true(apisim_patch(s, "certificates", "istio-system", "x",
                             "{\"spec\":{\"secretName\":\"y\"},\"status\":{\"revision\":1}}",
                             &err) > a);
    t = apisim_object(s, "certificates", "istio-system", "x");
    struct json *second = json_parse(t, strlen(t), NULL);
    free(t);
    assert_int_equal(json_int(json_at(second, "metadata", "generation", NULL), 0), 2);
    assert_string_equal(json_string(json_at(first, "metadata", "uid", NULL)),
                        json_string(json_at(second, "metadata", "uid", NULL)));
    apisim_delete(s, "certificates", "istio-system", "x");
    cert(s, "x", "a");
    t = apisim_object(s, "certificates", "istio-system", "x");
    struct json *third = json_parse(t, strlen(t), NULL);
    free(t);
    assert_string_not_equal(json_string(json_at(first, "metadata", "uid", NULL)),
                            json_string(json_at(third, "metadata", "uid", NULL)));
    json_free(first);
    json_free(second);
    json_free(third);
    assert_int_equal(apisim_apply(s, "{\"kind\":\"Nope\"}", &err), 0);
    assert_int_equal(
        apisim_apply(s,
                     "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\","
                     "\"ownerReferences\":[{\"apiVersion\":"
                     "\"cert-manager.io/v1\",\"kind\":\"Certificate\",\"name\":\"nope\"}]}}",
                     &err),
        0);
    CONTAINS(err.msg, "owner Certificate \"nope\"");
    apisim_stop(s);
}

static int write_with(struct apisim *s, const char *method, const char *target, const char *body)
{
    struct apisim_request r = as_admin(target);
    r.method = method;
    r.content_type = str_eq(method, "PATCH") ? "application/merge-patch+json" : "application/json";
    r.body = body;
    r.body_len = strlen(body);
    ask_with(s, r);
    return last.status;
}

static void writes_hold_their_preconditions(void **state)
{
    (void)state;
    struct apisim *s = with_certs(1);
    static const char one[] =
        "/apis/cert-manager.io/v1/namespaces/istio-system/certificates/cert-000";
    static const char all[] = "/apis/cert-manager.io/v1/namespaces/istio-system/certificates";
    static const char new_cert[] = "{\"apiVersion\":\"cert-manager.io/"
                                   "v1\",\"kind\":\"Certificate\",\"metadata\":{\"name\":\"new\"}}";
    char status_target[160];
    snprintf(status_target, sizeof status_target, "%s/status", one);
    assert_int_equal(
        write_with(s, "POST",
                   "/apis/cert-manager.io/v1/namespaces/istio-system/certificates?dryRun=All",
                   new_cert),
        201);
    assert_int_equal(apisim_count(s, "certificates"), 1);
    assert_int_equal(write_with(s, "POST", all, new_cert), 201);
    assert_int_equal(write_with(s, "POST", all, new_cert), 409);
    CONTAINS(last.body, "\"reason\":\"AlreadyExists\"");
    uint64_t rv = apisim_rv(s);
    // Status on the main endpoint: 200, and nothing changes.
    assert_int_equal(write_with(s, "PATCH", one, "{\"status\":{\"revision\":3}}"), 200);
    assert_int_equal(apisim_rv(s), rv);
    assert_int_equal(write_with(s, "PATCH", status_target,
                                "{\"status\":{\"revision\":3},\"spec\":{\"secretName\":\"no\"}}"),
                     200);
    CONTAINS(last.body, "\"secretName\":\"cert-000\"");
    CONTAINS(last.body, "\"status\":{\"revision\":3}");
    assert_int_equal(
        write_with(s, "PATCH", one,
                   "{\"metadata\":{\"resourceVersion\":\"1\"},\"spec\":{\"secretName\":\"y\"}}"),
        409);
    CONTAINS(last.body, "the object has been modified");
    assert_int_equal(write_with(s, "PATCH", one, "{\"spec\":{\"secretName\":\"y\"}}"), 200);
    CONTAINS(last.body, "\"status\":{\"revision\":3}");
    assert_int_equal(write_with(s, "DELETE", one, "{\"preconditions\":{\"uid\":\"other\"}}"), 409);
    assert_int_equal(write_with(s, "DELETE", one, ""), 200);
    assert_int_equal(write_with(s, "DELETE", one, ""), 404);
    assert_int_equal(apisim_request_count(s, "delete", "certificates"), 3);
    struct apisim_request r = as_admin(one);
    r.method = "PATCH";
    r.content_type = "application/strategic-merge-patch+json";
    ask_with(s, r);
    assert_int_equal(last.status, 415);
    apisim_user_rule(s, "admin", "deny delete certificates");
    assert_int_equal(write_with(s, "DELETE", one, ""), 403);
    apisim_stop(s);
}

static void the_platform_loads_and_its_story_repeats(void **state)
{
    (void)state;
    struct apisim *s = apisim_new(NULL);
    struct err err = {0};
    assert_false(apisim_story(s, 1000, &err)); // nothing to play on
    if (!apisim_load(s, "tests/fixtures/platform", &err)) {
        fail_msg("%s", err.msg);
    }
    assert_int_equal(apisim_count(s, "namespaces"), 10);
    LACKS(ask(s, "/apis/cert-manager.io/v1/certificates"), "\"@");
    LACKS(ask(s, "/apis/cert-manager.io/v1/certificaterequests"), "\"@");
    assert_true(apisim_story(s, 1000, &err));
    struct watch_reader w;
    char *target = xasprintf("/apis/acme.cert-manager.io/v1/orders?watch=1&resourceVersion=%" PRIu64
                             "&timeoutSeconds=9000",
                             apisim_rv(s));
    reader_open(&w, s, target);
    free(target);
    struct buf orders;
    buf_init(&orders, 0);
    size_t most = 0;
    int64_t now = 1000;
    for (int i = 0; i < 100; i++) {
        int64_t next = apisim_tick(s, now);
        assert_true(next > now);
        now = next;
        size_t n = apisim_count(s, "namespaces");
        most = n > most ? n : most;
        buf_adds(&orders, reader_more(&w));
    }
    assert_int_equal(most, 11);
    static const char *const states[] = {"\"state\":\"pending\"", "\"state\":\"ready\"",
                                         "\"state\":\"valid\"", "DELETED"};
    const char *at = orders.data;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 4; i++) {
            at = strstr(at, states[i]);
            assert_non_null(at);
        }
    }
    CONTAINS(ask(s, "/api/v1/events"), "Advance orders.orders-staging canary weight 30");
    buf_release(&orders);
    reader_close(&w);
    apisim_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_have_the_real_shapes),
        cmocka_unit_test(pages_share_a_snapshot),
        cmocka_unit_test(an_expired_page_offers_an_inconsistent_rest),
        cmocka_unit_test(resource_versions_mean_what_they_mean),
        cmocka_unit_test(selectors_select),
        cmocka_unit_test(a_watch_tells_each_change_once),
        cmocka_unit_test(a_selector_turns_changes_into_arrivals_and_departures),
        cmocka_unit_test(bookmarks_come_when_the_version_moved),
        cmocka_unit_test(a_streaming_list_ends_with_its_marker),
        cmocka_unit_test(old_and_future_versions),
        cmocka_unit_test(a_rollback_goes_back),
        cmocka_unit_test(accept_is_checked),
        cmocka_unit_test(rights_are_per_verb_and_namespace),
        cmocka_unit_test(a_crd_goes_and_comes_back),
        cmocka_unit_test(discovery_has_three_forms),
        cmocka_unit_test(errors_are_byte_for_byte_the_recorded_ones),
        cmocka_unit_test(objects_and_pages_are_byte_for_byte_the_recorded_ones),
        cmocka_unit_test(the_server_fills_in_its_fields),
        cmocka_unit_test(writes_hold_their_preconditions),
        cmocka_unit_test(the_platform_loads_and_its_story_repeats),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    forget_last();
    return rc;
}
