// SPDX-License-Identifier: Apache-2.0
// Checks what external-dns reads, the records that it should make, and what DNS says.
#include "kube/mesh/check/dns_findings.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/finding_codes.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_source_istio.h"
#include "kube/mesh/dns/dns_verdict.h"

#include <string.h>

#define NEW_PREFIX "external-dns.kubernetes.io/"
#define OLD_PREFIX "external-dns.alpha.kubernetes.io/"

// Whether an external-dns reads annotations of this key.
static bool is_read(const struct dns_settings *s, const char *key)
{
    for (; s != NULL; s = s->next) {
        if (str_starts(key, s->annotation_prefix) || strcmp(key, s->ingress_key) == 0) {
            return true;
        }
    }
    return false;
}

// An annotation of external-dns under another prefix than those that are read, NULL none.
static const char *unread_annotation(const struct object *o, const struct dns_settings *s)
{
    for (uint32_t i = 0; i < o->annotations.n; i++) {
        const char *key = o->annotations.at[i].key;
        bool known = str_starts(key, NEW_PREFIX) || str_starts(key, OLD_PREFIX);
        if (known && !is_read(s, key)) {
            return key;
        }
    }
    return NULL;
}

static void annotations_of_kind(const struct mesh *m, const struct dns_settings *s, enum kind k,
                                struct findings *f)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, k, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *key = unread_annotation(all[i], s);
        if (key == NULL) {
            continue;
        }
        if (s->other_prefix != NULL) { // docs/rules/dns.md#version-not-known
            struct finding *x = finding_add_coded(
                f, m->arena, "GT0301", all[i], "metadata.annotations",
                arena_printf(m->arena,
                             "%s is read before version 0.22 of external-dns alone, and which "
                             "version runs is not known (%s)",
                             key, s->from),
                "with 0.22 rename the annotation, or give external-dns --annotation-prefix");
            x->severity = SEVERITY_INFO;
            continue;
        }
        finding_add_coded(f, m->arena, "GT0301", all[i], "metadata.annotations",
                          arena_printf(m->arena, "%s is not read, external-dns reads %s… (%s)", key,
                                       s->annotation_prefix, s->from),
                          "rename the annotation, or give external-dns --annotation-prefix");
    }
}

static bool has_source(const struct dns_settings *s, enum dns_source source)
{
    for (; s != NULL; s = s->next) {
        for (uint32_t i = 0; i < s->nsources; i++) {
            if (s->source[i] == source) {
                return true;
            }
        }
    }
    return false;
}

static void dns_annotations(const struct mesh *m, const struct dns_settings *s, struct findings *f)
{
    annotations_of_kind(m, s, KIND_GATEWAY, f);
    annotations_of_kind(m, s, KIND_VIRTUALSERVICE, f);
    if (has_source(s, DNS_SOURCE_SERVICE)) {
        annotations_of_kind(m, s, KIND_SERVICE, f);
    }
    if (has_source(s, DNS_SOURCE_INGRESS)) {
        annotations_of_kind(m, s, KIND_INGRESS, f);
    }
}

// docs/rules/dns.md#txt-wildcard-azure
static void check_wildcard_owner(const struct mesh *m, const struct dns_settings *s,
                                 const struct dns_record *r, struct findings *f)
{
    if (str_starts(r->host, "*.") && str_starts(s->provider, "azure") &&
        s->txt_wildcard[0] == '\0' && r->owner_names.n != 0) {
        finding_add_coded(
            f, m->arena, "GT0308", dns_resource_object(m, r->source), NULL,
            arena_printf(m->arena,
                         "the ownership record of %s would be %s, which Azure refuses: "
                         "the record stays without an owner",
                         r->host, r->owner_names.at[0]),
            "give external-dns --txt-wildcard-replacement");
    }
}

static bool has_hosts(const struct gateway *g)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        if (g->servers[i].hosts.n != 0) {
            return true;
        }
    }
    return false;
}

