// SPDX-License-Identifier: Apache-2.0
// Judges DNS answers against the record expected, and a served certificate against the issued one.
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/cert/name_coverage.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Negative answers are cached by resolvers for up to 15 minutes; a younger name is not called missing.
#define PATIENCE 900

static bool in_list(const struct str_list *l, const char *s)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (coverage_name_matches(l->at[i], s) || str_casecmp(l->at[i], s) == 0) {
            return true;
        }
    }
    return false;
}

static bool meet(const struct str_list *x, const struct str_list *y)
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

static const char *list_text(struct arena *a, const struct str_list *l)
{
    const char *out = "";
    for (uint32_t i = 0; i < l->n && i < 4; i++) {
        out = arena_printf(a, "%s%s%s", out, i == 0 ? "" : ", ", l->at[i]);
    }
    return l->n > 4 ? arena_printf(a, "%s and %u more", out, l->n - 4) : out;
}

static const char *asked(struct arena *a, const struct probe_result *p)
{
    return !str_empty(p->resolver) ? arena_printf(a, " (asked %s)", p->resolver) : "";
}

static void set(struct dns_record *r, enum dns_state state, const char *reason)
{
    r->state = state;
    r->reason = reason;
}

// Only the addresses of the record's own type decide for A and AAAA.
static struct str_list of_type(struct arena *a, const struct str_list *l, const char *type)
{
    const char **at = arena_alloc(a, ((size_t)l->n + 1) * sizeof *at);
    uint32_t k = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        if (strcmp(dns_target_type(l->at[i]), type) == 0) {
            at[k++] = l->at[i];
        }
    }
    return (struct str_list){at, k};
}

// RFC 1918, RFC 6598, RFC 4193.
static bool is_private(const char *address)
{
    unsigned a, b;
    unsigned char six[16];
    if (inet_pton(AF_INET6, address, six) == 1) {
        return (six[0] & 0xFEU) == 0xFCU;
    }
    return sscanf(address, "%u.%u.", &a, &b) == 2 &&
           (a == 10 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) ||
            (a == 100 && b >= 64 && b < 128));
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

static void judge_addresses(const struct mesh *m, struct dns_record *r,
                            const struct dns_evidence *e)
{
    struct arena *a = m->arena;
    const struct probe_result *p = e->host;
    for (uint32_t i = 0; i < r->targets.n; i++) {
        if (in_list(&p->cnames, r->targets.at[i])) {
            set(r, DNS_OK, arena_printf(a, "leads to %s%s", r->targets.at[i], asked(a, p)));
            return;
        }
    }
    bool name = strcmp(r->type, "CNAME") == 0;
    struct str_list got = name ? p->addresses : of_type(a, &p->addresses, r->type);
    if (got.n == 0 && p->error != NULL) { // one of the two families was not answered
        set(r, DNS_UNKNOWN, arena_printf(a, "no whole answer: %s%s", p->error, asked(a, p)));
        return;
    }
    if (got.n == 0) {
        set(r, DNS_EMPTY,
            arena_printf(a, "%s is there, but has no %s%s", r->host, name ? "address" : r->type,
                         asked(a, p)));
        return;
    }
    const struct str_list *want = &r->targets;
    if (name) { // an ALIAS shows only addresses: the balancer's own are compared
        if (e->targets == NULL || e->targets->answer != ANSWER_YES) {
            set(r, DNS_UNKNOWN,
                arena_printf(a, "answers %s; %s itself could not be resolved to compare%s",
                             list_text(a, &got), r->targets.at[0], asked(a, p)));
            return;
        }
        want = &e->targets->addresses;
    }
    if (all_private(&got) && want->n > 0 && !some_private(want)) {
        // Split horizon: inside, a name may well have another address than outside.
        set(r, DNS_UNKNOWN,
            arena_printf(a,
                         "answers the private %s here, expected %s: a zone for the inside? ask a "
                         "resolver outside%s",
                         list_text(a, &got), list_text(a, &r->targets), asked(a, p)));
        return;
    }
    if (meet(&got, want) || (name && meet(&got, &e->targets->earlier))) {
        set(r, DNS_OK, arena_printf(a, "answers %s%s", list_text(a, &got), asked(a, p)));
    } else {
        set(r, DNS_ELSEWHERE,
            arena_printf(a, "points elsewhere: %s, expected %s%s", list_text(a, &got),
                         list_text(a, &r->targets), asked(a, p)));
    }
}

static bool synthesized(const struct dns_evidence *e, uint32_t i, const char *text)
{
    const struct probe_result *p = e->made_up != NULL ? e->made_up[i] : NULL;
    for (uint32_t k = 0; p != NULL && p->answer == ANSWER_YES && k < p->texts.n; k++) {
        if (str_eq(p->texts.at[k], text)) {
            return true;
        }
    }
    return false;
}

