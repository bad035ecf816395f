// SPDX-License-Identifier: Apache-2.0
// The links namespace, gateway, secret and virtualservice.
#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/store/index.h"

#include "kube/mesh/chain/chain_internal.h"
#include "kube/mesh/core/host.h"
#include "kube/mesh/route/gateway_server.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

void link_set(struct link_input *in, enum link_kind l, enum verdict state, const struct object *o,
              const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    in->chain->link[l] = (struct chain_link){
        .state = state,
        .reason = arena_vprintf(in->m->arena, fmt, ap),
        .kind = o != NULL ? (enum kind)o->kind : KIND_COUNT,
        .ns = o != NULL ? o->ns : NULL,
        .name = o != NULL ? o->name : NULL,
    };
    va_end(ap);
}

void link_set_named(struct link_input *in, enum link_kind l, enum verdict state, enum kind k,
                    const char *ns, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    in->chain->link[l] =
        (struct chain_link){state, arena_vprintf(in->m->arena, fmt, ap), k, ns, name};
    va_end(ap);
}

bool link_knows(struct link_input *in, enum link_kind l, enum kind k, const char *ns,
                const char *name)
{
    const struct kind_state *s = mesh_state(in->m, k);
    const char *plural = kinds[k].resource;
    if (in->m->snap->cluster.from_files) {
        if (s->objects > 0) {
            return true;
        }
        link_set_named(in, l, VERDICT_UNKNOWN, k, ns, name, "the files hold no %s", plural);
    } else if (s->state == SYNC_FORBIDDEN) {
        link_set_named(in, l, VERDICT_UNKNOWN, k, ns, name, "no permission to read %s", plural);
    } else if (s->state == SYNC_NOT_INSTALLED) {
        link_set_named(in, l, VERDICT_UNKNOWN, k, ns, name, "%s are not installed in this cluster",
                       plural);
    } else if (s->partial) {
        link_set_named(in, l, VERDICT_UNKNOWN, k, ns, name,
                       "%s can be read in some namespaces only", plural);
    } else if (s->dropped != 0) {
        link_set_named(in, l, VERDICT_UNKNOWN, k, ns, name, "%ld %s could not be read", s->dropped,
                       plural);
    } else if (!s->synced) {
        link_set_named(in, l, VERDICT_UNKNOWN, k, ns, name, "%s are loading", plural);
    } else {
        return true;
    }
    return false;
}

// --- servers

static bool serves(const struct mesh *m, const struct gateway *gw, const struct server *s,
                   const char *vs_ns, const char *host)
{
    struct str_list hosts = host_server_hosts(m->arena, &s->hosts, gw->o.ns);
    for (uint32_t i = 0; i < hosts.n; i++) {
        const char *h = host_for_namespace(hosts.at[i], vs_ns);
        if (h != NULL && host_narrower(host, h) != NULL) {
            return true;
        }
    }
    return false;
}

bool link_host_served(const struct mesh *m, const struct gateway *gw, const char *vs_ns,
                      const char *host)
{
    for (uint32_t i = 0; i < gw->nservers; i++) {
        if (serves(m, gw, &gw->servers[i], vs_ns, host)) {
            return true;
        }
    }
    return false;
}

