// SPDX-License-Identifier: Apache-2.0
// Compares the answers of DNS with the record that should exist.
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ip_network.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/dns/txt_owner.h"

#include <stdlib.h>
#include <string.h>

// Resolvers cache negative answers for up to 15 minutes: a younger name is not called missing
// (docs/rules/dns.md#dns-patience).
enum { NEGATIVE_CACHE_S = 900 };

enum { TARGETS_SHOWN = 4 }; // in a sentence

// Whether one of the names is s, or a wildcard that covers it.
static bool names_cover(const struct str_list *l, const char *s)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (coverage_name_matches(l->at[i], s) || str_casecmp(l->at[i], s) == 0) {
            return true;
        }
    }
    return false;
}

// Whether the lists have an address in common, however it is written.
static bool share_address(const struct str_list *x, const struct str_list *y)
{
    for (uint32_t i = 0; i < x->n; i++) {
        for (uint32_t k = 0; k < y->n; k++) {
            if (name_same_ip(x->at[i], y->at[k])) {
                return true;
            }
        }
    }
    return false;
}

// " (asked RESOLVER)", "" if that is not known.
static const char *asked(struct arena *a, const struct probe_result *p)
{
    return !str_empty(p->resolver) ? arena_printf(a, " (asked %s)", p->resolver) : "";
}

static void set(struct dns_record *r, enum dns_state state, const char *reason)
{
    r->state = state;
    r->reason = reason;
}

// The addresses of a record type: for A and AAAA only those of the record's own type count.
static struct str_list of_type(struct arena *a, const struct str_list *l, const char *type)
{
    struct str_array out = {0};
    for (uint32_t i = 0; i < l->n; i++) {
        if (strcmp(dns_target_type(l->at[i]), type) == 0) {
            str_array_add(a, &out, l->at[i]);
        }
    }
    return str_array_list(&out);
}

// RFC 1918, RFC 6598, RFC 4193.
static bool is_private(const char *address)
{
    static const char *const networks[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                           "100.64.0.0/10", "fc00::/7"};
    const struct ip_network ip = ip_network_of_address(address);
    return ip_network_among(networks, ARRAY_COUNT(networks), &ip);
}

static bool some_private(const struct str_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (is_private(l->at[i])) {
            return true;
        }
    }
    return false;
}

static bool all_private(const struct str_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (!is_private(l->at[i])) {
            return false;
        }
    }
    return l->n > 0;
}

// Whether all addresses are of Cloudflare's proxies (docs/rules/dns.md#dns-proxied).
static bool all_cloudflare(const struct str_list *l)
{
    static const char *const networks[] = {
        "173.245.48.0/20",  "103.21.244.0/22",  "103.22.200.0/22", "103.31.4.0/22",
        "141.101.64.0/18",  "108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20",
        "197.234.240.0/22", "198.41.128.0/17",  "162.158.0.0/15",  "104.16.0.0/13",
        "104.24.0.0/14",    "172.64.0.0/13",    "131.0.72.0/22",   "2400:cb00::/32",
        "2606:4700::/32",   "2803:f800::/32",   "2405:b500::/32",  "2405:8100::/32",
        "2a06:98c0::/29",   "2c0f:f248::/32"};
    for (uint32_t i = 0; i < l->n; i++) {
        const struct ip_network address = ip_network_of_address(l->at[i]);
        if (!ip_network_among(networks, ARRAY_COUNT(networks), &address)) {
            return false;
        }
    }
    return l->n > 0;
}

// Whether the chain of an answer has one of the names.
static bool some_covered(const struct str_list *names, const struct str_list *chain)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (names_cover(chain, names->at[i])) {
            return true;
        }
    }
    return false;
}

