// SPDX-License-Identifier: Apache-2.0
// The view `gateways`: each Gateway with its servers, addresses and what it lets in.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/chain/chain.h"

#include "views/all_views_internal.h"
#include "views/app_groups_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/row_json_internal.h"
#include "views/view_objects_internal.h"

#include <inttypes.h>

// A Gateway may have thousands of applications: too many for a pane that is drawn at each change.
#define APPS_SHOWN 500

struct gateway_row {
    const struct gateway *gw;
    struct app_group apps;       // those that go through it
    enum verdict state;          // the worst of their links that are the Gateway's (own_links)
    const struct app_row *worst; // the first with that state; NULL if nothing is known of any
};

// Links that depend on the Gateway. Services and DNS have pages of their own.
static const enum link_kind own_links[] = {LINK_GATEWAY, LINK_SECRET, LINK_CERTIFICATE,
                                           LINK_VIRTUALSERVICE};

static enum verdict worst_link(const struct app_row *r)
{
    enum verdict v = VERDICT_UNKNOWN;
    for (size_t i = 0; i < ARRAY_COUNT(own_links); i++) {
        v = r->link[own_links[i]] > v ? (enum verdict)r->link[own_links[i]] : v;
    }
    return v;
}

static struct view_rows list(const struct view_args *a)
{
    struct view_rows objects = view_objects(a, KIND_GATEWAY);
    struct app_group sorted = app_groups_sorted(a, APP_GROUP_GATEWAY);
    const void **at = arena_calloc(a->arena, objects.n, sizeof *at);
    struct gateway_row *rows = arena_calloc(a->arena, objects.n, sizeof *rows);
    for (uint32_t i = 0; i < objects.n; i++) {
        struct gateway_row *r = &rows[i];
        r->gw = OBJECT_AS(gateway, objects.at[i]);
        r->apps = app_group_find(&sorted, APP_GROUP_GATEWAY, object_id(a->arena, &r->gw->o));
        for (uint32_t k = 0; k < r->apps.n; k++) {
            enum verdict v = worst_link(r->apps.at[k]);
            if (v > r->state) {
                r->state = v;
                r->worst = r->apps.at[k];
            }
        }
        at[i] = r;
    }
    return (struct view_rows){at, objects.n};
}

// "HTTP:80 HTTPS:443": each protocol and port once.
static const char *servers_text(const struct view_args *a, const struct gateway *g)
{
    struct str_set l;
    str_set_init(&l, a->arena);
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        const char *text =
            arena_printf(a->arena, "%s:%" PRId64, s->protocol != NULL ? s->protocol : "?", s->port);
        str_set_add(&l, text);
    }
    struct str_list list = str_array_list(&l.array);
    return str_list_join(a->arena, &list, " ");
}

// The hosts of all servers, each once.
static const char *hosts_text(const struct view_args *a, const struct gateway *g)
{
    struct str_set l;
    str_set_init(&l, a->arena);
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct str_list *hosts = &g->servers[i].hosts;
        for (uint32_t h = 0; h < hosts->n; h++) {
            str_set_add(&l, hosts->at[h]);
        }
    }
    struct str_list list = str_array_list(&l.array);
    return str_list_join(a->arena, &list, ", ");
}

// Addresses of the Services whose selector contains the Gateway's (docs/rules/dns.md#gateway-targets).
static struct str_list addresses(const struct view_args *a, const struct gateway *g)
{
    struct str_array l = {0};
    const struct str_pair *first = g->selector.at;
    const struct posting *p =
        g->selector.n == 0
            ? NULL
            : snapshot_index(a->snap, INDEX_SERVICE_BY_SELECTOR, first->key, first->value);
    for (uint32_t i = 0; p != NULL && i < p->n; i++) {
        const struct service *s = OBJECT_AS(service, p->at[i]);
        if (!labels_match(&g->selector, &s->selector)) {
            continue;
        }
        for (uint32_t k = 0; k < s->ningress; k++) {
            const struct load_balancer_ingress *x = &s->ingress[k];
            const char *address = x->ip != NULL ? x->ip : x->hostname;
            str_array_add(a->arena, &l, str_or_empty(address));
        }
    }
    return str_array_list(&l);
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct gateway_row *)row)->state;
}

