// SPDX-License-Identifier: Apache-2.0
// The HTTP route tables of one gateway workload.
#include "kube/mesh/route/route_table.h"

#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/core/host.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 319 }; // wild_lengths' last bit

// What a route learns when it is first used is kept in it: the table belongs to one thread.
static struct route *writable(const struct route *r)
{
    union {
        const struct route *c;
        struct route *m;
    } u = {.c = r};
    return u.m;
}

const char *route_label(struct arena *keep, const struct route *r)
{
    if (r->label == NULL) {
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "VirtualService %s/%s rule %u", r->vs->o.ns, r->vs->o.name, r->index);
        if (!str_empty(r->name)) {
            buf_addf(&b, " %s", r->name);
        }
        if (r->match_index >= 0) {
            buf_addf(&b, " match %d", r->match_index);
        }
        if (r->delegate != NULL) {
            buf_addf(&b, " (rule %u of delegate %s/%s)", r->delegate_index, r->delegate->o.ns,
                     r->delegate->o.name);
        }
        writable(r)->label = arena_strndup(keep, b.data, b.len);
        buf_release(&b);
    }
    return r->label;
}

// --- one VirtualService

bool redirect_code_usable(int64_t code)
{
    return code == 0 || code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

const char *rule_unusable(const struct http_rule *rule)
{
    const struct http_redirect *redirect = rule->more != NULL ? rule->more->redirect : NULL;
    if (redirect != NULL) {
        return redirect_code_usable(redirect->code)
                   ? NULL
                   : "has a redirect code that Envoy does not have, which refuses the whole route "
                     "table for it: "
                     "use 301, 302, 303, 307 or 308";
    }
    if (rule->more != NULL && rule->more->direct_response != NULL) {
        return NULL;
    }
    if (rule->nroutes == 0) {
        return "has no action, which Istio's validation refuses: write route, redirect or "
               "directResponse";
    }
    for (uint32_t i = 0; i < rule->nroutes; i++) {
        if (rule->nroutes == 1 || rule->routes[i].weight > 0) {
            return NULL;
        }
    }
    return "gives no destination a weight, which Istio's validation refuses";
}

bool match_catch_all(const struct http_match *m)
{
    if (m == NULL) {
        return true;
    }
    switch (m->uri.type) {
    case MATCH_ABSENT:
    case MATCH_EMPTY:
        break;
    case MATCH_PREFIX:
        if (!str_eq(m->uri.text, "/")) {
            return false;
        }
        break;
    case MATCH_REGEX:
        if (!str_eq(m->uri.text, ".*")) {
            return false;
        }
        break;
    default:
        return false;
    }
    const struct http_match_more *x = m->more;
    return x == NULL || (x->nheaders == 0 && x->nwithout_headers == 0 && x->nquery_params == 0 &&
                         x->method.type == MATCH_ABSENT && x->authority.type == MATCH_ABSENT &&
                         x->scheme.type == MATCH_ABSENT);
}

const char *skip_text(enum skip_reason r)
{
    static const char *const text[] = {
        [SKIP_NONE] = "",
        [SKIP_PORT] = "it is for another port",
        [SKIP_GATEWAY] = "it is for another gateway",
        [SKIP_SOURCE_LABELS] = "the gateway's pod does not carry its sourceLabels",
        [SKIP_SOURCE_NAMESPACE] = "the gateway's pod is not in its sourceNamespace",
        [SKIP_AFTER_CATCH_ALL] = "an earlier entry of the same VirtualService takes every request",
        [SKIP_DELEGATE] = "its delegate cannot be used",
    };
    return text[r];
}

static bool names_gateway(const struct mesh *m, const struct str_list *refs, const char *ns,
                          const char *gateway_id)
{
    for (uint32_t i = 0; i < refs->n; i++) {
        const char *gw_ns;
        const char *gw_name;
        if (!name_gateway(m->arena, refs->at[i], ns, &gw_ns, &gw_name)) {
            continue;
        }
        size_t n = strlen(gw_ns);
        if (strncmp(gateway_id, gw_ns, n) == 0 && gateway_id[n] == '/' &&
            strcmp(gateway_id + n + 1, gw_name) == 0) {
            return true;
        }
    }
    return false;
}

enum skip_reason match_skip(const struct mesh *m, const struct http_match *match, const char *ns,
                            const char *gateway_id, uint32_t port, const struct workload *w)
{
    if (match == NULL || match->more == NULL) {
        return SKIP_NONE;
    }
    const struct http_match_more *x = match->more;
    if (x->port != 0 && x->port != port) {
        return SKIP_PORT;
    }
    if (x->gateways.n > 0) {
        return names_gateway(m, &x->gateways, ns, gateway_id) ? SKIP_NONE : SKIP_GATEWAY;
    }
    if (!labels_match(&x->source_labels, &w->labels)) {
        return SKIP_SOURCE_LABELS;
    }
    if (!str_empty(x->source_namespace) && strcmp(x->source_namespace, w->ns) != 0) {
        return SKIP_SOURCE_NAMESPACE;
    }
    return SKIP_NONE;
}

struct building {
    const struct mesh *m;
    const struct virtualservice *vs;
    const struct merged_server *server;
    const char *gateway_id; // "ns/name"
    const struct workload *w;
    struct vs_routes *out;
    uint32_t cap;
};

static struct route *add_route(struct building *b)
{
    struct vs_routes *out = b->out;
    if (out->n == b->cap) {
        uint32_t cap = b->cap * 2 + 4;
        struct route *at = arena_alloc(b->m->arena, cap * sizeof *at);
        if (out->n > 0) {
            memcpy(at, out->at, out->n * sizeof *at);
        }
        out->at = at;
        b->cap = cap;
    }
    return &out->at[out->n++];
}

// True where the entry ends the VirtualService.
static bool add_entry(struct building *b, const struct vs_rule *r, int32_t i)
{
    const struct http_match *match = i >= 0 ? &r->rule->matches[i] : NULL;
    const char *ns = r->origins != NULL ? r->ns : b->vs->o.ns;
    if (match_skip(b->m, match, ns, b->gateway_id, b->server->port, b->w) != SKIP_NONE) {
        return false;
    }
    const struct match_origin *from = i >= 0 && r->origins != NULL ? &r->origins[i] : NULL;
    struct route *route = add_route(b);
    *route = (struct route){
        .vs = b->vs,
        .delegate = r->delegate,
        .gateway = b->server->gateway,
        .rule = r->rule,
        .match = match,
        .name = r->name,
        .match_name = from != NULL                           ? from->name
                      : match != NULL && match->more != NULL ? match->more->name
                                                             : NULL,
        .ns = r->ns,
        .index = r->index,
        .match_index = from != NULL ? from->root : i,
        .delegate_index = r->delegate_index,
        .port = b->server->port,
        .tls = b->server->server->tls != NULL,
        .catch_all = match_catch_all(match),
    };
    return route->catch_all;
}

const struct vs_routes *vs_routes_build(const struct mesh *m, const struct virtualservice *vs,
                                        const struct merged_server *s, const struct workload *w)
{
    struct vs_routes *out = arena_alloc(m->arena, sizeof *out);
    struct building b = {.m = m, .vs = vs, .server = s, .w = w, .out = out};
    b.gateway_id = arena_printf(m->arena, "%s/%s", s->gateway->o.ns, s->gateway->o.name);
    const struct vs_rules *rules = delegate_expand(m, vs);
    out->limited = rules->limited;
    bool end = false;
    for (uint32_t i = 0; i < rules->n && !end; i++) {
        const struct vs_rule *r = &rules->at[i];
        if (r->rule->nmatches == 0) {
            (void)add_entry(&b, r, -1);
            end = true;
        }
        for (int32_t j = 0; j < r->rule->nmatches && !end; j++) {
            end = add_entry(&b, r, j);
        }
    }
    for (uint32_t i = 0; i < out->n && out->no_action == NULL; i++) {
        const struct http_rule_more *x = out->at[i].rule->more;
        bool usable = x == NULL || x->redirect == NULL || redirect_code_usable(x->redirect->code);
        out->no_action = usable ? NULL : &out->at[i];
    }
    if (out->n > 0 && out->at[out->n - 1].catch_all) {
        out->catch_all = &out->at[--out->n];
    }
    return out;
}

struct str_list vs_hosts(struct arena *a, const struct virtualservice *vs)
{
    const char **out = arena_alloc(a, (vs->hosts.n + 1) * sizeof *out);
    for (uint32_t i = 0; i < vs->hosts.n; i++) {
        out[i] = name_fqdn(a, vs->hosts.at[i], vs->o.ns);
    }
    return (struct str_list){.at = out, .n = vs->hosts.n};
}

// --- which VirtualServices, in which order

int bound_order(const void *x, const void *y)
{
    const struct bound *a = x;
    const struct bound *b = y;
    if (a->class != b->class) {
        return a->class < b->class ? -1 : 1;
    }
    const struct object *p = &a->vs->o;
    const struct object *q = &b->vs->o;
    return object_age_order(&p, &q);
}

const struct virtualservice *const *gateway_virtualservices(const struct mesh *m, const char *ns,
                                                            const char *name,
                                                            const struct workload *w, uint32_t *n)
{
    uint32_t k;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, ns, name, &k);
    struct bound *list = xmalloc((k + 1) * sizeof *list);
    uint32_t count = 0;
    for (uint32_t i = 0; i < k; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, at[i]);
        enum export_class class = host_export(&vs->export_to, vs->o.ns, w->ns);
        if (vs->hosts.n > 0 && class != EXPORT_HIDDEN) {
            list[count++] = (struct bound){vs, class};
        }
    }
    qsort(list, count, sizeof *list, bound_order);
    const struct virtualservice **out = arena_alloc(m->arena, (count + 1) * sizeof *out);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = list[i].vs;
    }
    free(list);
    *n = count;
    return out;
}

