// SPDX-License-Identifier: Apache-2.0
// The link to a cluster: the session that reads it, the chains that are derived from it, and the
// probers that ask DNS and gateways meanwhile.
//
// One thread owns a link (a subcommand's main thread, or the dashboard's UI thread) and calls the
// functions below. The session's I/O thread and the probers' threads work behind it.
#ifndef GATETOP_TUI_SOURCE_CLUSTER_LINK_H
#define GATETOP_TUI_SOURCE_CLUSTER_LINK_H

#include "kube/base/attr.h"

#include "kube/store/session.h"

#include "tui/source/link_log.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct app_updater;
struct dns_prober;
struct dns_round;
struct dns_settings;
struct tls_prober;

struct cluster_link {
    struct session *session;
    struct probe_inbox *probes;    // from the probers to the session
    struct app_updater *apps;      // I/O thread; NULL: no chains are kept up to date
    struct dns_prober *dns_prober; // NULL: DNS is not queried
    struct dns_round *dns_round;   // what the prober is to ask next; NULL as the prober
    // NULL if no handshake is made; cluster_link_handshake starts it as well.
    struct tls_prober *tls_prober;
    bool all_handshakes; // every host is probed, not only those of cluster_link_handshake
    const struct dns_settings *dns; // external-dns's settings, NULL: those that the cluster shows
    // I/O thread: when every handshake is requested again (seconds), and how many chains had been evaluated
    // the last time.
    int64_t request_at;
    long evaluated;
    struct link_log log; // I/O thread
    int wake
        [2]; // a pipe, readable after each publication; the same from one connection to the next
};

struct cluster_link_options {
    const struct api_flags *api; // which cluster, and as whom
    kind_set kinds;              // read
    kind_set first;              // of them, listed before the others
    bool chains;                 // the chains of applications are derived (app_rows.h)
    bool watch;                  // false: each is listed once, and chains are derived once
    const struct dns_settings *dns;
    // A credential plugin that prompts on the terminal runs before anything else; lend is called
    // before it with true and after it with false. NULL: the terminal is not in use.
    void (*lend)(bool begin);
    bool screen;          // the dashboard's: a plugin that needs no terminal runs behind it
    bool probe_dns;       // query DNS for what the objects name
    bool authoritative;   // the zone's own servers
    const char *resolver; // NULL: the system's
    bool probe_tls;       // make a handshake for every host that a gateway serves
};

// Makes the pipe. ERR_INTERNAL.
bool cluster_link_init(struct cluster_link *l, struct err *err) MUST_USE;
// Disconnects and closes the pipe.
void cluster_link_release(struct cluster_link *l);

// Connects; everything that *o points to outlives the connection. True with the warnings about the configuration in
// `problems`, a line each. False with all problems in it, a line each; err->code is then ERR_USAGE (an option),
// ERR_CONFIG (the kubeconfig) or another (the server, the machine).
bool cluster_link_connect(struct cluster_link *l, const struct cluster_link_options *o,
                          struct buf *problems, struct err *err) MUST_USE;
// Ends the connection, within 100 ms; another may follow.
void cluster_link_disconnect(struct cluster_link *l);

// Empties the pipe; then take session_latest.
void cluster_link_drain(const struct cluster_link *l);

// Makes one handshake (probe_tls_name) now, however fresh the last answer is. False with *err where
// the prober cannot start or too many handshakes wait.
bool cluster_link_handshake(struct cluster_link *l, const char *name, struct err *err) MUST_USE;

#endif
