// SPDX-License-Identifier: Apache-2.0
// Asking a list of names once and waiting for the answers: `get` and `check` with --probe and --probe-tls.
#ifndef GATETOP_PROBE_PROBE_BATCH_H
#define GATETOP_PROBE_PROBE_BATCH_H

#include "kube/probe/dns_prober.h"
#include "kube/probe/tls_prober.h"

struct probe_names { // zeroed to begin with
    struct probe_name {
        enum probe_kind kind;
        char *name;
    } * at;
    size_t n, cap;
};
// Has the shape that dns_record_questions asks for; doubles do no harm.
void probe_names_add(void *names, enum probe_kind k, const char *name);
void probe_names_release(struct probe_names *names);

// Asks all of them at the rate of o, for at most timeout_ms, and hands over each answer in the calling
// thread (heard takes over the reference). o->result and o->self are not used. False where the prober
// cannot start. What was not answered in time is not handed over, but added to *left.
typedef void probe_result_fn(void *self, const struct probe_result *r);
bool dns_probe_batch(const struct dns_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *heard, void *self, size_t *left,
                     struct err *err) MUST_USE;
bool tls_probe_batch(const struct tls_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *heard, void *self, size_t *left,
                     struct err *err) MUST_USE;

#endif
