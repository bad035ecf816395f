// SPDX-License-Identifier: Apache-2.0
// The splitter: every split gives the same objects, what is dropped is dropped, bounds hold.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "kube/api/stream_splitter.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What came out, as text: "ADDED rv=5 {…}\n".
struct log {
    struct buf text;
    size_t bytes;
};

static void record(void *self, const struct splitter_item *item)
{
    static const char *names[] = {"ITEM", "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "?"};
    struct log *l = self;
    buf_adds(&l->text, names[item->type]);
    if (item->rv != NULL) {
        buf_adds(&l->text, " rv=");
        buf_add(&l->text, item->rv, item->rv_n);
    }
    buf_adds(&l->text, item->initial_events_end ? " end " : " ");
    buf_adds(&l->text, item->oversize ? "OVERSIZE " : item->broken ? "BROKEN " : "");
    buf_add(&l->text, item->text, item->n);
    buf_addc(&l->text, '\n');
}

static void count(void *self, const struct splitter_item *item)
{
    ((struct log *)self)->bytes += item->n;
}

// Feeds text in two pieces, the first of `split` bytes, or byte by byte where split is SIZE_MAX.
static char *cut(enum splitter_mode mode, const char *text, size_t n, size_t split, bool *complete)
{
    struct log l = {0};
    buf_init(&l.text, 0);
    struct splitter *c = splitter_new(mode, 0, record, &l);
    struct err err;
    bool ok = true;
    if (split == SIZE_MAX) {
        for (size_t i = 0; ok && i < n; i++) {
            ok = splitter_feed(c, text + i, 1, &err);
        }
    } else {
        ok = splitter_feed(c, text, split, &err) && splitter_feed(c, text + split, n - split, &err);
    }
    if (!ok) {
        buf_addf(&l.text, "error: %s\n", err.msg);
    }
    size_t rest_n;
    const char *rest = splitter_rest(c, &rest_n);
    if (ok && mode == SPLITTER_LIST) {
        buf_adds(&l.text, "rest ");
        buf_add(&l.text, rest, rest_n);
    }
    *complete = splitter_complete(c);
    splitter_free(c);
    return buf_take(&l.text);
}

static void check_splits(enum splitter_mode mode, const char *text, const char *expect,
                         bool complete)
{
    size_t n = strlen(text);
    for (size_t split = 0; split <= n + 1; split++) {
        bool done = false;
        // An exact copy on the heap: reading past a chunk is then seen by the sanitizer.
        char *copy = xmalloc(n + 1);
        memcpy(copy, text, n + 1);
        char *got = cut(mode, copy, n, split == n + 1 ? SIZE_MAX : split, &done);
        if (expect != NULL) {
            assert_string_equal(got, expect);
        }
        assert_int_equal(done, complete);
        free(got);
        free(copy);
    }
}

static void list_with_items_first(void **state)
{
    (void)state;
    check_splits(
        SPLITTER_LIST,
        "{\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"5\"}"
        ","
        "\"x\":\"q\\\\\\\"}]\"},\n "
        "{\"metadata\":{},\"n\":-1.5e3,\"t\":[true,null,{\"metadata\":{\"managedFields\":[1]}}]}],"
        "\"kind\":\"GatewayList\",\"metadata\":{\"continue\":\"tok\",\"resourceVersion\":\"77\"}}"
        "\n",
        "ITEM rv=5 "
        "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"5\"},\"x\":\"q\\\\\\\"}]\"}\n"
        "ITEM "
        "{\"metadata\":{},\"n\":-1.5e3,\"t\":[true,null,{\"metadata\":{\"managedFields\":[1]}}]}\n"
        "rest "
        "{\"apiVersion\":\"v1\",\"items\":[],\"kind\":\"GatewayList\",\"metadata\":{\"continue\":"
        "\"tok\","
        "\"resourceVersion\":\"77\"}}",
        true);
}

static void list_with_metadata_first_and_null_items(void **state)
{
    (void)state;
    check_splits(
        SPLITTER_LIST,
        "{\"kind\":\"SecretList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":null}",
        "rest {\"kind\":\"SecretList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":null}",
        true);
    check_splits(SPLITTER_LIST, "{\"items\":[],\"kind\":\"List\"}",
                 "rest {\"items\":[],\"kind\":\"List\"}", true);
    check_splits(SPLITTER_LIST, "{}", "rest {}", true);
}

