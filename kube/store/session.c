// SPDX-License-Identifier: Apache-2.0
// A cluster, live: the thread, its commands and publications.
#include "kube/base/text.h"

#include "kube/store/session_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PUBLISH_MIN_MS = 15,  // between two publications
    PUBLISH_COST = 6,     // and at least this many times what the last one cost
    PROBE_PACE_MS = 1000, // for answers of DNS, which come one by one for minutes
    IDLE_MS = 60000,
};

// --- the thread

void session_notify(const struct session *l)
{
    ssize_t w = write(l->o.notify_fd, "s", 1);
    (void)w; // a full pipe wakes as well
}

static void run_command(struct session *l, struct command *c)
{
    switch (c->type) {
    case COMMAND_RELIST:
        for (int i = 0; i < l->nwatches; i++) {
            if (l->watches[i] != NULL && (c->kinds & KIND_BIT(l->watches[i]->kind)) != 0) {
                client_relist(l->client, i);
            }
        }
        break;
    case COMMAND_RECONNECT:
        client_reconnect(l->client);
        break;
    case COMMAND_WATCH:
        session_add_watch(l, c->kind, c->field_selector, c->label_selector);
        session_sum_up(l, c->kind);
        break;
    case COMMAND_FETCH:
        session_begin_fetch(l, c);
        break;
    }
    free(c->field_selector);
    free(c->label_selector);
    free(c->path);
}

static void take_probes(struct session *l)
{
    pthread_mutex_lock(&l->lock);
    const struct probe_result **at = l->probes;
    size_t n = l->nprobes;
    l->probes = NULL;
    l->nprobes = l->cap_probes = 0;
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < n; i++) {
        l->o.derive.probe_changed(l->o.derive.self, at[i]);
        store_put_probe(l->store, at[i]);
        l->probed_at = l->probed_at != 0 ? l->probed_at : clock_mono_ms();
    }
    free(at);
}

static bool run_commands(struct session *l)
{
    struct command todo[MAX_COMMANDS];
    pthread_mutex_lock(&l->lock);
    int n = l->queued;
    memcpy(todo, l->queue, (size_t)n * sizeof *todo);
    l->queued = 0;
    bool stop = l->stop;
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < n; i++) {
        run_command(l, &todo[i]);
    }
    take_probes(l);
    return !stop;
}

static bool all_settled(const struct session *l)
{
    const struct snapshot *v = store_view(l->store);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *s = &v->states[k];
        if ((l->o.kinds & KIND_BIT(k)) != 0 && !s->synced && s->state != SYNC_FORBIDDEN &&
            s->state != SYNC_NOT_INSTALLED && s->state != SYNC_OFF) {
            return false;
        }
    }
    return true;
}

// Something that whoever waits for the lists must hear of before they are whole.
static bool in_trouble(const struct session *l)
{
    const struct snapshot *v = store_view(l->store);
    bool any = !v->cluster.connected;
    for (enum kind k = 0; k < KIND_COUNT && !any; k++) {
        any = v->states[k].problem != ERR_NONE;
    }
    return any;
}

// When to publish what has changed: not more often than its cost allows; at once when everything has
// arrived for the first time; where lists are read but once, nobody looks at a part of them.
static int64_t publish_due(const struct session *l)
{
    if (!l->dirty) {
        int64_t at = l->probed_at + PROBE_PACE_MS;
        return l->probed_at == 0 ? INT64_MAX : at > l->publish_at ? at : l->publish_at;
    }
    if (!l->complete && all_settled(l)) {
        return 0;
    }
    return l->o.watch || l->complete || in_trouble(l) ? l->publish_at : INT64_MAX;
}

static void publish(struct session *l)
{
    int64_t begin = clock_thread_us();
    const void *derived = l->o.derive.update(l->o.derive.self, store_view(l->store), clock_now());
    const struct snapshot *s = store_publish(l->store, derived, l->o.derive.unref);
    pthread_mutex_lock(&l->lock);
    const struct snapshot *old = l->latest;
    l->latest = s;
    l->published++;
    pthread_mutex_unlock(&l->lock);
    snapshot_unref(old);
    session_notify(l);
    l->dirty = false;
    l->probed_at = 0;
    l->complete = l->complete || all_settled(l);
    // The thread's own time: on a busy machine the wall clock counts that of others.
    int64_t pause = (clock_thread_us() - begin) * PUBLISH_COST / 1000;
    l->publish_at = clock_mono_ms() + (pause > PUBLISH_MIN_MS ? pause : PUBLISH_MIN_MS);
}

