// SPDX-License-Identifier: Apache-2.0
// What an error answer to a list or a watch means (docs/rules/kubernetes-client.md#answer-codes).
#include "kube/base/err.h"

#include "kube/api/backoff.h"
#include "kube/api/reflector_internal.h"

enum {
    UNAUTHORIZED_RETRY = 30 * REFLECTOR_SECOND,
    FORBIDDEN_RETRY = 10 * REFLECTOR_MINUTE,
    FORBIDDEN_GRACE = 5 * REFLECTOR_SECOND, // where it had the right: then the objects go
    FORBIDDEN_AGAIN = 5 * REFLECTOR_SECOND,
    FORBIDDEN_LOST = 30 * REFLECTOR_SECOND, // as often for as long as FORBIDDEN_RETRY
    WATCH_ERRORS_MAX = 5,                   // 500 in a row at the start of a watch
};

static int64_t refused_for(const struct reflector *r, int64_t standard)
{
    return r->options.refused_ms > 0 ? r->options.refused_ms : standard;
}

// Renews the credential once (docs/rules/kubernetes-client.md#unauthorized).
void reflector_on_401(struct reflector *r, int64_t now, enum reflector_op op,
                      const struct err *reason)
{
    if (r->refused++ == 0) {
        reflector_wait(r, NEVER, op);
        r->waiting = true;
        r->ops.unauthorized(r->ops.self);
        return;
    }
    r->refused = 0; // the next try may renew again
    int64_t pause = refused_for(r, UNAUTHORIZED_RETRY);
    reflector_retry(r, now, pause + (int64_t)((double)pause * r->ops.random(r->ops.self)), op,
                    reason);
}

static void no_access(struct reflector *r, int64_t now, const struct err *reason)
{
    if (r->state.synced) {
        r->lost_at = now;
    }
    bool lately = r->lost_at != 0 && now - r->lost_at < FORBIDDEN_RETRY;
    reflector_clear(r);
    reflector_wait(r, now + refused_for(r, lately ? FORBIDDEN_LOST : FORBIDDEN_RETRY),
                   reflector_first_op(r));
    reflector_enter(r, now, REFLECTOR_FORBIDDEN);
    r->state.reason = *reason;
    reflector_notify(r);
}

// Objects that were there stay for a while (docs/rules/kubernetes-client.md#forbidden).
static void on_403(struct reflector *r, int64_t now, enum reflector_op op, const struct err *reason)
{
    // Perhaps only watching is forbidden: the list will show (docs/rules/kubernetes-client.md#watch-forbidden).
    if (op == OP_WATCH) {
        r->watch_denied_until = now + refused_for(r, FORBIDDEN_RETRY);
        reflector_start_over(r, now, true, 0, reason);
        return;
    }
    if (r->forbidden_since == 0) {
        r->forbidden_since = now;
    }
    if (!r->state.synced || r->options.clear_at_once ||
        now - r->forbidden_since >= FORBIDDEN_GRACE) {
        no_access(r, now, reason);
        return;
    }
    reflector_drop_list(r);
    reflector_retry(r, now, refused_for(r, FORBIDDEN_AGAIN), OP_LIST, reason);
}

// Discovery knows whether the kind is gone (docs/rules/kubernetes-client.md#path-not-found).
static void on_404(struct reflector *r, int64_t now, const struct err *reason)
{
    reflector_drop_list(r);
    reflector_retry(r, now, 0, reflector_first_op(r), reason);
    r->next_at = NEVER; // discovery decides
    r->waiting = true;
    reflector_notify(r);
    r->ops.not_found(r->ops.self);
}

// docs/rules/kubernetes-client.md#watch-410, and docs/rules/kubernetes-client.md#list-continue-expired.
static void on_410(struct reflector *r, int64_t now, enum reflector_op op, const struct err *reason)
{
    if (op == OP_LIST && r->token != NULL) {
        // The list took too long. Its inconsistent continue token is of no use: start again, then try
        // the streaming list, then one answer.
        bool not_older = r->not_older;
        int expired = r->expired + 1;
        bool stream = expired == 2 && !r->stream_unsupported;
        reflector_drop_list(r);
        r->expired = expired;
        r->paged = expired < 2 || (expired == 2 && stream);
        r->not_older = not_older;
        reflector_retry(r, now, reflector_backoff(r, now), stream ? OP_STREAM : OP_LIST, reason);
        return;
    }
    if (op == OP_LIST) {
        reflector_start_over(r, now, false, r->not_older ? 0 : reflector_backoff(r, now), reason);
        return;
    }
    // The first 410 is the usual end of a long absence: list again at once, whatever the pause of an outage before it
    // was. Only further ones in a row wait.
    bool again = r->relisted_at != 0 && now - r->relisted_at < r->options.backoff_max_ms;
    r->relisted_at = now;
    if (!again) {
        backoff_reset(&r->relist_backoff);
    }
    int64_t pause = again ? backoff_next(&r->relist_backoff, r->ops.random(r->ops.self)) : 0;
    reflector_start_over(r, now, true, pause, reason);
}

