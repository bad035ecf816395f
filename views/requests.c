// SPDX-License-Identifier: Apache-2.0
// The view `requests`: CertificateRequests, Orders and Challenges, also those of no Certificate.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/cert/request_list.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <string.h>

static struct view_rows list(const struct view_args *a)
{
    const struct mesh m = view_mesh(a);
    struct request_rows all = request_list(&m);
    const void **at = arena_calloc(a->arena, all.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all.n; i++) {
        if (a->ns == NULL || strcmp(all.at[i].object->ns, a->ns) == 0) {
            at[rows.n++] = &all.at[i];
        }
    }
    return rows;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct request_row *)row)->object;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct request_row *)row)->verdict;
}

static const char *issuer_text(struct arena *a, const struct request_row *r)
{
    return arena_printf(a, "%s/%s", issuer_ref_kind(r->issuer), str_or_empty(r->issuer->name));
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct request_row *r = row;
    return (struct cell){r->state, role_of_verdict(r->verdict), r->verdict};
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

static struct cell certificate_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct request_row *)row)->certificate, ROLE_NAME);
}

static struct cell names_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct request_row *)row)->names, ROLE_HOST);
}

static struct cell issuer_cell(const struct view_args *a, const void *row)
{
    return cell_text(issuer_text(a->arena, row), ROLE_NAME);
}

static struct cell requester_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct request_row *)row)->requester, ROLE_TEXT);
}

static struct cell age_cell(const struct view_args *a, const void *row)
{
    return cell_age(a, object(a, row)->created);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct request_row *r = row;
    return cell_text(r->reason, role_of_verdict(r->verdict));
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct request_row *r = row;
    block_line(b);
    block_put(b, ROLE_TITLE, "%s ", kinds[r->object->kind].kind);
    block_put(b, ROLE_NAME, "%s", object_id(a->arena, r->object));
    detail_field(b, "state", role_of_verdict(r->verdict), "%s%s%s", r->state,
                 r->reason[0] != '\0' ? ": " : "", r->reason);
    detail_field(b, "certificate", ROLE_NAME, "%s",
                 r->certificate != NULL ? r->certificate : "none: made by something else");
    if (r->names[0] != '\0') {
        detail_field(b, "names", ROLE_HOST, "%s", r->names);
    }
    detail_field(b, "issuer", ROLE_NAME, "%s", issuer_text(a->arena, r));
    if (!str_empty(r->requester)) {
        detail_field(b, "requested by", ROLE_TEXT, "%s", r->requester);
    }
    detail_object(a, b, r->object);
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct request_row *r = row;
    struct json *j = json_new_object();
    json_put_string(j, "kind", kinds[r->object->kind].kind);
    json_put_string(j, "namespace", r->object->ns);
    json_put_string(j, "name", r->object->name);
    json_put_string(j, "state", r->state);
    json_put_string(j, "reason", r->reason);
    json_put_string(j, "certificate", r->certificate);
    json_put_string(j, "names", r->names);
    struct json *i = json_put(j, "issuer", json_new_object());
    json_put_string(i, "kind", issuer_ref_kind(r->issuer));
    json_put_string(i, "name", r->issuer->name);
    json_put_string(j, "requester", r->requester);
    json_put_time(j, "created", r->object->created, a->arena);
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 5, .max = 10,
     .sort = SORT_NUMBER, .descending = true, .initial = true, .help = "ISSUED, PENDING, UNAPPROVED, DENIED, FAILED; of Orders and Challenges their own, or QUEUED"},
    {.title = "KIND", .field = "kind", .key = 'K', .cell = kind_cell, .min = 5, .max = 18,
     .help = "CertificateRequest, Order or Challenge"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'A', .cell = namespace_cell, .min = 6, .max = 24,
     .help = "namespace of the object"},
    {.title = "NAME", .field = "name", .cell = name_cell, .min = 10, .max = 40,
     .help = "name of the object"},
    {.title = "CERTIFICATE", .field = "certificate", .key = 'C', .cell = certificate_cell, .min = 8, .max = 30,
     .help = "the Certificate that it belongs to, empty for one of istio-csr, csi-driver or by hand"},
    {.title = "NAMES", .field = "names", .key = 'D', .cell = names_cell, .min = 8, .max = 40,
     .wide = true, .help = "the names that an Order or Challenge is for"},
    {.title = "ISSUER", .field = "issuer", .key = 'U', .cell = issuer_cell, .min = 8, .max = 30,
     .wide = true, .help = "the issuer that it is for"},
    {.title = "REQUESTER", .field = "requester", .cell = requester_cell, .min = 8, .max = 40,
     .wide = true, .help = "who made the CertificateRequest"},
    {.title = "AGE", .field = "created", .key = 'E', .cell = age_cell, .min = 3, .max = 8,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "time since it was created"},
    {.title = "WHY", .field = "reason", .key = 'W', .cell = reason_cell, .min = 16,
     .help = "what the object says"},
};
// clang-format on

const struct view view_requests = {
    .name = "requests",
    .title = "Requests",
    .help = "CertificateRequests, Orders and Challenges, also those of no Certificate",
    .json_kind = "RequestList",
    .needs = KIND_BIT(KIND_CERTIFICATEREQUEST) | KIND_BIT(KIND_ORDER) | KIND_BIT(KIND_CHALLENGE),
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .verdict = verdict,
    .object = object,
    .detail = detail,
    .json = json,
};
