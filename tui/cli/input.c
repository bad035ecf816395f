// SPDX-License-Identifier: Apache-2.0
// Where a subcommand's objects come from.
#include "tui/cli/input.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "tui/cli/exit_status.h"
#include "tui/cli/manifest_snapshot.h"
#include "tui/cli/output.h"
#include "tui/cli/probe_snapshot.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
    PATIENCE_MS = 10000, // of one answer, where the server is there but fails
    PROBE_SECONDS = 60,  // how long --probe and --probe-tls wait for answers, each
};

bool input_connect(struct cluster_link *l, const struct cluster_link_options *o, int *status)
{
    struct err err = {0};
    if (!cluster_link_init(l, &err)) {
        output_problems(err.msg);
        *status = output_status(&err);
        return false;
    }
    struct buf problems;
    buf_init(&problems, 0);
    bool ok = cluster_link_connect(l, o, &problems, &err);
    if (!ok) {
        output_problems(problems.data);
        *status = output_status(&err);
        cluster_link_release(l);
    }
    buf_release(&problems);
    return ok;
}

// --- waiting

static bool is_known(const struct kind_state *s)
{
    return s->synced || s->state == SYNC_FORBIDDEN || s->state == SYNC_NOT_INSTALLED ||
           s->state == SYNC_OFF;
}

static bool all_known(const struct snapshot *s, kind_set wanted)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if ((wanted & KIND_BIT(k)) != 0 && kinds[k].reading != READ_FILES &&
            !is_known(&s->states[k])) {
            return false;
        }
    }
    return true;
}

// Reports the needed kinds that may not be read; false if there is none.
static bool report_refused(const struct snapshot *s, kind_set needs)
{
    bool any = false;
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if ((needs & KIND_BIT(k)) != 0 && state->state == SYNC_FORBIDDEN && state->objects == 0) {
            fprintf(stderr, "gatetop: %s: %s\n", kinds[k].resource,
                    state->reason[0] != '\0' ? state->reason : "no permission to read them");
            any = true;
        }
    }
    return any;
}

// Reports a kind whose list failed for a reason that another try within seconds does not mend.
static bool report_hopeless(const struct snapshot *s, kind_set wanted, int64_t waited_ms)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if ((wanted & KIND_BIT(k)) == 0 || is_known(state) || state->problem == ERR_NONE) {
            continue;
        }
        bool final =
            state->problem == ERR_AUTH || state->problem == ERR_TLS || state->problem == ERR_CONFIG;
        if (final || waited_ms > PATIENCE_MS) {
            fprintf(stderr, "gatetop: %s: %s\n", kinds[k].resource, state->reason);
            return true;
        }
    }
    return false;
}

static bool report_lost(const struct snapshot *s)
{
    const struct cluster_info *c = &s->cluster;
    bool lost =
        !c->connected && c->connection[0] != '\0' && strcmp(c->connection, "connecting") != 0;
    if (lost) {
        fprintf(stderr, "gatetop: %s\n", c->connection);
    }
    return lost;
}

static void report_unreadable(const struct snapshot *s, kind_set optional)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if ((optional & KIND_BIT(k)) != 0 && s->states[k].state == SYNC_FORBIDDEN) {
            fprintf(stderr, "gatetop: %s may not be read; what depends on them is unknown\n",
                    kinds[k].resource);
        }
    }
}

enum wait_state { WAIT_ON, WAIT_DONE, WAIT_FAILED };

static enum wait_state look_at(const struct snapshot *s, kind_set needs, kind_set reads,
                               int64_t waited_ms)
{
    if (s == NULL) {
        return WAIT_ON;
    }
    if (all_known(s, needs | reads)) {
        return report_refused(s, needs) ? WAIT_FAILED : WAIT_DONE;
    }
    return report_lost(s) || report_hopeless(s, needs | reads, waited_ms) ? WAIT_FAILED : WAIT_ON;
}

const struct snapshot *input_wait(struct cluster_link *l, kind_set needs, kind_set reads,
                                  int *status)
{
    int64_t begin = clock_mono_ms();
    for (;;) {
        const struct snapshot *s = session_latest(l->session);
        enum wait_state state = look_at(s, needs, reads, clock_mono_ms() - begin);
        if (state == WAIT_DONE) {
            report_unreadable(s, reads & ~needs);
            return s;
        }
        snapshot_unref(s);
        struct pollfd p = {l->wake[0], POLLIN, 0};
        if (state == WAIT_FAILED || (poll(&p, 1, PATIENCE_MS) < 0 && errno != EINTR)) {
            *status = STATUS_SERVER;
            return NULL;
        }
        cluster_link_drain(l);
    }
}

// --- one answer

static const struct snapshot *from_cluster(const struct options *o, const struct input_wants *w,
                                           int *status)
{
    struct cluster_link_options wanted = {.api = &o->api,
                                          .kinds = w->needs | w->reads,
                                          .first = w->needs,
                                          .chains = w->chains,
                                          .dns = w->dns};
    struct cluster_link link;
    if (!input_connect(&link, &wanted, status)) {
        return NULL;
    }
    const struct snapshot *s = input_wait(&link, w->needs, w->reads, status);
    cluster_link_release(&link);
    return s;
}

// Releases s; NULL if the probers cannot start: an answer without probes would pass
// for one with it.
static const struct snapshot *probed(const struct options *o, const struct snapshot *s,
                                     const struct input_wants *w, int *status)
{
    struct probe_settings p = {.dns = o->probe && !o->no_probe,
                               .tls = o->probe_tls,
                               .resolver = o->resolver,
                               .authoritative = o->authoritative,
                               .seconds = PROBE_SECONDS,
                               .chains = w->chains};
    if (!p.dns && !p.tls) {
        return s;
    }
    struct err err = {0};
    size_t left = 0;
    const struct snapshot *with = probe_snapshot(s, &p, w->dns, &left, &err);
    snapshot_unref(s);
    if (with == NULL) {
        output_problems(err.msg);
        *status = output_status(&err);
    } else if (left > 0) {
        fprintf(stderr,
                "gatetop: %zu names or handshakes had no answer within %d s and are unknown; "
                "'get -w' goes on asking\n",
                left, PROBE_SECONDS);
    }
    return with;
}

const struct snapshot *input_snapshot(const struct options *o, const struct input_wants *wants,
                                      int *status)
{
    const struct manifest_chains chains = {wants->chains, wants->dns};
    bool bad = false;
    const struct snapshot *s;
    if (o->files.n != 0) {
        s = manifest_snapshot(&o->files, o->ns != NULL ? o->ns : "default", o->complete, &chains,
                              &bad);
    } else {
        s = from_cluster(o, wants, status);
    }
    if (s != NULL && o->overlays.n != 0) {
        const struct snapshot *with = manifest_overlay(s, &o->overlays, &chains, &bad);
        snapshot_unref(s);
        s = with;
    }
    if (s != NULL) {
        s = probed(o, s, wants, status);
    }
    if (s != NULL) {
        *status = bad ? STATUS_CONFIG : STATUS_OK;
    }
    return s;
}
