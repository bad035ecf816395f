// SPDX-License-Identifier: Apache-2.0
// Checks Certificates, their issuers, and the Secrets that they write.
#include "kube/mesh/check/certificate_findings.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/cert/request_list.h"
#include "kube/mesh/check/acme_findings.h"
#include "kube/mesh/check/finding_codes.h"
#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

// Whether there is a status to check: files may show what will be, not what is.
static bool has_status(const struct certificate *c)
{
    bool dumped = !str_empty(c->o.uid) && c->o.created != TIME_NONE; // taken from a cluster
    return c->o.source == NULL || dumped || c->conditions.n != 0 || c->not_after != TIME_NONE;
}

static void check_state(const struct mesh *m, const struct certificate_status *s,
                        struct findings *f)
{
    const struct certificate *c = s->certificate;
    if (!has_status(c) || (s->verdict != VERDICT_BROKEN && s->verdict != VERDICT_WARNING)) {
        return;
    }
    const char *retry = s->next_try != TIME_NONE ? arena_printf(m->arena, "; next try %s",
                                                                time_format(m->arena, s->next_try))
                                                 : "";
    finding_add_coded(f, m->arena, s->verdict == VERDICT_BROKEN ? "GT0201" : "GT0202", &c->o, NULL,
                      arena_printf(m->arena, "%s%s%s%s", certificate_state_name(s->state),
                                   str_empty(s->reason) ? "" : ": ", s->reason, retry),
                      s->hint);
}

// Two Certificates with one Secret (docs/rules/certificates.md#secret-owner) are reported once, at the one whose name
// comes first.
static void check_secret(const struct mesh *m, const struct certificate *c, struct findings *f)
{
    const char *other = certificate_other_writer(m, c);
    if (other != NULL && strcmp(other, c->o.name) > 0) {
        finding_add_coded(f, m->arena, "GT0203", &c->o, "spec.secretName",
                          arena_printf(m->arena,
                                       "Secret %s/%s is claimed by Certificates %s and %s", c->o.ns,
                                       c->secret_name, c->o.name, other),
                          "give one of them another secretName");
    }
}

static enum kind issuer_kind(const struct issuer_status *i)
{
    return strcmp(i->kind, "ClusterIssuer") == 0 ? KIND_CLUSTERISSUER : KIND_ISSUER;
}

// Is it one that gatetop reads, not that of another project's controller?
static bool is_ours(const struct issuer_status *i)
{
    return issuer_group_is_ours(i->group) && i->name[0] != '\0' &&
           (strcmp(i->kind, "ClusterIssuer") == 0 || strcmp(i->kind, "Issuer") == 0);
}

static void missing_issuer(const struct mesh *m, const struct certificate *c,
                           const struct issuer_status *i, const char *id, struct findings *f)
{
    bool other_kind =
        strcmp(i->kind, "Issuer") == 0 && mesh_get(m, KIND_CLUSTERISSUER, "", i->name) != NULL;
    struct finding *x = finding_add_coded(
        f, m->arena, "GT0205", &c->o, "spec.issuerRef",
        arena_printf(m->arena, "%s %s does not exist", i->kind, id),
        other_kind ? "create it, or name another in spec.issuerRef (a ClusterIssuer of that name "
                     "exists: write its kind)"
                   : "create it, or name another in spec.issuerRef");
    // It may exist in the cluster that the files are for.
    if (absence_in_excerpt(m, issuer_kind(i))) {
        x->severity = i->known ? SEVERITY_WARNING : SEVERITY_INFO;
        if (!i->known) {
            x->message = arena_printf(m->arena, "%s %s is not in these files", i->kind, id);
        }
    }
}

static void check_issuer_ref(const struct mesh *m, const struct certificate_status *s,
                             struct findings *f)
{
    const struct issuer_status *i = &s->issuer;
    const char *id = i->ns[0] != '\0' ? arena_printf(m->arena, "%s/%s", i->ns, i->name) : i->name;
    bool missing = i->known || (is_ours(i) && absence_in_excerpt(m, issuer_kind(i)));
    if (i->object == NULL && i->name[0] != '\0' && missing) {
        missing_issuer(m, s->certificate, i, id, f);
    } else if (i->object != NULL && i->object->type == ISSUER_ACME) {
        acme_certificate_findings(m, s->certificate, i->object, f);
    }
}

static void check_names(const struct mesh *m, const struct certificate *c, struct findings *f)
{
    for (uint32_t k = 0; k < c->dns_names.n; k++) {
        if (!coverage_name_valid(c->dns_names.at[k])) {
            finding_add_coded(
                f, m->arena, "GT0209", &c->o, arena_printf(m->arena, "spec.dnsNames[%u]", k),
                arena_printf(m->arena, "no host can match %s", c->dns_names.at[k]),
                strchr(c->dns_names.at[k], '*') != NULL
                    ? "'*' must be the whole left-most label, with two labels after it"
                    : "write the name alone: letters, digits, '-' and dots");
        }
    }
    if (c->common_name != NULL && strlen(c->common_name) > 64) {
        finding_add_coded(f, m->arena, "GT0207", &c->o, "spec.commonName",
                          arena_printf(m->arena, "is %zu bytes long, at most 64 are allowed",
                                       strlen(c->common_name)),
                          "shorten or drop it; browsers read dnsNames only");
    }
}

