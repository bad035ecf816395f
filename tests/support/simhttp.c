// SPDX-License-Identifier: Apache-2.0
// HTTP to a simulated server.
#include "tests/support/simhttp.h"

#include "kube/base/clock.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void on_recovered(void *self)
{
    ((struct simhttp *)self)->recovered++;
}

static void on_lost(void *self, const struct err *err)
{
    (void)err;
    ((struct simhttp *)self)->lost++;
}

void simhttp_up(struct simhttp *s)
{
    struct err err;
    memset(s, 0, sizeof *s);
    simclient_serve(&s->server, NULL);
    s->server.credential = credential_new(&s->server.config, NULL);
    s->http = http_new(&s->server.config, s->server.credential, NULL, NULL, NULL, &err);
    assert_non_null(s->http);
    s->jitter.seed = 7;
    server_status_init(&s->status, &s->sink, on_recovered, on_lost, s);
}

void simhttp_down(struct simhttp *s)
{
    http_free(s->http);
    server_status_release(&s->status);
    simclient_down(&s->server);
}

void simhttp_stop_server(struct simhttp *s)
{
    apisim_stop(s->server.sim);
    s->server.sim = NULL;
}

void simhttp_assert_due(int64_t deadline, int64_t from, int64_t low, int64_t high)
{
    int64_t earliest = from + low, latest = clock_mono_ms() + high;
    if (deadline < earliest || deadline > latest) {
        fail_msg("due in %lld ms, not %lld to %lld", (long long)(deadline - from), (long long)low,
                 (long long)high);
    }
}