// --- the tables of a workload

struct bound_list {
    const struct virtualservice *const *at;
    const struct str_list *hosts; // of each, resolved
    const struct vs_routes *
        *routes;       // of each, made for the first server of the table that needs them
    const char *table; // that `routes` is for
    uint32_t n;
};

static struct bound_list *bound_to(struct route_table *t, const struct gateway *g, const char *id)
{
    const struct mesh *m = t->mesh;
    struct bound_list **at = (struct bound_list **)string_map_at(&t->by_gateway, id);
    if (*at == NULL) {
        struct bound_list *b = arena_alloc(m->arena, sizeof *b);
        b->at = gateway_virtualservices(m, g->o.ns, g->o.name, t->workload, &b->n);
        struct str_list *hosts = arena_alloc(m->arena, (b->n + 1) * sizeof *hosts);
        for (uint32_t i = 0; i < b->n; i++) {
            hosts[i] = vs_hosts(m->arena, b->at[i]);
        }
        b->hosts = hosts;
        *at = b;
    }
    return *at;
}

static struct virtual_host *vhost_at(struct http_table *t, struct arena *a, const char *domain,
                                     const struct merged_server *s)
{
    struct virtual_host **at = (struct virtual_host **)string_map_at(&t->vhosts, domain);
    if (*at == NULL) {
        struct virtual_host *v = arena_alloc(a, sizeof *v);
        *v = (struct virtual_host){.domain = domain, .server = s};
        *at = v;
        if (host_wild(domain)) {
            size_t n = strlen(domain);
            n = n < LONGEST ? n : LONGEST;
            t->wild_lengths[n / 64] |= 1ULL << (n % 64);
        }
    }
    return *at;
}

