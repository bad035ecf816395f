// SPDX-License-Identifier: Apache-2.0
// Works out the records of external-dns: hosts, targets, merging and ownership names, source by source.
#include "kube/mesh/dnsrecord.h"

#include "kube/base/text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const char *dns_target_type(const char *target)
{
    unsigned char bytes[16];
    if (inet_pton(AF_INET, target, bytes) == 1) {
        return "A";
    }
    char plain[64];
    size_t n = strcspn(target, "%"); // a zone
    if (n < sizeof plain) {
        memcpy(plain, target, n);
        plain[n] = '\0';
        if (inet_pton(AF_INET6, plain, bytes) == 1) {
            return "AAAA";
        }
    }
    return "CNAME";
}

// --- lists

struct texts { // grows in the arena
    const char **at;
    uint32_t n, cap;
};

static void add(struct arena *a, struct texts *t, const char *s)
{
    if (t->n == t->cap) {
        uint32_t cap = t->cap == 0 ? 4 : t->cap * 2;
        const char **more = arena_alloc(a, cap * sizeof *more);
        if (t->n != 0) {
            memcpy(more, t->at, t->n * sizeof *more);
        }
        t->at = more;
        t->cap = cap;
    }
    t->at[t->n++] = s;
}

static bool has(const struct texts *t, const char *s)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (strcmp(t->at[i], s) == 0) {
            return true;
        }
    }
    return false;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void sort_unique(struct texts *t)
{
    if (t->n < 2) {
        return;
    }
    qsort(t->at, t->n, sizeof *t->at, by_text);
    uint32_t k = 1;
    for (uint32_t i = 1; i < t->n; i++) {
        if (strcmp(t->at[i], t->at[k - 1]) != 0) {
            t->at[k++] = t->at[i];
        }
    }
    t->n = k;
}

static struct str_list list_of(const struct texts *t)
{
    return (struct str_list){t->at, t->n};
}

// A comma-separated annotation, blanks removed; entries may be empty.
static struct texts split(struct arena *a, const char *value)
{
    struct texts out = {0};
    char *plain = arena_alloc(a, strlen(value) + 1), *w = plain;
    for (const char *p = value; *p != '\0'; p++) {
        if (*p != ' ') {
            *w++ = *p;
        }
    }
    char *at = plain;
    while (at != NULL) {
        char *next = strchr(at, ',');
        if (next != NULL) {
            *next++ = '\0';
        }
        add(a, &out, at);
        at = next;
    }
    return out;
}

static const char *without_dot(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    return n != 0 && s[n - 1] == '.' ? arena_strndup(a, s, n - 1) : s;
}

// --- gathering

struct wish { // a record that one object wants
    const char *host, *type;
    struct texts targets, sources;
    int64_t ttl;
    const char *set_identifier;
    uint32_t seq; // order of making: the first of equals is the owner
    bool gone;
};

struct gather {
    const struct mesh *m;
    const struct dns_settings *s;
    struct wish *at;
    uint32_t n, cap;
    const char *stopped;
};

static const char *annotation(const struct gather *g, const struct object *o, const char *key)
{
    return object_annotation(o, arena_printf(g->m->arena, "%s%s", g->s->annotation_prefix, key));
}

static bool ours(const struct gather *g, const struct object *o)
{
    const char *c = annotation(g, o, "controller");
    return (g->s->ns[0] == '\0' || strcmp(o->ns, g->s->ns) == 0) &&
           (c == NULL || strcmp(c, "dns-controller") == 0);
}

static int64_t ttl_of(const struct gather *g, const struct object *o)
{
    const char *text = annotation(g, o, "ttl");
    if (text == NULL) {
        return 0;
    }
    int64_t seconds;
    int64_t ms = duration_parse(text);
    if (ms != DURATION_NONE) {
        seconds = ms / 1000;
    } else {
        char *end;
        long long n = strtoll(text, &end, 10);
        if (end == text || *end != '\0' || strchr(" \t\n\v\f\r", *text) != NULL) {
            return 0;
        }
        seconds = n;
    }
    return seconds >= 1 && seconds <= INT32_MAX ? seconds : 0;
}

