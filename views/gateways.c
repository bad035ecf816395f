// SPDX-License-Identifier: Apache-2.0
// The view `gateways`: each Gateway with its servers, addresses and what it lets in.
#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/route/gateway.h"

#include "views/app_groups.h"
#include "views/view_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct row {
    const struct gateway *gw;
    const char *id;
    struct app_rows apps; // rows that go through it
    enum verdict state;   // of the links gateway, secret, certificate and virtualservice of them
    const struct app_row *bad;
};

enum {
    COL_STATE,
    COL_NS,
    COL_NAME,
    COL_SERVERS,
    COL_HOSTS,
    COL_APPS,
    COL_SELECTOR,
    COL_ADDRESS,
    COL_AGE,
    COL_REASON
};

// clang-format off
static const struct column columns[] = {
    {"STATE", "state", 'S', 3, 9, ALIGN_LEFT, SORT_NUMBER, false, true, "the worst of gateway, secret, certificate and virtualservice of what it serves"},
    {"NAMESPACE", "namespace", 'A', 6, 28, ALIGN_LEFT, SORT_TEXT, false, false, "namespace of the Gateway"},
    {"NAME", "name", 0, 10, 36, ALIGN_LEFT, SORT_TEXT, false, false, "name of the Gateway"},
    {"SERVERS", "servers", 'V', 8, 32, ALIGN_LEFT, SORT_TEXT, false, false, "protocol and port of its servers"},
    {"HOSTS", "hosts", 'H', 12, 48, ALIGN_LEFT, SORT_TEXT, false, false, "hosts of its servers"},
    {"APPS", "apps", 'P', 4, 6, ALIGN_RIGHT, SORT_NUMBER, false, true, "rows of the apps view that go through it"},
    {"SELECTOR", "selector", 'L', 10, 40, ALIGN_LEFT, SORT_TEXT, true, false, "labels of the pods that it configures"},
    {"ADDRESS", "addresses", 'D', 10, 56, ALIGN_LEFT, SORT_TEXT, true, false, "addresses of the load balancer in front"},
    {"AGE", "age", 'E', 3, 6, ALIGN_RIGHT, SORT_NUMBER, true, false, "time since creation"},
    {"WHY", "reason", 0, 16, 0, ALIGN_LEFT, SORT_TEXT, false, false, "what is wrong"},
};
// clang-format on

static const enum link_kind own_links[] = {LINK_GATEWAY, LINK_SECRET, LINK_CERTIFICATE,
                                           LINK_VIRTUALSERVICE};

static enum verdict worst_link(const struct app_row *r)
{
    enum verdict v = VERDICT_UNKNOWN;
    for (size_t i = 0; i < sizeof own_links / sizeof *own_links; i++) {
        v = r->link[own_links[i]] > v ? (enum verdict)r->link[own_links[i]] : v;
    }
    return v;
}

static struct view_rows list(const struct view_args *a)
{
    struct view_rows objects = rows_of_kind(a, KIND_GATEWAY);
    struct app_rows sorted = app_rows_sorted(a, app_key_gateway);
    const void **at = arena_alloc(a->arena, (objects.n + 1) * sizeof *at);
    struct row *rows = arena_alloc(a->arena, (objects.n + 1) * sizeof *rows);
    for (uint32_t i = 0; i < objects.n; i++) {
        struct row *r = &rows[i];
        r->gw = OBJECT_AS(gateway, objects.at[i]);
        r->id = object_id(a->arena, &r->gw->o);
        r->apps = app_rows_of(&sorted, app_key_gateway, r->id);
        for (uint32_t k = 0; k < r->apps.n; k++) {
            enum verdict v = worst_link(r->apps.at[k]);
            if (v > r->state) {
                r->state = v;
                r->bad = r->apps.at[k];
            }
        }
        at[i] = r;
    }
    return (struct view_rows){at, objects.n};
}

static const char *servers(const struct view_args *a, const struct gateway *g)
{
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        char text[64];
        snprintf(text, sizeof text, "%s:%" PRId64, s->protocol != NULL ? s->protocol : "?",
                 s->port);
        if (b.data == NULL || strstr(b.data, text) == NULL) {
            buf_addf(&b, "%s%s", b.len != 0 ? " " : "", text);
        }
    }
    const char *t = arena_strndup(a->arena, b.data != NULL ? b.data : "", b.len);
    buf_release(&b);
    return t;
}

