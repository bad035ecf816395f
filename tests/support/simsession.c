// SPDX-License-Identifier: Apache-2.0
// Sessions over the simulator.
#include "tests/support/simsession.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/pipe.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_updater.h"

#include "tests/apisim/apisim.h"
#include "tests/support/tempdir.h"

#include <poll.h>
#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void kind_state_changed(void *apps, enum kind k)
{
    app_updater_kind_state_changed(apps, k);
}

static void probe_changed(void *apps, const struct probe_result *r)
{
    app_updater_key_changed(apps, mesh_key_probe(r->kind, r->name));
}

static const void *update(void *apps, const struct snapshot *view, int64_t now)
{
    return app_updater_run(apps, view, now);
}

static int64_t next(void *apps)
{
    return app_updater_next(apps);
}

void simsession_start(struct simsession *s, const char *kubeconfig,
                      const struct session_options *options)
{
    struct err err = {0};
    struct buf problems;
    buf_init(&problems, 0);
    const struct api_flags flags = {.kubeconfig = kubeconfig};
    struct api_config *config = api_config_load(&flags, &PROCESS_ENVIRONMENT, &problems, &err);
    if (config == NULL) {
        fail_msg("%s", problems.data);
    }
    buf_release(&problems);
    assert_true(pipe_open(s->wake));
    s->apps = app_updater_new(NULL);
    struct session_options o = *options;
    o.config = config;
    o.credential = credential_new(config, NULL);
    o.watch = true;
    o.notify_fd = s->wake[1];
    o.derive = (struct session_derive){.self = s->apps,
                                       .changed = app_updater_changed,
                                       .kind_state_changed = kind_state_changed,
                                       .probe_changed = probe_changed,
                                       .update = update,
                                       .unref = app_rows_unref,
                                       .next = next};
    s->session = session_start(&o, &err);
    if (s->session == NULL) {
        fail_msg("%s", err.msg);
    }
}

void simsession_start_admin(struct simsession *s, struct apisim *sim,
                            const struct session_options *options)
{
    struct err err = {0};
    char *dir = tempdir_new(), *path = xasprintf("%s/config", dir);
    if (!apisim_write_kubeconfig(sim, path, "admin", &err)) {
        fail_msg("%s", err.msg);
    }
    simsession_start(s, path, options);
    free(path);
    tempdir_free(dir);
}

void simsession_stop(struct simsession *s)
{
    session_stop(s->session);
    app_updater_free(s->apps);
    pipe_close(s->wake);
}

void simsession_wait(const struct simsession *s, int ms)
{
    struct pollfd p = {.fd = s->wake[0], .events = POLLIN};
    (void)poll(&p, 1, ms);
    pipe_drain(s->wake[0]);
}
