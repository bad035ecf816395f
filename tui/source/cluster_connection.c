// SPDX-License-Identifier: Apache-2.0
// One connection to a cluster: what is derived on its I/O thread, and its start and end.
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/thread.h"
#include "kube/base/time_text.h"

#include "kube/store/session.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/probe/dns_prober.h"
#include "kube/probe/tls_prober.h"

#include "tui/source/cluster_connection_internal.h"
#include "tui/source/cluster_options.h"
#include "tui/source/dns_round.h"
#include "tui/source/evaluation_log.h"
#include "tui/source/probe_requests.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

// How often every handshake is requested again (the prober itself knows which are due), and how soon after new chains.
enum { REQUEST_EVERY_S = 60, REQUEST_SOON_S = 2 };

// Half a second of work: the network is served, and the screen says what goes on, between two of them.
enum { SLICE_CHAINS = 20000 };

#ifdef GATETOP_SANITIZED // slow builds that look for leaks: the threads are always waited for
enum { END_WAIT_MS = 60000 };
#else
enum { END_WAIT_MS = 30 };
#endif

struct cluster_connection {
    struct session *session;
    struct probe_inbox *probes;    // from the probers to the session
    struct app_updater *apps;      // I/O thread; NULL if no chains are kept up to date
    struct dns_prober *dns_prober; // NULL if DNS is not queried
    struct dns_round *dns_round;   // what the prober asks next; NULL if the prober is
    // NULL if no handshake is made; cluster_connection_handshake starts it as well.
    struct tls_prober *tls_prober;
    bool all_handshakes; // every host is probed, not only those of cluster_connection_handshake
    // External-dns's settings, NULL for those that the cluster shows.
    const struct dns_settings *dns;
    // I/O thread: when every handshake is requested again (seconds), and how many chains had been evaluated
    // the last time.
    int64_t request_at;
    long evaluated;
    struct evaluation_log log; // I/O thread
    int wake;                  // its own descriptor of the cluster's pipe, -1 if none
    // The end.
    pthread_mutex_t lock; // guards what follows
    pthread_cond_t ended;
    bool over;        // all threads have ended
    bool left_behind; // nobody waits for them
};

// --- the I/O thread

static void changed(void *self, const struct object *before, const struct object *after)
{
    struct cluster_connection *c = self;
    evaluation_log_changed(&c->log, before, after);
    if (c->apps != NULL) {
        app_updater_changed(c->apps, before, after);
    }
    if (c->dns_round != NULL && after != NULL) {
        dns_round_changed(c->dns_round, after);
    }
}

static void kind_state_changed(void *self, enum kind k)
{
    struct cluster_connection *c = self;
    evaluation_log_state_changed(&c->log, k);
    if (c->apps != NULL) {
        app_updater_kind_state_changed(c->apps, k);
    }
}

static void probe_changed(void *self, const struct probe_result *r)
{
    struct cluster_connection *c = self;
    evaluation_log_probe_changed(&c->log, r->kind, r->name);
    if (c->apps != NULL) {
        app_updater_key_changed(c->apps, mesh_key_probe(r->kind, r->name));
    }
}

static void request_handshakes(struct cluster_connection *c, const struct snapshot *view,
                               int64_t now)
{
    if (app_updater_made(c->apps) != c->evaluated && c->request_at > now + REQUEST_SOON_S) {
        c->request_at = now + REQUEST_SOON_S; // something is new: its names are requested soon
    }
    if (c->request_at > now) {
        return;
    }
    log_debug(LOG_AREA_PROBE, "all handshakes are requested: %ld chains evaluated since",
              app_updater_made(c->apps) - c->evaluated);
    probe_requests_handshakes(c->tls_prober, view, c->dns, now);
    c->evaluated = app_updater_made(c->apps);
    c->request_at = now + REQUEST_EVERY_S;
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
    struct cluster_connection *c = self;
    long made;
    const void *rows = app_rows_build(view, c->dns, now, &made);
    log_debug(LOG_AREA_MESH, "%ld chains evaluated", made);
    return rows;
}

static const void *update(void *self, const struct snapshot *view, int64_t now)
{
    struct cluster_connection *c = self;
    long before = app_updater_made(c->apps);
    evaluation_log_begin(&c->log);
    const void *rows = app_updater_run(c->apps, view, now);
    evaluation_log_end(&c->log, app_updater_made(c->apps) - before);
    if (c->all_handshakes) {
        request_handshakes(c, view, now);
    }
    return rows;
}

static const char *left(void *self)
{
    const struct cluster_connection *c = self;
    return c->apps != NULL ? app_updater_left(c->apps) : "";
}

static int64_t next(void *self)
{
    const struct cluster_connection *c = self;
    int64_t t = c->apps != NULL ? app_updater_next(c->apps) : TIME_NONE;
    return c->all_handshakes && (t == TIME_NONE || c->request_at < t) ? c->request_at : t;
}

// --- the owner's thread

static bool start_tls(struct cluster_connection *c, struct err *err)
{
    struct tls_prober_options o = {.result = probe_inbox_put, .self = c->probes};
    c->tls_prober = c->tls_prober != NULL ? c->tls_prober : tls_prober_start(&o, err);
    return c->tls_prober != NULL;
}

