// SPDX-License-Identifier: Apache-2.0
// The view `routes`: the rules of every host on every Gateway, in the order they are tried.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include "kube/mesh/route/route_list.h"
#include "kube/mesh/route/route_share.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <inttypes.h>
#include <string.h>

static struct view_rows list(const struct view_args *a)
{
    struct mesh m = view_mesh(a);
    struct route_rows all = {0};
    route_rows_all(&m, &all);
    const void **at = arena_calloc(a->arena, all.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all.n; i++) {
        const struct route_row *r = &all.at[i];
        if ((a->ns == NULL || strcmp(r->vs->o.ns, a->ns) == 0) &&
            (a->subject == NULL || str_casecmp(r->host, a->subject) == 0)) {
            at[rows.n++] = r;
        }
    }
    return rows;
}

static const char *rule_text(const struct view_args *a, const struct route_row *r)
{
    const char *rule = r->name != NULL ? r->name
                                       : arena_printf(a->arena, "%s%s%u", str_or_empty(r->list),
                                                      r->list != NULL ? " " : "", r->index);
    if (r->match_index < 0) {
        return rule;
    }
    return r->match_name != NULL ? arena_printf(a->arena, "%s/%s", rule, r->match_name)
                                 : arena_printf(a->arena, "%s/%d", rule, r->match_index);
}

static const char *target_text(const struct view_args *a, const struct route_target *t, bool share)
{
    const char *host = str_or_empty(t->to.name);
    size_t n = strlen(host);
    if (name_in_cluster(host)) { // every service has that ending
        n -= strlen(name_service_suffix());
    }
    const char *percent = share ? arena_printf(a->arena, " %.4g%%", t->percent) : "";
    return arena_printf(a->arena, "%s%.*s:%u%s%s%s",
                        destination_fails(&t->to) ? "!"
                        : t->to.fault == DEST_OK  ? ""
                                                  : "?",
                        (int)n, host, t->to.port, t->to.subset != NULL ? "/" : "",
                        str_or_empty(t->to.subset), percent);
}

static const char *targets_text(const struct view_args *a, const struct route_row *r)
{
    if (r->ntargets == 0) {
        return r->action_text;
    }
    const char *text = target_text(a, &r->targets[0], r->ntargets > 1);
    for (uint32_t i = 1; i < r->ntargets; i++) {
        text = arena_printf(a->arena, "%s, %s", text, target_text(a, &r->targets[i], true));
    }
    return text;
}

static const char *conditions_text(const struct view_args *a, const struct route_row *r)
{
    return r->conditions.n == 0 ? "*" : str_list_join(a->arena, &r->conditions, "; ");
}

// What is wrong with the rule, or why it is in no table; "" if it is fine.
static const char *reason(const struct route_row *r)
{
    return r->reason != NULL ? r->reason : str_or_empty(r->skip_text);
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return cell_verdict(a, r->state);
}

static struct cell namespace_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct route_row *r = row;
    return cell_text(r->vs->o.ns, ROLE_TEXT);
}

static struct cell host_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct route_row *r = row;
    return cell_text(r->host, ROLE_HOST);
}

static struct cell order_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return r->order >= 0 ? cell_number(a, r->order) : (struct cell){"", ROLE_DIM, INT64_MAX};
}

static struct cell rule_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return cell_text(rule_text(a, r), ROLE_TEXT);
}

static struct cell conditions_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return cell_text(conditions_text(a, r),
                     r->order < 0 || r->shadowed_vs != NULL ? ROLE_DIM : ROLE_TEXT);
}

static struct cell action_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct route_row *r = row;
    return cell_text(r->action_text, ROLE_TEXT);
}

static struct cell destinations_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return cell_text(targets_text(a, r), ROLE_NAME);
}

static struct cell gateway_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct route_row *r = row;
    return cell_text(r->gateway, ROLE_NAME);
}

static struct cell virtual_service_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return cell_text(object_id(a->arena, &r->vs->o), ROLE_NAME);
}

static struct cell details_cell(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return cell_text(str_list_join(a->arena, &r->details, ", "), ROLE_TEXT);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct route_row *r = row;
    return cell_text(reason(r), role_of_verdict(r->state));
}

