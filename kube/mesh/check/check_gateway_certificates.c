// SPDX-License-Identifier: Apache-2.0
// The certificates of Gateway servers: hosts that one does not cover, servers that share one (GT0103, GT0107):
// docs/rules/istio.md#certificate-reach, docs/rules/istio.md#shared-certificate.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_names.h"
#include "kube/object/x509.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/host.h"
#include "kube/mesh/core/host_index.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/gateway_server.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

struct credential_names {                  // of the certificate behind a credential
    const struct certificate *certificate; // or NULL: those of the Secret's file
    const struct name_index *listed;
    bool known;
};

static struct credential_names names_behind(struct check *c, const char *ns, const char *secret)
{
    struct credential_names x = {NULL, NULL, false};
    uint32_t n;
    const struct object *const *at = mesh_index(c->m, INDEX_CERTIFICATE_BY_SECRET, ns, secret, &n);
    if (n == 1) { // if two write one Secret, its names are not known
        x.certificate = OBJECT_AS(certificate, at[0]);
        x.known = true;
        return x;
    }
    const struct object *o = n == 0 ? mesh_get(c->m, KIND_SECRET, ns, secret) : NULL;
    const char *pem = o != NULL ? OBJECT_AS(secret, o)->tls_crt : NULL;
    struct x509_chain chain;
    struct err e;
    if (pem != NULL && x509_read_pem(c->a, pem, strlen(pem), &chain, &e)) {
        struct name_index *listed = arena_alloc(c->a, sizeof *listed);
        name_index_init(listed, c->a, &chain.cert[0].dns_names);
        x.listed = listed;
        x.known = true;
    }
    return x;
}

static void judge_host(struct check *c, const struct credential_names *x, const struct object *o,
                       const char *path, const char *host, const char *secret)
{
    struct coverage v;
    if (x->certificate != NULL) {
        certificate_coverage(c->m, x->certificate, host, &v);
    } else {
        coverage_of_index(c->a, x->listed, host, &v);
    }
    if (v.result == COVERAGE_NO) {
        struct finding *f = check_add(
            c, "GT0103", o, path, "the certificate in Secret %s does not cover %s", secret, host);
        f->hint = v.reason;
    }
}

// The hosts of the VirtualServices that name a Gateway, as they are written.
struct named_hosts {
    struct string_map by_namespace; // of VirtualServices -> struct host_index, by number
    struct host_index all;
    struct named_host {
        const struct virtualservice *vs;
        uint32_t host;
    } * at;
    uint32_t n, cap;
};

static const void *find_named_hosts(const struct mesh *m, const void *question)
{
    const struct gateway *g = question;
    struct arena *a = m->arena;
    struct named_hosts *out = arena_alloc(a, sizeof *out);
    string_map_init(&out->by_namespace, a);
    host_index_init(&out->all, a);
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_VS_BY_GATEWAY, g->o.ns, g->o.name, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, at[i]);
        struct host_index **own = (struct host_index **)string_map_at(&out->by_namespace, vs->o.ns);
        if (*own == NULL) {
            *own = arena_alloc(a, sizeof **own);
            host_index_init(*own, a);
        }
        for (uint32_t k = 0; k < vs->hosts.n; k++) {
            host_index_add(&out->all, vs->hosts.at[k], out->n);
            host_index_add(*own, vs->hosts.at[k], out->n);
            *ARENA_PUSH(a, out->at, out->n, out->cap) = (struct named_host){vs, k};
        }
    }
    return out;
}

// Checks names of VirtualServices below a wild host of the server; hosts that it lists are checked at the Gateway.
static void virtualservice_hosts(struct check *c, const struct gateway *g, const struct server *s,
                                 const struct credential_names *x, const char *secret)
{
    const char *name = mesh_answer_name(c->a, "named hosts", g->o.ns, g->o.name, NULL);
    struct named_hosts *named = unconst(mesh_answer(c->m, name, find_named_hosts, g));
    ASSERT(named != NULL);
    struct str_list servers = host_server_hosts(c->a, &s->hosts, g->o.ns);
    struct host_hits hits = {0};
    for (uint32_t h = 0; h < servers.n; h++) {
        const char *slash = strchr(servers.at[h], '/');
        const char *host = slash != NULL ? slash + 1 : servers.at[h];
        struct host_index *in = slash != NULL
                                    ? string_map_get(&named->by_namespace,
                                                     arena_strndup(c->a, servers.at[h],
                                                                   (size_t)(slash - servers.at[h])))
                                    : &named->all;
        struct host_hits within = {0};
        if (host_wild(host) && in != NULL) {
            host_index_within(in, host, c->a, &within);
        }
        for (uint32_t i = 0; i < within.n; i++) {
            const struct named_host *at = &named->at[within.at[i]];
            if (!str_eq(at->vs->hosts.at[at->host], host)) {
                *ARENA_PUSH(c->a, hits.at, hits.n, hits.cap) = within.at[i];
            }
        }
    }
    host_hits_sort(&hits);
    for (uint32_t i = 0; i < hits.n; i++) {
        const struct named_host *at = &named->at[hits.at[i]];
        judge_host(c, x, &at->vs->o, check_text(c, "spec.hosts[%u]", at->host),
                   at->vs->hosts.at[at->host], secret);
    }
}

static void check_reach(struct check *c, const struct gateway *g, const struct workload *w,
                        uint32_t i)
{
    const struct server *s = &g->servers[i];
    if (s->tls == NULL || str_empty(s->tls->credential_name) ||
        server_family_of(s) != FAMILY_HTTPS) {
        return;
    }
    const char *secret = name_without_ns(name_of_credential(s->tls->credential_name));
    struct credential_names x = names_behind(c, w->ns, secret);
    if (!x.known) {
        return;
    }
    for (uint32_t h = 0; h < s->hosts.n; h++) {
        const char *host = name_without_ns(s->hosts.at[h]);
        judge_host(c, &x, &g->o, check_text(c, "spec.servers[%u].hosts[%u]", i, h), host, secret);
    }
    virtualservice_hosts(c, g, s, &x, secret);
}

// Two HTTPS servers of one Gateway have two route tables; with one certificate a browser may send the
// requests for both over one connection, which knows only one table.
static void check_reuse(struct check *c, const struct gateway *g)
{
    struct string_map by_credential;
    string_map_init(&by_credential, c->a);
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server *s = &g->servers[i];
        if (s->tls == NULL || str_empty(s->tls->credential_name) ||
            server_family_of(s) != FAMILY_HTTPS) {
            continue;
        }
        void **place =
            string_map_at(&by_credential, check_text(c, "%lld %s", (long long)s->port,
                                                     name_of_credential(s->tls->credential_name)));
        if (*place == NULL) {
            uint32_t *index = arena_alloc(c->a, sizeof *index);
            *index = i;
            *place = index;
            continue;
        }
        uint32_t first = *(const uint32_t *)*place;
        struct finding *f = check_add(
            c, "GT0107", &g->o, check_text(c, "spec.servers[%u].tls.credentialName", i),
            "servers %u and %u share the certificate %s: a browser reuses its connection to "
            "%s for %s and gets 404",
            first, i, s->tls->credential_name, check_list(c, &g->servers[first].hosts),
            check_list(c, &s->hosts));
        check_hint(c, f, "write their hosts into one server");
    }
}

void check_gateway_certificates(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        uint32_t nw;
        const struct workload *w = workloads_of_gateway(c->m, g, &nw);
        for (uint32_t k = 0; k < g->nservers && nw > 0; k++) {
            check_reach(c, g, &w[0], k);
        }
        check_reuse(c, g);
    }
}
