// SPDX-License-Identifier: Apache-2.0
// The link dns.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/placeholder.h"

#include "kube/mesh/chain/links_internal.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_source_istio.h"
#include "kube/mesh/dns/dns_verdict.h"
#include "kube/mesh/dns/unmanaged_record.h"

#include <string.h>

// The first target, in a sentence.
static const char *targets_text(const struct mesh *m, const struct dns_record *r)
{
    return r->targets.n == 0 ? "nothing"
                             : arena_printf(m->arena, "%s%s", r->targets.at[0],
                                            r->targets.n > 1 ? " and more" : "");
}

// The worst of the records, judged by what DNS answered; one that is not made only where none is made. NULL if there
// is no record.
static const struct dns_record *worst_of(const struct mesh *m, const struct dns_settings *s,
                                         const struct desired_records *records)
{
    struct dns_record *worst = NULL;
    for (uint32_t i = 0; i < records->n; i++) {
        struct dns_record *r = arena_alloc(m->arena, sizeof *r);
        *r = records->at[i];
        dns_judge_record(m, s, r);
        if (r->state == DNS_UNKNOWN && r->others.n != 0 && worst != NULL) {
            continue; // another external-dns's record answers
        }
        bool made = r->state != DNS_FILTERED, other = worst != NULL && worst->state != DNS_FILTERED;
        if (worst == NULL || (made && !other) ||
            (made == other && dns_state_verdict(r->state) > dns_state_verdict(worst->state))) {
            worst = r;
        }
    }
    return worst;
}

// Names that nobody wrote into DNS have one cause for each Gateway; a wrong record is a cause of its own.
static void blame_record(struct link_context *ctx, const char *name, const struct dns_record *r)
{
    static const char *const words[DNS_STATE_COUNT] = {
        [DNS_MISSING] = "Not in DNS",
        [DNS_EMPTY] = "DNS name without an address",
        [DNS_ELSEWHERE] = "DNS leads elsewhere",
        [DNS_FOREIGN] = "DNS record of another external-dns",
        [DNS_STALE] = "DNS record of an object that is gone",
    };
    static const char *const todo[DNS_STATE_COUNT] = {
        [DNS_MISSING] =
            "look at the log of external-dns: source, domain filter, rights in the zone",
        [DNS_EMPTY] = "look at the records of the name in the zone",
        [DNS_ELSEWHERE] = "find who wrote the record, and take it out of the zone",
        [DNS_FOREIGN] = "let one external-dns own the name: txtOwnerId of both",
        [DNS_STALE] = "let external-dns clean up (policy sync), or take the record out",
    };
    if (words[r->state] == NULL) {
        return;
    }
    struct link_fault *f = link_blame(ctx, LINK_DNS, NULL, r->state == DNS_MISSING ? "dns" : "",
                                      todo[r->state], "%s", words[r->state]);
    if (r->state != DNS_MISSING) {
        f->kind = KIND_COUNT;
        f->ns = "";
        f->name = name;
    }
}

// The link of a host for which external-dns makes no record, by what DNS says; false if DNS says nothing of it. `why`
// there is no record, a sentence.
static bool judge_unmanaged(struct link_context *ctx, const struct dns_settings *s, const char *why)
{
    const struct chain *c = ctx->chain;
    struct dns_record r;
    unmanaged_record_judge(ctx->m, s, c->host, OBJECT_AS(gateway, c->gateway), &r);
    if (r.reason[0] == '\0') {
        return false;
    }
    // Something else may have made the record, and it may lead to the gateway through a proxy in front of it.
    enum verdict v = r.state == DNS_ELSEWHERE ? VERDICT_WARNING : dns_state_verdict(r.state);
    link_set(ctx, LINK_DNS, v, c->gateway, "%s; external-dns makes no record: %s", r.reason, why);
    blame_record(ctx, c->host, &r);
    return true;
}

// Whether external-dns has sources that the chain does not look at.
static bool reads_others(const struct dns_settings *s)
{
    for (; s != NULL; s = s->next) {
        for (uint32_t i = 0; i < s->nsources; i++) {
            if (s->source[i] == DNS_SOURCE_SERVICE || s->source[i] == DNS_SOURCE_INGRESS) {
                return true;
            }
        }
    }
    return false;
}

