// SPDX-License-Identifier: Apache-2.0
// One connection to a cluster, with all its threads: the session, the chains that are derived from it, and the probers.
//
// It is on the heap, as it may outlive its struct cluster: a thread that computes is not waited for. All functions
// belong to the thread that owns the struct cluster.
#ifndef GATETOP_TUI_SOURCE_CLUSTER_CONNECTION_INTERNAL_H
#define GATETOP_TUI_SOURCE_CLUSTER_CONNECTION_INTERNAL_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct api_config;
struct cluster_options;
struct credential;
struct dns_prober;
struct err;
struct cluster_connection;
struct probe_inbox;
struct session;

// Starts all threads; wake_fd is written to after each publication. Takes over config and credential in any case; what
// *o points to must outlive the connection. NULL with *err on failure.
struct cluster_connection *cluster_connection_start(const struct cluster_options *o,
                                                    struct api_config *config,
                                                    struct credential *credential, int wake_fd,
                                                    struct err *err) MUST_USE;
// Ends it within 30 ms: a thread that runs longer is left behind (thread_left_behind) and ends by itself. NULL is fine.
void cluster_connection_end(struct cluster_connection *c);

// Its session.
struct session *cluster_connection_session(const struct cluster_connection *c);
// Its inbox for results of probes.
struct probe_inbox *cluster_connection_probes(const struct cluster_connection *c);
// Its DNS prober, NULL if DNS is not queried.
struct dns_prober *cluster_connection_dns_prober(const struct cluster_connection *c);

// As cluster_handshake.
bool cluster_connection_handshake(struct cluster_connection *c, const char *name,
                                  struct err *err) MUST_USE;

#endif
