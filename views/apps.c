// SPDX-License-Identifier: Apache-2.0
// The view `apps`: the chain of every application, one cell a link.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/mesh/chain/app_rows.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/explanation.h"
#include "views/sorted_rows_internal.h"

#include <stdlib.h>
#include <string.h>

static int worst_first(const void *x, const void *y)
{
    const struct app_row *a = *(const struct app_row *const *)x;
    const struct app_row *b = *(const struct app_row *const *)y;
    if (a->state != b->state) {
        return (a->state < b->state) - (a->state > b->state);
    }
    int c = strcmp(a->ns, b->ns);
    c = c != 0 ? c : strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(str_or_empty(a->gateway), str_or_empty(b->gateway));
    return c != 0 ? c : strcmp(str_or_empty(a->virtualservice), str_or_empty(b->virtualservice));
}

static struct view_rows list(const struct view_args *a)
{
    const void **at = arena_calloc(a->arena, app_rows_count(a->snap), sizeof *at);
    struct view_rows rows = {at, 0};
    struct app_rows_iter it;
    const struct app_row *r;
    for (app_rows_begin(&it, a->snap); (r = app_rows_next(&it)) != NULL;) {
        if (a->ns == NULL || strcmp(r->ns, a->ns) == 0) {
            at[rows.n++] = r;
        }
    }
    sorted_rows(at, rows.n, &a->before, worst_first);
    return rows;
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    return cell_verdict(a, (enum verdict)((const struct app_row *)row)->state);
}

static struct cell namespace_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct app_row *)row)->ns, ROLE_TEXT);
}

static struct cell host_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct app_row *)row)->host, ROLE_HOST);
}

static struct cell link_cell(const struct view_args *a, const void *row, enum link_kind link)
{
    enum verdict v = (enum verdict)((const struct app_row *)row)->link[link];
    return (struct cell){verdict_mark(a, v), role_of_verdict(v), v};
}

// A column has a function of its own for its cells: one for each link.
#define LINK_CELL(name, link)                                                                      \
    static struct cell name(const struct view_args *a, const void *row)                            \
    {                                                                                              \
        return link_cell(a, row, link);                                                            \
    }
LINK_CELL(namespace_link_cell, LINK_NAMESPACE)
LINK_CELL(dns_link_cell, LINK_DNS)
LINK_CELL(gateway_link_cell, LINK_GATEWAY)
LINK_CELL(secret_link_cell, LINK_SECRET)
LINK_CELL(certificate_link_cell, LINK_CERTIFICATE)
LINK_CELL(virtualservice_link_cell, LINK_VIRTUALSERVICE)
LINK_CELL(rules_link_cell, LINK_RULES)
LINK_CELL(destinations_link_cell, LINK_DESTINATIONS)
#undef LINK_CELL

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct app_row *r = row;
    return cell_text(r->reason, role_of_verdict((enum verdict)r->state));
}

static struct cell gateway_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct app_row *)row)->gateway, ROLE_NAME);
}

static struct cell virtualservice_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct app_row *)row)->virtualservice, ROLE_NAME);
}

static const char *key(const struct view_args *a, const void *row)
{
    const struct app_row *r = row;
    return arena_printf(a->arena, "%s|%s|%s", r->host, str_or_empty(r->gateway),
                        str_or_empty(r->virtualservice));
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return (enum verdict)((const struct app_row *)row)->state;
}

static const struct object *object(const struct view_args *a, const void *row)
{
    const struct app_row *r = row;
    return snapshot_get(a->snap, (enum kind)r->owner->kind, r->owner->ns, r->owner->name);
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
    struct mesh m = view_mesh(a);
    return app_chain(&m, row, a->options->dns);
}

// c is NULL if the object that the chain begins at is gone: then only the states are known.
static void detail_link(const struct view_args *a, struct text_block *b, const struct app_row *r,
                        const struct chain *c, enum link_kind link)
{
    enum verdict v = c != NULL ? c->link[link].state : (enum verdict)r->link[link];
    block_line(b);
    block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
    block_put(b, ROLE_STRONG, "%-15s ", link_name(link));
    if (c == NULL) {
        block_put(b, ROLE_DIM, "%s", verdict_name(v));
        return;
    }
    const struct chain_link *k = &c->link[link];
    if (k->name != NULL && k->kind != KIND_COUNT) {
        block_put(b, ROLE_NAME, "%s", kind_title(b->arena, k->kind, k->ns, k->name));
        block_put(b, ROLE_TEXT, "%s", k->reason != NULL ? ": " : "");
    }
    block_put(b, v == VERDICT_OK ? ROLE_TEXT : role_of_verdict(v), "%s", str_or_empty(k->reason));
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct app_row *r = row;
    const struct chain *c = chain_of(a, row);
    enum verdict state = (enum verdict)r->state;
    block_line(b);
    block_put(b, ROLE_HOST, "%s", r->host);
    block_put(b, role_of_verdict(state), "  %s %s", verdict_mark(a, state), verdict_name(state));
    if (!str_empty(r->reason)) {
        detail_field(b, "why", role_of_verdict(state), "%s", r->reason);
    }
    detail_field(b, "namespace", ROLE_TEXT, "%s", r->ns);
    detail_field(b, "gateway", ROLE_NAME, "%s", r->gateway != NULL ? r->gateway : "none");
    detail_field(b, "virtualservice", ROLE_NAME, "%s",
                 r->virtualservice != NULL ? r->virtualservice : "none");
    detail_heading(b, "The chain");
    for (int l = 0; l < LINK_COUNT; l++) {
        detail_link(a, b, r, c, (enum link_kind)l);
    }
}

