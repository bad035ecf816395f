// SPDX-License-Identifier: Apache-2.0
// The words for a Certificate's state, stage and steps.
#include "kube/mesh/cert/certificate_state.h"

const char *certificate_state_name(enum certificate_state s)
{
    static const char *const names[CERTIFICATE_STATE_COUNT] = {
        [CERTIFICATE_UNKNOWN] = "UNKNOWN",
        [CERTIFICATE_READY] = "READY",
        [CERTIFICATE_RENEWING] = "RENEWING",
        [CERTIFICATE_ISSUING] = "ISSUING",
        [CERTIFICATE_NEW] = "NEW",
        [CERTIFICATE_DELETING] = "DELETING",
        [CERTIFICATE_STAGING] = "STAGING",
        [CERTIFICATE_OVERDUE] = "OVERDUE",
        [CERTIFICATE_RENEW_FAIL] = "RENEW-FAIL",
        [CERTIFICATE_FAILED] = "FAILED",
        [CERTIFICATE_EXPIRED] = "EXPIRED",
        [CERTIFICATE_TEMPORARY] = "TEMPORARY",
        [CERTIFICATE_STUCK] = "STUCK",
        [CERTIFICATE_NOT_READY] = "NOT READY",
        [CERTIFICATE_NOT_PICKED_UP] = "NOT PICKED UP",
    };
    return names[s];
}

enum verdict certificate_state_verdict(enum certificate_state s)
{
    switch (s) {
    case CERTIFICATE_READY:
    case CERTIFICATE_RENEWING:
        return VERDICT_OK;
    case CERTIFICATE_NEW:
    case CERTIFICATE_ISSUING:
    case CERTIFICATE_DELETING:
        return VERDICT_PENDING;
    case CERTIFICATE_STAGING:
    case CERTIFICATE_OVERDUE:
    case CERTIFICATE_RENEW_FAIL:
        return VERDICT_WARNING;
    case CERTIFICATE_UNKNOWN:
        return VERDICT_UNKNOWN;
    default:
        return VERDICT_BROKEN;
    }
}

const char *certificate_stage_name(enum certificate_stage s)
{
    static const char *const names[] = {
        "certificate", "issuer", "request", "order", "challenge", "finalize", "issued",
    };
    return names[s];
}

const char *issuance_step_name(enum issuance_step s)
{
    static const char *const names[STEP_COUNT] = {
        "requested",   "approved", "ordered",   "presented",
        "propagating", "valid",    "finalised", "stored",
    };
    return names[s];
}

const char *step_state_name(enum step_state s)
{
    static const char *const names[] = {"todo", "doing", "done", "failed", "none"};
    return names[s];
}
