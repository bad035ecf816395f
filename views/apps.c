// SPDX-License-Identifier: Apache-2.0
// The view `apps`: the chain of every application, one cell a link.
#include "kube/mesh/chain/apps.h"

#include "kube/base/text.h"

#include "views/view_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    COL_STATE,
    COL_NS,
    COL_HOST,
    COL_FIRST_LINK,
    COL_REASON = COL_FIRST_LINK + LINK_COUNT,
    COL_GATEWAY,
    COL_VS,
};

// clang-format off
static const struct column columns[] = {
    {"STATE", "state", 'S', 8, 9, ALIGN_LEFT, SORT_NUMBER, false, true, "the worst link: broken, warning, pending, ok; unknown only where nothing is known"},
    {"NAMESPACE", "namespace", 'A', 6, 28, ALIGN_LEFT, SORT_TEXT, false, false, "namespace of the VirtualService (of the Gateway where there is none)"},
    {"HOST", "host", 'H', 24, 60, ALIGN_LEFT, SORT_TEXT, false, false, "the host that a client asks for"},
    {"NS", "link.namespace", 0, 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link namespace: it exists and is not being deleted"},
    {"DN", "link.dns", 'D', 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link dns: the host leads to the gateway's load balancer"},
    {"GW", "link.gateway", 0, 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link gateway: a server of the Gateway takes the host"},
    {"SE", "link.secret", 0, 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link secret: the credential is where the gateway's pods read it"},
    {"CE", "link.certificate", 'C', 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link certificate: issued, alive, and covering the host"},
    {"VS", "link.virtualservice", 0, 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link virtualservice: bound to the Gateway and visible to it"},
    {"RU", "link.rules", 0, 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link rules: there are some, and none is dead"},
    {"DE", "link.destinations", 0, 2, 2, ALIGN_LEFT, SORT_NUMBER, false, true, "link destinations: service, port and subset exist"},
    {"WHY", "reason", 0, 14, 0, ALIGN_LEFT, SORT_TEXT, false, false, "what is wrong at the worst link, and what to do"},
    {"GATEWAY", "gateway", 'W', 12, 40, ALIGN_LEFT, SORT_TEXT, true, false, "the Gateway"},
    {"VIRTUALSERVICE", "virtualService", 'V', 12, 40, ALIGN_LEFT, SORT_TEXT, true, false, "the VirtualService"},
};
// clang-format on

static int worst_first(const void *x, const void *y)
{
    const struct app_row *a = *(const struct app_row *const *)x;
    const struct app_row *b = *(const struct app_row *const *)y;
    if (a->state != b->state) {
        return (a->state < b->state) - (a->state > b->state);
    }
    int c = strcmp(a->ns, b->ns);
    c = c != 0 ? c : strcmp(a->host, b->host);
    return c != 0
               ? c
               : strcmp(a->gateway != NULL ? a->gateway : "", b->gateway != NULL ? b->gateway : "");
}

static struct view_rows list(const struct view_args *a)
{
    const void **at = arena_alloc(a->arena, (apps_count(a->snap) + 1) * sizeof *at);
    struct view_rows rows = {at, 0};
    struct app_iter it;
    const struct app_row *r;
    for (apps_begin(&it, a->snap); (r = apps_next_row(&it)) != NULL;) {
        if (a->ns == NULL || strcmp(r->ns, a->ns) == 0) {
            at[rows.n++] = r;
        }
    }
    qsort(at, rows.n, sizeof *at, worst_first);
    return rows;
}

static struct cell cell(const struct view_args *a, const void *row, int column)
{
    const struct app_row *r = row;
    if (column >= COL_FIRST_LINK && column < COL_REASON) {
        enum verdict v = (enum verdict)r->link[column - COL_FIRST_LINK];
        return (struct cell){verdict_mark(a, v), role_of_verdict(v), v};
    }
    switch (column) {
    case COL_STATE:
        return cell_verdict(a, (enum verdict)r->state);
    case COL_NS:
        return cell_text(r->ns, ROLE_TEXT);
    case COL_HOST:
        return cell_text(r->host, ROLE_HOST);
    case COL_GATEWAY:
        return cell_text(r->gateway, ROLE_NAME);
    case COL_VS:
        return cell_text(r->virtualservice, ROLE_NAME);
    default:
        return cell_text(r->reason, role_of_verdict((enum verdict)r->state));
    }
}

static const char *key(const struct view_args *a, const void *row)
{
    const struct app_row *r = row;
    return arena_printf(a->arena, "%s|%s|%s", r->host, r->gateway != NULL ? r->gateway : "",
                        r->virtualservice != NULL ? r->virtualservice : "");
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return (enum verdict)((const struct app_row *)row)->state;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    const struct app_row *r = row;
    return snapshot_get(a->snap, (enum kind)r->owner, r->owner_ns, r->owner_name);
}

static const char *ns(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct app_row *)row)->ns;
}

static const char *host(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct app_row *)row)->host;
}

static const struct chain *chain_of(const struct view_args *a, const void *row)
{
    struct mesh m = mesh_of(a);
    return app_chain(&m, row, a->options->dns);
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct app_row *r = row;
    const struct chain *c = chain_of(a, row);
    block_line(b);
    block_put(b, ROLE_HOST, "%s", r->host);
    block_put(b, role_of_verdict((enum verdict)r->state), "  %s %s",
              verdict_mark(a, (enum verdict)r->state), verdict_name((enum verdict)r->state));
    if (!str_empty(r->reason)) {
        detail_field(b, "why", role_of_verdict((enum verdict)r->state), "%s", r->reason);
    }
    detail_field(b, "namespace", ROLE_TEXT, "%s", r->ns);
    detail_field(b, "gateway", ROLE_NAME, "%s", r->gateway != NULL ? r->gateway : "none");
    detail_field(b, "virtualservice", ROLE_NAME, "%s",
                 r->virtualservice != NULL ? r->virtualservice : "none");
    detail_heading(b, "The chain");
    for (int l = 0; l < LINK_COUNT; l++) {
        enum verdict v = c != NULL ? c->link[l].state : (enum verdict)r->link[l];
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_STRONG, "%-15s ", link_name((enum link_kind)l));
        if (c == NULL) {
            block_put(b, ROLE_DIM, "%s", verdict_name(v));
            continue;
        }
        const struct chain_link *k = &c->link[l];
        if (k->name != NULL && k->kind != KIND_COUNT) {
            block_put(b, ROLE_NAME, "%s %s%s%s", kinds[k->kind].kind, k->ns != NULL ? k->ns : "",
                      !str_empty(k->ns) ? "/" : "", k->name);
            block_put(b, ROLE_TEXT, "%s", k->reason != NULL ? ": " : "");
        }
        block_put(b, v == VERDICT_OK ? ROLE_TEXT : role_of_verdict(v), "%s",
                  k->reason != NULL ? k->reason : "");
    }
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct app_row *r = row;
    const struct chain *c = chain_of(a, row);
    struct json *j = json_new_object();
    json_put_string(j, "namespace", r->ns);
    json_put_string(j, "host", r->host);
    json_put_string(j, "gateway", r->gateway);
    json_put_string(j, "virtualService", r->virtualservice);
    json_put_string(j, "state", verdict_name((enum verdict)r->state));
    json_put_string(j, "reason", r->reason);
    struct json *links = json_put(j, "links", json_new_array());
    for (int l = 0; c != NULL && l < LINK_COUNT; l++) {
        const struct chain_link *k = &c->link[l];
        struct json *x = json_push(links, json_new_object());
        json_put_string(x, "link", link_name((enum link_kind)l));
        json_put_string(x, "state", verdict_name(k->state));
        json_put_string(x, "reason", k->reason != NULL ? k->reason : "");
        if (k->name == NULL || k->kind == KIND_COUNT) {
            json_put(x, "object", json_new_null());
            continue;
        }
        struct json *o = json_put(x, "object", json_new_object());
        json_put_string(o, "kind", kinds[k->kind].kind);
        json_put_string(o, "namespace", k->ns);
        json_put_string(o, "name", k->name);
    }
    return j;
}

const struct view view_apps = {
    .name = "apps",
    .title = "Applications",
    .help = "the chain from DNS name to service of every application",
    .json_kind = "AppList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE),
    .reads = KIND_BIT(KIND_NAMESPACE) | KIND_BIT(KIND_SERVICE) | KIND_BIT(KIND_DESTINATIONRULE) |
             KIND_BIT(KIND_SERVICEENTRY) | KIND_BIT(KIND_CERTIFICATE) |
             KIND_BIT(KIND_CERTIFICATEREQUEST) | KIND_BIT(KIND_ORDER) | KIND_BIT(KIND_CHALLENGE) |
             KIND_BIT(KIND_ISSUER) | KIND_BIT(KIND_CLUSTERISSUER) | KIND_BIT(KIND_SECRET) |
             KIND_BIT(KIND_POD) | KIND_BIT(KIND_CANARY) | KIND_BIT(KIND_EVENT) |
             KIND_BIT(KIND_DEPLOYMENT), // what external-dns is told, as in the view dns
    .columns = columns,
    .ncolumns = sizeof columns / sizeof *columns,
    .sort_column = -1,
    .list = list,
    .cell = cell,
    .key = key,
    .verdict = verdict,
    .object = object,
    .ns = ns,
    .host = host,
    .detail = detail,
    .json = json,
};
