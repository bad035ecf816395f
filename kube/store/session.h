// SPDX-License-Identifier: Apache-2.0
// A session with a cluster: the I/O thread that lists and watches, decodes, keeps the store and publishes snapshots.
//
// session_start and session_stop belong to the thread that owns the session; everything else may be called from any
// thread until session_stop. The I/O thread itself waits for nothing but the network.
#ifndef GATETOP_STORE_SESSION_H
#define GATETOP_STORE_SESSION_H

#include "kube/base/attr.h"

#include "kube/store/session_options.h"

#include <stdbool.h>

struct session;
// Starts the thread. config and credential are taken over in any case. NULL with *err where the client cannot work at
// all or no thread can be created.
struct session *session_start(const struct session_options *o, struct err *err) MUST_USE;
// Asks the thread to end and does not wait. The thread reads nothing more. session_stop must follow.
void session_begin_stop(struct session *s);
// Ends the thread and every connection, under 100 ms whatever the network does; only what the thread computes (struct
// session_derive) is waited for without a limit. NULL is fine.
void session_stop(struct session *s);

// The newest snapshot, with a reference for the caller; NULL before the first.
const struct snapshot *session_latest(struct session *s);

// Lists these kinds again. False if too many requests wait.
bool session_relist(struct session *s, kind_set kinds);
// Connects again at once, without back-off, and lists everything. False if too many requests wait.
bool session_reconnect(struct session *s);
// Publishes what has been read so far, even of lists that are not whole yet. False if too many requests wait.
bool session_publish(struct session *s);
// Reads an on-demand kind from now on (Events of one object by its uid, for example); selectors may be NULL. False
// if too many requests wait.
bool session_watch(struct session *s, enum kind k, const char *field_selector,
                   const char *label_selector);

// Whether the credential plugin has given no good answer and may ask for one on the terminal.
bool session_plugin_needs_terminal(struct session *s);
// Runs the plugin with the terminal and connects again. Blocks until the plugin has ended; the caller has given up the
// screen. False, after wait_ms, where the I/O thread is too busy to begin.
bool session_run_plugin(struct session *s, int wait_ms) MUST_USE;

#endif
