// SPDX-License-Identifier: Apache-2.0
// Certificates as rows, the certificate really issued beside what was asked for, and findings about both.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_LIST_H
#define GATETOP_MESH_CERT_CERTIFICATE_LIST_H

#include "kube/object/x509.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/core/finding.h"
#include "kube/mesh/dns/dns_verdict.h"

// The rows of CertificateList (DESIGN.md), by namespace and name. In the arena.
struct certificate_rows {
    const struct certificate_status *at;
    uint32_t n;
    bool
        complete; // Certificates, requests, orders, challenges and issuers are all synced and readable
};
void certificate_rows(const struct mesh *m, struct certificate_rows *out);

// With -n NS: a Certificate of that namespace, or one that covers a host of a Gateway or VirtualService
// of it. `hosts` are that namespace's (certificate_namespace_hosts).
bool certificate_row_in(const struct mesh *m, const struct certificate *c, const char *ns,
                        const struct str_list *hosts);
struct str_list certificate_namespace_hosts(const struct mesh *m, const char *ns);

// What was issued, read from the current request's chain (§7.2), where that is gone from tls.crt of a Secret in a
// file (§7.3), against what should have been.
struct issued_certificate {
    bool known;        // a chain was found and read
    const char *error; // why it could not be read; NULL where there simply is none
    struct x509_chain chain;
    bool stored;                 // the chain is that of a Secret in a file
    enum x509_match key;         // leaf against the signing request; unreadable where that is gone
    struct str_list differences; // from spec, status and the Secret's marks, a sentence each
    const char *chain_problem;   // out of order, incomplete, doubled; NULL none
};
void certificate_issued(const struct mesh *m, const struct certificate *c,
                        struct issued_certificate *out);

// What is wrong with a chain, in one sentence, NULL nothing. Of a public CA's a bare leaf is incomplete; others may
// hand out their root by another way.
const char *certificate_chain_problem(struct arena *a, const struct x509_chain *chain, bool public);

// What a handshake showed, judged against what was issued (§7.4); c may be NULL.
void certificate_served(const struct mesh *m, const struct certificate *c,
                        const struct probe_result *tls, struct served *out);

// The CA behind an issuer, and whether its account has moved with its server (§3.1).
struct issuer_ca {
    enum acme_environment environment;
    const char *kind; // "ACME" "CA" "self-signed" "Vault" "Venafi" "unknown"
    const char *note; // "the account is not registered with this server yet", NULL none
};
void issuer_ca(const struct issuer *i, struct issuer_ca *out);

// Findings about Certificates, issuers and the Secrets that they write: GT0201-GT0210.
void certificate_findings(const struct mesh *m, struct findings *f);
// Findings about DNS: GT0301-GT0306.
void dns_findings(const struct mesh *m, const struct dns_settings *s, struct findings *f);
// What "ends soon" means: one of the two, the other is 0.
struct certificate_within {
    int64_t seconds; // it ends within that time
    int percent;     // less than so much of its lifetime is left, 1 to 99
};
// Certificates that have ended or end soon, soonest first (`check --expiring`): GT0211.
void certificate_expiring(const struct mesh *m, const struct certificate_within *within,
                          struct findings *f);

// The codes of these findings for the man page: code, severity, what it means. Ends with code NULL.
struct certificate_code {
    const char *code;
    enum severity severity;
    const char *text;
};
extern const struct certificate_code certificate_codes[];

#endif
