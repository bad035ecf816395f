// SPDX-License-Identifier: Apache-2.0
// List and watch without a network: every transition, in simulated time.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/reflector.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The owner of a reflector, with a store of names, and a log of what the reflector asked for.
struct world {
    struct reflector *r;
    int64_t now;
    char path[2048]; // of the last request
    char accept[160];
    int requests, cancels, unauthorized, not_found;
    bool in_flight, stream;
    double random;
    struct buf log; // "begin show", "end", "ADDED x"
    char live[64][32], next[64][32];
    size_t live_n, next_n;
    bool staged;
};

static void w_request(void *self, const struct reflector_request *q)
{
    struct world *w = self;
    assert_false(w->in_flight);
    w->in_flight = true;
    w->stream = q->is_stream;
    w->requests++;
    snprintf(w->path, sizeof w->path, "%s", q->path);
    snprintf(w->accept, sizeof w->accept, "%s", q->accept);
}

static void w_cancel(void *self)
{
    struct world *w = self;
    assert_true(w->in_flight);
    w->in_flight = false;
    w->cancels++;
}

static void w_unauthorized(void *self)
{
    ((struct world *)self)->unauthorized++;
}

static void w_not_found(void *self)
{
    ((struct world *)self)->not_found++;
}

static void put(char set[64][32], size_t *n, const char *name, bool there)
{
    for (size_t i = 0; i < *n; i++) {
        if (str_eq(set[i], name)) {
            if (!there) {
                memmove(set[i], set[*n - 1], 32);
                (*n)--;
            }
            return;
        }
    }
    if (there) {
        snprintf(set[(*n)++], 32, "%s", name);
    }
}

static void w_begin(void *self, bool show, bool force)
{
    struct world *w = self;
    buf_adds(&w->log, show ? "begin-show " : force ? "begin-force " : "begin ");
    w->next_n = 0;
    w->staged = !show;
}

static bool w_item(void *self, enum splitter_type type, const char *text, size_t n)
{
    struct world *w = self;
    char name[32] = "?";
    const char *at = strstr(text, "\"name\":\"");
    assert_int_equal(strlen(text), n);
    if (at != NULL) {
        sscanf(at, "\"name\":\"%31[^\"]", name);
    }
    if (type == SPLITTER_ITEM) {
        put(w->next, &w->next_n, name, true);
        if (!w->staged) {
            put(w->live, &w->live_n, name, true);
        }
    } else {
        put(w->live, &w->live_n, name, type != SPLITTER_DELETED);
        buf_addf(&w->log, "%s%s ",
                 type == SPLITTER_DELETED ? "-"
                 : type == SPLITTER_ADDED ? "+"
                                          : "~",
                 name);
    }
    return strstr(text, "damage") == NULL;
}

// "!name", "!listed:name" of a list.
static void w_left_out(void *self, bool listed, const char *text, size_t n)
{
    struct world *w = self;
    struct json *doc = text != NULL ? json_parse(text, n, NULL) : NULL;
    const char *name = json_string(json_at(doc, "metadata", "name", NULL));
    name = name != NULL ? name : "?";
    buf_addf(&w->log, "!%s%s ", listed ? "listed:" : "", name);
    if (!listed) {
        put(w->live, &w->live_n, name, false);
    }
    json_free(doc);
}

static void w_end(void *self)
{
    struct world *w = self;
    buf_adds(&w->log, "end ");
    memcpy(w->live, w->next, sizeof w->live);
    w->live_n = w->next_n;
}

static void w_changed(void *self)
{
    (void)self;
}

static double w_random(void *self)
{
    return ((struct world *)self)->random;
}

static void world_init(struct world *w, struct reflector_options o)
{
    memset(w, 0, sizeof *w);
    w->now = 1000000;
    buf_init(&w->log, 0);
    struct reflector_ops ops = {w,      w_request,  w_cancel, w_unauthorized, w_not_found, w_begin,
                                w_item, w_left_out, w_end,    w_changed,      w_random};
    if (o.path == NULL) {
        o.path = "/apis/g/v1/things";
    }
    w->r = reflector_new(&o, &ops);
    reflector_start(w->r, w->now);
}

static void world_free(struct world *w)
{
    reflector_free(w->r);
    buf_release(&w->log);
}

static void respond(struct world *w, int status, const char *type, int retry_after)
{
    assert_true(w->in_flight);
    struct reflector_response response = {
        .status = status, .content_type = type, .retry_after_s = retry_after};
    reflector_answered(w->r, w->now, &response);
}

static void bytes(struct world *w, const char *text)
{
    assert_true(w->in_flight);
    reflector_bytes(w->r, w->now, text, strlen(text));
}

static void end(struct world *w, const char *error)
{
    struct err err;
    assert_true(w->in_flight);
    w->in_flight = false;
    if (error != NULL) {
        err_set(&err, ERR_NET, "%s", error);
    }
    reflector_end(w->r, w->now, error != NULL ? &err : NULL);
}

// The server ends a watch that went well; the next one begins at once.
static void end_of_watch(struct world *w)
{
    w->now += 400000;
    end(w, NULL);
}

static void answer(struct world *w, int status, const char *body)
{
    respond(w, status, "application/json", 0);
    bytes(w, body);
    end(w, NULL);
}

// The rest of the time until the next request, which must come within `most` ms. Returns how long it was.
static int64_t wait_request(struct world *w, int64_t most)
{
    int64_t at = reflector_deadline(w->r);
    assert_false(w->in_flight);
    assert_true(at >= w->now && at - w->now <= most);
    int64_t waited = at - w->now;
    w->now = at;
    reflector_timer(w->r, w->now);
    assert_true(w->in_flight);
    return waited;
}

static enum reflector_phase phase(const struct world *w)
{
    return reflector_state_of(w->r)->phase;
}

static void expect_path(const struct world *w, const char *path)
{
    assert_string_equal(w->path, path);
}

static bool has(const struct world *w, const char *part)
{
    return strstr(w->path, part) != NULL;
}

static char *page(const char *first, int from, int to, const char *rv, const char *token,
                  int remaining)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "{\"apiVersion\":\"g/v1\",\"items\":[");
    for (int i = from; i < to; i++) {
        buf_addf(&b, "%s{\"metadata\":{\"name\":\"%s%d\",\"resourceVersion\":\"%d\"}}",
                 i > from ? "," : "", first, i, i + 1);
    }
    buf_addf(&b,
             "],\"kind\":\"ThingList\",\"metadata\":{\"continue\":\"%s\",\"resourceVersion\":\"%"
             "s\",\"remainingItemCount\":%d}}",
             token, rv, remaining);
    return buf_take(&b);
}

static void list(struct world *w, int from, int to, const char *rv, const char *token,
                 int remaining)
{
    char *text = page("o", from, to, rv, token, remaining);
    w->now += 10;
    answer(w, 200, text);
    free(text);
}

// A reflector that has listed o0..o2 at RV 100 and watches.
static void world_watching(struct world *w, struct reflector_options o)
{
    world_init(w, o);
    list(w, 0, 3, "100", "", 0);
    assert_true(has(w, "watch=1&allowWatchBookmarks=true&resourceVersion=100&"));
    respond(w, 200, "application/json", 0);
    assert_int_equal(phase(w), REFLECTOR_LIVE);
    buf_reset(&w->log);
}

