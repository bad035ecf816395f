// SPDX-License-Identifier: Apache-2.0
// The contexts of the kubeconfig files, for `:ctx`.
#ifndef GATETOP_API_API_CONTEXTS_H
#define GATETOP_API_API_CONTEXTS_H

#include "kube/base/attr.h"

#include "kube/api/config.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct api_contexts {
    char **names; // not cleaned: text_clean before a cell
    size_t count;
};

// The contexts of the files that the flags name, in the order of the files. False with *err and `problems` as
// api_config_load. Release in any case.
bool api_contexts_load(const struct api_flags *flags, const struct environment *env,
                       struct api_contexts *out, struct buf *problems, struct err *err) MUST_USE;
// Frees what load made; the list is empty after it.
void api_contexts_release(struct api_contexts *c);

#endif