// Waits as long as the server asks, within bounds (docs/rules/kubernetes-client.md#retry-after).
static void on_busy(struct reflector *r, int64_t now, enum reflector_op op,
                    const struct error_response *a, const struct err *reason)
{
    int64_t delay;
    if (a->retry_after_s > 0 || a->code == 429) {
        int64_t wait =
            a->retry_after_s > 1 ? (int64_t)a->retry_after_s * REFLECTOR_SECOND : REFLECTOR_SECOND;
        int64_t most = RETRY_AFTER_WAIT_MAX_S * REFLECTOR_SECOND;
        wait = wait > most ? most : wait;
        delay = wait + (int64_t)((double)wait * 0.5 * r->ops.random(r->ops.self));
    } else {
        delay = reflector_backoff(r, now);
    }
    if (op == OP_LIST && (a->code == 504 || a->code == 413)) {
        reflector_ask_for_less(r);
    }
    // A resource version that the server cannot read answers 500 for ever: list after a few.
    if (op == OP_WATCH && a->code == 500 && ++r->watch_errors >= WATCH_ERRORS_MAX) {
        r->watch_errors = 0;
        reflector_start_over(r, now, false, delay, reason);
        return;
    }
    reflector_retry(r, now, delay, op, reason);
}

// Whether an ordinary list may work where a streaming one failed (docs/rules/kubernetes-client.md#watch-list-support).
// A proxy may answer 5xx to what it does not know.
static bool refuses_streams(const struct error_response *a)
{
    return a->code == 400 || a->code == 403 || a->code == 405 || a->code == 406 || a->code == 413 ||
           a->code == 415 || a->code == 422 || (a->code >= 500 && !a->too_large);
}

void reflector_answer(struct reflector *r, int64_t now, enum reflector_op op,
                      const struct error_response *a)
{
    struct err reason;
    error_response_to_err(a, "", &reason);
    if (a->code != 401) {
        r->refused = 0;
    }
    if (a->code != 403) {
        r->forbidden_since = 0;
    }
    if (op == OP_STREAM && refuses_streams(a)) {
        // Until the next connection (docs/rules/kubernetes-client.md#watch-list-support).
        r->stream_unsupported = true;
        int expired =
            r->expired; // pages too often already (docs/rules/kubernetes-client.md#list-continue-expired)
        r->paged = r->paged && expired < 2;
        reflector_start_over(r, now, r->not_older, a->code >= 500 ? reflector_backoff(r, now) : 0,
                             &reason);
        r->expired = expired;
        return;
    }
    switch (a->code) {
    case 400:
        reflector_start_over(r, now, false, reflector_backoff(r, now), &reason);
        return;
    case 401:
        reflector_on_401(r, now, op, &reason);
        return;
    case 403:
        on_403(r, now, op, &reason);
        return;
    case 404:
        on_404(r, now, &reason);
        return;
    case 405:
    case 406:
    case 415:
        if (op == OP_WATCH) {
            on_403(r, now, op, &reason);
        } else {
            no_access(r, now, &reason);
        }
        return;
    case 410:
        on_410(r, now, op, &reason);
        return;
    case 504:
        if (a->too_large) { // docs/rules/kubernetes-client.md#list-rv-too-large
            reflector_start_over(r, now, false,
                                 op != OP_WATCH && r->not_older ? 0 : reflector_backoff(r, now),
                                 &reason);
            return;
        }
        break;
    default:
        break;
    }
    on_busy(r, now, op, a, &reason);
}

// The stream sent ERROR, or bytes that are no event: what was read before it stays valid
// (docs/rules/kubernetes-client.md#watch-error).
void reflector_event_error(struct reflector *r, int64_t now, enum reflector_op op)
{
    const struct error_response *a = &r->event_error;
    if (a->code == 410 || a->code == 401 || a->code == 403 || a->code == 422 || a->code == 429 ||
        a->too_large) {
        reflector_answer(r, now, op, a);
        return;
    }
    struct err reason;
    error_response_to_err(a, "the watch failed", &reason);
    if (op == OP_STREAM) {
        r->stream_unsupported = true;
    }
    reflector_start_over(r, now, op == OP_WATCH, reflector_backoff(r, now), &reason);
}
