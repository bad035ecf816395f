// SPDX-License-Identifier: Apache-2.0
// A session with a cluster: its thread, its requests and publications.
#include "kube/store/session.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/text.h"
#include "kube/base/thread.h"
#include "kube/base/time_text.h"

#include "kube/store/publish_pace.h"
#include "kube/store/session_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    // How long answers of DNS, which arrive one by one for minutes, wait for others before they are published. For
    // names that are not on the screen the wait grows by a millisecond for so many objects, because all rows are sorted
    // again.
    PROBES_WAIT_MS = 1000,
    PROBES_WAIT_OBJECTS = 8,
    IDLE_MS = 60000,
};

// --- requests

static void run_request(struct session *s, struct session_request *r)
{
    switch (r->type) {
    case REQUEST_RELIST:
        for (int i = 0; i < s->watch_count; i++) {
            if (s->watches[i] != NULL && (r->kinds & KIND_BIT(s->watches[i]->kind)) != 0) {
                client_relist(s->client, i);
            }
        }
        break;
    case REQUEST_RECONNECT:
        client_reconnect(s->client);
        break;
    case REQUEST_WATCH:
        session_add_watch(s, r->kind, r->field_selector, r->label_selector);
        session_update_kind_state(s, r->kind);
        break;
    case REQUEST_FETCH:
        session_begin_fetch(s, r);
        break;
    case REQUEST_PUBLISH:
        s->publish_now = true;
        break;
    }
    session_request_release(r);
}

// False if the session is to stop.
static bool run_requests(struct session *s)
{
    struct session_request todo[REQUESTS_MAX];
    int n = session_take_requests(s, todo);
    for (int i = 0; i < n; i++) {
        run_request(s, &todo[i]);
    }
    return n >= 0;
}

// A new result came: schedules its publication.
static void plan_probes(struct session *s, bool awaited)
{
    int64_t wait = PROBES_WAIT_MS;
    if (!awaited) {
        wait += store_view(s->store)->total / PROBES_WAIT_OBJECTS;
    }
    int64_t at = clock_mono_ms() + wait;
    s->probes_at = s->probes_at == 0 || at < s->probes_at ? at : s->probes_at;
}

static void take_probes(struct session *s)
{
    size_t n = 0;
    const struct probe_result **results =
        s->o.probes != NULL ? probe_inbox_take(s->o.probes, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        const struct probe_result *r = probe_result_ref(results[i]);
        if (store_put_probe(s->store, results[i])) {
            s->o.derive.probe_changed(s->o.derive.self, r);
            plan_probes(s, r->kind == PROBE_TLS || r->on_screen);
        }
        probe_result_unref(r);
    }
    free(results);
}

// Runs the credential plugin with the terminal where the UI thread has given the screen up.
static void run_plugin(struct session *s)
{
    struct credential *c = s->o.credential;
    bool needs_terminal = credential_needs_terminal(c, credential_clock());
    pthread_mutex_lock(&s->lock);
    s->plugin_needs_terminal = needs_terminal;
    bool run = s->plugin_runs = s->run_plugin;
    pthread_mutex_unlock(&s->lock);
    if (!run) {
        return;
    }
    struct err err; // becomes the state of every kind
    bool ok = credential_run_interactive(c, true, credential_clock(), &err);
    needs_terminal = credential_needs_terminal(c, credential_clock());
    pthread_mutex_lock(&s->lock);
    s->run_plugin = s->plugin_runs = false;
    s->plugin_needs_terminal = needs_terminal;
    pthread_cond_signal(&s->plugin_ended);
    pthread_mutex_unlock(&s->lock);
    if (ok) {
        client_reconnect(s->client);
    } else {
        client_relist(s->client, -1); // the failure stays until the user tries again
    }
}

// --- publications

