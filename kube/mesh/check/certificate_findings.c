// SPDX-License-Identifier: Apache-2.0
// Findings about Certificates, their issuers, the Secrets they write, and DNS.
#include "kube/mesh/check/certificate_findings.h"

#include "kube/base/text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/acme_solver.h"
#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/check/finding_codes.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_source_istio.h"
#include "kube/mesh/dns/dns_verdict.h"

#include <stdlib.h>
#include <string.h>

static struct finding *add(const struct mesh *m, struct findings *f, const char *code,
                           const struct object *o, const char *path, const char *message,
                           const char *hint)
{
    const struct finding_code *known = finding_code_find(code);
    ASSERT(known != NULL);
    struct finding *x = findings_add(f, m->arena, code, known->severity, o, path);
    x->message = message;
    x->hint = hint;
    return x;
}

// Files show what will be, not what is: a Certificate without a status is no finding there.
static bool has_status(const struct certificate *c)
{
    return !c->o.from_file || c->conditions.n != 0 || c->not_after != TIME_NONE;
}

static void of_state(const struct mesh *m, const struct certificate_status *s, struct findings *f)
{
    const struct certificate *c = s->certificate;
    if (!has_status(c) || (s->verdict != VERDICT_BROKEN && s->verdict != VERDICT_WARNING)) {
        return;
    }
    const char *retry = s->next_try != TIME_NONE ? arena_printf(m->arena, "; next try %s",
                                                                time_format(m->arena, s->next_try))
                                                 : "";
    add(m, f, s->verdict == VERDICT_BROKEN ? "GT0201" : "GT0202", &c->o, NULL,
        arena_printf(m->arena, "%s%s%s%s", certificate_state_name(s->state),
                     str_empty(s->reason) ? "" : ": ", s->reason, retry),
        s->hint);
}

static void of_secret(const struct mesh *m, const struct certificate *c, struct findings *f)
{
    uint32_t n = 0;
    const struct object *const *all =
        c->secret_name != NULL
            ? mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, c->o.ns, c->secret_name, &n)
            : NULL;
    const char *other = NULL;
    for (uint32_t i = 0; i < n; i++) {
        // Told once, at the one whose name comes first.
        if (strcmp(all[i]->name, c->o.name) < 0) {
            return;
        }
        if (strcmp(all[i]->name, c->o.name) > 0 &&
            (other == NULL || strcmp(all[i]->name, other) < 0)) {
            other = all[i]->name;
        }
    }
    if (other != NULL) {
        add(m, f, "GT0203", &c->o, "spec.secretName",
            arena_printf(m->arena, "Secret %s/%s is claimed by Certificates %s and %s", c->o.ns,
                         c->secret_name, c->o.name, other),
            "give one of them another secretName");
    }
}

static void of_issuer_ref(const struct mesh *m, const struct certificate_status *s,
                          struct findings *f)
{
    const struct certificate *c = s->certificate;
    const struct issuer_status *i = &s->issuer;
    const char *id = i->ns[0] != '\0' ? arena_printf(m->arena, "%s/%s", i->ns, i->name) : i->name;
    if (i->object == NULL) {
        if (i->known) {
            struct finding *x =
                add(m, f, "GT0205", &c->o, "spec.issuerRef",
                    arena_printf(m->arena, "%s %s does not exist", i->kind, id),
                    arena_printf(m->arena, "create it, or name another in spec.issuerRef%s",
                                 strcmp(i->kind, "Issuer") == 0 &&
                                         mesh_get(m, KIND_CLUSTERISSUER, "", i->name) != NULL
                                     ? " (a ClusterIssuer of that name exists: write its kind)"
                                     : ""));
            if (c->o.from_file) { // it may well exist where the files go
                x->severity = SEVERITY_WARNING;
            }
        }
        return;
    }
    const struct issuer *o = i->object;
    for (uint32_t k = 0; o->type == ISSUER_ACME && k < c->dns_names.n; k++) {
        const char *name = c->dns_names.at[k];
        if (!acme_solver_admits(o, name, &c->o.labels)) {
            add(m, f, "GT0206", &c->o, arena_printf(m->arena, "spec.dnsNames[%u]", k),
                arena_printf(m->arena, "no %ssolver of %s %s admits %s%s",
                             str_starts(name, "*.") ? "DNS-01 " : "", i->kind, id, name,
                             str_starts(name, "*.") ? "; wildcards need one" : ""),
                "add a solver to the issuer, or widen its selector");
        }
    }
}