static const char *key(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    return arena_printf(a->arena, "%s|%s|%s/%s|%s%u|%d|%u", r->host, r->gateway, r->vs->o.ns,
                        r->vs->o.name, str_or_empty(r->list), r->index, r->match_index,
                        r->delegate_index);
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct route_row *)row)->state;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return &((const struct route_row *)row)->vs->o;
}

static const char *host(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct route_row *)row)->host;
}

// Which share of the host's rules each service takes: how far a monolith has been taken apart.
static void detail_shares(const struct view_args *a, const struct route_row *r,
                          struct text_block *b)
{
    struct mesh m = view_mesh(a);
    struct route_rows all = {0}, mine = {0};
    route_rows_of_vs(&m, r->vs, &all);
    mine.at = arena_calloc(a->arena, all.n, sizeof *mine.at);
    for (uint32_t i = 0; i < all.n; i++) {
        if (str_casecmp(all.at[i].host, r->host) == 0 && str_eq(all.at[i].gateway, r->gateway)) {
            mine.at[mine.n++] = all.at[i];
        }
    }
    uint32_t n;
    const struct route_share *shares = route_shares(a->arena, mine.at, mine.n, &n);
    if (n > 0) {
        detail_heading(b, "Who answers for %s", r->host);
    }
    for (uint32_t i = 0; i < n; i++) {
        detail_field(b, "", ROLE_NAME, "%s: %.4g%% of the rules%s",
                     shares[i].destination[0] != '\0' ? shares[i].destination
                                                      : "the gateway itself",
                     shares[i].percent, shares[i].rest ? ", and whatever no other rule takes" : "");
    }
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct route_row *r = row;
    block_line(b);
    block_put(b, ROLE_HOST, "%s", r->host);
    block_put(b, role_of_verdict(r->state), "  %s %s", verdict_mark(a, r->state),
              verdict_name(r->state));
    if (reason(r)[0] != '\0') {
        detail_field(b, "why", role_of_verdict(r->state), "%s", reason(r));
    }
    detail_field(b, "virtualservice", ROLE_NAME, "%s, rule %s", object_id(a->arena, &r->vs->o),
                 rule_text(a, r));
    if (r->delegate != NULL) {
        detail_field(b, "delegate", ROLE_NAME, "%s, rule %u", object_id(a->arena, &r->delegate->o),
                     r->delegate_index);
    }
    detail_field(b, "gateway", ROLE_NAME, "%s", r->gateway);
    if (r->order >= 0) {
        detail_field(b, "order", ROLE_NUMBER, "%d", r->order);
    }
    detail_list(b, "conditions", ROLE_TEXT, &r->conditions);
    if (r->conditions.n == 0) {
        detail_field(b, "conditions", ROLE_TEXT, "none: takes every %s",
                     r->list != NULL ? "connection" : "request");
    }
    detail_field(b, "action", ROLE_TEXT, "%s", r->action_text);
    for (uint32_t i = 0; i < r->ntargets; i++) {
        const struct route_target *t = &r->targets[i];
        struct mesh m = view_mesh(a);
        const char *fault = destination_fault_text(&m, &t->to);
        detail_field(b, i == 0 ? "destinations" : "",
                     destination_fails(&t->to) ? ROLE_BROKEN : ROLE_NAME, "%s (%s)%s%s",
                     target_text(a, t, true), port_reason_text(t->to.port_reason),
                     fault != NULL ? ": " : "", str_or_empty(fault));
    }
    detail_list(b, "more", ROLE_TEXT, &r->details);
    detail_shares(a, r, b);
}

