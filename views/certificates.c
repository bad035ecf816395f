// SPDX-License-Identifier: Apache-2.0
// The view `certificates`: how far each Certificate is, what blocks it, when it continues.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/core/mesh_memo.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/certificate_detail_internal.h"
#include "views/explanation.h"
#include "views/row_json_internal.h"

static struct view_rows list(const struct view_args *a)
{
    const struct mesh plain = view_mesh(a), m = mesh_with_memo(&plain);
    struct certificate_list all;
    certificate_list_fill(&m, &all);
    struct str_list hosts = {0};
    if (a->ns != NULL) {
        hosts = certificate_namespace_hosts(&m, a->ns);
    }
    const void **at = arena_calloc(a->arena, all.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all.n; i++) {
        if (a->ns == NULL || certificate_concerns(&m, all.at[i].certificate, a->ns, &hosts)) {
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

// A future time as a countdown, a past one with a minus.
static struct cell until(const struct view_args *a, int64_t t, enum role role)
{
    if (t == TIME_NONE) {
        return (struct cell){"", ROLE_DIM, INT64_MAX};
    }
    return (struct cell){duration_short(a->arena, t - a->now), role, t - a->now};
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

// All names that it is for: DNS names, then IP addresses, URIs and e-mail addresses.
static const char *names_text(struct arena *a, const struct certificate *c)
{
    const struct str_list *const lists[] = {&c->dns_names, &c->ip_addresses, &c->uris,
                                            &c->email_addresses};
    struct str_array all = {0};
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
        str_array_add_list(a, &all, lists[i]);
    }
    struct str_list names = str_array_list(&all);
    return str_list_join(a, &names, ", ");
}

static struct cell dns_names_cell(const struct view_args *a, const void *row)
{
    const struct certificate_status *s = row;
    return cell_text(names_text(a->arena, s->certificate), ROLE_HOST);
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
    return cell_text(certificate_issuer_text(a, s), ROLE_NAME);
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

static void explain(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct certificate_status *s = row;
    const char *next = explain_next(a, s);
    if (!str_empty(s->reason)) {
        explanation_line(b, "why", role_of_verdict(s->colour), s->reason);
        explanation_line(b, "do", ROLE_STRONG, str_or_empty(s->hint));
    }
    explanation_line(b, "next", ROLE_TEXT, next);
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    certificate_detail(a, row, b);
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
    json_put_string(j, "reason", str_or_empty(s->reason));
    json_put_string(j, "hint", s->hint);
    json_put_strings(j, "dnsNames", &c->dns_names);
    json_put_strings(j, "ipAddresses", &c->ip_addresses);
    json_put_strings(j, "uris", &c->uris);
    json_put_strings(j, "emailAddresses", &c->email_addresses);
    json_put_string(j, "secret", c->secret_name);
    struct json *i = json_put(j, "issuer", json_new_object());
    json_put_string(i, "kind", s->issuer.kind);
    json_put_string(i, "name", s->issuer.name);
    json_put_time(j, "notBefore", s->not_before, a->arena);
    json_put_time(j, "notAfter", s->not_after, a->arena);
    json_put_time(j, "renews", s->renews, a->arena);
    json_put_time(j, "nextTry", s->next_try, a->arena);
    json_put_int(j, "attempts", s->attempts);
    json_put_count(j, "revision", s->revision);
    struct json *steps = json_put(j, "steps", json_new_array());
    for (int k = 0; k < STEP_COUNT; k++) {
        if (s->steps[k].state == STEP_NONE) {
            continue;
        }
        struct json *x = json_push(steps, json_new_object());
        json_put_string(x, "step", issuance_step_name((enum issuance_step)k));
        json_put_string(x, "state", step_state_name(s->steps[k].state));
        json_put_count(x, "seconds", s->steps[k].seconds);
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
     .wide = true, .help = "names that it is for; IP addresses, URIs and e-mail addresses last"},
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
    .help = "how far each Certificate is, what blocks it, when it continues",
    .json_kind = "CertificateList",
    .needs = KIND_BIT(KIND_CERTIFICATE),
    .reads = KIND_BIT(KIND_CERTIFICATEREQUEST) | KIND_BIT(KIND_ORDER) | KIND_BIT(KIND_CHALLENGE) |
             KIND_BIT(KIND_ISSUER) | KIND_BIT(KIND_CLUSTERISSUER) | KIND_BIT(KIND_SECRET) |
             KIND_BIT(KIND_EVENT) | KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_SERVICE) |
             KIND_BIT(KIND_POD) |       // where gateways look for the Secret
             KIND_BIT(KIND_DEPLOYMENT), // cert-manager's flags
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .verdict = verdict,
    .object = object,
    .explain = explain,
    .detail = detail,
    .json = json,
};
