// SPDX-License-Identifier: Apache-2.0
// When the discovery documents are read again (docs/rules/kubernetes-client.md#discovery-pace). Deadlines are compared;
// nothing waits for them.
#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "kube/api/discovery_poll.h"

#include "tests/support/simhttp.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { MISSING_MS = 60000, IDLE_MS = 600000, SOON_MS = 500 };

struct scene {
    struct simhttp s;
    struct discovery_poll *poll;
    int changed, failed;
};

static void on_changed(void *self)
{
    ((struct scene *)self)->changed++;
}

static void on_failed(void *self)
{
    ((struct scene *)self)->failed++;
}

static void scene_open(struct scene *c)
{
    memset(c, 0, sizeof *c);
    simhttp_up(&c->s);
    c->poll =
        discovery_poll_new(&(struct discovery_poll_options){.http = c->s.http,
                                                            .credential = c->s.server.credential,
                                                            .status = &c->s.status,
                                                            .jitter = &c->s.jitter,
                                                            .missing_ms = MISSING_MS,
                                                            .self = c,
                                                            .changed = on_changed,
                                                            .failed = on_failed});
}

static void scene_close(struct scene *c)
{
    discovery_poll_free(c->poll);
    simhttp_down(&c->s);
}

// Steps until both documents have ended that are being read.
static void finish(struct scene *c)
{
    int before = c->changed + c->failed;
    int64_t give_up = clock_mono_ms() + SIMCLIENT_PATIENCE_MS;
    while (c->changed + c->failed < before + 2) {
        assert_true(clock_mono_ms() < give_up);
        http_step(c->s.http, 20);
    }
}

static void read_at_its_pace(void **state)
{
    (void)state;
    struct scene c;
    scene_open(&c);
    assert_true(discovery_poll_deadline(c.poll) == INT64_MAX); // nothing before the start
    int64_t from = clock_mono_ms();
    discovery_poll_start(c.poll);
    finish(&c);
    assert_int_equal(c.failed, 0);
    discovery_poll_timer(c.poll, clock_mono_ms(), false);
    simhttp_assert_due(discovery_poll_deadline(c.poll), from, IDLE_MS, IDLE_MS);
    int64_t told = clock_mono_ms();
    discovery_poll_soon(c.poll);
    simhttp_assert_due(discovery_poll_deadline(c.poll), told, SOON_MS, SOON_MS);
    from = clock_mono_ms();
    discovery_poll_timer(c.poll, discovery_poll_deadline(c.poll), true);
    finish(&c);
    discovery_poll_timer(c.poll, clock_mono_ms(), true);
    simhttp_assert_due(discovery_poll_deadline(c.poll), from, MISSING_MS, MISSING_MS);
    scene_close(&c);
}

// Each of the two documents that fails doubles the pause.
static void after_a_failure_again_and_again(void **state)
{
    (void)state;
    struct scene c;
    scene_open(&c);
    simhttp_stop_server(&c.s);
    static const int pauses[] = {2000, 8000, 30000, 30000};
    discovery_poll_start(c.poll);
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
        int64_t from = clock_mono_ms();
        finish(&c);
        assert_int_equal(c.changed, 0);
        simhttp_assert_due(discovery_poll_deadline(c.poll), from, pauses[i], 2 * pauses[i]);
        discovery_poll_timer(c.poll, discovery_poll_deadline(c.poll) - 1, true);
        simhttp_assert_due(discovery_poll_deadline(c.poll), from, pauses[i], 2 * pauses[i]);
        discovery_poll_timer(c.poll, discovery_poll_deadline(c.poll), true);
    }
    scene_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_at_its_pace),
        cmocka_unit_test(after_a_failure_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
