// SPDX-License-Identifier: Apache-2.0
// The view `dns`: the records that external-dns makes, and what DNS says.
#include "kube/base/text.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "views/view_internal.h"

#include <inttypes.h>
#include <string.h>

enum { COL_STATE, COL_HOST, COL_TYPE, COL_TARGETS, COL_TTL, COL_SOURCE, COL_OWNER, COL_REASON };

// clang-format off
static const struct column columns[] = {
    {"STATE", "state", 'S', 7, 9, ALIGN_LEFT, SORT_NUMBER, false, true, "ok, missing, empty, elsewhere, foreign, stale, unknown (not asked), filtered"},
    {"HOST", "host", 'H', 20, 60, ALIGN_LEFT, SORT_TEXT, false, false, "the name"},
    {"TYPE", "type", 'T', 4, 5, ALIGN_LEFT, SORT_TEXT, false, false, "A, AAAA or CNAME"},
    {"TARGETS", "targets", 'A', 12, 50, ALIGN_LEFT, SORT_TEXT, false, false, "where it points"},
    {"TTL", "ttl", 0, 3, 6, ALIGN_RIGHT, SORT_NUMBER, true, false, "seconds; empty: the provider's default"},
    {"SOURCE", "source", 'U', 12, 48, ALIGN_LEFT, SORT_TEXT, false, false, "the object it is made from, as external-dns labels it"},
    {"OWNER RECORDS", "ownerNames", 0, 12, 60, ALIGN_LEFT, SORT_TEXT, true, false, "the TXT names that say who owns it"},
    {"WHY", "reason", 0, 12, 0, ALIGN_LEFT, SORT_TEXT, false, false, "what was found"},
};
// clang-format on

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
    struct mesh m = mesh_of(a);
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    struct desired_records records;
    desired_records(&m, &settings, &records);
    const void **at = arena_alloc(a->arena, (records.n + 1) * sizeof *at);
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

static struct cell cell(const struct view_args *a, const void *row, int column)
{
    const struct dns_record *r = row;
    enum verdict v = dns_state_verdict(r->state);
    switch (column) {
    case COL_STATE:
        return (struct cell){dns_state_name(r->state), role_of_verdict(v), v};
    case COL_HOST:
        return cell_text(r->host, ROLE_HOST);
    case COL_TYPE:
        return cell_text(r->type, ROLE_TEXT);
    case COL_TARGETS:
        return cell_text(str_list_join(a->arena, &r->targets, ", "), ROLE_TEXT);
    case COL_TTL:
        return r->ttl > 0 ? cell_number(a, r->ttl) : cell_text("", ROLE_DIM);
    case COL_SOURCE:
        return cell_text(r->source, ROLE_NAME);
    case COL_OWNER:
        return cell_text(str_list_join(a->arena, &r->owner_names, ", "), ROLE_TEXT);
    default:
        return cell_text(r->reason, role_of_verdict(v));
    }
}

// Of one name and type one record is made; those that are not differ in their targets.
static const char *key(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    return arena_printf(a->arena, "%s|%s|%s|%s", r->host, r->type,
                        r->set_identifier != NULL ? r->set_identifier : "",
                        r->state == DNS_FILTERED ? str_list_join(a->arena, &r->targets, ", ") : "");
}

static const struct object *object(const struct view_args *a, const void *row)
{
    struct mesh m = mesh_of(a);
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
                 !str_empty(r->reason) ? ": " : "", r->reason != NULL ? r->reason : "");
    for (uint32_t i = 0; i < r->targets.n; i++) {
        detail_field(b, i == 0 ? "targets" : "", ROLE_TEXT, "%s", r->targets.at[i]);
    }
    if (r->ttl > 0) {
        detail_field(b, "ttl", ROLE_NUMBER, "%" PRId64 " s", r->ttl);
    }
    for (uint32_t i = 0; i < r->sources.n; i++) {
        detail_field(b, i == 0 ? "sources" : "", ROLE_NAME, "%s", r->sources.at[i]);
    }
    for (uint32_t i = 0; i < r->owner_names.n; i++) {
        detail_field(b, i == 0 ? "owner records" : "", ROLE_TEXT, "TXT %s", r->owner_names.at[i]);
    }
    struct mesh m = mesh_of(a);
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    detail_field(b, "told by", ROLE_TEXT, "%s", settings.from);
    for (uint32_t i = 0; i < settings.unknown.n; i++) {
        detail_field(b, i == 0 ? "not worked out" : "", ROLE_WARNING, "%s", settings.unknown.at[i]);
    }
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct dns_record *r = row;
    (void)a;
    struct json *j = json_new_object();
    json_put_string(j, "host", r->host);
    json_put_string(j, "type", r->type);
    json_put(j, "targets", json_list(&r->targets));
    json_put_int(j, "ttl", r->ttl);
    json_put_string(j, "source", r->source);
    json_put(j, "sources", json_list(&r->sources));
    json_put(j, "ownerNames", json_list(&r->owner_names));
    json_put_string(j, "state", dns_state_name(r->state));
    json_put_string(j, "reason", r->reason != NULL ? r->reason : "");
    return j;
}

const struct view view_dns = {
    .name = "dns",
    .title = "DNS records",
    .help = "the records that external-dns makes, and what DNS says",
    .json_kind = "DnsList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE),
    .reads = KIND_BIT(KIND_INGRESS) | KIND_BIT(KIND_DEPLOYMENT),
    .columns = columns,
    .ncolumns = sizeof columns / sizeof *columns,
    .sort_column = -1,
    .list = list,
    .cell = cell,
    .key = key,
    .verdict = verdict,
    .object = object,
    .host = host,
    .detail = detail,
    .json = json,
};