static bool all_known(const struct session *s)
{
    const struct snapshot *v = store_view(s->store);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &v->states[k];
        if ((s->o.kinds & KIND_BIT(k)) != 0 && !state->synced && state->state != SYNC_FORBIDDEN &&
            state->state != SYNC_NOT_INSTALLED && state->state != SYNC_OFF) {
            return false;
        }
    }
    return true;
}

// Whether something is wrong that a thread waiting for the lists must learn before they are complete.
static bool in_trouble(const struct session *s)
{
    const struct snapshot *v = store_view(s->store);
    bool any = !v->cluster.connected;
    for (enum kind k = 0; k < KIND_COUNT && !any; k++) {
        any = v->states[k].problem != ERR_NONE;
    }
    return any;
}

// Monotonic ms: when to publish what has changed. Not more often than its cost allows; at once when everything has
// arrived for the first time; if lists are read only once, nothing reads a part of them.
static int64_t publish_due(const struct session *s)
{
    if (s->publish_now) {
        return 0;
    }
    if (!s->dirty) {
        int64_t at = s->probes_at;
        return at == 0 ? INT64_MAX : at > s->publish_at ? at : s->publish_at;
    }
    if (!s->complete && all_known(s)) {
        return 0;
    }
    return s->o.watch || s->complete || in_trouble(s) ? s->publish_at : INT64_MAX;
}

static void publish(struct session *s)
{
    int64_t begin = clock_thread_us();
    const struct session_derive *d = &s->o.derive;
    const void *derived = d->update(d->self, store_view(s->store), clock_now());
    const char *left = d->left != NULL ? d->left(d->self) : "";
    struct cluster_info *cluster = store_cluster(s->store);
    snprintf(cluster->working, sizeof cluster->working, "%s", left);
    const struct snapshot *next = store_publish(s->store, derived, s->o.derive.unref);
    pthread_mutex_lock(&s->lock);
    const struct snapshot *old = s->latest;
    s->latest = next;
    pthread_mutex_unlock(&s->lock);
    snapshot_unref(old);
    session_notify(s);
    s->dirty = cluster->working[0] != '\0';
    s->publish_now = false;
    s->probes_at = 0;
    s->complete = s->complete || all_known(s);
    // The thread's own time: on a busy machine the wall clock also counts the time of other threads.
    int64_t cost = clock_thread_us() - begin;
    log_debug(
        LOG_AREA_STORE,
        "published generation %llu: %ld objects, %lu changed, %zu probe results, %lld.%03lld ms",
        (unsigned long long)next->generation, next->total, s->objects_changed, next->probes.count,
        (long long)cost / 1000, (long long)cost % 1000);
    s->objects_changed = 0;
    s->publish_at = clock_mono_ms() + publish_pause_ms(cost, s->complete || s->dirty);
}

// --- the thread

static void update_secrets(struct session *s, int64_t now)
{
    struct secret_lookup *l = &s->secrets;
    if (l->again_at != 0 && l->again_at <= now && l->in_flight == 0) {
        l->again_at = 0;
        l->again = true;
    }
    if (l->check || l->again) {
        session_look_up_secrets(s);
    }
}

// How long the network may be waited for. derived_next: when time alone changes what is derived (seconds).
static int64_t wait_ms(const struct session *s, int64_t now, int64_t derived_next)
{
    int64_t wait = IDLE_MS, due = publish_due(s);
    if (due != INT64_MAX) {
        wait = due - now;
    } else if (derived_next != TIME_NONE && !clock_is_pinned()) {
        int64_t until = (derived_next - clock_now()) * 1000;
        wait = until < wait ? until : wait;
    }
    const struct secret_lookup *l = &s->secrets;
    if (l->again_at != 0 && l->in_flight == 0 && l->again_at - now < wait) {
        wait = l->again_at - now;
    }
    return wait > 0 ? wait : 0;
}