static const char *hosts(const struct view_args *a, const struct gateway *g)
{
    struct buf b;
    buf_init(&b, 4096);
    for (uint32_t i = 0; i < g->nservers; i++) {
        for (uint32_t h = 0; h < g->servers[i].hosts.n; h++) {
            const char *host = g->servers[i].hosts.at[h];
            bool again = false;
            for (uint32_t k = 0; k < i && !again; k++) {
                for (uint32_t l = 0; l < g->servers[k].hosts.n; l++) {
                    again = again || str_eq(g->servers[k].hosts.at[l], host);
                }
            }
            if (!again) {
                buf_addf(&b, "%s%s", b.len != 0 ? ", " : "", host);
            }
        }
    }
    const char *t = arena_strndup(a->arena, b.data != NULL ? b.data : "", b.len);
    buf_release(&b);
    return t;
}

// Addresses of the Services whose selector contains the Gateway's (docs/rules/dns.md#gateway-targets).
static struct str_list addresses(const struct view_args *a, const struct gateway *g)
{
    struct str_list l = {0};
    const struct posting *p = g->selector.n == 0
                                  ? NULL
                                  : snapshot_index(a->snap, INDEX_SERVICE_BY_SELECTOR,
                                                   g->selector.at[0].key, g->selector.at[0].value);
    const char **at = NULL;
    uint32_t cap = 0;
    for (uint32_t i = 0; p != NULL && i < p->n; i++) {
        const struct service *s = OBJECT_AS(service, p->at[i]);
        for (uint32_t k = 0; labels_match(&g->selector, &s->selector) && k < s->ningress; k++) {
            if (l.n == cap) {
                cap = cap == 0 ? 4 : cap * 2;
                const char **more = arena_alloc(a->arena, cap * sizeof *more);
                if (l.n != 0) {
                    memcpy(more, at, l.n * sizeof *more);
                }
                at = more;
            }
            at[l.n++] = s->ingress[k].ip != NULL
                            ? s->ingress[k].ip
                            : (s->ingress[k].hostname != NULL ? s->ingress[k].hostname : "");
        }
    }
    l.at = at;
    return l;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct row *)row)->state;
}

static const char *reason(const struct view_args *a, const struct row *r)
{
    if (r->bad == NULL || r->state <= VERDICT_OK) {
        return r->apps.n == 0 ? "no VirtualService and no host that is shown" : "";
    }
    struct mesh m = mesh_of(a);
    const struct chain *c = app_chain(&m, r->bad, a->options->dns);
    for (size_t i = 0; c != NULL && i < sizeof own_links / sizeof *own_links; i++) {
        if (c->link[own_links[i]].state == r->state) {
            return c->link[own_links[i]].reason;
        }
    }
    return "";
}

static struct cell cell(const struct view_args *a, const void *row, int column)
{
    const struct row *r = row;
    switch (column) {
    case COL_STATE:
        return cell_verdict(a, r->state);
    case COL_NS:
        return cell_text(r->gw->o.ns, ROLE_TEXT);
    case COL_NAME:
        return cell_text(r->gw->o.name, ROLE_NAME);
    case COL_SERVERS:
        return cell_text(servers(a, r->gw), ROLE_TEXT);
    case COL_HOSTS:
        return cell_text(hosts(a, r->gw), ROLE_HOST);
    case COL_APPS:
        return cell_number(a, r->apps.n);
    case COL_SELECTOR:
        return cell_text(index_selector(a->arena, &r->gw->selector), ROLE_TEXT);
    case COL_ADDRESS: {
        struct str_list l = addresses(a, r->gw);
        return cell_text(join(a->arena, &l), ROLE_TEXT);
    }
    case COL_AGE:
        return cell_age(a, r->gw->o.created);
    default:
        return cell_text(reason(a, r), role_of_verdict(r->state));
    }
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return &((const struct row *)row)->gw->o;
}

