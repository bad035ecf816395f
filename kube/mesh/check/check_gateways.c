// SPDX-License-Identifier: Apache-2.0
// Gateways: pods, ports, credentials, conflicts and certificates that two of them share:
// docs/rules/istio.md#ist0101-selector, docs/rules/istio.md#ist0101-credential,
// docs/rules/istio.md#ist0138, docs/rules/istio.md#ist0145, docs/rules/istio.md#ist0149,
// docs/rules/istio.md#ist0161, docs/rules/istio.md#ist0162.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"
#include "kube/object/x509.h"

#include "kube/store/index.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/match_conditions.h"
#include "kube/mesh/route/workload_services.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAMED = 10 }; // of a long list of other Gateways

struct gateway_list { // of one key
    const struct gateway **at;
    uint32_t n, cap;
};

static void list_add(struct check *c, struct string_map *map, const char *key,
                     const struct gateway *g)
{
    void **at = string_map_at(map, key);
    if (*at == NULL) {
        *at = arena_alloc(c->a, sizeof(struct gateway_list));
    }
    struct gateway_list *l = *at;
    *ARENA_PUSH(c->a, l->at, l->n, l->cap) = g;
}

// --- pods, ports

static const char *selector_text(struct check *c, const struct gateway *g)
{
    return index_selector(c->a, &g->selector);
}

// The port numbers that the Services of a pod let in, sorted: numeric target ports, and the port numbers.
struct taken_ports {
    uint32_t *at;
    uint32_t n, cap;
};

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static const void *find_taken_ports(const struct mesh *m, const void *question)
{
    const struct workload_services *services = workload_services(m, question);
    struct taken_ports *t = arena_alloc(m->arena, sizeof *t);
    for (uint32_t i = 0; i < services->n; i++) {
        for (uint32_t k = 0; k < services->at[i]->nports; k++) {
            const struct service_port *p = &services->at[i]->ports[k];
            if (p->protocol == NULL || str_eq(p->protocol, "TCP")) {
                *ARENA_PUSH(m->arena, t->at, t->n, t->cap) = p->port;
                *ARENA_PUSH(m->arena, t->at, t->n, t->cap) =
                    p->target_port != 0 ? p->target_port : p->port;
            }
        }
    }
    if (t->n > 1) {
        qsort(t->at, t->n, sizeof *t->at, by_number);
    }
    return t;
}

static bool takes_port(struct check *c, const struct workload *w, int64_t port)
{
    const char *name = mesh_answer_name(c->a, "taken ports", workload_key(c->a, w), NULL);
    const struct taken_ports *t = mesh_answer(c->m, name, find_taken_ports, w);
    uint32_t number = (uint32_t)port;
    return port >= 0 && port <= UINT32_MAX && t->n > 0 &&
           bsearch(&number, t->at, t->n, sizeof *t->at, by_number) != NULL;
}

static void check_ports(struct check *c, const struct gateway *g, const struct workload *w,
                        uint32_t nw)
{
    if (!mesh_complete(c->m, KIND_SERVICE)) {
        return;
    }
    for (uint32_t i = 0; i < g->nservers; i++) {
        bool taken = false;
        for (uint32_t k = 0; k < nw && !taken; k++) {
            taken = w[k].assumed || takes_port(c, &w[k], g->servers[i].port);
        }
        if (!taken) {
            struct finding *f =
                check_add(c, "IST0162", &g->o, check_text(c, "spec.servers[%u].port.number", i),
                          "no Service in front of the pods (%s) has the port %lld",
                          selector_text(c, g), (long long)g->servers[i].port);
            check_hint(c, f, "add the port to the gateway's Service, or use one of its ports");
        }
    }
}

// --- credentials

// Why the Secret cannot be used, NULL where it can or where too little of it is known.
static const char *unusable(struct check *c, const struct secret *s)
{
    if (!s->keys_known) {
        return NULL;
    }
    bool generic = str_list_has(&s->keys, "cert") && str_list_has(&s->keys, "key");
    bool tls = str_list_has(&s->keys, "tls.crt") && str_list_has(&s->keys, "tls.key");
    if (!generic && !tls) {
        return "it has neither tls.crt and tls.key nor cert and key";
    }
    if (s->empty_key) {
        return "its certificate or its key is empty";
    }
    if (s->tls_crt == NULL) {
        return NULL;
    }
    struct x509_chain chain;
    struct err e;
    if (!x509_read_pem(c->a, s->tls_crt, strlen(s->tls_crt), &chain, &e)) {
        return check_text(c, "its certificate cannot be read: %s", e.msg);
    }
    const struct x509_cert *leaf = &chain.cert[0];
    if (leaf->not_after != TIME_NONE && leaf->not_after <= c->m->now) {
        return check_text(c, "its certificate expired at %s", time_format(c->a, leaf->not_after));
    }
    if (leaf->not_before != TIME_NONE && leaf->not_before > c->m->now) {
        return check_text(c, "its certificate is valid only from %s",
                          time_format(c->a, leaf->not_before));
    }
    return NULL;
}

