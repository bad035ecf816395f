// SPDX-License-Identifier: Apache-2.0
// How requests authenticate: headers and TLS material, kept fresh
// (docs/rules/kubernetes-client.md#token-file, docs/rules/kubernetes-client.md#exec-plugin-renewal).
//
// One thread (I/O) owns a credential. Only credential_run_interactive blocks. No secret appears in an error or a log
// line.
//
// A request: credential_check() until READY, take credential_headers() and remember credential_version();
// on a 401 credential_unauthorized() with that version, and if that is true, check again and retry once.
// The loop: poll credential_fds() until credential_deadline(), then credential_step().
#ifndef GATETOP_API_CREDENTIAL_H
#define GATETOP_API_CREDENTIAL_H

#include "kube/base/attr.h"

#include "kube/api/auth_headers.h"
#include "kube/api/config.h"
#include "kube/api/credential_types.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

// Both clocks of the machine, read now.
struct credential_time credential_clock(void);

struct credential;
// config is borrowed and must live longer. environment (NULL-ended, borrowed; NULL: the process's) is what
// a plugin inherits; its PATH finds the plugin. Reads files; starts no plugin.
struct credential *credential_new(const struct api_config *config, char *const *environment);
// Ends a running plugin (its process group) at once, and wipes what was secret. NULL is fine.
void credential_free(struct credential *c);

// Whether a request can be made now; starts a plugin or reads a file where one is due. A plugin that runs
// while its last answer is still good leaves READY. *err says why where the state is FAILED or TERMINAL.
enum credential_state credential_check(struct credential *c, struct credential_time now,
                                       struct err *err);
// The user asks for another try: the next check does not wait.
void credential_retry(struct credential *c);

// The header lines of this version, borrowed until the next call of check, unauthorized, step or run; a request that
// is sent with them takes a reference.
struct auth_headers *credential_headers(const struct credential *c);
// Changes with each new token and each answer of a plugin; 0: never occurs.
uint64_t credential_version(const struct credential *c);

// The TLS material, borrowed until the next call of check, step or run; NULL data where none. When
// `generation` differs from that of a connection, all connections are to be closed and opened again.
struct credential_tls {
    uint64_t generation;
    const char *ca, *cert, *key; // PEM
    size_t ca_len, cert_len, key_len;
};
// Over plain http only the authority, which a plugin gets. Cheap.
struct credential_tls credential_tls_material(const struct credential *c);

// The server refused (401) a request made with `version`. True: something newer is there or on its way
// (one plugin run serves all callers), check again and retry once. False: it cannot be renewed.
bool credential_unauthorized(struct credential *c, uint64_t version, struct credential_time now);

// What to poll while a plugin runs; returns how many, 0 outside a run.
size_t credential_fds(const struct credential *c, struct pollfd out[2]);
// When to step at the latest (mono_ms): for a plugin that runs, or the next look at files. INT64_MAX: no need.
int64_t credential_deadline(const struct credential *c);
// Reads what a plugin has printed, and files that are due. Call it when the deadline has come or an fd is ready.
void credential_step(struct credential *c, struct credential_time now);

// Runs the plugin with the terminal (stdin and stderr inherited), blocking until it ends: before the first
// screen, or after the user chose to and curses has left the screen. Does nothing and is true without a
// plugin or while its last answer is good. stdin_is_tty: whether the plugin may ask.
bool credential_run_interactive(struct credential *c, bool stdin_is_tty, struct credential_time now,
                                struct err *err) MUST_USE;
// The plugin may use the terminal, and there is no good answer of it: a try with the terminal may help.
bool credential_needs_terminal(const struct credential *c, struct credential_time now);

#endif