static struct texts annotated_targets(const struct gather *g, const struct object *o)
{
    struct texts out = {0};
    const char *text = annotation(g, o, "target");
    if (!str_empty(text)) {
        out = split(g->m->arena, text);
        for (uint32_t i = 0; i < out.n; i++) {
            out.at[i] = without_dot(g->m->arena, out.at[i]);
        }
    }
    return out;
}

static bool labels_fit(const char *host)
{
    for (const char *p = host; *p != '\0';) {
        size_t n = strcspn(p, ".");
        if (n > 63) {
            return false;
        }
        p += n;
        p += *p == '.' ? 1 : 0;
    }
    return true;
}

static struct wish *new_wish(struct gather *g)
{
    if (g->n == g->cap) {
        uint32_t cap = g->cap == 0 ? 64 : g->cap * 2;
        struct wish *more = arena_alloc(g->m->arena, cap * sizeof *more);
        if (g->n != 0) {
            memcpy(more, g->at, g->n * sizeof *more);
        }
        g->at = more;
        g->cap = cap;
    }
    struct wish *w = &g->at[g->n];
    memset(w, 0, sizeof *w);
    w->seq = g->n++;
    return w;
}

// One wish for each type among the targets.
static void want(struct gather *g, const struct object *o, const char *resource, const char *host,
                 const struct texts *targets)
{
    static const char *const types[] = {"A", "AAAA", "CNAME"};
    struct arena *a = g->m->arena;
    if (!labels_fit(host)) {
        return;
    }
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct wish *w = NULL;
        for (uint32_t i = 0; i < targets->n; i++) {
            if (strcmp(dns_target_type(targets->at[i]), types[t]) != 0) {
                continue;
            }
            if (w == NULL) {
                w = new_wish(g);
                w->host = without_dot(a, host);
                w->type = types[t];
                w->ttl = ttl_of(g, o);
                w->set_identifier = annotation(g, o, "set-identifier");
                add(a, &w->sources, resource);
            }
            add(a, &w->targets, without_dot(a, targets->at[i]));
        }
    }
}

static struct texts hostname_annotation(const struct gather *g, const struct object *o,
                                        const char *key)
{
    struct texts none = {0};
    const char *text = g->s->ignore_hostname_annotation ? NULL : annotation(g, o, key);
    return text != NULL ? split(g->m->arena, text) : none;
}

static const char *resource_of(const struct gather *g, const char *kind, const struct object *o)
{
    return arena_printf(g->m->arena, "%s/%s/%s", kind, o->ns, o->name);
}

// --- targets of a Gateway

static void add_balancers(struct arena *a, struct texts *out, const struct lb_ingress *lb,
                          uint32_t n, bool both)
{
    for (uint32_t i = 0; i < n; i++) {
        bool ip = !str_empty(lb[i].ip);
        if (ip) {
            add(a, out, lb[i].ip);
        }
        if (!str_empty(lb[i].hostname) && (both || !ip)) {
            add(a, out, lb[i].hostname);
        }
    }
}

static struct texts service_targets(const struct gather *g, const struct str_map *selector)
{
    const struct mesh *m = g->m;
    struct texts out = {0};
    uint32_t n = 0;
    const struct object *const *all =
        selector->n == 0 ? mesh_all(m, KIND_SERVICE, &n)
                         : mesh_index(m, INDEX_SERVICE_BY_SELECTOR, selector->at[0].key,
                                      selector->at[0].value, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct service *s = OBJECT_AS(service, all[i]);
        if (!labels_match(selector, &s->selector) ||
            (g->s->ns[0] != '\0' && strcmp(s->o.ns, g->s->ns) != 0)) {
            continue;
        }
        for (uint32_t k = 0; k < s->external_ips.n; k++) {
            add(m->arena, &out, s->external_ips.at[k]);
        }
        if (s->external_ips.n == 0) {
            add_balancers(m->arena, &out, s->ingress, s->ningress, false);
        }
    }
    sort_unique(&out);
    return out;
}