static void append(struct arena *a, struct virtual_host *v, const struct vs_routes *r)
{
    if (v->n == v->cap) {
        v->cap = v->cap * 2 + 2;
        const struct vs_routes **grown = arena_alloc(a, v->cap * sizeof *grown);
        if (v->n > 0) {
            memcpy(grown, v->parts, v->n * sizeof *grown);
        }
        v->parts = grown;
    }
    v->parts[v->n++] = r;
}

// docs/rules/istio.md#https-redirect
static bool redirects(const struct merged_server *s)
{
    return s->server->tls != NULL && s->server->tls->https_redirect;
}

static void set_redirect(struct virtual_host *v, const struct merged_server *s)
{
    if (!v->https_redirect) {
        v->https_redirect = true;
        v->redirect_server = s;
    }
}

static void add_server(struct route_table *t, struct http_table *table, struct merged_server *s)
{
    struct arena *a = t->mesh->arena;
    const char *id = arena_printf(a, "%s/%s", s->gateway->o.ns, s->gateway->o.name);
    struct bound_list *b = bound_to(t, s->gateway, id);
    if (b->table !=
        table->name) { // within one table a Gateway's routes are made once (Istio's cache)
        b->routes = arena_alloc(a, (b->n + 1) * sizeof *b->routes);
        b->table = table->name;
    }
    for (uint32_t i = 0; i < b->n; i++) {
        struct str_list domains = host_intersection(a, &s->hosts, b->at[i]->o.ns, &b->hosts[i]);
        if (domains.n == 0) {
            continue;
        }
        if (b->routes[i] == NULL) {
            const struct vs_routes *r = vs_routes_build(t->mesh, b->at[i], s, t->workload);
            if (r->n == 0 && r->catch_all == NULL) {
                continue; // no route: no virtual host, and the next server tries again with its own port
            }
            b->routes[i] = r;
            table->limited |= r->limited;
            if (table->no_action == NULL) {
                table->no_action = r->no_action;
            }
        }
        for (uint32_t d = 0; d < domains.n; d++) {
            struct virtual_host *v = vhost_at(table, a, domains.at[d], s);
            append(a, v, b->routes[i]);
            if (redirects(s)) {
                set_redirect(v, s);
            }
        }
    }
    for (uint32_t h = 0; redirects(s) && h < s->hosts.n; h++) {
        if (strchr(s->hosts.at[h], '/') == NULL) { // one with "ns/" would match no request
            set_redirect(vhost_at(table, a, str_lower(a, s->hosts.at[h]), s), s);
        }
    }
}