#define STATUS(code, reason)                                                                       \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"words\",\"reason\":\"" reason       \
    "\",\"code\":" #code "}"
#define EVENT(type, name, rv)                                                                      \
    "{\"type\":\"" type "\",\"object\":{\"metadata\":{\"name\":\"" name                            \
    "\",\"resourceVersion\":\"" rv "\"}}}\n"

// A reflector whose list did not come in one answer.
static void world_paged(struct world *w)
{
    world_init(w, (struct reflector_options){0});
    answer(w, 504, "");
    wait_request(w, 2000);
    expect_path(w, "/apis/g/v1/things?limit=500");
}

static void pages_then_watch_from_the_first_rv(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){.selectors = "&labelSelector=a%3Db"});
    expect_path(&w, "/apis/g/v1/things?labelSelector=a%3Db"); // whole, until that fails
    assert_int_equal(reflector_state_of(w.r)->since,
                     w.now); // when it began, not when the machine did
    answer(&w, 504, "");
    wait_request(&w, 2000);
    expect_path(&w, "/apis/g/v1/things?limit=500&labelSelector=a%3Db");
    list(&w, 0, 20, "77", "tok/=", 33);
    assert_int_equal(reflector_state_of(w.r)->objects, 20);
    assert_int_equal(reflector_state_of(w.r)->expected, 53);
    assert_int_equal(phase(&w), REFLECTOR_SYNCING);
    assert_true(has(&w, "&continue=tok%2F%3D"));
    assert_true(has(&w, "&labelSelector=a%3Db"));
    assert_false(has(&w, "resourceVersion"));
    list(&w, 20, 40, "90", "tok2", 0);
    assert_false(has(&w, "resourceVersion"));
    list(&w, 40, 53, "91", "", 0);
    assert_true(has(&w, "watch=1&allowWatchBookmarks=true&resourceVersion=77&timeoutSeconds=300"));
    assert_int_equal(w.live_n, 53);
    assert_int_equal(reflector_state_of(w.r)->objects, 53);
    world_free(&w);
}

static void page_size_follows_the_link(void **state)
{
    (void)state;
    struct world w;
    world_paged(&w);
    list(&w, 0, 3, "7", "t", 0);
    expect_path(&w, "/apis/g/v1/things?limit=1000&continue=t"); // fast: doubled
    w.now += 20000;
    list(&w, 0, 3, "7", "u",
         0); // slow, but the answer is small: smaller ones would not be compressed
    expect_path(&w, "/apis/g/v1/things?limit=1000&continue=u");
    respond(&w, 200, "application/json", 0);
    bytes(&w, "{\"items\":[");
    end(&w, "cut");
    wait_request(&w, 2000);
    expect_path(&w, "/apis/g/v1/things?limit=500&continue=u"); // the same page again, smaller
    respond(&w, 504, "text/plain", 0);
    end(&w, NULL);
    wait_request(&w, 4000);
    expect_path(&w, "/apis/g/v1/things?limit=250&continue=u");

    struct buf big; // 400 KB in 28 s: four times the target
    buf_init(&big, 0);
    buf_adds(&big, "{\"kind\":\"ThingList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":"
                   "\"v\"},\"items\":[{\"a\":\"");
    for (int i = 0; i < 200; i++) {
        buf_addf(&big, "%02000d\"},{\"a\":\"", 0);
    }
    buf_adds(&big, "\"}]}");
    w.now += 28000;
    answer(&w, 200, big.data);
    expect_path(&w, "/apis/g/v1/things?limit=125&continue=v");
    buf_release(&big);
    world_free(&w);
}

static void page_sizes_have_bounds(void **state)
{
    (void)state;
    struct world w;
    world_paged(&w);
    for (int i = 0; i < 8; i++) { // each at once: doubled
        list(&w, 0, 1, "7", i % 2 == 0 ? "s" : "t", 0);
    }
    expect_path(&w, "/apis/g/v1/things?limit=10000&continue=t");
    for (int i = 0; i < 12; i++) {
        respond(&w, 200, "application/json", 0);
        bytes(&w, "{\"items\":[");
        end(&w, "cut");
        wait_request(&w, 60000);
    }
    expect_path(&w, "/apis/g/v1/things?limit=25&continue=t");
    world_free(&w);
}

// A list that leads nowhere is given up, and said (docs/rules/kubernetes-client.md#list-endless).
static void pages_without_end_are_given_up(void **state)
{
    (void)state;
    struct world w;
    char token[32];
    world_paged(&w);
    list(&w, 0, 1, "7", "same", 0);
    list(&w, 1, 1, "7", "same", 0);
    assert_false(w.in_flight);
    assert_int_equal(reflector_state_of(w.r)->reason.code, ERR_PARSE);
    assert_non_null(strstr(reflector_state_of(w.r)->reason.msg, "same page again"));
    assert_true(reflector_state_of(w.r)->next_try > w.now);
    assert_true(reflector_state_of(w.r)->next_try < w.now + 60000);
    world_free(&w);

    world_paged(&w);
    for (int i = 0; i < 100; i++) { // so many may be empty
        snprintf(token, sizeof token, "t%d", i);
        list(&w, 0, 0, "7", token, 0);
        assert_true(w.in_flight);
    }
    list(&w, 0, 0, "7", "more", 0);
    assert_false(w.in_flight);
    assert_non_null(strstr(reflector_state_of(w.r)->reason.msg, "101 pages in a row are empty"));
    world_free(&w);

    world_paged(&w);
    w.now += 15 * 60000;
    list(&w, 0, 1, "7", "t", 0);
    assert_false(w.in_flight);
    assert_non_null(strstr(reflector_state_of(w.r)->reason.msg, "1 objects in 15 minutes"));
    world_free(&w);
}

static void a_page_takes_seven_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t took;
        const char *path;
    } t[] = {{7000, "/apis/g/v1/things?limit=500&continue=t"},
             {10000, "/apis/g/v1/things?limit=350&continue=t"},
             {5000, "/apis/g/v1/things?limit=700&continue=t"}};
    char *text =
        xasprintf("{\"kind\":\"ThingList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":"
                  "\"t\"},\"items\":[{\"a\":\"%0200000d\"}]}",
                  0);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct world w;
        world_paged(&w);
        expect_path(&w, "/apis/g/v1/things?limit=500");
        w.now += t[i].took;
        answer(&w, 200, text);
        expect_path(&w, t[i].path);
        world_free(&w);
    }
    free(text);
}

// A continue token lives some 5 minutes.
static void pages_of_four_minutes_become_a_stream(void **state)
{
    (void)state;
    struct world w;
    world_paged(&w);
    int64_t start = w.now;
    list(&w, 0, 1, "7", "t", 0);
    w.now = start + 239000;
    list(&w, 1, 2, "7", "u", 0);
    assert_true(has(&w, "continue=u"));
    w.now = start + 240001;
    list(&w, 2, 3, "7", "v", 0);
    assert_true(w.stream && has(&w, "sendInitialEvents=true"));
    world_free(&w);
}