static void *run(void *self)
{
    struct session *s = self;
    while (run_requests(s)) {
        take_probes(s);
        run_plugin(s);
        int64_t now = clock_mono_ms();
        int64_t next = s->o.derive.next(s->o.derive.self);
        const struct watch *namespaces = s->watches[KIND_NAMESPACE];
        bool listed = namespaces != NULL && namespaces->state.synced;
        if (listed && (s->namespaces_changed || !s->namespaces_known)) {
            session_report_namespaces(s);
        }
        if (next != TIME_NONE && next <= clock_now() && !clock_is_pinned()) {
            s->dirty = true;
        }
        update_secrets(s, now);
        if (publish_due(s) <= now) {
            publish(s);
            now = clock_mono_ms();
        }
        client_step(s->client, wait_ms(s, now, next));
    }
    return NULL;
}

static bool start_thread(struct session *s, struct err *err)
{
    errno = thread_start(&s->thread, run, s);
    return errno == 0 || err_sys(err, ERR_INTERNAL, "cannot start the I/O thread");
}

// --- life

static void wake_up(void *self)
{
    client_wakeup(((struct session *)self)->client);
}

static void describe_cluster(struct session *s)
{
    const struct api_config *c = s->o.config;
    struct cluster_info *i = store_cluster(s->store);
    struct arena a;
    arena_init(&a);
    snprintf(i->context, sizeof i->context, "%s",
             text_clean(&a, c->context, strlen(c->context), 120));
    snprintf(i->cluster, sizeof i->cluster, "%s",
             text_clean(&a, c->cluster, strlen(c->cluster), 120));
    snprintf(i->user, sizeof i->user, "%s", text_clean(&a, c->user, strlen(c->user), 120));
    snprintf(i->server, sizeof i->server, "%s", text_clean(&a, c->server, strlen(c->server), 250));
    snprintf(i->connection, sizeof i->connection, "connecting");
    arena_release(&a);
}

static bool is_read_whole(const struct session *s, enum kind k)
{
    if ((s->o.kinds & KIND_BIT(k)) == 0) {
        return false;
    }
    return kinds[k].reading == READ_WHOLE || kinds[k].reading == READ_METADATA ||
           k == KIND_ENDPOINTSLICE || k == KIND_INGRESS;
}

// external-dns by the labels that its charts give it: its arguments say how records are made.
static const char *const DEPLOYMENT_LABELS[] = {"app.kubernetes.io/name=external-dns",
                                                "app=external-dns",
                                                "app.kubernetes.io/name=cert-manager"};

enum { FIRST_WATCHES_MAX = KIND_COUNT + ARRAY_COUNT(DEPLOYMENT_LABELS) };

static size_t first_watches(struct session *s, struct informer_spec out[FIRST_WATCHES_MAX])
{
    size_t n = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        if (is_read_whole(s, k)) {
            int id = (int)k;
            struct watch *w = session_new_watch(s, id, k, kinds[k].field_selector, NULL);
            out[n++] = session_informer_spec(s, id, w);
            store_state(s->store, k)->state = SYNC_SYNCING;
        }
    }
    if ((s->o.kinds & KIND_BIT(KIND_DEPLOYMENT)) != 0) {
        for (size_t i = 0; i < ARRAY_COUNT(DEPLOYMENT_LABELS); i++) {
            int id = WATCHES_EXTRA + (int)i;
            struct watch *w = session_new_watch(s, id, KIND_DEPLOYMENT, NULL, DEPLOYMENT_LABELS[i]);
            out[n++] = session_informer_spec(s, id, w);
        }
        store_state(s->store, KIND_DEPLOYMENT)->state = SYNC_SYNCING;
    }
    return n;
}

