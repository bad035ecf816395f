// SPDX-License-Identifier: Apache-2.0
// What is known of a Certificate: its state, stage, steps and failure, in one struct, and the words for them.
//
// certificate_status.h fills the struct.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_STATE_H
#define GATETOP_MESH_CERT_CERTIFICATE_STATE_H

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

#include <stdbool.h>
#include <stdint.h>

// One word for a Certificate (docs/rules/certificates.md#certificate-state).
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
// As shown: "RENEW-FAIL", "NOT PICKED UP". Static.
const char *certificate_state_name(enum certificate_state s);
// What the state means to the link of the chain (docs/rules/certificates.md#certificate-verdict).
enum verdict certificate_state_verdict(enum certificate_state s);

// How far an issuance is: the object that must change next (docs/rules/certificates.md#certificate-stage).
enum certificate_stage {
    STAGE_CERTIFICATE,
    STAGE_ISSUER,
    STAGE_REQUEST,
    STAGE_ORDER,
    STAGE_CHALLENGE,
    STAGE_FINALIZE,
    STAGE_ISSUED,
    STAGE_COUNT
};
// "certificate", "issuer", ... "issued". Static.
const char *certificate_stage_name(enum certificate_stage s);

// Why an issuance does not continue (docs/rules/certificates.md#failure-recognition).
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
    FAILURE_KEY,     // the stored key does not fit the spec and may not be replaced
    FAILURE_REQUEST, // no CertificateRequest can be made
    FAILURE_WEBHOOK, // the API server cannot call a webhook
    FAILURE_STORE,   // issued, but not stored
    FAILURE_NOTHING, // nothing happens: the controller does not work
    FAILURE_MODE_COUNT
};

// The steps of an issuance in their order (docs/rules/certificates.md#issuance-steps).
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
enum step_state {
    STEP_TODO,
    STEP_DOING,
    STEP_DONE,
    STEP_FAILED,
    STEP_NONE, // this issuer has no such step
    STEP_STATE_COUNT
};
struct issuance_step_time {
    enum step_state state;
    int64_t seconds; // how long it took, or how long it has taken so far; -1: unknown
};
// "requested" ... "stored". Static.
const char *issuance_step_name(enum issuance_step s);
// "todo" "doing" "done" "failed" "none". Static.
const char *step_state_name(enum step_state s);

// Everything that is known of one Certificate. Texts lie in the arena of the mesh or in the snapshot.
struct certificate_status {
    const struct certificate *certificate;
    enum certificate_state state;
    enum certificate_stage stage;
    enum verdict verdict;
    const char *reason; // one sentence, "" if all is well; never holds a token or key
    const char *full;   // the object's whole words, "" if none; tokens masked
    const char *hint;   // what to do, one sentence; NULL if nothing
    enum failure_mode mode;
    int64_t next_try; // TIME_NONE if nothing failed
    int64_t renews;   // status.renewalTime, else computed; TIME_NONE: unknown
    int64_t not_before, not_after;
    int64_t attempts; // failed attempts in a row, 0: none
    int64_t revision; // -1 absent
    int64_t since;    // the Issuing condition's last transition, TIME_NONE
    bool temporary, staging;
    // An issuance is in progress, and its deepest object reports an error, not progress.
    bool failing;
    enum verdict colour; // the verdict's, or worse where it lasts (RENEWING, OVERDUE)
    enum verdict expiry; // warning past the renewal, broken with less than a sixth of the life left
    struct issuer_status issuer;
    const struct certificaterequest *request;  // in progress, else the current one; NULL: none
    const struct order *order;                 // of that request
    const struct challenge *const *challenges; // of that order, worst first
    uint32_t nchallenges;
    struct issuance_step_time steps[STEP_COUNT];
};

#endif