static void expired_token_starts_again_then_streams_then_lists_unpaged(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){0});
    list(&w, 0, 2, "7", "t", 0);
    answer(&w, 410,
           "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410,"
           "\"metadata\":{\"continue\":\"bad\"}}");
    wait_request(&w, 2000);
    assert_false(has(&w, "continue"));
    assert_false(has(&w, "watch"));
    assert_true(has(&w, "limit=")); // in pages again
    list(&w, 5, 7, "8", "t", 0);
    answer(&w, 410, STATUS(410, "Expired"));
    wait_request(&w, 4000);
    assert_true(has(&w, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
    assert_true(w.stream);
    answer(&w, 422, STATUS(422, "Invalid"));
    assert_false(has(&w, "watch"));
    assert_false(has(&w, "limit=")); // no streaming list here: in one answer
    list(&w, 5, 7, "9", "t", 0);
    answer(&w, 410, STATUS(410, "Expired"));
    wait_request(&w, 10000);
    assert_false(has(&w, "limit="));
    list(&w, 5, 7, "9", "t", 0);
    answer(&w, 410, STATUS(410, "Expired"));
    wait_request(&w, 20000);
    expect_path(&w, "/apis/g/v1/things");
    list(&w, 5, 7, "10", "", 0);
    assert_int_equal(w.live_n, 2); // nothing of the dropped pages is left
    world_free(&w);
}

static void an_empty_page_goes_on(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){0});
    list(&w, 0, 0, "7", "t", 0);
    assert_true(has(&w, "continue=t"));
    list(&w, 0, 1, "7", "", 0);
    assert_true(has(&w, "resourceVersion=7"));
    assert_int_equal(w.live_n, 1);
    world_free(&w);
}

static void a_cut_body_is_refused(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(410, "Expired") "}\n");
    respond(&w, 200, "application/json", 0);
    bytes(&w, "{\"items\":[{\"metadata\":{\"name\":\"new\"}},{\"metadata\":{\"na");
    end(&w, NULL);
    assert_int_equal(phase(&w), REFLECTOR_STALE);
    assert_int_equal(w.live_n, 3); // unchanged
    assert_null(strstr(w.log.data, "end"));
    wait_request(&w, 2000);
    assert_true(
        has(&w, "?limit=500&resourceVersion=100&resourceVersionMatch=NotOlderThan")); // less
    world_free(&w);
}

static void relist_not_older_then_unset(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    end(&w, NULL); // at once and without an event
    wait_request(&w, 2000);
    answer(&w, 410, STATUS(410, "Gone"));
    assert_true(has(&w, "?resourceVersion=100&resourceVersionMatch=NotOlderThan"));
    answer(&w, 504,
           "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Timeout\",\"code\":504,"
           "\"details\":{\"causes\":[{\"reason\":"
           "\"ResourceVersionTooLarge\"}]}}");
    expect_path(&w, "/apis/g/v1/things");
    list(&w, 1, 2, "50", "", 0);
    assert_true(has(&w, "resourceVersion=50&"));
    assert_int_equal(w.live_n, 1);
    world_free(&w);
}

static void relist_410_lists_without_rv(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(410, "Expired") "}\n");
    assert_true(has(&w, "NotOlderThan"));
    answer(&w, 410, STATUS(410, "Expired"));
    expect_path(&w, "/apis/g/v1/things");
    world_free(&w);
}

// Only a list with a lower bound proves that an object with the resource version known is as it was.
static void a_list_without_a_bound_replaces_by_force(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    reflector_relist(w.r, w.now, false);
    list(&w, 0, 3, "100", "", 0);
    assert_string_equal(w.log.data, "begin end ");
    buf_reset(&w.log);
    reflector_relist(w.r, w.now, true); // the server went back
    assert_false(has(&w, "resourceVersion"));
    list(&w, 0, 2, "90", "tok", 1);
    list(&w, 2, 3, "90", "", 0);
    assert_string_equal(w.log.data, "begin-force end ");
    world_free(&w);
}

static void status_in_a_200_is_its_code(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){0});
    answer(&w, 200, STATUS(403, "Forbidden"));
    assert_int_equal(phase(&w), REFLECTOR_FORBIDDEN);
    assert_int_equal(reflector_state_of(w.r)->reason.code, ERR_FORBIDDEN);
    assert_int_equal(wait_request(&w, 600000), 600000);
    list(&w, 0, 1, "5", "", 0);
    respond(&w, 200, "application/json", 0);
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    world_free(&w);
}

static void error_410_relists_and_replaces_at_the_end(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, EVENT("MODIFIED", "o1", "120"));
    bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(410, "Expired") "}\n" EVENT("ADDED", "ghost",
                                                                                   "1"));
    assert_int_equal(w.cancels, 1);
    assert_true(has(&w, "?resourceVersion=120&resourceVersionMatch=NotOlderThan"));
    assert_int_equal(w.live_n, 3);
    list(&w, 1, 3, "200", "", 0);
    assert_string_equal(w.log.data, "~o1 begin end ");
    assert_int_equal(w.live_n, 2);
    // A second one within half a minute is not a loop without a pause.
    respond(&w, 200, "application/json", 0);
    bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(410, "Expired") "}\n");
    assert_true(wait_request(&w, 2000) >= 800);
    world_free(&w);
}

static void bookmark_moves_the_rv(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"900\"}}}\n");
    end_of_watch(&w);
    assert_true(has(&w, "resourceVersion=900&"));
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    world_free(&w);
}

static void torn_frame_is_taken_once(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, EVENT("ADDED", "a", "150") "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":"
                                         "\"b\",\"resourceVersion\":\"151\"");
    w.now += 5000;
    end(&w, "reset");
    assert_true(has(&w, "resourceVersion=150&"));
    respond(&w, 200, "application/json", 0);
    bytes(&w, EVENT("ADDED", "b", "151"));
    assert_string_equal(w.log.data, "+a +b ");
    world_free(&w);
}

static void events_pass_in_order(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w,
          EVENT("ADDED", "o1", "101") EVENT("DELETED", "x", "102") EVENT("MODIFIED", "y", "103"));
    assert_string_equal(w.log.data, "+o1 -x ~y ");
    assert_int_equal(w.live_n, 4);
    end_of_watch(&w);
    assert_true(has(&w, "resourceVersion=103&"));
    world_free(&w);
}

static void unknown_event_or_nonsense_lists_again(void **state)
{
    (void)state;
    static const char *bad[] = {"{\"type\":\"NEWS\",\"object\":{}}", "<html>",
                                "{\"type\":\"ERROR\",\"object\":" STATUS(500, "InternalError") "}"};
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        world_watching(&w, (struct reflector_options){0});
        bytes(&w, EVENT("ADDED", "a", "101"));
        bytes(&w, bad[i]);
        assert_false(w.in_flight);
        assert_int_equal(phase(&w), REFLECTOR_STALE);
        assert_true(wait_request(&w, 1600) >= 800);
        assert_true(has(&w, "?resourceVersion=101&resourceVersionMatch=NotOlderThan"));
        world_free(&w);
    }
}

