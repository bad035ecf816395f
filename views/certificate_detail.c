// SPDX-License-Identifier: Apache-2.0
// The detail page of a Certificate, section by section.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/cert/letsencrypt_limit.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/chain/gateway_handshake.h"

#include "views/cell_internal.h"
#include "views/certificate_detail_internal.h"
#include "views/detail_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *certificate_issuer_text(const struct view_args *a, const struct certificate_status *s)
{
    return arena_printf(a->arena, "%s/%s", s->issuer.kind != NULL ? s->issuer.kind : "Issuer",
                        str_or_empty(s->issuer.name));
}

static void time_field(const struct view_args *a, struct text_block *b, const char *name, int64_t t)
{
    if (t == TIME_NONE) {
        return;
    }
    const char *when = detail_instant(a, t);
    if (t > a->now) {
        detail_field(b, name, ROLE_TEXT, "%s (in %s)", when, duration_short(a->arena, t - a->now));
    } else {
        detail_field(b, name, ROLE_TEXT, "%s (%s ago)", when, duration_short(a->arena, a->now - t));
    }
}

static void detail_steps(const struct view_args *a, struct text_block *b,
                         const struct certificate_status *s)
{
    static const enum verdict verdicts[] = {
        [STEP_TODO] = VERDICT_UNKNOWN,  [STEP_DOING] = VERDICT_PENDING, [STEP_DONE] = VERDICT_OK,
        [STEP_FAILED] = VERDICT_BROKEN, [STEP_NONE] = VERDICT_UNKNOWN,
    };
    static_assert(ARRAY_COUNT(verdicts) == STEP_NONE + 1, "a step's state without a verdict");
    detail_heading(b, "Steps");
    for (int i = 0; i < STEP_COUNT; i++) {
        const struct issuance_step_time *x = &s->steps[i];
        if (x->state == STEP_NONE) {
            continue;
        }
        enum verdict v = verdicts[x->state];
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", x->state == STEP_TODO ? "." : verdict_mark(a, v));
        block_put(b, x->state == STEP_TODO ? ROLE_DIM : ROLE_TEXT, "%-12s",
                  issuance_step_name((enum issuance_step)i));
        if (x->seconds >= 0 && x->state != STEP_TODO) {
            block_put(b, ROLE_DIM, " %s", duration_short(a->arena, x->seconds));
        }
    }
}

static void detail_challenges(const struct view_args *a, struct text_block *b,
                              const struct certificate_status *s)
{
    if (s->nchallenges != 0) {
        detail_heading(b, "Challenges");
    }
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        const struct challenge *c = s->challenges[i];
        block_line(b);
        block_put(b, ROLE_HOST, "  %s%s", c->wildcard ? "*." : "", str_or_empty(c->dns_name));
        block_put(b, ROLE_TEXT, "  %s %s", str_or_empty(c->type),
                  !str_empty(c->state) ? c->state : "queued");
        block_put(b, ROLE_DIM, "%s%s%s%s", c->processing ? ", processing" : "",
                  c->presented ? ", presented" : "", !str_empty(c->reason) ? ": " : "",
                  !str_empty(c->reason) ? acme_mask(a->arena, c->reason) : "");
    }
}

// Which CA the issuer is, and whether its account is known there (docs/rules/certificates.md#acme-environment,
// docs/rules/certificates.md#account-moved).
static void detail_authority(struct text_block *b, const struct certificate_status *s)
{
    const struct issuer *i = s->issuer.object;
    struct issuer_ca ca;
    if (i == NULL) {
        return;
    }
    issuer_ca_fill(i, &ca);
    if (i->type != ISSUER_ACME) {
        detail_field(b, "authority", ROLE_TEXT, "%s", ca.kind);
        return;
    }
    bool trusted = ca.environment == ACME_PRODUCTION || ca.environment == ACME_OTHER;
    detail_field(b, "authority", trusted ? ROLE_TEXT : ROLE_WARNING, "%s: %s",
                 acme_environment_name(ca.environment),
                 i->server != NULL ? i->server : "no server");
    bool known = !str_empty(i->account_uri);
    detail_field(b, "account", known && ca.note == NULL ? ROLE_TEXT : ROLE_WARNING, "%s%s%s",
                 known ? i->account_uri : "not registered", ca.note != NULL ? "; " : "",
                 str_or_empty(ca.note));
}