static bool certificate_makes_it(struct check *c, const char *ns, const char *secret)
{
    uint32_t n;
    (void)mesh_index(c->m, INDEX_CERTIFICATE_BY_SECRET, ns, secret, &n);
    return n > 0;
}

// A namespace other than `ns` that has a Secret or Certificate of that name, NULL where none.
static const char *elsewhere(struct check *c, const char *ns, const char *own_ns,
                             const char *secret)
{
    if (!str_eq(own_ns, ns) && (mesh_get(c->m, KIND_SECRET, own_ns, secret) != NULL ||
                                certificate_makes_it(c, own_ns, secret))) {
        return own_ns;
    }
    return NULL;
}

// docs/rules/istio.md#credential-namespace, docs/rules/istio.md#credential-missing
static void check_credential(struct check *c, const struct gateway *g, const struct workload *w,
                             const char *name, const char *path)
{
    if (strstr(name, "://") != NULL) {
        return; // docs/rules/istio.md#credential-schemes
    }
    const char *ns, *secret = name_split(c->a, name, w->ns, &ns);
    if (!str_eq(ns, w->ns)) {
        struct finding *f = check_add(
            c, "GT0105", &g->o, path,
            "the pods of this Gateway run in %s and read no Secret of namespace %s", w->ns, ns);
        check_hint(c, f, "store the certificate as Secret %s/%s and write credentialName: %s",
                   w->ns, secret, secret);
    }
    const struct object *o = mesh_get(c->m, KIND_SECRET, ns, secret);
    if (o != NULL) {
        const char *why = unusable(c, OBJECT_AS(secret, o));
        if (why != NULL) {
            struct finding *f = check_add(c, "IST0161", &g->o, path,
                                          "Secret %s/%s cannot be used: %s", ns, secret, why);
            check_hint(c, f, "no client gets past the TLS handshake until it is replaced");
        }
        return;
    }
    if (!mesh_complete(c->m, KIND_SECRET) || certificate_makes_it(c, ns, secret)) {
        return; // a Certificate on its way to it is in the certificates view
    }
    const char *other = elsewhere(c, w->ns, g->o.ns, secret);
    if (other != NULL) {
        struct finding *f =
            check_add(c, "GT0105", &g->o, path,
                      "Secret %s is in %s, but the pods of this Gateway run in %s and read only "
                      "their own namespace",
                      secret, other, w->ns);
        check_hint(c, f, "let the certificate be stored in %s", w->ns);
    }
    struct finding *f =
        check_add(c, "IST0101", &g->o, path, "the credentialName \"%s\" does not exist", name);
    check_hint(c, f, "clients see their connection closed: create Secret %s/%s", ns, secret);
}

static void check_credentials(struct check *c, const struct gateway *g, const struct workload *w)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *tls = g->servers[i].tls;
        if (tls == NULL) {
            continue;
        }
        if (!str_empty(tls->credential_name)) {
            check_credential(c, g, w, tls->credential_name,
                             check_text(c, "spec.servers[%u].tls.credentialName", i));
        }
        for (uint32_t k = 0; k < tls->more->credential_names.n; k++) {
            check_credential(c, g, w, tls->more->credential_names.at[k],
                             check_text(c, "spec.servers[%u].tls.credentialNames[%u]", i, k));
        }
    }
}

// --- IST0145: the same host on the same port in two Gateways

static const char *bind_of(const struct server *s)
{
    return str_or_empty(s->bind);
}

static const char *host_place(struct check *c, const struct server *s, const char *host)
{
    return check_text(c, "%lld|%s|%s", (long long)s->port, bind_of(s), host);
}