static void of_names(const struct mesh *m, const struct certificate *c, struct findings *f)
{
    for (uint32_t k = 0; k < c->dns_names.n; k++) {
        if (!coverage_name_valid(c->dns_names.at[k])) {
            add(m, f, "GT0209", &c->o, arena_printf(m->arena, "spec.dnsNames[%u]", k),
                arena_printf(m->arena, "no host can match %s", c->dns_names.at[k]),
                "'*' must be the whole left-most label, with two labels behind it");
        }
    }
    if (c->common_name != NULL && strlen(c->common_name) > 64) {
        add(m, f, "GT0207", &c->o, "spec.commonName",
            arena_printf(m->arena, "is %zu bytes long, at most 64 are allowed",
                         strlen(c->common_name)),
            "shorten or drop it; browsers read dnsNames only");
    }
}

static void of_issued(const struct mesh *m, const struct certificate_status *s, struct findings *f)
{
    const struct certificate *c = s->certificate;
    struct issued_certificate i;
    if (s->state != CERTIFICATE_READY && s->state != CERTIFICATE_STAGING) {
        return; // on its way, or told already
    }
    certificate_issued(m, c, &i);
    static const char hint[] = "see who else writes its Secret, or renew it";
    const char *whole = i.error != NULL ? i.error : i.chain_problem;
    if (whole != NULL) {
        add(m, f, "GT0208", &c->o, NULL, arena_printf(m->arena, "as issued: %s", whole), hint);
    }
    for (uint32_t k = 0; k < i.differences.n; k++) {
        add(m, f, "GT0208", &c->o, NULL,
            arena_printf(m->arena, "as issued: %s", i.differences.at[k]), hint);
    }
}

static void of_issuers(const struct mesh *m, enum kind k, struct findings *f)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, k, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct issuer *o = OBJECT_AS(issuer, all[i]);
        const struct condition *ready = condition_find(&o->conditions, "Ready");
        struct issuer_ca ca;
        issuer_ca(o, &ca);
        if (ready != NULL && ready->status == CONDITION_FALSE) {
            add(m, f, "GT0210", &o->o, NULL,
                arena_printf(m->arena, "not ready: %s",
                             ready->message != NULL ? acme_mask(m->arena, ready->message)
                                                    : ready->reason),
                "nothing is issued through it until it is repaired");
        } else if (ca.note != NULL) {
            add(m, f, "GT0210", &o->o, "spec.acme.server", ca.note, NULL);
        }
    }
}

static void of_orphans(const struct mesh *m, struct findings *f)
{
    uint32_t n;
    if (!mesh_complete(m, KIND_CERTIFICATE)) {
        return;
    }
    const struct object *const *all = mesh_all(m, KIND_SECRET, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = object_certmanager_mark(all[i], "certificate-name");
        if (!str_empty(name) && object_label(all[i], "cert-manager.io/next-private-key") == NULL &&
            mesh_get(m, KIND_CERTIFICATE, all[i]->ns, name) == NULL) {
            add(m, f, "GT0204", all[i], NULL,
                arena_printf(
                    m->arena,
                    "Secret %s/%s was written for Certificate %s, which is gone: it will not "
                    "be renewed",
                    all[i]->ns, all[i]->name, name),
                "create the Certificate again, or delete the Secret where nothing uses it");
        }
    }
}

void certificate_findings(const struct mesh *m, struct findings *f)
{
    struct certificate_list rows;
    certificate_list(m, &rows);
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct certificate_status *s = &rows.at[i];
        of_state(m, s, f);
        of_secret(m, s->certificate, f);
        of_issuer_ref(m, s, f);
        of_names(m, s->certificate, f);
        of_issued(m, s, f);
    }
    of_issuers(m, KIND_ISSUER, f);
    of_issuers(m, KIND_CLUSTERISSUER, f);
    of_orphans(m, f);
}

static int soonest_first(const void *x, const void *y)
{
    const struct certificate_status *a = x, *b = y;
    if (a->not_after != b->not_after) {
        return a->not_after < b->not_after ? -1 : 1;
    }
    int c = strcmp(a->certificate->o.ns, b->certificate->o.ns);
    return c != 0 ? c : strcmp(a->certificate->o.name, b->certificate->o.name);
}

static bool ends_within(const struct certificate_status *s, const struct certificate_within *within,
                        int64_t now)
{
    int64_t left = s->not_after != TIME_NONE ? s->not_after - now : INT64_MAX;
    if (within->percent == 0) {
        return left <= within->seconds;
    }
    int64_t life =
        s->not_before != TIME_NONE && s->not_after != TIME_NONE ? s->not_after - s->not_before : 0;
    return left <= 0 || left < life / 100 * within->percent;
}