// The answer is not what this record says. Whether that is right all the same, or may be: then the state is set
// (docs/rules/dns.md#dns-proxied, docs/rules/dns.md#dns-routing-policy, docs/rules/dns.md#version-not-known).
static bool excused(const struct mesh *m, struct dns_record *r, const struct probe_result *p,
                    const struct str_list *got)
{
    struct arena *a = m->arena;
    const char *said = str_list_summary(a, got, TARGETS_SHOWN);
    bool cloudflare = all_cloudflare(got);
    if (r->others.n != 0 &&
        (share_address(got, &r->others) || some_covered(&r->others, &p->cnames))) {
        set(r, DNS_UNKNOWN,
            arena_printf(a, "answers %s, the record of another external-dns%s", said, asked(a, p)));
    } else if (r->proxied && cloudflare) {
        set(r, DNS_OK, arena_printf(a, "proxied by Cloudflare: answers %s%s", said, asked(a, p)));
    } else if (r->proxied || cloudflare) {
        set(r, DNS_UNKNOWN,
            arena_printf(a, "answers %s%s: a proxy in front of %s?%s", said,
                         cloudflare ? ", addresses of Cloudflare" : "",
                         str_list_summary(a, &r->targets, TARGETS_SHOWN), asked(a, p)));
    } else if (r->routed || r->set_identifier != NULL) {
        set(r, DNS_UNKNOWN,
            arena_printf(
                a,
                "answers %s: one of several records of a routing policy, of which this one "
                "has %s%s",
                said, str_list_summary(a, &r->targets, TARGETS_SHOWN), asked(a, p)));
    } else if (r->by_version) {
        set(r, DNS_UNKNOWN,
            arena_printf(
                a,
                "answers %s; whether external-dns wants %s depends on its version, which is "
                "not known%s",
                said, str_list_summary(a, &r->targets, TARGETS_SHOWN), asked(a, p)));
    } else {
        return false;
    }
    return true;
}

static void judge_addresses(const struct mesh *m, struct dns_record *r,
                            const struct dns_evidence *e)
{
    struct arena *a = m->arena;
    const struct probe_result *p = e->host;
    for (uint32_t i = 0; i < r->targets.n; i++) {
        if (names_cover(&p->cnames, r->targets.at[i])) {
            set(r, DNS_OK, arena_printf(a, "leads to %s%s", r->targets.at[i], asked(a, p)));
            return;
        }
    }
    bool name = strcmp(r->type, "CNAME") == 0;
    struct str_list got = name ? p->addresses : of_type(a, &p->addresses, r->type);
    if (got.n == 0 && p->error != NULL) { // one of the two queries, A and AAAA, failed
        set(r, DNS_UNKNOWN, arena_printf(a, "no whole answer: %s%s", p->error, asked(a, p)));
        return;
    }
    if (got.n == 0 && p->addresses.n != 0 && excused(m, r, p, &p->addresses)) {
        return;
    }
    if (got.n == 0) {
        set(r, DNS_EMPTY,
            arena_printf(a, "%s is there, but has no %s%s", r->host, name ? "address" : r->type,
                         asked(a, p)));
        return;
    }
    const struct str_list *want = &r->targets;
    if (name) { // an ALIAS shows only addresses: compare those of the balancer's name
        if ((e->targets == NULL || e->targets->answer != ANSWER_YES) && excused(m, r, p, &got)) {
            return;
        }
        if (e->targets == NULL || e->targets->answer != ANSWER_YES) {
            set(r, DNS_UNKNOWN,
                arena_printf(a, "answers %s; %s itself could not be resolved to compare%s",
                             str_list_summary(a, &got, TARGETS_SHOWN), r->targets.at[0],
                             asked(a, p)));
            return;
        }
        want = &e->targets->addresses;
    }
    if (all_private(&got) && want->n > 0 && !some_private(want)) {
        // A name may have other addresses inside than outside (docs/rules/dns.md#dns-split-horizon).
        set(r, DNS_UNKNOWN,
            arena_printf(a,
                         "answers the private %s here, expected %s: a zone for the inside? ask a "
                         "resolver outside%s",
                         str_list_summary(a, &got, TARGETS_SHOWN),
                         str_list_summary(a, &r->targets, TARGETS_SHOWN), asked(a, p)));
        return;
    }
    if (share_address(&got, want) || (name && share_address(&got, &e->targets->earlier))) {
        set(r, DNS_OK,
            arena_printf(a, "answers %s%s", str_list_summary(a, &got, TARGETS_SHOWN), asked(a, p)));
    } else if (!excused(m, r, p, &got)) {
        set(r, DNS_ELSEWHERE,
            arena_printf(a, "points elsewhere: %s, expected %s%s",
                         str_list_summary(a, &got, TARGETS_SHOWN),
                         str_list_summary(a, &r->targets, TARGETS_SHOWN), asked(a, p)));
    }
}

// Whether the name beside owner name i has the text too: a wildcard made it
// (docs/rules/dns.md#dns-wildcard-synthesis).
static bool synthesized(const struct dns_evidence *e, uint32_t i, const char *text)
{
    const struct probe_result *p = e->beside != NULL ? e->beside[i] : NULL;
    for (uint32_t k = 0; p != NULL && p->answer == ANSWER_YES && k < p->texts.n; k++) {
        if (str_eq(p->texts.at[k], text)) {
            return true;
        }
    }
    return false;
}

// The settings that a record was made with: of the first external-dns, if there is only one.
static const struct dns_settings *settings_of(const struct dns_settings *s,
                                              const struct dns_record *r)
{
    return r->settings != NULL ? r->settings : s;
}

