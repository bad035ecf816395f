// SPDX-License-Identifier: Apache-2.0
// Validation of DestinationRules: docs/rules/istio.md#validate-destinationrule.
#include "kube/base/str.h"
#include "kube/base/string_map.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/check/validate_fields_internal.h"
#include "kube/mesh/check/validation_internal.h"

static void client_tls(struct check *c, const struct object *o, const struct client_tls *t,
                       const char *path)
{
    bool credential = !str_empty(t->credential_name);
    bool paths = !str_empty(t->client_certificate) || !str_empty(t->private_key) ||
                 !str_empty(t->ca_certificates);
    bool verifies = str_eq(t->mode, "SIMPLE") || str_eq(t->mode, "MUTUAL");
    if (verifies && credential && paths) {
        INVALID(c, o, path, "credentialName and paths of certificates cannot stand together");
    } else if (str_eq(t->mode, "MUTUAL") && !credential) {
        if (str_empty(t->client_certificate) || str_empty(t->private_key)) {
            struct finding *f =
                INVALID(c, o, path, "the mode MUTUAL needs clientCertificate and privateKey");
            check_hint(c, f, "or a credentialName");
        }
    }
}

static void warmup(struct check *c, const struct object *o, const struct traffic_policy *p,
                   const char *path)
{
    if (!p->warmup_duration_set) {
        INVALID(c, o, path, "warmup needs a duration");
    } else if (p->warmup_duration == DURATION_NONE || p->warmup_duration < 1) {
        INVALID(c, o, check_text(c, "%s.duration", path), "the duration is less than 1 ms");
    }
    if (p->warmup_minimum > 100) {
        INVALID(c, o, check_text(c, "%s.minimumPercent", path),
                "minimumPercent is %g, and at most 100", p->warmup_minimum);
    }
    if (p->warmup_aggression <= 0) {
        INVALID(c, o, check_text(c, "%s.aggression", path), "aggression is %g, and more than 0",
                p->warmup_aggression);
    }
}

static void policy(struct check *c, const struct object *o, const struct traffic_policy *p,
                   const char *path)
{
    if (p->empty) {
        struct finding *f = INVALID(c, o, path, "the trafficPolicy is empty");
        check_hint(c, f, "remove it, or give it a setting");
    }
    if (p->has_warmup) {
        warmup(c, o, p, check_text(c, "%s.loadBalancer.warmup", path));
    }
    if (p->has_tls) {
        client_tls(c, o, &p->tls, check_text(c, "%s.tls", path));
    }
    for (uint32_t i = 0; i < p->nports; i++) {
        client_tls(c, o, &p->ports[i].tls, check_text(c, "%s.portLevelSettings", path));
    }
    for (uint32_t i = 0; i < p->nfaults; i++) {
        INVALID(c, o, check_text(c, "%s.%s", path, p->faults[i].path), "%s: %s", p->faults[i].path,
                p->faults[i].text);
    }
}

void validate_destinationrule(struct check *c, const struct destinationrule *d)
{
    validate_annotations(c, &d->o);
    if (!valid_wildcard_domain(d->host)) {
        INVALID(c, &d->o, "spec.host", "\"%s\" is no host", str_or_empty(d->host));
    }
    if (d->has_policy) {
        policy(c, &d->o, &d->policy, "spec.trafficPolicy");
    }
    struct string_map names;
    string_map_init(&names, c->a);
    for (uint32_t i = 0; i < d->nsubsets; i++) {
        const struct subset *s = &d->subsets[i];
        const char *name = str_or_empty(s->name);
        const char *path = check_text(c, "spec.subsets[%u]", i);
        if (!valid_label(name)) {
            INVALID(c, &d->o, check_text(c, "%s.name", path), "\"%s\" is no name of a subset",
                    name);
        }
        void **there = string_map_at(&names, name);
        if (*there != NULL) {
            INVALID(c, &d->o, check_text(c, "%s.name", path), "two subsets are named \"%s\"", name);
        }
        *there = &names;
        validate_labels(c, &d->o, &s->labels, check_text(c, "%s.labels", path));
        if (s->has_policy) {
            policy(c, &d->o, &s->policy, check_text(c, "%s.trafficPolicy", path));
        }
    }
    if (d->has_workload_selector && d->selector_empty) {
        QUESTIONABLE(c, &d->o, "spec.workloadSelector", "the workloadSelector has no labels");
    }
    validate_export_to(c, &d->o, &d->export_to, false, d->has_workload_selector);
}
