// SPDX-License-Identifier: Apache-2.0
// Compares a leaf with spec, status and Secret, and checks the order of its chain.
#include "kube/mesh/cert/issued_certificate.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/domain_name.h"
#include "kube/base/err.h"
#include "kube/base/ip_network.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/issuer.h"

#include <string.h>

// --- names

// An address in its one spelling, a name in A-labels and lower case; any other text as it is.
static const char *plain_name(struct arena *a, const char *name)
{
    struct ip_network ip = ip_network_of_address(name);
    if (ip.n != 0) {
        char text[IP_TEXT_SIZE];
        return arena_strdup(a, ip_network_write(&ip, text));
    }
    const char *ascii = domain_name_to_ascii(a, name);
    return ascii != NULL ? ascii : name;
}

// A set of names as it is compared with others: each in its plain form, sorted, once.
static struct str_list plain(struct arena *a, const struct str_list *l)
{
    struct str_array out = {0};
    for (uint32_t i = 0; i < l->n; i++) {
        str_array_add(a, &out, plain_name(a, l->at[i]));
    }
    str_array_sort_unique(&out);
    return str_array_list(&out);
}

// The names of x that y lacks, for a sentence; NULL if it lacks none. Both are plain.
static const char *beyond(struct arena *a, const struct str_list *x, const struct str_list *y)
{
    struct str_array out = {0};
    for (uint32_t i = 0; i < x->n; i++) {
        if (!str_list_has(y, x->at[i])) {
            str_array_add(a, &out, x->at[i]);
        }
    }
    struct str_list lacking = str_array_list(&out);
    return lacking.n > 0 ? str_list_summary(a, &lacking, 8) : NULL;
}

// --- differences

struct difference_list {
    struct arena *a;
    struct str_array texts;
};
enum { DIFFERENCES_MAX = 32 };

static void differs(struct difference_list *d, const char *text)
{
    if (d->texts.n < DIFFERENCES_MAX) {
        str_array_add(d->a, &d->texts, text);
    }
}

static struct str_list all_names(struct arena *a, const struct x509_cert *c)
{
    struct str_list hosts = str_list_concat(a, &c->dns_names, &c->ip_addresses);
    struct str_list others = str_list_concat(a, &c->uris, &c->emails);
    struct str_list all = str_list_concat(a, &hosts, &others);
    return plain(a, &all);
}

static void compare_names(struct difference_list *d, const struct certificate *c,
                          const struct x509_cert *leaf)
{
    struct arena *a = d->a;
    struct str_list hosts = str_list_concat(a, &c->dns_names, &c->ip_addresses);
    struct str_list others = str_list_concat(a, &c->uris, &c->email_addresses);
    struct str_list all = str_list_concat(a, &hosts, &others);
    struct str_list asked = plain(a, &all), issued = all_names(a, leaf);
    // ACME issuers make the common name a DNS name too.
    struct str_list cn = {&c->common_name, !str_empty(c->common_name) ? 1 : 0};
    struct str_list with_cn = str_list_concat(a, &all, &cn), allowed = plain(a, &with_cn);
    const char *lacks = beyond(a, &asked, &issued), *more = beyond(a, &issued, &allowed);
    if (lacks != NULL) {
        differs(d, arena_printf(a, "it lacks %s of the spec", lacks));
    }
    if (more != NULL && asked.n != 0) {
        differs(d, arena_printf(a, "it has %s, which the spec does not ask for", more));
    }
}

static void compare_key(struct difference_list *d, const struct certificate *c,
                        const struct x509_cert *leaf)
{
    bool ecdsa = str_eq(c->key_algorithm, "ECDSA"), ed = str_eq(c->key_algorithm, "Ed25519");
    int64_t size = c->key_size != 0 ? c->key_size : ecdsa ? 256 : 2048;
    const char *want = ed      ? "Ed25519"
                       : ecdsa ? arena_printf(d->a, "ECDSA P-%d", (int)size)
                               : arena_printf(d->a, "RSA %d", (int)size);
    if (strcmp(want, leaf->key) != 0) {
        differs(d, arena_printf(d->a, "its key is %s, the spec asks for %s", leaf->key, want));
    }
}