// Whether that is the owner of an external-dns that is known, or the one that it takes over from.
static bool is_owner(const struct dns_settings *s, const char *id)
{
    for (; s != NULL; s = s->next) {
        if (strcmp(id, s->owner_id) == 0 ||
            (s->old_owner_id[0] != '\0' && strcmp(id, s->old_owner_id) == 0)) {
            return true;
        }
    }
    return false;
}

// Whether an ownership record decides: it names another owner, or an object that is gone
// (docs/rules/dns.md#owner-differs).
static bool judge_owner_text(const struct mesh *m, const struct dns_settings *s,
                             struct dns_record *r, const struct dns_evidence *e, const char *text)
{
    struct arena *a = m->arena;
    struct txt_owner o;
    if (!txt_owner_parse(a, text, &o)) {
        return false;
    }
    if (o.id != NULL && !is_owner(s, o.id)) {
        set(r, DNS_FOREIGN,
            arena_printf(a, "owned by external-dns \"%s\", not \"%s\": it will not be changed; %s",
                         o.id, settings_of(s, r)->owner_id, r->reason));
        return true;
    }
    if (e->resource_gone && r->state != DNS_OK && o.kind != NULL) {
        set(r, DNS_STALE,
            arena_printf(a, "left over from %s %s/%s, which is gone: %s", o.kind, o.ns, o.name,
                         r->reason));
        return true;
    }
    return false;
}

// The first ownership record that decides counts.
static void judge_owner(const struct mesh *m, const struct dns_settings *s, struct dns_record *r,
                        const struct dns_evidence *e)
{
    for (uint32_t i = 0; i < e->nowners; i++) {
        const struct probe_result *t = e->owners[i];
        for (uint32_t k = 0; t != NULL && t->answer == ANSWER_YES && k < t->texts.n; k++) {
            const char *text = t->texts.at[k];
            if (!synthesized(e, i, text) && judge_owner_text(m, s, r, e, text)) {
                return;
            }
        }
    }
}

// Whether the name has no ownership record at all: all that may own it were looked up, and none is one
// (docs/rules/dns.md#owner-lost).
static bool unowned(const struct dns_evidence *e)
{
    for (uint32_t i = 0; i < e->nowners; i++) {
        const struct probe_result *t = e->owners[i];
        if (t == NULL || t->answer == ANSWER_FAILED) {
            return false;
        }
        for (uint32_t k = 0; t->answer == ANSWER_YES && k < t->texts.n; k++) {
            if (!synthesized(e, i, t->texts.at[k])) {
                return false; // an owner, or an encrypted one
            }
        }
    }
    return e->nowners > 0;
}

// What is wrong, with what keeps external-dns from mending it.
static void add_why(const struct mesh *m, const struct dns_settings *s, struct dns_record *r,
                    const struct dns_evidence *e)
{
    struct arena *a = m->arena;
    if (r->state == DNS_ELSEWHERE && r->owner_names.n != 0 && unowned(e)) {
        r->reason = arena_printf(a,
                                 "%s; it has no ownership record (TXT %s), and external-dns never "
                                 "changes what it does not own",
                                 r->reason, r->owner_names.at[0]);
    }
    if (r->source == NULL) {
        return; // it makes none
    }
    s = settings_of(s, r);
    bool wrong = r->state == DNS_ELSEWHERE || r->state == DNS_MISSING || r->state == DNS_EMPTY;
    if (wrong && s->idle != NULL) {
        r->reason = arena_printf(a, "%s; %s", r->reason, s->idle);
    } else if (r->state == DNS_ELSEWHERE && strcmp(s->policy, "create-only") == 0) {
        r->reason = arena_printf(a, "%s; --policy=create-only changes no record", r->reason);
    }
}

// Whether the answer is the alias alone: a zone's own server does not follow a name out of its zone. That is right
// unless the balancer's name is known to have no address (docs/rules/dns.md#dns-alias-without-address).
static bool leads_on(const struct dns_record *r, const struct dns_evidence *e)
{
    bool dead = e->targets != NULL &&
                (e->targets->answer == ANSWER_NXDOMAIN || e->targets->answer == ANSWER_NODATA);
    for (uint32_t i = 0; i < r->targets.n && !dead; i++) {
        if (names_cover(&e->host->cnames, r->targets.at[i])) {
            return true;
        }
    }
    return false;
}