static void check_gateway_targets(const struct mesh *m, const struct dns_settings *s,
                                  struct findings *f)
{
    if (!mesh_complete(m, KIND_SERVICE)) {
        return;
    }
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        const char *why;
        if (has_hosts(g) && dns_gateway_targets(m, s, g, &why).n == 0) {
            finding_add_coded(
                f, m->arena, "GT0304", all[i], "spec.selector", why,
                "give the gateway's Service a load balancer, or the Gateway a target annotation");
        }
    }
}

static const char left_out_hint[] = "see external-dns's log for what it makes";

// What external-dns may make beside the records that gatetop knows.
static void report_unknown(const struct mesh *m, const struct dns_settings *s, struct findings *f)
{
    for (uint32_t i = 0; i < s->unknown.n; i++) {
        finding_add_coded(
            f, m->arena, "GT0305", NULL, NULL,
            arena_printf(m->arena, "%s is not worked out (%s): external-dns may make other records",
                         s->unknown.at[i], s->from),
            left_out_hint);
    }
}

static void report_left_out(const struct mesh *m, const struct desired_records *r,
                            struct findings *f)
{
    for (uint32_t i = 0; i < r->left_out.n; i++) {
        finding_add_coded(
            f, m->arena, "GT0305", NULL, NULL,
            arena_printf(m->arena, "%s, which gatetop does not work out", r->left_out.at[i]),
            left_out_hint);
    }
}

static void check_record(const struct mesh *m, const struct dns_settings *s,
                         struct dns_record record, struct findings *f)
{
    if (record.rival != NULL) {
        finding_add_coded(f, m->arena, "GT0306", dns_resource_object(m, record.source), NULL,
                          arena_printf(m->arena, "%s record of %s is %s", record.type, record.host,
                                       record.reason),
                          "leave the name to one of the two");
        return;
    }
    check_wildcard_owner(m, record.settings != NULL ? record.settings : s, &record, f);
    dns_judge_record(m, s, &record);
    enum verdict v = dns_state_verdict(record.state);
    if (record.state == DNS_FILTERED || (v != VERDICT_BROKEN && v != VERDICT_WARNING)) {
        return;
    }
    struct finding *x = finding_add_coded(
        f, m->arena, "GT0303", dns_resource_object(m, record.source), NULL,
        arena_printf(m->arena, "DNS of %s (%s): %s", record.host, record.type, record.reason),
        "see external-dns's log and its domain filters");
    x->severity = v == VERDICT_BROKEN ? SEVERITY_ERROR : SEVERITY_WARNING;
}

static void check_idle(const struct mesh *m, const struct dns_settings *s, struct findings *f)
{
    if (s->idle != NULL) {
        struct finding *x = finding_add_coded(f, m->arena, "GT0307", NULL, NULL,
                                              arena_printf(m->arena, "%s (%s)", s->idle, s->from),
                                              "no record is made or removed until that is changed");
        x->severity = s->idle_error ? SEVERITY_ERROR : SEVERITY_WARNING;
    }
}

void dns_findings(const struct mesh *m, const struct dns_settings *s, struct findings *f)
{
    dns_annotations(m, s, f);
    const struct dns_settings *x = s;
    do {
        check_idle(m, x, f);
        report_unknown(m, x, f);
        x = x->next;
    } while (x != NULL);
    if (!m->snap->cluster.from_files) { // files seldom hold the addresses of load balancers
        check_gateway_targets(m, s, f);
    }
    struct desired_records r;
    desired_records_find(m, s, &r);
    if (r.stopped != NULL) {
        finding_add_coded(f, m->arena, "GT0302", NULL, NULL, r.stopped, r.stopped_hint);
    }
    report_left_out(m, &r, f);
    for (uint32_t i = 0; i < r.n; i++) {
        check_record(m, s, r.at[i], f);
    }
}