// Duration and common name: ACME servers choose them, other issuers do what the spec asks for.
static void compare_duration_and_name(struct difference_list *d, const struct mesh *m,
                                      const struct certificate *c, const struct x509_cert *leaf)
{
    struct issuer_status issuer;
    issuer_status_fill(m, &c->issuer, c->o.ns, &issuer);
    if (issuer.object == NULL || issuer.object->type == ISSUER_ACME) {
        return;
    }
    int64_t life = leaf->not_after - leaf->not_before;
    int64_t asked = c->duration != DURATION_NONE ? c->duration / 1000 : 0;
    int64_t off = life > asked ? life - asked : asked - life;
    if (asked > 0 && leaf->not_before != TIME_NONE && off > asked / 50 + 600) {
        differs(d, arena_printf(d->a, "it lives %s, the spec asks for %s",
                                duration_short(d->a, life), duration_short(d->a, asked)));
    }
    if (!str_empty(c->common_name) && !str_eq(c->common_name, leaf->subject_cn)) {
        differs(d, arena_printf(d->a, "its common name is %s, the spec asks for %s",
                                leaf->subject_cn != NULL ? leaf->subject_cn : "absent",
                                c->common_name));
    }
}

static void compare_status(struct difference_list *d, const struct certificate *c,
                           const struct x509_cert *leaf)
{
    const struct {
        const char *verb;
        int64_t issued, said;
    } times[] = {{"begins", leaf->not_before, c->not_before},
                 {"ends", leaf->not_after, c->not_after}};
    for (size_t i = 0; i < ARRAY_COUNT(times); i++) {
        if (times[i].said != TIME_NONE && times[i].said != times[i].issued) {
            differs(d,
                    arena_printf(d->a, "it %s %s, the status says %s", times[i].verb,
                                 times[i].issued != TIME_NONE ? time_format(d->a, times[i].issued)
                                                              : "at no time",
                                 time_format(d->a, times[i].said)));
        }
    }
}

// Names of the certificate with those of a comma-separated annotation of the Secret.
static void compare_mark(struct difference_list *d, const struct object *secret, const char *mark,
                         const struct str_list *names, const char *title)
{
    const char *said = object_certmanager_mark(secret, mark);
    if (said == NULL) {
        return;
    }
    struct str_list written = str_list_split(d->a, said, ',');
    struct str_list marked = plain(d->a, &written), issued = plain(d->a, names);
    const char *lacks = beyond(d->a, &issued, &marked), *more = beyond(d->a, &marked, &issued);
    if (lacks != NULL || more != NULL) {
        differs(d, arena_printf(d->a, "%s/%s was written for other %s: %s%s%s", secret->ns,
                                secret->name, title, str_or_empty(more),
                                more != NULL && lacks != NULL ? " instead of " : "",
                                lacks == NULL  ? ""
                                : more != NULL ? lacks
                                               : arena_printf(d->a, "without %s", lacks)));
    }
}

static void compare_issuer(struct difference_list *d, const struct certificate *c,
                           const struct object *secret)
{
    const char *name = object_certmanager_mark(secret, "issuer-name");
    const char *kind = object_certmanager_mark(secret, "issuer-kind");
    const char *group = object_certmanager_mark(secret, "issuer-group");
    const struct issuer_ref *r = &c->issuer;
    if (name == NULL) {
        return; // a temporary certificate, or no annotation at all
    }
    kind = !str_empty(kind) ? kind : "Issuer";
    const char *want = issuer_ref_kind(r);
    bool marked_ours = str_empty(group) || str_eq(group, "cert-manager.io"),
         ours = issuer_group_is_ours(r->group);
    if (!str_eq(name, r->name) || strcmp(kind, want) != 0 ||
        (marked_ours ? !ours : !str_eq(group, r->group))) {
        differs(d, arena_printf(d->a, "%s/%s was issued by %s %s%s%s, the spec names %s %s%s%s",
                                secret->ns, secret->name, kind, name, marked_ours ? "" : " of ",
                                marked_ours ? "" : group, want, str_or_empty(r->name),
                                ours ? "" : " of ", ours ? "" : r->group));
    }
}

static const struct object *secret_of(const struct mesh *m, const struct certificate *c)
{
    return c->secret_name != NULL ? mesh_get(m, KIND_SECRET, c->o.ns, c->secret_name) : NULL;
}

// The tls.crt of a Secret in a file, NULL if there is none: those of a cluster are never read.
static const char *stored_pem(const struct object *secret)
{
    return secret != NULL ? OBJECT_AS(secret, secret)->tls_crt : NULL;
}

static void compare_stored(struct difference_list *d, const struct object *secret,
                           const struct x509_cert *leaf)
{
    const char *pem = stored_pem(secret);
    struct x509_chain stored;
    struct err err = {0};
    if (pem == NULL) {
        return;
    }
    if (!x509_read_pem(d->a, pem, strlen(pem), &stored, &err)) {
        differs(d, arena_printf(d->a, "Secret %s/%s: %s", secret->ns, secret->name, err.msg));
    } else if (strcmp(stored.cert[0].sha256, leaf->sha256) != 0) {
        differs(d, arena_printf(d->a, "Secret %s/%s holds another one, which ends %s", secret->ns,
                                secret->name, time_format(d->a, stored.cert[0].not_after)));
    }
}

