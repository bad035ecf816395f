// SPDX-License-Identifier: Apache-2.0
// Between kubeconfig.c (files) and kubeconfig_decode.c (fields).
#ifndef GATETOP_API_KUBECONFIG_INTERNAL_H
#define GATETOP_API_KUBECONFIG_INTERNAL_H

#include "kube/api/kubeconfig.h"

// Adds the entries of one document, whose names are not there yet, to k. d must live as long as k.
void kubeconfig_decode(struct kubeconfig *k, const char *file, const struct yaml_doc *d,
                       struct buf *problems);

#endif