static struct json *json_rule(uint32_t index, const char *name, int32_t match,
                              const char *match_name)
{
    struct json *j = json_new_object();
    json_put_int(j, "index", index);
    json_put_string(j, "name", name);
    json_put_count(j, "match", match);
    json_put_string(j, "matchName", match_name);
    return j;
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct route_row *r = row;
    struct json *j = json_new_object();
    json_put_string(j, "namespace", r->vs->o.ns);
    json_put_string(j, "host", r->host);
    json_put_string(j, "gateway", r->gateway);
    json_put_string(j, "virtualService", object_id(a->arena, &r->vs->o));
    json_put_count(j, "order", r->order);
    struct json *rule =
        json_put(j, "rule", json_rule(r->index, r->name, r->match_index, r->match_name));
    if (r->list != NULL) {
        json_put_string(rule, "list", r->list);
    }
    if (r->delegate != NULL) {
        struct json *d = json_put(j, "delegate", json_new_object());
        json_put_string(d, "virtualService", object_id(a->arena, &r->delegate->o));
        json_put_int(d, "index", r->delegate_index);
    } else {
        json_put(j, "delegate", json_new_null());
    }
    json_put_strings(j, "conditions", &r->conditions);
    json_put_string(j, "action", r->action_text);
    json_put_strings(j, "details", &r->details);
    struct json *targets = json_put(j, "destinations", json_new_array());
    for (uint32_t i = 0; i < r->ntargets; i++) {
        const struct route_target *t = &r->targets[i];
        struct json *x = json_push(targets, json_new_object());
        json_put_string(x, "host", t->to.host);
        json_put_string(x, "subset", t->to.subset);
        json_put_int(x, "port", t->to.port);
        json_put_int(x, "weight", t->weight);
        json_put(x, "percent", json_new_number(t->percent));
        json_put_exists(x, &t->to);
    }
    if (r->shadowed_vs != NULL) {
        struct json *s = json_put(j, "shadowedBy", json_new_object());
        json_put_string(s, "virtualService", object_id(a->arena, &r->shadowed_vs->o));
        json_put(s, "rule", json_rule(r->shadowed_rule, NULL, r->shadowed_match, NULL));
    } else {
        json_put(j, "shadowedBy", json_new_null());
    }
    json_put_string(j, "state", verdict_name(r->state));
    json_put_string(j, "reason", reason(r));
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 3, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .help = "ok; warning: a rule that is never reached; broken: a destination that does not exist"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'A', .cell = namespace_cell, .min = 6, .max = 28,
     .wide = true, .help = "namespace of the VirtualService"},
    {.title = "HOST", .field = "host", .key = 'H', .cell = host_cell, .min = 14, .max = 52,
     .help = "the virtual host"},
    {.title = "#", .field = "order", .key = 'O', .cell = order_cell, .min = 2, .max = 4,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "place in the merged table, from 0; empty: in no table"},
    {.title = "RULE", .field = "rule", .cell = rule_cell, .min = 4, .max = 20,
     .help = "rule and match of the VirtualService: their names, else their numbers"},
    {.title = "MATCH", .field = "conditions", .key = 'M', .cell = conditions_cell, .min = 12, .max = 48,
     .help = "conditions that must all hold; '*': every request"},
    {.title = "ACTION", .field = "action", .key = 'C', .cell = action_cell, .min = 5, .max = 24,
     .wide = true, .help = "route, redirect or direct response"},
    {.title = "DESTINATION", .field = "destinations", .key = 'D', .cell = destinations_cell, .min = 16, .max = 60,
     .help = "service, port and share; '!' where it does not exist"},
    {.title = "GATEWAY", .field = "gateway", .key = 'W', .cell = gateway_cell, .min = 12, .max = 40,
     .wide = true, .help = "the Gateway"},
    {.title = "VIRTUALSERVICE", .field = "virtualService", .key = 'V', .cell = virtual_service_cell, .min = 12, .max = 40,
     .wide = true, .help = "the VirtualService"},
    {.title = "MORE", .field = "details", .cell = details_cell, .min = 8, .max = 48,
     .wide = true, .help = "rewrites, faults, mirrors, timeouts, retries"},
    {.title = "WHY", .field = "reason", .cell = reason_cell, .min = 10,
     .help = "what is wrong with it"},
};
// clang-format on

const struct view view_routes = {
    .name = "routes",
    .title = "Routes",
    .help = "the rules of every host, in the order they are tried after merging",
    .json_kind = "RouteList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE),
    .reads = KIND_BIT(KIND_SERVICE) | KIND_BIT(KIND_DESTINATIONRULE) | KIND_BIT(KIND_SERVICEENTRY) |
             KIND_BIT(KIND_POD) | KIND_BIT(KIND_ENDPOINTSLICE),
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