static const char *tls_text(const struct server *s)
{
    static const char *const names[] = {
        "PASSTHROUGH",  "SIMPLE",          "MUTUAL", "AUTO_PASSTHROUGH",
        "ISTIO_MUTUAL", "OPTIONAL_MUTUAL", NULL};
    if (s->tls == NULL) {
        return NULL;
    }
    return s->tls->mode == TLS_MODE_UNKNOWN ? s->tls->mode_text : names[s->tls->mode];
}

// The worst link of the applications whose host this server names.
static enum verdict server_state(const struct row *r, const struct server *s)
{
    enum verdict v = VERDICT_UNKNOWN;
    for (uint32_t i = 0; i < r->apps.n; i++) {
        for (uint32_t h = 0; h < s->hosts.n; h++) {
            const char *slash = strchr(s->hosts.at[h], '/');
            const char *host = slash != NULL ? slash + 1 : s->hosts.at[h];
            bool takes = str_eq(host, r->apps.at[i]->host) ||
                         (host[0] == '*' && str_ends(r->apps.at[i]->host, host + 1));
            if (takes && worst_link(r->apps.at[i]) > v) {
                v = worst_link(r->apps.at[i]);
            }
        }
    }
    return v;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct row *r = row;
    const struct gateway *g = r->gw;
    struct str_list l = addresses(a, g);
    detail_object(a, b, &g->o);
    detail_field(b, "state", role_of_verdict(r->state), "%s %s", verdict_name(r->state),
                 reason(a, r));
    detail_field(b, "selector", ROLE_TEXT, "%s",
                 g->selector.n != 0 ? index_selector(a->arena, &g->selector) : "every gateway pod");
    detail_field(b, "addresses", ROLE_TEXT, "%s", l.n != 0 ? join(a->arena, &l) : "none known");
    detail_heading(b, "Servers");
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        enum verdict v = server_state(r, s);
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_STRONG, "%s %" PRId64, s->protocol != NULL ? s->protocol : "?", s->port);
        block_put(b, ROLE_TEXT, " %s%s%s", s->port_name != NULL ? s->port_name : "",
                  tls_text(s) != NULL ? "  tls " : "", tls_text(s) != NULL ? tls_text(s) : "");
        if (s->tls != NULL && s->tls->https_redirect) {
            block_put(b, ROLE_TEXT, "  redirects to https");
        }
        if (s->tls != NULL && s->tls->credential_name != NULL) {
            block_put(b, ROLE_NAME, "  credential %s", s->tls->credential_name);
        }
        block_put(b, ROLE_HOST, "  %s", join(a->arena, &s->hosts));
    }
    detail_heading(b, "Applications");
    for (uint32_t i = 0; i < r->apps.n && i < 500; i++) {
        enum verdict v = (enum verdict)r->apps.at[i]->state;
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_HOST, "%s", r->apps.at[i]->host);
        block_put(b, ROLE_DIM, "  %s", r->apps.at[i]->reason);
    }
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct row *r = row;
    const struct gateway *g = r->gw;
    struct str_list l = addresses(a, g);
    struct json *j = json_new_object();
    json_put_string(j, "namespace", g->o.ns);
    json_put_string(j, "name", g->o.name);
    json_put_string(j, "selector", index_selector(a->arena, &g->selector));
    json_put(j, "addresses", json_list(&l));
    struct json *list_of = json_put(j, "servers", json_new_array());
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        struct json *x = json_push(list_of, json_new_object());
        json_put_int(x, "port", s->port);
        json_put_string(x, "protocol", s->protocol);
        json_put(x, "hosts", json_list(&s->hosts));
        json_put_string(x, "tls", tls_text(s));
        json_put_bool(x, "redirect", s->tls != NULL && s->tls->https_redirect);
        json_put_string(x, "credential", s->tls != NULL ? s->tls->credential_name : NULL);
        json_put_string(x, "state", verdict_name(server_state(r, s)));
    }
    json_put_string(j, "state", verdict_name(r->state));
    json_put_string(j, "reason", reason(a, r));
    return j;
}

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
    .columns = columns,
    .ncolumns = sizeof columns / sizeof *columns,
    .sort_column = COL_STATE,
    .list = list,
    .cell = cell,
    .verdict = verdict,
    .object = object,
    .detail = detail,
    .json = json,
};
