// SPDX-License-Identifier: Apache-2.0
// The view `services`: each destination with the hosts and rules that reach it.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/mesh/route/route_list.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// A rule, and which of its destinations leads to a service.
struct destination_use {
    const struct route_row *rule;
    const struct route_target *target;
};

// Service, port and subset, with everything that leads there.
struct service_row {
    const struct route_target *target;
    const struct destination_use *at; // by host, Gateway and order
    uint32_t n, hosts;                // uses; different hosts of them
};

static const char *called(const struct route_target *t)
{
    return str_or_empty(t->to.host);
}

static int same_place(const struct route_target *a, const struct route_target *b)
{
    int c = strcmp(called(a), called(b));
    if (c == 0) {
        c = (a->to.port > b->to.port) - (a->to.port < b->to.port);
    }
    return c != 0 ? c : strcmp(str_or_empty(a->to.subset), str_or_empty(b->to.subset));
}

static int by_place(const void *x, const void *y)
{
    const struct destination_use *a = x, *b = y;
    int c = same_place(a->target, b->target);
    c = c != 0 ? c : strcmp(a->rule->host, b->rule->host);
    c = c != 0 ? c : strcmp(a->rule->gateway, b->rule->gateway);
    return c != 0 ? c : (a->rule->order > b->rule->order) - (a->rule->order < b->rule->order);
}

static bool wanted(const struct view_args *a, const struct route_row *r)
{
    return r->order >= 0 && (a->ns == NULL || strcmp(r->vs->o.ns, a->ns) == 0);
}

static struct view_rows list(const struct view_args *a)
{
    struct mesh m = view_mesh(a);
    struct route_rows rules = {0};
    route_rows_all(&m, &rules);
    uint32_t n = 0;
    for (uint32_t i = 0; i < rules.n; i++) {
        n += wanted(a, &rules.at[i]) ? rules.at[i].ntargets : 0;
    }
    struct destination_use *all = arena_calloc(a->arena, n, sizeof *all);
    n = 0;
    for (uint32_t i = 0; i < rules.n; i++) {
        for (uint32_t t = 0; wanted(a, &rules.at[i]) && t < rules.at[i].ntargets; t++) {
            all[n++] = (struct destination_use){&rules.at[i], &rules.at[i].targets[t]};
        }
    }
    qsort(all, n, sizeof *all, by_place);
    const void **at = arena_calloc(a->arena, n, sizeof *at);
    struct view_rows rows = {at, 0};
    struct service_row *r = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (r == NULL || same_place(r->target, all[i].target) != 0) {
            r = arena_alloc(a->arena, sizeof *r);
            *r = (struct service_row){.target = all[i].target, .at = &all[i]};
            at[rows.n++] = r;
        }
        r->hosts += r->n == 0 || strcmp(all[i].rule->host, all[i - 1].rule->host) != 0;
        r->n++;
    }
    return rows;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    const struct resolved_destination *to = &((const struct service_row *)row)->target->to;
    return destination_fails(to)  ? VERDICT_BROKEN
           : to->fault == DEST_OK ? VERDICT_OK
                                  : VERDICT_UNKNOWN;
}

static const char *reason(const struct view_args *a, const struct service_row *r)
{
    struct mesh m = view_mesh(a);
    return str_or_empty(destination_fault_text(&m, &r->target->to));
}

static struct str_list hosts_of(const struct view_args *a, const struct service_row *r)
{
    const char **at = arena_calloc(a->arena, r->hosts, sizeof *at);
    struct str_list l = {at, 0};
    for (uint32_t i = 0; i < r->n; i++) {
        if (i == 0 || strcmp(r->at[i].rule->host, r->at[i - 1].rule->host) != 0) {
            at[l.n++] = r->at[i].rule->host;
        }
    }
    return l;
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    return cell_verdict(a, verdict(a, row));
}

static struct cell service_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct service_row *r = row;
    return cell_text(called(r->target), ROLE_NAME);
}

static struct cell port_cell(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    return cell_number(a, r->target->to.port);
}

static struct cell subset_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct service_row *r = row;
    return cell_text(r->target->to.subset, ROLE_TEXT);
}

static struct cell hosts_cell(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    return cell_number(a, r->hosts);
}

static struct cell rules_cell(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    return cell_number(a, r->n);
}

static struct cell reached_by_cell(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    struct str_list hosts = hosts_of(a, r);
    return cell_text(str_list_join(a->arena, &hosts, ", "), ROLE_HOST);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    return cell_text(reason(a, r), role_of_verdict(verdict(a, row)));
}