static void status_in_place_of_a_list(void **state)
{
    (void)state;
    const char *text =
        "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":403,\"details\":{\"items\":[{}]}}";
    char *expect = xasprintf("rest %s", text);
    check_splits(SPLITTER_LIST, text, expect, true);
    free(expect);
}

static void truncated_list_is_not_complete(void **state)
{
    (void)state;
    check_splits(SPLITTER_LIST,
                 "{\"items\":[{\"a\":1},{\"b\":", "ITEM {\"a\":1}\nrest {\"items\":[", false);
}

static void managed_fields_become_the_newest_writer(void **state)
{
    (void)state;
    check_splits(
        SPLITTER_WATCH,
        "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Secret\",\"metadata\":{\"managedFields\":["
        "{\"manager\":\"new "
        "\\\"x\\\"\",\"operation\":\"Update\",\"time\":\"2026-11-23T18:37:05Z\",\"fieldsV1\":"
        "{\"f:data\":{\".\":{},\"f:tls.crt\":{},\"f:tls.key\":{}},\"f:metadata\":{\"f:data\":{\"f:"
        "no\":{}}}}},"
        "{\"fieldsV1\":{\"f:data\":{\"f:ca.crt\":{},\"f:tls.crt\":{}}},\"manager\":\"old\","
        "\"time\":"
        "\"2025-11-23T18:37:05Z\"}],\"name\":\"s\",\"resourceVersion\":\"12\"}}}\n",
        "MODIFIED rv=12 {\"kind\":\"Secret\",\"metadata\":{\"managedFields\":{\"manager\":\"new "
        "\\\"x\\\"\",\"time\":\"2026-11-23T18:37:05Z\",\"keys\":[\"tls.crt\",\"tls.key\",\"ca."
        "crt\"]},"
        "\"name\":\"s\",\"resourceVersion\":\"12\"}}\n",
        true);
}

static void managed_fields_of_odd_shapes(void **state)
{
    (void)state;
    static const char *shapes[] = {
        "[]", "null", "[1,2]", "{}", "[{\"manager\":1}]", "\"x\"", "[{\"fieldsV1\":[]}]"};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        char *text = xasprintf(
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"managedFields\":%s,\"a\":1}}}",
            shapes[i]);
        check_splits(SPLITTER_WATCH, text, "ADDED {\"metadata\":{\"managedFields\":{},\"a\":1}}\n",
                     true);
        free(text);
    }
}

static void last_applied_goes_wherever_it_stands(void **state)
{
    (void)state;
#define LAST                                                                                       \
    "\"kubectl.kubernetes.io/last-applied-configuration\":\"{\\\"a\\\":\\\"\\\\\\\\\\\"}\\n\""
    static const struct {
        const char *in, *out;
    } rows[] = {
        {LAST, ""},
        {LAST ",\"b\":\"2\"", "\"b\":\"2\""},
        {"\"a\":\"1\"," LAST, "\"a\":\"1\""},
        {"\"a\":\"1\"," LAST ",\"z\":\"3\"", "\"a\":\"1\",\"z\":\"3\""},
        {LAST "," LAST ",\"z\":\"3\"", "\"z\":\"3\""},
        {"\"k8s.io/initial-events-end\":\"false\"", "\"k8s.io/initial-events-end\":\"false\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = xasprintf("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"annotations\":{%s},"
                               "\"resourceVersion\":"
                               "\"9\"},\"spec\":{\"annotations\":{" LAST "}}}}",
                               rows[i].in);
        char *expect =
            xasprintf("ADDED rv=9 {\"metadata\":{\"annotations\":{%s},\"resourceVersion\":\"9\"},"
                      "\"spec\":{\"annotations\":{" LAST "}}}\n",
                      rows[i].out);
        check_splits(SPLITTER_WATCH, text, expect, true);
        free(text);
        free(expect);
    }
#undef LAST
}