// Runs the plugin with the terminal where the UI thread has given it away.
static void take_terminal(struct session *l)
{
    struct credential *c = l->o.credential;
    pthread_mutex_lock(&l->lock);
    l->plugin_asks = credential_needs_terminal(c, credential_clock());
    bool lend = l->lend;
    pthread_mutex_unlock(&l->lock);
    if (!lend) {
        return;
    }
    struct err err; // what failed becomes the state of every kind
    bool ok = credential_run_interactive(c, true, credential_clock(), &err);
    pthread_mutex_lock(&l->lock);
    l->lend = false;
    l->plugin_asks = credential_needs_terminal(c, credential_clock());
    pthread_cond_signal(&l->lent);
    pthread_mutex_unlock(&l->lock);
    if (ok) {
        client_reconnect(l->client);
    } else {
        client_relist(l->client, -1); // the failure stands until the user asks again
    }
}

static void *run(void *self)
{
    struct session *l = self;
    while (run_commands(l)) {
        take_terminal(l);
        int64_t now = clock_mono_ms();
        int64_t next = l->o.derive.next(l->o.derive.self);
        if (l->namespaces_changed && l->watches[KIND_NAMESPACE] != NULL &&
            l->watches[KIND_NAMESPACE]->state.synced) {
            session_tell_namespaces(l);
        }
        if (next != TIME_NONE && next <= clock_now() && !clock_is_pinned()) {
            l->dirty = true;
        }
        if (l->secrets_at != 0 && l->secrets_at <= now && l->secret_gets == 0) {
            l->secrets_at = 0;
            l->secrets_again = true;
        }
        if (l->look_at_secrets || l->secrets_again) {
            session_look_for_secrets(l);
        }
        if (publish_due(l) <= now) {
            publish(l);
            now = clock_mono_ms();
        }
        int64_t wait = IDLE_MS, due = publish_due(l);
        if (due != INT64_MAX) {
            wait = due - now;
        } else if (next != TIME_NONE && !clock_is_pinned()) {
            int64_t until = (next - clock_now()) * 1000;
            wait = until < wait ? until : wait;
        }
        if (l->secrets_at != 0 && l->secret_gets == 0 && l->secrets_at - now < wait) {
            wait = l->secrets_at - now;
        }
        client_step(l->client, wait > 0 ? wait : 0);
    }
    return NULL;
}

static void describe(struct session *l)
{
    const struct api_config *c = l->o.config;
    struct cluster_info *i = store_cluster(l->store);
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

struct session *session_start(const struct session_options *o, struct err *err)
{
    struct session *l = xcalloc(1, sizeof *l);
    l->o = *o;
    l->store = store_new();
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->lent, NULL);
    session_named_init(l);
    store_on_change(l->store, session_changed, l);
    describe(l);
    struct informer_spec wants[KIND_COUNT + 2];
    size_t n = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        bool whole = kinds[k].reading == READ_WHOLE || kinds[k].reading == READ_METADATA;
        // Once, for a command that asks; the dashboard does not carry them along.
        whole = whole || (!o->watch && (k == KIND_ENDPOINTSLICE || k == KIND_INGRESS));
        if (whole && (o->kinds & KIND_BIT(k)) != 0) {
            struct watch *w = session_new_watch(l, (int)k, k, kinds[k].field_selector, NULL);
            wants[n++] = session_informer_spec(l, (int)k, w);
            store_state(l->store, k)->state = SYNC_SYNCING;
        }
    }
    // external-dns by the labels that its charts give it: its arguments say how records are made.
    static const char *const external_dns[] = {"app.kubernetes.io/name=external-dns",
                                               "app=external-dns"};
    for (int i = 0; i < 2 && (o->kinds & KIND_BIT(KIND_DEPLOYMENT)) != 0; i++) {
        struct watch *w =
            session_new_watch(l, WATCH_EXTRA + i, KIND_DEPLOYMENT, NULL, external_dns[i]);
        wants[n++] = session_informer_spec(l, WATCH_EXTRA + i, w);
        store_state(l->store, KIND_DEPLOYMENT)->state = SYNC_SYNCING;
    }
    session_sum_up(l, KIND_EVENT);
    session_sum_up(l, KIND_POD);
    const struct client_sink sink = session_sink(l);
    l->client = client_new(o->config, o->credential, wants, n, &sink, &o->client, err);
    if (l->client == NULL) {
        goto fail;
    }
    l->dirty = l->look_at_secrets = true;
    // Signals are the UI thread's: this one has them all blocked.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&l->thread, NULL, run, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        errno = rc;
        err_sys(err, ERR_INTERNAL, "cannot start the I/O thread");
        goto fail;
    }
    return l;
