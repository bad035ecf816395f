// SPDX-License-Identifier: Apache-2.0
// One Certificate's whole story: how far issuing has come, what is in its way, and when it goes on.
// Rules: certs-dns.md §1.8 (joining), §1.11 (states), §2.3 (failure modes), §1.4 (times).
#ifndef GATETOP_MESH_CERT_CERTIFICATE_STATUS_H
#define GATETOP_MESH_CERT_CERTIFICATE_STATUS_H

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

enum certificate_state {
    CERTIFICATE_UNKNOWN,
    CERTIFICATE_READY,
    CERTIFICATE_RENEWING,
    CERTIFICATE_ISSUING,
    CERTIFICATE_NEW,
    CERTIFICATE_DELETING,
    CERTIFICATE_STAGING,
    CERTIFICATE_OVERDUE,
    CERTIFICATE_RENEW_FAIL,
    CERTIFICATE_FAILED,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_TEMPORARY,
    CERTIFICATE_STUCK,
    CERTIFICATE_NOT_READY,
    CERTIFICATE_NOT_PICKED_UP,
    CERTIFICATE_STATE_COUNT
};
const char *certificate_state_name(enum certificate_state s); // "RENEW-FAIL", "NOT PICKED UP"
// The state that a link of the chain has for it.
enum verdict certificate_state_verdict(enum certificate_state s);

enum certificate_stage {
    STAGE_CERTIFICATE,
    STAGE_ISSUER,
    STAGE_REQUEST,
    STAGE_ORDER,
    STAGE_CHALLENGE,
    STAGE_FINALIZE,
    STAGE_ISSUED,
};
const char *certificate_stage_name(enum certificate_stage s);

// The failure modes of certs-dns.md §2.3, by their numbers there.
enum failure_mode {
    FAILURE_NONE,
    FAILURE_HTTP01_SELF_CHECK,
    FAILURE_DNS01_PROPAGATION,
    FAILURE_DNS_PROVIDER,
    FAILURE_RATE_LIMITED,
    FAILURE_CAA,
    FAILURE_ISSUER,
    FAILURE_NO_SOLVER,
    FAILURE_SECRET_NAMESPACE,
    FAILURE_CHALLENGE_DELETING,
    FAILURE_TWO_WRITERS,
    FAILURE_ORDER,
    FAILURE_EXPIRED_READY,
    FAILURE_TEMPORARY,
    FAILURE_APPROVAL,
    FAILURE_AUTHORIZATION,
    FAILURE_COMMON_NAME,
    // What §2.3 does not count.
    FAILURE_KEY,     // the stored key does not fit and may not be replaced
    FAILURE_REQUEST, // no CertificateRequest can be made
};

enum step_state {
    STEP_TODO,
    STEP_DOING,
    STEP_DONE,
    STEP_FAILED,
    STEP_NONE
}; // NONE: not on this way
enum issuance_step {
    STEP_REQUESTED,
    STEP_APPROVED,
    STEP_ORDERED,
    STEP_PRESENTED,
    STEP_PROPAGATING,
    STEP_VALID,
    STEP_FINALISED,
    STEP_STORED,
    STEP_COUNT
};
struct step {
    enum step_state state;
    int64_t seconds; // how long it took, or has been going on; -1 unknown
};
const char *issuance_step_name(enum issuance_step s); // "requested" ... "stored"
const char *step_state_name(enum step_state s);       // "todo" "doing" "done" "failed" "none"

struct issuer_status {
    const char *kind, *ns, *name, *group; // ns "" for a ClusterIssuer; group NULL is cert-manager's
    const struct issuer *object;          // NULL where it is missing, foreign or cannot be read
    bool known;                           // the object's absence is certain, or it is there
    bool ready;
    const char *message; // of the Ready condition where not ready
};

struct certificate_status {
    const struct certificate *certificate;
    enum certificate_state state;
    enum certificate_stage stage;
    enum verdict verdict;
    const char *reason; // one sentence, "" where all is well; never holds a token or key
    const char *full;   // the same without any stripping, "" where none; tokens masked
    const char *hint;   // what to do; NULL where nothing
    enum failure_mode mode;
    int64_t next_try; // TIME_NONE where nothing failed
    int64_t renews;   // status.renewalTime, else computed (§1.4), TIME_NONE unknown
    int64_t not_before, not_after;
    int64_t attempts; // failed attempts in a row, 0 none
    int64_t revision; // -1 absent
    int64_t since;    // the Issuing condition's last transition, TIME_NONE
    bool temporary, staging;
    enum verdict colour; // of §1.11: the verdict's, or worse where it lasts (RENEWING, OVERDUE)
    enum verdict
        expiry; // §3.3: warning past the renewal, broken with less than a sixth of the life left
    struct issuer_status issuer;
    const struct certificaterequest *request;  // worked on; the current one where nothing is
    const struct order *order;                 // of that request
    const struct challenge *const *challenges; // of that order, worst first
    uint32_t nchallenges;
    struct step steps[STEP_COUNT];
};

// Everything about c at m->now. Strings live in m->arena or in the snapshot.
void certificate_status(const struct mesh *m, const struct certificate *c,
                        struct certificate_status *out);

// Adds failure mode 8 of §2.3 to a Ready certificate's status: a Gateway for one of its names reads the
// Secret by name, in a namespace where none is. For who shows the certificate by itself: the chain says
// the same at its link to the Secret. Costs a look at every Gateway with that credential.
void certificate_placement(const struct mesh *m, struct certificate_status *s);

// Events about the Certificate, its request, order and challenges and its issuer, oldest first; noise
// left out. In the arena.
const struct event *const *certificate_events(const struct mesh *m,
                                              const struct certificate_status *s, uint32_t *n);

// Whether an issuerRef's group is cert-manager's own: absent, today's or that of v0.7.
bool issuer_group_is_ours(const char *group);
// The issuer that `ref` of an object in namespace `ns` means.
void issuer_status(const struct mesh *m, const struct issuer_ref *ref, const char *ns,
                   struct issuer_status *out);

// Requests owned by c, newest revision first.
const struct certificaterequest *const *
certificate_requests(const struct mesh *m, const struct certificate *c, uint32_t *n);

// The request whose chain is the certificate now stored (revision of the status), NULL where it is gone.
const struct certificaterequest *certificate_current_request(const struct mesh *m,
                                                             const struct certificate *c);

// §1.4, exact to the second: when a certificate renews, and how long to wait after so many failures.
// `renew_before` in ms, `percentage` -1 absent.
int64_t certificate_renewal_time(int64_t not_before, int64_t not_after, int64_t renew_before,
                                 int64_t percentage);
int64_t certificate_backoff(int64_t attempts);

// Whether a solver of the ACME issuer can prove `name` ("*.x" needs DNS-01); `labels` are the order's (§1.9).
bool issuer_admits(const struct issuer *i, const char *name, const struct str_map *labels);

// ACME tokens and keys in a text made unreadable ("…"). Returns the text itself where there are none.
const char *acme_mask(struct arena *a, const char *text);

#endif