static bool start_probers(struct cluster_connection *c, const struct cluster_options *o,
                          struct err *err)
{
    if (o->probe_dns) {
        c->dns_round = dns_round_new(o->dns);
        struct dns_prober_options dns = {.resolver = o->resolver,
                                         .authoritative = o->authoritative,
                                         .result = probe_inbox_put,
                                         .self = c->probes,
                                         .more = dns_round_more,
                                         .more_self = c->dns_round};
        c->dns_prober = dns_prober_start(&dns, err);
        if (c->dns_prober == NULL) {
            return false;
        }
    }
    c->all_handshakes = o->probe_tls && start_tls(c, err);
    return c->all_handshakes == o->probe_tls;
}

bool cluster_connection_handshake(struct cluster_connection *c, const char *name, struct err *err)
{
    log_debug(LOG_AREA_PROBE, "handshake %s is requested now", name);
    if (!start_tls(c, err)) {
        return false;
    }
    return tls_prober_request_now(c->tls_prober, name) ||
           err_set(err, ERR_INTERNAL, "too many handshakes wait already");
}

struct session *cluster_connection_session(const struct cluster_connection *c)
{
    return c->session;
}

struct probe_inbox *cluster_connection_probes(const struct cluster_connection *c)
{
    return c->probes;
}

struct dns_prober *cluster_connection_dns_prober(const struct cluster_connection *c)
{
    return c->dns_prober;
}

// Makes the parts that the threads share, and the probers.
static bool begin(struct cluster_connection *c, const struct cluster_options *o, int wake_fd,
                  struct err *err)
{
    evaluation_log_init(&c->log);
    pthread_mutex_init(&c->lock, NULL);
    thread_cond_init(&c->ended);
    c->probes = probe_inbox_new();
    // Evaluated chains say that there is something new to make handshakes with.
    if ((o->chains || o->probe_tls) && o->watch) {
        c->apps = app_updater_new(o->dns);
        app_updater_slice(c->apps, SLICE_CHAINS);
    }
    if (c->apps != NULL && log_area_on(LOG_AREA_MESH)) {
        app_updater_on_evaluated(c->apps, evaluation_log_evaluated, &c->log);
    }
    c->dns = o->dns;
    c->request_at = clock_now() + 1;
    c->wake = fcntl(wake_fd, F_DUPFD_CLOEXEC, 0); // it may outlive the struct cluster
    if (c->wake < 0) {
        return err_sys(err, ERR_INTERNAL, "cannot copy a descriptor");
    }
    return start_probers(c, o, err);
}

struct cluster_connection *cluster_connection_start(const struct cluster_options *o,
                                                    struct api_config *config,
                                                    struct credential *credential, int wake_fd,
                                                    struct err *err)
{
    struct cluster_connection *c = xcalloc(1, sizeof *c);
    if (!begin(c, o, wake_fd, err)) {
        credential_free(credential);
        api_config_free(config);
        cluster_connection_end(c);
        return NULL;
    }
    struct session_options session = {
        .config = config,
        .credential = credential,
        .kinds = o->kinds,
        .first = o->first,
        .watch = o->watch,
        .notify_fd = c->wake,
        .probes = c->probes,
        .derive = {.self = c,
                   .changed = changed,
                   .kind_state_changed = kind_state_changed,
                   .probe_changed = probe_changed,
                   .update = c->apps != NULL             ? update
                             : o->chains || o->probe_tls ? derive_once
                                                         : derive_nothing,
                   .left = left,
                   .unref = app_rows_unref,
                   .next = next},
    };
    c->session = session_start(&session, err);
    if (c->session == NULL) {
        cluster_connection_end(c);
        return NULL;
    }
    if (c->dns_round != NULL) {
        dns_round_connect(c->dns_round, c->session, c->dns_prober);
    }
    return c;
}

// --- the end

// Ends all threads, however long they compute, and frees what they use.
static void end_threads(struct cluster_connection *c)
{
    if (c->session != NULL) {
        session_begin_stop(c->session);
    }
    // The DNS prober takes its names from the session's snapshots, so it ends before the session is freed. That gives
    // the TLS prober its names and the round of names its objects, so it ends before those; what is reported meanwhile
    // is dropped.
    dns_prober_stop(c->dns_prober);
    session_stop(c->session);
    dns_round_free(c->dns_round);
    tls_prober_stop(c->tls_prober);
    app_updater_free(c->apps);
    evaluation_log_release(&c->log);
    probe_inbox_free(c->probes);
    if (c->wake >= 0) {
        close(c->wake);
    }
}

static void dispose(struct cluster_connection *c)
{
    pthread_cond_destroy(&c->ended);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static void *reap(void *self)
{
    struct cluster_connection *c = self;
    end_threads(c);
    pthread_mutex_lock(&c->lock);
    c->over = true;
    bool left = c->left_behind;
    pthread_cond_signal(&c->ended);
    pthread_mutex_unlock(&c->lock);
    if (left) {
        dispose(c);
        thread_caught_up();
    }
    return NULL;
}

void cluster_connection_end(struct cluster_connection *c)
{
    if (c == NULL) {
        return;
    }
    pthread_t reaper;
    if (thread_start(&reaper, reap, c) != 0) {
        end_threads(c); // no helper thread: it may take long
        dispose(c);
        return;
    }
    struct timespec until = thread_deadline(END_WAIT_MS);
    pthread_mutex_lock(&c->lock);
    while (!c->over && pthread_cond_timedwait(&c->ended, &c->lock, &until) == 0) {
    }
    bool over = c->over;
    c->left_behind = !over;
    if (!over) {
        thread_left_behind();
    }
    pthread_mutex_unlock(&c->lock);
    if (over) {
        pthread_join(reaper, NULL);
        dispose(c);
    } else {
        log_debug(LOG_AREA_CLIENT, "a thread computes: it is left behind");
        pthread_detach(reaper);
    }
}
