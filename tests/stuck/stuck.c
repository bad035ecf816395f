// SPDX-License-Identifier: Apache-2.0
// gatetop with threads that can be made to compute for ever (make build/release/stuck): the linker calls these
// functions instead of those that they are named after.
//
// GATETOP_STUCK names one of the threads (io, rows, dns, tls) and a file, "io=/tmp/x". Once that file is there, the
// thread renames it to FILE.begun and computes for ever. Each file holds up one thread once.
#include "kube/base/mem.h"

#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/app_updater.h"

#include "kube/probe/probe_worker.h"

#include "views/table.h"

#include "tui/source/dns_round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void maybe_compute_for_ever(const char *thread)
{
    const char *wanted = getenv("GATETOP_STUCK");
    size_t n = strlen(thread);
    if (wanted == NULL || strncmp(wanted, thread, n) != 0 || wanted[n] != '=') {
        return;
    }
    char *begun = xasprintf("%s.begun", wanted + n + 1);
    bool mine = rename(wanted + n + 1, begun) == 0;
    free(begun);
    volatile bool computing = mine;
    while (computing) {
    }
}

// The linker's names (--wrap): what was called, and what is called instead.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
#define INSTEAD_OF(result, name, ...)                                                              \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

INSTEAD_OF(const void *, app_updater_run, struct app_updater *a, const struct snapshot *view,
           int64_t now)
{
    maybe_compute_for_ever("io");
    return __real_app_updater_run(a, view, now);
}

INSTEAD_OF(const void *, app_rows_build, const struct snapshot *view,
           const struct dns_settings *dns, int64_t now, long *made)
{
    maybe_compute_for_ever("io");
    return __real_app_rows_build(view, dns, now, made);
}

INSTEAD_OF(struct table, table_build, const struct view *v, const struct view_args *a,
           const char *filter, struct table_order order)
{
    maybe_compute_for_ever("rows");
    return __real_table_build(v, a, filter, order);
}

INSTEAD_OF(void, dns_round_more, void *self)
{
    maybe_compute_for_ever("dns");
    __real_dns_round_more(self);
}

INSTEAD_OF(void, probe_worker_done, struct probe_worker *w, const struct probe_result *r)
{
    maybe_compute_for_ever(r->kind == PROBE_TLS ? "tls" : "");
    __real_probe_worker_done(w, r);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