// --- connections that are passed on

static bool l4_applies(const struct mesh *m, const struct l4_match *x, const char *ns,
                       const char *id, uint32_t port)
{
    return (x->port == 0 || x->port == port) &&
           (x->gateways.n == 0 || names_gateway(m, &x->gateways, ns, id));
}

static bool hosts_meet(const struct merged_server *s, const char *vs_ns,
                       const struct str_list *hosts)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        const char *h = host_for_namespace(s->hosts.at[i], vs_ns);
        for (uint32_t k = 0; h != NULL && k < hosts->n; k++) {
            if (host_overlap(h, hosts->at[k])) {
                return true;
            }
        }
    }
    return false;
}

// The TLS names of one VirtualService's rules for a server that passes TLS on (its tls rules) or ends TLS and
// passes the bytes on (its tcp rules: then the server's own names).
static void l4_names(const struct mesh *m, const struct virtualservice *vs,
                     const struct merged_server *s, const char *id, bool ended, struct buf *names)
{
    const struct l4_rule *rules = ended ? vs->tcp : vs->tls;
    uint32_t n = ended ? vs->ntcp : vs->ntls;
    for (uint32_t i = 0; i < n; i++) {
        bool any = ended && rules[i].nmatches == 0;
        for (uint32_t k = 0; k < rules[i].nmatches; k++) {
            const struct l4_match *x = &rules[i].matches[k];
            if (!l4_applies(m, x, vs->o.ns, id, s->port)) {
                continue;
            }
            any = true;
            for (uint32_t h = 0; !ended && h < x->sni_hosts.n; h++) {
                buf_add(names, &x->sni_hosts.at[h], sizeof x->sni_hosts.at[h]);
            }
        }
        for (uint32_t h = 0; any && ended && h < s->hosts.n; h++) {
            buf_add(names, &s->hosts.at[h], sizeof s->hosts.at[h]);
        }
    }
}

static void find_sni(struct route_table *t, struct merged_server *s)
{
    const struct mesh *m = t->mesh;
    const char *id = arena_printf(m->arena, "%s/%s", s->gateway->o.ns, s->gateway->o.name);
    const struct bound_list *b = bound_to(t, s->gateway, id);
    enum tls_mode mode = s->server->tls->mode;
    if (mode == TLS_AUTO_PASSTHROUGH) {
        return; // its names are those of the mesh's own services
    }
    struct buf names; // of pointers
    buf_init(&names, 0);
    for (uint32_t i = 0; i < b->n; i++) {
        if (hosts_meet(s, b->at[i]->o.ns, &b->hosts[i])) {
            l4_names(m, b->at[i], s, id, mode != TLS_PASSTHROUGH, &names);
        }
    }
    const char **at = arena_alloc(m->arena, names.len + sizeof *at);
    if (names.len > 0) {
        memcpy(at, names.data, names.len);
    }
    s->sni = (struct str_list){.at = at, .n = (uint32_t)(names.len / sizeof *at)};
    s->sni_known = true;
    buf_release(&names);
}

static void index_sni(struct route_table *t, const struct listener *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        struct merged_server *s = l->servers[i];
        const struct str_list *names = s->sni_known ? &s->sni : &s->hosts;
        bool any = s->family != FAMILY_HTTPS && s->family != FAMILY_TLS;
        for (uint32_t k = 0; k < names->n && !any; k++) {
            any = strcmp(names->at[k], "*") == 0 ||
                  str_ends(names->at[k], "/*"); // no exact names then
        }
        for (uint32_t k = 0; k < names->n && !any; k++) {
            const char *slash = strchr(names->at[k], '/');
            void **at =
                string_map_at(&t->sni, arena_printf(t->mesh->arena, "%u %s %s", l->port, l->bind,
                                                    slash != NULL ? slash + 1 : names->at[k]));
            *at = *at != NULL ? *at : s;
        }
    }
}

