// SPDX-License-Identifier: Apache-2.0
// A list of names, queried once: `get` and `check` with --probe and --probe-tls.
#ifndef GATETOP_PROBE_PROBE_BATCH_H
#define GATETOP_PROBE_PROBE_BATCH_H

#include "kube/base/attr.h"

#include "kube/probe/dns_prober.h"
#include "kube/probe/tls_prober.h"

#include <stdbool.h>
#include <stddef.h>

struct probe_name {
    enum probe_kind kind;
    char *name;
};

// Names to query; zero at first. A name that is there twice is queried once.
struct probe_names {
    struct probe_name *at;
    size_t n, cap;
};

// Adds a name to a struct probe_names; its type fits dns_query_fn. The name is copied.
void probe_names_add(void *names, enum probe_kind k, const char *name);
// Frees the names; the list is empty after it.
void probe_names_release(struct probe_names *names);

// Takes over the reference.
typedef void probe_result_fn(void *self, const struct probe_result *r);

// Queries DNS for all names at the rate of o and waits for the answers, for at most timeout_ms; then hands each over to
// `result` in the calling thread. o->result and o->self are not used. Adds to *unanswered how many names had no answer
// in time. False with *err where the prober cannot start.
bool dns_probe_batch(const struct dns_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *result, void *self, size_t *unanswered,
                     struct err *err) MUST_USE;
// The same with TLS handshakes, one after the other.
bool tls_probe_batch(const struct tls_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *result, void *self, size_t *unanswered,
                     struct err *err) MUST_USE;

#endif
