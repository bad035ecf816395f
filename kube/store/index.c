// SPDX-License-Identifier: Apache-2.0
// Decides which index entries an object has.
#include "kube/store/index.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"
#include "kube/object/server_protocol.h"

#include <string.h>

struct index_emitter {
    struct arena *a;
    void (*emit)(void *self, enum index_kind i, const char *a, const char *b);
    void *self;
};

static void put(const struct index_emitter *e, enum index_kind i, const char *a, const char *b)
{
    if (a != NULL && b != NULL) {
        e->emit(e->self, i, a, b);
    }
}

// The text itself if it has no capital, as nearly all have: the store keeps a text of the object's own without a copy.
static const char *lower(const struct index_emitter *e, const char *s)
{
    for (const char *p = s; p != NULL && *p != '\0'; p++) {
        if (ascii_upper(*p)) {
            return str_lower(e->a, s);
        }
    }
    return s;
}

const char *index_selector(struct arena *a, const struct str_map *selector)
{
    if (selector->n == 1) {
        return arena_concat(a, selector->at[0].key, "=", selector->at[0].value, NULL);
    }
    const struct str_map sorted = str_map_sorted(a, selector);
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < sorted.n; i++) {
        buf_addf(&b, "%s%s=%s", i == 0 ? "" : ",", sorted.at[i].key, sorted.at[i].value);
    }
    return buf_take_arena(&b, a);
}

// Servers of one family share a port; the mesh looks up those of another, which are few.
static const char *port_family(const struct server *s)
{
    return server_is_http(s) ? "http" : s->tls != NULL ? "tls" : "tcp";
}

static void of_gateway(const struct index_emitter *e, const struct gateway *g)
{
    put(e, INDEX_GATEWAY_BY_SELECTOR, index_selector(e->a, &g->selector), "");
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        put(e, INDEX_GATEWAY_BY_PORT, arena_printf(e->a, "%lld", (long long)s->port),
            port_family(s));
        for (uint32_t h = 0; h < s->hosts.n; h++) {
            put(e, INDEX_GATEWAY_BY_HOST, lower(e, name_without_ns(s->hosts.at[h])), "");
        }
        if (s->tls != NULL) {
            put(e, INDEX_GATEWAY_BY_CREDENTIAL, name_of_credential(s->tls->credential_name), "");
            for (uint32_t c = 0; c < s->tls->more->credential_names.n; c++) {
                put(e, INDEX_GATEWAY_BY_CREDENTIAL,
                    name_of_credential(s->tls->more->credential_names.at[c]), "");
            }
        }
    }
}

static void of_virtualservice(const struct index_emitter *e, const struct virtualservice *v)
{
    for (uint32_t i = 0; i < v->gateways.n; i++) {
        const char *ns, *name;
        if (name_resolve_gateway(e->a, v->gateways.at[i], v->o.ns, &ns, &name)) {
            put(e, INDEX_VS_BY_GATEWAY, ns, name);
        }
    }
    for (uint32_t i = 0; i < v->hosts.n; i++) {
        put(e, INDEX_VS_BY_HOST, lower(e, name_fqdn(e->a, v->hosts.at[i], v->o.ns)), "");
    }
    bool bad = false;
    for (uint32_t i = 0; i < v->nhttp; i++) {
        const struct http_rule_more *x = v->http[i].more;
        if (x != NULL && x->delegate) {
            const char *ns = str_empty(x->delegate_ns) ? v->o.ns : x->delegate_ns;
            put(e, INDEX_VS_BY_DELEGATE, ns, str_or_empty(x->delegate_name));
        }
        bad = bad || (x != NULL && x->redirect != NULL && !redirect_code_usable(x->redirect->code));
    }
    if (bad) {
        put(e, INDEX_VS_BY_BAD_REDIRECT, "", "");
    }
}

static void of_certificate(const struct index_emitter *e, const struct certificate *c)
{
    put(e, INDEX_CERTIFICATE_BY_SECRET, c->o.ns, c->secret_name);
}

static void of_serviceentry(const struct index_emitter *e, const struct serviceentry *s)
{
    for (uint32_t i = 0; i < s->hosts.n; i++) {
        put(e, INDEX_SE_BY_HOST, s->hosts.at[i], "");
    }
}

static void of_destinationrule(const struct index_emitter *e, const struct destinationrule *d)
{
    if (d->host != NULL) {
        put(e, INDEX_DR_BY_HOST, name_fqdn(e->a, d->host, d->o.ns), "");
        if (d->host[0] == '*' && d->host[1] != '.' && d->host[1] != '\0') {
            put(e, INDEX_DR_BY_HOST, "*", d->o.ns);
        }
    }
}

static void of_pairs(const struct index_emitter *e, enum index_kind i, const struct str_map *m)
{
    for (uint32_t p = 0; p < m->n; p++) {
        put(e, i, m->at[p].key, m->at[p].value);
    }
}

void index_entries(const struct object *o, struct arena *scratch,
                   void (*emit)(void *self, enum index_kind i, const char *a, const char *b),
                   void *self)
{
    struct index_emitter e = {scratch, emit, self};
    for (uint32_t i = 0; i < o->nowners; i++) {
        put(&e, INDEX_BY_OWNER, o->owners[i].uid, "");
    }
    switch ((enum kind)o->kind) {
    case KIND_CERTIFICATE:
        of_certificate(&e, OBJECT_AS(certificate, o));
        break;
    case KIND_CERTIFICATEREQUEST:
        put(&e, INDEX_REQUEST_BY_CERTIFICATE, o->ns,
            object_certmanager_mark(o, "certificate-name"));
        break;
    case KIND_GATEWAY:
        of_gateway(&e, OBJECT_AS(gateway, o));
        break;
    case KIND_VIRTUALSERVICE:
        of_virtualservice(&e, OBJECT_AS(virtualservice, o));
        break;
    case KIND_DESTINATIONRULE:
        of_destinationrule(&e, OBJECT_AS(destinationrule, o));
        break;
    case KIND_SERVICEENTRY:
        of_serviceentry(&e, OBJECT_AS(serviceentry, o));
        break;
    case KIND_SERVICE:
        of_pairs(&e, INDEX_SERVICE_BY_SELECTOR, &OBJECT_AS(service, o)->selector);
        break;
    case KIND_POD:
        of_pairs(&e, INDEX_POD_BY_LABEL, &o->labels);
        break;
    case KIND_ENDPOINTSLICE:
        put(&e, INDEX_ENDPOINTSLICE_BY_SERVICE, o->ns, OBJECT_AS(endpointslice, o)->service);
        break;
    case KIND_EVENT:
        put(&e, INDEX_EVENT_BY_OBJECT, OBJECT_AS(event, o)->about_uid, "");
        break;
    default:
        break;
    }
}
