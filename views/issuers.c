// SPDX-License-Identifier: Apache-2.0
// The view `issuers`: each Issuer and ClusterIssuer, its CA, whether it is ready, and who uses it.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/issuer_list.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <string.h>

static struct view_rows list(const struct view_args *a)
{
    const struct mesh m = view_mesh(a);
    struct issuer_rows all = issuer_list(&m);
    const void **at = arena_calloc(a->arena, all.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all.n; i++) {
        const struct object *o = &all.at[i].issuer->o;
        if (a->ns == NULL || o->kind == KIND_CLUSTERISSUER || strcmp(o->ns, a->ns) == 0) {
            at[rows.n++] = &all.at[i];
        }
    }
    return rows;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return &((const struct issuer_row *)row)->issuer->o;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct issuer_row *)row)->verdict;
}

static const char *state_text(const struct issuer_row *r)
{
    switch (r->verdict) {
    case VERDICT_OK:
    case VERDICT_WARNING:
        return "READY";
    case VERDICT_BROKEN:
        return "NOT READY";
    case VERDICT_PENDING:
        return "NEW";
    case VERDICT_UNKNOWN:
        break;
    }
    return "UNKNOWN";
}

// "HTTP-01, DNS-01": the types of its solvers; "" if it has none.
static const char *solvers_text(const struct issuer_row *r)
{
    static const char *const texts[] = {"", "HTTP-01", "DNS-01", "HTTP-01, DNS-01"};
    return texts[r->kinds_of_solver];
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct issuer_row *r = row;
    return (struct cell){state_text(r), role_of_verdict(r->verdict), r->verdict};
}

static struct cell kind_cell(const struct view_args *a, const void *row)
{
    return cell_text(kinds[object(a, row)->kind].kind, ROLE_TEXT);
}

static struct cell namespace_cell(const struct view_args *a, const void *row)
{
    return cell_text(object(a, row)->ns, ROLE_TEXT);
}

static struct cell name_cell(const struct view_args *a, const void *row)
{
    return cell_text(object(a, row)->name, ROLE_NAME);
}

static struct cell authority_cell(const struct view_args *a, const void *row)
{
    const struct issuer_row *r = row;
    const char *text = r->issuer->type == ISSUER_ACME
                           ? arena_printf(a->arena, "ACME, %s",
                                          r->ca.environment == ACME_OTHER
                                              ? str_or_empty(r->issuer->server)
                                              : acme_environment_name(r->ca.environment))
                           : r->ca.kind;
    return cell_text(text, ROLE_TEXT);
}

static struct cell solvers_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(solvers_text(row), ROLE_TEXT);
}

static struct cell certificates_cell(const struct view_args *a, const void *row)
{
    return cell_number(a, ((const struct issuer_row *)row)->certificates);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct issuer_row *r = row;
    return cell_text(r->reason, role_of_verdict(r->verdict));
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct issuer_row *r = row;
    const struct issuer *i = r->issuer;
    block_line(b);
    block_put(b, ROLE_TITLE, "%s ", kinds[i->o.kind].kind);
    block_put(b, ROLE_NAME, "%s", object_id(a->arena, &i->o));
    detail_field(b, "state", role_of_verdict(r->verdict), "%s%s%s", state_text(r),
                 r->reason[0] != '\0' ? ": " : "", r->reason);
    detail_field(b, "authority", ROLE_TEXT, "%s", authority_cell(a, row).text);
    if (i->type == ISSUER_ACME) {
        detail_field(b, "server", ROLE_TEXT, "%s", str_or_empty(i->server));
        detail_field(b, "account", ROLE_TEXT, "%s",
                     !str_empty(i->account_uri) ? i->account_uri : "not registered");
        detail_field(b, "profile", ROLE_TEXT, "%s",
                     !str_empty(i->profile) ? i->profile : "default");
    }
    for (uint32_t k = 0; k < i->nsolvers; k++) {
        const struct acme_solver *s = &i->solvers[k];
        detail_field(b, k == 0 ? "solvers" : "", ROLE_TEXT, "%s %s%s%s",
                     s->dns01 ? "DNS-01" : "HTTP-01", str_or_empty(s->provider),
                     s->dns_zones.n != 0 ? " for " : "",
                     str_list_join(a->arena, &s->dns_zones, ", "));
    }
    detail_field(b, "certificates", ROLE_NUMBER, "%u", r->certificates);
    detail_object(a, b, &i->o);
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct issuer_row *r = row;
    const struct issuer *i = r->issuer;
    (void)a;
    struct json *j = json_new_object();
    json_put_string(j, "kind", kinds[i->o.kind].kind);
    json_put_string(j, "namespace", i->o.ns);
    json_put_string(j, "name", i->o.name);
    json_put_string(j, "state", state_text(r));
    json_put_string(j, "reason", r->reason);
    json_put_string(j, "type", r->ca.kind);
    json_put_string(j, "server", i->server);
    json_put_string(j, "profile", i->profile);
    json_put_string(j, "solvers", solvers_text(r));
    json_put_int(j, "certificates", r->certificates);
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 5, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .initial = true, .help = "READY, NOT READY, NEW, or UNKNOWN without a status"},
    {.title = "KIND", .field = "kind", .key = 'K', .cell = kind_cell, .min = 6, .max = 13,
     .help = "Issuer or ClusterIssuer"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'A', .cell = namespace_cell, .min = 6, .max = 24,
     .help = "namespace of an Issuer"},
    {.title = "NAME", .field = "name", .cell = name_cell, .min = 10, .max = 40,
     .help = "name of the issuer"},
    {.title = "AUTHORITY", .field = "authority", .key = 'U', .cell = authority_cell, .min = 8, .max = 36,
     .help = "its CA: ACME and which, CA, self-signed, Vault, Venafi"},
    {.title = "SOLVERS", .field = "solvers", .cell = solvers_cell, .min = 7, .max = 15,
     .wide = true, .help = "how it proves names: HTTP-01, DNS-01"},
    {.title = "CERTS", .field = "certificates", .key = 'C', .cell = certificates_cell, .min = 3, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "how many Certificates name it"},
    {.title = "WHY", .field = "reason", .key = 'W', .cell = reason_cell, .min = 16,
     .help = "why it is not ready"},
};
// clang-format on

const struct view view_issuers = {
    .name = "issuers",
    .title = "Issuers",
    .help = "each Issuer and ClusterIssuer: its CA, whether it is ready, who uses it",
    .json_kind = "IssuerList",
    .needs = KIND_BIT(KIND_ISSUER) | KIND_BIT(KIND_CLUSTERISSUER),
    .reads = KIND_BIT(KIND_CERTIFICATE),
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .verdict = verdict,
    .object = object,
    .detail = detail,
    .json = json,
};
