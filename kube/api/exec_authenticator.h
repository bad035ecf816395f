// SPDX-License-Identifier: Apache-2.0
// The credential that an exec plugin gives: when the plugin runs, and for how long its answer serves
// (docs/rules/kubernetes-client.md#exec-plugin-renewal). One thread; only exec_authenticator_run_interactive blocks.
#ifndef GATETOP_API_EXEC_AUTHENTICATOR_H
#define GATETOP_API_EXEC_AUTHENTICATOR_H

#include "kube/base/attr.h"

#include "kube/api/credential_types.h"
#include "kube/api/exec_credential.h"
#include "kube/api/tls_material.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct exec_authenticator;
// All are borrowed. environment (NULL-ended) is what a plugin inherits; its PATH finds the plugin. ca is the authority
// that a plugin is given; its text may change. No plugin is started.
struct exec_authenticator *exec_authenticator_new(const struct api_config *config,
                                                  char *const *environment,
                                                  const struct pem_text *ca);
// Ends a running plugin (its process group) at once. NULL is fine.
void exec_authenticator_free(struct exec_authenticator *a);

// The newest answer, NULL before the first one; borrowed until the next call of check, step or run. It may be out of
// date.
const struct exec_credential *exec_authenticator_credential(const struct exec_authenticator *a);
// Counts the answers.
uint64_t exec_authenticator_version(const struct exec_authenticator *a);
// Goes up by one with each answer whose client certificate or key differs from the previous answer's.
uint64_t exec_authenticator_certificate_version(const struct exec_authenticator *a);

// Starts the plugin where its answer is due, and steps it. READY while the newest answer is good, also when the plugin
// runs; *err says why where the state is FAILED or TERMINAL.
enum credential_state exec_authenticator_check(struct exec_authenticator *a,
                                               struct credential_time now, struct err *err);
// The next check does not wait for the pause after a failure.
void exec_authenticator_retry(struct exec_authenticator *a);
// The server refused the newest answer (401). True: another one is on its way, or the next check starts the plugin.
// False: it needs the terminal, or a fresh answer was refused, too.
bool exec_authenticator_unauthorized(struct exec_authenticator *a, struct credential_time now);

// What to poll while the plugin runs; returns how many, 0 outside a run.
size_t exec_authenticator_fds(const struct exec_authenticator *a, struct pollfd out[2]);
// When to step at the latest while it runs (mono_ms); INT64_MAX outside a run.
int64_t exec_authenticator_deadline(const struct exec_authenticator *a);
// Reads what the plugin has printed, and its answer where it has ended.
void exec_authenticator_step(struct exec_authenticator *a, struct credential_time now);

// Runs the plugin in place of a run in the background, with the terminal where stdin_is_tty and the plugin may use it.
// Blocks until it has ended. True, and nothing is run, while the newest answer is good. False with *err.
bool exec_authenticator_run_interactive(struct exec_authenticator *a, bool stdin_is_tty,
                                        struct credential_time now, struct err *err) MUST_USE;
// Whether there is no good answer and a run with the terminal may help: the plugin always needs it, or it may use it
// and failed.
bool exec_authenticator_needs_terminal(const struct exec_authenticator *a,
                                       struct credential_time now);

#endif
