// SPDX-License-Identifier: Apache-2.0
// The link certificate: alive, and covering the host.
#include "kube/base/text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/istio_objects.h"

#include "kube/mesh/cert/certificate_names.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/cert/served_certificate.h"
#include "kube/mesh/chain/chain_internal.h"
#include "kube/mesh/chain/tls_handshake.h"

// What handshakes showed, if any were made: worse than what the link says so far, it takes its place.
static void add_served(struct link_input *in)
{
    struct chain_link *l = &in->chain->link[LINK_CERTIFICATE];
    struct served_all all;
    if (in->tls == NULL || !tls_served(in->m, in->dns, OBJECT_AS(gateway, in->chain->gateway),
                                       in->tls->port, in->certificate, in->chain->host, &all)) {
        return;
    }
    const struct served *s = &all.worst;
    if (s->state == SERVED_ISSUED && s->verdict == VERDICT_OK && l->state == VERDICT_OK) {
        l->reason = arena_printf(in->m->arena, "%s; %s", l->reason, s->reason);
        if (all.asked > 1) {
            l->reason = arena_printf(in->m->arena, "%s at %u of %u addresses", l->reason,
                                     all.issued, all.asked);
        }
    } else if (s->verdict > l->state && s->verdict > VERDICT_OK) {
        const struct object *o = in->certificate != NULL ? &in->certificate->o : NULL;
        link_set(in, LINK_CERTIFICATE, s->verdict, o, "%s: the gateway at %s %s", in->chain->host,
                 s->address, s->reason);
    }
}

static void judge(struct link_input *in)
{
    const struct chain_link *secret = &in->chain->link[LINK_SECRET];
    if (in->tls == NULL || secret->kind == KIND_GATEWAY) {
        // No TLS here, or a credential that is no Secret: nothing that could be issued.
        link_set(in, LINK_CERTIFICATE, secret->state == VERDICT_OK ? VERDICT_OK : VERDICT_UNKNOWN,
                 NULL,
                 secret->state == VERDICT_OK ? "none needed" : "not known without its Secret");
        return;
    }
    const struct certificate *c = in->certificate;
    if (c == NULL) {
        if (secret->name == NULL ||
            !link_knows(in, LINK_CERTIFICATE, KIND_CERTIFICATE, secret->ns, NULL)) {
            return;
        }
        link_set(in, LINK_CERTIFICATE, VERDICT_UNKNOWN, NULL,
                 "no Certificate writes Secret %s/%s; its names and dates are not known",
                 secret->ns, secret->name);
        return;
    }
    struct certificate_status s;
    certificate_status(in->m, c, &s);
    const char *id = object_id(in->m->arena, &c->o);
    // A Ready certificate was issued for what its spec says (docs/rules/certificates.md#ready-condition), and
    // reading the spec costs nothing. In every other state look at what was really issued.
    struct coverage cover;
    if (s.verdict == VERDICT_OK) {
        coverage_of_names(in->m->arena, &c->dns_names, in->chain->host, &cover);
    } else {
        coverage_of_certificate(in->m, c, in->chain->host, &cover);
    }
    if (cover.result == COVERAGE_NO) {
        link_set(in, LINK_CERTIFICATE, VERDICT_BROKEN, &c->o, "%s", cover.reason);
        return;
    }
    enum verdict v = s.verdict;
    const char *state = certificate_state_name(s.state);
    if (v == VERDICT_OK) {
        link_set(in, LINK_CERTIFICATE, v, &c->o, "%s%s%s", state,
                 s.not_after != TIME_NONE ? ", expires " : "",
                 time_format(in->m->arena, s.not_after));
    } else {
        link_set(in, LINK_CERTIFICATE, v, &c->o, "Certificate %s %s%s%s%s%s", id, state,
                 !str_empty(s.reason) ? ": " : "", !str_empty(s.reason) ? s.reason : "",
                 s.hint != NULL ? "; " : "", s.hint != NULL ? s.hint : "");
    }
}

void link_certificate(struct link_input *in)
{
    judge(in);
    add_served(in);
}
