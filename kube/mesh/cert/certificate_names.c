// SPDX-License-Identifier: Apache-2.0
// The names that a Certificate really has, and which Certificates cover a host.
#include "kube/mesh/cert/certificate_names.h"

#include "kube/base/domain_name.h"
#include "kube/base/text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/x509.h"

#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/name_coverage.h"

#include <stdlib.h>
#include <string.h>

static struct str_list both(struct arena *a, const struct str_list *x, const struct str_list *y)
{
    const char **at = arena_alloc(a, ((size_t)x->n + y->n + 1) * sizeof *at);
    for (uint32_t i = 0; i < x->n; i++) {
        at[i] = x->at[i];
    }
    for (uint32_t i = 0; i < y->n; i++) {
        at[x->n + i] = y->at[i];
    }
    return (struct str_list){at, x->n + y->n};
}

static struct str_list split_commas(struct arena *a, const char *text)
{
    size_t n = 1;
    for (const char *p = text; *p != '\0'; p++) {
        n += *p == ',';
    }
    const char **at = arena_alloc(a, n * sizeof *at);
    uint32_t k = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        if (len != 0) {
            at[k++] = arena_strndup(a, text, len);
        }
        text += len;
        text += *text == ',' ? 1 : 0;
    }
    return (struct str_list){at, k};
}

struct str_list certificate_names(const struct mesh *m, const struct certificate *c,
                                  enum names_from *from)
{
    struct arena *a = m->arena;
    struct x509_chain chain;
    const struct object *secret =
        c->secret_name != NULL ? mesh_get(m, KIND_SECRET, c->o.ns, c->secret_name) : NULL;
    if (secret != NULL) {
        const char *pem = OBJECT_AS(secret, secret)->tls_crt;
        if (pem != NULL && x509_read_pem(a, pem, strlen(pem), &chain, NULL)) {
            *from = NAMES_ISSUED;
            return both(a, &chain.cert[0].dns_names, &chain.cert[0].ip_addresses);
        }
        const char *names = object_certmanager_mark(secret, "alt-names");
        const char *ips = object_certmanager_mark(secret, "ip-sans");
        if (!str_empty(names) &&
            str_eq(object_certmanager_mark(secret, "certificate-name"), c->o.name)) {
            struct str_list x = split_commas(a, names), y = split_commas(a, ips != NULL ? ips : "");
            *from = NAMES_SECRET;
            return both(a, &x, &y);
        }
    }
    const struct certificaterequest *r = certificate_current_request(m, c);
    if (r != NULL && r->certificate != NULL && x509_read_base64(a, r->certificate, &chain, NULL)) {
        *from = NAMES_ISSUED;
        return both(a, &chain.cert[0].dns_names, &chain.cert[0].ip_addresses);
    }
    *from = NAMES_SPEC;
    struct str_list all = both(a, &c->dns_names, &c->ip_addresses);
    // cert-manager makes the common name a DNS name of the certificate as well.
    if (all.n == 0 && !str_empty(c->common_name)) {
        struct str_list cn = {&c->common_name, 1};
        return both(a, &all, &cn);
    }
    return all;
}

void coverage_of_certificate(const struct mesh *m, const struct certificate *c, const char *host,
                             struct coverage *out)
{
    enum names_from from;
    struct str_list names = certificate_names(m, c, &from);
    coverage_of_names(m->arena, &names, host, out);
    out->from = from;
    if (out->result == COVERAGE_NO) {
        out->reason = arena_printf(m->arena, "Certificate %s/%s (%s): %s", c->o.ns, c->o.name,
                                   names_from_text(from), out->reason);
    }
}

static int by_id(const void *x, const void *y)
{
    const struct certificate *a = *(const struct certificate *const *)x;
    const struct certificate *b = *(const struct certificate *const *)y;
    int c = strcmp(a->o.ns, b->o.ns);
    return c != 0 ? c : strcmp(a->o.name, b->o.name);
}

const struct certificate *const *coverage_candidates(const struct mesh *m, const char *host,
                                                     const char *ns, uint32_t *n)
{
    struct arena *a = m->arena;
    const char *plain = domain_name_to_ascii(a, host);
    *n = 0;
    if (plain == NULL) {
        return NULL;
    }
    const char *dot = strchr(plain, '.');
    const char *wild = dot != NULL && plain[0] != '*' ? arena_printf(a, "*%s", dot) : plain;
    uint32_t exact, under;
    const struct object *const *x = mesh_index(m, INDEX_CERTIFICATE_BY_HOST, plain, "", &exact);
    const struct object *const *y = mesh_index(m, INDEX_CERTIFICATE_BY_HOST, wild, "", &under);
    under = wild == plain ? 0 : under;
    const struct certificate **out = arena_alloc(a, ((size_t)exact + under + 1) * sizeof *out);
    uint32_t k = 0;
    for (uint32_t i = 0; i < exact + under; i++) {
        const struct certificate *c = OBJECT_AS(certificate, i < exact ? x[i] : y[i - exact]);
        bool seen = ns != NULL && strcmp(c->o.ns, ns) != 0;
        for (uint32_t j = 0; j < k && !seen; j++) {
            seen = out[j] == c;
        }
        if (!seen) {
            out[k++] = c;
        }
    }
    qsort(out, k, sizeof *out, by_id);
    *n = k;
    return out;
}