// However the bytes are split, the objects are the same (docs/rules/kubernetes-client.md#watch-frames).
static void watch_frames(void **state)
{
    (void)state;
    check_splits(SPLITTER_WATCH,
                 "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"1\"}}}\n"
                 "{\"object\":{\"metadata\":{\"resourceVersion\":\"2\"}},\"type\":\"DELETED\"}\n"
                 "{\n  \"type\": \"BOOKMARK\",\n  \"object\": "
                 "{\"metadata\":{\"annotations\":{\"k8s.io/initial-events-end\""
                 ": \"true\"},\"resourceVersion\":\"3\"}}\n}\n"
                 "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"metadata\":{},\"code\":410}"
                 "}{\"type\":\"NEW\",\"object\":{}}",
                 "ADDED rv=1 {\"metadata\":{\"resourceVersion\":\"1\"}}\n"
                 "DELETED rv=2 {\"metadata\":{\"resourceVersion\":\"2\"}}\n"
                 "BOOKMARK rv=3 end {\"metadata\":{\"annotations\":{\"k8s.io/initial-events-end\": "
                 "\"true\"},\"resourceVersion\":\"3\"}}\n"
                 "ERROR {\"kind\":\"Status\",\"metadata\":{},\"code\":410}\n"
                 "? {}\n",
                 true);
    check_splits(SPLITTER_WATCH, "{\"type\":\"ADDED\",\"object\":{}}\n{\"type\":\"ADD",
                 "ADDED {}\n", false);
    check_splits(SPLITTER_WATCH, "", "", true);
}

static void malformed_is_refused(void **state)
{
    (void)state;
    static const char *bad[] = {"[]",
                                "x",
                                "{\"items\":[1]}",
                                "{\"items\":[[]]}",
                                "{\"items\":[{]}",
                                "{\"a\" 1}",
                                "{\"a\":}",
                                "{\"items\":[{}{}]}",
                                "{}x",
                                "{\"a\":1,}",
                                "{\"a\":[}]}",
                                "404 page not found",
                                "{,}",
                                "}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bool done = true;
        char *all = cut(SPLITTER_LIST, bad[i], strlen(bad[i]), 0, &done);
        assert_non_null(strstr(all, "error: "));
        assert_false(done);
        check_splits(SPLITTER_LIST, bad[i], all, false);
        free(all);
    }
}

// docs/rules/kubernetes-client.md#object-unreadable
static void a_bad_object_hides_no_other(void **state)
{
    (void)state;
    check_splits(
        SPLITTER_WATCH,
        "{\"type\":\"ADDED\"}\n"
        "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"n\",1},\"a\":{}}}\n"
        "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"uid\":\"u\",\"name\":\"m\"},\"a\":[}}}\n"
        "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"q\"},\"a\":\"\n"
        "{\"type\":\"ADDED\",\"object\":{}}\n",
        "ADDED BROKEN \n"
        "MODIFIED BROKEN {\"metadata\":{\"name\":\"n\"}}\n"
        "DELETED BROKEN {\"metadata\":{\"name\":\"m\",\"uid\":\"u\"}}\n"
        "DELETED BROKEN {\"metadata\":{\"name\":\"q\"}}\n"
        "ADDED {}\n",
        true);
    check_splits(
        SPLITTER_LIST,
        "{\"items\":[{\"metadata\":{\"name\":\"n\" 1,\"x\":[{}]}},{\"a\":\"}{\" \"b\"},{1},{}]}",
        "ITEM BROKEN {\"metadata\":{\"name\":\"n\"}}\nITEM BROKEN \nITEM BROKEN \nITEM {}\n"
        "rest {\"items\":[]}",
        true);
}

static void no_depth_is_too_deep(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    struct buf b, expect;
    buf_init(&b, 0);
    buf_init(&expect, 0);
    buf_adds(&b, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"managedFields\":[");
    for (int i = 0; i < 2 * DEPTH; i++) {
        buf_adds(&b, i < DEPTH ? "{\"a\":" : i == DEPTH ? "1}" : "}");
    }
    buf_adds(&b, "],\"name\":\"n\"}}}\n");
    buf_adds(&expect, "ADDED {\"metadata\":{\"managedFields\":{},\"name\":\"n\"}}\n");
    bool done;
    char *got = cut(SPLITTER_WATCH, b.data, b.len, 0, &done);
    assert_string_equal(got, expect.data);
    assert_true(done);
    free(got);
    buf_release(&b);
    buf_release(&expect);
}