// The Ingress that an annotation of a Gateway names; a missing one stops external-dns altogether.
static struct texts ingress_targets(struct gather *g, const struct gateway *gw, const char *ref)
{
    struct texts out = {0};
    const char *slash = strchr(ref, '/');
    const char *name = slash != NULL ? slash + 1 : ref;
    const char *ns = slash != NULL && slash != ref
                         ? arena_strndup(g->m->arena, ref, (size_t)(slash - ref))
                         : gw->o.ns;
    bool bad = slash != NULL && strchr(name, '/') != NULL;
    const struct object *o = bad || (g->s->ns[0] != '\0' && strcmp(ns, g->s->ns) != 0)
                                 ? NULL
                                 : mesh_get(g->m, KIND_INGRESS, ns, name);
    if (o == NULL) {
        if (g->stopped == NULL && (bad || mesh_complete(g->m, KIND_INGRESS))) {
            g->stopped = arena_printf(g->m->arena,
                                      "Gateway %s/%s names Ingress %s, which does not exist: "
                                      "external-dns stops before it changes anything",
                                      gw->o.ns, gw->o.name, ref);
        }
        return out;
    }
    const struct ingress *i = OBJECT_AS(ingress, o);
    add_balancers(g->m->arena, &out, i->ingress, i->ningress, false);
    return out;
}

static struct texts gateway_targets(struct gather *g, const struct gateway *gw)
{
    struct texts t = annotated_targets(g, &gw->o);
    if (t.n != 0) {
        return t;
    }
    const char *ref = object_annotation(&gw->o, g->s->ingress_key);
    if (!str_empty(ref)) {
        return ingress_targets(g, gw, ref);
    }
    return service_targets(g, &gw->selector);
}

struct str_list dns_gateway_targets(const struct mesh *m, const struct dns_settings *s,
                                    const struct gateway *gw, const char **why)
{
    struct gather g = {.m = m, .s = s};
    struct texts t = gateway_targets(&g, gw);
    if (why != NULL) {
        *why = t.n != 0 ? NULL
               : g.stopped != NULL
                   ? g.stopped
                   : arena_printf(m->arena,
                                  "no Service that Gateway %s/%s selects has an external "
                                  "address",
                                  gw->o.ns, gw->o.name);
    }
    return list_of(&t);
}

// --- sources

// The host of a server or VirtualService: of exactly two parts at a slash the second.
static const char *plain_host(const char *host)
{
    const char *slash = strchr(host, '/');
    return slash != NULL && strchr(slash + 1, '/') == NULL ? slash + 1 : host;
}

static bool only(const char *filter, const char *host)
{
    return filter == NULL || str_casecmp(filter, host) == 0;
}

static void of_gateway(struct gather *g, const struct gateway *gw, const char *host)
{
    if (!ours(g, &gw->o)) {
        return;
    }
    struct texts targets = gateway_targets(g, gw);
    const char *resource = resource_of(g, "gateway", &gw->o);
    for (uint32_t i = 0; i < gw->nservers && targets.n != 0; i++) {
        for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
            const char *written = gw->servers[i].hosts.at[k];
            const char *h = str_empty(written) ? "*" : plain_host(written);
            if (strcmp(h, "*") != 0 && only(host, h)) {
                want(g, &gw->o, resource, h, &targets);
            }
        }
    }
    struct texts named = hostname_annotation(g, &gw->o, "hostname");
    for (uint32_t i = 0; i < named.n && targets.n != 0; i++) {
        if (only(host, named.at[i])) {
            want(g, &gw->o, resource, named.at[i], &targets);
        }
    }
}

// Whether external-dns thinks that a host of a VirtualService is served by a Gateway (§4.3): narrower
// than Istio, and case-sensitive.
static bool binds(const struct virtualservice *v, const struct gateway *gw, const char *host)
{
    bool exported = v->export_to.n == 0;
    for (uint32_t i = 0; i < v->export_to.n; i++) {
        const char *e = v->export_to.at[i];
        exported = exported || strcmp(e, "*") == 0 || strcmp(e, gw->o.ns) == 0 ||
                   (strcmp(e, ".") == 0 && strcmp(gw->o.ns, v->o.ns) == 0);
    }
    for (uint32_t i = 0; exported && i < gw->nservers; i++) {
        for (uint32_t k = 0; k < gw->servers[i].hosts.n; k++) {
            const char *s = gw->servers[i].hosts.at[k];
            const char *slash = strchr(s, '/');
            const char *h = slash != NULL ? slash + 1 : s;
            size_t n = slash != NULL ? (size_t)(slash - s) : 0;
            bool ns = slash == NULL || (n == 1 && s[0] == '*') ||
                      (strlen(v->o.ns) == n && strncmp(s, v->o.ns, n) == 0) ||
                      (n == 1 && s[0] == '.' && strcmp(v->o.ns, gw->o.ns) == 0);
            if (!ns || (slash != NULL && strchr(h, '/') != NULL)) {
                continue;
            }
            if (strcmp(h, "*") == 0 || strcmp(h, host) == 0 ||
                (str_starts(h, "*.") && str_ends(host, h + 1))) {
                return true;
            }
        }
    }
    return false;
}

