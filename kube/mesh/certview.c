// SPDX-License-Identifier: Apache-2.0
// Certificates as rows, and what was issued against what was asked for.
#include "kube/mesh/certview.h"

#include "kube/base/text.h"

#include "kube/object/names.h"

#include "kube/mesh/coverage.h"

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

// --- what was issued

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char **sorted(struct arena *a, const struct str_list *l, uint32_t *n)
{
    const char **out = arena_alloc(a, ((size_t)l->n + 1) * sizeof *out);
    uint32_t k = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const char *ascii = coverage_ascii(a, l->at[i]);
        out[i] = ascii != NULL ? ascii : l->at[i];
    }
    qsort(out, l->n, sizeof *out, by_text);
    for (uint32_t i = 0; i < l->n; i++) {
        if (k == 0 || strcmp(out[i], out[k - 1]) != 0) {
            out[k++] = out[i];
        }
    }
    *n = k;
    return out;
}

bool names_equal(struct arena *a, const struct str_list *x, const struct str_list *y)
{
    uint32_t n, k;
    const char **p = sorted(a, x, &n), **q = sorted(a, y, &k);
    for (uint32_t i = 0; n == k && i < n; i++) {
        if (strcmp(p[i], q[i]) != 0) {
            return false;
        }
    }
    return n == k;
}

static struct str_list asked_names(struct arena *a, const struct certificate *c)
{
    const char **at = arena_alloc(a, ((size_t)c->dns_names.n + 1) * sizeof *at);
    for (uint32_t i = 0; i < c->dns_names.n; i++) {
        at[i] = c->dns_names.at[i];
    }
    uint32_t n = c->dns_names.n;
    if (!str_empty(c->common_name) && strchr(c->common_name, ' ') == NULL) {
        at[n++] = c->common_name;
    }
    return (struct str_list){at, n};
}

static const char *difference(const struct mesh *m, const struct certificate *c,
                              const struct issued_certificate *i)
{
    struct arena *a = m->arena;
    const struct x509_cert *leaf = &i->chain.cert[0];
    struct str_list asked = asked_names(a, c);
    if (i->key == X509_DIFFERS) {
        return "the certificate's key is not the request's";
    }
    if (c->dns_names.n != 0 && !names_equal(a, &leaf->dns_names, &asked) &&
        !names_equal(a, &leaf->dns_names, &c->dns_names)) {
        return "its names are not those of the spec";
    }
    if (c->not_after != TIME_NONE && leaf->not_after != c->not_after) {
        return arena_printf(a, "it ends %s, the status says %s", time_format(a, leaf->not_after),
                            time_format(a, c->not_after));
    }
    if (i->chain.n > 1 && !i->chain.ordered) {
        return "its chain is not in order";
    }
    const struct object *secret =
        c->secret_name != NULL ? mesh_get(m, KIND_SECRET, c->o.ns, c->secret_name) : NULL;
    const char *writer =
        secret != NULL ? object_certmanager_mark(secret, "certificate-name") : NULL;
    if (writer != NULL && strcmp(writer, c->o.name) != 0) {
        return arena_printf(a, "Secret %s/%s holds Certificate %s's", c->o.ns, c->secret_name,
                            writer);
    }
    return NULL;
}

void certificate_issued(const struct mesh *m, const struct certificate *c,
                        struct issued_certificate *out)
{
    memset(out, 0, sizeof *out);
    out->key = X509_UNREADABLE;
    const struct certificaterequest *r = certificate_current_request(m, c);
    if (r == NULL || str_empty(r->certificate)) {
        return;
    }
    struct err err = {0};
    if (!x509_read_base64(m->arena, r->certificate, &out->chain, &err)) {
        out->error = arena_strdup(m->arena, err.msg);
        return;
    }
    out->known = true;
    out->key = x509_request_matches(r->request, r->certificate);
    struct issuer_status issuer;
    issuer_status(m, &c->issuer, c->o.ns, &issuer);
    out->incomplete = issuer.object != NULL && issuer.object->type == ISSUER_ACME &&
                      out->chain.n == 1 && !out->chain.cert[0].self_signed;
    out->difference = difference(m, c, out);
}

bool certificate_served(const struct mesh *m, const struct certificate *c, const char *host,
                        struct served *out)
{
    const struct probe_result *tls = mesh_probe(m, PROBE_TLS, host);
    if (tls == NULL) {
        return false;
    }
    struct issued_certificate issued = {.known = false};
    int64_t written = TIME_NONE;
    if (c != NULL) {
        certificate_issued(m, c, &issued);
        const struct certificaterequest *r = certificate_current_request(m, c);
        const struct condition *ready = r != NULL ? condition_find(&r->conditions, "Ready") : NULL;
        written = ready != NULL ? ready->last_transition : TIME_NONE;
    }
    served_judge(m, tls, host, issued.known ? &issued.chain.cert[0] : NULL, written, out);
    return true;
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
