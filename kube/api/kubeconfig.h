// SPDX-License-Identifier: Apache-2.0
// The kubeconfig files, read and merged as kubectl does
// (docs/rules/kubernetes-client.md#kubeconfig-files, docs/rules/kubernetes-client.md#kubeconfig-merge).
// config.c chooses among the entries.
#ifndef GATETOP_API_KUBECONFIG_H
#define GATETOP_API_KUBECONFIG_H

#include "kube/api/environment.h"
#include "kube/api/kubeconfig_entries.h"

#include <stddef.h>

struct buf;

// Reads what --kubeconfig (explicit_file, NULL or "" for not given), KUBECONFIG or HOME names. Problems are added to
// `problems`, hints to `warnings`, a line each; the result is only to be used where no problem was added.
void kubeconfig_load(struct kubeconfig *k, const char *explicit_file, const struct environment *env,
                     struct buf *problems, struct buf *warnings);
// Frees what load and parse made.
void kubeconfig_release(struct kubeconfig *k);

// Parses one text as the kubeconfig `file`, into k (zeroes, and arena_init_secret). For tests and fuzzing.
void kubeconfig_parse(struct kubeconfig *k, const char *file, const char *text, size_t n,
                      struct buf *problems);

#endif