static void check_issued(const struct mesh *m, const struct certificate_status *s,
                         struct findings *f)
{
    const struct certificate *c = s->certificate;
    struct issued_certificate i;
    if (s->state != CERTIFICATE_READY && s->state != CERTIFICATE_STAGING) {
        return; // in progress, or check_state has reported it
    }
    certificate_issued(m, c, &i);
    static const char hint[] = "see who else writes its Secret, or renew it";
    const char *whole = i.error != NULL ? i.error : i.chain_problem;
    if (whole != NULL) {
        finding_add_coded(f, m->arena, "GT0208", &c->o, NULL,
                          arena_printf(m->arena, "as issued: %s", whole), hint);
    }
    for (uint32_t k = 0; k < i.differences.n; k++) {
        finding_add_coded(f, m->arena, "GT0208", &c->o, NULL,
                          arena_printf(m->arena, "as issued: %s", i.differences.at[k]), hint);
    }
}

static void check_issuers(const struct mesh *m, enum kind k, struct findings *f)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, k, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct issuer *o = OBJECT_AS(issuer, all[i]);
        const struct condition *ready = condition_find(&o->conditions, "Ready");
        struct issuer_ca ca;
        issuer_ca_fill(o, &ca);
        if (ready != NULL && ready->status == CONDITION_FALSE) {
            finding_add_coded(f, m->arena, "GT0210", &o->o, NULL,
                              arena_printf(m->arena, "not ready: %s",
                                           ready->message != NULL
                                               ? acme_mask(m->arena, ready->message)
                                               : ready->reason),
                              "nothing is issued through it until it is repaired");
        } else if (ca.note != NULL) {
            finding_add_coded(f, m->arena, "GT0210", &o->o, "spec.acme.server", ca.note, NULL);
        }
        acme_issuer_findings(m, o, f);
    }
}

// CertificateRequests that belong to no Certificate, and so to no finding about one: those of istio-csr, csi-driver
// or a person (docs/rules/certificates.md#request-without-certificate).
static void check_requests(const struct mesh *m, struct findings *f)
{
    struct request_rows all = request_list(m);
    for (uint32_t i = 0; i < all.n; i++) {
        const struct request_row *r = &all.at[i];
        if (r->object->kind == KIND_CERTIFICATEREQUEST && r->certificate == NULL &&
            (r->verdict == VERDICT_BROKEN || r->verdict == VERDICT_WARNING)) {
            finding_add_coded(
                f, m->arena, "GT0214", r->object, NULL,
                arena_printf(m->arena, "%s%s%s%s%s", r->state, r->reason[0] != '\0' ? ": " : "",
                             r->reason, !str_empty(r->requester) ? "; requested by " : "",
                             str_or_empty(r->requester)),
                strcmp(r->state, "UNAPPROVED") == 0
                    ? "approve it (cmctl approve), or see why the approver does not run"
                    : "see what its issuer says");
        }
    }
}

// Challenges whose deletion hangs, whatever became of their Certificate
// (docs/rules/certificates.md#failure-challenge-deleting).
static void check_deletions(const struct mesh *m, struct findings *f)
{
    struct arena *a = m->arena;
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_CHALLENGE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct challenge *c = OBJECT_AS(challenge, all[i]);
        if (!challenge_stuck_deleting(m, c)) {
            continue;
        }
        const struct event *e = newest_event(m, &c->o, "CleanUpError");
        const char *why = e != NULL ? e->message : c->reason;
        const struct object *ns = mesh_get(m, KIND_NAMESPACE, "", c->o.ns);
        bool blocks = ns != NULL && ns->deleted != TIME_NONE;
        finding_add_coded(
            f, a, "GT0213", &c->o, "metadata.finalizers",
            arena_printf(a, "its deletion has hung since %s%s%s%s", time_format(a, c->o.deleted),
                         blocks ? ", and with it that of its namespace" : "",
                         !str_empty(why) ? ": " : "", str_or_empty(acme_mask(a, why))),
            "repair the solver, or remove what it left and then the finalizer");
    }
}

// Secrets whose Certificate is gone (docs/rules/certificates.md#secret-orphan). The Secret of the next key does not
// count (docs/rules/certificates.md#next-private-key).
static void check_orphans(const struct mesh *m, struct findings *f)
{
    uint32_t n;
    bool excerpt = absence_in_excerpt(m, KIND_CERTIFICATE);
    if (!excerpt && !mesh_complete(m, KIND_CERTIFICATE)) {
        return;
    }
    const struct object *const *all = mesh_all(m, KIND_SECRET, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = object_certmanager_mark(all[i], "certificate-name");
        if (!str_empty(name) && object_label(all[i], "cert-manager.io/next-private-key") == NULL &&
            mesh_get(m, KIND_CERTIFICATE, all[i]->ns, name) == NULL) {
            struct finding *x = finding_add_coded(
                f, m->arena, "GT0204", all[i], NULL,
                arena_printf(
                    m->arena,
                    excerpt ? "Secret %s/%s was written for Certificate %s, which is not in these "
                              "files"
                            : "Secret %s/%s was written for Certificate %s, which is gone: it "
                              "will not be renewed",
                    all[i]->ns, all[i]->name, name),
                excerpt ? NULL
                        : "create the Certificate again, or delete the Secret where nothing uses "
                          "it");
            x->severity = excerpt ? SEVERITY_INFO : x->severity;
        }
    }
}

void certificate_findings(const struct mesh *m, struct findings *f)
{
    struct certificate_list list;
    certificate_list_fill(m, &list);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct certificate_status *s = &list.at[i];
        check_state(m, s, f);
        check_secret(m, s->certificate, f);
        check_issuer_ref(m, s, f);
        check_names(m, s->certificate, f);
        check_issued(m, s, f);
    }
    check_issuers(m, KIND_ISSUER, f);
    check_issuers(m, KIND_CLUSTERISSUER, f);
    check_orphans(m, f);
    check_deletions(m, f);
    check_requests(m, f);
}
