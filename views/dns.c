// SPDX-License-Identifier: Apache-2.0
// The view `dns`: the records that external-dns makes, and what DNS says.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <inttypes.h>
#include <string.h>

// Whether one of the objects that it is made from ("gateway/ns/name") is of the namespace.
static bool in_namespace(const struct dns_record *r, const char *ns)
{
    size_t n = strlen(ns);
    for (uint32_t i = 0; i < r->sources.n; i++) {
        const char *slash = strchr(r->sources.at[i], '/');
        if (slash != NULL && strncmp(slash + 1, ns, n) == 0 && slash[1 + n] == '/') {
            return true;
        }
    }
    return false;
}

static struct view_rows list(const struct view_args *a)
{
    struct mesh m = view_mesh(a);
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    struct desired_records records;
    desired_records_find(&m, &settings, &records);
    const void **at = arena_calloc(a->arena, records.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < records.n; i++) {
        if (a->ns == NULL || in_namespace(&records.at[i], a->ns)) {
            struct dns_record *r = arena_alloc(a->arena, sizeof *r);
            *r = records.at[i];
            dns_judge_record(&m, &settings, r);
            at[rows.n++] = r;
        }
    }
    return rows;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return dns_state_verdict(((const struct dns_record *)row)->state);
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct dns_record *r = row;
    enum verdict v = dns_state_verdict(r->state);
    return (struct cell){dns_state_name(r->state), role_of_verdict(v), v};
}

static struct cell host_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct dns_record *r = row;
    return cell_text(r->host, ROLE_HOST);
}

static struct cell type_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct dns_record *r = row;
    return cell_text(r->type, ROLE_TEXT);
}

static struct cell targets_cell(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    return cell_text(str_list_join(a->arena, &r->targets, ", "), ROLE_TEXT);
}

static struct cell ttl_cell(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    return r->ttl > 0 ? cell_number(a, r->ttl) : cell_text("", ROLE_DIM);
}

static struct cell source_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct dns_record *r = row;
    return cell_text(r->source, ROLE_NAME);
}

static struct cell owner_names_cell(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    return cell_text(str_list_join(a->arena, &r->owner_names, ", "), ROLE_TEXT);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct dns_record *r = row;
    enum verdict v = dns_state_verdict(r->state);
    return cell_text(r->reason, role_of_verdict(v));
}

// Of each name, type and set identifier one record is made. Records that lose to it have the same ones and differ in
// their targets.
static const char *key(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    bool several = r->state == DNS_FILTERED || r->others.n != 0;
    return arena_printf(a->arena, "%s|%s|%s|%s", r->host, r->type, str_or_empty(r->set_identifier),
                        several ? str_list_join(a->arena, &r->targets, ", ") : "");
}

static const struct object *object(const struct view_args *a, const void *row)
{
    struct mesh m = view_mesh(a);
    return dns_resource_object(&m, ((const struct dns_record *)row)->source);
}

static const char *host(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct dns_record *)row)->host;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct dns_record *r = row;
    block_line(b);
    block_put(b, ROLE_HOST, "%s", r->host);
    block_put(b, ROLE_TEXT, " %s", r->type);
    detail_field(b, "state", role_of_verdict(verdict(a, row)), "%s%s%s", dns_state_name(r->state),
                 !str_empty(r->reason) ? ": " : "", str_or_empty(r->reason));
    detail_list(b, "targets", ROLE_TEXT, &r->targets);
    if (r->ttl > 0) {
        detail_field(b, "ttl", ROLE_NUMBER, "%" PRId64 " s", r->ttl);
    }
    detail_list(b, "sources", ROLE_NAME, &r->sources);
    for (uint32_t i = 0; i < r->owner_names.n; i++) {
        detail_field(b, i == 0 ? "owner records" : "", ROLE_TEXT, "TXT %s", r->owner_names.at[i]);
    }
    struct mesh m = view_mesh(a);
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    const struct dns_settings *own = r->settings != NULL ? r->settings : &settings;
    detail_field(b, "settings from", ROLE_TEXT, "%s", own->from);
    struct str_list unknown = str_array_list(&own->unknown);
    detail_list(b, "not worked out", ROLE_WARNING, &unknown);
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    (void)a;
    struct json *j = json_new_object();
    json_put_string(j, "host", r->host);
    json_put_string(j, "type", r->type);
    json_put_strings(j, "targets", &r->targets);
    json_put_int(j, "ttl", r->ttl);
    json_put_string(j, "source", r->source);
    json_put_strings(j, "sources", &r->sources);
    json_put_strings(j, "ownerNames", &r->owner_names);
    json_put_string(j, "state", dns_state_name(r->state));
    json_put_string(j, "reason", str_or_empty(r->reason));
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 7, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .help = "ok, missing, empty, elsewhere, foreign, stale, unknown (not asked), filtered"},
    {.title = "HOST", .field = "host", .key = 'H', .cell = host_cell, .min = 20, .max = 60,
     .help = "the name"},
    {.title = "TYPE", .field = "type", .key = 'T', .cell = type_cell, .min = 4, .max = 5,
     .help = "A, AAAA or CNAME"},
    {.title = "TARGETS", .field = "targets", .key = 'A', .cell = targets_cell, .min = 12, .max = 50,
     .help = "where it points"},
    {.title = "TTL", .field = "ttl", .cell = ttl_cell, .min = 3, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .wide = true, .help = "seconds; empty: the provider's default"},
    {.title = "SOURCE", .field = "source", .key = 'U', .cell = source_cell, .min = 12, .max = 48,
     .help = "the object it is made from, as external-dns labels it"},
    {.title = "OWNER RECORDS", .field = "ownerNames", .cell = owner_names_cell, .min = 12, .max = 60,
     .wide = true, .help = "the TXT names that say who owns it"},
    {.title = "WHY", .field = "reason", .cell = reason_cell, .min = 12,
     .help = "what was found"},
};
// clang-format on

const struct view view_dns = {
    .name = "dns",
    .title = "DNS records",
    .help = "the records that external-dns makes, and what DNS says",
    .json_kind = "DnsList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE),
    .reads = KIND_BIT(KIND_INGRESS) | KIND_BIT(KIND_DEPLOYMENT),
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .key = key,
    .verdict = verdict,
    .object = object,
    .host = host,
    .detail = detail,
    .json = json,
};