static const char *reason(const struct view_args *a, const struct gateway_row *r)
{
    if (r->worst == NULL || r->state <= VERDICT_OK) {
        return r->apps.n == 0 ? "no VirtualService and no host that is shown" : "";
    }
    struct mesh m = view_mesh(a);
    const struct chain *c = app_chain(&m, r->worst, a->options->dns);
    for (size_t i = 0; c != NULL && i < ARRAY_COUNT(own_links); i++) {
        if (c->link[own_links[i]].state == r->state) {
            return c->link[own_links[i]].reason;
        }
    }
    return "";
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_verdict(a, r->state);
}

static struct cell namespace_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct gateway_row *r = row;
    return cell_text(r->gw->o.ns, ROLE_TEXT);
}

static struct cell name_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct gateway_row *r = row;
    return cell_text(r->gw->o.name, ROLE_NAME);
}

static struct cell servers_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_text(servers_text(a, r->gw), ROLE_TEXT);
}

static struct cell hosts_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_text(hosts_text(a, r->gw), ROLE_HOST);
}

static struct cell apps_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_number(a, r->apps.n);
}

static struct cell selector_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_text(index_selector(a->arena, &r->gw->selector), ROLE_TEXT);
}

static struct cell addresses_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    struct str_list l = addresses(a, r->gw);
    return cell_text(str_list_join(a->arena, &l, ", "), ROLE_TEXT);
}

static struct cell age_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_age(a, r->gw->o.created);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    return cell_text(reason(a, r), role_of_verdict(r->state));
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return &((const struct gateway_row *)row)->gw->o;
}

static const char *tls_text(const struct server *s)
{
    return s->tls != NULL ? s->tls->mode_text : NULL;
}

// The worst link of the applications of each host that the servers name.
struct host_states {
    struct string_map exact; // host -> enum verdict *
    struct string_map wild;  // what follows its star -> the same
};

static void raise_state(const struct string_map *map, const char *key, enum verdict v)
{
    enum verdict *state = string_map_get(map, key);
    if (state != NULL && v > *state) {
        *state = v;
    }
}

static struct host_states host_states_of(const struct view_args *a, const struct gateway_row *r)
{
    struct host_states all;
    string_map_init(&all.exact, a->arena);
    string_map_init(&all.wild, a->arena);
    for (uint32_t i = 0; i < r->gw->nservers; i++) {
        const struct str_list *hosts = &r->gw->servers[i].hosts;
        for (uint32_t h = 0; h < hosts->n; h++) {
            const char *host = name_without_ns(hosts->at[h]);
            enum verdict *states = arena_calloc(a->arena, 2, sizeof *states); // VERDICT_UNKNOWN
            string_map_put(&all.exact, host, &states[0]);
            if (host[0] == '*') {
                string_map_put(&all.wild, host + 1, &states[1]);
            }
        }
    }
    for (uint32_t i = 0; i < r->apps.n; i++) {
        const enum verdict v = worst_link(r->apps.at[i]);
        const char *host = r->apps.at[i]->host;
        raise_state(&all.exact, host, v);
        for (const char *tail = host; all.wild.n > 0; tail++) {
            raise_state(&all.wild, tail, v);
            if (*tail == '\0') {
                break;
            }
        }
    }
    return all;
}

