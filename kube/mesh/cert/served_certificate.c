// SPDX-License-Identifier: Apache-2.0
// Compares what a TLS handshake showed with the certificate that was issued.
#include "kube/mesh/cert/served_certificate.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/cert/certificate_objects.h"
#include "kube/mesh/cert/issued_certificate.h"
#include "kube/mesh/cert/name_coverage.h"

#include <assert.h>
#include <string.h>

const char *served_state_name(enum served_state s)
{
    static const char *const names[] = {
        [SERVED_ISSUED] = "issued",
        [SERVED_PREVIOUS] = "previous",
        [SERVED_OTHER] = "other",
        [SERVED_TEMPORARY] = "temporary",
        [SERVED_STAGING] = "staging",
        [SERVED_SELF_SIGNED] = "self-signed",
        [SERVED_MISMATCH] = "name mismatch",
        [SERVED_NOTHING] = "refused",
        [SERVED_UNKNOWN] = "unknown",
    };
    static_assert(ARRAY_COUNT(names) == SERVED_STATE_COUNT, "a name for each state");
    return names[s];
}

// What the state means to the link of the chain.
static enum verdict verdict_of(enum served_state s)
{
    static const enum verdict verdicts[] = {
        [SERVED_ISSUED] = VERDICT_OK,       [SERVED_PREVIOUS] = VERDICT_WARNING,
        [SERVED_OTHER] = VERDICT_WARNING,   [SERVED_TEMPORARY] = VERDICT_BROKEN,
        [SERVED_STAGING] = VERDICT_WARNING, [SERVED_SELF_SIGNED] = VERDICT_BROKEN,
        [SERVED_MISMATCH] = VERDICT_BROKEN, [SERVED_NOTHING] = VERDICT_BROKEN,
        [SERVED_UNKNOWN] = VERDICT_UNKNOWN,
    };
    static_assert(ARRAY_COUNT(verdicts) == SERVED_STATE_COUNT, "a verdict for each state");
    return verdicts[s];
}

static void set_state(struct served_certificate *out, enum served_state state, const char *reason)
{
    out->state = state;
    out->verdict = verdict_of(state);
    out->reason = reason;
}

// Whether the gateway sent the certificate.
static bool shown(const struct probe_result *tls, const struct x509_cert *c)
{
    for (uint32_t i = 0; i < tls->ncerts; i++) {
        if (str_eq(tls->certs[i].sha256, c->sha256)) {
            return true;
        }
    }
    return false;
}

// Clients have the roots: only the issuers below them must be served (docs/rules/certificates.md#served-chain).
static enum served_chain judge_chain(const struct probe_result *tls,
                                     const struct x509_chain *issued)
{
    bool same = issued != NULL && str_eq(issued->cert[0].sha256, tls->certs[0].sha256);
    for (uint32_t i = 1; same && i < issued->n; i++) {
        if (!issued->cert[i].self_signed && !shown(tls, &issued->cert[i])) {
            return SERVED_CHAIN_INCOMPLETE;
        }
    }
    if (tls->ncerts > 1 && !tls->chain_ordered) {
        return SERVED_CHAIN_DISORDERED;
    }
    return tls->ncerts == 1 && !tls->certs[0].self_signed && !same ? SERVED_CHAIN_BARE
                                                                   : SERVED_CHAIN_WHOLE;
}

static bool from_staging(const struct x509_cert *c)
{
    return str_starts(c->issuer_cn, "(STAGING)") || str_starts(c->issuer_o, "(STAGING)");
}

static void judge_issued(struct served_certificate *out, const struct x509_cert *leaf)
{
    if (from_staging(leaf)) {
        set_state(out, SERVED_STAGING,
                  "serves a certificate of Let's Encrypt staging, not trusted");
        return;
    }
    set_state(
        out, SERVED_ISSUED,
        out->chain == SERVED_CHAIN_INCOMPLETE
            ? "serves the issued certificate without its intermediates: many clients refuse it"
        : out->chain == SERVED_CHAIN_DISORDERED
            ? "serves the issued certificate with its chain out of order: some clients refuse it"
            : "serves the issued certificate");
    out->verdict = out->chain == SERVED_CHAIN_WHOLE ? VERDICT_OK : VERDICT_WARNING;
}

void served_judge(const struct mesh *m, const struct probe_result *tls,
                  const struct x509_chain *chain, int64_t written, struct served_certificate *out)
{
    struct arena *a = m->arena;
    ASSERT(chain == NULL || chain->n > 0); // a chain that was read has its leaf
    *out = (struct served_certificate){.address = str_or_empty(tls->address)};
    if (tls->outcome == TLS_CLOSED) {
        set_state(out, SERVED_NOTHING,
                  "has no certificate for this host: missing Secret or no server for this name");
        return;
    }
    if (tls->outcome != TLS_CERTIFICATE || tls->ncerts == 0) {
        set_state(out, SERVED_UNKNOWN,
                  arena_printf(a, "is not reachable from here: %s",
                               tls->error != NULL ? tls->error : "no answer"));
        return;
    }
    const struct x509_cert *leaf = &tls->certs[0];
    const struct x509_cert *issued = chain != NULL ? &chain->cert[0] : NULL;
    struct str_list names = name_is_ip(tls->host) ? leaf->ip_addresses : leaf->dns_names;
    struct coverage c;
    coverage_of_names(a, &names, tls->host, &c);
    out->chain = judge_chain(tls, chain);
    if (str_starts(leaf->issuer_cn, "cert-manager.local")) {
        set_state(out, SERVED_TEMPORARY,
                  "serves cert-manager's temporary certificate, not trusted");
    } else if (issued != NULL && str_eq(issued->sha256, leaf->sha256)) {
        judge_issued(out, leaf);
    } else if (c.result == COVERAGE_NO) {
        set_state(out, SERVED_MISMATCH,
                  arena_printf(a, "serves a certificate for other names: %s", c.reason));
    } else if (from_staging(leaf)) {
        set_state(out, SERVED_STAGING,
                  "serves a certificate of Let's Encrypt staging, not trusted");
    } else if (leaf->self_signed) {
        set_state(out, SERVED_SELF_SIGNED, "serves a self-signed certificate");
    } else if (issued == NULL) {
        set_state(out, SERVED_UNKNOWN,
                  "serves a certificate that cannot be compared: no issued chain is readable");
    } else if (leaf->not_before < issued->not_before) {
        bool early = written != TIME_NONE && !mesh_reached(m, written + 120);
        set_state(
            out, early ? SERVED_UNKNOWN : SERVED_PREVIOUS,
            early
                ? "still serves the previous certificate; it was renewed less than two minutes ago"
                : "still serves the previous certificate: restart the gateway or check istiod");
    } else {
        set_state(out, SERVED_OTHER, "serves another certificate than the one issued");
    }
}

void certificate_served(const struct mesh *m, const struct certificate *c,
                        const struct probe_result *tls, struct served_certificate *out)
{
    struct issued_certificate issued = {.known = false};
    int64_t written = TIME_NONE;
    if (c != NULL) {
        certificate_issued(m, c, &issued);
        const struct certificaterequest *r = certificate_current_request(m, c);
        const struct condition *ready = r != NULL ? condition_find(&r->conditions, "Ready") : NULL;
        written = ready != NULL ? ready->last_transition : TIME_NONE;
    }
    served_judge(m, tls, issued.known ? &issued.chain : NULL, written, out);
}
