// SPDX-License-Identifier: Apache-2.0
// Reads the names of Certificates.
#include "kube/mesh/cert/certificate_names.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/x509.h"

#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/core/mesh_memo.h"

#include <string.h>

enum { FEW = 8 }; // names that a host is compared with one by one

static struct str_list names_of_leaf(struct arena *a, const struct x509_chain *chain)
{
    return str_list_concat(a, &chain->cert[0].dns_names, &chain->cert[0].ip_addresses);
}

// The names that the Certificate's Secret shows. False if it shows none, or belongs to another Certificate.
static bool names_of_secret(const struct mesh *m, const struct certificate *c,
                            struct str_list *names, enum names_from *from)
{
    struct arena *a = m->arena;
    const struct object *o =
        c->secret_name != NULL ? mesh_get(m, KIND_SECRET, c->o.ns, c->secret_name) : NULL;
    if (o == NULL) {
        return false;
    }
    struct x509_chain chain;
    const char *pem = OBJECT_AS(secret, o)->tls_crt;
    if (pem != NULL && x509_read_pem(a, pem, strlen(pem), &chain, NULL)) {
        *from = NAMES_ISSUED;
        *names = names_of_leaf(a, &chain);
        return true;
    }
    const char *hosts = object_certmanager_mark(o, "alt-names");
    const char *ips = object_certmanager_mark(o, "ip-sans");
    if (str_empty(hosts) || !str_eq(object_certmanager_mark(o, "certificate-name"), c->o.name)) {
        return false;
    }
    struct str_list x = str_list_split(a, hosts, ',');
    struct str_list y = str_list_split(a, str_or_empty(ips), ',');
    *from = NAMES_SECRET;
    *names = str_list_concat(a, &x, &y);
    return true;
}

struct str_list certificate_names(const struct mesh *m, const struct certificate *c,
                                  enum names_from *from)
{
    struct arena *a = m->arena;
    struct str_list names;
    if (names_of_secret(m, c, &names, from)) {
        return names;
    }
    struct x509_chain chain;
    const struct certificaterequest *r = certificate_current_request(m, c);
    if (r != NULL && r->certificate != NULL && x509_read_base64(a, r->certificate, &chain, NULL)) {
        *from = NAMES_ISSUED;
        return names_of_leaf(a, &chain);
    }
    *from = NAMES_SPEC;
    names = str_list_concat(a, &c->dns_names, &c->ip_addresses);
    // cert-manager makes the common name a DNS name of the certificate too.
    return names.n == 0 && !str_empty(c->common_name) ? (struct str_list){&c->common_name, 1}
                                                      : names;
}

struct issued_names {
    enum names_from from;
    struct name_index index;
};

static const void *find_issued_names(const struct mesh *m, const void *question)
{
    const struct certificate *c = question;
    struct issued_names *x = arena_alloc(m->arena, sizeof *x);
    struct str_list names = certificate_names(m, c, &x->from);
    name_index_init(&x->index, m->arena, &names);
    return x;
}

static const void *index_spec(const struct mesh *m, const void *question)
{
    const struct certificate *c = question;
    struct name_index *x = arena_alloc(m->arena, sizeof *x);
    name_index_init(x, m->arena, &c->dns_names);
    return x;
}

void certificate_coverage_of_spec(const struct mesh *m, const struct certificate *c,
                                  const char *host, struct coverage *out)
{
    if (m->memo == NULL || c->dns_names.n <= FEW) {
        coverage_of_names(m->arena, &c->dns_names, host, out);
        return;
    }
    const char *name = mesh_answer_name(m->arena, "names", c->o.ns, c->o.name, NULL);
    coverage_of_index(m->arena, mesh_answer(m, name, index_spec, c), host, out);
}

void certificate_coverage(const struct mesh *m, const struct certificate *c, const char *host,
                          struct coverage *out)
{
    enum names_from from;
    if (m->memo == NULL) {
        struct str_list names = certificate_names(m, c, &from);
        coverage_of_names(m->arena, &names, host, out);
    } else {
        const char *name = mesh_answer_name(m->arena, "issued names", c->o.ns, c->o.name, NULL);
        const struct issued_names *x = mesh_answer(m, name, find_issued_names, c);
        from = x->from;
        coverage_of_index(m->arena, &x->index, host, out);
    }
    out->from = from;
    if (out->result == COVERAGE_NO) {
        out->reason = arena_printf(m->arena, "Certificate %s/%s (%s): %s", c->o.ns, c->o.name,
                                   names_from_text(from), out->reason);
    }
}
