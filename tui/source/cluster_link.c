// SPDX-License-Identifier: Apache-2.0
// The link to a cluster: connecting, what is derived on the I/O thread, and the probers.
#include "tui/source/cluster_link.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/pipe.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/probe/dns_prober.h"
#include "kube/probe/tls_prober.h"

#include "tui/source/dns_round.h"
#include "tui/source/probe_requests.h"

#include <string.h>
#include <unistd.h>

// How often every handshake is requested again (the prober itself knows which are due), and how soon after new chains.
enum { REQUEST_EVERY_S = 60, REQUEST_SOON_S = 2 };

// --- the I/O thread

static void changed(void *self, const struct object *before, const struct object *after)
{
    struct cluster_link *l = self;
    link_log_changed(&l->log, before, after);
    if (l->apps != NULL) {
        app_updater_changed(l->apps, before, after);
    }
    if (l->dns_round != NULL && after != NULL) {
        dns_round_changed(l->dns_round, after);
    }
}

static void kind_state_changed(void *self, enum kind k)
{
    struct cluster_link *l = self;
    link_log_state_changed(&l->log, k);
    if (l->apps != NULL) {
        app_updater_kind_state_changed(l->apps, k);
    }
}

static void probe_changed(void *self, const struct probe_result *r)
{
    struct cluster_link *l = self;
    link_log_probe_changed(&l->log, r->kind, r->name);
    if (l->apps != NULL) {
        app_updater_key_changed(l->apps, mesh_key_probe(r->kind, r->name));
    }
}

static void request_handshakes(struct cluster_link *l, const struct snapshot *view, int64_t now)
{
    if (app_updater_made(l->apps) != l->evaluated && l->request_at > now + REQUEST_SOON_S) {
        l->request_at = now + REQUEST_SOON_S; // something is new: request its names soon
    }
    if (l->request_at > now) {
        return;
    }
    log_debug(LOG_AREA_PROBE, "all handshakes are requested: %ld chains evaluated since",
              app_updater_made(l->apps) - l->evaluated);
    probe_requests_handshakes(l->tls_prober, view, l->dns, now);
    l->evaluated = app_updater_made(l->apps);
    l->request_at = now + REQUEST_EVERY_S;
}

static const void *derive_nothing(void *self, const struct snapshot *view, int64_t now)
{
    (void)self;
    (void)view;
    (void)now;
    return NULL;
}

// Of a cluster that is read once.
static const void *derive_once(void *self, const struct snapshot *view, int64_t now)
{
    struct cluster_link *l = self;
    long made;
    const void *rows = app_rows_build(view, l->dns, now, &made);
    log_debug(LOG_AREA_MESH, "%ld chains evaluated", made);
    return rows;
}

static const void *update(void *self, const struct snapshot *view, int64_t now)
{
    struct cluster_link *l = self;
    long before = app_updater_made(l->apps);
    link_log_begin(&l->log);
    const void *rows = app_updater_run(l->apps, view, now);
    link_log_end(&l->log, app_updater_made(l->apps) - before);
    if (l->all_handshakes) {
        request_handshakes(l, view, now);
    }
    return rows;
}

static int64_t next(void *self)
{
    const struct cluster_link *l = self;
    int64_t t = l->apps != NULL ? app_updater_next(l->apps) : TIME_NONE;
    return l->all_handshakes && (t == TIME_NONE || l->request_at < t) ? l->request_at : t;
}

// --- the owner's thread

bool cluster_link_init(struct cluster_link *l, struct err *err)
{
    memset(l, 0, sizeof *l);
    if (!pipe_open(l->wake)) {
        return err_sys(err, ERR_INTERNAL, "cannot make a pipe");
    }
    l->probes = probe_inbox_new();
    return true;
}

