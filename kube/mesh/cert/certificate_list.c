// SPDX-License-Identifier: Apache-2.0
// Certificates as rows, whose they are, the CA behind an issuer, and where a Secret is looked for.
#include "kube/mesh/cert/certificate_list.h"

#include "kube/base/text.h"

#include "kube/object/object_names.h"

#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/route/gateway.h"

#include <stdlib.h>
#include <string.h>

void certificate_rows(const struct mesh *m, struct certificate_rows *out)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_CERTIFICATE, &n);
    struct certificate_status *rows = arena_alloc(m->arena, ((size_t)n + 1) * sizeof *rows);
    for (uint32_t i = 0; i < n; i++) {
        certificate_status(m, OBJECT_AS(certificate, all[i]), &rows[i]);
        certificate_placement(m, &rows[i]);
    }
    static const enum kind kinds_needed[] = {
        KIND_CERTIFICATE, KIND_CERTIFICATEREQUEST, KIND_ORDER, KIND_CHALLENGE,
        KIND_ISSUER,      KIND_CLUSTERISSUER,
    };
    out->complete = true;
    for (size_t i = 0; i < sizeof kinds_needed / sizeof *kinds_needed; i++) {
        out->complete = mesh_complete(m, kinds_needed[i]) && out->complete;
    }
    out->at = rows;
    out->n = n;
}

// --- rows of a namespace

static void push(struct arena *a, struct str_list *l, uint32_t *cap, const char *s)
{
    if (l->n == *cap) {
        uint32_t more = *cap == 0 ? 16 : *cap * 2;
        const char **at = arena_alloc(a, more * sizeof *at);
        for (uint32_t i = 0; i < l->n; i++) {
            at[i] = l->at[i];
        }
        l->at = at;
        *cap = more;
    }
    union { // the list is ours until it is returned
        const char *const *c;
        const char **m;
    } u = {.c = l->at};
    u.m[l->n++] = s;
}

struct str_list certificate_namespace_hosts(const struct mesh *m, const char *ns)
{
    struct str_list out = {NULL, 0};
    uint32_t cap = 0, n;
    const struct object *const *all = mesh_all(m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *v = OBJECT_AS(virtualservice, all[i]);
        for (uint32_t k = 0; strcmp(v->o.ns, ns) == 0 && k < v->hosts.n; k++) {
            push(m->arena, &out, &cap, v->hosts.at[k]);
        }
    }
    all = mesh_all(m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        for (uint32_t s = 0; strcmp(g->o.ns, ns) == 0 && s < g->nservers; s++) {
            for (uint32_t k = 0; k < g->servers[s].hosts.n; k++) {
                const char *scope;
                push(m->arena, &out, &cap,
                     name_server_host(m->arena, g->servers[s].hosts.at[k], &scope));
            }
        }
    }
    return out;
}

bool certificate_row_in(const struct mesh *m, const struct certificate *c, const char *ns,
                        const struct str_list *hosts)
{
    if (strcmp(c->o.ns, ns) == 0) {
        return true;
    }
    enum names_from from;
    struct str_list names = certificate_names(m, c, &from);
    for (uint32_t i = 0; i < hosts->n; i++) {
        for (uint32_t k = 0; k < names.n; k++) {
            if (coverage_name_matches(names.at[k], hosts->at[i])) {
                return true;
            }
        }
    }
    return false;
}

void certificate_served(const struct mesh *m, const struct certificate *c,
                        const struct probe_result *tls, struct served *out)
{
    struct issued_certificate issued = {.known = false};
    int64_t written = TIME_NONE;
    if (c != NULL) {
        certificate_issued(m, c, &issued);
        const struct certificaterequest *r = certificate_current_request(m, c);
        const struct condition *ready = r != NULL ? condition_find(&r->conditions, "Ready") : NULL;
        written = ready != NULL ? ready->last_transition : TIME_NONE;
    }
    served_judge(m, tls, issued.known ? &issued.chain : NULL, written, out);
}

static const char *host_of(struct arena *a, const char *url)
{
    const char *host = url != NULL ? strstr(url, "://") : NULL;
    return host != NULL ? arena_strndup(a, host + 3, strcspn(host + 3, "/:?#")) : NULL;
}

void issuer_ca(const struct issuer *i, struct issuer_ca *out)
{
    static const char *const kind_names[] = {
        [ISSUER_UNKNOWN] = "unknown",        [ISSUER_ACME] = "ACME",   [ISSUER_CA] = "CA",
        [ISSUER_SELFSIGNED] = "self-signed", [ISSUER_VAULT] = "Vault", [ISSUER_VENAFI] = "Venafi",
    };
    memset(out, 0, sizeof *out);
    out->kind = kind_names[i->type];
    out->environment = acme_environment(i->server);
    struct arena a;
    arena_init(&a);
    const char *x = host_of(&a, i->server), *y = host_of(&a, i->account_uri);
    if (x != NULL && y != NULL && str_casecmp(x, y) != 0) {
        out->note = "the account is not registered with this server yet";
    } else if (out->environment == ACME_DEAD) {
        out->note =
            "this server was switched off: use https://acme-v02.api.letsencrypt.org/directory";
    }
    arena_release(&a);
}

// --- the Secret where the gateway looks for it (mode 8)

// Whether a server that reads this credential serves a name of the Certificate.
static bool serves_a_name(const struct mesh *m, const struct gateway *g,
                          const struct certificate *c)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *tls = g->servers[i].tls;
        bool reads = tls != NULL && str_eq(tls->credential_name, c->secret_name);
        for (uint32_t k = 0; tls != NULL && k < tls->credential_names.n; k++) {
            reads = reads || str_eq(tls->credential_names.at[k], c->secret_name);
        }
        for (uint32_t h = 0; reads && h < g->servers[i].hosts.n; h++) {
            const char *host = g->servers[i].hosts.at[h], *slash = strchr(host, '/');
            struct coverage cover;
            coverage_of_names(m->arena, &c->dns_names, slash != NULL ? slash + 1 : host, &cover);
            if (cover.result == COVERAGE_YES) {
                return true;
            }
        }
    }
    return false;
}

static bool secret_comes(const struct mesh *m, const char *ns, const char *name)
{
    uint32_t n;
    (void)mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, ns, name, &n);
    return n > 0 || mesh_get(m, KIND_SECRET, ns, name) != NULL;
}

void certificate_placement(const struct mesh *m, struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    uint32_t n = 0;
    if (s->state != CERTIFICATE_READY || s->mode != FAILURE_NONE || str_empty(c->secret_name) ||
        !mesh_complete(m, KIND_SECRET)) {
        return;
    }
    const struct object *const *all =
        mesh_index(m, INDEX_GATEWAY_BY_CREDENTIAL, c->secret_name, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        if (!serves_a_name(m, g, c)) {
            continue;
        }
        uint32_t nworkloads;
        const struct workload *w = gateway_workloads(m, g, &nworkloads);
        for (uint32_t k = 0; k < nworkloads; k++) {
            if (w[k].name == NULL || secret_comes(m, w[k].ns, c->secret_name)) {
                continue;
            }
            s->mode = FAILURE_SECRET_NAMESPACE;
            s->reason = s->full = arena_printf(
                m->arena, "Gateway %s/%s needs Secret %s in %s; the Certificate writes it to %s",
                g->o.ns, g->o.name, c->secret_name, w[k].ns, c->o.ns);
            s->hint = arena_printf(m->arena,
                                   "create the Certificate in %s: the gateway's pods read Secrets "
                                   "of their own namespace only",
                                   w[k].ns);
            return;
        }
    }
}
