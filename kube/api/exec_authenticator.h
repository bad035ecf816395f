// SPDX-License-Identifier: Apache-2.0
// The credential that an exec plugin gives: when the plugin runs, and for how long its answer serves
// (docs/rules/kubernetes-client.md#exec-plugin-renewal). One thread; only exec_authenticator_run_interactive blocks.
#ifndef GATETOP_API_EXEC_AUTHENTICATOR_H
#define GATETOP_API_EXEC_AUTHENTICATOR_H

#include "kube/api/credential_types.h"
#include "kube/api/exec_credential.h"
#include "kube/api/tls_material.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exec_authenticator;
// All are borrowed. environment (NULL-ended) is what a plugin inherits; its PATH finds the plugin. ca is the authority
// that a plugin is given; its text may change. No plugin is started.
struct exec_authenticator *exec_authenticator_new(const struct api_config *config,
                                                  char *const *environment,
                                                  const struct pem_text *ca);
// Ends a running plugin (its process group) at once. NULL is fine.
void exec_authenticator_free(struct exec_authenticator *a);

// The newest answer, NULL before the first one; borrowed until the next call of check, step or run. It may be out of date.
const struct exec_credential *exec_authenticator_credential(const struct exec_authenticator *a);
// Count the answers, and the changes of the client certificate or its key.
uint64_t exec_authenticator_version(const struct exec_authenticator *a);
uint64_t exec_authenticator_certificate_version(const struct exec_authenticator *a);

// As credential_check, _retry, _unauthorized (for the newest answer), _fds, _step, _run_interactive and _needs_terminal.
enum credential_state exec_authenticator_check(struct exec_authenticator *a,
                                               struct credential_time now, struct err *err);
void exec_authenticator_retry(struct exec_authenticator *a);
bool exec_authenticator_unauthorized(struct exec_authenticator *a, struct credential_time now);
size_t exec_authenticator_fds(const struct exec_authenticator *a, struct pollfd out[2]);
void exec_authenticator_step(struct exec_authenticator *a, struct credential_time now);
bool exec_authenticator_run_interactive(struct exec_authenticator *a, bool stdin_is_tty,
                                        struct credential_time now, struct err *err) MUST_USE;
bool exec_authenticator_needs_terminal(const struct exec_authenticator *a,
                                       struct credential_time now);
// When to step at the latest while a plugin runs (mono_ms); INT64_MAX where none runs.
int64_t exec_authenticator_deadline(const struct exec_authenticator *a);
bool exec_authenticator_is_running(const struct exec_authenticator *a);

#endif