void cluster_link_release(struct cluster_link *l)
{
    cluster_link_disconnect(l);
    pipe_close(l->wake);
    probe_inbox_free(l->probes);
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

static bool start_tls(struct cluster_link *l, struct err *err)
{
    struct tls_prober_options o = {.result = probe_inbox_put, .self = l->probes};
    l->tls_prober = l->tls_prober != NULL ? l->tls_prober : tls_prober_start(&o, err);
    return l->tls_prober != NULL;
}

static bool start_probers(struct cluster_link *l, const struct cluster_link_options *o,
                          struct err *err)
{
    if (o->probe_dns) {
        l->dns_round = dns_round_new(o->dns);
        struct dns_prober_options dns = {.resolver = o->resolver,
                                         .authoritative = o->authoritative,
                                         .result = probe_inbox_put,
                                         .self = l->probes,
                                         .more = dns_round_more,
                                         .more_self = l->dns_round};
        l->dns_prober = dns_prober_start(&dns, err);
        if (l->dns_prober == NULL) {
            return false;
        }
    }
    l->all_handshakes = o->probe_tls && start_tls(l, err);
    return l->all_handshakes == o->probe_tls;
}

bool cluster_link_handshake(struct cluster_link *l, const char *name, struct err *err)
{
    log_debug(LOG_AREA_PROBE, "handshake %s is requested now", name);
    if (!start_tls(l, err)) {
        return false;
    }
    return tls_prober_request_now(l->tls_prober, name) ||
           err_set(err, ERR_INTERNAL, "too many handshakes wait already");
}

// Takes over the configuration and the credential.
static bool start(struct cluster_link *l, const struct cluster_link_options *o,
                  struct api_config *config, struct credential *credential, struct err *err)
{
    link_log_init(&l->log);
    // Evaluated chains say that there is something new to make handshakes with.
    bool chains = o->chains || o->probe_tls;
    if (chains && o->watch) {
        l->apps = app_updater_new(o->dns);
    }
    if (l->apps != NULL && log_area_on(LOG_AREA_MESH)) {
        app_updater_on_evaluated(l->apps, link_log_evaluated, &l->log);
    }
    l->dns = o->dns;
    l->request_at = clock_now() + 1;
    if (!start_probers(l, o, err)) {
        credential_free(credential);
        api_config_free(config);
        return false;
    }
    struct session_options session = {
        .config = config,
        .credential = credential,
        .kinds = o->kinds,
        .first = o->first,
        .watch = o->watch,
        .notify_fd = l->wake[1],
        .probes = l->probes,
        .derive = {.self = l,
                   .changed = changed,
                   .kind_state_changed = kind_state_changed,
                   .probe_changed = probe_changed,
                   .update = l->apps != NULL ? update
                             : chains        ? derive_once
                                             : derive_nothing,
                   .unref = app_rows_unref,
                   .next = next},
    };
    l->session = session_start(&session, err);
    if (l->session != NULL && l->dns_round != NULL) {
        dns_round_connect(l->dns_round, l->session, l->dns_prober);
    }
    return l->session != NULL;
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
    bool ok = start(l, o, config, credential, err); // takes over config and credential
    if (ok) {
        buf_adds(problems, warnings.data);
    }
    buf_release(&warnings);
    if (!ok) {
        buf_adds(problems, err->msg);
        cluster_link_disconnect(l);
        return false;
    }
    return true;
}

void cluster_link_disconnect(struct cluster_link *l)
{
    if (l->session != NULL) {
        log_debug(LOG_AREA_CLIENT, "disconnecting");
    }
    // The DNS prober takes its names from the session's snapshots, so it ends before the I/O thread. That gives the TLS
    // prober its names and the round of names its objects, so it ends before those; what is reported meanwhile is
    // dropped.
    dns_prober_stop(l->dns_prober);
    session_stop(l->session);
    l->session = NULL;
    dns_round_free(l->dns_round);
    l->dns_round = NULL;
    tls_prober_stop(l->tls_prober);
    app_updater_free(l->apps);
    link_log_release(&l->log);
    l->dns_prober = NULL;
    l->tls_prober = NULL;
    l->all_handshakes = false;
    l->apps = NULL;
}
