// SPDX-License-Identifier: Apache-2.0
// Which questions of DNS and gateways the objects raise, and the probers that answer them.
#include "tui/asker.h"

#include "kube/store/store.h"

#include "kube/mesh/apps.h"
#include "kube/mesh/dnsverdict.h"
#include "kube/mesh/tlsprobe.h"

#include "kube/probe/once.h"
#include "kube/probe/tls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool asker_settings(const struct options *o, struct arena *a, const struct dns_settings **out,
                    struct err *err)
{
    *out = NULL;
    if (o->dns_args.n == 0) {
        return true;
    }
    struct dns_settings *s = arena_alloc(a, sizeof *s);
    dns_settings_default(s);
    for (size_t i = 0; i < o->dns_args.n; i++) {
        dns_settings_arg(a, s, o->dns_args.at[i], NULL);
    }
    dns_settings_finish(s);
    s->from = "options";
    if (s->unknown.n != 0) {
        return err_set(err, ERR_USAGE,
                       "cannot use '%s'; sources are istio-gateway, istio-virtualservice, "
                       "service and ingress",
                       s->unknown.at[0]);
    }
    if (s->invalid != NULL) {
        return err_set(err, ERR_USAGE, "%s; external-dns does not start so", s->invalid);
    }
    *out = s;
    return true;
}

static void ask(void *self, enum probe_kind k, const char *name)
{
    dns_prober_want(self, k, name, false);
}

typedef void ask_fn(void *self, enum probe_kind k, const char *name);

// Every question that the records of a snapshot raise; doubles among them.
static void questions(const struct snapshot *s, const struct dns_settings *dns, int64_t now,
                      ask_fn *put, void *self)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = now};
    struct dns_settings settings;
    dns_settings_for(&m, dns, &settings);
    struct dns_records records;
    dns_records(&m, &settings, &records);
    for (uint32_t i = 0; i < records.n; i++) {
        if (records.at[i].state != DNS_FILTERED) {
            dns_record_questions(&records.at[i], put, self);
        }
    }
    arena_release(&arena);
}

void asker_want_all(struct dns_prober *p, const struct snapshot *s, const struct dns_settings *dns,
                    int64_t now)
{
    questions(s, dns, now, ask, p);
}

static void ask_visible(void *self, enum probe_kind k, const char *name)
{
    dns_prober_want(self, k, name, true);
}

void asker_want_record(struct dns_prober *p, const struct dns_record *r)
{
    if (r->state != DNS_FILTERED) {
        dns_record_questions(r, ask_visible, p);
    }
}

// The object of "ns/name", NULL where there is none.
static const struct object *named(const struct mesh *m, enum kind k, const char *id)
{
    const char *slash = id != NULL ? strchr(id, '/') : NULL;
    return slash != NULL
               ? mesh_get(m, k, arena_strndup(m->arena, id, (size_t)(slash - id)), slash + 1)
               : NULL;
}

void asker_want_app(struct dns_prober *p, const struct mesh *m, const struct dns_settings *s,
                    const struct app_row *r)
{
    struct dns_records records;
    dns_records_answering(m, s, r->host, named(m, KIND_GATEWAY, r->gateway),
                          named(m, KIND_VIRTUALSERVICE, r->virtualservice), &records);
    for (uint32_t i = 0; i < records.n; i++) {
        asker_want_record(p, &records.at[i]);
    }
}

static void shake(void *self, const char *host, const char *address, int port)
{
    tls_prober_want(self, host, address, port);
}

void asker_want_handshakes(struct tls_prober *p, const struct snapshot *s,
                           const struct dns_settings *dns, int64_t now)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = now};
    tls_questions(&m, dns, NULL, shake, p);
    arena_release(&arena);
}

// --- once

struct heard {
    pthread_mutex_t lock;
    pthread_cond_t more;
    const struct probe_result **at;
    size_t n;
};