// Without its thread and client.
static void free_session(struct session *s)
{
    for (int i = 0; i < s->watch_count; i++) {
        session_free_watch(s->watches[i]);
    }
    for (int i = 0; i < s->request_count; i++) {
        session_request_release(&s->requests[i]);
    }
    snapshot_unref(s->latest);
    arena_release(&s->decoding);
    store_free(s->store);
    session_references_release(s);
    free(s->fetched_text);
    pthread_cond_destroy(&s->plugin_ended);
    pthread_mutex_destroy(&s->lock);
    credential_free(s->o.credential);
    api_config_free(s->o.config);
    free(s);
}

struct session *session_start(const struct session_options *o, struct err *err)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->o = *o;
    s->o.kinds |= KIND_BIT(KIND_NAMESPACE); // those that are tried where a list of all is forbidden
    s->store = store_new();
    arena_init(&s->decoding);
    pthread_mutex_init(&s->lock, NULL);
    thread_cond_init(&s->plugin_ended);
    session_references_init(s);
    store_on_change(s->store, session_object_changed, s);
    describe_cluster(s);
    struct informer_spec first[FIRST_WATCHES_MAX];
    size_t n = first_watches(s, first);
    session_update_kind_state(s, KIND_EVENT);
    session_update_kind_state(s, KIND_POD);
    const struct client_sink sink = session_sink(s);
    s->client = client_new(o->config, o->credential, first, n, &sink, &o->client, err);
    if (s->client == NULL) {
        free_session(s);
        return NULL;
    }
    s->dirty = s->secrets.check = true;
    if (o->probes != NULL) {
        probe_inbox_open(o->probes, wake_up, s);
    }
    if (!start_thread(s, err)) {
        if (o->probes != NULL) {
            probe_inbox_close(o->probes);
        }
        client_free(s->client);
        free_session(s);
        return NULL;
    }
    return s;
}

void session_begin_stop(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_mutex_unlock(&s->lock);
    client_stop(s->client);
}

void session_stop(struct session *s)
{
    if (s == NULL) {
        return;
    }
    session_begin_stop(s);
    pthread_join(s->thread, NULL);
    if (s->o.probes != NULL) {
        probe_inbox_close(s->o.probes);
    }
    client_free(s->client);
    free_session(s);
}

// --- any thread

const struct snapshot *session_latest(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    const struct snapshot *latest = snapshot_ref(s->latest);
    pthread_mutex_unlock(&s->lock);
    return latest;
}

bool session_relist(struct session *s, kind_set k)
{
    return session_post(s, (struct session_request){.type = REQUEST_RELIST, .kinds = k});
}

bool session_reconnect(struct session *s)
{
    return session_post(s, (struct session_request){.type = REQUEST_RECONNECT});
}

bool session_publish(struct session *s)
{
    return session_post(s, (struct session_request){.type = REQUEST_PUBLISH});
}

bool session_watch(struct session *s, enum kind k, const char *field_selector,
                   const char *label_selector)
{
    return session_post(
        s, (struct session_request){
               .type = REQUEST_WATCH,
               .kind = k,
               .field_selector = field_selector != NULL ? xstrdup(field_selector) : NULL,
               .label_selector = label_selector != NULL ? xstrdup(label_selector) : NULL});
}

bool session_plugin_needs_terminal(struct session *s)
{
    pthread_mutex_lock(&s->lock);
    bool needs = s->plugin_needs_terminal;
    pthread_mutex_unlock(&s->lock);
    return needs;
}

bool session_run_plugin(struct session *s, int wait_ms)
{
    struct timespec until = thread_deadline(wait_ms);
    pthread_mutex_lock(&s->lock);
    s->run_plugin = true;
    client_wakeup(s->client);
    int late = 0;
    while (s->run_plugin && (late == 0 || s->plugin_runs)) {
        late = s->plugin_runs ? pthread_cond_wait(&s->plugin_ended, &s->lock)
                              : pthread_cond_timedwait(&s->plugin_ended, &s->lock, &until);
    }
    bool ran = !s->run_plugin;
    s->run_plugin = false;
    pthread_mutex_unlock(&s->lock);
    return ran;
}