void certificate_expiring(const struct mesh *m, const struct certificate_within *within,
                          struct findings *f)
{
    struct certificate_list rows;
    certificate_list(m, &rows);
    struct certificate_status *soon = arena_alloc(m->arena, ((size_t)rows.n + 1) * sizeof *soon);
    uint32_t n = 0;
    for (uint32_t i = 0; i < rows.n; i++) {
        if (ends_within(&rows.at[i], within, m->now)) {
            soon[n++] = rows.at[i];
        }
    }
    qsort(soon, n, sizeof *soon, soonest_first);
    for (uint32_t i = 0; i < n; i++) {
        const struct object *o = &soon[i].certificate->o;
        bool past = soon[i].not_after <= m->now;
        add(m, f, "GT0211", o, NULL,
            arena_printf(m->arena, "%s %s (%s)", past ? "ended" : "ends",
                         time_format(m->arena, soon[i].not_after),
                         certificate_state_name(soon[i].state)),
            soon[i].hint);
    }
}

// --- DNS

static bool foreign_annotation(const struct object *o, const struct dns_settings *s,
                               const char **key)
{
    for (uint32_t i = 0; i < o->annotations.n; i++) {
        const char *k = o->annotations.at[i].key;
        bool known = str_starts(k, "external-dns.kubernetes.io/") ||
                     str_starts(k, "external-dns.alpha.kubernetes.io/");
        if (known && !str_starts(k, s->annotation_prefix) && strcmp(k, s->ingress_key) != 0) {
            *key = k;
            return true;
        }
    }
    return false;
}

static void of_prefix(const struct mesh *m, const struct dns_settings *s, enum kind k,
                      struct findings *f)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, k, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *key;
        if (foreign_annotation(all[i], s, &key)) {
            add(m, f, "GT0301", all[i], "metadata.annotations",
                arena_printf(m->arena, "%s is not read, external-dns reads %s… (%s)", key,
                             s->annotation_prefix, s->from),
                "rename the annotation, or give external-dns --annotation-prefix");
        }
    }
}

static void of_addresses(const struct mesh *m, const struct dns_settings *s, struct findings *f)
{
    uint32_t n;
    if (!mesh_complete(m, KIND_SERVICE)) {
        return;
    }
    const struct object *const *all = mesh_all(m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        const char *why;
        bool hosts = false;
        for (uint32_t k = 0; k < g->nservers; k++) {
            hosts = hosts || g->servers[k].hosts.n != 0;
        }
        struct str_list t = hosts ? dns_gateway_targets(m, s, g, &why) : (struct str_list){NULL, 0};
        if (hosts && t.n == 0) {
            add(m, f, "GT0304", all[i], "spec.selector", why,
                "give the gateway's Service a load balancer, or the Gateway a target annotation");
        }
    }
}

// What the records shown are not.
static void of_left_out(const struct mesh *m, const struct dns_settings *s,
                        const struct desired_records *r, struct findings *f)
{
    static const char hint[] = "see external-dns's log for what it makes";
    for (uint32_t i = 0; i < s->unknown.n; i++) {
        add(m, f, "GT0305", NULL, NULL,
            arena_printf(m->arena, "%s is not worked out (%s): external-dns may make other records",
                         s->unknown.at[i], s->from),
            hint);
    }
    for (uint32_t i = 0; i < r->left_out.n; i++) {
        add(m, f, "GT0305", NULL, NULL,
            arena_printf(m->arena, "%s, which gatetop does not work out", r->left_out.at[i]), hint);
    }
}

void dns_findings(const struct mesh *m, const struct dns_settings *s, struct findings *f)
{
    of_prefix(m, s, KIND_GATEWAY, f);
    of_prefix(m, s, KIND_VIRTUALSERVICE, f);
    bool live = !m->snap->cluster.from_files;
    if (live) { // files seldom hold what a load balancer was given
        of_addresses(m, s, f);
    }
    struct desired_records r;
    desired_records(m, s, &r);
    if (r.stopped != NULL) {
        add(m, f, "GT0302", NULL, NULL, r.stopped, r.stopped_hint);
    }
    of_left_out(m, s, &r, f);
    for (uint32_t i = 0; i < r.n; i++) {
        struct dns_record row = r.at[i];
        if (row.rival != NULL) {
            add(m, f, "GT0306", dns_resource_object(m, row.source), NULL,
                arena_printf(m->arena, "%s record of %s is %s", row.type, row.host, row.reason),
                "leave the name to one of the two");
            continue;
        }
        dns_judge_record(m, s, &row);
        enum verdict v = dns_state_verdict(row.state);
        if (row.state == DNS_FILTERED || (v != VERDICT_BROKEN && v != VERDICT_WARNING)) {
            continue;
        }
        struct finding *x =
            add(m, f, "GT0303", dns_resource_object(m, row.source), NULL,
                arena_printf(m->arena, "DNS of %s (%s): %s", row.host, row.type, row.reason),
                "see external-dns's log and its domain filters");
        x->severity = v == VERDICT_BROKEN ? SEVERITY_ERROR : SEVERITY_WARNING;
    }
}
