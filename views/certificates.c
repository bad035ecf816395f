// SPDX-License-Identifier: Apache-2.0
// The view `certificates`: how far each Certificate is, what is in its way, when it goes on.
#include "kube/base/text.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/cert/rate_limit.h"
#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/chain/tls_handshake.h"

#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"
#include "views/view_list_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct view_rows list(const struct view_args *a)
{
    struct mesh m = view_mesh(a);
    struct certificate_rows all;
    certificate_rows(&m, &all);
    struct str_list hosts = {0};
    if (a->ns != NULL) {
        hosts = certificate_namespace_hosts(&m, a->ns);
    }
    const void **at = arena_alloc(a->arena, ((size_t)all.n + 1) * sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all.n; i++) {
        if (a->ns == NULL || certificate_row_in(&m, all.at[i].certificate, a->ns, &hosts)) {
            at[rows.n++] = &all.at[i];
        }
    }
    return rows;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return &((const struct certificate_status *)row)->certificate->o;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct certificate_status *)row)->verdict;
}

// A time to come as a countdown, one that is past with a minus.
static struct cell until(const struct view_args *a, int64_t t, enum role role)
{
    if (t == TIME_NONE) {
        return (struct cell){"", ROLE_DIM, INT64_MAX};
    }
    return (struct cell){duration_short(a->arena, t - a->now), role, t - a->now};
}

static const char *issuer_text(const struct view_args *a, const struct certificate_status *s)
{
    return arena_printf(a->arena, "%s/%s", s->issuer.kind != NULL ? s->issuer.kind : "Issuer",
                        s->issuer.name != NULL ? s->issuer.name : "");
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct certificate_status *s = row;
    enum role role = role_of_verdict(s->colour);
    return (struct cell){certificate_state_name(s->state), role,
                         (int)s->verdict * 100 + (int)s->state};
}

static struct cell namespace_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct certificate_status *s = row;
    const struct certificate *c = s->certificate;
    return cell_text(c->o.ns, ROLE_TEXT);
}

static struct cell name_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct certificate_status *s = row;
    const struct certificate *c = s->certificate;
    return cell_text(c->o.name, ROLE_NAME);
}

static struct cell dns_names_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    const struct certificate *c = s->certificate;
    return cell_text(str_list_join(a->arena, &c->dns_names, ", "), ROLE_HOST);
}

static struct cell not_after_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    return until(a, s->not_after, s->expiry == VERDICT_OK ? ROLE_TEXT : role_of_verdict(s->expiry));
}

static struct cell renews_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    return until(a, s->renews, s->renews > a->now ? ROLE_TEXT : ROLE_WARNING);
}

static struct cell next_try_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    return until(a, s->next_try, s->next_try > a->now ? ROLE_TEXT : ROLE_PENDING);
}

static struct cell issuer_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    return cell_text(issuer_text(a, s), ROLE_NAME);
}

static struct cell stage_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct certificate_status *s = row;
    return cell_text(certificate_stage_name(s->stage), ROLE_TEXT);
}

static struct cell secret_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct certificate_status *s = row;
    const struct certificate *c = s->certificate;
    return cell_text(c->secret_name, ROLE_TEXT);
}

static struct cell revision_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    return s->revision >= 0 ? cell_number(a, s->revision) : cell_text("", ROLE_DIM);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct certificate_status *s = row;
    enum role role = role_of_verdict(s->colour);
    return cell_text(s->reason, role);
}

static void time_field(const struct view_args *a, struct text_block *b, const char *name, int64_t t)
{
    if (t != TIME_NONE) {
        detail_field(
            b, name, ROLE_TEXT, "%s (%s%s)", time_local(a->arena, t), t > a->now ? "in " : "",
            t > a->now ? duration_short(a->arena, t - a->now)
                       : arena_printf(a->arena, "%s ago", duration_short(a->arena, a->now - t)));
    }
}