fail:
    l->stop = true;
    client_free(l->client);
    l->client = NULL;
    session_stop(l);
    return NULL;
}

void session_stop(struct session *l)
{
    if (l == NULL) {
        return;
    }
    if (l->client != NULL) {
        pthread_mutex_lock(&l->lock);
        l->stop = true;
        pthread_mutex_unlock(&l->lock);
        client_wakeup(l->client);
        pthread_join(l->thread, NULL);
        client_free(l->client);
    }
    for (int i = 0; i < l->nwatches; i++) {
        session_free_watch(l->watches[i]);
    }
    for (int i = 0; i < l->queued; i++) {
        free(l->queue[i].field_selector);
        free(l->queue[i].label_selector);
        free(l->queue[i].path);
    }
    for (size_t i = 0; i < l->nprobes; i++) {
        probe_result_unref(l->probes[i]);
    }
    free(l->probes);
    snapshot_unref(l->latest);
    store_free(l->store);
    session_named_release(l);
    free(l->answer.text);
    pthread_cond_destroy(&l->lent);
    pthread_mutex_destroy(&l->lock);
    credential_free(l->o.credential);
    api_config_free(l->o.config);
    free(l);
}

// --- from other threads

const struct snapshot *session_latest(struct session *l)
{
    pthread_mutex_lock(&l->lock);
    const struct snapshot *s = snapshot_ref(l->latest);
    pthread_mutex_unlock(&l->lock);
    return s;
}

uint64_t session_published(struct session *l)
{
    pthread_mutex_lock(&l->lock);
    uint64_t n = l->published;
    pthread_mutex_unlock(&l->lock);
    return n;
}

bool session_enqueue(struct session *l, struct command c)
{
    pthread_mutex_lock(&l->lock);
    bool ok = l->queued < MAX_COMMANDS;
    if (ok) {
        if (c.type == COMMAND_FETCH) {
            c.kinds = (kind_set)++l->wanted_fetch;
            l->answered = false;
        }
        l->queue[l->queued++] = c;
    }
    pthread_mutex_unlock(&l->lock);
    if (!ok) {
        free(c.field_selector);
        free(c.label_selector);
        free(c.path);
        return false;
    }
    client_wakeup(l->client);
    return true;
}

void session_put_probe(struct session *l, const struct probe_result *r)
{
    pthread_mutex_lock(&l->lock);
    if (l->nprobes == l->cap_probes) {
        l->cap_probes = l->cap_probes == 0 ? 16 : l->cap_probes * 2;
        l->probes = xrealloc(l->probes, l->cap_probes * sizeof *l->probes);
    }
    l->probes[l->nprobes++] = r;
    pthread_mutex_unlock(&l->lock);
    client_wakeup(l->client);
}

bool session_relist(struct session *l, kind_set k)
{
    return session_enqueue(l, (struct command){.type = COMMAND_RELIST, .kinds = k});
}

bool session_reconnect(struct session *l)
{
    return session_enqueue(l, (struct command){.type = COMMAND_RECONNECT});
}

bool session_plugin_needs_terminal(struct session *l)
{
    pthread_mutex_lock(&l->lock);
    bool asks = l->plugin_asks;
    pthread_mutex_unlock(&l->lock);
    return asks;
}

void session_run_plugin(struct session *l)
{
    pthread_mutex_lock(&l->lock);
    l->lend = true;
    client_wakeup(l->client);
    while (l->lend) {
        pthread_cond_wait(&l->lent, &l->lock);
    }
    pthread_mutex_unlock(&l->lock);
}

bool session_watch(struct session *l, enum kind k, const char *field_selector,
                   const char *label_selector)
{
    return session_enqueue(
        l, (struct command){
               .type = COMMAND_WATCH,
               .kind = k,
               .field_selector = field_selector != NULL ? xstrdup(field_selector) : NULL,
               .label_selector = label_selector != NULL ? xstrdup(label_selector) : NULL});
}
