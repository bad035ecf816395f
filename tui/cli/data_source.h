// SPDX-License-Identifier: Apache-2.0
// Where a command's objects come from: manifests, or a cluster; and what is laid over them.
#ifndef GATETOP_TUI_CLI_DATA_SOURCE_H
#define GATETOP_TUI_CLI_DATA_SOURCE_H

#include "kube/store/session.h"

#include "views/view.h"

#include "tui/cli/options.h"


struct dns_settings;
struct dns_prober;
struct tls_prober;

// A snapshot of manifests, with everything derived. Faults of files are told on stderr as
// "gatetop: FILE:LINE:COLUMN: what is wrong" and set *bad; what can be read is there.
const struct snapshot *data_from_files(const struct string_list *files, const char *default_ns,
                                       const struct dns_settings *dns, bool *bad);
// `base` (a reference is kept) with manifests laid over it: same kind, namespace and name replaces.
const struct snapshot *data_overlay(const struct snapshot *base, const struct string_list *files,
                                    const struct dns_settings *dns, bool *bad);

// A connection to a cluster and what is derived from it.
struct data_link {
    struct session *session;
    struct probe_inbox *probes; // from the probers to the session
    struct apps *apps;
    struct dns_prober *prober;      // NULL: DNS is not asked
    struct tls_prober *tls;         // NULL: no handshake is made; started by data_probe_tls too
    bool tls_all;                   // every host is wanted, not only what data_probe_tls asks
    const struct dns_settings *dns; // of external-dns, NULL: what the cluster says
    int64_t ask_at;                 // I/O thread: when everything is wanted again, seconds
    long asked_for;                 // apps_made() at the last time
    int wake
        [2]; // a pipe: readable after each publication; stays the same from one connection to the next
};
bool data_link_init(struct data_link *d, struct err *err) MUST_USE;
// Connects to the cluster that `api` names. An interactive credential helper runs first, with the terminal
// (lend is called before with true and after with false, may be NULL). False with every problem in
// `problems`, a line each, and *status set (2, 3 or 4).
struct data_wish {
    const struct api_flags *api;
    kind_set kinds, first;
    bool watch;
    const struct dns_settings *dns;
    void (*lend)(bool begin);
    bool screen; // the dashboard: a helper that needs no terminal runs behind it
    // A prober that asks DNS meanwhile: resolver and authoritative as the options say; false: none.
    bool probe, authoritative;
    const char *resolver;
    bool probe_tls; // and one that shakes hands with gateways
};
bool data_connect(struct data_link *d, const struct data_wish *w, struct buf *problems,
                  int *status) MUST_USE;
void data_disconnect(struct data_link *d); // ends the connection; another may follow
void data_link_release(struct data_link *d);
void data_drain(const struct data_link *d); // empties the pipe
// Prints problems on stderr, each line after "gatetop: ".
void data_tell(const char *lines);

// A handshake (probe_tls_name) now, whatever was heard of it before; the thread that owns d. False with *err where
// the prober cannot start or too many wait.
bool data_probe_tls(struct data_link *d, const char *name, struct err *err) MUST_USE;

// Init and connect for a command: problems go to stderr.
bool data_open(struct data_link *d, const struct data_wish *w, int *status) MUST_USE;

// Waits until every kind of `needs` and `reads` is known: synced, forbidden or not installed. NULL with a
// sentence on stderr and *status 3 where the server cannot be reached or a needed kind may not be read.
// Other kinds that may not be read are told on stderr.
const struct snapshot *data_wait(struct data_link *d, kind_set needs, kind_set reads, int *status);

// For commands that answer once: the files of -f, else the cluster, with the overlays laid over. NULL with
// *status set where there is nothing to answer from; else *status is 0, or 4 where a file was bad.
const struct snapshot *data_snapshot(const struct options *o, kind_set needs, kind_set reads,
                                     const struct dns_settings *dns, int *status);

#endif