// It is left out, and the rest goes on; one more list shows whether it was damaged on its way
// (docs/rules/kubernetes-client.md#object-unreadable).
// The watch is ended for a list, within `most` ms.
static int64_t recheck(struct world *w, int64_t most)
{
    int64_t waited = reflector_deadline(w->r) - w->now;
    assert_true(w->in_flight && waited <= most);
    int requests = w->requests;
    w->now += waited;
    reflector_timer(w->r, w->now);
    assert_int_equal(w->requests, requests + 1);
    return waited;
}

static void what_cannot_be_read_is_left_out_and_listed_once_more(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, EVENT("ADDED", "damage", "101") EVENT("ADDED", "a", "102"));
    // a quote too many, a stray bracket, a number that is none: each to the end of its line
    bytes(&w, "{\"type\":\"ADDED\",\"object\":{\"a\":\"b\"c\"}}\n" EVENT("ADDED", "b", "103"));
    bytes(&w, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"a\"},\"x\":[}}\n" EVENT(
                  "ADDED", "c", "104"));
    assert_string_equal(w.log.data, "+damage !damage +a !? +b !a +c ");
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    assert_int_equal(reflector_state_of(w.r)->dropped, 3);
    assert_true(recheck(&w, 1600) >= 800);
    assert_true(has(&w, "?resourceVersion=104&resourceVersionMatch=NotOlderThan"));
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    // It is still there, so that was no damage: one more list, and then none.
    static const char LIST[] = "{\"kind\":\"L\",\"items\":[{\"metadata\":{\"name\":\"damage\"}},{"
                               "\"metadata\":{\"name\":\"x\",1}},{\"metadata\":{\"name\":\"a\"}}],"
                               "\"kind\":\"ThingList\",\"metadata\":{\"resourceVersion\":\"110\"}}";
    buf_reset(&w.log);
    answer(&w, 200, LIST);
    assert_string_equal(w.log.data, "begin !listed:damage !listed:x end ");
    assert_int_equal(reflector_state_of(w.r)->dropped, 2);
    respond(&w, 200, "application/json", 0);
    recheck(&w, 4000);
    answer(&w, 200, LIST);
    respond(&w, 200, "application/json", 0);
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    assert_true(reflector_deadline(w.r) > w.now + 100000); // the watch's own end
    world_free(&w);
    // A subcommand lists once.
    world_init(&w, (struct reflector_options){.no_watch = true});
    answer(&w, 200, LIST);
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    assert_int_equal(reflector_deadline(w.r), INT64_MAX);
    world_free(&w);
}

static const char END_MARKER[] =
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"annotations\":{\"k8s.io/"
    "initial-events-end\":\"true\"},\"resourceVersion\":\"60\"}}}\n";

static void watch_list_refused_is_remembered(void **state)
{
    (void)state;
    static const int refusals[] = {400, 403, 405, 406, 413, 415, 422, 500, 501, 504};
    for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
        struct world w;
        world_init(&w, (struct reflector_options){.stream_first = true});
        assert_true(has(&w, "sendInitialEvents=true"));
        answer(&w, refusals[i], "");
        if (refusals[i] >= 500) { // the server itself may be in trouble
            wait_request(&w, 2000);
        }
        expect_path(&w, "/apis/g/v1/things"); // in one answer
        list(&w, 0, 1, "5", "", 0);
        reflector_relist(w.r, w.now, true);
        assert_false(has(&w, "sendInitialEvents"));
        struct err err;
        err_set(&err, ERR_NET, "gone");
        w.in_flight = false;
        reflector_disconnected(w.r, w.now, 10, &err); // another connection: another server perhaps
        wait_request(&w, 10);
        list(&w, 0, 1, "5", "", 0);
        reflector_relist(w.r, w.now, true);
        assert_true(has(&w, "sendInitialEvents=true"));
        world_free(&w);
    }
}

// What the server puts off is asked for again as it was.
static void watch_list_that_is_put_off_stays_one(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){.stream_first = true});
    answer(&w, 429, STATUS(429, "TooManyRequests"));
    wait_request(&w, 2000);
    assert_true(has(&w, "sendInitialEvents=true"));
    answer(&w, 401, STATUS(401, "Unauthorized"));
    reflector_renewed(w.r, w.now, true, NULL);
    assert_true(has(&w, "sendInitialEvents=true"));
    end(&w, "refused"); // no answer at all
    wait_request(&w, 4000);
    assert_true(has(&w, "sendInitialEvents=true"));
    world_free(&w);
}

static void watch_list_without_its_marker_is_no_list(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){.stream_first = true});
    respond(&w, 200, "application/json", 0);
    bytes(&w, EVENT("ADDED", "a", "5"));
    w.now += 2000;
    end(&w, NULL); // in time, but without the marker: such a server has no streaming lists
    assert_int_equal(phase(&w), REFLECTOR_SYNCING);
    assert_null(strstr(w.log.data, "end"));
    wait_request(&w, 2000);
    expect_path(&w, "/apis/g/v1/things");
    world_free(&w);

    world_init(&w, (struct reflector_options){.stream_first = true}); // cut
    respond(&w, 200, "application/json", 0);
    bytes(&w, EVENT("ADDED", "a", "5"));
    end(&w, "reset");
    wait_request(&w, 2000);
    expect_path(&w, "/apis/g/v1/things?limit=500");
    world_free(&w);

    world_init(&w, (struct reflector_options){.stream_first = true});
    assert_true(has(&w, "&timeoutSeconds=600")); // and more at random: they were not enough
    respond(&w, 200, "application/json", 0);
    for (int i = 0; i < 31; i++) {
        w.now += 20000;
        bytes(&w, EVENT("ADDED", "a", "5"));
    }
    assert_true(reflector_deadline(w.r) <= w.now + 10000);
    w.now = reflector_deadline(w.r);
    reflector_timer(w.r, w.now);
    assert_int_equal(w.cancels, 1);
    wait_request(&w, 2000);
    expect_path(&w, "/apis/g/v1/things?limit=500");
    world_free(&w);
}

static void a_silent_watch_list_ends(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) { // after an object; without one; without an answer
        int64_t patience = i < 2 ? 30000 : 75000;
        struct world w;
        world_init(&w, (struct reflector_options){.stream_first = true});
        if (i < 2) {
            respond(&w, 200, "application/json", 0);
        }
        if (i < 1) {
            bytes(&w, EVENT("ADDED", "a", "5"));
        }
        assert_int_equal(reflector_deadline(w.r), w.now + patience);
        w.now += patience;
        reflector_timer(w.r, w.now);
        assert_int_equal(w.cancels, 1);
        wait_request(&w, 2000);
        expect_path(&w, "/apis/g/v1/things");
        world_free(&w);
    }
}