static bool some_pod_has_both(struct check *c, const struct gateway *a, const struct gateway *b)
{
    uint32_t n;
    const struct workload *w = workloads_of_gateway(c->m, a, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (gateway_selects(a, &w[i]) && gateway_selects(b, &w[i])) {
            return true;
        }
    }
    return false;
}

static bool meet_on_pods(struct check *c, const struct gateway *a, const struct gateway *b)
{
    const char *x = selector_text(c, a), *y = selector_text(c, b);
    if (strcmp(x, y) == 0) {
        return true;
    }
    return (strstr(x, y) != NULL || strstr(y, x) != NULL) && some_pod_has_both(c, a, b);
}

struct other_gateways { // Gateways that conflict with one server, each once
    const struct gateway *at[MAX_NAMED];
    uint32_t n, more;
};

static void others_add(struct other_gateways *o, const struct gateway *g)
{
    for (uint32_t i = 0; i < o->n; i++) {
        if (o->at[i] == g) {
            return;
        }
    }
    if (o->n == MAX_NAMED) {
        o->more++;
        return;
    }
    o->at[o->n++] = g;
}

static const char *others_text(struct check *c, const struct other_gateways *o)
{
    struct buf b;
    buf_init(&b, 4096);
    for (uint32_t i = 0; i < o->n; i++) {
        buf_addf(&b, "%s%s/%s", i > 0 ? ", " : "", o->at[i]->o.ns, o->at[i]->o.name);
    }
    if (o->more > 0) {
        buf_addf(&b, " and more");
    }
    return buf_take_arena(&b, c->a);
}

static void check_conflicts(struct check *c, const struct string_map *hosts,
                            const struct gateway *g)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        struct other_gateways found = {.n = 0};
        for (uint32_t h = 0; h < s->hosts.n; h++) {
            const struct gateway_list *l = string_map_get(hosts, host_place(c, s, s->hosts.at[h]));
            for (uint32_t k = 0; l != NULL && k < l->n && found.n < MAX_NAMED; k++) {
                if (l->at[k] != g && meet_on_pods(c, g, l->at[k])) {
                    others_add(&found, l->at[k]);
                }
            }
        }
        if (found.n > 0) {
            struct finding *f =
                check_add(c, "IST0145", &g->o, check_text(c, "spec.servers[%u].hosts", i),
                          "the same hosts on the same port as Gateway %s (selector %s, port %lld, "
                          "hosts %s)",
                          others_text(c, &found), selector_text(c, g), (long long)s->port,
                          check_list(c, &s->hosts));
            check_hint(c, f,
                       "let one Gateway have the host, or put its namespace before it: %s/<host>",
                       g->o.ns);
        }
    }
}

// --- IST0138: one certificate on two Gateways

static const char *certificate_key(struct check *c, const struct server_tls *tls)
{
    if (tls == NULL) {
        return NULL;
    }
    if (!str_empty(tls->credential_name)) {
        return check_text(c, "c %s", tls->credential_name);
    }
    if (!str_empty(tls->more->server_certificate) && !str_empty(tls->more->private_key)) {
        return check_text(c, "f %s %s", tls->more->server_certificate, tls->more->private_key);
    }
    return NULL;
}

static void check_shared_certificates(struct check *c, const struct string_map *certificates,
                                      const struct gateway *g)
{
    struct other_gateways found = {.n = 0};
    for (uint32_t i = 0; i < g->nservers; i++) {
        const char *key = certificate_key(c, g->servers[i].tls);
        const struct gateway_list *l = key != NULL ? string_map_get(certificates, key) : NULL;
        for (uint32_t k = 0; l != NULL && k < l->n && found.n < MAX_NAMED; k++) {
            // every label of this selector is in the other's
            if (l->at[k] != g && labels_match(&g->selector, &l->at[k]->selector)) {
                others_add(&found, l->at[k]);
            }
        }
    }
    if (found.n > 0) {
        struct finding *f =
            check_add(c, "IST0138", &g->o, NULL,
                      "shares a certificate with Gateway %s: browsers reuse one HTTP/2 connection "
                      "for both and get 404",
                      others_text(c, &found));
        check_hint(c, f,
                   "use one Gateway for the hosts of one certificate, or a certificate for each");
    }
}

// --- IST0149: claims that nothing fills in