static const char *key(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    return arena_printf(a->arena, "%s:%u/%s", called(r->target), r->target->to.port,
                        str_or_empty(r->target->to.subset));
}

// A service is reached by many hosts, so its title is its own name.
static const char *row_called(const struct view_args *a, const void *row)
{
    const struct route_target *t = ((const struct service_row *)row)->target;
    return arena_printf(a->arena, "%s:%u%s%s", called(t), t->to.port,
                        t->to.subset != NULL ? "/" : "", str_or_empty(t->to.subset));
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct service_row *)row)->target->to.service;
}

static const char *host(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct service_row *)row)->at[0].rule->host;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct service_row *r = row;
    block_line(b);
    block_put(b, ROLE_NAME, "%s:%u", called(r->target), r->target->to.port);
    block_put(b, role_of_verdict(verdict(a, row)), "  %s %s", verdict_mark(a, verdict(a, row)),
              verdict_name(verdict(a, row)));
    if (verdict(a, row) != VERDICT_OK) {
        detail_field(b, "why", role_of_verdict(verdict(a, row)), "%s", reason(a, r));
    }
    detail_heading(b, "Rules that lead here");
    for (uint32_t i = 0; i < r->n; i++) {
        const struct route_row *x = r->at[i].rule;
        block_line(b);
        block_put(b, ROLE_HOST, "  %s", x->host);
        block_put(b, ROLE_TEXT, "  %s  %.4g%%",
                  x->conditions.n == 0 ? (x->list != NULL ? "every connection" : "every request")
                                       : str_list_join(a->arena, &x->conditions, ", "),
                  r->at[i].target->percent);
        block_put(b, ROLE_DIM, "  VirtualService %s, Gateway %s", object_id(a->arena, &x->vs->o),
                  x->gateway);
    }
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct service_row *r = row;
    struct str_list hosts = hosts_of(a, r);
    struct json *j = json_new_object();
    json_put_string(j, "service", called(r->target));
    json_put_int(j, "port", r->target->to.port);
    json_put_string(j, "subset", r->target->to.subset);
    json_put_exists(j, &r->target->to);
    json_put_strings(j, "hosts", &hosts);
    struct json *rules = json_put(j, "rules", json_new_array());
    for (uint32_t i = 0; i < r->n; i++) {
        const struct route_row *x = r->at[i].rule;
        struct json *o = json_push(rules, json_new_object());
        json_put_string(o, "host", x->host);
        json_put_string(o, "gateway", x->gateway);
        json_put_string(o, "virtualService", object_id(a->arena, &x->vs->o));
        json_put_int(o, "index", x->index);
        if (x->list != NULL) {
            json_put_string(o, "list", x->list);
        }
        json_put(o, "percent", json_new_number(r->at[i].target->percent));
    }
    json_put_string(j, "state", verdict_name(verdict(a, row)));
    json_put_string(j, "reason", reason(a, r));
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 3, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .help = "ok, or broken where service, port or subset do not exist, or nothing behind it is ready"},
    {.title = "SERVICE", .field = "service", .key = 'V', .cell = service_cell, .min = 16, .max = 60,
     .help = "the host that is called"},
    {.title = "PORT", .field = "port", .key = 'P', .cell = port_cell, .min = 4, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "its port"},
    {.title = "SUBSET", .field = "subset", .key = 'U', .cell = subset_cell, .min = 4, .max = 16,
     .help = "the subset, where one is named"},
    {.title = "HOSTS", .field = "hosts", .key = 'H', .cell = hosts_cell, .min = 5, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "hosts that reach it"},
    {.title = "RULES", .field = "rules", .key = 'R', .cell = rules_cell, .min = 5, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "rules that lead to it"},
    {.title = "REACHED BY", .field = "reachedBy", .cell = reached_by_cell, .min = 16,
     .help = "the hosts"},
    {.title = "WHY", .field = "reason", .cell = reason_cell, .min = 10, .max = 60,
     .wide = true, .help = "what does not exist or is not ready"},
};
// clang-format on

const struct view view_services = {
    .name = "services",
    .title = "Services",
    .help = "each destination with the hosts and rules that reach it",
    .json_kind = "ServiceList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE),
    .reads = KIND_BIT(KIND_DESTINATIONRULE) | KIND_BIT(KIND_SERVICEENTRY) | KIND_BIT(KIND_POD) |
             KIND_BIT(KIND_ENDPOINTSLICE),
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .key = key,
    .verdict = verdict,
    .object = object,
    .host = host,
    .called = row_called,
    .detail = detail,
    .json = json,
};