static void watch_list_becomes_the_watch(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){.stream_first = true});
    respond(&w, 200, "application/json", 0);
    bytes(&w, EVENT("ADDED", "a", "50") EVENT("ADDED", "b", "7"));
    assert_int_equal(w.live_n, 2); // shown as they come
    assert_false(reflector_state_of(w.r)->synced);
    assert_int_equal(reflector_state_of(w.r)->objects, 2);
    bytes(&w, END_MARKER);
    assert_true(reflector_state_of(w.r)->synced);
    bytes(&w, EVENT("DELETED", "a", "61"));
    assert_int_equal(w.live_n, 1);
    assert_string_equal(w.log.data, "begin-show end -a ");
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    w.now += 600000;
    end(&w, NULL);
    assert_true(has(&w, "resourceVersion=61&"));
    // A list that makes good for an outage comes as a stream as well, not older than what is known.
    respond(&w, 200, "application/json", 0);
    bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(410, "Expired") "}\n");
    assert_true(has(&w, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
                        "resourceVersion=61&"));
    respond(&w, 200, "application/json", 0);
    bytes(&w, EVENT("ADDED", "c", "70"));
    assert_int_equal(w.live_n, 1); // nothing is seen of it before its end
    bytes(&w, END_MARKER);
    assert_int_equal(w.live_n, 1);
    assert_string_equal(w.live[0], "c");
    world_free(&w);
}

// --- the ladder: one answer, then pages

// A reflector that has listed in pages, which took so long.
static void world_paged_in(struct world *w, int64_t ms)
{
    world_paged(w);
    w->now += ms;
    list(w, 0, 3, "100", "", 0);
    reflector_relist(w->r, w->now, true);
}

// docs/rules/kubernetes-client.md#http1: a watch ends sooner there.
static void watch_list_over_http1_is_a_shorter_watch(void **state)
{
    (void)state;
    for (int http1 = 0; http1 < 2; http1++) {
        struct world w;
        world_init(&w, (struct reflector_options){.stream_first = true});
        struct reflector_response response = {
            .status = 200, .content_type = "application/json", .http1 = http1 == 1};
        reflector_answered(w.r, w.now, &response);
        bytes(&w, END_MARKER);
        assert_int_equal(reflector_deadline(w.r) - w.now, http1 == 1 ? 120000 : 630000);
        w.now = reflector_deadline(w.r);
        reflector_timer(w.r, w.now);
        assert_int_equal(w.cancels, 1);
        assert_true(has(&w, "resourceVersion=60&"));
        world_free(&w);
    }
}

static void what_does_not_come_in_one_answer_comes_in_pages(void **state)
{
    (void)state;
    struct world w;
    for (int i = 0; i < 4; i++) {
        world_init(&w, (struct reflector_options){.stream_first = i == 3});
        switch (i) {
        case 0: // the server's time is up
            answer(&w, 504, "");
            break;
        case 1: // too large for a proxy on the way
            answer(&w, 413, "");
            break;
        case 2: // cut
            respond(&w, 200, "application/json", 0);
            bytes(&w, "{\"items\":[{\"metadata\":{\"name\":\"new\"}}");
            end(&w, "reset");
            break;
        default: { // with the connection
            struct err err;
            err_set(&err, ERR_NET, "gone");
            respond(&w, 200, "application/json", 0);
            bytes(&w, EVENT("ADDED", "a", "5"));
            w.in_flight = false;
            reflector_disconnected(w.r, w.now, 10, &err);
        }
        }
        wait_request(&w, 2000);
        expect_path(&w, "/apis/g/v1/things?limit=500");
        world_free(&w);
    }
    // If no byte came, another connection may work.
    world_init(&w, (struct reflector_options){0});
    end(&w, "refused");
    wait_request(&w, 2000);
    expect_path(&w, "/apis/g/v1/things");
    world_free(&w);
}

static void pages_are_remembered_where_the_link_is_slow(void **state)
{
    (void)state;
    struct world w;
    world_paged_in(&w, 29000);
    expect_path(&w, "/apis/g/v1/things"); // it would have come in one answer
    world_free(&w);
    world_paged_in(&w, 31000);
    assert_true(has(&w, "?limit="));
    world_free(&w);
}

static void too_many_requests_waits_as_asked_and_keeps_the_rv(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, NULL);
    w.random = 0.99;
    respond(&w, 429, "text/plain", 3);
    bytes(&w, "too many\n");
    end(&w, NULL);
    assert_int_equal(phase(&w), REFLECTOR_STALE);
    assert_non_null(strstr(reflector_state_of(w.r)->reason.msg, "too many"));
    int64_t waited = wait_request(&w, 5000);
    assert_true(waited >= 3000);
    assert_true(has(&w, "watch=1&allowWatchBookmarks=true&resourceVersion=100&"));
    respond(&w, 200, "application/json", 0);
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    world_free(&w);
}

// As long as the server asks, between a second and a minute, and up to half of it more.
static void retry_after_has_bounds(void **state)
{
    (void)state;
    static const struct {
        int code, header;
        double random;
        int64_t wait;
    } t[] = {
        {429, 0, 0, 1000},   {429, 1, 0, 1000},     {429, 3, 0, 3000},        {429, 3, 0.5, 3750},
        {429, 60, 0, 60000}, {429, 61, 0, 60000},   {429, 3600, 0.75, 82500}, {503, 5, 0, 5000},
        {500, 7, 0.5, 8750}, {502, 3600, 0, 60000}, {503, 0, 0, 800},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct world w;
        world_watching(&w, (struct reflector_options){0});
        end_of_watch(&w);
        w.random = t[i].random;
        respond(&w, t[i].code, "text/plain", t[i].header);
        end(&w, NULL);
        assert_int_equal(wait_request(&w, 120000), t[i].wait);
        assert_true(has(&w, "watch=1&allowWatchBookmarks=true&resourceVersion=100&"));
        world_free(&w);
    }
}

