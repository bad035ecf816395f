// SPDX-License-Identifier: Apache-2.0
// The small request now and then: when it is due (docs/rules/kubernetes-client.md#server-back,
// docs/rules/kubernetes-client.md#rv-rollback). Deadlines are compared; nothing waits for them.
#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "kube/api/heartbeat.h"

#include "tests/support/simhttp.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { INTERVAL_MS = 600000 };

static void on_went_back(void *self)
{
    (*(int *)self)++;
}

static struct heartbeat *start(struct simhttp *s, int *went_back)
{
    simhttp_up(s);
    return heartbeat_new(&(struct heartbeat_options){.http = s->http,
                                                     .credential = s->server.credential,
                                                     .status = &s->status,
                                                     .jitter = &s->jitter,
                                                     .interval_ms = INTERVAL_MS,
                                                     .self = went_back,
                                                     .own_namespace = "default",
                                                     .went_back = on_went_back});
}

// Sends the request that is due next, and waits for its end. Returns the time when it was sent.
static int64_t beat(struct heartbeat *h, struct simhttp *s)
{
    int64_t give_up = clock_mono_ms() + SIMCLIENT_PATIENCE_MS, due = heartbeat_deadline(h);
    heartbeat_timer(h, due - 1);
    assert_int_equal(heartbeat_deadline(h), due); // too early
    int64_t sent = clock_mono_ms();
    heartbeat_timer(h, due);
    while (heartbeat_deadline(h) == INT64_MAX) {
        assert_true(clock_mono_ms() < give_up);
        http_step(s->http, 20);
    }
    return sent;
}

static void it_asks_when_it_is_due(void **state)
{
    (void)state;
    struct simhttp s;
    int went_back = 0;
    int64_t from = clock_mono_ms();
    struct heartbeat *h = start(&s, &went_back);
    simhttp_assert_due(heartbeat_deadline(h), from, 10000, 10000);
    for (int i = 0; i < 2; i++) {
        from = beat(h, &s);
        simhttp_assert_due(heartbeat_deadline(h), from, INTERVAL_MS, INTERVAL_MS);
        assert_int_equal(s.status.connection, CLIENT_CONNECTED);
    }
    from = clock_mono_ms();
    heartbeat_reconnected(h, 1234); // perhaps another server
    simhttp_assert_due(heartbeat_deadline(h), from, 1234, 1234);
    assert_int_equal(went_back, 0);
    uint64_t before = apisim_rv(s.server.sim);
    simclient_apply_vs(&s.server, "web", "a.test");
    (void)beat(h, &s);
    assert_int_equal(went_back, 0);
    assert_true(apisim_rollback(s.server.sim, before));
    (void)beat(h, &s); // may end with the connection, which is cut
    (void)beat(h, &s);
    assert_int_equal(went_back, 1);
    heartbeat_free(h);
    simhttp_down(&s);
}

static void namespaces_that_may_not_be_listed_are_not_needed(void **state)
{
    (void)state;
    struct simhttp s;
    int went_back = 0;
    struct heartbeat *h = start(&s, &went_back);
    assert_true(apisim_user_rule(s.server.sim, "admin", "deny list namespaces"));
    uint64_t before = apisim_rv(s.server.sim);
    simclient_apply_vs(&s.server, "web", "a.test");
    for (int i = 0; i < 2; i++) {
        int64_t from = beat(h, &s);
        simhttp_assert_due(heartbeat_deadline(h), from, 0, 1000); // refused: another list, at once
        from = beat(h, &s);
        simhttp_assert_due(heartbeat_deadline(h), from, INTERVAL_MS, INTERVAL_MS);
    }
    assert_int_equal(apisim_request_count(s.server.sim, "list", "services"), 2);
    assert_int_equal(went_back, 0);
    assert_true(apisim_rollback(s.server.sim, before));
    for (int i = 0; i < 4 && went_back == 0; i++) { // the first may end with the connection
        (void)beat(h, &s);
    }
    assert_int_equal(went_back, 1);
    // The right comes back.
    apisim_user_clear_rules(s.server.sim, "admin");
    size_t services = apisim_request_count(s.server.sim, "list", "services");
    int64_t from = beat(h, &s);
    simhttp_assert_due(heartbeat_deadline(h), from, INTERVAL_MS, INTERVAL_MS);
    assert_int_equal(apisim_request_count(s.server.sim, "list", "services"), services);
    assert_int_equal(went_back, 1);
    heartbeat_free(h);
    simhttp_down(&s);
}

static void it_asks_more_often_while_the_server_is_lost(void **state)
{
    (void)state;
    struct simhttp s;
    int went_back = 0;
    struct heartbeat *h = start(&s, &went_back);
    simhttp_stop_server(&s);
    const struct err refused = {.code = ERR_NET, .msg = "refused"},
                     denied = {.code = ERR_AUTH, .msg = "denied"};
    server_status_down(&s.status, &denied); // trying again cannot help
    int64_t due = heartbeat_deadline(h), from = clock_mono_ms();
    heartbeat_lost(h, &denied);
    assert_int_equal(heartbeat_deadline(h), due);
    heartbeat_lost(h, &refused);
    static const int pauses[] = {1000, 2000, 4000, 4000, 4000};
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
        simhttp_assert_due(heartbeat_deadline(h), from, pauses[i], 2 * pauses[i]);
        from = beat(h, &s);
    }
    heartbeat_free(h);
    simhttp_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_asks_when_it_is_due),
        cmocka_unit_test(namespaces_that_may_not_be_listed_are_not_needed),
        cmocka_unit_test(it_asks_more_often_while_the_server_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