// The worst link as a whole sentence, what to do, and what happens next; nothing where all is well.
static void explain(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct app_row *r = row;
    const struct app_fault *f = NULL;
    for (uint32_t i = 0; i < r->nfaults; i++) {
        f = r->faults[i].link == r->worst ? &r->faults[i] : f;
    }
    if (f == NULL) {
        return;
    }
    const struct app_row *const rows[] = {r};
    const struct cause c = {.state = (enum verdict)f->state,
                            .link = (enum link_kind)f->link,
                            .kind = (enum kind)f->kind,
                            .ns = f->ns,
                            .name = f->name,
                            .field = f->field,
                            .words = f->words,
                            .since = f->since,
                            .at_most = f->at_most,
                            .rows = rows,
                            .nrows = 1,
                            .nhosts = 1};
    const struct explanation e = explain_cause(a, &c);
    explanation_line(b, "why", ROLE_TEXT, e.why);
    explanation_line(b, "do", ROLE_STRONG, e.todo);
    explanation_line(b, "next", ROLE_TEXT, e.next);
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
        json_put_string(x, "reason", str_or_empty(k->reason));
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

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 8, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .help = "the worst link: broken, warning, pending, ok; unknown where nothing is wrong, but the gateway, the rules or the destinations are not known"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'A', .cell = namespace_cell, .min = 6, .max = 28,
     .help = "namespace of the VirtualService (of the Gateway where there is none)"},
    {.title = "HOST", .field = "host", .key = 'H', .cell = host_cell, .min = 24, .max = 60,
     .help = "the host that a client asks for"},
    {.title = "NS", .field = "link.namespace", .cell = namespace_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link namespace: it exists and is not being deleted"},
    {.title = "DN", .field = "link.dns", .key = 'D', .cell = dns_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link dns: the host leads to the gateway's load balancer"},
    {.title = "GW", .field = "link.gateway", .cell = gateway_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link gateway: a server of the Gateway takes the host"},
    {.title = "SE", .field = "link.secret", .cell = secret_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link secret: the credential is where the gateway's pods read it"},
    {.title = "CE", .field = "link.certificate", .key = 'C', .cell = certificate_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link certificate: issued, alive, and covering the host"},
    {.title = "VS", .field = "link.virtualservice", .cell = virtualservice_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link virtualservice: bound to the Gateway and visible to it"},
    {.title = "RU", .field = "link.rules", .cell = rules_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link rules: there are some, and none is dead"},
    {.title = "DE", .field = "link.destinations", .cell = destinations_link_cell, .min = 2, .max = 2,
     .sort = SORT_NUMBER, .descending = true, .help = "link destinations: service, port and subset exist"},
    {.title = "WHY", .field = "reason", .cell = reason_cell, .min = 14,
     .help = "what is wrong at the worst link, and what to do"},
    {.title = "GATEWAY", .field = "gateway", .key = 'W', .cell = gateway_cell, .min = 12, .max = 40,
     .wide = true, .help = "the Gateway"},
    {.title = "VIRTUALSERVICE", .field = "virtualService", .key = 'V', .cell = virtualservice_cell, .min = 12, .max = 40,
     .wide = true, .help = "the VirtualService"},
};
// clang-format on

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
             KIND_BIT(KIND_POD) | KIND_BIT(KIND_ENDPOINTSLICE) | KIND_BIT(KIND_CANARY) |
             KIND_BIT(KIND_EVENT) |
             KIND_BIT(KIND_DEPLOYMENT), // the arguments of external-dns, as in the view dns
    .chains = true,
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .key = key,
    .verdict = verdict,
    .object = object,
    .ns = ns,
    .host = host,
    .explain = explain,
    .detail = detail,
    .json = json,
};
