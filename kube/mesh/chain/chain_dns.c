// SPDX-License-Identifier: Apache-2.0
// The link dns: the record that external-dns makes for the host, and what DNS answers.
#include "kube/base/text.h"

#include "kube/mesh/chain/chain_internal.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_source_istio.h"
#include "kube/mesh/dns/dns_verdict.h"

#include <string.h>

static const char *targets_text(const struct mesh *m, const struct dns_record *r)
{
    return r->targets.n == 0 ? "nothing"
                             : arena_printf(m->arena, "%s%s", r->targets.at[0],
                                            r->targets.n > 1 ? " and more" : "");
}

// The worst record of a host, judged by what DNS answered; unknown ones only where there is nothing else, and
// those that are not made only where none is made.
static const struct dns_record *worst_of(const struct mesh *m, const struct dns_settings *s,
                                         const struct desired_records *records)
{
    struct dns_record *worst = NULL;
    for (uint32_t i = 0; i < records->n; i++) {
        struct dns_record *r = arena_alloc(m->arena, sizeof *r);
        *r = records->at[i];
        dns_judge_record(m, s, r);
        bool made = r->state != DNS_FILTERED, other = worst != NULL && worst->state != DNS_FILTERED;
        if (worst == NULL || (made && !other) ||
            (made == other && dns_state_verdict(r->state) > dns_state_verdict(worst->state))) {
            worst = r;
        }
    }
    return worst;
}

static bool reads_others(const struct dns_settings *s)
{
    for (uint32_t i = 0; i < s->nsources; i++) {
        if (s->source[i] == DNS_SOURCE_SERVICE || s->source[i] == DNS_SOURCE_INGRESS) {
            return true;
        }
    }
    return false;
}

void link_dns(struct link_input *in)
{
    const struct mesh *m = in->m;
    const char *host = in->chain->host;
    struct dns_settings settings;
    dns_settings_for(m, in->dns, &settings);
    if (in->chain->gateway == NULL) {
        link_set(in, LINK_DNS, VERDICT_UNKNOWN, NULL, "no Gateway to point to");
        return;
    }
    if (strcmp(host, "*") == 0) {
        link_set(in, LINK_DNS, VERDICT_OK, NULL, "any host: external-dns makes no record for it");
        return;
    }
    struct desired_records records;
    const struct chain *c = in->chain;
    const char *name = desired_records_answering(m, &settings, host, c->gateway, c->vs, &records);
    const struct dns_record *r = worst_of(m, &settings, &records);
    if (r == NULL) {
        const char *why = NULL;
        struct str_list targets =
            dns_gateway_targets(m, &settings, OBJECT_AS(gateway, in->chain->gateway), &why);
        if (targets.n == 0 &&
            link_knows(in, LINK_DNS, KIND_SERVICE, in->chain->gateway->ns, NULL)) {
            link_set(in, LINK_DNS, VERDICT_PENDING, in->chain->gateway,
                     "external-dns makes no record for %s: %s", host,
                     why != NULL ? why : "the Gateway has no address");
        } else if (targets.n != 0) {
            link_set(in, LINK_DNS, VERDICT_UNKNOWN, in->chain->gateway,
                     reads_others(&settings)
                         ? "no Gateway or VirtualService that external-dns reads makes a record "
                           "for %s; Services and Ingresses are not looked at here"
                         : "external-dns makes no record for %s: no object that its sources read "
                           "names the host",
                     host);
        }
        return;
    }
    if (r->state == DNS_FILTERED) {
        link_set(in, LINK_DNS, VERDICT_UNKNOWN, in->chain->gateway,
                 "external-dns makes no record for %s: %s", name, r->reason);
        return;
    }
    if (r->state == DNS_UNKNOWN && mesh_probe(m, PROBE_HOST, r->host) == NULL) {
        link_set(in, LINK_DNS, VERDICT_UNKNOWN, in->chain->gateway,
                 "%s %s to %s is expected; DNS was not asked", name, r->type, targets_text(m, r));
        return;
    }
    link_set(in, LINK_DNS, dns_state_verdict(r->state), in->chain->gateway, "%s",
             !str_empty(r->reason) ? r->reason
                                   : arena_printf(m->arena, "%s %s to %s: %s", name, r->type,
                                                  targets_text(m, r), dns_state_name(r->state)));
}
