// SPDX-License-Identifier: Apache-2.0
// The words for a Certificate's state, stage and steps.
#include "kube/mesh/cert/certificate_state.h"

#include "kube/base/array.h"

#include <assert.h>

const char *certificate_state_name(enum certificate_state s)
{
    static const char *const names[] = {
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
    static_assert(ARRAY_COUNT(names) == CERTIFICATE_STATE_COUNT, "a name for each state");
    return names[s];
}

enum verdict certificate_state_verdict(enum certificate_state s)
{
    static const enum verdict verdicts[] = {
        [CERTIFICATE_UNKNOWN] = VERDICT_UNKNOWN,      [CERTIFICATE_READY] = VERDICT_OK,
        [CERTIFICATE_RENEWING] = VERDICT_OK,          [CERTIFICATE_ISSUING] = VERDICT_PENDING,
        [CERTIFICATE_NEW] = VERDICT_PENDING,          [CERTIFICATE_DELETING] = VERDICT_PENDING,
        [CERTIFICATE_STAGING] = VERDICT_WARNING,      [CERTIFICATE_OVERDUE] = VERDICT_WARNING,
        [CERTIFICATE_RENEW_FAIL] = VERDICT_WARNING,   [CERTIFICATE_FAILED] = VERDICT_BROKEN,
        [CERTIFICATE_EXPIRED] = VERDICT_BROKEN,       [CERTIFICATE_TEMPORARY] = VERDICT_BROKEN,
        [CERTIFICATE_STUCK] = VERDICT_BROKEN,         [CERTIFICATE_NOT_READY] = VERDICT_BROKEN,
        [CERTIFICATE_NOT_PICKED_UP] = VERDICT_BROKEN,
    };
    static_assert(ARRAY_COUNT(verdicts) == CERTIFICATE_STATE_COUNT, "a verdict for each state");
    return verdicts[s];
}

const char *certificate_stage_name(enum certificate_stage s)
{
    static const char *const names[] = {
        [STAGE_CERTIFICATE] = "certificate", [STAGE_ISSUER] = "issuer",
        [STAGE_REQUEST] = "request",         [STAGE_ORDER] = "order",
        [STAGE_CHALLENGE] = "challenge",     [STAGE_FINALIZE] = "finalize",
        [STAGE_ISSUED] = "issued",
    };
    static_assert(ARRAY_COUNT(names) == STAGE_COUNT, "a name for each stage");
    return names[s];
}

const char *issuance_step_name(enum issuance_step s)
{
    static const char *const names[] = {
        [STEP_REQUESTED] = "requested",     [STEP_APPROVED] = "approved",
        [STEP_ORDERED] = "ordered",         [STEP_PRESENTED] = "presented",
        [STEP_PROPAGATING] = "propagating", [STEP_VALID] = "valid",
        [STEP_FINALISED] = "finalised",     [STEP_STORED] = "stored",
    };
    static_assert(ARRAY_COUNT(names) == STEP_COUNT, "a name for each step");
    return names[s];
}

const char *step_state_name(enum step_state s)
{
    static const char *const names[] = {
        [STEP_TODO] = "todo",     [STEP_DOING] = "doing", [STEP_DONE] = "done",
        [STEP_FAILED] = "failed", [STEP_NONE] = "none",
    };
    static_assert(ARRAY_COUNT(names) == STEP_STATE_COUNT, "a name for each state of a step");
    return names[s];
}
