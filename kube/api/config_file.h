// SPDX-License-Identifier: Apache-2.0
// Files that a configuration names.
#ifndef GATETOP_API_CONFIG_FILE_H
#define GATETOP_API_CONFIG_FILE_H

#include "kube/base/attr.h"
#include "kube/base/err.h"

#include <stdbool.h>

struct arena;
struct buf;

// path made absolute against the folder `base` (NULL: the working folder), with "." and ".." resolved
// (docs/rules/kubernetes-client.md#kubeconfig-paths). In the arena.
const char *config_file_path(struct arena *a, const char *base, const char *path);
// Adds the whole file to out, whose cap bounds it. False with a few words in why.
bool config_file_read(const char *path, struct buf *out, char why[ERRNO_TEXT_SIZE]) MUST_USE;

#endif