static void detail_steps(const struct view_args *a, struct text_block *b,
                         const struct certificate_status *s)
{
    static const enum verdict marks[] = {VERDICT_UNKNOWN, VERDICT_PENDING, VERDICT_OK,
                                         VERDICT_BROKEN, VERDICT_UNKNOWN};
    detail_heading(b, "Steps");
    for (int i = 0; i < STEP_COUNT; i++) {
        const struct issuance_step_time *x = &s->steps[i];
        if (x->state == STEP_NONE) {
            continue;
        }
        enum verdict v = marks[x->state];
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
        block_put(b, ROLE_HOST, "  %s%s", c->wildcard ? "*." : "",
                  c->dns_name != NULL ? c->dns_name : "");
        block_put(b, ROLE_TEXT, "  %s %s", c->type != NULL ? c->type : "",
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
    issuer_ca(i, &ca);
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
                 ca.note != NULL ? ca.note : "");
}

// What was really issued, from the request's chain (docs/rules/certificates.md#issued-chain).
static void detail_issued(const struct view_args *a, struct text_block *b, const struct mesh *m,
                          const struct certificate_status *s)
{
    struct issued_certificate issued;
    certificate_issued(m, s->certificate, &issued);
    if (issued.error != NULL) {
        detail_field(b, "issued", ROLE_WARNING, "%s", issued.error);
    } else if (issued.known && issued.chain.n > 0) {
        const struct x509_cert *leaf = &issued.chain.cert[0];
        detail_heading(b, "The certificate as %s", issued.stored ? "stored" : "issued");
        detail_field(b, "names", ROLE_HOST, "%s", str_list_join(a->arena, &leaf->dns_names, ", "));
        detail_field(b, "issuer", ROLE_TEXT, "%s", leaf->issuer_cn != NULL ? leaf->issuer_cn : "");
        detail_field(b, "serial", ROLE_TEXT, "%s", leaf->serial);
        detail_field(b, "validity", ROLE_TEXT, "%s to %s", time_format(a->arena, leaf->not_before),
                     time_format(a->arena, leaf->not_after));
        bool alone = !issued.stored &&
                     issued.key == X509_UNREADABLE; // whether it is the request's key nobody knows
        detail_field(b, "key", alone ? ROLE_WARNING : ROLE_TEXT, "%s%s", leaf->key,
                     alone ? "; its request cannot be read" : "");
        detail_field(b, "sha256", ROLE_TEXT, "%s", leaf->sha256);
        detail_field(b, "chain", issued.chain_problem != NULL ? ROLE_WARNING : ROLE_TEXT, "%s%s%s",
                     str_plural(a->arena, issued.chain.n, "certificate", "certificates"),
                     issued.chain_problem != NULL ? ": " : "",
                     issued.chain_problem != NULL ? issued.chain_problem : "");
        for (uint32_t i = 0; i < issued.differences.n; i++) {
            detail_field(b, i == 0 ? "differs" : "", ROLE_WARNING, "%s", issued.differences.at[i]);
        }
    }
}

// "3 of 50", "3" where no limit is known.
static const char *taken(struct arena *a, const struct acme_use *u)
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
    struct acme_budget u;
    if (s->issuer.object == NULL || s->issuer.object->type != ISSUER_ACME) {
        return;
    }
    acme_budget(m, s->certificate, &u);
    detail_heading(b, "%s", headings[u.ca]);
    for (uint32_t i = 0; i < u.ndomains; i++) {
        detail_field(b, i == 0 ? "domain" : "", ROLE_TEXT, "%s: %s certificates in 7 days",
                     u.domains[i].name, taken(a->arena, &u.domains[i]));
    }
    detail_field(b, "same names", ROLE_TEXT, "%s certificates in 7 days",
                 taken(a->arena, &u.identical));
    detail_field(b, "failures", ROLE_TEXT, "%s%s%s in the last hour",
                 u.failures.taken > 0 ? u.failures.name : "", u.failures.taken > 0 ? ": " : "",
                 taken(a->arena, &u.failures));
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

// The handshakes for hosts that a certificate covers, not too old, by host and address.
static const struct probe_result **handshakes(const struct view_args *a,
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
        if (r->kind == PROBE_TLS && a->now < r->asked + TLS_FRESH_S) {
            coverage_of_names(a->arena, &c->dns_names, r->host, &cover);
        }
        if (cover.result == COVERAGE_NO) {
            continue;
        }
        if (*n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            const struct probe_result **more = arena_alloc(a->arena, cap * sizeof *more);
            for (uint32_t i = 0; i < *n; i++) {
                more[i] = at[i];
            }
            at = more;
        }
        at[(*n)++] = r;
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
    const struct probe_result **at = handshakes(a, c, &n);
    if (n > 0) {
        detail_heading(b, "The certificate as served");
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct probe_result *r = at[i];
        struct served s;
        certificate_served(m, c, r, &s);
        detail_field(b, i > 0 && str_eq(r->host, at[i - 1]->host) ? "" : r->host,
                     role_of_verdict(s.verdict), "%s at %s, %s ago: %s", served_state_name(s.state),
                     s.address, duration_short(a->arena, a->now - r->asked), s.reason);
        if (r->outcome == TLS_CERTIFICATE && r->ncerts > 0) {
            detail_field(b, "", s.chain == SERVED_CHAIN_WHOLE ? ROLE_TEXT : ROLE_WARNING,
                         "%s%s, sha256 %s",
                         str_plural(a->arena, r->ncerts, "certificate", "certificates"),
                         chain_text(r, s.chain), r->certs[0].sha256);
        }
    }
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct certificate_status *s = row;
    const struct certificate *c = s->certificate;
    struct mesh m = view_mesh(a);
    detail_object(a, b, &c->o);
    detail_field(b, "state", role_of_verdict(s->verdict), "%s, stage %s",
                 certificate_state_name(s->state), certificate_stage_name(s->stage));
    if (!str_empty(s->reason)) {
        detail_field(b, "why", role_of_verdict(s->verdict), "%s", s->reason);
    }
    if (s->hint != NULL) {
        detail_field(b, "what to do", ROLE_STRONG, "%s", s->hint);
    }
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    // docs/rules/certificates.md#conditions-by-type
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
    detail_field(b, "dns names", ROLE_HOST, "%s", str_list_join(a->arena, &c->dns_names, ", "));
    detail_field(b, "secret", ROLE_NAME, "%s/%s", c->o.ns,
                 c->secret_name != NULL ? c->secret_name : "");
    detail_field(b, "issuer", ROLE_NAME, "%s%s%s%s", issuer_text(a, s),
                 s->issuer.known ? (s->issuer.ready ? ", ready" : ", not ready") : ", not known",
                 !str_empty(s->issuer.message) ? ": " : "",
                 !str_empty(s->issuer.message) ? s->issuer.message : "");
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
    detail_steps(a, b, s);
    detail_challenges(a, b, s);
    detail_issued(a, b, &m, s);
    detail_budget(a, b, &m, s);
    detail_served(a, b, &m, c);
    uint32_t n;
    const struct event *const *events = certificate_events(&m, s, &n);
    if (n > 0) {
        detail_heading(b, "Events");
    }
    for (uint32_t i = 0; i < n; i++) {
        block_line(b);
        block_put(b, ROLE_DIM, "  %6s ago  ",
                  events[i]->last != TIME_NONE ? duration_short(a->arena, a->now - events[i]->last)
                                               : "?");
        block_put(b, str_eq(events[i]->type, "Warning") ? ROLE_WARNING : ROLE_TEXT,
                  "%s %s: ", events[i]->about_kind != NULL ? events[i]->about_kind : "",
                  events[i]->reason != NULL ? events[i]->reason : "");
        block_put(b, ROLE_TEXT, "%s",
                  events[i]->message != NULL ? acme_mask(a->arena, events[i]->message) : "");
    }
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    const struct certificate *c = s->certificate;
    struct json *j = json_new_object();
    json_put_string(j, "namespace", c->o.ns);
    json_put_string(j, "name", c->o.name);
    json_put_string(j, "state", certificate_state_name(s->state));
    json_put_string(j, "stage", certificate_stage_name(s->stage));
    json_put_string(j, "reason", s->reason != NULL ? s->reason : "");
    json_put_string(j, "hint", s->hint);
    json_put_strings(j, "dnsNames", &c->dns_names);
    json_put_string(j, "secret", c->secret_name);
    struct json *i = json_put(j, "issuer", json_new_object());
    json_put_string(i, "kind", s->issuer.kind);
    json_put_string(i, "name", s->issuer.name);
    json_put_time(j, "notBefore", s->not_before, a->arena);
    json_put_time(j, "notAfter", s->not_after, a->arena);
    json_put_time(j, "renews", s->renews, a->arena);
    json_put_time(j, "nextTry", s->next_try, a->arena);
    json_put_int(j, "attempts", s->attempts);
    json_put(j, "revision", s->revision >= 0 ? json_new_int(s->revision) : json_new_null());
    struct json *steps = json_put(j, "steps", json_new_array());
    for (int k = 0; k < STEP_COUNT; k++) {
        if (s->steps[k].state == STEP_NONE) {
            continue;
        }
        struct json *x = json_push(steps, json_new_object());
        json_put_string(x, "step", issuance_step_name((enum issuance_step)k));
        json_put_string(x, "state", step_state_name(s->steps[k].state));
        json_put(x, "seconds",
                 s->steps[k].seconds >= 0 ? json_new_int(s->steps[k].seconds) : json_new_null());
    }
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 5, .max = 13,
     .sort = SORT_NUMBER, .descending = true, .initial = true, .help = "READY, ISSUING, RENEWING, FAILED and so on; see CERTIFICATE STATES"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'A', .cell = namespace_cell, .min = 6, .max = 24,
     .help = "namespace of the Certificate"},
    {.title = "NAME", .field = "name", .cell = name_cell, .min = 10, .max = 40,
     .help = "name of the Certificate"},
    {.title = "DNS NAMES", .field = "dnsNames", .key = 'D', .cell = dns_names_cell, .min = 12, .max = 48,
     .wide = true, .help = "names that it is for"},
    {.title = "EXPIRES", .field = "notAfter", .key = 'E', .cell = not_after_cell, .min = 4, .max = 8,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "time until the stored certificate ends"},
    {.title = "RENEWS", .field = "renews", .key = 'R', .cell = renews_cell, .min = 4, .max = 8,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "time until it is to be renewed"},
    {.title = "RETRY", .field = "nextTry", .key = 'T', .cell = next_try_cell, .min = 4, .max = 8,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "time until the next try after a failure"},
    {.title = "ISSUER", .field = "issuer", .key = 'U', .cell = issuer_cell, .min = 8, .max = 30,
     .wide = true, .help = "the Issuer or ClusterIssuer"},
    {.title = "STAGE", .field = "stage", .cell = stage_cell, .min = 7, .max = 11,
     .wide = true, .help = "how far the current attempt is"},
    {.title = "SECRET", .field = "secret", .cell = secret_cell, .min = 8, .max = 40,
     .wide = true, .help = "the Secret it is written to"},
    {.title = "REV", .field = "revision", .cell = revision_cell, .min = 3, .max = 5,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .wide = true, .help = "revision of the stored certificate"},
    {.title = "WHY", .field = "reason", .key = 'W', .cell = reason_cell, .min = 16,
     .help = "the deepest reason: challenge, order, request, certificate"},
};
// clang-format on

const struct view view_certificates = {
    .name = "certificates",
    .title = "Certificates",
    .help = "how far each Certificate is, what is in its way, when it goes on",
    .json_kind = "CertificateList",
    .needs = KIND_BIT(KIND_CERTIFICATE),
    .reads = KIND_BIT(KIND_CERTIFICATEREQUEST) | KIND_BIT(KIND_ORDER) | KIND_BIT(KIND_CHALLENGE) |
             KIND_BIT(KIND_ISSUER) | KIND_BIT(KIND_CLUSTERISSUER) | KIND_BIT(KIND_SECRET) |
             KIND_BIT(KIND_EVENT) | KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_SERVICE) |
             KIND_BIT(KIND_POD), // where gateways look for the Secret
    .columns = columns,
    .ncolumns = sizeof columns / sizeof *columns,
    .list = list,
    .verdict = verdict,
    .object = object,
    .detail = detail,
    .json = json,
};