static void hear(void *self, const struct probe_result *r)
{
    struct heard *h = self;
    pthread_mutex_lock(&h->lock);
    h->at = xrealloc(h->at, (h->n + 1) * sizeof *h->at);
    h->at[h->n++] = r;
    pthread_cond_signal(&h->more);
    pthread_mutex_unlock(&h->lock);
}

static bool ask_dns(struct heard *h, const struct options *o, const struct snapshot *s,
                    const struct dns_settings *dns, int seconds, struct err *err)
{
    struct dns_prober_options prober = {.resolver = o->resolver, .authoritative = o->authoritative};
    struct probe_names names = {.n = 0};
    questions(s, dns, clock_now(), probe_names_add, &names);
    bool ok = dns_probe_once(&prober, &names, seconds * 1000, hear, h, err);
    probe_names_release(&names);
    return ok;
}

struct handshakes {
    struct tls_prober *prober;
    struct probe_names asked; // each host once, as the prober counts them
};

static void shake_and_count(void *self, const char *host, const char *address, int port)
{
    struct handshakes *h = self;
    for (size_t i = 0; i < h->asked.n; i++) {
        if (strcmp(h->asked.at[i].name, host) == 0) {
            return;
        }
    }
    if (tls_prober_want(h->prober, host, address, port)) {
        probe_names_add(&h->asked, PROBE_TLS, host);
    }
}

static bool ask_gateways(struct heard *h, const struct snapshot *s, const struct dns_settings *dns,
                         int seconds, struct err *err)
{
    struct tls_prober_options o = {.result = hear, .self = h};
    struct handshakes shakes = {.prober = tls_prober_start(&o, err)};
    if (shakes.prober == NULL) {
        return false;
    }
    pthread_mutex_lock(&h->lock);
    size_t before = h->n;
    pthread_mutex_unlock(&h->lock);
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    tls_questions(&m, dns, NULL, shake_and_count, &shakes);
    arena_release(&arena);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&h->lock);
    while (h->n - before < shakes.asked.n &&
           pthread_cond_timedwait(&h->more, &h->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&h->lock);
    tls_prober_stop(shakes.prober);
    probe_names_release(&shakes.asked);
    return true;
}

// The same objects with what was heard, derived anew. Takes over what was heard.
static const struct snapshot *with_answers(const struct snapshot *s, struct heard *heard,
                                           const struct dns_settings *dns)
{
    struct store *store = store_new();
    struct apps *apps = apps_new(dns);
    store_on_change(store, apps_changed, apps);
    store_copy(store, s);
    for (size_t i = 0; i < heard->n; i++) {
        store_put_probe(store, heard->at[i]);
    }
    free(heard->at);
    heard->at = NULL;
    heard->n = 0;
    const void *rows = apps_update(apps, store_view(store), clock_now());
    const struct snapshot *with = store_publish(store, rows, apps_rows_unref);
    apps_free(apps);
    store_free(store);
    return with;
}

const struct snapshot *asker_ask_once(const struct options *o, const struct snapshot *s,
                                      const struct dns_settings *dns, int seconds, struct err *err)
{
    struct heard heard = {.n = 0};
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&heard.more, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&heard.lock, NULL);
    const struct snapshot *with = snapshot_ref(s);
    if (o->probe && !o->no_probe) {
        bool ok = ask_dns(&heard, o, s, dns, seconds, err);
        snapshot_unref(with);
        with = ok ? with_answers(s, &heard, dns) : NULL;
    }
    // Where a gateway is may be known only now: the handshakes come second.
    if (with != NULL && o->probe_tls) {
        const struct snapshot *before = with;
        bool ok = ask_gateways(&heard, before, dns, seconds, err);
        with = ok ? with_answers(before, &heard, dns) : NULL;
        snapshot_unref(before);
    }
    pthread_cond_destroy(&heard.more);
    pthread_mutex_destroy(&heard.lock);
    return with;
}