static void oversize_objects_are_dropped_and_counted(void **state)
{
    (void)state;
    struct log l = {0};
    buf_init(&l.text, 0);
    struct splitter *c = splitter_new(SPLITTER_WATCH, 100, record, &l);
    struct err err;
    const char *text =
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"4\"},\"x\":\""
        "0123456789012345678901234567890123456789012345678901234567890123456789\"}}\n"
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"5\"}}}\n"
        "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"managedFields\":[{\"manager\":\"a\"}],"
        "\"name\":\"n\",\"uid\":\"u\",\"ownerReferences\":[{\"name\":\"other\"}]},\"x\":\""
        "0123456789012345678901234567890123456789012345678901234567890123456789\"}}\n"
        "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"n\\u0041\",\"namespace\":"
        "\"s\"},"
        "\"x\":{\"y\":\""
        "0123456789012345678901234567890123456789012345678901234567890123456789\"}}}\n"
        "{\"type\":\"MODIFIED\",\"object\":{\"x\":\""
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
        "89\",\"metadata\":{\"name\":\"late\"}}}\n";
    for (const char *p = text; *p != '\0'; p++) {
        assert_true(splitter_feed(c, p, 1, &err));
    }
    assert_string_equal(
        l.text.data,
        "ADDED rv=4 OVERSIZE \nADDED rv=5 {\"metadata\":{\"resourceVersion\":\"5\"}}\n"
        "MODIFIED OVERSIZE {\"metadata\":{\"name\":\"n\",\"uid\":\"u\"}}\n"
        "MODIFIED OVERSIZE {\"metadata\":{\"name\":\"n\\u0041\",\"namespace\":\"s\"}}\n"
        "MODIFIED OVERSIZE \n");
    assert_int_equal(splitter_items(c), 5);
    splitter_free(c);
    buf_release(&l.text);
}

static void the_rest_is_bounded(void **state)
{
    (void)state;
    struct log l = {0};
    struct splitter *c = splitter_new(SPLITTER_LIST, 0, count, &l);
    struct err err;
    char block[4096];
    memset(block, 'x', sizeof block);
    assert_true(splitter_feed(c, "{\"metadata\":{\"a\":\"", 18, &err));
    size_t fed = 0;
    while (splitter_feed(c, block, sizeof block, &err)) {
        fed += sizeof block;
        assert_true(fed < 2 * SPLITTER_REST_MAX);
    }
    assert_int_equal(err.code, ERR_LIMIT);
    splitter_free(c);
}

// A VirtualService as kubectl apply leaves it (about 3.7 KB), in a list of some 50 MB.
static void build_list(struct buf *b, size_t items)
{
    buf_adds(b, "{\"apiVersion\":\"networking.istio.io/v1\",\"items\":[");
    for (size_t i = 0; i < items; i++) {
        buf_addf(b,
                 "%s{\"apiVersion\":\"networking.istio.io/"
                 "v1\",\"kind\":\"VirtualService\",\"metadata\":{\"annotations\":{"
                 "\"kubectl.kubernetes.io/last-applied-configuration\":\"",
                 i > 0 ? "," : "");
        for (int r = 0; r < 4; r++) {
            buf_addf(b,
                     "{\\\"match\\\":[{\\\"uri\\\":{\\\"prefix\\\":\\\"/api/"
                     "v%d\\\"}}],\\\"route\\\":[{\\\"destination\\\":"
                     "{\\\"host\\\":\\\"service-%zu\\\",\\\"port\\\":{\\\"number\\\":9080}}}]},",
                     r, i);
        }
        buf_addf(
            b,
            "\\n\"},\"creationTimestamp\":\"2026-11-23T18:37:05Z\",\"generation\":1,"
            "\"managedFields\":[{\"apiVersion\":"
            "\"networking.istio.io/"
            "v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{\"f:annotations\":{\"."
            "\":{},"
            "\"f:kubectl.kubernetes.io/"
            "last-applied-configuration\":{}}},\"f:spec\":{\".\":{},\"f:gateways\":{},\"f:hosts\":{"
            "},"
            "\"f:http\":{}}},\"manager\":\"kubectl-client-side-apply\",\"operation\":\"Update\","
            "\"time\":\"2026-11-23T18:37:05Z\"}],"
            "\"name\":\"app-%zu\",\"namespace\":\"ns-%zu\",\"resourceVersion\":\"%zu\",\"uid\":"
            "\"71d2b052-caff-4309-ab11-d20ddf29feea\"},\"spec\":{\"gateways\":[\"gateway\"],"
            "\"hosts\":"
            "[\"app-%zu.ns-%zu.lead.example.test\"],\"http\":[",
            i, i / 10, 1000 + i, i, i / 10);
        for (int r = 0; r < 8; r++) {
            buf_addf(b,
                     "%s{\"match\":[{\"uri\":{\"prefix\":\"/api/"
                     "v%d\"}}],\"route\":[{\"destination\":{\"host\":\"service-%zu\","
                     "\"port\":{\"number\":9080}},\"weight\":90},{\"destination\":{\"host\":"
                     "\"monolith\",\"port\":{\"number\":9080}},"
                     "\"weight\":10}]}",
                     r > 0 ? "," : "", r, i);
        }
        buf_adds(b, "]}}");
    }
    buf_adds(b, "],\"kind\":\"VirtualServiceList\",\"metadata\":{\"continue\":\"\","
                "\"resourceVersion\":\"99999\"}}");
}