// Why the sources give nothing to a host whose Gateway has an address.
static const char *why_not_named(struct link_context *ctx, const struct dns_settings *s)
{
    const struct object *const objects[] = {ctx->chain->vs, ctx->chain->gateway};
    for (size_t i = 0; s->next == NULL && i < ARRAY_COUNT(objects); i++) {
        struct dns_run run = {.m = ctx->m, .settings = s};
        const char *why = objects[i] != NULL ? dns_source_why_unread(&run, objects[i]) : NULL;
        if (why != NULL) {
            return why;
        }
    }
    return "no object that its sources read names the host";
}

static void no_record(struct link_context *ctx, const struct dns_settings *s)
{
    const struct chain *c = ctx->chain;
    const char *why = NULL;
    struct str_list targets = dns_gateway_targets(ctx->m, s, OBJECT_AS(gateway, c->gateway), &why);
    const char *unnamed = why_not_named(ctx, s);
    if (judge_unmanaged(ctx, s, why != NULL ? why : unnamed)) {
        return;
    }
    if (targets.n == 0 && link_knows(ctx, LINK_DNS, KIND_SERVICE, c->gateway->ns, NULL)) {
        link_set(ctx, LINK_DNS, VERDICT_PENDING, c->gateway,
                 "external-dns makes no record for %s: %s", c->host,
                 why != NULL ? why : "the Gateway has no address");
        link_blame(ctx, LINK_DNS, NULL, "status.addresses",
                   "look at the Service in front of the gateway's pods, and its load balancer",
                   "No address: the Gateway has no load balancer's address yet");
    } else if (targets.n != 0 && reads_others(s)) {
        link_set(ctx, LINK_DNS, VERDICT_UNKNOWN, c->gateway,
                 "no Gateway or VirtualService that external-dns reads makes a record for %s; "
                 "Services other than the gateway's and Ingresses are not looked at here",
                 c->host);
    } else if (targets.n != 0) {
        link_set(ctx, LINK_DNS, VERDICT_UNKNOWN, c->gateway,
                 "external-dns makes no record for %s: %s", c->host, unnamed);
    }
}

struct dns_question {
    const struct dns_settings *settings;
    const struct chain *chain;
};

struct dns_answer {
    const char *name;               // whose records they are: the host, or a wildcard above it
    const struct dns_record *worst; // NULL: there is none
};

static const void *answer_dns(const struct mesh *m, const void *question)
{
    const struct dns_question *q = question;
    const struct chain *c = q->chain;
    struct dns_answer *answer = arena_alloc(m->arena, sizeof *answer);
    struct desired_records records;
    answer->name = arena_strdup(
        m->arena, desired_records_answering(m, q->settings, c->host, c->gateway, c->vs, &records));
    answer->worst = worst_of(m, q->settings, &records);
    return answer;
}

// The chains of one host share the answer, unless their objects name the host in an annotation.
static const struct dns_answer *find_answer(const struct mesh *m, const struct dns_settings *s,
                                            const struct chain *c)
{
    struct dns_question q = {s, c};
    if (!desired_records_are_shared(m, str_lower(m->arena, c->host))) {
        return answer_dns(m, &q);
    }
    return desired_records_by_host_alone(m, s, c->gateway, c->vs)
               ? mesh_answer(m, mesh_answer_name(m->arena, "dns", c->host, NULL), answer_dns, &q)
               : answer_dns(m, &q);
}

// Whether an object of the chain wants the record.
static bool wanted_by_chain(const struct mesh *m, const struct chain *c, const struct dns_record *r)
{
    const char *gateway = arena_printf(m->arena, "gateway/%s", str_or_empty(c->gateway_id));
    const char *vs = arena_printf(m->arena, "virtualservice/%s", str_or_empty(c->vs_id));
    return str_list_has(&r->sources, gateway) || str_list_has(&r->sources, vs);
}

static bool share(const struct str_list *a, const struct str_list *b)
{
    for (uint32_t i = 0; i < a->n; i++) {
        if (str_list_has(b, a->at[i])) {
            return true;
        }
    }
    return false;
}