// What a list gets that is refused for another reason than rights or time.
static void refused_lists(void **state)
{
    (void)state;
    static const struct {
        int code;
        enum reflector_phase phase;
        int64_t wait;
        bool from_start; // without the token
    } t[] = {
        // the pause is the second one: the first made a list in pages of it
        {400, REFLECTOR_SYNCING, 1600, true},     {405, REFLECTOR_FORBIDDEN, 600000, true},
        {406, REFLECTOR_FORBIDDEN, 600000, true}, {415, REFLECTOR_FORBIDDEN, 600000, true},
        {500, REFLECTOR_SYNCING, 1600, false},    {502, REFLECTOR_SYNCING, 1600, false},
        {503, REFLECTOR_SYNCING, 1600, false},    {504, REFLECTOR_SYNCING, 1600, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct world w;
        world_paged(&w);
        list(&w, 0, 3, "77", "tok", 3);
        respond(&w, t[i].code, "text/plain", 0);
        end(&w, NULL);
        assert_int_equal(phase(&w), t[i].phase);
        assert_int_equal(wait_request(&w, 600000), t[i].wait);
        assert_int_equal(has(&w, "continue=tok"), !t[i].from_start);
        assert_false(has(&w, "resourceVersion"));
        world_free(&w);
    }
    struct world w; // a bad resource version of a watch
    world_watching(&w, (struct reflector_options){0});
    end_of_watch(&w);
    answer(&w, 400, STATUS(400, "BadRequest"));
    assert_int_equal(wait_request(&w, 2000), 800);
    expect_path(&w, "/apis/g/v1/things");
    world_free(&w);
}

static void error_events_are_as_statuses(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        int64_t wait;
        const char *next; // a part of the next request
    } t[] = {
        {STATUS(403, "Forbidden"), 0, "resourceVersion=101&resourceVersionMatch=NotOlderThan"},
        {STATUS(422, "Invalid"), 800, "watch=1&allowWatchBookmarks=true&resourceVersion=101&"},
        {STATUS(429, "TooManyRequests"), 1000,
         "watch=1&allowWatchBookmarks=true&resourceVersion=101&"},
        {"{\"kind\":\"Status\",\"reason\":\"Timeout\",\"code\":504,\"details\":{\"causes\":[{"
         "\"reason\":\"ResourceVersionTooLarge\"}]}}",
         800, "/apis/g/v1/things"},
        {STATUS(500, "InternalError"), 800,
         "resourceVersion=101&resourceVersionMatch=NotOlderThan"},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct world w;
        world_watching(&w, (struct reflector_options){0});
        bytes(&w, EVENT("ADDED", "a", "101"));
        char *event = xasprintf("{\"type\":\"ERROR\",\"object\":%s}\n", t[i].status);
        bytes(&w, event);
        free(event);
        assert_int_equal(w.in_flight ? 0 : wait_request(&w, 60000), t[i].wait);
        if (!has(&w, t[i].next)) {
            fail_msg("%s: %s", t[i].status, w.path);
        }
        assert_int_equal(has(&w, "resourceVersion"), strstr(t[i].next, "resourceVersion") != NULL);
        world_free(&w);
    }
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(401, "Unauthorized") "}\n");
    assert_int_equal(w.unauthorized, 1);
    reflector_renewed(w.r, w.now, true, NULL);
    assert_true(has(&w, "watch=1&allowWatchBookmarks=true&resourceVersion=100"));
    world_free(&w);
}

// A pause only where a watch ends at once and has brought nothing.
static void a_watch_that_ends_is_followed_at_once(void **state)
{
    (void)state;
    static const struct {
        int64_t lasted;
        bool event;
        const char *error;
        int64_t wait;
    } t[] = {
        {999, false, NULL, 800}, {999, false, "reset", 800}, {1000, false, NULL, 0},
        {1000, false, "cut", 0}, {0, true, NULL, 0},         {0, true, "cut", 0},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct world w;
        world_watching(&w, (struct reflector_options){0});
        if (t[i].event) {
            bytes(&w, EVENT("MODIFIED", "o1", "101"));
        }
        w.now += t[i].lasted;
        end(&w, t[i].error);
        assert_int_equal(w.in_flight ? 0 : wait_request(&w, 60000), t[i].wait);
        assert_true(has(&w, t[i].event ? "resourceVersion=101&" : "resourceVersion=100&"));
        assert_true(has(&w, "watch=1"));
        world_free(&w);
    }
}

// Listed each minute, and watched again after ten.
static void a_watch_that_is_refused_polls(void **state)
{
    (void)state;
    static const int codes[] = {403, 405, 406, 415};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct world w;
        world_watching(&w, (struct reflector_options){0});
        end_of_watch(&w);
        int64_t start = w.now, waited = 0;
        respond(&w, codes[i], "text/plain", 0);
        end(&w, NULL);
        assert_true(has(&w, "resourceVersion=100&resourceVersionMatch=NotOlderThan"));
        for (int polls = 0;; polls++) {
            list(&w, 0, 3, "110", "", 0);
            if (has(&w, "watch=1")) {
                assert_int_equal(polls, 10);
                break;
            }
            assert_true(reflector_state_of(w.r)->polled && phase(&w) == REFLECTOR_LIVE);
            waited = wait_request(&w, 60000);
            assert_int_equal(waited, 60000);
        }
        assert_true(w.now - start >= 600000);
        assert_false(reflector_state_of(w.r)->polled);
        world_free(&w);
    }
}

static void the_time_of_a_watch_is_random(void **state)
{
    (void)state;
    static const struct {
        bool http1;
        double random;
        const char *time;
        int64_t end; // ours, where the server does not
    } t[] = {
        {false, 0, "&timeoutSeconds=300", 330000},     {false, 0.5, "&timeoutSeconds=450", 480000},
        {false, 0.999, "&timeoutSeconds=599", 629000}, {true, 0, "&timeoutSeconds=120", 150000},
        {true, 0.999, "&timeoutSeconds=179", 209000},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct world w;
        world_watching(&w, (struct reflector_options){0});
        w.random = t[i].random;
        struct reflector_response r = {.status = 200, .content_type = "application/json"};
        r.http1 = t[i].http1;
        reflector_answered(w.r, w.now, &r);
        end_of_watch(&w);
        assert_true(has(&w, t[i].time));
        assert_int_equal(reflector_deadline(w.r), w.now + t[i].end);
        world_free(&w);
    }
    struct world w; // one that begins as a streaming list
    world_init(&w, (struct reflector_options){.stream_first = true});
    assert_true(has(&w, "&timeoutSeconds=600"));
    w.random = 0.999;
    end(&w, "reset");
    wait_request(&w, 60000);
    assert_true(has(&w, "&timeoutSeconds=899"));
    world_free(&w);
}

static void backoff_doubles_to_thirty_seconds_and_forgets(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, "reset");
    int64_t last = 0;
    for (int i = 0; i < 9; i++) {
        end(&w, "connection refused");
        int64_t waited = wait_request(&w, 60000);
        assert_true(waited >= last && waited >= 800);
        assert_true(i == 0 || waited == 30000 || waited == 2 * last);
        assert_true(has(&w, "watch=1"));
        last = waited;
    }
    assert_int_equal(last, 30000);
    respond(&w, 200, "application/json", 0);
    w.now += 80000; // with the 30 s before it less than two minutes
    end(&w, NULL);
    end(&w, "connection refused");
    assert_int_equal(wait_request(&w, 60000), 30000);
    respond(&w, 200, "application/json", 0);
    w.now += 90001;
    end(&w, NULL);
    end(&w, "connection refused");
    assert_int_equal(wait_request(&w, 60000), 800);
    w.random = 0.5;
    end(&w, "connection refused");
    assert_int_equal(wait_request(&w, 60000), 2400);
    world_free(&w);
}

// An answer to any request shows that the server is back: a request that had no answer is repeated soon, one that the
// server put off is not.
static void a_connection_that_is_back_ends_the_waiting_for_it(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, "reset");
    for (int i = 0; i < 6; i++) {
        end(&w, "connection refused");
        wait_request(&w, 60000);
    }
    reflector_reconnected(w.r, w.now, 500); // under way: nothing to hurry
    assert_true(w.in_flight);
    end(&w, "connection refused");
    reflector_reconnected(w.r, w.now, 500);
    assert_int_equal(reflector_state_of(w.r)->next_try, w.now + 500);
    reflector_reconnected(w.r, w.now, 2000); // never later
    assert_int_equal(wait_request(&w, 60000), 500);
    end(&w, "connection refused");
    assert_int_equal(wait_request(&w, 60000), 30000); // the back-off stays as long as it was
    respond(&w, 200, "application/json", 0);
    end(&w, "reset"); // it ended as soon as it had begun
    reflector_reconnected(w.r, w.now, 500);
    assert_int_equal(wait_request(&w, 60000), 500);
    answer(&w, 503, "busy");
    reflector_reconnected(w.r, w.now, 500);
    assert_int_equal(wait_request(&w, 60000), 30000);
    world_free(&w);
}