const struct merged_server *route_table_sni(const struct route_table *t, const struct listener *l,
                                            const char *sni)
{
    struct buf key;
    buf_init(&key, 0);
    buf_addf(&key, "%u %s %s", l->port, l->bind, sni);
    const struct merged_server *s = string_map_get(&t->sni, key.data);
    buf_release(&key);
    return s != NULL ? s : listener_by_sni(l, sni);
}

struct route_table *route_table_build(const struct mesh *m, const struct workload *w)
{
    struct route_table *t = arena_alloc(m->arena, sizeof *t);
    *t = (struct route_table){.mesh = m, .workload = w, .gateways = gateway_merge(m, w)};
    string_map_init(&t->tables, m->arena);
    string_map_init(&t->by_gateway, m->arena);
    string_map_init(&t->sni, m->arena);
    // All servers of one table before those of the next: a Gateway's routes are cached for a table.
    for (uint32_t i = 0; i < t->gateways->nservers; i++) {
        struct merged_server *s = &t->gateways->servers[i];
        if (s->fate == SERVER_KEPT && s->family == FAMILY_TLS) {
            find_sni(t, s);
        }
        if (s->fate != SERVER_KEPT || s->table == NULL) {
            continue;
        }
        struct http_table **at = (struct http_table **)string_map_at(&t->tables, s->table);
        if (*at == NULL) {
            struct http_table *table = arena_alloc(m->arena, sizeof *table);
            table->name = s->table;
            string_map_init(&table->vhosts, m->arena);
            *at = table;
        }
        struct http_table *table = *at;
        if (table->nservers == table->cap) {
            table->cap = table->cap * 2 + 2;
            struct merged_server **grown = arena_alloc(m->arena, table->cap * sizeof *grown);
            if (table->nservers > 0) {
                memcpy(grown, table->servers, table->nservers * sizeof *grown);
            }
            table->servers = grown;
        }
        table->servers[table->nservers++] = s;
    }
    for (uint32_t i = 0; i < t->gateways->nlisteners; i++) {
        index_sni(t, &t->gateways->listeners[i]);
    }
    for (uint32_t i = 0; i < t->tables.cap; i++) {
        struct http_table *table = t->tables.slots[i].value;
        for (uint32_t j = 0; t->tables.slots[i].key != NULL && j < table->nservers; j++) {
            add_server(t, table, table->servers[j]);
        }
    }
    return t;
}

const struct http_table *route_table_of(const struct route_table *t, const struct merged_server *s)
{
    return s->table != NULL ? string_map_get(&t->tables, s->table) : NULL;
}

const struct virtual_host *http_table_find(const struct http_table *t, const char *host)
{
    const struct virtual_host *v = string_map_get(&t->vhosts, host);
    if (v != NULL && !host_wild(host)) {
        return v;
    }
    size_t n = strlen(host);
    char *wild = xmalloc(n + 2);
    v = NULL;
    for (size_t at = 1; at < n && v == NULL; at++) {
        size_t len = n - at + 1;
        size_t bit = len < LONGEST ? len : LONGEST;
        if ((t->wild_lengths[bit / 64] >> (bit % 64) & 1) != 0) {
            wild[0] = '*';
            memcpy(wild + 1, host + at, n - at + 1);
            v = string_map_get(&t->vhosts, wild);
        }
    }
    free(wild);
    return v != NULL ? v : string_map_get(&t->vhosts, "*");
}

void route_begin(struct route_iter *it, const struct virtual_host *vh)
{
    *it = (struct route_iter){.vh = vh};
}

const struct route *route_next(struct route_iter *it)
{
    const struct virtual_host *v = it->vh;
    for (; !it->catch_alls && it->part < v->n; it->part++, it->i = 0) {
        if (it->i < v->parts[it->part]->n) {
            return &v->parts[it->part]->at[it->i++];
        }
    }
    if (!it->catch_alls) {
        it->catch_alls = true;
        it->part = 0;
    }
    while (it->part < v->n) {
        const struct route *r = v->parts[it->part++]->catch_all;
        if (r != NULL) {
            return r;
        }
    }
    return NULL;
}