void dns_judge(const struct mesh *m, const struct dns_settings *s, struct dns_record *r,
               const struct dns_evidence *e)
{
    struct arena *a = m->arena;
    const struct probe_result *p = e->host;
    if (r->state == DNS_FILTERED || p == NULL) {
        return;
    }
    bool young = e->created != TIME_NONE && !mesh_reached(m, e->created + NEGATIVE_CACHE_S);
    switch (p->answer) {
    case ANSWER_FAILED:
        set(r, DNS_UNKNOWN,
            arena_printf(a, "no answer: %s%s", p->error != NULL ? p->error : "unknown",
                         asked(a, p)));
        return;
    case ANSWER_NXDOMAIN:
    case ANSWER_NODATA:
        if (p->answer == ANSWER_NODATA && leads_on(r, e)) {
            set(r, DNS_OK, arena_printf(a, "leads to %s%s", r->targets.at[0], asked(a, p)));
        } else if (young) {
            set(r, DNS_UNKNOWN,
                arena_printf(a,
                             "no record yet: %s is new, external-dns and caches need "
                             "up to 15 minutes%s",
                             r->source, asked(a, p)));
        } else if (p->answer == ANSWER_NXDOMAIN) {
            set(r, DNS_MISSING,
                arena_printf(a, "no DNS record for %s%s%s", r->host,
                             r->source != NULL ? ": see external-dns's log" : "", asked(a, p)));
        } else {
            set(r, DNS_EMPTY,
                arena_printf(a, "%s is there, but has no A or AAAA%s", r->host, asked(a, p)));
        }
        break;
    case ANSWER_YES:
        judge_addresses(m, r, e);
        break;
    }
    judge_owner(m, s, r, e);
    add_why(m, s, r, e);
}

// Whether owner name i names an object that is known not to exist.
static bool owner_gone(const struct mesh *m, const struct dns_evidence *e, uint32_t i)
{
    const struct probe_result *t = e->owners[i];
    for (uint32_t k = 0; t != NULL && k < t->texts.n; k++) {
        struct txt_owner o;
        enum kind kind;
        if (!synthesized(e, i, t->texts.at[k]) && txt_owner_parse(m->arena, t->texts.at[k], &o) &&
            o.kind != NULL && (kind = dns_resource_kind(o.kind)) != KIND_COUNT &&
            mesh_complete(m, kind) && mesh_get(m, kind, o.ns, o.name) == NULL) {
            return true;
        }
    }
    return false;
}

// "?.rest" of an owner name, for an unused label; NULL if the name has only one label. To be freed.
static char *beside_name(const char *owner)
{
    const char *dot = strchr(owner, '.');
    return dot != NULL ? xasprintf("?%s", dot) : NULL;
}

void dns_record_queries(const struct dns_record *r, dns_query_fn *query, void *self)
{
    if (strcmp(r->type, "SRV") == 0) {
        return; // only addresses and names are compared
    }
    query(self, PROBE_HOST, r->host);
    for (uint32_t i = 0; i < r->targets.n; i++) {
        if (strcmp(r->type, "CNAME") == 0) {
            query(self, PROBE_HOST, r->targets.at[i]);
        }
    }
    for (uint32_t i = 0; i < r->owner_names.n; i++) {
        query(self, PROBE_TXT, r->owner_names.at[i]);
        char *beside = beside_name(r->owner_names.at[i]);
        if (beside != NULL) {
            query(self, PROBE_TXT, beside);
        }
        free(beside);
    }
}

void dns_judge_record(const struct mesh *m, const struct dns_settings *s, struct dns_record *r)
{
    struct dns_evidence e = {.created = TIME_NONE};
    e.host = mesh_probe(m, PROBE_HOST, r->host);
    for (uint32_t i = 0; i < r->targets.n && e.targets == NULL; i++) {
        if (strcmp(r->type, "CNAME") == 0) {
            e.targets = mesh_probe(m, PROBE_HOST, r->targets.at[i]);
        }
    }
    const struct probe_result **owners = arena_calloc(m->arena, r->owner_names.n, sizeof *owners);
    const struct probe_result **besides = arena_calloc(m->arena, r->owner_names.n, sizeof *besides);
    e.owners = owners;
    e.beside = besides;
    e.nowners = r->owner_names.n;
    for (uint32_t i = 0; i < r->owner_names.n; i++) {
        char *name = beside_name(r->owner_names.at[i]);
        owners[i] = mesh_probe(m, PROBE_TXT, r->owner_names.at[i]);
        besides[i] = name != NULL ? mesh_probe(m, PROBE_TXT, name) : NULL;
        free(name);
        e.resource_gone = e.resource_gone || owner_gone(m, &e, i);
    }
    const struct object *source = dns_resource_object(m, r->source);
    e.created = source != NULL ? source->created : TIME_NONE;
    dns_judge(m, s, r, &e);
}