// What was really issued, from the request's chain (docs/rules/certificates.md#issued-chain).
static void detail_issued(const struct view_args *a, struct text_block *b, const struct mesh *m,
                          const struct certificate_status *s)
{
    struct issued_certificate issued;
    certificate_issued(m, s->certificate, &issued);
    if (issued.error != NULL) {
        detail_field(b, "issued", ROLE_WARNING, "%s", issued.error);
        return;
    }
    if (!issued.known || issued.chain.n == 0) {
        return;
    }
    const struct x509_cert *leaf = &issued.chain.cert[0];
    detail_heading(b, "The certificate as %s", issued.stored ? "stored" : "issued");
    detail_field(b, "names", ROLE_HOST, "%s", str_list_join(a->arena, &leaf->dns_names, ", "));
    detail_field(b, "issuer", ROLE_TEXT, "%s", str_or_empty(leaf->issuer_cn));
    detail_field(b, "serial", ROLE_TEXT, "%s", leaf->serial);
    detail_field(b, "validity", ROLE_TEXT, "%s to %s", time_format(a->arena, leaf->not_before),
                 time_format(a->arena, leaf->not_after));
    // Without its request it is unknown whether the key is the requested one.
    bool alone = !issued.stored && issued.key == X509_UNREADABLE;
    detail_field(b, "key", alone ? ROLE_WARNING : ROLE_TEXT, "%s%s", leaf->key,
                 alone ? "; its request cannot be read" : "");
    detail_field(b, "sha256", ROLE_TEXT, "%s", leaf->sha256);
    detail_field(b, "chain", issued.chain_problem != NULL ? ROLE_WARNING : ROLE_TEXT, "%s%s%s",
                 str_plural(a->arena, issued.chain.n, "certificate", "certificates"),
                 issued.chain_problem != NULL ? ": " : "", str_or_empty(issued.chain_problem));
    detail_list(b, "differs", ROLE_WARNING, &issued.differences);
}

// "3 of 50", "3" where no limit is known.
static const char *use_text(struct arena *a, const struct letsencrypt_limit *u)
{
    return u->limit > 0 ? arena_printf(a, "%d of %d", u->taken, u->limit)
                        : arena_printf(a, "%d", u->taken);
}

// What the CA's limits leave (docs/rules/certificates.md#limit-estimate).
static void detail_budget(const struct view_args *a, struct text_block *b, const struct mesh *m,
                          const struct certificate_status *s)
{
    static const char *const headings[] = {
        [ACME_OTHER] =
            "What the CA has issued, as far as the cluster knows; its limits are not known",
        [ACME_PRODUCTION] = "Let's Encrypt's limits, an estimate from what the cluster knows",
        [ACME_STAGING] = "Let's Encrypt staging's limits, an estimate from what the cluster knows",
        [ACME_DEAD] = "The server is switched off; as far as the cluster knows",
    };
    struct letsencrypt_limits u;
    if (s->issuer.object == NULL || s->issuer.object->type != ISSUER_ACME) {
        return;
    }
    letsencrypt_limits_of(m, s->certificate, &u);
    detail_heading(b, "%s", headings[u.ca]);
    for (uint32_t i = 0; i < u.ndomains; i++) {
        detail_field(b, i == 0 ? "domain" : "", ROLE_TEXT, "%s: %s certificates in 7 days",
                     u.domains[i].name, use_text(a->arena, &u.domains[i]));
    }
    detail_field(b, "same names", ROLE_TEXT, "%s certificates in 7 days",
                 use_text(a->arena, &u.identical));
    detail_field(b, "failures", ROLE_TEXT, "%s%s%s in the last hour",
                 u.failures.taken > 0 ? u.failures.name : "", u.failures.taken > 0 ? ": " : "",
                 use_text(a->arena, &u.failures));
    if (u.next_slot > a->now) {
        time_field(a, b, "next slot", u.next_slot);
    }
}

static const char *chain_text(const struct probe_result *r, enum served_chain chain)
{
    static const char *const faults[] = {
        [SERVED_CHAIN_WHOLE] = "",
        [SERVED_CHAIN_BARE] = ", without an issuer's certificate",
        [SERVED_CHAIN_INCOMPLETE] = ", without its intermediates",
        [SERVED_CHAIN_DISORDERED] = ", out of order",
    };
    return chain == SERVED_CHAIN_WHOLE && r->ncerts > 1 ? ", in order" : faults[chain];
}

static int by_name(const void *x, const void *y)
{
    return strcmp((*(const struct probe_result *const *)x)->name,
                  (*(const struct probe_result *const *)y)->name);
}

// The handshakes of the last HANDSHAKE_FRESH_S for hosts that a certificate covers, by host and address.
static const struct probe_result **fresh_handshakes(const struct view_args *a,
                                                    const struct certificate *c, uint32_t *n)
{
    const struct probe_result **at = NULL;
    uint32_t cap = 0;
    struct pmap_iter it;
    const void *v;
    *n = 0;
    for (pmap_begin(&it, &a->snap->probes); (v = pmap_next(&it)) != NULL;) {
        const struct probe_result *r = v;
        struct coverage cover = {.result = COVERAGE_NO};
        if (r->kind == PROBE_TLS && a->now < r->queried_at + HANDSHAKE_FRESH_S) {
            coverage_of_names(a->arena, &c->dns_names, r->host, &cover);
        }
        if (cover.result == COVERAGE_NO) {
            continue;
        }
        *ARENA_PUSH(a->arena, at, *n, cap) = r;
    }
    if (*n > 1) {
        qsort(at, *n, sizeof *at, by_name);
    }
    return at;
}