// Judges a host whose record is that of another object, such as the wildcard of another Gateway: it may lead to
// another gateway (docs/rules/dns.md#record-of-another). False if it leads to this one, and is as good as its own.
static bool judge_other_record(struct link_context *ctx, const struct dns_settings *s,
                               const char *name, const struct dns_record *r)
{
    const struct chain *c = ctx->chain;
    if (r->source == NULL || (r->state != DNS_OK && r->state != DNS_UNKNOWN) ||
        wanted_by_chain(ctx->m, c, r)) {
        return false;
    }
    const char *why = NULL;
    struct str_list own = dns_gateway_targets(ctx->m, s, OBJECT_AS(gateway, c->gateway), &why);
    if (share(&own, &r->targets)) {
        return false;
    }
    struct dns_record direct;
    unmanaged_record_judge(ctx->m, s, c->host, OBJECT_AS(gateway, c->gateway), &direct);
    if (own.n != 0 && direct.state == DNS_OK) {
        link_set(ctx, LINK_DNS, VERDICT_OK, c->gateway, "%s", direct.reason);
        return true;
    }
    if (own.n == 0 && !link_knows(ctx, LINK_DNS, KIND_SERVICE, c->gateway->ns, NULL)) {
        return true;
    }
    // The address of an Ingress or of another Service may be that of a proxy in front.
    bool gateway = str_starts(r->source, "gateway/") || str_starts(r->source, "virtualservice/");
    bool asked = r->state == DNS_OK || direct.state == DNS_ELSEWHERE;
    enum verdict v = !gateway     ? VERDICT_UNKNOWN
                     : asked      ? VERDICT_WARNING
                     : own.n == 0 ? VERDICT_PENDING
                                  : VERDICT_UNKNOWN;
    link_set(ctx, LINK_DNS, v, c->gateway,
             "%s is answered by the record %s of %s, which leads to %s; %s", c->host, name,
             r->source, targets_text(ctx->m, r),
             own.n != 0 ? arena_printf(ctx->m->arena, "the Gateway is at %s", own.at[0])
                        : str_or_empty(why));
    if (v >= VERDICT_PENDING) {
        link_blame(ctx, LINK_DNS, NULL, "status.addresses",
                   own.n != 0
                       ? "give the host a record of its own, or bind it to that gateway"
                       : "give the gateway's Service an address, or the host another gateway",
                   "Answered by another gateway's record");
    }
    return true;
}

void link_dns(struct link_context *ctx)
{
    const struct mesh *m = ctx->m;
    const struct chain *c = ctx->chain;
    if (c->gateway == NULL) {
        link_set(ctx, LINK_DNS, VERDICT_UNKNOWN, NULL, "no Gateway to point to");
        return;
    }
    if (placeholder_in(c->host)) {
        link_set(ctx, LINK_DNS, VERDICT_UNKNOWN, NULL,
                 "nothing has filled in the variable in the host");
        return;
    }
    if (strcmp(c->host, "*") == 0) {
        link_set(ctx, LINK_DNS, VERDICT_OK, NULL, "any host: external-dns makes no record for it");
        return;
    }
    struct dns_settings settings;
    dns_settings_for(m, ctx->dns, &settings);
    const struct dns_answer *answer = find_answer(m, &settings, c);
    const char *name = answer->name;
    const struct dns_record *r = answer->worst;
    if (r == NULL) {
        no_record(ctx, &settings);
    } else if (r->state == DNS_FILTERED ? judge_unmanaged(ctx, &settings, r->reason)
                                        : judge_other_record(ctx, &settings, name, r)) {
        return;
    } else if (r->state == DNS_FILTERED) {
        link_set(ctx, LINK_DNS, VERDICT_UNKNOWN, c->gateway,
                 "external-dns makes no record for %s: %s", name, r->reason);
    } else if (r->state == DNS_UNKNOWN && mesh_probe(m, PROBE_HOST, r->host) == NULL) {
        link_set(ctx, LINK_DNS, VERDICT_UNKNOWN, c->gateway,
                 "%s %s to %s is expected; DNS was not asked", name, r->type, targets_text(m, r));
    } else {
        link_set(ctx, LINK_DNS, dns_state_verdict(r->state), c->gateway, "%s",
                 !str_empty(r->reason)
                     ? r->reason
                     : arena_printf(m->arena, "%s %s to %s: %s", name, r->type, targets_text(m, r),
                                    dns_state_name(r->state)));
        blame_record(ctx, name, r);
    }
}