// The list that makes good for an outage comes at once, however often the connection was tried before; only
// expiries in a row put it off.
static void expiry_after_an_outage_lists_at_once(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, "reset");
    for (int i = 0; i < 7; i++) {
        end(&w, "connection refused");
        wait_request(&w, 60000);
    }
    int64_t waits[] = {0, 800, 1600};
    for (size_t i = 0; i < 3; i++) {
        respond(&w, 200, "application/json", 0);
        bytes(&w, "{\"type\":\"ERROR\",\"object\":" STATUS(410, "Expired") "}\n");
        assert_int_equal(w.in_flight ? 0 : wait_request(&w, 60000), waits[i]);
        assert_true(has(&w, "NotOlderThan"));
        list(&w, 1, 3, "200", "", 0);
    }
    world_free(&w);
}

static void unauthorized_renews_once_and_retries_once(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, NULL);
    answer(&w, 401, STATUS(401, "Unauthorized"));
    assert_int_equal(w.unauthorized, 1);
    assert_int_equal(reflector_deadline(w.r), INT64_MAX);
    reflector_renewed(w.r, w.now, true, NULL);
    assert_true(has(&w, "watch=1&allowWatchBookmarks=true&resourceVersion=100"));
    answer(&w, 401, STATUS(401, "Unauthorized"));
    assert_int_equal(w.unauthorized, 1);
    assert_int_equal(phase(&w), REFLECTOR_STALE);
    assert_int_equal(reflector_state_of(w.r)->reason.code, ERR_AUTH);
    assert_true(wait_request(&w, 60000) >= 30000);
    answer(&w, 401, STATUS(401, "Unauthorized"));
    assert_int_equal(w.unauthorized, 2);
    struct err err;
    err_set(&err, ERR_AUTH, "the plugin failed");
    reflector_renewed(w.r, w.now, false, &err);
    assert_string_equal(reflector_state_of(w.r)->reason.msg, "the plugin failed");
    assert_int_equal(wait_request(&w, 60000), 30000);
    w.random = 0.99;
    answer(&w, 401, STATUS(401, "Unauthorized"));
    reflector_renewed(w.r, w.now, true, NULL);
    answer(&w, 401, STATUS(401, "Unauthorized"));
    assert_int_equal(wait_request(&w, 60000), 59700);
    assert_int_equal(w.live_n, 3);
    world_free(&w);
}

// Of a list in pages the page is asked for again, not the list.
static void a_401_within_a_list_goes_on_at_its_page(void **state)
{
    (void)state;
    struct world w;
    world_paged(&w);
    list(&w, 0, 3, "77", "tok", 3);
    assert_true(has(&w, "&continue=tok"));
    answer(&w, 401, STATUS(401, "Unauthorized"));
    assert_int_equal(w.unauthorized, 1);
    reflector_renewed(w.r, w.now, true, NULL);
    assert_true(has(&w, "&continue=tok"));
    list(&w, 3, 6, "77", "", 0);
    assert_int_equal(w.live_n, 6);
    assert_true(has(&w, "watch=1&allowWatchBookmarks=true&resourceVersion=77&"));
    world_free(&w);
}

static void watch_403_polls(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){0});
    list(&w, 0, 3, "100", "", 0);
    answer(&w, 403, STATUS(403, "Forbidden"));
    assert_true(has(&w, "NotOlderThan"));
    list(&w, 0, 2, "110", "", 0);
    assert_true(reflector_state_of(w.r)->polled);
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    assert_int_equal(wait_request(&w, 60000), 60000);
    assert_true(has(&w, "resourceVersion=110&resourceVersionMatch=NotOlderThan"));
    w.now += 600000;
    list(&w, 0, 1, "120", "", 0);
    assert_true(has(&w, "watch=1")); // tried again after ten minutes
    world_free(&w);
}

static void lost_rights_take_the_objects_after_a_second_look(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, NULL);
    answer(&w, 403, STATUS(403, "Forbidden"));
    answer(&w, 403, STATUS(403, "Forbidden"));
    assert_int_equal(phase(&w), REFLECTOR_STALE);
    assert_int_equal(w.live_n, 3);
    assert_int_equal(wait_request(&w, 60000), 5000); // it was no slip
    answer(&w, 403, STATUS(403, "Forbidden"));
    assert_int_equal(phase(&w), REFLECTOR_FORBIDDEN);
    assert_int_equal(w.live_n, 0);
    for (int64_t begin = w.now; w.now - begin < 600000;) { // what was there may come back soon
        assert_int_equal(wait_request(&w, 60000), 30000);
        answer(&w, 403, STATUS(403, "Forbidden"));
    }
    assert_int_equal(wait_request(&w, 700000), 600000);
    world_free(&w);

    world_watching(&w, (struct reflector_options){.clear_at_once = true});
    w.now += 300000;
    end(&w, NULL);
    answer(&w, 403, STATUS(403, "Forbidden"));
    answer(&w, 403, STATUS(403, "Forbidden"));
    assert_int_equal(w.live_n, 0);
    world_free(&w);
}

static void not_found_asks_discovery_and_comes_back(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    bytes(&w, EVENT("DELETED", "o0", "101"));
    end(&w, NULL);
    respond(&w, 404, "text/plain; charset=utf-8", 0);
    bytes(&w, "404 page not found\n");
    end(&w, NULL);
    assert_int_equal(w.not_found, 1);
    assert_int_equal(phase(&w), REFLECTOR_STALE);
    assert_int_equal(w.live_n, 2);
    assert_int_equal(reflector_deadline(w.r), INT64_MAX);
    reflector_not_served(w.r, w.now);
    assert_int_equal(phase(&w), REFLECTOR_NOT_INSTALLED);
    assert_int_equal(w.live_n, 0);
    w.now += 60000;
    reflector_start(w.r, w.now);
    expect_path(&w, "/apis/g/v1/things");
    answer(&w, 429, STATUS(429, "TooManyRequests")); // the new CRD's cache starts
    wait_request(&w, 2000);
    list(&w, 0, 1, "5", "", 0);
    assert_int_equal(w.live_n, 1);
    world_free(&w);
}

static void five_hundreds_keep_the_rv_and_list_in_the_end(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    w.now += 300000;
    end(&w, NULL);
    respond(&w, 503, "text/html", 7);
    bytes(&w, "<html>");
    end(&w, NULL);
    assert_true(wait_request(&w, 11000) >= 7000);
    assert_true(has(&w, "resourceVersion=100&"));
    int tries = 0;
    while (has(&w, "watch=1")) {
        assert_true(++tries < 10);
        answer(&w, 500, "{\"kind\":\"Status\",\"code\":500}");
        wait_request(&w, 60000);
    }
    assert_int_equal(tries, 5);
    assert_false(has(&w, "resourceVersion="));
    world_free(&w);
}

