// SPDX-License-Identifier: Apache-2.0
// Waits for what a subcommand needs of a cluster (docs/rules/kubernetes-client.md#subcommand-limits).
#include "tui/cli/cluster_wait.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/time_text.h"

#include "kube/api/credential.h"

#include "tui/cli/exit_status.h"
#include "tui/cli/output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

enum {
    PATIENCE_MS = 10000,    // with one kind, if the server answers with failures
    SUBCOMMAND_MS = 120000, // with the whole subcommand, unless --request-timeout says otherwise
    LAST_MS = 1000,         // for what was read so far to be published
};

bool cluster_open(struct cluster *c, const struct cluster_options *o, int *status)
{
    struct err err = {0};
    if (!cluster_init(c, &err)) {
        output_problems(err.msg);
        *status = output_status(&err);
        return false;
    }
    struct buf problems;
    buf_init(&problems, 0);
    bool ok = cluster_connect(c, o, &problems, &err);
    output_problems(problems.len > 0 ? problems.data : "");
    if (!ok) {
        *status = output_status(&err);
        cluster_release(c);
    }
    buf_release(&problems);
    return ok;
}

// What a subcommand waits for.
struct wait {
    kind_set needs, wanted;            // wanted: with those of `needs`
    int64_t end;                       // monotonic ms; INT64_MAX: no limit
    int64_t failing_since[KIND_COUNT]; // monotonic ms; 0 if it does not fail
    bool over;                         // the limit has passed
    bool one_namespace;                // -n: others are not wanted
};

static bool is_known(const struct kind_state *s)
{
    return s->synced || s->state == SYNC_FORBIDDEN || s->state == SYNC_NOT_INSTALLED ||
           s->state == SYNC_OFF;
}

static bool is_wanted(kind_set set, int k)
{
    return (set & KIND_BIT(k)) != 0 && kinds[k].reading != READ_FILES;
}

// Whether another try within seconds may succeed.
static bool may_pass(enum err_code problem)
{
    return problem == ERR_LOST || problem == ERR_TIMEOUT || problem == ERR_UNAVAILABLE ||
           problem == ERR_GONE || problem == ERR_CONFLICT;
}

static enum err_code problem_of(const struct snapshot *s, int k)
{
    const struct kind_state *state = &s->states[k];
    return state->problem != ERR_NONE ? state->problem : s->cluster.problem;
}

// Whether the kind is not known and there is no hope that it soon will be.
static bool is_given_up(struct wait *w, const struct snapshot *s, int k, int64_t now)
{
    const struct kind_state *state = &s->states[k];
    enum err_code problem = problem_of(s, k);
    if (is_known(state) || problem == ERR_NONE) {
        w->failing_since[k] = 0;
        return w->over && !is_known(state);
    }
    if (w->failing_since[k] == 0) {
        w->failing_since[k] = now;
    }
    int64_t soon = credential_clock().wall_ms / 1000 + PATIENCE_MS / 1000;
    bool far = state->next_try != TIME_NONE && state->next_try > soon;
    return w->over || far || !may_pass(problem) || now - w->failing_since[k] >= PATIENCE_MS;
}

// Reports a kind that was not read, or not to its end.
static void report_kind(const struct snapshot *s, int k, const char *consequence)
{
    const struct kind_state *state = &s->states[k];
    char so_far[64] = "";
    if (!is_known(state) && state->objects > 0) {
        snprintf(so_far, sizeof so_far, " after %ld objects", state->objects);
    }
    const char *why = state->reason[0] != '\0'           ? state->reason
                      : state->state == SYNC_FORBIDDEN   ? "no permission to read them"
                      : s->cluster.connection[0] != '\0' ? s->cluster.connection
                                                         : "the list did not end in time";
    fprintf(stderr, "gatetop: %s: %s%s%s\n", kinds[k].resource, why, so_far, consequence);
}

static const char UNKNOWN[] = "; what depends on them is unknown";

static bool needed_unknown(const struct wait *w, const struct snapshot *s)
{
    bool any = false;
    for (int k = 0; k < KIND_COUNT; k++) {
        any = any || (is_wanted(w->needs, k) && !is_known(&s->states[k]));
    }
    return any;
}

// Reports the needed kinds that were not read; false if there is none.
static bool report_missing(struct wait *w, const struct snapshot *s, int64_t now)
{
    bool any = false;
    bool lost = !s->cluster.connected && s->cluster.problem != ERR_NONE;
    if (lost && needed_unknown(w, s)) { // one line for all kinds
        fprintf(stderr, "gatetop: %s\n", s->cluster.connection);
        return true;
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        bool refused = state->state == SYNC_FORBIDDEN && state->objects == 0;
        if (is_wanted(w->needs, k) && (refused || is_given_up(w, s, k, now))) {
            report_kind(s, k, "");
            any = true;
        }
    }
    return any;
}