// The annotations of the Secret describe what is stored (docs/rules/certificates.md#secret-marks).
static void compare_secret(struct difference_list *d, const struct mesh *m,
                           const struct certificate *c, const struct x509_cert *leaf)
{
    const struct object *secret = secret_of(m, c);
    if (secret == NULL) {
        return;
    }
    const char *writer = object_certmanager_mark(secret, "certificate-name");
    if (writer != NULL && strcmp(writer, c->o.name) != 0) {
        differs(d, arena_printf(d->a, "Secret %s/%s holds Certificate %s's", c->o.ns,
                                c->secret_name, writer));
        return; // its other annotations are about that one
    }
    compare_stored(d, secret, leaf);
    compare_mark(d, secret, "alt-names", &leaf->dns_names, "names");
    compare_mark(d, secret, "ip-sans", &leaf->ip_addresses, "addresses");
    const char *cn = object_certmanager_mark(secret, "common-name");
    if (cn != NULL && strcmp(cn, str_or_empty(leaf->subject_cn)) != 0) {
        differs(d, arena_printf(d->a, "%s/%s was written for the common name '%s', not '%s'",
                                secret->ns, secret->name, cn, str_or_empty(leaf->subject_cn)));
    }
    compare_issuer(d, c, secret);
}

// --- the chain

static const char *issuer_words(struct arena *a, const struct x509_cert *c)
{
    return c->issuer_cn != NULL    ? arena_printf(a, "\"%s\"", c->issuer_cn)
           : !str_empty(c->issuer) ? arena_printf(a, "\"%s\"", c->issuer)
                                   : "its issuer";
}

const char *certificate_chain_problem(struct arena *a, const struct x509_chain *chain, bool public)
{
    for (uint32_t i = 0; i < chain->n; i++) {
        for (uint32_t k = i + 1; k < chain->n; k++) {
            if (strcmp(chain->cert[i].sha256, chain->cert[k].sha256) == 0) {
                return arena_printf(a, "certificate %u of its chain stands there twice", i + 1);
            }
        }
    }
    for (uint32_t i = 0; i + 1 < chain->n; i++) {
        const struct x509_cert *c = &chain->cert[i];
        if (c->issued_by_next) {
            continue;
        }
        if (c->issuer_at < 0) {
            return arena_printf(a, "its chain lacks the certificate of %s, which issued number %u",
                                issuer_words(a, c), i + 1);
        }
        return c->issuer_at == (int)i
                   ? arena_printf(a, "its chain goes on after the root, number %u", i + 1)
                   : "its chain is not in order";
    }
    if (public && chain->n == 1 && !chain->cert[0].self_signed) {
        return arena_printf(a, "its chain lacks the certificate of %s, which issued it",
                            issuer_words(a, &chain->cert[0]));
    }
    return NULL;
}

void certificate_issued(const struct mesh *m, const struct certificate *c,
                        struct issued_certificate *out)
{
    memset(out, 0, sizeof *out);
    out->key = X509_UNREADABLE;
    const struct certificaterequest *r = certificate_current_request(m, c);
    const char *pem = stored_pem(secret_of(m, c));
    struct err err = {0};
    bool requested = r != NULL && !str_empty(r->certificate);
    if (!requested && pem == NULL) {
        return;
    }
    out->stored = !requested;
    out->known = requested ? x509_read_base64(m->arena, r->certificate, &out->chain, &err)
                           : x509_read_pem(m->arena, pem, strlen(pem), &out->chain, &err);
    if (!out->known) {
        out->error = arena_strdup(m->arena, err.msg);
        return;
    }
    if (requested) {
        out->key = x509_request_matches(r->request, r->certificate);
    }
    struct issuer_status issuer;
    issuer_status_fill(m, &c->issuer, c->o.ns, &issuer);
    bool public = issuer.object != NULL && issuer.object->type == ISSUER_ACME;
    out->chain_problem = certificate_chain_problem(m->arena, &out->chain, public);

    const struct x509_cert *leaf = &out->chain.cert[0];
    struct difference_list d = {.a = m->arena};
    if (out->key == X509_DIFFERS) {
        differs(&d, "its key is not the request's");
    }
    compare_names(&d, c, leaf);
    compare_key(&d, c, leaf);
    compare_duration_and_name(&d, m, c, leaf);
    compare_status(&d, c, leaf);
    compare_secret(&d, m, c, leaf);
    out->differences = str_array_list(&d.texts);
}
