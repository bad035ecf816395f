// SPDX-License-Identifier: Apache-2.0
// What an exec credential plugin is given and what it answers
// (docs/rules/kubernetes-client.md#exec-plugin-info, docs/rules/kubernetes-client.md#exec-plugin-answer). Pure.
#ifndef GATETOP_API_EXEC_CREDENTIAL_H
#define GATETOP_API_EXEC_CREDENTIAL_H

#include "kube/base/attr.h"

#include "kube/api/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct exec_credential {
    char *token;        // fit for a header; NULL if none. This and the next are secret memory
    char *cert, *key;   // PEM, both or none
    int64_t expires_ms; // wall clock; INT64_MAX if it does not expire
};

// Reads the plugin's stdout (JSON, or YAML). Its apiVersion must be `api_version`. No secret in *err.
bool exec_credential_parse(const char *text, size_t n, const char *api_version,
                           struct exec_credential *out, struct err *err) MUST_USE;
// Wipes and frees the texts, and leaves NULLs.
void exec_credential_clear(struct exec_credential *c);

// KUBERNETES_EXEC_INFO, heap. ca is the PEM text of the cluster's authority, NULL for none.
char *exec_info(const struct api_config *c, bool interactive, const char *ca, size_t ca_len);

// The last three lines of a plugin's stderr without escape sequences, on one line; "" if it said nothing.
char *exec_stderr_summary(struct arena *a, const char *text, size_t n);

#endif