// Reports what the answer lacks; true if it lacks something.
static bool report_left_out(struct wait *w, const struct snapshot *s)
{
    bool any = false;
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if (!is_wanted(w->wanted, k) || state->state == SYNC_OFF) {
            continue;
        }
        if (state->state == SYNC_NOT_INSTALLED) {
            if (state->reason[0] != '\0') {
                report_kind(s, k, UNKNOWN);
                any = true;
            }
        } else if (state->state == SYNC_FORBIDDEN) {
            fprintf(stderr, "gatetop: %s may not be read; what depends on them is unknown\n",
                    kinds[k].resource);
            any = true;
        } else if (!is_known(state)) {
            report_kind(s, k, UNKNOWN);
            any = true;
        }
        if (state->dropped > 0) {
            fprintf(stderr, "gatetop: %s: %ld left out: %s%s\n", kinds[k].resource, state->dropped,
                    state->left_out, state->dropped > 1 ? " and more" : "");
            any = true;
        }
        if (state->partial && !(w->one_namespace && state->own_readable)) {
            fprintf(stderr, "gatetop: %s: %s\n", kinds[k].resource, state->reason);
            any = true;
        }
    }
    return any;
}

static void report_clock(const struct snapshot *s)
{
    if (s->cluster.connected && s->cluster.skew != 0) {
        fprintf(stderr, "gatetop: %s\n", s->cluster.connection);
    }
}

// Without a connection the same holds for all kinds, so it is said once.
static bool report_lost(const struct snapshot *s)
{
    const struct cluster_info *c = &s->cluster;
    bool lost = !c->connected && c->problem != ERR_NONE && !may_pass(c->problem);
    if (lost) {
        fprintf(stderr, "gatetop: %s\n", c->connection);
    }
    return lost;
}

enum wait_state { WAIT_ON, WAIT_DONE, WAIT_FAILED };

static enum wait_state look_at(struct wait *w, const struct snapshot *s, int64_t now)
{
    if (s == NULL) {
        return w->over ? WAIT_FAILED : WAIT_ON;
    }
    bool needs_given_up = false, waits = false, known = true;
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        bool refused = state->state == SYNC_FORBIDDEN && state->objects == 0;
        needs_given_up = needs_given_up || (refused && is_wanted(w->needs, k));
        if (is_wanted(w->wanted, k) && !is_known(state)) {
            bool given_up = is_given_up(w, s, k, now);
            known = false;
            waits = waits || !given_up;
            needs_given_up = needs_given_up || (given_up && (w->needs & KIND_BIT(k)) != 0);
        }
    }
    if (w->over) {
        return WAIT_DONE; // with what there is
    }
    if (known && s->cluster.working[0] != '\0') {
        return WAIT_ON;
    }
    if (!known && report_lost(s)) {
        return WAIT_FAILED;
    }
    if (needs_given_up || !waits) {
        return report_missing(w, s, now) ? WAIT_FAILED : WAIT_DONE;
    }
    return WAIT_ON;
}

// ms until the limit, or until patience with a kind is over.
static int wait_ms(const struct wait *w, int64_t now)
{
    int64_t end = w->end < now + PATIENCE_MS ? w->end : now + PATIENCE_MS;
    for (int k = 0; k < KIND_COUNT; k++) {
        int64_t patient = w->failing_since[k] + PATIENCE_MS; // in the past: it is given up already
        end = w->failing_since[k] != 0 && patient > now && patient < end ? patient : end;
    }
    return end > now ? (int)(end - now) : 0;
}

static int64_t limit_of(const struct options *o)
{
    int64_t ms = SUBCOMMAND_MS;
    if (o->api.request_timeout != NULL &&
        !request_timeout_parse(o->api.request_timeout, &ms, NULL)) {
        ms = SUBCOMMAND_MS;
    }
    return ms > 0 ? clock_mono_ms() + ms : INT64_MAX;
}

// After the limit: what was read so far as a snapshot, NULL if nothing.
static const struct snapshot *so_far(struct cluster *c)
{
    const struct snapshot *before = session_latest(c->session), *s = NULL;
    int64_t now = clock_mono_ms(), end = now + LAST_MS;
    bool posted = session_publish(c->session);
    while (posted && now < end) {
        struct pollfd p = {c->wake[0], POLLIN, 0};
        (void)poll(&p, 1, (int)(end - now));
        cluster_drain(c);
        s = session_latest(c->session);
        if (s != before) {
            break;
        }
        snapshot_unref(s);
        s = NULL;
        now = clock_mono_ms();
    }
    s = s != NULL ? s : snapshot_ref(before);
    snapshot_unref(before);
    return s;
}

const struct snapshot *cluster_wait(struct cluster *c, const struct options *o, kind_set needs,
                                    kind_set reads, int *status)
{
    struct wait w = {.needs = needs,
                     .wanted = needs | reads,
                     .end = limit_of(o),
                     .one_namespace = o->ns != NULL};
    for (;;) {
        const struct snapshot *s = w.over ? so_far(c) : session_latest(c->session);
        int64_t now = clock_mono_ms();
        enum wait_state state = look_at(&w, s, now);
        if (state == WAIT_DONE) {
            report_clock(s);
            bool left_out = report_left_out(&w, s);
            *status = w.over ? STATUS_SERVER : left_out ? STATUS_PARTIAL : STATUS_OK;
            return s;
        }
        snapshot_unref(s);
        if (state == WAIT_FAILED) {
            *status = STATUS_SERVER;
            if (w.over) {
                output_problems("the server does not answer in time");
            }
            return NULL;
        }
        struct pollfd p = {c->wake[0], POLLIN, 0};
        if (poll(&p, 1, wait_ms(&w, now)) < 0 && errno != EINTR) {
            *status = STATUS_SERVER;
            return NULL;
        }
        cluster_drain(c);
        w.over = clock_mono_ms() >= w.end;
    }
}