static void a_login_page_is_no_list(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){0});
    respond(&w, 200, "text/html", 0);
    bytes(&w, "<html>log in</html>");
    end(&w, NULL);
    assert_non_null(strstr(reflector_state_of(w.r)->reason.msg, "text/html"));
    wait_request(&w, 2000);
    struct reflector_response moved = {
        .status = 302, .content_type = "text/html", .location = "https://sso.test/"};
    reflector_answered(w.r, w.now, &moved);
    end(&w, NULL);
    assert_non_null(strstr(reflector_state_of(w.r)->reason.msg, "https://sso.test/"));
    world_free(&w);
}

static void a_watch_that_outlives_its_time_is_replaced(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){0});
    assert_int_equal(reflector_deadline(w.r), w.now + 330000);
    w.now += 330000;
    reflector_timer(w.r, w.now);
    assert_int_equal(w.cancels, 1);
    assert_true(w.in_flight && has(&w, "watch=1"));
    world_free(&w);
}

static void a_lost_connection_is_resumed_where_it_was(void **state)
{
    (void)state;
    struct world w;
    struct err err;
    err_set(&err, ERR_NET, "no answer for 45 s");
    world_init(&w, (struct reflector_options){0});
    list(&w, 0, 2, "7", "t", 0);
    w.in_flight = false;
    reflector_disconnected(w.r, w.now, 500, &err);
    assert_int_equal(wait_request(&w, 500), 500);
    assert_true(has(&w, "continue=t"));
    list(&w, 2, 3, "7", "", 0);
    respond(&w, 200, "application/json", 0);
    w.in_flight = false;
    w.now += 100000;
    reflector_disconnected(w.r, w.now, 500, &err);
    assert_int_equal(phase(&w), REFLECTOR_STALE);
    assert_int_equal(reflector_state_of(w.r)->since, w.now - 45000);
    wait_request(&w, 500);
    assert_true(has(&w, "resourceVersion=7&"));
    respond(&w, 200, "application/json", 0);
    w.in_flight = false;
    reflector_disconnected(w.r, w.now, 0, NULL); // planned
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    world_free(&w);
}

static void metadata_and_list_only(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, (struct reflector_options){.metadata_only = true});
    assert_string_equal(w.accept,
                        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    answer(&w, 200,
           "{\"kind\":\"PartialObjectMetadataList\",\"metadata\":{\"resourceVersion\":\"4\"},"
           "\"items\":null}");
    assert_string_equal(w.accept, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    world_free(&w);
    world_init(&w, (struct reflector_options){.no_watch = true});
    list(&w, 0, 3, "100", "", 0);
    assert_false(w.in_flight);
    assert_int_equal(phase(&w), REFLECTOR_LIVE);
    assert_int_equal(reflector_deadline(w.r), INT64_MAX);
    world_free(&w);
}

static void oversize_is_counted_and_passed_over(void **state)
{
    (void)state;
    struct world w;
    world_watching(&w, (struct reflector_options){.object_max = 200});
    char big[1000];
    memset(big, 'x', sizeof big - 1);
    big[999] = '\0';
    bytes(&w,
          "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"101\"},\"x\":\"");
    bytes(&w, big);
    bytes(&w, "\"}}\n" EVENT("ADDED", "a", "102"));
    assert_string_equal(w.log.data, "!? +a ");
    // An object that is known is outdated then.
    bytes(&w, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"o1\","
              "\"resourceVersion\":\"103\"},\"x\":\"");
    bytes(&w, big);
    bytes(&w, "\"}}\n");
    assert_string_equal(w.log.data, "!? +a !o1 ");
    assert_int_equal(reflector_state_of(w.r)->dropped, 2);
    end_of_watch(&w);
    assert_true(has(&w, "resourceVersion=103&"));
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_then_watch_from_the_first_rv),
        cmocka_unit_test(page_size_follows_the_link),
        cmocka_unit_test(a_page_takes_seven_seconds),
        cmocka_unit_test(pages_without_end_are_given_up),
        cmocka_unit_test(page_sizes_have_bounds),
        cmocka_unit_test(pages_of_four_minutes_become_a_stream),
        cmocka_unit_test(expired_token_starts_again_then_streams_then_lists_unpaged),
        cmocka_unit_test(an_empty_page_goes_on),
        cmocka_unit_test(a_cut_body_is_refused),
        cmocka_unit_test(relist_not_older_then_unset),
        cmocka_unit_test(relist_410_lists_without_rv),
        cmocka_unit_test(a_list_without_a_bound_replaces_by_force),
        cmocka_unit_test(status_in_a_200_is_its_code),
        cmocka_unit_test(error_410_relists_and_replaces_at_the_end),
        cmocka_unit_test(bookmark_moves_the_rv),
        cmocka_unit_test(torn_frame_is_taken_once),
        cmocka_unit_test(events_pass_in_order),
        cmocka_unit_test(unknown_event_or_nonsense_lists_again),
        cmocka_unit_test(what_cannot_be_read_is_left_out_and_listed_once_more),
        cmocka_unit_test(watch_list_refused_is_remembered),
        cmocka_unit_test(watch_list_that_is_put_off_stays_one),
        cmocka_unit_test(watch_list_without_its_marker_is_no_list),
        cmocka_unit_test(a_silent_watch_list_ends),
        cmocka_unit_test(watch_list_becomes_the_watch),
        cmocka_unit_test(watch_list_over_http1_is_a_shorter_watch),
        cmocka_unit_test(what_does_not_come_in_one_answer_comes_in_pages),
        cmocka_unit_test(pages_are_remembered_where_the_link_is_slow),
        cmocka_unit_test(too_many_requests_waits_as_asked_and_keeps_the_rv),
        cmocka_unit_test(retry_after_has_bounds),
        cmocka_unit_test(refused_lists),
        cmocka_unit_test(error_events_are_as_statuses),
        cmocka_unit_test(a_watch_that_ends_is_followed_at_once),
        cmocka_unit_test(a_watch_that_is_refused_polls),
        cmocka_unit_test(the_time_of_a_watch_is_random),
        cmocka_unit_test(backoff_doubles_to_thirty_seconds_and_forgets),
        cmocka_unit_test(expiry_after_an_outage_lists_at_once),
        cmocka_unit_test(a_connection_that_is_back_ends_the_waiting_for_it),
        cmocka_unit_test(unauthorized_renews_once_and_retries_once),
        cmocka_unit_test(a_401_within_a_list_goes_on_at_its_page),
        cmocka_unit_test(watch_403_polls),
        cmocka_unit_test(lost_rights_take_the_objects_after_a_second_look),
        cmocka_unit_test(not_found_asks_discovery_and_comes_back),
        cmocka_unit_test(five_hundreds_keep_the_rv_and_list_in_the_end),
        cmocka_unit_test(a_login_page_is_no_list),
        cmocka_unit_test(a_watch_that_outlives_its_time_is_replaced),
        cmocka_unit_test(a_lost_connection_is_resumed_where_it_was),
        cmocka_unit_test(metadata_and_list_only),
        cmocka_unit_test(oversize_is_counted_and_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