// What gateways serve for the hosts that this certificate covers, at each address
// (docs/rules/certificates.md#served-certificate).
static void detail_served(const struct view_args *a, struct text_block *b, const struct mesh *m,
                          const struct certificate *c)
{
    uint32_t n;
    const struct probe_result **at = fresh_handshakes(a, c, &n);
    if (n > 0) {
        detail_heading(b, "The certificate as served");
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct probe_result *r = at[i];
        struct served_certificate s;
        certificate_served(m, c, r, &s);
        detail_field(b, i > 0 && str_eq(r->host, at[i - 1]->host) ? "" : r->host,
                     role_of_verdict(s.verdict), "%s at %s, %s ago: %s", served_state_name(s.state),
                     s.address, duration_short(a->arena, a->now - r->queried_at), s.reason);
        if (r->outcome == TLS_CERTIFICATE && r->ncerts > 0) {
            detail_field(b, "", s.chain == SERVED_CHAIN_WHOLE ? ROLE_TEXT : ROLE_WARNING,
                         "%s%s, sha256 %s",
                         str_plural(a->arena, r->ncerts, "certificate", "certificates"),
                         chain_text(r, s.chain), r->certs[0].sha256);
        }
    }
}

// State, reason and what comes next.
static void detail_status(const struct view_args *a, struct text_block *b,
                          const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    detail_field(b, "state", role_of_verdict(s->verdict), "%s, stage %s",
                 certificate_state_name(s->state), certificate_stage_name(s->stage));
    if (!str_empty(s->reason)) {
        detail_field(b, "why", role_of_verdict(s->verdict), "%s", s->reason);
    }
    if (s->hint != NULL) {
        detail_field(b, "what to do", ROLE_STRONG, "%s", s->hint);
    }
    // docs/rules/certificates.md#conditions-by-type
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    if (ready != NULL && ready->observed_generation > 0 &&
        ready->observed_generation < c->o.generation) {
        detail_field(b, "stale", ROLE_WARNING,
                     "the conditions are about an older spec: no controller has seen the newest");
    }
    time_field(a, b, "next try", s->next_try);
    if (s->attempts > 0) {
        detail_field(b, "failed tries", ROLE_WARNING, "%" PRId64 " in a row", s->attempts);
    }
    time_field(a, b, "expires", s->not_after);
    time_field(a, b, "renews", s->renews);
    time_field(a, b, "valid from", s->not_before);
}

// The Certificate's spec and the objects that carry it out.
static void detail_objects(const struct view_args *a, struct text_block *b,
                           const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    const struct issuer_status *i = &s->issuer;
    detail_field(b, "dns names", ROLE_HOST, "%s", str_list_join(a->arena, &c->dns_names, ", "));
    detail_field(b, "secret", ROLE_NAME, "%s/%s", c->o.ns, str_or_empty(c->secret_name));
    detail_field(b, "issuer", ROLE_NAME, "%s%s%s%s", certificate_issuer_text(a, s),
                 !i->known  ? ", not known"
                 : i->ready ? ", ready"
                            : ", not ready",
                 !str_empty(i->message) ? ": " : "", !str_empty(i->message) ? i->message : "");
    detail_authority(b, s);
    if (s->request != NULL) {
        detail_field(b, "request", ROLE_NAME, "%s", s->request->o.name);
    }
    if (s->order != NULL) {
        detail_field(b, "order", ROLE_NAME, "%s: %s", s->order->o.name,
                     !str_empty(s->order->state) ? s->order->state : "not yet known to the server");
    }
    if (!str_empty(s->full) && strstr(s->reason, s->full) == NULL) {
        detail_field(b, "in full", ROLE_DIM, "%s", s->full);
    }
}

static void detail_events(const struct view_args *a, struct text_block *b, const struct mesh *m,
                          const struct certificate_status *s)
{
    uint32_t n;
    const struct event *const *events = certificate_events(m, s, &n);
    if (n > 0) {
        detail_heading(b, "Events");
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct event *e = events[i];
        block_line(b);
        block_put(b, ROLE_DIM, "  %6s ago  ",
                  e->last != TIME_NONE ? duration_short(a->arena, a->now - e->last) : "?");
        block_put(b, str_eq(e->type, "Warning") ? ROLE_WARNING : ROLE_TEXT,
                  "%s %s: ", str_or_empty(e->about_kind), str_or_empty(e->reason));
        block_put(b, ROLE_TEXT, "%s", e->message != NULL ? acme_mask(a->arena, e->message) : "");
    }
}

void certificate_detail(const struct view_args *a, const struct certificate_status *s,
                        struct text_block *b)
{
    struct mesh m = view_mesh(a);
    detail_object(a, b, &s->certificate->o);
    detail_status(a, b, s);
    detail_objects(a, b, s);
    detail_steps(a, b, s);
    detail_challenges(a, b, s);
    detail_issued(a, b, &m, s);
    detail_budget(a, b, &m, s);
    detail_served(a, b, &m, s->certificate);
    detail_events(a, b, &m, s);
}
