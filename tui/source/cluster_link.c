// SPDX-License-Identifier: Apache-2.0
// The link to a cluster: its pipe, its configuration, and one connection after the other.
#include "tui/source/cluster_link.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/pipe.h"
#include "kube/base/str.h"

#include "tui/source/link_connection_internal.h"

#include <string.h>
#include <unistd.h>

bool cluster_link_init(struct cluster_link *l, struct err *err)
{
    memset(l, 0, sizeof *l);
    if (!pipe_open(l->wake)) {
        return err_sys(err, ERR_INTERNAL, "cannot make a pipe");
    }
    return true;
}

void cluster_link_release(struct cluster_link *l)
{
    cluster_link_disconnect(l);
    pipe_close(l->wake);
}

void cluster_link_drain(const struct cluster_link *l)
{
    pipe_drain(l->wake[0]);
}

static bool run_plugin(struct credential *c, const struct cluster_link_options *o,
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

bool cluster_link_handshake(struct cluster_link *l, const char *name, struct err *err)
{
    if (l->connection == NULL) {
        return err_set(err, ERR_NET, "there is no connection");
    }
    return link_connection_handshake(l->connection, name, err);
}

bool cluster_link_connect(struct cluster_link *l, const struct cluster_link_options *o,
                          struct buf *problems, struct err *err)
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
    struct link_connection *c = link_connection_start(o, config, credential, l->wake[1], err);
    buf_adds(problems, c != NULL ? warnings.data : err->msg);
    buf_release(&warnings);
    if (c == NULL) {
        return false;
    }
    l->connection = c;
    l->session = link_connection_session(c);
    l->probes = link_connection_probes(c);
    l->dns_prober = link_connection_dns_prober(c);
    return true;
}

void cluster_link_disconnect(struct cluster_link *l)
{
    if (l->connection != NULL) {
        log_debug(LOG_AREA_CLIENT, "disconnecting");
    }
    link_connection_end(l->connection);
    l->connection = NULL;
    l->session = NULL;
    l->probes = NULL;
    l->dns_prober = NULL;
}