void link_servers(struct link_input *in)
{
    if (in->chain->gateway == NULL) {
        return;
    }
    const struct gateway *gw = OBJECT_AS(gateway, in->chain->gateway);
    for (uint32_t i = 0; i < gw->nservers; i++) {
        const struct server *s = &gw->servers[i];
        // The hosts of a Gateway without a VirtualService are its own, whatever "ns/" says.
        if (in->chain->vs != NULL && !serves(in->m, gw, s, in->chain->vs->ns, in->chain->host)) {
            continue;
        }
        if (in->chain->vs == NULL) {
            bool own = false;
            for (uint32_t h = 0; h < s->hosts.n; h++) {
                const char *ns;
                own = own ||
                      str_eq(name_server_host(in->m->arena, s->hosts.at[h], &ns), in->chain->host);
            }
            if (!own) {
                continue;
            }
        }
        enum server_family f = server_family(s);
        bool passes = s->tls != NULL &&
                      (s->tls->mode == TLS_PASSTHROUGH || s->tls->mode == TLS_AUTO_PASSTHROUGH);
        if (f == FAMILY_HTTPS || (f == FAMILY_TLS && !passes)) {
            in->tls = in->tls != NULL ? in->tls : s;
        } else if (f == FAMILY_TLS) {
            in->passed = in->passed != NULL ? in->passed : s;
        } else {
            in->plain = in->plain != NULL ? in->plain : s;
            in->redirects = in->redirects || (s->tls != NULL && s->tls->https_redirect);
        }
    }
    uint32_t n;
    const struct workload *w = workloads_of_gateway(in->m, gw, &n);
    if (n > 0) {
        in->workload = w[0];
        in->has_workload = true;
    }
}

// --- namespace

void link_namespace(struct link_input *in)
{
    const char *ns = in->chain->ns;
    const struct object *o = mesh_get(in->m, KIND_NAMESPACE, "", ns);
    if (o == NULL) {
        if (link_knows(in, LINK_NAMESPACE, KIND_NAMESPACE, "", ns)) {
            link_set_named(in, LINK_NAMESPACE, VERDICT_BROKEN, KIND_NAMESPACE, "", ns,
                           "namespace \"%s\" does not exist; create it", ns);
        }
    } else if (o->deleted != TIME_NONE || OBJECT_AS(namespace_object, o)->terminating) {
        link_set(in, LINK_NAMESPACE, VERDICT_PENDING, o, "namespace \"%s\" is being deleted", ns);
    } else {
        link_set(in, LINK_NAMESPACE, VERDICT_OK, o, "exists");
    }
}

// --- gateway

// The hosts of a Gateway, each once, as far as they fit into a sentence.
static const char *hosts_of(const struct mesh *m, const struct gateway *gw)
{
    struct str_array shown = {0};
    struct buf b;
    buf_init(&b, 200);
    for (uint32_t i = 0; i < gw->nservers && !b.over; i++) {
        for (uint32_t h = 0; h < gw->servers[i].hosts.n && !b.over; h++) {
            const char *host = gw->servers[i].hosts.at[h];
            struct str_list before = str_array_list(&shown);
            if (host[0] != '\0' && !str_list_has(&before, host) &&
                buf_addf(&b, "%s%s", before.n != 0 ? ", " : "", host)) {
                str_array_add(m->arena, &shown, host);
            }
        }
    }
    const char *text =
        arena_printf(m->arena, "%s%s", b.len != 0 ? b.data : "none", b.over ? ", ..." : "");
    buf_release(&b);
    return text;
}

static const char *server_text(const struct mesh *m, const struct server *s)
{
    return arena_printf(m->arena, "%s %" PRId64, s->protocol != NULL ? s->protocol : "?", s->port);
}