// External-dns knows "ns/name" and "name", and nothing else (istio.md has more forms).
static const struct gateway *gateway_ref(const struct gather *g, const struct virtualservice *v,
                                         const char *ref)
{
    if (ref[0] == '\0' || strcmp(ref, "mesh") == 0) {
        return NULL;
    }
    const char *slash = strchr(ref, '/');
    const char *name = slash != NULL ? slash + 1 : ref;
    if (slash != NULL && strchr(name, '/') != NULL) {
        return NULL;
    }
    const char *ns = slash != NULL && slash != ref
                         ? arena_strndup(g->m->arena, ref, (size_t)(slash - ref))
                         : v->o.ns;
    if (g->s->ns[0] != '\0' && strcmp(ns, g->s->ns) != 0) {
        return NULL;
    }
    const struct object *o = mesh_get(g->m, KIND_GATEWAY, ns, name);
    return o != NULL ? OBJECT_AS(gateway, o) : NULL;
}

static struct texts virtualservice_targets(struct gather *g, const struct virtualservice *v,
                                           const char *host)
{
    struct texts out = {0};
    for (uint32_t i = 0; i < v->gateways.n; i++) {
        const struct gateway *gw = gateway_ref(g, v, v->gateways.at[i]);
        if (gw == NULL || !binds(v, gw, host)) {
            continue;
        }
        struct texts t = gateway_targets(g, gw);
        for (uint32_t k = 0; k < t.n; k++) {
            if (!has(&out, t.at[k])) {
                add(g->m->arena, &out, t.at[k]);
            }
        }
    }
    return out;
}

static void of_virtualservice(struct gather *g, const struct virtualservice *v, const char *host)
{
    if (!ours(g, &v->o)) {
        return;
    }
    const char *resource = resource_of(g, "virtualservice", &v->o);
    struct texts annotated = annotated_targets(g, &v->o);
    struct texts hosts = {0};
    for (uint32_t i = 0; i < v->hosts.n; i++) {
        const char *h = v->hosts.at[i];
        if (h[0] != '\0' && strcmp(h, "*") != 0) {
            add(g->m->arena, &hosts, plain_host(h));
        }
    }
    struct texts named = hostname_annotation(g, &v->o, "hostname");
    for (uint32_t i = 0; i < named.n; i++) {
        add(g->m->arena, &hosts, named.at[i]);
    }
    for (uint32_t i = 0; i < hosts.n; i++) {
        if (only(host, hosts.at[i])) {
            struct texts t =
                annotated.n != 0 ? annotated : virtualservice_targets(g, v, hosts.at[i]);
            want(g, &v->o, resource, hosts.at[i], &t);
        }
    }
}

static struct texts own_targets(const struct gather *g, const struct service *s, bool internal)
{
    struct arena *a = g->m->arena;
    struct texts out = {0};
    const char *type = s->type != NULL ? s->type : "ClusterIP";
    bool headless = s->cluster_ip == NULL || strcmp(s->cluster_ip, "None") == 0;
    bool balancer = strcmp(type, "LoadBalancer") == 0;
    if ((balancer && internal) ||
        (strcmp(type, "ClusterIP") == 0 && (internal || g->s->publish_internal))) {
        if (!headless) {
            add(a, &out, s->cluster_ip);
        }
    } else if (balancer || strcmp(type, "ExternalName") == 0) {
        for (uint32_t i = 0; i < s->external_ips.n; i++) {
            add(a, &out, s->external_ips.at[i]);
        }
        if (s->external_ips.n == 0 && balancer) {
            add_balancers(a, &out, s->ingress, s->ningress, true);
        } else if (s->external_ips.n == 0 && s->external_name != NULL) {
            add(a, &out, s->external_name);
        }
    }
    return out; // NodePort and headless Services need Nodes and Pods, which are not read
}