static void a_large_list_is_cut_fast_and_in_little_memory(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
#ifdef GATETOP_SANITIZED
    size_t items = 500;
#else
    size_t items = 18000;
#endif
    build_list(&b, items);
    struct log l = {0};
    struct splitter *c = splitter_new(SPLITTER_LIST, 0, count, &l);
    struct err err;
    int64_t best = INT64_MAX;
    for (int round = 0; round < 3; round++) {
        splitter_reset(c, SPLITTER_LIST);
        l.bytes = 0;
        int64_t start = clock_mono_ms();
        for (size_t at = 0; at < b.len; at += 16384) { // curl hands over at most this much
            assert_true(
                splitter_feed(c, b.data + at, b.len - at < 16384 ? b.len - at : 16384, &err));
        }
        int64_t took = clock_mono_ms() - start;
        best = took < best ? took : best;
        assert_true(splitter_complete(c));
        assert_int_equal(splitter_items(c), items);
    }
    printf("# splitter: %.1f MB, %zu objects, %.0f MB/s, %.0f %% kept\n", (double)b.len / 1e6,
           items, (double)b.len / 1e3 / (double)(best > 0 ? best : 1),
           100.0 * (double)l.bytes / (double)b.len);
    splitter_free(c);
    buf_release(&b);
}

// Of a list of custom resources with `items` before `metadata`, however long, one object is held
// (docs/rules/kubernetes-client.md#list-shape).
static void forty_megabytes_pass_through_a_small_window(void **state)
{
    (void)state;
    struct log l = {0};
    struct splitter *c = splitter_new(SPLITTER_LIST, 0, count, &l);
    struct err err;
    static char pad[16001];
    memset(pad, 'x', sizeof pad - 1);
    char object[17000];
    const char *open = "{\"apiVersion\":\"a/v1\",\"items\":[";
    assert_true(splitter_feed(c, open, strlen(open), &err));
    size_t fed = 0, most = 0, n = 0, before = mallinfo2().uordblks + mallinfo2().hblkhd;
    while (fed < (size_t)40 << 20) {
        int len = snprintf(object, sizeof object,
                           "%s{\"metadata\":{\"name\":\"o-%zu\",\"resourceVersion\":\"%zu\"},"
                           "\"spec\":\"%s\"}",
                           n > 0 ? "," : "", n, n, pad);
        assert_true(splitter_feed(c, object, (size_t)len, &err));
        fed += (size_t)len;
        n++;
        struct mallinfo2 m = mallinfo2();
        most = m.uordblks + m.hblkhd > most ? m.uordblks + m.hblkhd : most;
    }
    const char *end = "],\"kind\":\"AList\",\"metadata\":{\"resourceVersion\":\"9\"}}";
    assert_true(splitter_feed(c, end, strlen(end), &err));
    assert_true(splitter_complete(c));
    assert_int_equal(splitter_items(c), n);
    size_t transient = most > before ? most - before : 0;
    printf("# splitter: %zu MB of items before metadata with %zu kB held\n", fed >> 20,
           transient >> 10);
#ifndef GATETOP_SANITIZED // whose allocator is another one
    assert_true(transient > 0 && transient < 5 << 20);
#endif
    size_t rest;
    assert_non_null(strstr(splitter_rest(c, &rest), "\"resourceVersion\":\"9\""));
    splitter_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_with_items_first),
        cmocka_unit_test(list_with_metadata_first_and_null_items),
        cmocka_unit_test(status_in_place_of_a_list),
        cmocka_unit_test(truncated_list_is_not_complete),
        cmocka_unit_test(managed_fields_become_the_newest_writer),
        cmocka_unit_test(managed_fields_of_odd_shapes),
        cmocka_unit_test(last_applied_goes_wherever_it_stands),
        cmocka_unit_test(watch_frames),
        cmocka_unit_test(malformed_is_refused),
        cmocka_unit_test(a_bad_object_hides_no_other),
        cmocka_unit_test(no_depth_is_too_deep),
        cmocka_unit_test(oversize_objects_are_dropped_and_counted),
        cmocka_unit_test(the_rest_is_bounded),
        cmocka_unit_test(a_large_list_is_cut_fast_and_in_little_memory),
        cmocka_unit_test(forty_megabytes_pass_through_a_small_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