void link_gateway(struct link_input *in)
{
    struct chain *c = in->chain;
    if (c->gateway == NULL) {
        const char *slash = strchr(c->gateway_id, '/');
        const char *ns =
            arena_strndup(in->m->arena, c->gateway_id, (size_t)(slash - c->gateway_id));
        if (link_knows(in, LINK_GATEWAY, KIND_GATEWAY, ns, slash + 1)) {
            link_set_named(in, LINK_GATEWAY, VERDICT_BROKEN, KIND_GATEWAY, ns, slash + 1,
                           "Gateway %s does not exist; create it or correct spec.gateways of "
                           "VirtualService %s",
                           c->gateway_id, c->vs_id);
        }
        return;
    }
    const struct gateway *gw = OBJECT_AS(gateway, c->gateway);
    if (in->tls == NULL && in->plain == NULL && in->passed == NULL) {
        link_set(in, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "no server of Gateway %s takes host %s (it has %s); add the host to a server",
                 c->gateway_id, c->host, hosts_of(in->m, gw));
    } else if (!in->has_workload && gw->selector.n == 0) {
        link_set(in, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "Gateway %s has no selector, and no pod has the label " GATEWAY_LABEL_KEY
                 "=" GATEWAY_LABEL_VALUE "; set spec.selector",
                 c->gateway_id);
    } else if (!in->has_workload) {
        link_set(in, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "no pod has the labels %s that Gateway %s selects; correct spec.selector",
                 index_selector(in->m->arena, &gw->selector), c->gateway_id);
    } else if (in->tls == NULL && in->passed == NULL && in->redirects) {
        link_set(in, LINK_GATEWAY, VERDICT_BROKEN, c->gateway,
                 "Gateway %s redirects %s to HTTPS, which it does not serve; add a server for 443",
                 c->gateway_id, c->host);
    } else if (in->tls == NULL && in->passed == NULL) {
        link_set(in, LINK_GATEWAY, VERDICT_WARNING, c->gateway,
                 "plain HTTP only (%s); add an HTTPS server with the wildcard's credential",
                 server_text(in->m, in->plain));
    } else {
        link_set(in, LINK_GATEWAY, VERDICT_OK, c->gateway, "%s%s%s",
                 server_text(in->m, in->tls != NULL ? in->tls : in->passed),
                 in->redirects ? ", HTTP is redirected" : (in->plain != NULL ? ", HTTP too" : ""),
                 in->workload.assumed ? ", its pods are assumed" : "");
    }
}

// --- secret

// The names a server reads its certificate from: credentialName, else credentialNames.
static struct str_list credentials(const struct mesh *m, const struct server_tls *t)
{
    if (str_empty(t->credential_name)) {
        return t->credential_names;
    }
    const char **one = arena_alloc(m->arena, sizeof *one);
    one[0] = t->credential_name;
    return (struct str_list){one, 1};
}

// A Certificate of another namespace that writes a Secret of this name
// (docs/rules/certificates.md#failure-secret-namespace).
static const struct object *writer_elsewhere(const struct link_input *in, const char *secret)
{
    const char *places[] = {in->chain->gateway->ns, in->chain->ns};
    for (int i = 0; i < 2; i++) {
        const struct object *o =
            mesh_index_first(in->m, INDEX_CERTIFICATE_BY_SECRET, places[i], secret);
        if (o != NULL && !str_eq(places[i], in->workload.ns)) {
            return o;
        }
    }
    return NULL;
}

static void missing_secret(struct link_input *in, const char *ns, const char *secret)
{
    const struct object *other = writer_elsewhere(in, secret);
    if (!link_knows(in, LINK_SECRET, KIND_SECRET, ns, secret)) {
        return;
    }
    if (in->certificate != NULL) {
        link_set_named(in, LINK_SECRET, VERDICT_PENDING, KIND_SECRET, ns, secret,
                       "Secret %s/%s is not there yet; Certificate %s writes it when it is issued",
                       ns, secret, in->certificate->o.name);
    } else if (other != NULL) {
        link_set_named(
            in, LINK_SECRET, VERDICT_BROKEN, KIND_SECRET, ns, secret,
            "Gateway %s needs Secret %s in %s, where its pods run; Certificate %s/%s writes "
            "it to %s: create the Certificate in %s",
            in->chain->gateway_id, secret, ns, other->ns, other->name, other->ns, ns);
    } else {
        link_set_named(in, LINK_SECRET, VERDICT_BROKEN, KIND_SECRET, ns, secret,
                       "Secret %s/%s does not exist and no Certificate writes it; correct "
                       "credentialName of Gateway %s or create a Certificate",
                       ns, secret, in->chain->gateway_id);
    }
}