static void of_service(struct gather *g, const struct service *s)
{
    static const char *const keys[] = {"hostname", "internal-hostname"};
    if (!ours(g, &s->o) || g->s->ignore_hostname_annotation) {
        return;
    }
    const char *resource = resource_of(g, "service", &s->o);
    for (size_t k = 0; k < 2; k++) {
        struct texts hosts = hostname_annotation(g, &s->o, keys[k]);
        for (uint32_t i = 0; i < hosts.n; i++) {
            struct texts t = annotated_targets(g, &s->o);
            if (t.n == 0) {
                t = own_targets(g, s, k == 1);
            }
            want(g, &s->o, resource, without_dot(g->m->arena, hosts.at[i]), &t);
        }
    }
}

static bool class_fits(const struct gather *g, const struct ingress *i)
{
    const struct str_list *classes = &g->s->ingress_class;
    const char *class = !str_empty(i->class_name)
                            ? i->class_name
                            : object_annotation(&i->o, "kubernetes.io/ingress.class");
    for (uint32_t k = 0; k < classes->n; k++) {
        if (str_eq(classes->at[k], class)) {
            return true;
        }
    }
    return classes->n == 0;
}

static void of_ingress(struct gather *g, const struct ingress *i)
{
    if (!ours(g, &i->o) || !class_fits(g, i)) {
        return;
    }
    struct arena *a = g->m->arena;
    const char *resource = resource_of(g, "ingress", &i->o);
    struct texts t = annotated_targets(g, &i->o);
    if (t.n == 0) {
        add_balancers(a, &t, i->ingress, i->ningress, true);
    }
    const char *source = annotation(g, &i->o, "ingress-hostname-source");
    bool defined = source == NULL || str_casecmp(source, "defined-hosts-only") == 0;
    bool named = source == NULL || str_casecmp(source, "annotation-only") == 0;
    for (uint32_t k = 0; defined && !g->s->ignore_ingress_rules && k < i->hosts.n; k++) {
        if (!str_empty(i->hosts.at[k])) {
            want(g, &i->o, resource, i->hosts.at[k], &t);
        }
    }
    for (uint32_t k = 0; defined && !g->s->ignore_ingress_tls && k < i->tls_hosts.n; k++) {
        if (!str_empty(i->tls_hosts.at[k])) {
            want(g, &i->o, resource, i->tls_hosts.at[k], &t);
        }
    }
    struct texts hosts = hostname_annotation(g, &i->o, "hostname");
    for (uint32_t k = 0; named && k < hosts.n; k++) {
        want(g, &i->o, resource, hosts.at[k], &t);
    }
}

// --- merging

static int compare(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int same_record(const struct wish *a, const struct wish *b)
{
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->type, b->type);
    return c != 0 ? c : compare(a->set_identifier, b->set_identifier);
}

// Within a source equal names of equal TTL are one record with all their targets; CNAMEs only where the
// first target is the same.
static int by_merge(const void *x, const void *y)
{
    const struct wish *a = *(struct wish *const *)x, *b = *(struct wish *const *)y;
    int c = same_record(a, b);
    if (c != 0) {
        return c;
    }
    if (a->ttl != b->ttl) {
        return a->ttl < b->ttl ? -1 : 1;
    }
    if (strcmp(a->type, "CNAME") == 0 && (c = strcmp(a->targets.at[0], b->targets.at[0])) != 0) {
        return c;
    }
    return 0;
}

static int compare_targets(const struct texts *a, const struct texts *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        int c = strcmp(a->at[i], b->at[i]);
        if (c != 0) {
            return c;
        }
    }
    return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

// Over the sources a record with the same targets is the same record, whatever its TTL.
static int by_identity(const void *x, const void *y)
{
    const struct wish *a = *(struct wish *const *)x, *b = *(struct wish *const *)y;
    int c = same_record(a, b);
    return c != 0 ? c : compare_targets(&a->targets, &b->targets);
}

static int seq_last(int c, const struct wish *a, const struct wish *b)
{
    return c != 0 ? c : a->seq < b->seq ? -1 : a->seq > b->seq ? 1 : 0;
}

static int merge_order(const void *x, const void *y)
{
    return seq_last(by_merge(x, y), *(struct wish *const *)x, *(struct wish *const *)y);
}

static int identity_order(const void *x, const void *y)
{
    return seq_last(by_identity(x, y), *(struct wish *const *)x, *(struct wish *const *)y);
}