// TXT may be synthesized by a wildcard: a text that a made-up name has as well is nobody's ownership record.
static void judge_owner(const struct mesh *m, const struct dns_settings *s, struct dns_record *r,
                        const struct dns_evidence *e)
{
    struct arena *a = m->arena;
    for (uint32_t i = 0; i < e->nowners; i++) {
        const struct probe_result *t = e->owners[i];
        for (uint32_t k = 0; t != NULL && t->answer == ANSWER_YES && k < t->texts.n; k++) {
            struct dns_owner o;
            if (synthesized(e, i, t->texts.at[k]) || !dns_owner_parse(a, t->texts.at[k], &o)) {
                continue;
            }
            if (o.id != NULL && strcmp(o.id, s->owner_id) != 0 &&
                (s->old_owner_id[0] == '\0' || strcmp(o.id, s->old_owner_id) != 0)) {
                set(r, DNS_FOREIGN,
                    arena_printf(
                        a,
                        "owned by external-dns \"%s\", not \"%s\": it will not be changed; "
                        "%s",
                        o.id, s->owner_id, r->reason));
                return;
            }
            if (e->resource_gone && r->state != DNS_OK && o.kind != NULL) {
                set(r, DNS_STALE,
                    arena_printf(a, "left over from %s %s/%s, which is gone: %s", o.kind, o.ns,
                                 o.name, r->reason));
                return;
            }
        }
    }
}

// A zone's own server does not follow a name out of its zone: the alias alone is its whole answer, and
// right unless the balancer's name is known to have no address.
static bool leads_on(const struct dns_record *r, const struct dns_evidence *e)
{
    bool dead = e->targets != NULL &&
                (e->targets->answer == ANSWER_NXDOMAIN || e->targets->answer == ANSWER_NODATA);
    for (uint32_t i = 0; i < r->targets.n && !dead; i++) {
        if (in_list(&e->host->cnames, r->targets.at[i])) {
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
    bool young = e->created != TIME_NONE && !mesh_reached(m, e->created + PATIENCE);
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
                arena_printf(a, "no DNS record for %s: see external-dns's log%s", r->host,
                             asked(a, p)));
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
}

enum kind dns_resource_kind(const char *word)
{
    static const struct {
        const char *word;
        enum kind kind;
    } words[] = {
        {"gateway", KIND_GATEWAY},
        {"virtualservice", KIND_VIRTUALSERVICE},
        {"service", KIND_SERVICE},
        {"ingress", KIND_INGRESS},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq(words[i].word, word)) {
            return words[i].kind;
        }
    }
    return KIND_COUNT;
}

static bool owner_gone(const struct mesh *m, const struct dns_evidence *e, uint32_t i)
{
    const struct probe_result *t = e->owners[i];
    for (uint32_t k = 0; t != NULL && k < t->texts.n; k++) {
        struct dns_owner o;
        enum kind kind;
        if (!synthesized(e, i, t->texts.at[k]) && dns_owner_parse(m->arena, t->texts.at[k], &o) &&
            o.kind != NULL && (kind = dns_resource_kind(o.kind)) != KIND_COUNT &&
            mesh_complete(m, kind) && mesh_get(m, kind, o.ns, o.name) == NULL) {
            return true;
        }
    }
    return false;
}

// "?.rest" of an owner's name, NULL where it has but one label.
static char *made_up_name(const char *owner)
{
    const char *dot = strchr(owner, '.');
    return dot != NULL ? xasprintf("?%s", dot) : NULL;
}

void dns_record_questions(const struct dns_record *r,
                          void (*ask)(void *self, enum probe_kind k, const char *name), void *self)
{
    if (strcmp(r->type, "SRV") == 0) {
        return; // only addresses and names are compared
    }
    ask(self, PROBE_HOST, r->host);
    for (uint32_t i = 0; i < r->targets.n; i++) {
        if (strcmp(r->type, "CNAME") == 0) {
            ask(self, PROBE_HOST, r->targets.at[i]);
        }
    }
    for (uint32_t i = 0; i < r->owner_names.n; i++) {
        ask(self, PROBE_TXT, r->owner_names.at[i]);
        char *beside = made_up_name(r->owner_names.at[i]);
        if (beside != NULL) {
            ask(self, PROBE_TXT, beside);
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
    const struct probe_result **owners =
        arena_alloc(m->arena, ((size_t)r->owner_names.n + 1) * sizeof *owners);
    const struct probe_result **made_up =
        arena_alloc(m->arena, ((size_t)r->owner_names.n + 1) * sizeof *made_up);
    e.owners = owners;
    e.made_up = made_up;
    e.nowners = r->owner_names.n;
    for (uint32_t i = 0; i < r->owner_names.n; i++) {
        char *beside = made_up_name(r->owner_names.at[i]);
        owners[i] = mesh_probe(m, PROBE_TXT, r->owner_names.at[i]);
        made_up[i] = beside != NULL ? mesh_probe(m, PROBE_TXT, beside) : NULL;
        free(beside);
        e.resource_gone = e.resource_gone || owner_gone(m, &e, i);
    }
    struct dns_owner source;
    if (dns_owner_parse(m->arena, dns_owner_text(m->arena, s, r->source), &source) &&
        source.kind != NULL) {
        enum kind k = dns_resource_kind(source.kind);
        const struct object *o = k != KIND_COUNT ? mesh_get(m, k, source.ns, source.name) : NULL;
        e.created = o != NULL ? o->created : TIME_NONE;
    }
    dns_judge(m, s, r, &e);
}