// A RequestAuthentication that selects the workload, NULL none.
static const void *find_authentication(const struct mesh *m, const void *question)
{
    const struct workload *w = question;
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_REQUESTAUTHENTICATION, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct requestauthentication *r = OBJECT_AS(requestauthentication, all[i]);
        bool near = str_eq(r->o.ns, "istio-system") || str_eq(r->o.ns, w->ns);
        if (near && labels_match(&r->selector, &w->labels)) {
            return r;
        }
    }
    return NULL;
}

static bool authenticated(struct check *c, const struct workload *w)
{
    const char *name = mesh_answer_name(c->a, "authentication", workload_key(c->a, w), NULL);
    return mesh_answer(c->m, name, find_authentication, w) != NULL;
}

static const char *claim_header(const struct http_match *m)
{
    for (uint32_t i = 0; m->more != NULL && i < m->more->nheaders; i++) {
        if (header_is_claim(m->more->headers[i].name)) {
            return m->more->headers[i].name;
        }
    }
    for (uint32_t i = 0; m->more != NULL && i < m->more->nwithout_headers; i++) {
        if (header_is_claim(m->more->without_headers[i].name)) {
            return m->more->without_headers[i].name;
        }
    }
    return NULL;
}

static void check_claims_on(struct check *c, const struct virtualservice *vs, const char *header,
                            const char *path)
{
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        const char *ns, *name = name_split(c->a, vs->gateways.at[i], vs->o.ns, &ns);
        const struct object *gw = mesh_get(c->m, KIND_GATEWAY, ns, name);
        uint32_t n = 0;
        const struct workload *w =
            gw != NULL ? workloads_of_gateway(c->m, OBJECT_AS(gateway, gw), &n) : NULL;
        for (uint32_t k = 0; k < n; k++) {
            if (!w[k].assumed && !authenticated(c, &w[k])) {
                struct finding *f =
                    check_add(c, "IST0149", &vs->o, path,
                              "the header %s comes from a token, but no RequestAuthentication "
                              "selects the pods of Gateway %s/%s",
                              header, gw->ns, gw->name);
                check_hint(c, f, "without one the condition never holds: create it in %s", w[k].ns);
            }
        }
    }
}

static void check_claims(struct check *c)
{
    // Only files hold them: from a cluster a missing RequestAuthentication is not known to be missing.
    if (!c->m->snap->cluster.from_files) {
        return;
    }
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        for (uint32_t r = 0; r < vs->nhttp; r++) {
            for (uint32_t k = 0; k < vs->http[r].nmatches; k++) {
                const char *header = claim_header(&vs->http[r].matches[k]);
                if (header != NULL) {
                    check_claims_on(c, vs, header,
                                    check_text(c, "spec.http[%u].match[%u].headers", r, k));
                }
            }
        }
    }
}

// The Gateways by host, port and bind, and by certificate.
static void index_gateway(struct check *c, struct string_map *hosts,
                          struct string_map *certificates, const struct gateway *g)
{
    // Only the last server of a Gateway on a port is remembered, as the analyzer does.
    struct string_map last; // port -> struct server
    string_map_init(&last, c->a);
    for (uint32_t i = 0; i < g->nservers; i++) {
        string_map_put(&last, check_text(c, "%lld", (long long)g->servers[i].port), &g->servers[i]);
    }
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        bool is_last = string_map_get(&last, check_text(c, "%lld", (long long)s->port)) == s;
        for (uint32_t h = 0; is_last && h < s->hosts.n; h++) {
            list_add(c, hosts, host_place(c, s, s->hosts.at[h]), g);
        }
        const char *key = certificate_key(c, s->tls);
        if (key != NULL) {
            list_add(c, certificates, key, g);
        }
    }
}

void check_gateways(struct check *c)
{
    struct string_map hosts, certificates;
    string_map_init(&hosts, c->a);
    string_map_init(&certificates, c->a);
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        index_gateway(c, &hosts, &certificates, OBJECT_AS(gateway, all[i]));
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        uint32_t nw;
        const struct workload *w = workloads_of_gateway(c->m, g, &nw);
        if (nw == 0) {
            struct finding *f =
                check_add(c, "IST0101", &g->o, "spec.selector",
                          "the selector \"%s\" selects no pod", selector_text(c, g));
            check_hint(c, f,
                       "no gateway serves these hosts: write the labels of the gateway's pods");
        } else {
            check_ports(c, g, w, nw);
            check_credentials(c, g, &w[0]);
        }
        check_conflicts(c, &hosts, g);
        check_shared_certificates(c, &certificates, g);
    }
    check_claims(c);
}