static struct wish **pointers(struct gather *g, uint32_t from, uint32_t *n)
{
    struct wish **p = arena_alloc(g->m->arena, ((size_t)g->n - from + 1) * sizeof *p);
    uint32_t k = 0;
    for (uint32_t i = from; i < g->n; i++) {
        if (!g->at[i].gone) {
            p[k++] = &g->at[i];
        }
    }
    *n = k;
    return p;
}

static void join_wishes(struct gather *g, struct wish **p, uint32_t n,
                        int (*equal)(const void *, const void *), bool targets)
{
    struct wish *first = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (first == NULL || equal(&first, &p[i]) != 0) {
            first = p[i];
            continue;
        }
        for (uint32_t k = 0; targets && k < p[i]->targets.n; k++) {
            add(g->m->arena, &first->targets, p[i]->targets.at[k]);
        }
        for (uint32_t k = 0; k < p[i]->sources.n; k++) {
            if (!has(&first->sources, p[i]->sources.at[k])) {
                add(g->m->arena, &first->sources, p[i]->sources.at[k]);
            }
        }
        p[i]->gone = true;
    }
}

static void merge_source(struct gather *g, uint32_t from)
{
    uint32_t n;
    struct wish **p = pointers(g, from, &n);
    qsort(p, n, sizeof *p, merge_order);
    join_wishes(g, p, n, by_merge, true);
    for (uint32_t i = 0; i < n; i++) {
        sort_unique(&p[i]->targets);
    }
}

static void apply_default_targets(struct gather *g)
{
    const struct str_list *d = &g->s->default_targets;
    if (d->n == 0 || !g->s->force_default_targets) {
        return;
    }
    uint32_t n = g->n;
    for (uint32_t i = 0; i < n; i++) {
        struct wish old = g->at[i];
        if (old.gone) {
            continue;
        }
        g->at[i].gone = true;
        static const char *const types[] = {"A", "AAAA", "CNAME"};
        for (size_t t = 0; t < 3; t++) {
            struct wish *w = NULL;
            for (uint32_t k = 0; k < d->n; k++) {
                if (strcmp(dns_target_type(d->at[k]), types[t]) == 0) {
                    if (w == NULL) {
                        w = new_wish(g);
                        uint32_t seq = w->seq;
                        *w = old;
                        w->seq = seq;
                        w->type = types[t];
                        w->targets = (struct texts){0};
                    }
                    add(g->m->arena, &w->targets, d->at[k]);
                }
            }
        }
    }
}

// --- the rows

static bool managed(const struct dns_settings *s, const char *type)
{
    for (uint32_t i = 0; i < s->record_types.n; i++) {
        if (strcmp(s->record_types.at[i], type) == 0) {
            return true;
        }
    }
    return false;
}

static struct str_list owner_names(const struct gather *g, const struct wish *w)
{
    struct arena *a = g->m->arena;
    struct texts names = {0};
    if (strcmp(g->s->registry, "txt") == 0) {
        const char *name = dns_owner_name(a, g->s, w->host, w->type);
        if (labels_fit(name)) {
            add(a, &names, name);
        }
        if (g->s->old_names) { // before v0.18 the plain name too
            const char *label = strcmp(w->host, "*") != 0 && str_starts(w->host, "*.") &&
                                        !str_empty(g->s->txt_wildcard)
                                    ? arena_printf(a, "%s%s", g->s->txt_wildcard, w->host + 1)
                                    : w->host;
            const char *dot = strchr(label, '.');
            size_t n = dot != NULL ? (size_t)(dot - label) : strlen(label);
            add(a, &names,
                str_lower(a, arena_printf(a, "%s%.*s%s%s", g->s->txt_prefix, (int)n, label,
                                          g->s->txt_suffix, dot != NULL ? dot : "")));
        }
    }
    return list_of(&names);
}