// The worst link of the applications whose host this server names.
static enum verdict server_state(const struct host_states *all, const struct server *s)
{
    enum verdict v = VERDICT_UNKNOWN;
    for (uint32_t h = 0; h < s->hosts.n; h++) {
        const char *host = name_without_ns(s->hosts.at[h]);
        const enum verdict *exact = string_map_get(&all->exact, host);
        const enum verdict *wild = host[0] == '*' ? string_map_get(&all->wild, host + 1) : NULL;
        v = exact != NULL && *exact > v ? *exact : v;
        v = wild != NULL && *wild > v ? *wild : v;
    }
    return v;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct gateway_row *r = row;
    const struct gateway *g = r->gw;
    struct str_list l = addresses(a, g);
    detail_object(a, b, &g->o);
    detail_field(b, "state", role_of_verdict(r->state), "%s %s", verdict_name(r->state),
                 reason(a, r));
    detail_field(b, "selector", ROLE_TEXT, "%s",
                 g->selector.n != 0 ? index_selector(a->arena, &g->selector) : "every gateway pod");
    detail_field(b, "addresses", ROLE_TEXT, "%s",
                 l.n != 0 ? str_list_join(a->arena, &l, ", ") : "none known");
    const struct host_states states = host_states_of(a, r);
    detail_heading(b, "Servers");
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        enum verdict v = server_state(&states, s);
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_STRONG, "%s %" PRId64, s->protocol != NULL ? s->protocol : "?", s->port);
        block_put(b, ROLE_TEXT, " %s%s%s", str_or_empty(s->port_name),
                  tls_text(s) != NULL ? "  tls " : "", tls_text(s) != NULL ? tls_text(s) : "");
        if (s->tls != NULL && s->tls->https_redirect) {
            block_put(b, ROLE_TEXT, "  redirects to https");
        }
        if (s->tls != NULL && s->tls->credential_name != NULL) {
            block_put(b, ROLE_NAME, "  credential %s", s->tls->credential_name);
        }
        block_put(b, ROLE_HOST, "  %s", str_list_join(a->arena, &s->hosts, ", "));
    }
    detail_heading(b, "Applications");
    app_group_detail(a, b, &r->apps, APPS_SHOWN);
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct gateway_row *r = row;
    const struct gateway *g = r->gw;
    struct str_list l = addresses(a, g);
    struct json *j = json_new_object();
    json_put_string(j, "namespace", g->o.ns);
    json_put_string(j, "name", g->o.name);
    json_put_string(j, "selector", index_selector(a->arena, &g->selector));
    json_put_strings(j, "addresses", &l);
    const struct host_states states = host_states_of(a, r);
    struct json *list_of = json_put(j, "servers", json_new_array());
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        struct json *x = json_push(list_of, json_new_object());
        json_put_int(x, "port", s->port);
        json_put_string(x, "protocol", s->protocol);
        json_put_strings(x, "hosts", &s->hosts);
        json_put_string(x, "tls", tls_text(s));
        json_put_bool(x, "redirect", s->tls != NULL && s->tls->https_redirect);
        json_put_string(x, "credential", s->tls != NULL ? s->tls->credential_name : NULL);
        json_put_string(x, "state", verdict_name(server_state(&states, s)));
    }
    json_put_string(j, "state", verdict_name(r->state));
    json_put_string(j, "reason", reason(a, r));
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 3, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .initial = true, .help = "the worst of gateway, secret, certificate and virtualservice of what it serves"},
    {.title = "NAMESPACE", .field = "namespace", .key = 'A', .cell = namespace_cell, .min = 6, .max = 28,
     .help = "namespace of the Gateway"},
    {.title = "NAME", .field = "name", .cell = name_cell, .min = 10, .max = 36,
     .help = "name of the Gateway"},
    {.title = "SERVERS", .field = "servers", .key = 'V', .cell = servers_cell, .min = 8, .max = 32,
     .help = "protocol and port of its servers"},
    {.title = "HOSTS", .field = "hosts", .key = 'H', .cell = hosts_cell, .min = 12, .max = 48,
     .help = "hosts of its servers"},
    {.title = "APPS", .field = "apps", .key = 'P', .cell = apps_cell, .min = 4, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "rows of the apps view that go through it"},
    {.title = "SELECTOR", .field = "selector", .key = 'L', .cell = selector_cell, .min = 10, .max = 40,
     .wide = true, .help = "labels of the pods that it configures"},
    {.title = "ADDRESS", .field = "addresses", .key = 'D', .cell = addresses_cell, .min = 10, .max = 56,
     .wide = true, .help = "addresses of the load balancer in front"},
    {.title = "AGE", .field = "age", .key = 'E', .cell = age_cell, .min = 3, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .wide = true, .help = "time since creation"},
    {.title = "WHY", .field = "reason", .cell = reason_cell, .min = 16,
     .help = "what is wrong"},
};
// clang-format on

const struct view view_gateways = {
    .name = "gateways",
    .title = "Gateways",
    .help = "each Gateway with its servers, addresses and what it lets in",
    .json_kind = "GatewayList",
    .needs = KIND_BIT(KIND_GATEWAY),
    .reads = KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE) | KIND_BIT(KIND_SECRET) |
             KIND_BIT(KIND_CERTIFICATE) | KIND_BIT(KIND_CERTIFICATEREQUEST) | KIND_BIT(KIND_ORDER) |
             KIND_BIT(KIND_CHALLENGE) | KIND_BIT(KIND_ISSUER) | KIND_BIT(KIND_CLUSTERISSUER) |
             KIND_BIT(KIND_NAMESPACE) | KIND_BIT(KIND_POD) | KIND_BIT(KIND_DEPLOYMENT),
    .chains = true,
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .verdict = verdict,
    .object = object,
    .detail = detail,
    .json = json,
};
