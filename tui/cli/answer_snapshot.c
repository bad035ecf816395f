// SPDX-License-Identifier: Apache-2.0
// Where the objects of an answer come from.
#include "tui/cli/answer_snapshot.h"

#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "tui/cli/cluster_wait.h"
#include "tui/cli/exit_status.h"
#include "tui/cli/manifest_snapshot.h"
#include "tui/cli/output.h"
#include "tui/cli/probe_snapshot.h"
#include "tui/source/chain_log.h"

#include <stdio.h>

enum { PROBE_SECONDS = 60 }; // how long --probe and --probe-tls wait for answers, each

static const struct snapshot *from_cluster(const struct options *o, const struct answer_wants *w,
                                           int *status)
{
    struct cluster_options wanted = {.api = &o->api,
                                     .kinds = w->needs | w->reads,
                                     .first = w->needs,
                                     .chains = w->chains,
                                     .dns = w->dns};
    struct cluster cluster;
    if (!cluster_open(&cluster, &wanted, status)) {
        return NULL;
    }
    const struct snapshot *s = cluster_wait(&cluster, o, w->needs, w->reads, status);
    cluster_release(&cluster);
    return s;
}

// Releases s; NULL if the probers cannot start: the answer would look as if they had run.
static const struct snapshot *probed(const struct options *o, const struct snapshot *s,
                                     const struct answer_wants *w, int *status)
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

const struct snapshot *answer_snapshot(const struct options *o, const struct answer_wants *wants,
                                       int *status)
{
    const struct manifest_chains chains = {wants->chains, wants->dns};
    bool bad = false;
    const struct snapshot *s;
    *status = STATUS_OK;
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
        *status = bad ? STATUS_CONFIG : *status;
        if (wants->chains) {
            chain_log(s, wants->dns, clock_now());
        }
    }
    return s;
}
