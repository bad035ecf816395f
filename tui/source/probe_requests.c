// SPDX-License-Identifier: Apache-2.0
// Which questions to DNS and to gateways the objects of a snapshot raise.
#include "tui/source/probe_requests.h"

#include "kube/base/arena.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/object_names.h"

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/chain/gateway_handshake.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"
#include "kube/mesh/dns/unmanaged_record.h"

#include "kube/probe/tls_prober.h"

void probe_requests_of(const struct snapshot *s, const struct dns_settings *dns, int64_t now,
                       probe_request_fn *put, void *self)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = now};
    struct dns_settings settings;
    dns_settings_for(&m, dns, &settings);
    struct desired_records records;
    desired_records_find(&m, &settings, &records);
    struct string_map made;
    string_map_init(&made, &arena);
    for (uint32_t i = 0; i < records.n; i++) {
        if (records.at[i].state != DNS_FILTERED) {
            dns_record_queries(&records.at[i], put, self);
            string_map_put(&made, str_lower(&arena, records.at[i].host), &records.at[i]);
        }
    }
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &s->objects[KIND_VIRTUALSERVICE]); (v = pmap_next(&it)) != NULL;) {
        unmanaged_record_queries(&m, &settings, OBJECT_AS(virtualservice, v), &made, put, self);
    }
    arena_release(&arena);
}

static void request_visible(void *self, enum probe_kind k, const char *name)
{
    dns_prober_request(self, k, name, true);
}

void probe_requests_record(struct dns_prober *p, const struct dns_record *r)
{
    if (r->state != DNS_FILTERED) {
        dns_record_queries(r, request_visible, p);
    }
}

// The object of "ns/name", NULL if there is none.
static const struct object *named(const struct mesh *m, enum kind k, const char *id)
{
    const char *ns = NULL, *name = id != NULL ? name_split(m->arena, id, NULL, &ns) : NULL;
    return ns != NULL ? mesh_get(m, k, ns, name) : NULL;
}

void probe_requests_app(struct dns_prober *p, const struct mesh *m, const struct dns_settings *s,
                        const struct app_row *r)
{
    struct desired_records records;
    desired_records_answering(m, s, r->host, named(m, KIND_GATEWAY, r->gateway),
                              named(m, KIND_VIRTUALSERVICE, r->virtualservice), &records);
    bool made = false;
    for (uint32_t i = 0; i < records.n; i++) {
        probe_requests_record(p, &records.at[i]);
        made = made || records.at[i].state != DNS_FILTERED;
    }
    const struct object *vs = named(m, KIND_VIRTUALSERVICE, r->virtualservice);
    if (!made && vs != NULL) {
        unmanaged_record_queries(m, s, OBJECT_AS(virtualservice, vs), NULL, request_visible, p);
    }
}

struct handshake_requests {
    struct tls_prober *prober;
    struct arena *arena;
};

static void request_handshake(void *self, const char *host, const char *address, int port)
{
    struct handshake_requests *w = self;
    tls_prober_request(w->prober, probe_tls_name(w->arena, host, address, port));
}

void probe_requests_handshakes(struct tls_prober *p, const struct snapshot *s,
                               const struct dns_settings *dns, int64_t now)
{
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = now};
    struct handshake_requests w = {p, &arena};
    gateway_handshake_queries(&m, dns, NULL, request_handshake, &w);
    arena_release(&arena);
}
