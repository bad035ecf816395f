// SPDX-License-Identifier: Apache-2.0
// A cluster that is read: its pipe, its configuration, and one connection after the other.
#include "tui/source/cluster.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/pipe.h"
#include "kube/base/str.h"

#include "tui/source/cluster_connection_internal.h"

#include <string.h>
#include <unistd.h>

bool cluster_init(struct cluster *c, struct err *err)
{
    memset(c, 0, sizeof *c);
    if (!pipe_open(c->wake)) {
        return err_sys(err, ERR_INTERNAL, "cannot make a pipe");
    }
    return true;
}

void cluster_release(struct cluster *c)
{
    cluster_disconnect(c);
    pipe_close(c->wake);
}

void cluster_drain(const struct cluster *c)
{
    pipe_drain(c->wake[0]);
}

static bool run_plugin(struct credential *c, const struct cluster_options *o,
                       const struct api_config *config, struct err *err)
{
    bool lend = o->lend != NULL && config->exec != NULL;
    if (o->screen && config->exec != NULL && str_eq(config->exec->interactive_mode, "Never")) {
        return true; // the I/O thread runs it, and the screen does not wait
    }
    if (lend) {
        o->lend(true);
    }
    bool ok = credential_run_interactive(c, isatty(STDIN_FILENO) == 1, credential_clock(), err);
    if (lend) {
        o->lend(false);
    }
    return ok || lend; // over a screen a failure is a state, and Ctrl-R tries again
}

bool cluster_handshake(struct cluster *c, const char *name, struct err *err)
{
    if (c->connection == NULL) {
        return err_set(err, ERR_NET, "there is no connection");
    }
    return cluster_connection_handshake(c->connection, name, err);
}

bool cluster_connect(struct cluster *c, const struct cluster_options *o, struct buf *problems,
                     struct err *err)
{
    if (!http_global_init(err)) {
        buf_adds(problems, err->msg);
        return false;
    }
    struct api_config *config = api_config_load(o->api, &PROCESS_ENVIRONMENT, problems, err);
    if (config == NULL) {
        if (problems->len == 0) {
            buf_adds(problems, err->msg);
        }
        err->code = err->code == ERR_USAGE ? ERR_USAGE : ERR_CONFIG;
        return false;
    }
    struct credential *credential = credential_new(config, NULL);
    if (!run_plugin(credential, o, config, err)) {
        buf_adds(problems, err->msg);
        err->code = ERR_AUTH;
        credential_free(credential);
        api_config_free(config);
        return false;
    }
    struct buf warnings;
    buf_init(&warnings, 0);
    for (size_t i = 0; i < config->warning_count; i++) {
        buf_addf(&warnings, "%s\n", config->warnings[i]);
    }
    struct cluster_connection *x = cluster_connection_start(o, config, credential, c->wake[1], err);
    buf_adds(problems, x != NULL ? warnings.data : err->msg);
    buf_release(&warnings);
    if (x == NULL) {
        return false;
    }
    c->connection = x;
    c->session = cluster_connection_session(x);
    c->probes = cluster_connection_probes(x);
    c->dns_prober = cluster_connection_dns_prober(x);
    return true;
}

void cluster_disconnect(struct cluster *c)
{
    if (c->connection != NULL) {
        log_debug(LOG_AREA_CLIENT, "disconnecting");
    }
    cluster_connection_end(c->connection);
    c->connection = NULL;
    c->session = NULL;
    c->probes = NULL;
    c->dns_prober = NULL;
}