static void finish(struct gather *g, struct dns_records *out)
{
    struct arena *a = g->m->arena;
    uint32_t n;
    apply_default_targets(g);
    struct wish **p = pointers(g, 0, &n);
    qsort(p, n, sizeof *p, identity_order);
    join_wishes(g, p, n, by_identity, false);
    struct dns_record *rows = arena_alloc(a, ((size_t)n + 1) * sizeof *rows);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct wish *w = p[i];
        if (w->gone) {
            continue;
        }
        struct dns_record *r = &rows[k++];
        r->host = w->host;
        r->type = w->type;
        r->targets = list_of(&w->targets);
        r->ttl = w->ttl != 0 ? w->ttl : g->s->min_ttl;
        r->source = w->sources.at[0];
        r->sources = list_of(&w->sources);
        r->owner_names = owner_names(g, w);
        r->set_identifier = w->set_identifier;
        r->state = DNS_UNKNOWN;
        r->reason = "not asked yet";
        if (!dns_domain_passes(g->s, w->host)) {
            r->state = DNS_FILTERED;
            r->reason = "a domain filter of external-dns takes it away";
        } else if (!managed(g->s, w->type)) {
            r->state = DNS_FILTERED;
            r->reason = arena_printf(a, "external-dns does not manage %s records here", w->type);
        } else if (g->stopped != NULL) {
            r->reason = g->stopped;
        }
    }
    out->at = rows;
    out->n = k;
    out->stopped = g->stopped;
}

static const enum kind source_kind[DNS_SOURCE_COUNT] = {
    KIND_GATEWAY,
    KIND_VIRTUALSERVICE,
    KIND_SERVICE,
    KIND_INGRESS,
};

void dns_records(const struct mesh *m, const struct dns_settings *s, struct dns_records *out)
{
    struct gather g = {.m = m, .s = s};
    memset(out, 0, sizeof *out);
    out->complete = true;
    for (uint32_t i = 0; i < s->nsources; i++) {
        uint32_t n, from = g.n;
        const struct object *const *all = mesh_all(m, source_kind[s->source[i]], &n);
        out->complete = out->complete && mesh_complete(m, source_kind[s->source[i]]) &&
                        mesh_complete(m, KIND_SERVICE) && mesh_complete(m, KIND_GATEWAY);
        for (uint32_t k = 0; k < n; k++) {
            switch (s->source[i]) {
            case DNS_SOURCE_GATEWAY:
                of_gateway(&g, OBJECT_AS(gateway, all[k]), NULL);
                break;
            case DNS_SOURCE_VIRTUALSERVICE:
                of_virtualservice(&g, OBJECT_AS(virtualservice, all[k]), NULL);
                break;
            case DNS_SOURCE_SERVICE:
                of_service(&g, OBJECT_AS(service, all[k]));
                break;
            default:
                of_ingress(&g, OBJECT_AS(ingress, all[k]));
                break;
            }
        }
        merge_source(&g, from);
    }
    finish(&g, out);
}

static int by_id(const void *x, const void *y)
{
    const struct object *a = *(const struct object *const *)x,
                        *b = *(const struct object *const *)y;
    int c = strcmp(a->ns, b->ns);
    return c != 0 ? c : strcmp(a->name, b->name);
}

void dns_records_of_host(const struct mesh *m, const struct dns_settings *s, const char *host,
                         struct dns_records *out)
{
    struct gather g = {.m = m, .s = s};
    const char *low = str_lower(m->arena, host);
    memset(out, 0, sizeof *out);
    out->complete = mesh_complete(m, KIND_GATEWAY) && mesh_complete(m, KIND_SERVICE);
    for (uint32_t i = 0; i < s->nsources; i++) {
        uint32_t n = 0, from = g.n;
        const struct object *const *all = NULL;
        if (s->source[i] == DNS_SOURCE_GATEWAY) {
            all = mesh_index(m, INDEX_GATEWAY_BY_HOST, low, "", &n);
        } else if (s->source[i] == DNS_SOURCE_VIRTUALSERVICE) {
            all = mesh_index(m, INDEX_VS_BY_HOST, low, "", &n);
            out->complete = out->complete && mesh_complete(m, KIND_VIRTUALSERVICE);
        }
        const struct object **sorted = arena_alloc(m->arena, ((size_t)n + 1) * sizeof *sorted);
        for (uint32_t k = 0; k < n; k++) {
            sorted[k] = all[k];
        }
        qsort(sorted, n, sizeof *sorted, by_id);
        for (uint32_t k = 0; k < n; k++) {
            if (s->source[i] == DNS_SOURCE_GATEWAY) {
                of_gateway(&g, OBJECT_AS(gateway, sorted[k]), host);
            } else {
                of_virtualservice(&g, OBJECT_AS(virtualservice, sorted[k]), host);
            }
        }
        merge_source(&g, from);
    }
    finish(&g, out);
}
