// SPDX-License-Identifier: Apache-2.0
// One round of probes of DNS and gateways.
#include "tui/cli/probe_snapshot.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/log.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/gateway_handshake.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/probe/probe_batch.h"

#include "tui/source/probe_requests.h"

#include <stdlib.h>
#include <string.h>

struct probe_answers {
    const struct probe_result **at;
    size_t n, cap;
};

static void take_answer(void *self, const struct probe_result *r)
{
    struct probe_answers *a = self;
    *ARRAY_PUSH(a->at, a->n, a->cap) = r;
}

// The same objects with the answers, which it takes over.
static const struct snapshot *with_answers(const struct snapshot *s, struct probe_answers *answers,
                                           const struct probe_settings *p,
                                           const struct dns_settings *dns)
{
    struct store *store = store_new();
    store_copy(store, s);
    for (size_t i = 0; i < answers->n; i++) {
        store_put_probe(store, answers->at[i]);
    }
    free(answers->at);
    *answers = (struct probe_answers){.n = 0};
    const void *rows = p->chains ? app_rows_build(store_view(store), dns, clock_now(), NULL) : NULL;
    const struct snapshot *with = store_publish(store, rows, app_rows_unref);
    store_free(store);
    return with;
}

// Takes the names over.
static const struct snapshot *probe_dns(const struct snapshot *s, const struct probe_settings *p,
                                        struct probe_names *names, const struct dns_settings *dns,
                                        size_t *left, struct err *err)
{
    struct probe_answers answers = {.n = 0};
    struct dns_prober_options o = {.resolver = p->resolver, .authoritative = p->authoritative};
    bool ok = dns_probe_batch(&o, names, p->seconds * 1000, take_answer, &answers, left, err);
    log_debug(LOG_AREA_PROBE, "DNS: %zu questions, %zu answers", names->n, answers.n);
    probe_names_release(names);
    return ok ? with_answers(s, &answers, p, dns) : NULL;
}

struct handshake_names {
    struct arena *arena;
    struct probe_names names;
};

static void add_handshake(void *self, const char *host, const char *address, int port)
{
    struct handshake_names *h = self;
    probe_names_add(&h->names, PROBE_TLS, probe_tls_name(h->arena, host, address, port));
}

static const struct snapshot *probe_gateways(const struct snapshot *s,
                                             const struct probe_settings *p,
                                             const struct dns_settings *dns, size_t *left,
                                             struct err *err)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    struct handshake_names h = {.arena = &arena};
    gateway_handshake_queries(&m, dns, NULL, add_handshake, &h);
    struct probe_answers answers = {.n = 0};
    struct tls_prober_options o = {0};
    bool ok = tls_probe_batch(&o, &h.names, p->seconds * 1000, take_answer, &answers, left, err);
    log_debug(LOG_AREA_PROBE, "TLS: %zu handshakes, %zu ended", h.names.n, answers.n);
    probe_names_release(&h.names);
    arena_release(&arena);
    return ok ? with_answers(s, &answers, p, dns) : NULL;
}

static void add_host(void *self, enum probe_kind k, const char *name)
{
    if (k == PROBE_HOST) {
        probe_names_add(self, k, name);
    }
}

// The names of records that seem to point elsewhere: a load balancer's addresses change, and host
// and balancer may have been queried a minute apart (docs/rules/dns.md#dns-rotation).
static void add_doubtful(const struct snapshot *s, const struct dns_settings *dns,
                         struct probe_names *out)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    struct dns_settings settings;
    dns_settings_for(&m, dns, &settings);
    struct desired_records records;
    desired_records_find(&m, &settings, &records);
    for (uint32_t i = 0; i < records.n; i++) {
        struct dns_record r = records.at[i];
        dns_judge_record(&m, &settings, &r);
        if (r.state == DNS_ELSEWHERE && strcmp(r.type, "CNAME") == 0) {
            dns_record_queries(&r, add_host, out);
        }
    }
    arena_release(&arena);
}

// Releases the snapshot and puts another in its place.
static void replace(const struct snapshot **s, const struct snapshot *by)
{
    snapshot_unref(*s);
    *s = by;
}

const struct snapshot *probe_snapshot(const struct snapshot *s, const struct probe_settings *p,
                                      const struct dns_settings *dns, size_t *left, struct err *err)
{
    const struct snapshot *with = snapshot_ref(s);
    struct probe_names names = {.n = 0};
    if (p->dns) {
        probe_requests_of(with, dns, clock_now(), probe_names_add, &names);
        replace(&with, probe_dns(with, p, &names, dns, left, err));
        if (with != NULL) {
            add_doubtful(with, dns, &names);
        }
        if (names.n != 0) {
            replace(&with, probe_dns(with, p, &names, dns, left, err));
        }
    }
    // The addresses of gateways may only be known now, so the handshakes come last.
    if (with != NULL && p->tls) {
        replace(&with, probe_gateways(with, p, dns, left, err));
    }
    return with;
}
