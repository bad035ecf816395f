// SPDX-License-Identifier: Apache-2.0
// A cluster that is read: the session that reads it, the chains that are derived from it, and the
// probers that ask DNS and gateways meanwhile.
//
// One thread owns it (a subcommand's main thread, or the dashboard's UI thread) and calls the
// functions below. The session's I/O thread and the probers' threads work in the background.
#ifndef GATETOP_TUI_SOURCE_CLUSTER_H
#define GATETOP_TUI_SOURCE_CLUSTER_H

#include "kube/base/attr.h"

#include "kube/store/session.h"

#include "tui/source/cluster_options.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct dns_prober;
struct dns_settings;
struct cluster_connection;

struct cluster {
    struct cluster_connection *connection; // NULL if none
    // Of the connection, borrowed; NULL without one.
    struct session *session;
    struct probe_inbox *probes;    // from the probers to the session
    struct dns_prober *dns_prober; // NULL also if DNS is not queried
    // A pipe, readable after each publication. It stays the same from one connection to the next.
    int wake[2];
};

// Makes the pipe. ERR_INTERNAL.
bool cluster_init(struct cluster *c, struct err *err) MUST_USE;
// Disconnects and closes the pipe.
void cluster_release(struct cluster *c);

// Connects; everything that *o points to outlives the connection. True with the warnings about the configuration in
// `problems`, a line each. False with all problems in it, a line each; err->code is then ERR_USAGE (an option),
// ERR_CONFIG (the kubeconfig) or another (the server, the machine).
bool cluster_connect(struct cluster *c, const struct cluster_options *o, struct buf *problems,
                     struct err *err) MUST_USE;
// Ends the connection, within 100 ms whatever its threads do; another may follow. A thread that computes meanwhile is
// left behind (thread_any_left_behind): then what the options point to stays.
void cluster_disconnect(struct cluster *c);

// Empties the pipe; then take session_latest.
void cluster_drain(const struct cluster *c);

// Makes one handshake (probe_tls_name) now, however fresh the last answer is. False with *err where
// the prober cannot start or too many handshakes wait.
bool cluster_handshake(struct cluster *c, const char *name, struct err *err) MUST_USE;

#endif
