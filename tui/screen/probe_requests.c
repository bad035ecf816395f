// SPDX-License-Identifier: Apache-2.0
// Which questions of DNS and gateways the objects raise, and the probers that answer them.
#include "tui/screen/probe_requests.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/apps.h"
#include "kube/mesh/chain/tls_handshake.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/probe/probe_batch.h"
#include "kube/probe/tls_prober.h"

#include <stdlib.h>
#include <string.h>

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
    if (s->unknown.n != 0) { // only a source can be that
        return err_set(err, ERR_USAGE,
                       "'%s' is no source of --dns-sources; take istio-gateway, "
                       "istio-virtualservice, service or ingress",
                       strchr(s->unknown.at[0], '=') + 1);
    }
    if (s->invalid != NULL) {
        return err_set(err, ERR_USAGE, "%s; external-dns does not start so", s->invalid);
    }
    *out = s;
    return true;
}

static void ask(void *self, enum probe_kind k, const char *name)
{
    dns_prober_request(self, k, name, false);
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
    struct desired_records records;
    desired_records(&m, &settings, &records);
    for (uint32_t i = 0; i < records.n; i++) {
        if (records.at[i].state != DNS_FILTERED) {
            dns_record_queries(&records.at[i], put, self);
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
    dns_prober_request(self, k, name, true);
}

void asker_want_record(struct dns_prober *p, const struct dns_record *r)
{
    if (r->state != DNS_FILTERED) {
        dns_record_queries(r, ask_visible, p);
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
    struct desired_records records;
    desired_records_answering(m, s, r->host, named(m, KIND_GATEWAY, r->gateway),
                              named(m, KIND_VIRTUALSERVICE, r->virtualservice), &records);
    for (uint32_t i = 0; i < records.n; i++) {
        asker_want_record(p, &records.at[i]);
    }
}

struct handshakes {
    struct arena *arena;
    struct tls_prober *prober; // NULL: only written down
    struct probe_names names;
};

static void shake(void *self, const char *host, const char *address, int port)
{
    struct handshakes *h = self;
    const char *name = probe_tls_name(h->arena, host, address, port);
    if (h->prober != NULL) {
        tls_prober_request(h->prober, name);
    } else {
        probe_names_add(&h->names, PROBE_TLS, name);
    }
}

void asker_want_handshakes(struct tls_prober *p, const struct snapshot *s,
                           const struct dns_settings *dns, int64_t now)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = now};
    struct handshakes h = {.arena = &arena, .prober = p};
    tls_questions(&m, dns, NULL, shake, &h);
    arena_release(&arena);
}

// --- once

struct heard {
    const struct probe_result **at;
    size_t n;
};

static void hear(void *self, const struct probe_result *r)
{
    struct heard *h = self;
    h->at = xrealloc(h->at, (h->n + 1) * sizeof *h->at);
    h->at[h->n++] = r;
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

// Takes the names over.
static const struct snapshot *ask_dns(const struct options *o, const struct snapshot *s,
                                      struct probe_names *names, const struct dns_settings *dns,
                                      int seconds, size_t *left, struct err *err)
{
    struct heard heard = {.n = 0};
    struct dns_prober_options prober = {.resolver = o->resolver, .authoritative = o->authoritative};
    bool ok = dns_probe_batch(&prober, names, seconds * 1000, hear, &heard, left, err);
    probe_names_release(names);
    return ok ? with_answers(s, &heard, dns) : NULL;
}

static const struct snapshot *ask_gateways(const struct snapshot *s, const struct dns_settings *dns,
                                           int seconds, size_t *left, struct err *err)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    struct handshakes shakes = {.arena = &arena};
    tls_questions(&m, dns, NULL, shake, &shakes);
    struct heard heard = {.n = 0};
    struct tls_prober_options o = {0};
    bool ok = tls_probe_batch(&o, &shakes.names, seconds * 1000, hear, &heard, left, err);
    probe_names_release(&shakes.names);
    arena_release(&arena);
    return ok ? with_answers(s, &heard, dns) : NULL;
}

static void add_doubt(void *self, enum probe_kind k, const char *name)
{
    if (k == PROBE_HOST) {
        probe_names_add(self, k, name);
    }
}

// The names of records that seem to point elsewhere: a load balancer's addresses change, and those of host and
// balancer may have been asked a minute apart (docs/rules/dns.md#dns-rotation).
static void doubts(const struct snapshot *s, const struct dns_settings *dns,
                   struct probe_names *out)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    struct dns_settings settings;
    dns_settings_for(&m, dns, &settings);
    struct desired_records records;
    desired_records(&m, &settings, &records);
    for (uint32_t i = 0; i < records.n; i++) {
        struct dns_record r = records.at[i];
        dns_judge_record(&m, &settings, &r);
        if (r.state == DNS_ELSEWHERE && strcmp(r.type, "CNAME") == 0) {
            dns_record_queries(&r, add_doubt, out);
        }
    }
    arena_release(&arena);
}

static void replace(const struct snapshot **s, const struct snapshot *by)
{
    snapshot_unref(*s);
    *s = by;
}

const struct snapshot *asker_ask_once(const struct options *o, const struct snapshot *s,
                                      const struct dns_settings *dns, int seconds, size_t *left,
                                      struct err *err)
{
    const struct snapshot *with = snapshot_ref(s);
    struct probe_names names = {.n = 0};
    if (o->probe && !o->no_probe) {
        questions(with, dns, clock_now(), probe_names_add, &names);
        replace(&with, ask_dns(o, with, &names, dns, seconds, left, err));
        if (with != NULL) {
            doubts(with, dns, &names);
        }
        if (names.n != 0) {
            replace(&with, ask_dns(o, with, &names, dns, seconds, left, err));
        }
    }
    // Where a gateway is may be known only now: the handshakes come last.
    if (with != NULL && o->probe_tls) {
        replace(&with, ask_gateways(with, dns, seconds, left, err));
    }
    return with;
}
