// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/server_status.c: what is reported of the connection, the clock and warnings, and how often.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/time_text.h"

#include "kube/api/server_status.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct reports {
    struct buf text; // a word or more for each call, and a semicolon
    int64_t skew;
};

static void on_connection(void *self, enum client_connection c, const struct err *reason)
{
    static const char *const words[] = {[CLIENT_CONNECTING] = "connecting",
                                        [CLIENT_CONNECTED] = "up",
                                        [CLIENT_DISCONNECTED] = "down"};
    struct reports *r = self;
    buf_addf(&r->text, "%s%s%s;", words[c], reason != NULL ? " " : "",
             reason != NULL ? reason->msg : "");
}

static void on_skew(void *self, int64_t seconds)
{
    struct reports *r = self;
    r->skew = seconds;
    buf_adds(&r->text, "skew;");
}

static void on_warning(void *self, const char *text)
{
    buf_addf(&((struct reports *)self)->text, "%s;", text);
}

static void on_recovered(void *self)
{
    buf_adds(&((struct reports *)self)->text, "recovered;");
}

static void on_lost(void *self, const struct err *err)
{
    buf_addf(&((struct reports *)self)->text, "lost %s;", err->msg);
}

static void start(struct server_status *s, struct client_sink *sink, struct reports *r)
{
    buf_init(&r->text, 0);
    *sink = (struct client_sink){
        .self = r, .connection = on_connection, .skew = on_skew, .warning = on_warning};
    server_status_init(s, sink, on_recovered, on_lost, r);
}

static void assert_reports(struct reports *r, const char *expected)
{
    assert_string_equal(r->text.data, expected);
    buf_reset(&r->text);
}

static void each_change_of_the_connection_once(void **state)
{
    (void)state;
    struct server_status s;
    struct client_sink sink;
    struct reports r = {.skew = 0};
    start(&s, &sink, &r);
    assert_reports(&r, "connecting;");
    server_status_up(&s);
    server_status_up(&s);
    assert_reports(&r, "up;"); // the first time is no recovery
    const struct err away = {.code = ERR_NET, .msg = "away"},
                     slow = {.code = ERR_NET, .msg = "slow"};
    server_status_down(&s, &away);
    server_status_down(&s, &away);
    assert_reports(&r, "down away;lost away;");
    server_status_down(&s, &slow);
    assert_reports(&r, "down slow;");
    assert_string_equal(s.reason.msg, "slow");
    server_status_up(&s);
    assert_reports(&r, "up;recovered;");
    assert_int_equal(s.reason.code, ERR_NONE);
    server_status_release(&s);
    buf_release(&r.text);
}

static void a_clock_that_differs_by_a_minute_is_reported(void **state)
{
    (void)state;
    struct server_status s;
    struct client_sink sink;
    struct reports r = {.skew = 0};
    start(&s, &sink, &r);
    buf_reset(&r.text);
    int64_t now = credential_clock().wall_ms / 1000;
    server_status_date(&s, now + 57);
    server_status_date(&s, now - 57);
    server_status_date(&s, TIME_NONE);
    assert_reports(&r, "");
    server_status_date(&s, now + 66);
    assert_reports(&r, "skew;");
    assert_in_range(r.skew, 61, 66);
    server_status_date(&s, now);
    assert_reports(&r, "skew;");
    server_status_date(&s, now - 3600);
    server_status_date(&s, now - 3602); // a small change is none
    assert_reports(&r, "skew;");
    assert_in_range(-r.skew, 3595, 3605);
    server_status_date(&s, now);
    assert_reports(&r, "skew;");
    assert_int_equal(r.skew, 0);
    server_status_release(&s);
    buf_release(&r.text);
}

static void each_warning_once(void **state)
{
    (void)state;
    struct server_status s;
    struct client_sink sink;
    struct reports r = {.skew = 0};
    start(&s, &sink, &r);
    buf_reset(&r.text);
    server_status_warning(&s, "299 - \"v1 is old\"");
    server_status_warning(&s, "299 - \"v1 is old\"");
    server_status_warning(&s, "299 - \"\"");
    server_status_warning(&s, "299 - \"open"); // malformed: passed on unchanged
    server_status_warning(&s, "199 host \"other\"");
    server_status_warning(&s, "");
    server_status_warning(&s, "a\x1b[2Jb");
    assert_reports(&r, "v1 is old;;299 - \"open;199 host \"other\";a\xef\xbf\xbd[2Jb;");
    char text[32];
    for (int i = 0; i < 100; i++) { // so many are kept and no more
        snprintf(text, sizeof text, "299 - \"w%d\"", i);
        server_status_warning(&s, text);
    }
    assert_int_equal(s.warning_count, SERVER_WARNINGS_MAX);
    server_status_release(&s);
    buf_release(&r.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_of_the_connection_once),
        cmocka_unit_test(a_clock_that_differs_by_a_minute_is_reported),
        cmocka_unit_test(each_warning_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