void link_secret(struct link_input *in)
{
    const struct object *gw = in->chain->gateway;
    if (gw == NULL || (in->tls == NULL && in->passed == NULL && in->plain == NULL)) {
        link_set(in, LINK_SECRET, VERDICT_UNKNOWN, NULL, "no Gateway server to read it");
        return;
    }
    if (in->tls == NULL) {
        link_set(in, LINK_SECRET, VERDICT_OK, gw,
                 in->passed != NULL ? "none: TLS is passed through" : "none: plain HTTP");
        return;
    }
    const struct server_tls *t = in->tls->tls;
    struct str_list names = {0};
    if (t != NULL) {
        names = credentials(in->m, t);
    }
    if (t == NULL || (names.n == 0 && str_empty(t->server_certificate) &&
                      t->ntls_certificates == 0 && t->mode != TLS_ISTIO_MUTUAL)) {
        link_set(in, LINK_SECRET, VERDICT_BROKEN, gw,
                 "server %s of Gateway %s names no credential; set tls.credentialName",
                 server_text(in->m, in->tls), in->chain->gateway_id);
        return;
    }
    if (names.n == 0) {
        link_set(in, LINK_SECRET, VERDICT_OK, gw,
                 "none: the certificate is a file of the gateway's pod");
        return;
    }
    if (!in->has_workload) {
        link_set(in, LINK_SECRET, VERDICT_UNKNOWN, NULL, "no gateway pod to read it");
        return;
    }
    const char *ns = in->workload.ns;
    for (uint32_t i = 0; i < names.n; i++) {
        const char *secret = names.at[i], *slash;
        secret = str_starts(secret, "kubernetes://") ? secret + strlen("kubernetes://") : secret;
        slash = strchr(secret, '/');
        if (slash != NULL) {
            const char *want = arena_strndup(in->m->arena, secret, (size_t)(slash - secret));
            if (!str_eq(want, ns)) {
                link_set(
                    in, LINK_SECRET, VERDICT_BROKEN, gw,
                    "credentialName \"%s\" names namespace %s, but the gateway's pods only read %s",
                    secret, want, ns);
                return;
            }
            secret = slash + 1;
        }
        const struct object *writer =
            mesh_index_first(in->m, INDEX_CERTIFICATE_BY_SECRET, ns, secret);
        if (writer != NULL && in->certificate == NULL) {
            in->certificate = OBJECT_AS(certificate, writer);
        }
        const struct object *o = mesh_get(in->m, KIND_SECRET, ns, secret);
        if (o == NULL) {
            missing_secret(in, ns, secret);
            return;
        }
        link_set(in, LINK_SECRET, VERDICT_OK, o, "exists%s%s",
                 o->writer != NULL ? ", written by " : "", o->writer != NULL ? o->writer : "");
    }
}

// --- virtualservice

void link_virtualservice(struct link_input *in)
{
    struct chain *c = in->chain;
    if (c->vs == NULL) {
        if (link_knows(in, LINK_VIRTUALSERVICE, KIND_VIRTUALSERVICE, c->ns, NULL)) {
            link_set(
                in, LINK_VIRTUALSERVICE, VERDICT_BROKEN, NULL,
                "no VirtualService uses host %s of Gateway %s: every request gets 404; create one "
                "or take the host off",
                c->host, c->gateway_id);
        }
        return;
    }
    const struct virtualservice *vs = OBJECT_AS(virtualservice, c->vs);
    if (in->has_workload &&
        host_export(&vs->export_to, vs->o.ns, in->workload.ns) == EXPORT_HIDDEN) {
        link_set(
            in, LINK_VIRTUALSERVICE, VERDICT_BROKEN, c->vs,
            "exportTo of VirtualService %s hides it from the gateway's pods in %s; add \"%s\" or "
            "\"*\"",
            c->vs_id, in->workload.ns, in->workload.ns);
    } else {
        link_set(in, LINK_VIRTUALSERVICE, VERDICT_OK, c->vs, "bound to Gateway %s", c->gateway_id);
    }
}
